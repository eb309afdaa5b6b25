//! Asks a listener of this machine for its certificate: the first message of a TLS 1.2 handshake, of which the answer is
//! readable by anyone. Nothing is agreed or sent beyond that. A listener that speaks TLS 1.3 alone, or that asks for the
//! name of a site first, gives none.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(1);
/// A chain of certificates takes a few thousand bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
const REMOTE_DESKTOP_PORT: u16 = 3389;

/// Why no certificate was given.
#[derive(Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nobody listens there any more.
    Absent,
    /// It does not speak TLS.
    OtherProtocol,
    /// It speaks TLS, but not so, as one that asks for the name of a site first.
    Refused,
    /// It hung up, as a server that is busy or being restarted does.
    HungUp,
    /// It said nothing in time.
    TimedOut,
}

/// Of a connection that stood.
impl From<std::io::Error> for Silence {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut,
            _ => Self::HungUp,
        }
    }
}

/// The encoded certificate that a listener shows first. It takes a second at most.
pub fn shown_certificate(listener: SocketAddr) -> Result<Vec<u8>, Silence> {
    let end = Instant::now() + DEADLINE;
    let connected = TcpStream::connect_timeout(&listener, DEADLINE);
    let mut stream = connected.map_err(|error| match Silence::from(error) {
        Silence::TimedOut => Silence::TimedOut,
        _ => Silence::Absent,
    })?;
    stream.set_write_timeout(Some(DEADLINE))?;
    if listener.port() == REMOTE_DESKTOP_PORT {
        // Remote desktop agrees on TLS by a message of its own first.
        stream.write_all(&[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0])?;
        read_until(&mut stream, end, |answer| (answer.len() >= 19).then_some(Ok(Vec::new())))?;
    }
    stream.write_all(&client_hello())?;
    read_until(&mut stream, end, |answer| certificate_in(answer).transpose())
}

/// Reads until `found` says what the bytes so far hold.
fn read_until(
    stream: &mut TcpStream,
    end: Instant,
    found: impl Fn(&[u8]) -> Option<Result<Vec<u8>, Silence>>,
) -> Result<Vec<u8>, Silence> {
    let mut answer = Vec::new();
    let mut chunk = [0; 4 << 10];
    while answer.len() < ANSWER_BYTES_MAX {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Silence::TimedOut);
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk)? {
            0 => break,
            read => answer.extend_from_slice(&chunk[..read]),
        }
        if let Some(result) = found(&answer) {
            return result;
        }
    }
    Err(Silence::HungUp)
}

/// The first certificate in what a server answered so far; `None` where more must come.
fn certificate_in(answer: &[u8]) -> Result<Option<Vec<u8>>, Silence> {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    let mut messages = Vec::new();
    let mut rest = answer;
    // Records: kind, version, length, content. A message may be spread over several.
    while let Some((&[kind, _, _, high, low], after)) = rest.split_first_chunk::<5>() {
        match kind {
            HANDSHAKE => {}
            ALERT => return Err(Silence::Refused),
            _ => return Err(Silence::OtherProtocol),
        }
        let length = usize::from(high) << 8 | usize::from(low);
        let Some((content, after)) = after.split_at_checked(length) else { break };
        messages.extend_from_slice(content);
        rest = after;
    }
    first_certificate(&messages)
}

/// Messages: kind, length in three bytes, content. The content of the wanted one is a list of certificates with lengths.
fn first_certificate(messages: &[u8]) -> Result<Option<Vec<u8>>, Silence> {
    const CERTIFICATE: u8 = 11;
    const SERVER_HELLO_DONE: u8 = 14;
    let mut rest = messages;
    while let Some((&[kind, a, b, c], after)) = rest.split_first_chunk::<4>() {
        let Some((content, after)) = after.split_at_checked(length([a, b, c])) else { return Ok(None) };
        match kind {
            CERTIFICATE => {
                let list = content.get(3..).and_then(|list| list.split_first_chunk::<3>());
                let first = list.and_then(|(bytes, certificates)| certificates.get(..length(*bytes)));
                return first
                    .filter(|first| !first.is_empty())
                    .map(|first| Some(first.to_vec()))
                    .ok_or(Silence::Refused);
            }
            SERVER_HELLO_DONE => return Err(Silence::Refused),
            _ => rest = after,
        }
    }
    Ok(None)
}

