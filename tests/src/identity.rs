//! Identities for the wire-level agent: enrolled over the real door with a key of our own, or forged in the ways in
//! which a stranger could try it.

use crate::api;
use crate::house::House;
use crate::runtime;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, SanType, SerialNumber,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A key, its certificate and the root that the collector is known by.
#[derive(Clone)]
pub struct Identity {
    /// Host id, as the collector gave it.
    pub host: String,
    /// Own certificate and those above it.
    pub chain: Vec<CertificateDer<'static>>,
    /// The root.
    pub root: CertificateDer<'static>,
    /// Where reports go.
    pub grpc: String,
    /// `active` or `pending`.
    pub admission: String,
    key_der: Vec<u8>,
}

/// A refused enrolment.
#[derive(Debug)]
pub struct EnrolmentRefused {
    /// HTTP status.
    pub status: u16,
    /// The problem's `code`.
    pub code: String,
    /// The problem's `detail`.
    pub detail: String,
}

impl Identity {
    /// Enrols a host that calls itself `hostname` with a fresh token.
    pub fn enrol(house: &House, hostname: &str) -> Self {
        Self::enrol_with(house, hostname, &house.token()).expect("enrolment")
    }

    /// Enrols with a given token.
    pub fn enrol_with(house: &House, hostname: &str, token: &str) -> Result<Self, EnrolmentRefused> {
        Self::enrol_as(house, hostname, token, &json!({}))
    }

    /// Enrols a machine that says by what it can be known again.
    pub fn enrol_as(house: &House, hostname: &str, token: &str, fingerprint: &Value) -> Result<Self, EnrolmentRefused> {
        let key = KeyPair::generate().expect("a key");
        let request =
            CertificateParams::default().serialize_request(&key).and_then(|request| request.pem()).expect("a request");
        let wish = json!({
            "token": token, "csr_pem": request, "hostname": hostname, "agent_version": "0.0.0-proof",
            "fingerprint": fingerprint,
        });
        let (status, answer) = post_enroll(house, &wish);
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if status != 200 {
            return Err(EnrolmentRefused { status, code: text("code"), detail: text("detail") });
        }
        let mut chain = certificates(&text("certificate_pem"));
        chain.extend(certificates(&text("chain_pem")));
        Ok(Self {
            host: text("host_id"),
            chain,
            root: certificates(&text("ca_pem")).remove(0),
            grpc: text("grpc"),
            admission: text("admission"),
            key_der: key.serialize_der(),
        })
    }

    /// The identity in the state folder of a real agent.
    pub fn of_state(state: &Path) -> Self {
        let read =
            |name: &str| std::fs::read_to_string(state.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let enrolment: Value = serde_json::from_str(&read("identity.json")).expect("an enrolment");
        let text = |name: &str| enrolment[name].as_str().unwrap_or_default().to_owned();
        Self {
            host: text("host_id"),
            chain: certificates(&read("certificate.pem")),
            root: certificates(&read("ca.pem")).remove(0),
            grpc: text("grpc"),
            admission: "active".to_owned(),
            key_der: KeyPair::from_pem(&read("key.pem")).expect("a key").serialize_der(),
        }
    }

    /// Puts key and certificates into the state folder of a real agent that does not run.
    pub fn put_into(&self, state: &Path) {
        let key = KeyPair::try_from(self.key_der.as_slice()).expect("a key").serialize_pem();
        std::fs::write(state.join("key.pem"), key).expect("the key is written");
        std::fs::write(state.join("certificate.pem"), pem(&self.chain)).expect("the certificate is written");
    }

    /// The private key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key_der.clone()).into()
    }

    /// The same identity as an authority of a stranger would sign it.
    pub fn of_a_foreign_authority(&self) -> Self {
        let authority_key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name = common_name("Wacht intermediate");
        let authority = params.self_signed(&authority_key).expect("a certificate");
        let issuer = Issuer::new(params, &authority_key);
        self.signed_anew(&issuer, authority.der().clone(), Span::Valid, None)
    }

    /// The same identity and serial, signed by the house's own authority, over since `ago`. A house is minutes old, and so is
    /// its authority: what ended before it began fails for that reason.
    pub fn expired(&self, house: &House, ago: Duration) -> Self {
        let (issuer, intermediate) = own_authority(house);
        self.signed_anew(&issuer, intermediate, Span::Ended(ago), Some(self.serial()))
    }

    /// The same identity, valid, signed by the house's own authority, under a serial that it never gave out.
    pub fn of_another_serial(&self, house: &House) -> Self {
        let (issuer, intermediate) = own_authority(house);
        self.signed_anew(&issuer, intermediate, Span::Valid, None)
    }

    fn signed_anew<K: rcgen::SigningKey>(
        &self,
        issuer: &Issuer<'_, K>,
        above: CertificateDer<'static>,
        span: Span,
        serial: Option<Vec<u8>>,
    ) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&self.host);
        params.subject_alt_names = vec![SanType::URI(self.name().try_into().expect("a name"))];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.serial_number = serial.map(|bytes| SerialNumber::from_slice(&bytes));
        let now = SystemTime::now();
        let (from, to) = match span {
            Span::Valid => (now - DAY, now + DAY * 30),
            Span::Ended(ago) => (now - ago - DAY * 30, now - ago),
        };
        (params.not_before, params.not_after) = (from.into(), to.into());
        let certificate = params.signed_by(&key, issuer).expect("a certificate");
        Self { chain: vec![certificate.der().clone(), above], key_der: key.serialize_der(), ..self.clone() }
    }

    fn name(&self) -> String {
        use x509_parser::extensions::GeneralName;
        let (_, parsed) = x509_parser::parse_x509_certificate(&self.chain[0]).expect("a certificate");
        let names = parsed.subject_alternative_name().expect("names").expect("names");
        match names.value.general_names.as_slice() {
            [GeneralName::URI(uri)] => (*uri).to_owned(),
            other => panic!("a certificate with one name was expected: {other:?}"),
        }
    }

    fn serial(&self) -> Vec<u8> {
        let (_, parsed) = x509_parser::parse_x509_certificate(&self.chain[0]).expect("a certificate");
        parsed.raw_serial().to_vec()
    }
}

const DAY: Duration = Duration::from_hours(24);

enum Span {
    Valid,
    Ended(Duration),
}

fn own_authority(house: &House) -> (Issuer<'static, KeyPair>, CertificateDer<'static>) {
    let folder = house.data().join("authority");
    let intermediate = CertificateDer::from_pem_file(folder.join("intermediate.pem")).expect("the intermediate");
    let key = std::fs::read_to_string(folder.join("intermediate.key")).expect("its key");
    let issuer = Issuer::from_ca_cert_der(&intermediate, KeyPair::from_pem(&key).expect("a key")).expect("an issuer");
    (issuer, intermediate)
}

fn post_enroll(house: &House, wish: &Value) -> (u16, Value) {
    let url = format!("https://{}/enroll", house.addresses.enroll);
    let root = house.data().join("authority/root.pem");
    runtime().block_on(async {
        let response =
            api::client(&root).post(url).header("content-type", "application/json").body(wish.to_string()).send().await;
        let response = response.expect("the enrolment listener answers");
        let status = response.status().as_u16();
        let text = response.text().await.unwrap_or_default();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    })
}

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(|certificate| certificate.expect("PEM")).collect()
}

fn pem(certificates: &[CertificateDer<'_>]) -> String {
    use base64::Engine as _;
    let body = |certificate: &CertificateDer<'_>| {
        let text = base64::prelude::BASE64_STANDARD.encode(certificate);
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    };
    certificates.iter().map(body).collect()
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
