//! Our own accept loop: a handshake has 5 seconds and a bounded number of companions, and the TLS configuration may
//! change under an open listener.

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
const HALF_OPEN_MAX: usize = 256;
const LINGER_MAX: Duration = Duration::from_secs(1);
const LINGER_BYTES_MAX: u64 = 64 << 10;
/// Shaken hands that wait for their server.
const READY_MAX: usize = 64;

/// A bound listener that does not accept yet.
pub struct Bound {
    listener: TcpListener,
    /// Where it listens, with the port that the system chose for 0.
    pub address: SocketAddr,
}

/// Binds an address.
pub async fn bind(address: SocketAddr) -> anyhow::Result<Bound> {
    use anyhow::Context as _;
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

impl Bound {
    /// Accepts for ever; connections that shook hands come out of the receiver. Ends when the receiver is dropped.
    pub fn accept(
        self,
        name: &'static str,
        config: Arc<ArcSwap<ServerConfig>>,
    ) -> mpsc::Receiver<std::io::Result<TlsStream<TcpStream>>> {
        let (ready, connections) = mpsc::channel(READY_MAX);
        tokio::spawn(accept_loop(self.listener, name, config, ready));
        connections
    }
}

async fn accept_loop(
    listener: TcpListener,
    name: &'static str,
    config: Arc<ArcSwap<ServerConfig>>,
    ready: mpsc::Sender<std::io::Result<TlsStream<TcpStream>>>,
) {
    let half_open = Arc::new(Semaphore::new(HALF_OPEN_MAX));
    loop {
        let Ok(permit) = Arc::clone(&half_open).acquire_owned().await else { return };
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors: waiting is all that helps.
                    tracing::warn!(listener = name, %error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            },
            () = ready.closed() => return,
        };
        let _ = stream.set_nodelay(true);
        let acceptor = TlsAcceptor::from(config.load_full());
        let ready = ready.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream).into_fallible()).await {
                Ok(Ok(stream)) => {
                    let _ = ready.send(Ok(stream)).await;
                }
                Ok(Err((error, stream))) => {
                    tracing::info!(listener = name, %from, %error, "handshake refused");
                    linger(stream).await;
                }
                Err(_) => tracing::info!(listener = name, %from, "handshake took too long"),
            }
            drop(permit);
        });
    }
}

/// Reads on for a moment. Closing over bytes that the peer already sent would reset the connection, and the peer would
/// never see the alert that says why it was refused.
async fn linger(mut stream: TcpStream) {
    let drain = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES_MAX), &mut tokio::io::sink()).await
    };
    let _ = tokio::time::timeout(LINGER_MAX, drain).await;
}
