//! A stream that remembers why TLS refused it. In TLS 1.3 a refused client certificate shows only when the client first
//! reads, and HTTP/2 above says no more than "closed": the alert is kept here, in words.

use super::tls;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Why TLS refused a connection, shared with whoever asks.
#[derive(Clone, Debug, Default)]
pub struct Alert(Arc<Mutex<Option<String>>>);

impl Alert {
    /// The first refusal, when there was one.
    pub fn text(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, error: &io::Error) {
        // A connection that broke by accident is no refusal.
        if tls::cause(error).is_some() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| tls::describe(error));
        }
    }
}

/// A stream and its alert.
pub struct Attentive<S> {
    inner: S,
    alert: Alert,
}

impl<S> Attentive<S> {
    /// Listens to a stream.
    pub fn new(inner: S, alert: Alert) -> Self {
        Self { inner, alert }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Attentive<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_read(context, buffer);
        if let Poll::Ready(Err(error)) = &outcome {
            self.alert.note(error);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Attentive<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{AlertDescription, Error};

    #[test]
    fn a_refusal_is_kept_in_words_and_an_accident_is_not() {
        let alert = Alert::default();
        alert.note(&io::ErrorKind::ConnectionReset.into());
        assert_eq!(alert.text(), None);
        alert.note(&io::Error::other(Error::AlertReceived(AlertDescription::CertificateRevoked)));
        alert.note(&io::Error::other(Error::AlertReceived(AlertDescription::UnknownCA)));
        assert!(alert.text().is_some_and(|text| text.starts_with("certificate revoked")));
    }
}
