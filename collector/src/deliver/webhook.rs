//! The webhook: one CloudEvent per message over HTTPS, signed in the shape of Standard Webhooks. One try each; it
//! does not decide when there is another.

use super::retry::Answer;
use super::{Fault, read_secret};
use crate::model::OutboxMessage;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, Response, StatusCode, Url, redirect};
use ring::hmac;
use serde_json::json;
use std::error::Error;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
const RESPONSE_BYTES_MAX: usize = 64 * 1024;

/// A configured webhook.
pub struct Webhook {
    client: Client,
    url: Url,
    key: Option<hmac::Key>,
    source: String,
}

impl Webhook {
    /// Reads the secret and the private authority; refuses plain HTTP to anywhere but this machine.
    pub fn new(url: &str, secret_file: Option<&str>, ca_file: Option<&str>, instance: &str) -> Result<Self, Fault> {
        Self::with_timeout(url, secret_file, ca_file, instance, TIMEOUT)
    }

    fn with_timeout(
        url: &str,
        secret_file: Option<&str>,
        ca_file: Option<&str>,
        instance: &str,
        timeout: Duration,
    ) -> Result<Self, Fault> {
        let url = checked(url)?;
        let key = secret_file.map(read_secret).transpose()?.map(|secret| signing_key(&secret)).transpose()?;
        let source =
            if instance.is_empty() { "/wacht/collector".to_owned() } else { format!("/wacht/collector/{instance}") };
        Ok(Webhook { client: client(&url, ca_file, timeout)?, url, key, source })
    }

    /// Sends one message. `now` goes into the signature, against replay.
    pub async fn send(&self, message: &OutboxMessage, now: Timestamp) -> Answer {
        let body = self.event(message).to_string();
        let Some(headers) = self.headers(&message.key, now.as_second(), &body) else {
            return Answer::Refused { error: "the message's key does not fit in a header".to_owned() };
        };
        match self.client.post(self.url.clone()).headers(headers).body(body).send().await {
            Ok(response) => {
                let answer = judge(&response, now);
                drain(response).await;
                answer
            }
            Err(error) => Answer::Failed { error: reason(error), after: None },
        }
    }

    fn event(&self, message: &OutboxMessage) -> serde_json::Value {
        let mut event = json!({
            "specversion": "1.0",
            "id": message.key,
            "source": self.source,
            "type": message.kind.event_type(),
            "time": message.created_at.to_string(),
            "datacontenttype": "application/json",
            "data": message.body,
        });
        if let Some(incident) = message.incident {
            event["subject"] = json!(incident.to_string());
        }
        event
    }

    fn headers(&self, id: &str, at_s: i64, body: &str) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        let id_value = HeaderValue::from_str(id).ok()?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/cloudevents+json"));
        headers.insert("idempotency-key", id_value.clone());
        headers.insert("webhook-id", id_value);
        headers.insert("webhook-timestamp", HeaderValue::from(at_s));
        if let Some(key) = &self.key {
            let tag = hmac::sign(key, format!("{id}.{at_s}.{body}").as_bytes());
            let signature = format!("v1,{}", BASE64_STANDARD.encode(tag));
            headers.insert("webhook-signature", HeaderValue::from_str(&signature).ok()?);
        }
        Some(headers)
    }
}

fn checked(text: &str) -> Result<Url, Fault> {
    let url = Url::parse(text).map_err(|_| Fault::Url("it is not a URL"))?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        "http" => Err(Fault::Url("plain http is for this machine alone")),
        _ => Err(Fault::Url("only https and http are known")),
    }
}

/// A secret in the form `whsec_<base64>` stands for its bytes, any other for itself.
fn signing_key(secret: &str) -> Result<hmac::Key, Fault> {
    let bytes = match secret.strip_prefix("whsec_") {
        Some(encoded) => BASE64_STANDARD.decode(encoded).map_err(|_| Fault::Secret)?,
        None => secret.as_bytes().to_vec(),
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn client(url: &Url, ca_file: Option<&str>, timeout: Duration) -> Result<Client, Fault> {
    // Without a provider of the process the client panics; one that is there already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder =
        Client::builder().timeout(timeout).redirect(redirect::Policy::none()).user_agent("wacht-collector");
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|error| Fault::File { path: path.to_owned(), error })?;
        let roots = Certificate::from_pem_bundle(&pem).map_err(|_| Fault::Authority)?;
        if roots.is_empty() {
            return Err(Fault::Authority);
        }
        builder = builder.tls_certs_only(roots);
    } else if url.scheme() == "http" {
        // No proxy stands between a machine and itself, and it needs no public authorities.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().map_err(|error| Fault::Client(reason(error)))
}

fn judge(response: &Response, now: Timestamp) -> Answer {
    let status = response.status();
    let error = format!("answered {}", status.as_u16());
    let again = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_success() {
        Answer::Delivered
    } else if status.is_server_error() || again.contains(&status) {
        Answer::Failed { error, after: retry_after(response.headers(), now) }
    } else {
        Answer::Refused { error }
    }
}

/// Seconds, or a date of HTTP.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok()
}

/// Reads a bounded part of the answer, so that the connection can be used again; what it says does not matter.
async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > RESPONSE_BYTES_MAX {
            return;
        }
    }
}

