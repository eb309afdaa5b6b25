//! A stream that remembers why it broke. In TLS 1.3 a refused client certificate shows only when the client reads, and
//! HTTP/2 above it then says no more than "closed": the alert is kept here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What broke a stream, shared with whoever asks.
#[derive(Clone, Debug, Default)]
pub struct Alert(Arc<Mutex<Option<String>>>);

impl Alert {
    /// The first failure, when there was one.
    pub fn text(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a failure; the first one counts.
    pub fn note(&self, error: &std::io::Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
    }

    fn heard<T>(&self, outcome: Poll<std::io::Result<T>>) -> Poll<std::io::Result<T>> {
        if let Poll::Ready(Err(error)) = &outcome {
            self.note(error);
        }
        outcome
    }
}

/// A stream and its alert.
pub struct Attentive<S> {
    /// The stream.
    pub inner: S,
    /// What broke it.
    pub alert: Alert,
}

impl<S: AsyncRead + Unpin> AsyncRead for Attentive<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.alert.heard(outcome)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Attentive<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
