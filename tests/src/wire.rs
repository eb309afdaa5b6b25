//! A small agent in the test's own process that speaks the real gRPC over real mutual TLS. It can be as honest or as
//! hostile as a test wants: every message is built by hand.

use crate::alert::{Alert, Attentive};
use crate::identity::Identity;
use crate::runtime;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Status, Streaming};
use wacht_proto::v1::agent_message::Kind;
use wacht_proto::v1::collector_message::Kind as Said;
use wacht_proto::v1::{self, AgentMessage};

const ANSWER_MAX: Duration = Duration::from_secs(15);
/// A machine that started an hour before the test did.
const UPTIME_MS: u64 = 3_600_000;

/// Why the collector did not answer as asked.
#[derive(Debug)]
pub struct Refusal {
    /// The status of the stream.
    pub code: Code,
    /// What it said, with the causes below it.
    pub text: String,
}

/// An agent: what it is, and what it remembers between streams.
pub struct WireAgent {
    /// Who it says it is.
    pub identity: Identity,
    /// The life of its spool.
    pub incarnation: v1::Id128,
    /// Its boot.
    pub boot: v1::Id128,
    /// The generation to present at the next stream.
    pub generation: Option<v1::Id128>,
    /// The last sequence that was built.
    pub sequence: u64,
    /// What it counted so far.
    pub collected: v1::Counts,
    begin: Instant,
}

/// An open stream.
pub struct Stream {
    /// The answer to Hello.
    pub welcome: v1::Welcome,
    sender: mpsc::Sender<AgentMessage>,
    answers: Streaming<v1::CollectorMessage>,
}

impl WireAgent {
    /// An agent that never spoke.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            incarnation: random_id(),
            boot: random_id(),
            generation: None,
            sequence: 0,
            collected: v1::Counts::default(),
            begin: Instant::now(),
        }
    }

    /// Milliseconds since its boot.
    pub fn boottime_ms(&self) -> u64 {
        UPTIME_MS + self.begin.elapsed().as_millis() as u64
    }

    /// Opens a stream, says Hello and confirms the new generation.
    pub fn open(&mut self) -> Result<Stream, Refusal> {
        let stream = self.open_unconfirmed()?;
        self.generation = stream.welcome.generation;
        stream.send(Kind::Confirm(v1::Confirm { generation: self.generation }))?;
        Ok(stream)
    }

    /// Opens a stream and says Hello; the generation that was offered is not taken.
    pub fn open_unconfirmed(&mut self) -> Result<Stream, Refusal> {
        let (hello, alert) = (self.hello(), Alert::default());
        let opened = runtime().block_on(async {
            let (sender, receiver) = mpsc::channel(64);
            let mut client = v1::telemetry_client::TelemetryClient::new(channel(&self.identity, &alert).await?);
            let _ = sender.send(AgentMessage { kind: Some(Kind::Hello(hello)) }).await;
            let opening = tokio::time::timeout(ANSWER_MAX, client.report(ReceiverStream::new(receiver))).await;
            let answers = opening.map_err(|_| silent())?.map_err(Refusal::from)?.into_inner();
            let mut stream = Stream { welcome: v1::Welcome::default(), sender, answers };
            match stream.next().await? {
                Said::Welcome(welcome) => stream.welcome = welcome,
                Said::Ack(_) => {
                    return Err(Refusal { code: Code::Unknown, text: "an ack where a welcome was due".to_owned() });
                }
            }
            Ok(stream)
        });
        opened.map_err(|refusal| refusal.because(&alert))
    }

    /// The Hello that it would say now.
    pub fn hello(&self) -> v1::Hello {
        v1::Hello {
            protocol: wacht_proto::PROTOCOL_VERSION,
            agent_version: "0.0.0-proof".to_owned(),
            incarnation: Some(self.incarnation),
            generation: self.generation,
            boot: Some(self.boot),
            boottime_ms: self.boottime_ms(),
            wall_unix_ms: jiff::Timestamp::now().as_millisecond(),
            next_sequence: self.sequence + 1,
            oldest_sequence: self.sequence + 1,
        }
    }

    /// Asks for a certificate for a new key; the reply, or why not.
    pub fn renew(&self) -> Result<v1::RenewReply, Refusal> {
        let key = rcgen::KeyPair::generate().expect("a key");
        let request = rcgen::CertificateParams::default().serialize_request(&key).expect("a request");
        let wish = v1::RenewRequest { csr_der: request.der().to_vec() };
        let alert = Alert::default();
        let renewed = runtime().block_on(async {
            let mut client = v1::identity_client::IdentityClient::new(channel(&self.identity, &alert).await?);
            Ok(client.renew(wish).await.map_err(Refusal::from)?.into_inner())
        });
        renewed.map_err(|refusal: Refusal| refusal.because(&alert))
    }
}

