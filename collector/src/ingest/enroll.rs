//! Enrolment: one HTTPS route on a listener of its own, no cookies, no client certificate. A token buys a host its
//! first certificate; what the request says of names is a claim.

use super::Wake;
use super::authority::{Authority, hex, pem};
use super::identity::Registry;
use super::validate::text;
use crate::model::{
    Admission, CustomerId, DuplicateKind, Fingerprint, Host, HostId, Lookalike, Marks, Presence, Recognised,
    Recognition, Resemblance, Role, SiteId,
};
use crate::store::{Enrolment, Identity, Store, TokenUse};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::server::TlsStream;
use uuid::Uuid;

const BODY_BYTES_MAX: usize = 16 * 1024;
const EXCHANGE_MAX: Duration = Duration::from_secs(15);
const TOGETHER_MAX: usize = 64;
const HOSTNAME_BYTES_MAX: usize = 256;
/// A collector that listens for less long than this cannot tell a host that is gone from one that had nobody to talk to:
/// an agent that is not refused tries anew each minute.
const LISTENED_MIN: SignedDuration = SignedDuration::from_mins(5);

/// The enrolment listener's service.
pub struct EnrolmentDoor {
    /// Signs.
    pub authority: Arc<Authority>,
    /// Learns the new identity.
    pub registry: Arc<Registry>,
    /// Remembers.
    pub store: Store,
    /// Where agents then report, `host:port`.
    pub grpc: String,
    /// Wakes the pipeline, which learns the new host.
    pub wake: Wake,
    /// Tells which machine it is.
    pub recognition: Recognition,
    /// Since when hosts can be heard here.
    pub open_since: Timestamp,
    /// One machine at a time is judged and written: of two that are one, the later sees the earlier.
    pub turn: tokio::sync::Mutex<()>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    token: String,
    csr_pem: String,
    hostname: String,
    agent_version: String,
    /// Agents of before machines were recognised send none.
    #[serde(default)]
    fingerprint: Fingerprint,
}

/// Who a newcomer is.
struct Newcomer {
    marks: Marks,
    recognised: Recognised,
    known: Option<Lookalike>,
}

struct Problem(StatusCode, &'static str, &'static str);

