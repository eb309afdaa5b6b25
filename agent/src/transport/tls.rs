//! TLS as the agent speaks it: 1.3 only, ring, one anchor. Also what an error at this depth means, in words.

use super::der;
use super::identity::Identity;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The configuration for reports and renewal: mutual, HTTP/2, `ca.pem` as the only anchor.
pub fn for_reports(identity: &Identity) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(identity.root.clone())?;
    let time = Arc::new(NotBefore(identity.not_before_unix_s.max(0).unsigned_abs()));
    let mut config = ClientConfig::builder_with_details(provider(), time)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = Resumption::in_memory_sessions(2);
    Ok(Arc::new(config))
}

/// The configuration for enrolment: no certificate yet, and the root is known by the hash of its key alone.
pub fn for_enrolment(pin: [u8; 32]) -> Result<Arc<ClientConfig>, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned { pin, provider: provider() }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo; `None` when it is no certificate.
pub fn key_hash(certificate: &[u8]) -> Option<[u8; 32]> {
    let spki = der::parts(certificate)?.spki;
    ::ring::digest::digest(&::ring::digest::SHA256, spki).as_ref().try_into().ok()
}

/// A machine whose clock battery is dead wakes up in 1970. It is at least the time at which our certificate was made.
#[derive(Debug)]
struct NotBefore(u64);

impl TimeProvider for NotBefore {
    fn current_time(&self) -> Option<UnixTime> {
        let now = DefaultTimeProvider.current_time().map_or(0, |now| now.as_secs());
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now.max(self.0))))
    }
}

/// Trusts the presented root whose key has the token's hash, and what that root vouches for, and nothing else.
#[derive(Debug)]
struct Pinned {
    pin: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let root = intermediates.iter().find(|certificate| key_hash(certificate) == Some(self.pin));
        let root = root.ok_or(CertificateError::ApplicationVerificationFailure)?;
        let mut roots = RootCertStore::empty();
        roots.add(root.clone().into_owned())?;
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Finds the TLS error inside an error of any layer.
pub fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Error>() {
            return Some(found);
        }
        // An I/O error hides the error that it wraps from `source()`.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|wrapped| wrapped as &(dyn StdError + 'static)).or_else(|| error.source());
    }
    None
}

/// An error and all that caused it, in words, with the TLS alert by name.
pub fn describe(error: &(dyn StdError + 'static)) -> String {
    if let Some(meaning) = cause(error).and_then(meaning) {
        return meaning.to_owned();
    }
    let (mut text, mut next) = (error.to_string(), error.source());
    while let Some(error) = next {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = error.source();
    }
    text
}

fn meaning(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::AlertReceived(AlertDescription::CertificateRevoked) => {
            "certificate revoked: the collector shuts this agent out"
        }
        Error::AlertReceived(AlertDescription::CertificateExpired) => {
            "certificate expired: beyond the time in which it may be renewed, enrol again"
        }
        Error::AlertReceived(AlertDescription::UnknownCA) => {
            "unknown CA: the collector does not know the authority of our certificate, enrol again"
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => "the collector wants a certificate and got none",
        Error::AlertReceived(
            AlertDescription::BadCertificate | AlertDescription::CertificateUnknown | AlertDescription::AccessDenied,
        ) => "the collector does not accept our certificate",
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion) => {
            "no common TLS version: something on the way does not speak TLS 1.3"
        }
        Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => {
            "the other end does not show the root that the token names: an interception proxy or the wrong collector is likely"
        }
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "the collector's certificate is not of our authority: an interception proxy or the wrong collector is likely"
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the collector's certificate is for another name: use the name that it was set up with",
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "the collector's certificate is not valid yet: is the clock of this machine right?"
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the collector's own certificate expired, or the clock of this machine is wrong"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    fn authority() -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "root");
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn leaf(issuer: &CertifiedIssuer<'static, KeyPair>) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        CertificateParams::new(vec!["collector.example".into()]).unwrap().signed_by(&key, issuer).unwrap().der().clone()
    }

    fn verify(
        pin: [u8; 32],
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &str,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = Pinned { pin, provider: provider() };
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier.verify_server_cert(leaf, others, &name, &[], UnixTime::now())
    }

    #[test]
    fn only_the_root_of_the_token_is_trusted_and_only_for_its_name() {
        let (ours, theirs) = (authority(), authority());
        let root = ours.der().clone();
        let pin = key_hash(&root).unwrap();
        let certificate = leaf(&ours);
        assert!(verify(pin, &certificate, std::slice::from_ref(&root), "collector.example").is_ok());
        assert!(verify(pin, &certificate, std::slice::from_ref(&root), "other.example").is_err());
        let mismatch = verify(pin, &leaf(&theirs), &[theirs.der().clone()], "collector.example").unwrap_err();
        assert!(describe(&mismatch).contains("interception proxy"));
        // Our root beside a stranger's certificate buys nothing.
        assert!(verify(pin, &leaf(&theirs), &[root, theirs.der().clone()], "collector.example").is_err());
    }

    #[test]
    fn alerts_are_found_below_other_errors_and_named() {
        let alert = Error::AlertReceived(AlertDescription::CertificateRevoked);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, alert));
        assert!(describe(&error).starts_with("certificate revoked"));
    }
}
