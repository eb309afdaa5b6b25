//! The certificates of this machine: in files that an administrator or a server keeps, and as its own listeners show
//! them. Public authorities of the distribution, private keys and other machines' listeners are not looked at.

mod der;
mod handshake;
mod setting;
mod store;
mod x509;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::thread;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Certificate, CertificateSection, NoteReason, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;
use super::socket_owner::owners;
use super::socket_table::{Socket, listening};
use handshake::{Silence, shown_certificate};
use x509::{certificate, encoded};

const CERTIFICATES_MAX: usize = 2_000;
const LISTENERS_MAX: usize = 16;
const ASKED_AT_ONCE: usize = 4;
/// Ports on which TLS is spoken from the first byte (of remote desktop: from the second message).
const TLS_PORTS: [u16; 11] = [443, 465, 636, 853, 990, 993, 995, 3389, 5986, 8443, 9443];

/// The section of the certificates.
pub struct Certificates;

impl Section for Certificates {
    fn kind(&self) -> SectionKind {
        SectionKind::Certificate
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut certificates = store::in_files(root, &mut notes);
        if root.is_real() {
            certificates.extend(on_listeners(root, &mut notes));
        }
        section(certificates, notes)
    }
}

/// What a file of certificates alone says.
pub fn of_file(bytes: &[u8]) -> Result<SectionBody, String> {
    let mut notes = Notes::default();
    let rows: Vec<Certificate> =
        encoded(bytes, CERTIFICATES_MAX).iter().filter_map(|bytes| certificate(bytes, &mut notes)).collect();
    if rows.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(section(rows, notes)) }
}

fn section(mut certificates: Vec<Certificate>, mut notes: Notes) -> SectionBody {
    certificates.sort_by(|a, b| (&a.store, &a.fingerprint).cmp(&(&b.store, &b.fingerprint)));
    certificates.dedup_by(|a, b| (&a.store, &a.fingerprint) == (&b.store, &b.fingerprint));
    notes.bound("certificates", &mut certificates, CERTIFICATES_MAX);
    notes.into_body(Kind::Certificate(CertificateSection { certificates }))
}

fn on_listeners(root: &Root, notes: &mut Notes) -> Vec<Certificate> {
    let sockets = listening(root, notes);
    let listeners = tls_listeners(&sockets);
    if listeners.is_empty() {
        return Vec::new();
    }
    let processes = owners(root, &sockets, notes);
    let answers = answers(&listeners.keys().copied().collect::<Vec<_>>());
    let mut rows = Vec::new();
    for ((at, inode), answer) in listeners.iter().zip(answers) {
        let encoded = answer.map_err(|silence| note_silence(*at, &silence, notes)).ok();
        rows.extend(encoded.and_then(|encoded| certificate(&encoded, notes)).map(|row| Certificate {
            store: format!("listener {at}"),
            used_by: notes.text("used by", processes.get(inode).map_or("", String::as_str)),
            ..row
        }));
    }
    rows
}

/// Some listeners are asked at once, so that silent ones cost a few seconds together.
fn answers(listeners: &[SocketAddr]) -> Vec<Result<Vec<u8>, Silence>> {
    let asked = listeners.chunks(ASKED_AT_ONCE).flat_map(|batch| {
        thread::scope(|scope| {
            let ask = |at: SocketAddr| thread::Builder::new().spawn_scoped(scope, move || ask(at));
            let asked: Vec<_> = batch.iter().map(|at| ask(*at)).collect();
            // Where no thread can be made, the certificate is not gone either.
            let answer = |thread: io::Result<thread::ScopedJoinHandle<'_, _>>| thread.ok()?.join().ok();
            asked.into_iter().map(|thread| answer(thread).unwrap_or(Err(Silence::HungUp))).collect::<Vec<_>>()
        })
    });
    asked.collect()
}

/// A listener that may have a certificate all the same leaves the section in doubt; one that never shows it does not.
fn note_silence(listener: SocketAddr, silence: &Silence, notes: &mut Notes) {
    let subject = format!("listener {listener}");
    match silence {
        Silence::Absent | Silence::OtherProtocol => {}
        Silence::Refused => notes.mention(&subject, NoteReason::Failed),
        Silence::HungUp => notes.add(&subject, NoteReason::Failed),
        Silence::TimedOut => notes.add(&subject, NoteReason::TimedOut),
    }
}

/// A busy server gets a second chance, lest its certificate seem to be gone.
fn ask(listener: SocketAddr) -> Result<Vec<u8>, Silence> {
    match shown_certificate(listener) {
        Err(Silence::TimedOut | Silence::HungUp) => shown_certificate(listener),
        answer => answer,
    }
}

/// The listeners to ask, by loopback alone, with the inodes of their sockets. A port that listens on both kinds of
/// address is asked once.
fn tls_listeners(sockets: &BTreeSet<Socket>) -> BTreeMap<SocketAddr, u64> {
    let mut ports: BTreeMap<u16, (IpAddr, u64)> = BTreeMap::new();
    // IPv4 sorts first and stays.
    for socket in sockets.iter().filter(|socket| socket.protocol == "tcp" && TLS_PORTS.contains(&socket.port)) {
        let at = match socket.address {
            IpAddr::V4(address) if address.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(address) if address.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
            own => own,
        };
        if at.is_loopback() {
            ports.entry(socket.port).or_insert((at, socket.inode));
        }
    }
    let listeners = ports.into_iter().map(|(port, (at, inode))| (SocketAddr::new(at, port), inode));
    listeners.take(LISTENERS_MAX).collect()
}

#[cfg(test)]
mod tests;
