//! A state folder through its life: enrolled, renewed, broken off, locked, given to another host.

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