/// The failure and its causes, without the URL: it may hold a secret.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    super::body::one_line(&text, 300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::tests::{answering, message, request};
    use std::io::Write;
    use tokio::io::AsyncWriteExt;

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn to(url: &str, secret: Option<&str>) -> Webhook {
        let file = secret.map(|secret| {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            writeln!(file, "{secret}").unwrap();
            file
        });
        let path = file.as_ref().map(|file| file.path().to_str().unwrap());
        Webhook::with_timeout(url, path, None, "west", Duration::from_millis(400)).unwrap()
    }

    async fn answer(answer: &'static str) -> Answer {
        let (address, _) = answering(answer).await;
        to(&format!("http://{address}/hook"), None).send(&message("hook"), now()).await
    }

    fn failed(error: &str, after_s: Option<u64>) -> Answer {
        Answer::Failed { error: error.into(), after: after_s.map(Duration::from_secs) }
    }

    #[tokio::test]
    async fn the_answer_decides() {
        assert_eq!(answer("204 No Content").await, Answer::Delivered);
        assert_eq!(answer("500 Oops").await, failed("answered 500", None));
        assert_eq!(answer("429 Slow\r\nretry-after: 90").await, failed("answered 429", Some(90)));
        let date = "503 Busy\r\nretry-after: Mon, 21 Sep 2026 14:14:20 GMT";
        assert_eq!(answer(date).await, failed("answered 503", Some(60)));
        assert_eq!(answer("400 Bad").await, Answer::Refused { error: "answered 400".into() });
        assert_eq!(
            answer("302 Moved\r\nlocation: http://127.0.0.1:1/").await,
            Answer::Refused { error: "answered 302".into() }
        );
    }

    #[tokio::test]
    async fn silence_and_a_closed_door_are_tried_again_and_the_url_is_not_told() {
        let Answer::Failed { error, .. } = answer("").await else { panic!("it was delivered") };
        assert!(error.contains("timed out") && !error.contains("/hook"), "{error}");
        let closed = to("http://127.0.0.1:9/token", None).send(&message("hook"), now()).await;
        assert!(matches!(closed, Answer::Failed { error, .. } if !error.contains("token")));
    }

    #[tokio::test]
    async fn the_signature_holds_by_another_computation() {
        let (address, request) = answering("200 OK").await;
        let sent = message("hook");
        to(&format!("http://{address}/"), Some("whsec_c2VjcmV0")).send(&sent, now()).await;
        let request = request.await.unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.unwrap_or_else(|| panic!("{name} is missing in {head}"))
        };
        let signed = format!("{}.1790000000.{body}", sent.key);
        let expected = BASE64_STANDARD.encode(hmac_by_hand(b"secret", signed.as_bytes()));
        assert_eq!(header("webhook-signature"), format!("v1,{expected}"));
        assert_eq!((header("webhook-id"), header("idempotency-key")), (sent.key.as_str(), sent.key.as_str()));
        assert_eq!(header("content-type"), "application/cloudevents+json");
        let event: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&event["id"], &event["data"]), (&json!(sent.key), &sent.body));
        assert_eq!((&event["source"], &event["specversion"]), (&json!("/wacht/collector/west"), &json!("1.0")));
        assert_eq!(
            (&event["type"], &event["subject"]),
            (&json!("wacht.incident.opened.v1"), &json!(sent.incident.unwrap()))
        );
    }

    /// RFC 2104 with nothing but a hash.
    fn hmac_by_hand(key: &[u8], text: &[u8]) -> Vec<u8> {
        let pad = |with: u8| (0..64).map(|at| key.get(at).unwrap_or(&0) ^ with).collect::<Vec<u8>>();
        let hash = |parts: [&[u8]; 2]| ring::digest::digest(&ring::digest::SHA256, &parts.concat());
        hash([&pad(0x5c), hash([&pad(0x36), text]).as_ref()]).as_ref().to_vec()
    }

    #[tokio::test]
    async fn a_private_authority_is_trusted_where_it_is_named() {
        let (acceptor, pem) = crate::deliver::tests::smtp_server::authority();
        let listener = tokio::net::TcpListener::bind("localhost:0").await.unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                request(&mut stream).await;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            }
        });
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(pem.as_bytes()).unwrap();
        let trusting = Webhook::new(&url, None, file.path().to_str(), "").unwrap();
        assert_eq!(trusting.send(&message("hook"), now()).await, Answer::Delivered);
        let (_, other) = crate::deliver::tests::smtp_server::authority();
        std::fs::write(file.path(), other).unwrap();
        let distrusting = Webhook::new(&url, None, file.path().to_str(), "").unwrap();
        assert!(matches!(distrusting.send(&message("hook"), now()).await, Answer::Failed { .. }));
    }

    #[test]
    fn plain_http_leaves_the_machine_for_nowhere() {
        for fine in ["https://desk.example/x", "http://127.0.0.1:80/", "http://[::1]/", "http://localhost/"] {
            assert!(checked(fine).is_ok(), "{fine}");
        }
        for wrong in ["http://desk.example/", "http://10.0.0.1/", "http://localhost.example/", "ftp://127.0.0.1/", "x"]
        {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
