//! The state folder: who this agent is, by key and certificate, and the generation that was last traded. A renewed
//! pair stands beside the old one (`next-…`) until a stream with it was welcomed.

mod wipe;

use super::der;
use crate::platform::private;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a state folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be made or read.
    #[error("state folder {path}: {error}")]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Others could plant a key.
    #[error("state folder {0} can be written by others; run `chmod 0700` on it and look who changed it")]
    Open(PathBuf),
    /// There is no identity yet.
    #[error("this agent is not enrolled: no {0}; run `wacht-agent enroll`")]
    NotEnrolled(PathBuf),
    /// A file of it is not what it should be.
    #[error("{path} is not readable as {what}; enrol again with `wacht-agent enroll --force`")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// Another agent works in it: two would give the same numbers to different reports.
    #[error("another agent runs with {0}; stop it first, or give this one a folder of its own")]
    Held(PathBuf),
}

/// What enrolment settled for good.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Enrolment {
    /// The collector's id of this host; for people, never for authentication.
    pub host_id: String,
    /// Where reports go, `host:port`.
    pub grpc: String,
    /// The name that the collector's certificate must carry.
    pub server_name: String,
    /// When, by this machine's clock.
    pub enrolled_unix_s: i64,
}

/// A usable identity.
pub struct Identity {
    /// What enrolment settled.
    pub enrolment: Enrolment,
    /// Own certificate, then those above it.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// The only anchor.
    pub root: CertificateDer<'static>,
    /// It is the renewed pair, not yet welcomed.
    pub is_next: bool,
    /// Begin of the certificate's validity, Unix seconds.
    pub not_before_unix_s: i64,
    /// Its end.
    pub not_after_unix_s: i64,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct State {
    path: PathBuf,
}

impl State {
    /// Opens the folder, or makes it when `create` is set.
    pub fn open(path: &Path, create: bool) -> Result<State, StateError> {
        let failed = |error| StateError::Io { path: path.to_owned(), error };
        if create {
            private::create_folder(path).map_err(failed)?;
        }
        if private::others_can_write(path).map_err(failed)? {
            return Err(StateError::Open(path.to_owned()));
        }
        Ok(State { path: path.to_owned() })
    }