impl Stream {
    /// Sends a message and waits for nothing.
    pub fn send(&self, kind: Kind) -> Result<(), Refusal> {
        let message = AgentMessage { kind: Some(kind) };
        runtime()
            .block_on(self.sender.send(message))
            .map_err(|_| Refusal { code: Code::Cancelled, text: "the stream is closed".to_owned() })
    }

    /// The next acknowledgement; acknowledgements that carry a policy alone count too.
    pub fn ack(&mut self) -> Result<v1::Ack, Refusal> {
        runtime().block_on(async {
            match self.next().await? {
                Said::Ack(ack) => Ok(ack),
                Said::Welcome(_) => Err(Refusal { code: Code::Unknown, text: "a second welcome".to_owned() }),
            }
        })
    }

    /// Waits until the collector ends the stream, and answers why.
    pub fn end(&mut self, seconds_max: u64) -> Refusal {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(seconds_max) {
            match self.ack() {
                Err(refusal) if refusal.code == Code::DeadlineExceeded => {}
                Err(refusal) => return refusal,
                Ok(_) => {}
            }
        }
        panic!("the stream was still open after {seconds_max} s")
    }

    async fn next(&mut self) -> Result<Said, Refusal> {
        match tokio::time::timeout(ANSWER_MAX, self.answers.message()).await {
            Err(_) => Err(silent()),
            Ok(Err(status)) => Err(Refusal::from(status)),
            Ok(Ok(Some(v1::CollectorMessage { kind: Some(said) }))) => Ok(said),
            Ok(Ok(_)) => Err(Refusal { code: Code::Ok, text: "the stream ended".to_owned() }),
        }
    }
}

impl Refusal {
    /// With what the connection below said when it broke; the alert may come a moment after the stream's end.
    fn because(self, alert: &Alert) -> Self {
        for _ in 0..20 {
            if self.code != Code::Cancelled && self.code != Code::Unavailable && self.code != Code::Unknown {
                return self;
            }
            if let Some(text) = alert.text() {
                return Self { text: format!("{}: {text}", self.text), ..self };
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        self
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self { code: status.code(), text: with_causes(status.message().to_owned(), status.source()) }
    }
}

fn with_causes(mut text: String, mut cause: Option<&(dyn std::error::Error + 'static)>) -> String {
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// 128 random bits.
pub fn random_id() -> v1::Id128 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    v1::Id128 { high, low }
}

fn silent() -> Refusal {
    Refusal { code: Code::DeadlineExceeded, text: "no answer".to_owned() }
}

async fn channel(identity: &Identity, alert: &Alert) -> Result<Channel, Refusal> {
    let mut roots = RootCertStore::empty();
    roots.add(identity.root.clone()).expect("a root");
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_client_auth_cert(identity.chain.clone(), identity.key())
        .expect("key and certificate");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let (connector, address, alert) = (TlsConnector::from(Arc::new(config)), identity.grpc.clone(), alert.clone());
    let connect = tower::service_fn(move |_: Uri| {
        let (connector, address, alert) = (connector.clone(), address.clone(), alert.clone());
        async move {
            let name = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host).to_owned();
            let name = ServerName::try_from(name).map_err(std::io::Error::other)?;
            let inner = connector.connect(name, TcpStream::connect(&address).await?).await?;
            Ok::<_, std::io::Error>(TokioIo::new(Attentive { inner, alert }))
        }
    });
    let endpoint = Endpoint::from_static("http://collector").connect_timeout(ANSWER_MAX);
    endpoint
        .connect_with_connector(connect)
        .await
        .map_err(|error| Refusal { code: Code::Unavailable, text: with_causes(error.to_string(), error.source()) })
}
