//! One X.509 certificate, or a file of them, as rows of the inventory. Signatures are not checked and keys are not kept.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::net::{Ipv4Addr, Ipv6Addr};
use wacht_proto::v1::Certificate;

use super::der::{BOOLEAN, Der, INTEGER, OBJECT, OCTETS, SEQUENCE, name, text, time};
use crate::inventory::notes::Notes;

const NAMES_MAX: usize = 64;
const VERSION: u8 = 0xa0;
const NAME_EXTENSION: [u8; 3] = [0x55, 0x1d, 0x11];
const BASIC_EXTENSION: [u8; 3] = [0x55, 0x1d, 0x13];

/// The encoded certificates of a file in PEM or DER, at most `most`. Other blocks, such as keys, are passed over unread.
pub fn encoded(bytes: &[u8], most: usize) -> Vec<Vec<u8>> {
    // The length of a certificate takes more than one byte, which tells it from a text that begins with a zero.
    if matches!(bytes, [SEQUENCE, 0x81..=0x84, ..]) {
        return vec![bytes.to_vec()];
    }
    // Only the base64 text of the blocks matters, so other characters need not be sound.
    let text = String::from_utf8_lossy(bytes);
    let blocks = text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let is_certificate = matches!(label, "CERTIFICATE" | "X509 CERTIFICATE");
        is_certificate.then(|| rest.split("-----END").next()).flatten()
    });
    blocks.filter_map(base64).take(most).collect()
}

fn base64(block: &str) -> Option<Vec<u8>> {
    // Some tools leave bits over at the end, or the padding out.
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text: Vec<u8> = block.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&STANDARD, lenient).decode(text).ok()
}

/// A row without its store; `None` where the bytes are no certificate.
pub fn certificate(encoded: &[u8], notes: &mut Notes) -> Option<Certificate> {
    let mut outer = Der(encoded);
    let whole = outer.element(SEQUENCE)?;
    let encoded = &encoded[..encoded.len() - outer.0.len()];
    let mut fields = Der(Der(whole).element(SEQUENCE)?);
    fields.element(VERSION);
    let serial = fields.element(INTEGER)?;
    let _algorithm = fields.element(SEQUENCE)?;
    let issuer = fields.element(SEQUENCE)?;
    let mut validity = Der(fields.element(SEQUENCE)?);
    let (from, until) = (validity.next()?, validity.next()?);
    let subject = fields.element(SEQUENCE)?;
    let extensions = extensions(fields);
    let names =
        extension(extensions, NAME_EXTENSION).and_then(|value| Der(value).element(SEQUENCE)).unwrap_or_default();
    let basic =
        extension(extensions, BASIC_EXTENSION).and_then(|value| Der(value).element(SEQUENCE)).unwrap_or_default();
    Some(Certificate {
        fingerprint: hex(ring::digest::digest(&ring::digest::SHA256, encoded).as_ref()),
        subject: notes.text("subject", &name(subject)),
        issuer: notes.text("issuer", &name(issuer)),
        names: alternative_names(names, notes),
        not_before: time(from.0, from.1)?,
        not_after: time(until.0, until.1)?,
        serial: notes.text("serial", &hex(serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial))),
        is_authority: Der(basic).element(BOOLEAN).is_some_and(|value| value != [0]),
        ..Default::default()
    })
}

/// The extensions stand last, behind the key and two ids that hardly anyone uses.
fn extensions(mut fields: Der<'_>) -> &[u8] {
    const EXTENSIONS: u8 = 0xa3;
    let tagged = fields.find(|(tag, _)| *tag == EXTENSIONS).map(|(_, content)| content);
    tagged.and_then(|content| Der(content).element(SEQUENCE)).unwrap_or_default()
}

/// The value of one extension: its object, perhaps a mark that it is critical, its octets.
fn extension(extensions: &[u8], object: [u8; 3]) -> Option<&[u8]> {
    Der(extensions).find_map(|(_, content)| {
        let mut parts = Der(content);
        let is_wanted = parts.element(OBJECT)? == object;
        parts.element(BOOLEAN);
        parts.element(OCTETS).filter(|_| is_wanted)
    })
}

fn alternative_names(content: &[u8], notes: &mut Notes) -> Vec<String> {
    const MAIL: u8 = 0x81;
    const DNS: u8 = 0x82;
    const URI: u8 = 0x86;
    const ADDRESS: u8 = 0x87;
    let shown = |(tag, value): (u8, &[u8])| match tag {
        MAIL | DNS | URI => Some(text(tag, value)),
        ADDRESS if value.len() == 4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(value).ok()?).to_string()),
        ADDRESS => Some(Ipv6Addr::from(<[u8; 16]>::try_from(value).ok()?).to_string()),
        _ => None,
    };
    let mut names: Vec<String> =
        Der(content).filter_map(shown).take(NAMES_MAX + 1).map(|name| notes.text("names", &name)).collect();
    notes.bound_texts("names", &mut names, NAMES_MAX);
    names
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (Vec<u8>, String) {
        let mut wanted =
            rcgen::CertificateParams::new(vec!["www.example.net".to_owned(), "192.0.2.7".to_owned()]).unwrap();
        wanted.distinguished_name = rcgen::DistinguishedName::new();
        wanted.distinguished_name.push(rcgen::DnType::OrganizationName, "Example, Ltd.");
        wanted.distinguished_name.push(rcgen::DnType::CommonName, "www.example.net");
        wanted.not_before = rcgen::date_time_ymd(2026, 1, 2);
        wanted.not_after = rcgen::date_time_ymd(2060, 3, 4);
        wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        wanted.serial_number = Some(rcgen::SerialNumber::from(vec![0xf0, 0x01]));
        let made = wanted.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        (made.der().to_vec(), made.pem())
    }

    #[test]
    fn a_certificate_becomes_a_row() {
        let (der, _) = made();
        let row = certificate(&der, &mut Notes::default()).unwrap();
        assert_eq!((row.subject.as_str(), row.issuer == row.subject), ("O=Example, Ltd., CN=www.example.net", true));
        assert_eq!((row.not_before.as_str(), row.not_after.as_str()), ("2026-01-02T00:00:00Z", "2060-03-04T00:00:00Z"));
        assert_eq!(row.names, ["www.example.net", "192.0.2.7"]);
        assert_eq!((row.serial.as_str(), row.is_authority, row.fingerprint.len()), ("f001", true, 64));
    }

    #[test]
    fn blocks_of_other_kinds_and_text_between_them_are_passed_over() {
        let (der, pem) = made();
        let file = format!(
            "Certificate:\n  Data: \u{e9}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{pem}
-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n{}-----BEGIN CERTIFICATE-----\nMIIB",
            pem.replace('\n', "\r\n")
        );
        let found = encoded(file.as_bytes(), 10);
        assert_eq!(found.iter().filter(|bytes| **bytes == der).count(), 2);
        assert_eq!(encoded(file.as_bytes(), 1).len(), 1);
        assert_eq!(encoded(&der, 10), [der]);
    }

    #[test]
    fn a_certificate_cut_or_changed_anywhere_never_panics() {
        let (der, _) = made();
        for at in 0..der.len() {
            certificate(&der[..at], &mut Notes::default());
            let mut changed = der.clone();
            changed[at] ^= 0xff;
            certificate(&changed, &mut Notes::default());
        }
    }
}
