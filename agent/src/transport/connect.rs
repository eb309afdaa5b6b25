//! One connection to the collector: TCP, TLS with our identity, HTTP/2 with small windows. Its end is the caller's matter.

use super::alert::{Alert, Attentive};
use super::identity::Identity;
use super::tls;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};

const CONNECT_MAX: Duration = Duration::from_secs(15);
const WINDOW_BYTES: u32 = 64 * 1024;
const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// Opens a channel for gRPC; `alert` hears why TLS refused it.
pub async fn channel(identity: &Identity, alert: &Alert) -> Result<Channel, tonic::transport::Error> {
    let (address, name) = (identity.enrolment.grpc.clone(), identity.enrolment.server_name.clone());
    let config = tls::for_reports(identity);
    let alert = alert.clone();
    let connector = tower::service_fn(move |_| {
        let (address, name, config, alert) = (address.clone(), name.clone(), config.clone(), alert.clone());
        async move {
            let stream = stream(&address, &name, config.map_err(io::Error::other)?).await?;
            Ok::<_, io::Error>(TokioIo::new(Attentive::new(stream, alert)))
        }
    });
    // The scheme is plain because tonic's own TLS is not in use: the connector above always speaks TLS.
    Endpoint::from_shared(format!("http://{}", identity.enrolment.grpc))?
        .user_agent(concat!("wacht-agent/", env!("CARGO_PKG_VERSION")))?
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .buffer_size(16)
        .connect_with_connector(connector)
        .await
}

/// Opens TCP and TLS to `host:port`, expecting a certificate for `name`.
pub async fn stream(
    address: &str,
    name: &str,
    config: std::sync::Arc<rustls::ClientConfig>,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let open = async {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        TlsConnector::from(config).connect(name, tcp).await
    };
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no connection to {address} within 15 s"));
    tokio::time::timeout(CONNECT_MAX, open).await.map_err(late)?
}

/// The host part of `host:port`, without the brackets of an IPv6 address.
pub fn host_of(address: &str) -> Option<&str> {
    let (host, port) = address.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_found() {
        assert_eq!(host_of("wacht.example:7443"), Some("wacht.example"));
        assert_eq!(host_of("[::1]:7443"), Some("::1"));
        assert_eq!(host_of("wacht.example"), None);
        assert_eq!(host_of(":7443"), None);
    }
}