    /// Locks the folder for this process alone until the file is dropped; `None` where no lock can be made, since a full
    /// disk must not keep an agent from starting.
    pub fn lock(&self) -> Result<Option<fs::File>, StateError> {
        let path = self.file("lock");
        let file = match fs::OpenOptions::new().create(true).append(true).open(&path) {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "cannot lock the state folder");
                return Ok(None);
            }
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Err(StateError::Held(self.path.clone())),
            Err(fs::TryLockError::Error(error)) => Err(StateError::Io { path, error }),
        }
    }

    /// A path inside.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes the first identity; what stood there before goes. Reports that were not sent stay with the host that they
    /// are of: under another one they would be a stranger's.
    pub fn enrol(&self, enrolment: &Enrolment, key: &str, certificates: &str, root: &str) -> io::Result<()> {
        if !self.enrolment().is_ok_and(|before| before.host_id == enrolment.host_id) {
            self.wipe_spool()?;
        }
        for name in ["next-key.pem", "next-certificate.pem", "generation", "sections.json"] {
            remove(&self.file(name))?;
        }
        private::replace(&self.file("key.pem"), key.as_bytes())?;
        private::replace(&self.file("certificate.pem"), certificates.as_bytes())?;
        private::replace(&self.file("ca.pem"), root.as_bytes())?;
        // Last: an agent is enrolled when this file stands.
        private::replace(&self.file("identity.json"), &serde_json::to_vec_pretty(enrolment).map_err(io::Error::other)?)
    }

    /// Is there an identity?
    pub fn is_enrolled(&self) -> bool {
        self.file("identity.json").exists()
    }

    /// What enrolment settled.
    pub fn enrolment(&self) -> Result<Enrolment, StateError> {
        let path = self.file("identity.json");
        let text = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StateError::NotEnrolled(path.clone()),
            _ => StateError::Io { path: path.clone(), error },
        })?;
        serde_json::from_slice(&text).map_err(|_| StateError::Malformed { path, what: "an enrolment" })
    }

    /// The identity to use now: the renewed pair where there is one, else the present.
    pub fn identity(&self) -> Result<Identity, StateError> {
        let enrolment = self.enrolment()?;
        if self.file("next-certificate.pem").exists()
            && let Ok(next) = self.pair(&enrolment, true)
        {
            return Ok(next);
        }
        self.pair(&enrolment, false)
    }

    /// Stores a renewed pair, durably, before it is used.
    pub fn store_next(&self, key: &str, certificates: &str) -> io::Result<()> {
        remove(&self.file("next-certificate.pem"))?;
        private::replace(&self.file("next-key.pem"), key.as_bytes())?;
        private::replace(&self.file("next-certificate.pem"), certificates.as_bytes())
    }

    /// The renewed pair was welcomed: it takes the old one's place.
    pub fn promote_next(&self) -> io::Result<()> {
        // The certificate moves last: while `next-certificate.pem` stands, a missing `next-key.pem` means `key.pem`.
        if self.file("next-key.pem").exists() {
            fs::rename(self.file("next-key.pem"), self.file("key.pem"))?;
        }
        fs::rename(self.file("next-certificate.pem"), self.file("certificate.pem"))?;
        private::sync_folder(&self.path)
    }

    /// The renewed pair does not work: the old one stays.
    pub fn discard_next(&self) -> io::Result<()> {
        if self.file("next-key.pem").exists() {
            remove(&self.file("next-certificate.pem"))?;
            remove(&self.file("next-key.pem"))?;
        }
        Ok(())
    }

    /// The generation that was last stored; `None` before the first stream.
    pub fn generation(&self) -> Option<u128> {
        let text = fs::read_to_string(self.file("generation")).ok()?;
        u128::from_str_radix(text.trim(), 16).ok()
    }

    /// Stores the generation durably.
    pub fn store_generation(&self, generation: u128) -> io::Result<()> {
        private::replace(&self.file("generation"), format!("{generation:032x}\n").as_bytes())
    }

    fn pair(&self, enrolment: &Enrolment, next: bool) -> Result<Identity, StateError> {
        let of = |name: &str| self.file(&if next { format!("next-{name}") } else { name.to_owned() });
        let key_path = if next && !of("key.pem").exists() { self.file("key.pem") } else { of("key.pem") };
        let chain_path = of("certificate.pem");
        let malformed = |path: &Path, what| StateError::Malformed { path: path.to_owned(), what };
        let key = PrivateKeyDer::from_pem_file(&key_path).map_err(|_| malformed(&key_path, "a private key"))?;
        let chain = certificates(&chain_path).ok_or_else(|| malformed(&chain_path, "a certificate"))?;
        let root_path = self.file("ca.pem");
        let root = certificates(&root_path).and_then(|mut roots| roots.pop());
        let root = root.ok_or_else(|| malformed(&root_path, "a certificate"))?;
        let parts = chain.first().and_then(|leaf| der::parts(leaf));
        let parts = parts.ok_or_else(|| malformed(&chain_path, "a certificate"))?;
        let (not_before_unix_s, not_after_unix_s) = (parts.not_before_unix_s, parts.not_after_unix_s);
        Ok(Identity {
            enrolment: enrolment.clone(),
            key,
            root,
            is_next: next,
            not_before_unix_s,
            not_after_unix_s,
            chain,
        })
    }
}

impl Identity {
    /// When it is to be renewed, Unix seconds: at 50 to 70 % of its life, a share that the certificate's bytes choose,
    /// so that a fleet that was enrolled together does not renew together.
    pub fn renew_at_unix_s(&self) -> i64 {
        let life = self.not_after_unix_s.saturating_sub(self.not_before_unix_s).max(0);
        let leaf = self.chain.first().map_or(&[][..], |leaf| leaf.as_ref());
        let share = 5_000 + (wacht_proto::block::content_digest(leaf) % 2_001) as i64;
        self.not_before_unix_s.saturating_add(life / 10_000 * share + life % 10_000 * share / 10_000)
    }
}

