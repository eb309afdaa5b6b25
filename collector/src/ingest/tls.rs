//! TLS of our listeners: 1.3 only, our own authority, client certificates for agents. Revocation is decided in the
//! handshake; an expired certificate passes it, since renewal must be able to see it, and is refused for reports.

use super::authority::Authority;
use super::identity::{RENEWAL_GRACE_S, Registry, peer};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};
use std::sync::Arc;
use std::time::Duration;

/// For agents: mutual TLS, HTTP/2.
pub fn server_config_for_agents(
    authority: &Authority,
    names: &[String],
    registry: Arc<Registry>,
) -> anyhow::Result<Arc<ServerConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.root().clone())?;
    let inner = WebPkiClientVerifier::builder(Arc::new(roots)).build()?;
    let (chain, key) = authority.sign_listener(names, jiff::Timestamp::now())?;
    let mut config = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
        .with_client_cert_verifier(Arc::new(AgentVerifier { inner, registry }))
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

/// For enrolment and the console: no client certificate.
pub fn server_config_for_people(
    authority: &Authority,
    names: &[String],
    protocols: &[&[u8]],
) -> anyhow::Result<Arc<ServerConfig>> {
    let (chain, key) = authority.sign_listener(names, jiff::Timestamp::now())?;
    let mut config = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}

struct AgentVerifier {
    inner: Arc<dyn ClientCertVerifier>,
    registry: Arc<Registry>,
}

impl std::fmt::Debug for AgentVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AgentVerifier")
    }
}

impl ClientCertVerifier for AgentVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // A client of another authority should still present its certificate, so that the refusal can name it.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let peer = peer(end_entity).ok_or(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let end = peer.not_after.as_second();
        let late_s = now.as_secs() as i64 - end;
        // Within the grace it is judged as of its last valid second; what it may then do is the registry's matter.
        let judged_at = if (0..=RENEWAL_GRACE_S).contains(&late_s) {
            UnixTime::since_unix_epoch(Duration::from_secs((end - 1).max(0) as u64))
        } else {
            now
        };
        let verified = self.inner.verify_client_cert(end_entity, intermediates, judged_at)?;
        if self.registry.is_revoked(&peer) {
            return Err(rustls::Error::InvalidCertificate(CertificateError::Revoked));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
