//! A webhook receiver for `deploy/try.sh` and the tests: takes each request, checks its signature, and appends it as
//! one JSON line to a file. It answers and forgets; it is no part of the product.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use serde_json::{Map, Value, json};
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

const BODY_BYTES_MAX: u64 = 1 << 20;
const HEADERS_MAX: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> anyhow::Result<()> {
    let [folder, secret] = wishes()?;
    let secret = std::fs::read_to_string(&secret).with_context(|| format!("cannot read {}", secret.display()))?;
    let key = signing_key(secret.trim())?;
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen on 127.0.0.1")?;
    let fresh = folder.join("sink.port.new");
    std::fs::write(&fresh, listener.local_addr()?.port().to_string())?;
    std::fs::rename(&fresh, folder.join("sink.port"))?;
    let mut lines = OpenOptions::new().append(true).create(true).open(folder.join("sink.jsonl"))?;
    for stream in listener.incoming().flatten() {
        if let Ok(line) = take(stream, &key) {
            writeln!(lines, "{line}")?;
        }
    }
    Ok(())
}

fn wishes() -> anyhow::Result<[PathBuf; 2]> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--dir", dir, "--secret-file", file] => Ok([dir.into(), file.into()]),
        _ => bail!("usage: wacht-sink --dir DIR --secret-file FILE: writes DIR/sink.port and DIR/sink.jsonl"),
    }
}

/// A secret in the form `whsec_<base64>` stands for its bytes, any other for itself.
fn signing_key(secret: &str) -> anyhow::Result<hmac::Key> {
    let bytes = match secret.strip_prefix("whsec_") {
        Some(coded) => BASE64_STANDARD.decode(coded).context("the secret after whsec_ is not base64")?,
        None => secret.as_bytes().to_vec(),
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn take(stream: TcpStream, key: &hmac::Key) -> anyhow::Result<Value> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let first = line(&mut reader)?;
    let mut headers = Map::new();
    for _ in 0..HEADERS_MAX {
        let text = line(&mut reader)?;
        let Some((name, value)) = text.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), json!(value.trim()));
    }
    let text = |name: &str| headers.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let length: u64 = text("content-length").parse().unwrap_or(0);
    let mut body = Vec::new();
    reader.by_ref().take(length.min(BODY_BYTES_MAX)).read_to_end(&mut body)?;
    let signature = verdict(key, [&text("webhook-id"), &text("webhook-timestamp"), &text("webhook-signature")], &body);
    let status = if signature == "valid" { "204 No Content" } else { "401 Unauthorized" };
    write!(reader.get_mut(), "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
    let received_at = jiff::Timestamp::now().to_string();
    Ok(
        json!({ "received_at": received_at, "request": first, "headers": headers, "body": body, "signature": signature }),
    )
}

fn line(reader: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    let mut text = String::new();
    reader.by_ref().take(16 * 1024).read_line(&mut text)?;
    Ok(text.trim_end().to_owned())
}

/// The signature is over `id.timestamp.body`; one of several may be right.
fn verdict(key: &hmac::Key, [id, at, signatures]: [&str; 3], body: &[u8]) -> &'static str {
    let mut signed = format!("{id}.{at}.").into_bytes();
    signed.extend_from_slice(body);
    let right = |signature: &str| {
        let tag = signature.strip_prefix("v1,").and_then(|coded| BASE64_STANDARD.decode(coded).ok());
        tag.is_some_and(|tag| hmac::verify(key, &signed, &tag).is_ok())
    };
    match signatures {
        "" => "missing",
        _ if signatures.split(' ').any(right) => "valid",
        _ => "invalid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_over_other_bytes_is_invalid() {
        let key = signing_key("secret").unwrap();
        let tag = BASE64_STANDARD.encode(hmac::sign(&key, b"a.1.{}"));
        let signatures = format!("v1,AAAA v1,{tag}");
        assert_eq!(verdict(&key, ["a", "1", &signatures], b"{}"), "valid");
        assert_eq!(verdict(&key, ["a", "1", &signatures], b"{ }"), "invalid");
        assert_eq!(verdict(&key, ["a", "2", &signatures], b"{}"), "invalid");
        assert_eq!(verdict(&key, ["a", "1", ""], b"{}"), "missing");
    }
}
