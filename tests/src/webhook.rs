//! A destination of our own: takes signed CloudEvents over HTTP on loopback, checks each signature and keeps them all.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One event as it came.
#[derive(Clone, Debug)]
pub struct Event {
    /// CloudEvents type, such as `wacht.incident.opened.v1`.
    pub kind: String,
    /// The whole event.
    pub body: Value,
    /// The body as it stood on the wire.
    pub raw: String,
    /// `idempotency-key`.
    pub key: String,
    /// The signature is ours, over id, time and body.
    pub signed: bool,
}

/// The listening destination.
pub struct Webhook {
    /// Where it listens.
    pub address: SocketAddr,
    /// The secret, in the form that the configuration wants.
    pub secret: String,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Webhook {
    /// Listens on a free port of loopback; the thread ends with the test executable.
    pub fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let secret_bytes = uuid::Uuid::new_v4().into_bytes();
        let events = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&events);
        std::thread::spawn(move || {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret_bytes);
            for stream in listener.incoming().flatten() {
                if let Some(event) = take(stream, &key) {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                }
            }
        });
        Self { address, secret: format!("whsec_{}", BASE64_STANDARD.encode(secret_bytes)), events }
    }

    /// All that came so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The events of a type whose body holds a text.
    pub fn with(&self, kind: &str, text: &str) -> Vec<Event> {
        self.events().into_iter().filter(|event| event.kind == kind && event.raw.contains(text)).collect()
    }
}

fn take(stream: TcpStream, key: &hmac::Key) -> Option<Event> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = std::collections::HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let length: usize = headers.get("content-length")?.parse().ok().filter(|length| *length <= BODY_BYTES_MAX)?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    reader.into_inner().write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").ok()?;
    let raw = String::from_utf8(body).ok()?;
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let signed_text = format!("{}.{}.{raw}", header("webhook-id"), header("webhook-timestamp"));
    let tag =
        BASE64_STANDARD.decode(header("webhook-signature").strip_prefix("v1,").unwrap_or_default()).unwrap_or_default();
    let body: Value = serde_json::from_str(&raw).ok()?;
    Some(Event {
        kind: body["type"].as_str().unwrap_or_default().to_owned(),
        key: header("idempotency-key"),
        signed: hmac::verify(key, signed_text.as_bytes(), &tag).is_ok(),
        body,
        raw,
    })
}
