//! Serves the console's router on connections that shook hands, HTTP/1.1 and HTTP/2. No routes and no judgement.

use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

const CONNECTIONS_MAX: usize = 1_024;
const HEADERS_MAX: Duration = Duration::from_secs(10);

/// Serves until `stop` turns true; connections that are open then are dropped.
pub async fn serve(
    router: axum::Router,
    mut connections: mpsc::Receiver<std::io::Result<TlsStream<TcpStream>>>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let stream = tokio::select! {
            stream = connections.recv() => match stream { Some(Ok(stream)) => stream, Some(Err(_)) => continue, None => return },
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
        let router = router.clone();
        let mut stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = converse(stream, router) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            drop(permit);
        });
    }
}

async fn converse(stream: TlsStream<TcpStream>, router: axum::Router) {
    let from = stream.get_ref().0.peer_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADERS_MAX)
        .keep_alive_timeout(HEADERS_MAX)
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%from, %error, "console connection");
    }
}
