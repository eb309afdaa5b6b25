//! The stores of a made-up machine, and listeners that are asked or left alone.

use super::*;
use std::fs;
use std::path::Path;

fn pem(name: &str) -> String {
    let mut wanted = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    wanted.distinguished_name = rcgen::DistinguishedName::new();
    wanted.distinguished_name.push(rcgen::DnType::CommonName, name);
    wanted.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn rows(root: &Path) -> Vec<(String, String, String)> {
    let body = Certificates.read(&Root::at(root));
    assert!(body.notes.is_empty(), "{:?}", body.notes);
    let Some(Kind::Certificate(section)) = body.kind else { panic!("not a certificate section") };
    section.certificates.into_iter().map(|row| (row.store, row.subject, row.used_by)).collect()
}

#[test]
fn own_certificates_are_listed_and_public_authorities_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let many: String = (0..12).map(|n| pem(&format!("public {n}"))).collect();
    put(root, "etc/ssl/certs/ca-certificates.crt", &many);
    put(root, "etc/ssl/certs/Public_Root.pem", &pem("copied root"));
    put(root, "usr/share/ca-certificates/mozilla/Public_Root.crt", &pem("root"));
    put(root, "etc/ssl/certs/0a1b2c3d.0", &pem("hash"));
    put(root, "etc/ssl/certs/own.pem", &pem("own"));
    put(root, "etc/ssl/private/own.key", &pem("never read"));
    put(root, "usr/local/share/ca-certificates/firm.crt", &pem("firm"));
    let row = |store: &str, name: &str| (store.to_owned(), format!("CN={name}"), String::new());
    assert_eq!(
        rows(root),
        [row("/etc/ssl/certs/own.pem", "own"), row("/usr/local/share/ca-certificates/firm.crt", "firm")]
    );
}

#[test]
fn a_certificate_says_which_servers_are_set_up_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (leaf, chain) = (pem("www"), pem("chain"));
    put(root, "etc/letsencrypt/live/www/cert.pem", &leaf);
    put(root, "etc/letsencrypt/live/www/fullchain.pem", &(leaf.clone() + &chain));
    put(root, "etc/letsencrypt/live/mail/cert.pem", &pem("mail"));
    put(root, "etc/nginx/sites-enabled/www", "ssl_certificate /etc/letsencrypt/live/www/fullchain.pem;\n");
    put(root, "etc/postfix/main.cf", "smtpd_tls_cert_file = /etc/letsencrypt/live/www/fullchain.pem\n");
    put(root, "etc/dovecot/conf.d/10-ssl.conf", "ssl_cert = </etc/ssl/private/mail.pem\n");
    put(root, "etc/ssl/private/mail.pem", &pem("never read"));
    put(root, "etc/haproxy/haproxy.cfg", "bind :443 ssl crt /etc/haproxy/certs\n");
    put(
        root,
        "etc/haproxy/certs/shop.pem",
        &format!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{}", pem("shop")),
    );
    put(root, "etc/haproxy/certs/shop.key", "key");
    let row = |store: &str, name: &str, users: &str| (store.to_owned(), format!("CN={name}"), users.to_owned());
    let expected = [
        row("/etc/haproxy/certs/shop.pem", "shop", "haproxy"),
        row("/etc/letsencrypt/live/mail/cert.pem", "mail", ""),
        row("/etc/letsencrypt/live/www/fullchain.pem", "www", "nginx, postfix"),
    ];
    assert_eq!(rows(root), expected);
}

#[test]
fn a_certificate_on_another_machine_is_a_note_and_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "far/www.pem", &pem("www"));
    put(root, "etc/nginx/sites-enabled/www", "ssl_certificate /far/www.pem;\n");
    assert_eq!(rows(root).len(), 1);
    put(root, "proc/self/mountinfo", "32 27 0:50 / /far rw - nfs4 nas:/export rw\n");
    let body = Certificates.read(&Root::at(root));
    assert_eq!((body.notes[0].subject.as_str(), body.partial), ("/far/www.pem (network)", true));
}

#[test]
fn a_broken_certificate_is_a_note_and_a_file_without_one_an_error() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "etc/ssl/certs/own.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let body = Certificates.read(&Root::at(folder.path()));
    assert_eq!(
        (body.notes[0].subject.as_str(), body.notes[0].reason()),
        ("etc/ssl/certs/own.pem", NoteReason::Malformed)
    );
    assert!(of_file(b"text").is_err());
    assert!(of_file(pem("own").as_bytes()).is_ok());
}

#[test]
fn only_tls_ports_of_this_machine_are_asked_and_each_once() {
    let socket =
        |address: &str, port, inode| Socket { protocol: "tcp", address: address.parse().unwrap(), port, uid: 0, inode };
    let sockets = BTreeSet::from([
        socket("::", 443, 2),
        socket("0.0.0.0", 443, 1),
        socket("::", 8_443, 3),
        socket("192.0.2.7", 636, 4),
        socket("0.0.0.0", 22, 5),
    ]);
    let shown: Vec<_> = tls_listeners(&sockets).into_iter().map(|(at, inode)| (at.to_string(), inode)).collect();
    assert_eq!(shown, [("127.0.0.1:443".to_owned(), 1), ("[::1]:8443".to_owned(), 3)]);
}

#[test]
fn a_listener_that_hangs_up_leaves_the_section_in_doubt_and_one_without_tls_does_not() {
    let at: SocketAddr = "127.0.0.1:443".parse().unwrap();
    let noted = |silence: Silence| {
        let mut notes = Notes::default();
        note_silence(at, &silence, &mut notes);
        let body = section(Vec::new(), notes);
        (body.partial, body.notes.into_iter().map(|note| (note.subject.clone(), note.reason())).collect::<Vec<_>>())
    };
    let note = |reason| vec![("listener 127.0.0.1:443".to_owned(), reason)];
    assert_eq!(noted(Silence::HungUp), (true, note(NoteReason::Failed)));
    assert_eq!(noted(Silence::TimedOut), (true, note(NoteReason::TimedOut)));
    assert_eq!(noted(Silence::Refused), (false, note(NoteReason::Failed)));
    assert_eq!((noted(Silence::Absent), noted(Silence::OtherProtocol)), ((false, vec![]), (false, vec![])));
}

#[test]
fn more_listeners_than_are_asked_at_once_are_answered_in_their_order() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (busy, gone) = (listener.local_addr().unwrap(), "127.0.0.1:1".parse().unwrap());
    // Each gets a second chance.
    let closing = thread::spawn(move || (0..2).for_each(|_| drop(listener.accept())));
    let answers = answers(&[gone, gone, gone, gone, busy, gone]);
    closing.join().unwrap();
    let expected =
        [Silence::Absent, Silence::Absent, Silence::Absent, Silence::Absent, Silence::HungUp, Silence::Absent];
    assert_eq!(answers, expected.map(Err));
}