fn certificates(path: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).ok()?.collect();
    found.ok().filter(|found| !found.is_empty())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["a".into()]).unwrap().self_signed(&key).unwrap();
        (key.serialize_pem(), certificate.pem())
    }

    fn enrolled() -> (tempfile::TempDir, State) {
        let folder = tempfile::TempDir::new().unwrap();
        let state = State::open(&folder.path().join("state"), true).unwrap();
        let grpc = "127.0.0.1:7443".to_owned();
        let enrolment = Enrolment { host_id: "h".into(), grpc, server_name: "127.0.0.1".into(), enrolled_unix_s: 5 };
        let (key, certificate) = pair();
        state.enrol(&enrolment, &key, &certificate, &certificate).unwrap();
        (folder, state)
    }

    #[test]
    fn a_folder_is_locked_by_one_at_a_time() {
        let (_folder, state) = enrolled();
        let first = state.lock().unwrap();
        assert!(matches!(state.lock(), Err(StateError::Held(_))));
        drop(first);
        assert!(state.lock().is_ok());
    }

    #[test]
    fn a_renewed_pair_is_used_first_and_kept_apart_until_it_is_welcomed() {
        let (_folder, state) = enrolled();
        let old = state.identity().unwrap();
        let (key, certificate) = pair();
        state.store_next(&key, &certificate).unwrap();
        let next = state.identity().unwrap();
        assert!(next.is_next && !old.is_next && next.chain != old.chain);
        // A crash between the two renames of a promotion.
        fs::rename(state.file("next-key.pem"), state.file("key.pem")).unwrap();
        assert_eq!(state.identity().unwrap().chain, next.chain);
        state.promote_next().unwrap();
        let present = state.identity().unwrap();
        assert!(!present.is_next && present.chain == next.chain && present.key == next.key);
    }

    #[test]
    fn a_renewed_pair_that_does_not_work_is_forgotten() {
        let (_folder, state) = enrolled();
        let (key, certificate) = pair();
        state.store_next(&key, &certificate).unwrap();
        state.discard_next().unwrap();
        assert!(!state.identity().unwrap().is_next);
    }

    #[test]
    fn renewal_falls_between_half_and_seven_tenths_of_the_life() {
        let (_folder, state) = enrolled();
        let mut identity = state.identity().unwrap();
        (identity.not_before_unix_s, identity.not_after_unix_s) = (1_000_000, 1_000_000 + 30 * 86_400);
        let day = (identity.renew_at_unix_s() - 1_000_000) as f64 / 86_400.0;
        assert!((15.0..=21.0).contains(&day));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_write_is_refused_and_keys_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, state) = enrolled();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(state.file("")), mode(state.file("key.pem"))), (0o700, 0o600));
        let path = folder.path().join("state");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(State::open(&path, true), Err(StateError::Open(_))));
    }

    #[test]
    fn unsent_reports_stay_with_the_host_that_they_are_of() {
        let (_folder, state) = enrolled();
        let spool = state.file("spool");
        fs::create_dir(&spool).unwrap();
        let before = state.enrolment().unwrap();
        let (key, certificate) = pair();
        state.enrol(&before, &key, &certificate, &certificate).unwrap();
        assert!(spool.exists(), "the same host with a new key");
        let other = Enrolment { host_id: "another".into(), ..before };
        state.enrol(&other, &key, &certificate, &certificate).unwrap();
        assert!(!spool.exists(), "another host");
    }

    #[test]
    fn the_generation_comes_back() {
        let (_folder, state) = enrolled();
        assert_eq!(state.generation(), None);
        state.store_generation(u128::MAX - 3).unwrap();
        assert_eq!(state.generation(), Some(u128::MAX - 3));
    }
}