impl EnrolmentDoor {
    /// Serves connections that shook hands until `stop` turns true.
    pub async fn serve(
        self,
        mut connections: mpsc::Receiver<std::io::Result<TlsStream<TcpStream>>>,
        mut stop: watch::Receiver<bool>,
    ) {
        let door = Arc::new(self);
        let together = Arc::new(Semaphore::new(TOGETHER_MAX));
        loop {
            let stream = tokio::select! {
                stream = connections.recv() => match stream { Some(Ok(stream)) => stream, Some(Err(_)) => continue, None => return },
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let Ok(permit) = Arc::clone(&together).try_acquire_owned() else { continue };
            let door = Arc::clone(&door);
            tokio::spawn(async move {
                let from = stream.get_ref().0.peer_addr().map(|address| address.ip());
                let service = service_fn(|request| door.respond(request, from.as_ref().ok().copied()));
                let exchange = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(EXCHANGE_MAX)
                    .max_buf_size(BODY_BYTES_MAX)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service);
                let _ = tokio::time::timeout(EXCHANGE_MAX, exchange).await;
                drop(permit);
            });
        }
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        from: Option<IpAddr>,
    ) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
        Ok(match self.enrol(request, from).await {
            Ok(answer) => reply(StatusCode::OK, "application/json", &answer),
            Err(Problem(status, code, detail)) => {
                tracing::info!(?from, code, "enrolment refused");
                let body =
                    json!({ "title": "enrolment refused", "status": status.as_u16(), "code": code, "detail": detail });
                reply(status, "application/problem+json", &body)
            }
        })
    }

    async fn enrol(&self, request: Request<Incoming>, from: Option<IpAddr>) -> Result<serde_json::Value, Problem> {
        if request.uri().path() != "/enroll" {
            return Err(Problem(StatusCode::NOT_FOUND, "malformed", "only POST /enroll is answered here"));
        }
        if request.method() != Method::POST {
            return Err(Problem(StatusCode::METHOD_NOT_ALLOWED, "malformed", "only POST /enroll is answered here"));
        }
        let body = Limited::new(request.into_body(), BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|_| Problem(StatusCode::PAYLOAD_TOO_LARGE, "malformed", "the request is too long or broke off"))?
            .to_bytes();
        let wish: Wish = serde_json::from_slice(&body).map_err(|_| {
            Problem(StatusCode::BAD_REQUEST, "malformed", "token, csr_pem, hostname and agent_version are wanted")
        })?;
        self.admit(&wish, from).await
    }

    /// Compares the machine with the hosts that are known. Nobody gives a host a new key by a surplus use of a token, nor
    /// before a host that runs had the time to be heard.
    async fn recognise(
        &self,
        wish: &Wish,
        customer: CustomerId,
        is_surplus: bool,
        now: Timestamp,
    ) -> crate::store::Result<Newcomer> {
        let said = Fingerprint { hostname: wish.hostname.clone(), ..wish.fingerprint.clone() };
        let marks = (self.recognition.marks)(&said);
        let (mut lookalikes, shared) = self.store.lookalikes(marks.clone()).await?;
        for known in &mut lookalikes {
            known.is_connected = self.registry.is_connected(known.host);
        }
        let mut recognised = (self.recognition.judge)(customer, &marks, &lookalikes, &shared, now);
        // Who was silent because nobody listened may be running.
        let may_run = |host: HostId| {
            let said_goodbye = lookalikes.iter().any(|known| known.host == host && known.said_goodbye);
            !said_goodbye && now.duration_since(self.open_since) < LISTENED_MIN
        };
        let is_early = recognised.same.as_ref().is_some_and(|(host, _)| may_run(*host));
        if (is_surplus || is_early)
            && let Some((host, resemblance)) = recognised.same.take()
        {
            recognised.possible.push((host, DuplicateKind::SameMachine, resemblance));
        }
        let same = recognised.same.as_ref().map(|(host, _)| *host);
        let known = lookalikes.into_iter().find(|known| same == Some(known.host));
        Ok(Newcomer { marks, recognised, known })
    }

    async fn admit(&self, wish: &Wish, from: Option<IpAddr>) -> Result<serde_json::Value, Problem> {
        let now = Timestamp::now();
        let unknown = Problem(StatusCode::UNAUTHORIZED, "token_unknown", "the token is not one of this collector");
        let mut parts = wish.token.split('.');
        let (Some("wacht1"), Some(id), Some(secret)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(unknown);
        };
        let secret_hash = hex(ring::digest::digest(&ring::digest::SHA256, secret.as_bytes()).as_ref());
        // The certificate names customer and host, which the token and the machine decide: look them up before signing.
        let (customer, is_surplus) = self
            .store
            .token_customer(id.to_owned(), secret_hash.clone())
            .await
            .map_err(|error| failed(&error))?
            .ok_or(unknown)?;
        let _turn = self.turn.lock().await;
        let newcomer = self.recognise(wish, customer, is_surplus, now).await.map_err(|error| failed(&error))?;
        let mut host = new_host(wish, now);
        host.id = newcomer.known.as_ref().map_or(host.id, |known| known.host);
        let issued = self
            .authority
            .sign_agent(&wish.csr_pem, customer, host.id, now)
            .map_err(|_| Problem(StatusCode::BAD_REQUEST, "malformed", "csr_pem is not a valid certificate request"))?;
        let within = move |cidr: &str| from.is_some_and(|from| contains(cidr, from));
        let replaced_serial = newcomer.known.as_ref().and_then(|known| self.registry.serial(known.host));
        let enrolment =
            newcomer.enrolment((id.to_owned(), secret_hash), host, (issued.serial.clone(), issued.not_after));
        let (outcome, host) = self.store.enrol(enrolment, within, now).await.map_err(|error| failed(&error))?;
        let (admission, host) = match (outcome, host) {
            (TokenUse::Enrolled(admission), Some(host)) => (admission, host),
            (outcome, _) => return Err(refusal(outcome)),
        };
        let identity = Identity {
            host: host.id,
            customer: host.customer,
            admission,
            serial: issued.serial.clone(),
            next_serial: None,
            replaced_serial,
        };
        self.registry.insert(identity);
        self.wake.ring();
        tracing::info!(host = %host.id, customer = %host.customer, ?admission, "host enrolled");
        Ok(json!({
            "host_id": host.id,
            "certificate_pem": pem(&[issued.certificate]),
            "chain_pem": pem(std::slice::from_ref(self.authority.intermediate())),
            "ca_pem": pem(std::slice::from_ref(self.authority.root())),
            "grpc": self.grpc,
            "not_after_unix_s": issued.not_after.as_second(),
            "admission": if admission == Admission::Pending { "pending" } else { "active" },
        }))
    }
}

