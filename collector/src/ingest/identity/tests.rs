//! Who may report, renew or neither, and whose stream is cut.

use super::*;

fn registry(admission: Admission) -> (Arc<Registry>, Peer) {
    let peer = Peer {
        host: HostId::new(),
        customer: CustomerId::new(),
        serial: "a1".to_owned(),
        not_after: Timestamp::from_second(1_000_000).unwrap(),
    };
    let registry = Arc::new(Registry { known: RwLock::default(), streams: RwLock::default(), next_stream: 1.into() });
    let identity = Identity {
        host: peer.host,
        customer: peer.customer,
        admission,
        serial: "a1".to_owned(),
        next_serial: Some("b2".to_owned()),
        replaced_serial: None,
    };
    registry.insert(identity);
    (registry, peer)
}

#[test]
fn an_expired_certificate_may_renew_for_400_days_and_never_report() {
    let (registry, peer) = registry(Admission::Active);
    let later = |days: i64| Timestamp::from_second(1_000_000 + days * 86_400).unwrap();
    assert_eq!(registry.may_report(&peer, later(1)), Err(Refusal::Expired));
    assert_eq!(registry.may_renew(&peer, later(399)), Ok(()));
    assert_eq!(registry.may_renew(&peer, later(401)), Err(Refusal::Expired));
}

#[test]
fn a_replaced_serial_another_customer_and_a_held_host_are_refused_by_name() {
    let now = Timestamp::from_second(1).unwrap();
    let (books, peer) = registry(Admission::Active);
    assert_eq!(books.may_report(&peer, now), Ok(false));
    assert_eq!(books.may_report(&Peer { serial: "b2".into(), ..peer.clone() }, now), Ok(true));
    books.promote(peer.host, "b2");
    assert_eq!(books.may_report(&peer, now), Err(Refusal::Replaced));
    assert_eq!(
        books.may_report(&Peer { customer: CustomerId::new(), serial: "b2".into(), ..peer.clone() }, now),
        Err(Refusal::Unknown)
    );
    for (admission, refusal) in [
        (Admission::Revoked, Refusal::Revoked),
        (Admission::Pending, Refusal::Pending),
        (Admission::Quarantined, Refusal::Quarantined),
    ] {
        let (books, peer) = registry(admission);
        assert_eq!(books.may_report(&peer, now), Err(refusal));
    }
}

#[test]
fn a_key_that_an_enrolment_replaced_cannot_come_back_by_a_renewal_on_its_way() {
    let (books, peer) = registry(Admission::Active);
    let anew = Identity {
        host: peer.host,
        customer: peer.customer,
        admission: Admission::Active,
        serial: "c3".to_owned(),
        next_serial: None,
        replaced_serial: Some("a1".to_owned()),
    };
    books.insert(anew);
    books.renewed(peer.host, "a1", "d4");
    books.promote(peer.host, "b2");
    let now = Timestamp::from_second(1).unwrap();
    for serial in ["a1", "b2", "d4"] {
        let old = Peer { serial: serial.into(), ..peer.clone() };
        assert_eq!(books.may_report(&old, now), Err(Refusal::Replaced), "{serial}");
    }
    assert_eq!(books.may_report(&Peer { serial: "c3".into(), ..peer }, now), Ok(false));
}

#[test]
fn a_second_stream_cuts_the_first_and_leaves_itself() {
    let (registry, peer) = registry(Admission::Active);
    let first = registry.open_stream(peer.host);
    let second = registry.open_stream(peer.host);
    assert_eq!(*first.cuts.borrow(), Some(Refusal::Replaced));
    drop(first);
    assert_eq!(registry.stream_count(), 1);
    drop(second);
    assert_eq!(registry.stream_count(), 0);
}
