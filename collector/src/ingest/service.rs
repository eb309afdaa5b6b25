//! The gRPC service for reports: one long-lived stream a host, bounded in everything, cut when the host may no
//! longer report.

use super::identity::{Peer, Refusal, peer};
use super::renew::RenewalDoor;
use super::session::{Doors, Session};
use crate::model::CloneSign;
use jiff::Timestamp;
use std::pin::Pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use tonic::{Request, Response, Status, Streaming};
use wacht_proto::v1;
use wacht_proto::v1::identity_server::IdentityServer;
use wacht_proto::v1::telemetry_server::{Telemetry, TelemetryServer};

const MESSAGE_BYTES_MAX: usize = 1024 * 1024 + 128 * 1024;
const STREAMS_MAX: u32 = 8;
const HEADER_BYTES_MAX: u32 = 16 * 1024;
const HELLO_MAX: Duration = Duration::from_secs(10);
/// A stream without a message for this long is dead: the slowest agent reports every 5 minutes.
const SILENCE_MAX: Duration = Duration::from_secs(15 * 60);
const KEEPALIVE: Duration = Duration::from_secs(30);
const ANSWERS_MAX: usize = 8;

/// The service behind the agents' listener.
pub struct TelemetryDoor {
    doors: Doors,
}

impl TelemetryDoor {
    /// Serves connections that shook hands until `stop` turns true.
    pub async fn serve(
        doors: Doors,
        renewal: RenewalDoor,
        connections: mpsc::Receiver<std::io::Result<TlsStream<TcpStream>>>,
        mut stop: watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let telemetry = TelemetryServer::new(TelemetryDoor { doors }).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let identity = IdentityServer::new(renewal).max_decoding_message_size(16 * 1024);
        tonic::transport::Server::builder()
            .max_concurrent_streams(STREAMS_MAX)
            .concurrency_limit_per_connection(STREAMS_MAX as usize)
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .http2_keepalive_interval(Some(KEEPALIVE))
            .http2_keepalive_timeout(Some(KEEPALIVE))
            .http2_max_pending_accept_reset_streams(Some(STREAMS_MAX as usize))
            .add_service(telemetry)
            .add_service(identity)
            .serve_with_incoming_shutdown(ReceiverStream::new(connections), async move {
                let _ = stop.wait_for(|stop| *stop).await;
            })
            .await?;
        Ok(())
    }
}

/// Who is at the other end.
pub fn peer_of<T>(request: &Request<T>) -> Result<Peer, Status> {
    request
        .extensions()
        .get::<TlsConnectInfo<TcpConnectInfo>>()
        .and_then(TlsConnectInfo::peer_certs)
        .and_then(|certificates| certificates.first().and_then(|certificate| peer(certificate)))
        .ok_or_else(|| Status::unauthenticated("no certificate of an agent"))
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Status {
        match refusal {
            Refusal::Expired => Status::unauthenticated(refusal.to_string()),
            _ => Status::permission_denied(refusal.to_string()),
        }
    }
}

#[tonic::async_trait]
impl Telemetry for TelemetryDoor {
    type ReportStream = Pin<Box<dyn Stream<Item = Result<v1::CollectorMessage, Status>> + Send>>;

    async fn report(
        &self,
        request: Request<Streaming<v1::AgentMessage>>,
    ) -> Result<Response<Self::ReportStream>, Status> {
        let peer = peer_of(&request)?;
        let first_use = match self.doors.registry.may_report(&peer, Timestamp::now()) {
            Ok(first_use) => first_use,
            // Its machine was enrolled anew, and yet its former key is in use: two machines say that they are one.
            Err(Refusal::Replaced) if self.doors.registry.is_put_out_of_use(&peer) => {
                return Err(super::session::quarantine(&self.doors, &peer, CloneSign::ReplacedKey).await);
            }
            Err(refusal) => {
                tracing::info!(host = %peer.host, serial = peer.serial, reason = %refusal, "stream refused");
                return Err(refusal.into());
            }
        };
        if first_use {
            self.doors
                .store
                .identity_promoted(peer.host, peer.serial.clone())
                .await
                .map_err(super::session::unavailable)?;
            self.doors.registry.promote(peer.host, &peer.serial);
        }
        let (answers, receiver) = mpsc::channel(ANSWERS_MAX);
        let doors = self.doors.clone();
        tokio::spawn(async move {
            if let Err(status) = converse(doors, peer, request.into_inner(), &answers).await {
                let _ = answers.send(Err(status)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

type Answers = mpsc::Sender<Result<v1::CollectorMessage, Status>>;

async fn converse(
    doors: Doors,
    peer: Peer,
    mut messages: Streaming<v1::AgentMessage>,
    answers: &Answers,
) -> Result<(), Status> {
    let hello = tokio::time::timeout(HELLO_MAX, messages.message())
        .await
        .map_err(|_| Status::deadline_exceeded("no hello"))??;
    let Some(v1::AgentMessage { kind: Some(v1::agent_message::Kind::Hello(hello)) }) = hello else {
        return Err(Status::invalid_argument("a stream begins with hello"));
    };
    let mut ticket = doors.registry.open_stream(peer.host);
    // Whoever was revoked between the request and here was cut before there was anything to cut.
    doors.registry.may_report(&peer, Timestamp::now())?;
    let expiry = tokio::time::sleep(remaining(peer.not_after, Timestamp::now()));
    tokio::pin!(expiry);
    let (mut session, welcome) = Session::open(doors, peer, &hello).await?;
    say(answers, v1::collector_message::Kind::Welcome(welcome)).await?;
    loop {
        tokio::select! {
            biased;
            refusal = ticket.cut() => return Err(refusal.into()),
            () = &mut expiry => return Err(Refusal::Expired.into()),
            message = tokio::time::timeout(SILENCE_MAX, messages.message()) => {
                let Some(message) = message.map_err(|_| Status::deadline_exceeded("silent for too long"))?? else { return Ok(()) };
                if let Some(ack) = session.take(message).await? {
                    say(answers, v1::collector_message::Kind::Ack(ack)).await?;
                }
            }
            () = session.policies_changed() => {
                if let Some(ack) = session.policy_ack().await? {
                    say(answers, v1::collector_message::Kind::Ack(ack)).await?;
                }
            }
        }
    }
}

/// How long a certificate is still good.
fn remaining(not_after: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(not_after.duration_since(now)).unwrap_or_default()
}

async fn say(answers: &Answers, kind: v1::collector_message::Kind) -> Result<(), Status> {
    let message = v1::CollectorMessage { kind: Some(kind) };
    answers.send(Ok(message)).await.map_err(|_| Status::cancelled("the agent is gone"))
}