impl Newcomer {
    fn enrolment(self, token: (String, String), host: Host, certificate: (String, Timestamp)) -> Enrolment {
        let evidence = self.recognised.same.as_ref().map(|(_, resemblance)| told(resemblance)).unwrap_or_default();
        Enrolment {
            token,
            host,
            certificate,
            marks: self.marks,
            recognised: self.recognised,
            known_heard_at: self.known.map(|known| known.heard_at),
            evidence,
        }
    }
}

/// For the audit log.
fn told(resemblance: &Resemblance) -> String {
    let matched: Vec<&str> = resemblance.matched.iter().map(|kind| kind.word()).collect();
    format!("re-enrolled with a new key (same {})", matched.join(", "))
}

fn new_host(wish: &Wish, now: Timestamp) -> Host {
    Host {
        id: HostId::new(),
        // The store sets customer and site from the token, in the commit that spends it.
        customer: CustomerId(Uuid::nil()),
        site: SiteId(Uuid::nil()),
        name: text(&wish.hostname, HOSTNAME_BYTES_MAX),
        role: Role::default(),
        admission: Admission::default(),
        presence: Presence::Unseen,
        enrolled_at: now,
        last_report_at: None,
        last_heard_at: None,
        agent_version: text(&wish.agent_version, 32),
        interval_s: 60,
    }
}

fn refusal(outcome: TokenUse) -> Problem {
    match outcome {
        TokenUse::Used => {
            Problem(StatusCode::FORBIDDEN, "token_used", "all uses of this token are spent: make a new one")
        }
        TokenUse::Expired => {
            Problem(StatusCode::FORBIDDEN, "token_expired", "the token's time is over: make a new one")
        }
        TokenUse::Network => {
            Problem(StatusCode::FORBIDDEN, "network_not_allowed", "the token is bound to another network")
        }
        TokenUse::Changed => {
            Problem(StatusCode::SERVICE_UNAVAILABLE, "busy", "the host was heard of a moment ago: try again")
        }
        TokenUse::Unknown | TokenUse::Enrolled(_) => {
            Problem(StatusCode::UNAUTHORIZED, "token_unknown", "the token is not one of this collector")
        }
    }
}

fn failed(error: &crate::store::Error) -> Problem {
    tracing::error!(%error, "enrolment failed");
    Problem(StatusCode::SERVICE_UNAVAILABLE, "busy", "the collector cannot store now: try again later")
}

fn reply(status: StatusCode, kind: &str, body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    if let Ok(kind) = header::HeaderValue::from_str(kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// Does `network` (`10.0.0.0/8`, `2001:db8::/32`, or one address) contain `address`?
pub fn contains(network: &str, address: IpAddr) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, length.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let (Ok(base), Some(length)) = (base.parse::<IpAddr>(), length) else { return false };
    match (base, address.to_canonical()) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
            u32::from(base) & mask == u32::from(address) & mask
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            u128::from(base) & mask == u128::from(address) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_addresses_and_no_others() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(contains("10.1.0.0/16", ip("10.1.2.3")));
        assert!(!contains("10.1.0.0/16", ip("10.2.2.3")));
        assert!(contains("10.1.0.0/16", ip("::ffff:10.1.2.3")));
        assert!(contains("192.0.2.7", ip("192.0.2.7")));
        assert!(!contains("192.0.2.7", ip("192.0.2.8")));
        assert!(contains("0.0.0.0/0", ip("192.0.2.8")));
        assert!(contains("2001:db8::/32", ip("2001:db8:1::1")));
        assert!(!contains("nonsense/8", ip("10.0.0.1")));
        assert!(!contains("10.0.0.0/x", ip("10.0.0.1")));
    }
}
