//! Enrolment: a token buys this machine its first certificate. One HTTPS request; the root is known by the token.

use super::connect;
use super::identity::{Enrolment, State};
use super::tls;
use super::token::Token;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use zeroize::Zeroizing;

const ANSWER_BYTES_MAX: usize = 64 * 1024;
const EXCHANGE_MAX: Duration = Duration::from_secs(30);

/// Why enrolment failed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The address is not `https://host:port`.
    #[error("the collector's address must look like https://collector.example:7444")]
    Address,
    /// Nobody to talk to.
    #[error("cannot reach the collector: {0}")]
    Unreachable(String),
    /// It said no.
    #[error("the collector refused: {detail} ({code}); {advice}")]
    Refused {
        /// The problem's code.
        code: String,
        /// The problem's own words.
        detail: String,
        /// What to do.
        advice: &'static str,
    },
    /// The answer is not what was agreed.
    #[error("the collector's answer makes no sense: {0}")]
    Answer(&'static str),
    /// The identity could not be kept.
    #[error("cannot write the identity: {0}")]
    Store(#[from] std::io::Error),
}

/// What the collector made of us.
#[derive(Debug, Deserialize)]
pub struct Answer {
    host_id: String,
    certificate_pem: String,
    chain_pem: String,
    ca_pem: String,
    grpc: String,
    admission: String,
}

/// The outcome for the person who runs it.
pub struct Enrolled {
    /// The collector's id of this host.
    pub host_id: String,
    /// A person must approve it first.
    pub is_pending: bool,
}

/// What this machine says of itself: claims, all of them.
pub struct Claims {
    /// Its name.
    pub hostname: String,
    /// By what it may be known again, as the collector's route takes it.
    pub fingerprint: serde_json::Value,
}

/// Enrols this machine and stores its identity.
pub async fn enrol(
    state: &State,
    collector: &str,
    token: &Token,
    claims: &Claims,
    now_unix_s: i64,
) -> Result<Enrolled, EnrolError> {
    let address = address_of(collector).ok_or(EnrolError::Address)?;
    let name = connect::host_of(&address).ok_or(EnrolError::Address)?.to_owned();
    let unkeyed = |_| EnrolError::Answer("no key could be made");
    let key = rcgen::KeyPair::generate().map_err(unkeyed)?;
    let request = rcgen::CertificateParams::default()
        .serialize_request(&key)
        .and_then(|request| request.pem())
        .map_err(unkeyed)?;
    let body = Zeroizing::new(
        json!({
            "token": token.text.as_str(),
            "csr_pem": request,
            "hostname": claims.hostname,
            "agent_version": env!("CARGO_PKG_VERSION"),
            "fingerprint": claims.fingerprint,
        })
        .to_string(),
    );
    let exchange = exchange(&address, &name, token.pin, body.as_bytes());
    let late = |_| EnrolError::Unreachable("no answer within 30 s".into());
    let answer = tokio::time::timeout(EXCHANGE_MAX, exchange).await.map_err(late)??;
    let grpc = answer.grpc.clone();
    let server_name = connect::host_of(&grpc).ok_or(EnrolError::Answer("no address for reports"))?.to_owned();
    check(&answer, token)?;
    let enrolment = Enrolment { host_id: answer.host_id.clone(), grpc, server_name, enrolled_unix_s: now_unix_s };
    let certificates = format!("{}{}", answer.certificate_pem, answer.chain_pem);
    state.enrol(&enrolment, &Zeroizing::new(key.serialize_pem()), &certificates, &answer.ca_pem)?;
    Ok(Enrolled { host_id: answer.host_id, is_pending: answer.admission == "pending" })
}

/// `https://host[:port]` as `host:port`.
fn address_of(collector: &str) -> Option<String> {
    let rest = collector.strip_prefix("https://")?.trim_end_matches('/');
    let address = if connect::host_of(rest).is_some() { rest.to_owned() } else { format!("{rest}:7444") };
    let plain = address.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    (plain && connect::host_of(&address).is_some()).then_some(address)
}

async fn exchange(address: &str, name: &str, pin: [u8; 32], body: &[u8]) -> Result<Answer, EnrolError> {
    let unreachable = |error: &(dyn std::error::Error + 'static)| EnrolError::Unreachable(tls::describe(error));
    let config = tls::for_enrolment(pin).map_err(|error| unreachable(&error))?;
    let stream = connect::stream(address, name, config).await.map_err(|error| unreachable(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| unreachable(&error))?;
    let request = http::Request::post("/enroll")
        .header(http::header::HOST, address)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::copy_from_slice(body)))
        .map_err(|error| unreachable(&error))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| EnrolError::Answer("it is too long or broke off"))?.to_bytes();
        Ok::<_, EnrolError>((status, body))
    };
    let (status, body) = tokio::select! {
        answer = answer => answer?,
        // The connection only moves bytes; it ends by itself when the answer was read.
        () = async { let _ = connection.await; std::future::pending::<()>().await } => return Err(EnrolError::Answer("it broke off")),
    };
    if status == http::StatusCode::OK {
        return serde_json::from_slice(&body).map_err(|_| EnrolError::Answer("it is not the agreed JSON"));
    }
    Err(refusal(&body))
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

fn refusal(body: &[u8]) -> EnrolError {
    let Ok(Problem { code, detail }) = serde_json::from_slice(body) else {
        return EnrolError::Answer("an error without a reason; is this the enrolment address, port 7444?");
    };
    let advice = match code.as_str() {
        "token_unknown" => "make a token on this collector with `wacht-collector token create` and use its whole text",
        "token_used" => "make a new token, or one with more uses",
        "token_expired" => "make a new token and use it within its time",
        "network_not_allowed" => "enrol from the network that the token is bound to, or make one without that bound",
        "busy" => "try again in a minute",
        _ => "agent and collector do not understand each other: compare their versions",
    };
    // It is printed on a terminal: nothing but plain text of a sane length comes through.
    let plain = |text: String| text.chars().filter(|character| !character.is_control()).take(200).collect();
    EnrolError::Refused { code: plain(code), detail: plain(detail), advice }
}

fn check(answer: &Answer, token: &Token) -> Result<(), EnrolError> {
    let root = CertificateDer::from_pem_slice(answer.ca_pem.as_bytes())
        .map_err(|_| EnrolError::Answer("no root certificate"))?;
    if tls::key_hash(&root) != Some(token.pin) {
        return Err(EnrolError::Answer("its root is not the one that the token names"));
    }
    let leaf = CertificateDer::from_pem_slice(answer.certificate_pem.as_bytes());
    let is_plain =
        answer.host_id.len() <= 64 && answer.host_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match leaf {
        Ok(leaf) if super::der::parts(&leaf).is_some() && is_plain => Ok(()),
        _ => Err(EnrolError::Answer("no certificate for this host")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_with_a_port_or_the_usual_one() {
        assert_eq!(address_of("https://c.example:9/").as_deref(), Some("c.example:9"));
        assert_eq!(address_of("https://c.example").as_deref(), Some("c.example:7444"));
        assert_eq!(address_of("http://c.example:7444"), None);
        assert_eq!(address_of("https://c.example/path"), None);
    }

    #[test]
    fn a_refusal_says_what_to_do_and_carries_no_control_characters() {
        let error = refusal(br#"{"code":"token_used","detail":"spent\u001b[31m\n"}"#).to_string();
        assert!(error.contains("token_used") && error.contains("new token") && !error.contains('\u{1b}'));
        assert!(refusal(b"<html>").to_string().contains("7444"));
    }
}