fn length(bytes: [u8; 3]) -> usize {
    bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
}

/// The greeting of a client that knows TLS 1.2 and names no site.
fn client_hello() -> Vec<u8> {
    #[rustfmt::skip]
    const SUITES: [u8; 32] = [
        // ECDHE with AES-GCM and ChaCha20, then older servers' ECDHE and RSA with AES.
        0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x09, 0xc0, 0x13,
        0xc0, 0x0a, 0xc0, 0x14, 0x00, 0x9c, 0x00, 0x9d, 0x00, 0x2f, 0x00, 0x35, 0x00, 0x9e, 0x00, 0x9f,
    ];
    #[rustfmt::skip]
    const EXTENSIONS: [u8; 55] = [
        // Groups: x25519, P-256, P-384, P-521. Points: uncompressed.
        0, 10, 0, 10, 0, 8, 0, 29, 0, 23, 0, 24, 0, 25,
        0, 11, 0, 2, 1, 0,
        // Signatures: ECDSA, PSS, RSA, EdDSA.
        0, 13, 0, 22, 0, 20, 4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 6, 1, 8, 7,
        // Extended master secret; secure renegotiation, empty at the start.
        0, 23, 0, 0, 0xff, 1, 0, 1, 0,
    ];
    let mut body = vec![3, 3];
    // No secret comes of it, since the handshake is never finished.
    body.extend(std::iter::repeat_with(|| fastrand::u8(..)).take(32));
    body.push(0);
    body.extend([0, SUITES.len() as u8]);
    body.extend(SUITES);
    body.extend([1, 0]);
    body.extend([0, EXTENSIONS.len() as u8]);
    body.extend(EXTENSIONS);
    let mut hello = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    hello.extend(body);
    hello
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    fn record(content: &[u8]) -> Vec<u8> {
        [&[22, 3, 3, 0, content.len() as u8], content].concat()
    }

    #[test]
    fn the_first_certificate_is_taken_though_messages_are_spread_over_records() {
        let hello = [2, 0, 0, 3, 9, 9, 9];
        let certificates = [11, 0, 0, 13, 0, 0, 10, 0, 0, 3, 7, 8, 9, 0, 0, 1, 5];
        let (head, tail) = certificates.split_at(9);
        let answer = [record(&hello), record(head), record(tail)].concat();
        assert_eq!(certificate_in(&answer), Ok(Some(vec![7, 8, 9])));
        for end in 0..answer.len() {
            assert_eq!(certificate_in(&answer[..end]), Ok(None), "{end}");
        }
    }

    #[test]
    fn alerts_and_broken_answers_are_refusals() {
        assert_eq!(certificate_in(&[21, 3, 3, 0, 2, 2, 40]), Err(Silence::Refused));
        assert_eq!(certificate_in(b"HTTP/1.1 400 Bad Request"), Err(Silence::OtherProtocol));
        assert_eq!(certificate_in(&record(&[11, 0, 0, 3, 0, 0, 0])), Err(Silence::Refused));
        assert_eq!(certificate_in(&record(&[14, 0, 0, 0])), Err(Silence::Refused));
    }

    #[test]
    fn a_listener_that_says_nothing_costs_a_second_and_one_that_closes_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let start = Instant::now();
        assert_eq!(shown_certificate(address), Err(Silence::TimedOut));
        assert!(start.elapsed() < DEADLINE * 3);
        let closing = thread::spawn(move || listener.accept().map(drop));
        drop(shown_certificate(address));
        closing.join().unwrap().unwrap();
    }

    #[test]
    fn one_that_hangs_up_is_told_from_one_that_is_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let closing = thread::spawn(move || listener.accept().map(drop));
        assert_eq!(shown_certificate(address), Err(Silence::HungUp));
        closing.join().unwrap().unwrap();
        assert_eq!(shown_certificate(address), Err(Silence::Absent));
    }
}
