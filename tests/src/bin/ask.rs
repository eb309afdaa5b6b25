//! Asks the collector's API one question and prints one value of the answer, for `deploy/try.sh`, which must not need
//! more than the build itself brings. It reads; it is no part of the product.

use anyhow::{Context as _, bail};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: u64 = 16 << 20;
const PAGES_MAX: usize = 100;
const USAGE: &str = "usage: wacht-ask --console https://HOST:PORT --ca FILE --token-file FILE PATH [KEY=VALUE]… \
    [/POINTER | --count]; of a list, the first item whose keys have these values answers";

fn main() -> ExitCode {
    match Question::of(std::env::args().skip(1)).and_then(|question| question.ask()) {
        Ok(Some(answer)) => match writeln!(std::io::stdout(), "{answer}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "wacht-ask: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Question {
    console: String,
    ca: String,
    token: String,
    path: String,
    wanted: Vec<(String, String)>,
    pointer: String,
    count: bool,
}

impl Question {
    fn of(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut question = Question::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--console" => question.console = arguments.next().context(USAGE)?,
                "--ca" => question.ca = arguments.next().context(USAGE)?,
                "--token-file" => {
                    let file = arguments.next().context(USAGE)?;
                    question.token = std::fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
                }
                "--count" => question.count = true,
                _ if question.path.is_empty() => question.path = argument,
                _ if argument.starts_with('/') => question.pointer = argument,
                _ => {
                    let (key, value) = argument.split_once('=').context(USAGE)?;
                    question.wanted.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        if question.path.is_empty() || question.console.is_empty() {
            bail!(USAGE);
        }
        Ok(question)
    }

    /// `None` = there is no such item or value.
    fn ask(&self) -> anyhow::Result<Option<String>> {
        let mut cursor = String::new();
        let mut count = 0;
        for _ in 0..PAGES_MAX {
            let answer = self.get(&cursor)?;
            let Some(items) = answer["items"].as_array() else { return Ok(said(&answer, &self.pointer)) };
            let mut fitting = items.iter().filter(|item| self.fits(item));
            if self.count {
                count += fitting.count();
            } else if let Some(first) = fitting.next() {
                return Ok(said(first, &self.pointer));
            }
            match answer["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        Ok(self.count.then(|| count.to_string()))
    }

    fn fits(&self, item: &Value) -> bool {
        self.wanted.iter().all(|(key, value)| said(item, &format!("/{key}")).as_deref() == Some(value))
    }

    fn get(&self, cursor: &str) -> anyhow::Result<Value> {
        let join = if self.path.contains('?') { '&' } else { '?' };
        let path = if cursor.is_empty() { self.path.clone() } else { format!("{}{join}cursor={cursor}", self.path) };
        let authority = self.console.strip_prefix("https://").context("the console's address begins with https://")?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            self.token.trim()
        );
        let answer = exchange(authority, &self.ca, &request)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer is cut off")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        let body = if head.to_ascii_lowercase().contains("\ntransfer-encoding: chunked") {
            joined(body)?
        } else {
            body.to_owned()
        };
        if status != "200" {
            bail!("{path} answers {status}: {body}");
        }
        serde_json::from_str(&body).with_context(|| format!("the answer to {path} is no JSON"))
    }
}

fn exchange(authority: &str, ca: &str, request: &str) -> anyhow::Result<String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).with_context(|| format!("cannot read {ca}"))? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_owned();
    let address = authority.to_socket_addrs()?.next().context("the console's name has no address")?;
    let socket = TcpStream::connect_timeout(&address, PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(host)?)?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    match stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer) {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error.into()),
        _ => Ok(String::from_utf8(answer)?),
    }
}

/// The body of a chunked answer. Chunks may end within a character, but never within the text as a whole.
fn joined(body: &str) -> anyhow::Result<String> {
    let (mut rest, mut whole) = (body.as_bytes(), Vec::new());
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").context("a chunk is cut off")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end])?.trim(), 16)?;
        if size == 0 {
            return Ok(String::from_utf8(whole)?);
        }
        let start = end + 2;
        whole.extend_from_slice(rest.get(start..start + size).context("a chunk is cut off")?);
        rest = rest.get(start + size + 2..).context("a chunk is cut off")?;
    }
}

/// A value as a shell wants it: text bare, all else as JSON; nothing for null and for what is not there.
fn said(document: &Value, pointer: &str) -> Option<String> {
    match document.pointer(pointer)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        assert_eq!(joined("3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n").unwrap(), "{\"a\":1}");
        assert!(joined("5\r\nabc").is_err());
    }

    #[test]
    fn an_item_fits_when_all_its_keys_do() {
        let question = Question {
            wanted: vec![("object".into(), "/a=b".into()), ("n".into(), "1".into())],
            ..Question::default()
        };
        assert!(question.fits(&serde_json::json!({"object": "/a=b", "n": 1})));
        assert!(!question.fits(&serde_json::json!({"object": "/a=b", "n": 2})));
    }
}
