//! The certificate authority: a root whose key may leave the machine, an intermediate that signs agents and our own
//! listeners. It never signs a name that a request asks for; it takes the public key alone.

use crate::model::{CustomerId, HostId};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use ring::rand::{SecureRandom, SystemRandom};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Life of an agent's certificate.
pub const AGENT_DAYS: i64 = 30;
/// Life of our listeners' certificate; a new one is made at each start and each day.
const LISTENER_DAYS: i64 = 30;
const ROOT_DAYS: i64 = 3_650 * 2;
const INTERMEDIATE_DAYS: i64 = 3_650;
/// Certificates begin this long before now, for agents whose clock is a little behind.
const BACKDATE_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// Why the authority could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is missing, unreadable or there already.
    #[error("authority file {path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The request's signature or shape is wrong.
    #[error("the certificate request is not valid: {0}")]
    Request(String),
    /// Key or certificate could not be made.
    #[error("certificate could not be made: {0}")]
    Make(#[from] rcgen::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// The authority of one collector.
pub struct Authority {
    root: CertificateDer<'static>,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate that was just made.
pub struct Issued {
    /// DER of the certificate.
    pub certificate: CertificateDer<'static>,
    /// Serial, hex.
    pub serial: String,
    /// Not valid from then on.
    pub not_after: Timestamp,
}

impl Authority {
    /// Makes a root and an intermediate below `folder`; refuses when one is there.
    pub fn create(folder: &Path, now: Timestamp) -> Result<(), Error> {
        std::fs::create_dir_all(folder).map_err(|error| file_error(folder, &error))?;
        let root_key = KeyPair::generate()?;
        let mut root = ca_params("Wacht root", 1);
        span(&mut root, now, ROOT_DAYS);
        root.serial_number = Some(serial()?);
        let root_certificate = root.self_signed(&root_key)?;
        let root_issuer = Issuer::new(root, &root_key);
        let key = KeyPair::generate()?;
        let mut intermediate = ca_params("Wacht intermediate", 0);
        span(&mut intermediate, now, INTERMEDIATE_DAYS);
        intermediate.serial_number = Some(serial()?);
        let certificate = intermediate.signed_by(&key, &root_issuer)?;
        write_new(&folder.join("root.key"), &root_key.serialize_pem())?;
        write_new(&folder.join("root.pem"), &root_certificate.pem())?;
        write_new(&folder.join("intermediate.key"), &key.serialize_pem())?;
        write_new(&folder.join("intermediate.pem"), &certificate.pem())
    }

    /// Reads the authority of `folder`; the root's key is not needed.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let certificate = |name: &str| {
            let path = folder.join(name);
            CertificateDer::from_pem_file(&path).map_err(|error| Error::File { path, reason: error.to_string() })
        };
        let key_path = folder.join("intermediate.key");
        let key = std::fs::read_to_string(&key_path).map_err(|error| file_error(&key_path, &error))?;
        let intermediate = certificate("intermediate.pem")?;
        let issuer = Issuer::from_ca_cert_der(&intermediate, KeyPair::from_pem(&key)?)?;
        Ok(Self { root: certificate("root.pem")?, intermediate, issuer })
    }

    /// The root that agents pin.
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// What agents and listeners send beside their own certificate.
    pub fn intermediate(&self) -> &CertificateDer<'static> {
        &self.intermediate
    }

    /// SHA-256 of the root's public key, as enrolment tokens carry it.
    pub fn root_key_hash(&self) -> Result<[u8; 32], Error> {
        let (_, root) =
            x509_parser::parse_x509_certificate(&self.root).map_err(|error| Error::Request(error.to_string()))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, root.public_key().raw);
        digest.as_ref().try_into().map_err(|_| Error::Random)
    }

    /// Signs an agent's key into its identity. Everything else that the request says is ignored.
    pub fn sign_agent(
        &self,
        request_pem: &str,
        customer: CustomerId,
        host: HostId,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        let request = CertificateSigningRequestParams::from_pem(request_pem)
            .map_err(|error| Error::Request(error.to_string()))?;
        self.sign_key(&request.public_key, customer, host, now)
    }

    /// The same for a request in DER.
    pub fn sign_agent_der(
        &self,
        request: &[u8],
        customer: CustomerId,
        host: HostId,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        let request = CertificateSigningRequestParams::from_der(&request.into())
            .map_err(|error| Error::Request(error.to_string()))?;
        self.sign_key(&request.public_key, customer, host, now)
    }

    fn sign_key(
        &self,
        key: &impl PublicKeyData,
        customer: CustomerId,
        host: HostId,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&host.to_string());
        params.subject_alt_names = vec![SanType::URI(spiffe(customer, host).try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let not_after = span(&mut params, now, AGENT_DAYS);
        let number = serial()?;
        let hex = hex(&number.to_bytes());
        params.serial_number = Some(number);
        let certificate = params.signed_by(key, &self.issuer)?;
        Ok(Issued { certificate: certificate.der().clone(), serial: hex, not_after })
    }

    /// A certificate and key for our own listeners, with the whole chain, the root too: enrolment finds it there.
    pub fn sign_listener(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name = named("Wacht collector");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        span(&mut params, now, LISTENER_DAYS);
        params.serial_number = Some(serial()?);
        let certificate = params.signed_by(&key, &self.issuer)?;
        let chain = vec![certificate.der().clone(), self.intermediate.clone(), self.root.clone()];
        Ok((chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
    }
}

/// The identity of a host, as its certificate carries it.
pub fn spiffe(customer: CustomerId, host: HostId) -> String {
    format!("spiffe://wacht/customer/{customer}/host/{host}")
}

/// PEM text of certificates.
pub fn pem(certificates: &[CertificateDer<'_>]) -> String {
    use base64::Engine as _;
    let mut text = String::new();
    for certificate in certificates {
        let body = base64::engine::general_purpose::STANDARD.encode(certificate);
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in body.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

/// Lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ca_params(name: &str, path_length: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Sets the validity and answers its end.
fn span(params: &mut CertificateParams, now: Timestamp, days: i64) -> Timestamp {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |second: i64| epoch + std::time::Duration::from_secs(second.max(0) as u64);
    params.not_before = at(now.as_second() - BACKDATE_S);
    let end = now.as_second() + days * DAY_S;
    params.not_after = at(end);
    Timestamp::from_second(end).unwrap_or(now)
}

fn serial() -> Result<SerialNumber, Error> {
    let mut bytes = [0u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Random)?;
    // A positive number without leading zeros has one encoding, so that texts of it compare.
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| file_error(path, &error))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| file_error(path, &error))
}

fn file_error(path: &Path, error: &std::io::Error) -> Error {
    Error::File { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_gets_our_name_and_nothing_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Authority::create(folder.path(), now).unwrap();
        assert!(
            matches!(Authority::create(folder.path(), now), Err(Error::File { .. })),
            "a second init must not overwrite keys"
        );
        let authority = Authority::open(folder.path()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut wish = CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
        wish.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let request = wish.serialize_request(&key).unwrap().pem().unwrap();
        let (customer, host) = (CustomerId::new(), HostId::new());
        let issued = authority.sign_agent(&request, customer, host, now).unwrap();
        let (_, parsed) = x509_parser::parse_x509_certificate(&issued.certificate).unwrap();
        assert!(!parsed.is_ca());
        let names = &parsed.subject_alternative_name().unwrap().unwrap().value.general_names;
        assert_eq!(names.len(), 1);
        assert!(format!("{:?}", names[0]).contains(&spiffe(customer, host)));
        assert_eq!(hex(parsed.raw_serial()), issued.serial);
    }

    #[test]
    fn a_tampered_request_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Authority::create(folder.path(), now).unwrap();
        let authority = Authority::open(folder.path()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut der = CertificateParams::default().serialize_request(&key).unwrap().der().to_vec();
        let last = der.len() - 10;
        der[last] ^= 1;
        assert!(matches!(
            authority.sign_agent_der(&der, CustomerId::new(), HostId::new(), now),
            Err(Error::Request(_))
        ));
        assert!(authority.sign_agent("not a request", CustomerId::new(), HostId::new(), now).is_err());
    }
}
