//! Renewal: a new key each time, its certificate from the collector over the present identity, both stored durably
//! before they are used.

use super::der;
use super::identity::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use std::time::Duration;
use tonic::Status;
use tonic::transport::Channel;
use wacht_proto::v1::RenewRequest;
use wacht_proto::v1::identity_client::IdentityClient;
use zeroize::Zeroizing;

const ANSWER_BYTES_MAX: usize = 64 * 1024;
const CERTIFICATE_BYTES_MAX: usize = 4 * 1024;
const CHAIN_MAX: usize = 4;
const EXCHANGE_MAX: Duration = Duration::from_secs(20);

/// Asks for a new certificate and stores it as the next pair.
pub async fn renew(channel: Channel, state: &State) -> Result<(), Status> {
    let internal = |error: &dyn std::fmt::Display| Status::internal(error.to_string());
    let key = rcgen::KeyPair::generate().map_err(|error| internal(&error))?;
    let request = rcgen::CertificateParams::default().serialize_request(&key).map_err(|error| internal(&error))?;
    let mut client = IdentityClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
    let asked = client.renew(RenewRequest { csr_der: request.der().to_vec() });
    let late = |_| Status::deadline_exceeded("no answer to the renewal within 20 s");
    let reply = tokio::time::timeout(EXCHANGE_MAX, asked).await.map_err(late)??.into_inner();
    let fits = |der: &Vec<u8>| der.len() <= CERTIFICATE_BYTES_MAX && der::parts(der).is_some();
    let sane = fits(&reply.certificate_der) && reply.chain_der.len() <= CHAIN_MAX && reply.chain_der.iter().all(fits);
    if !sane || !certifies(&reply.certificate_der, &key) {
        return Err(Status::internal("the renewed certificate is not one for our key"));
    }
    let mut text = String::new();
    std::iter::once(&reply.certificate_der).chain(&reply.chain_der).for_each(|der| put_pem(&mut text, der));
    state.store_next(&Zeroizing::new(key.serialize_pem()), &text).map_err(|error| internal(&error))
}

fn certifies(certificate: &[u8], key: &rcgen::KeyPair) -> bool {
    let spki = rcgen::PublicKeyData::subject_public_key_info(key);
    der::parts(certificate).is_some_and(|parts| parts.spki == spki)
}

fn put_pem(text: &mut String, der: &[u8]) {
    text.push_str("-----BEGIN CERTIFICATE-----\n");
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        let _ = writeln!(text, "{}", String::from_utf8_lossy(line));
    }
    text.push_str("-----END CERTIFICATE-----\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    #[test]
    fn the_text_form_of_a_certificate_reads_back_and_belongs_to_its_key() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let mut text = String::new();
        put_pem(&mut text, certificate.der());
        assert_eq!(&CertificateDer::from_pem_slice(text.as_bytes()).unwrap(), certificate.der());
        assert!(certifies(certificate.der(), &key));
        assert!(!certifies(certificate.der(), &rcgen::KeyPair::generate().unwrap()));
    }
}
