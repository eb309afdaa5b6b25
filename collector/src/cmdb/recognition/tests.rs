//! Machines in small, and who they are taken for.

use super::*;
use crate::cmdb::fingerprint::marks;
use crate::model::Fingerprint;
use proptest::prelude::*;

const UUID: &str = "564d1a2b-3c4d-5e6f-8899-aabbccddeeff";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn machine() -> Fingerprint {
    Fingerprint {
        uuid: UUID.into(),
        serial: "CZC1234567".into(),
        board_serial: "PFKAB002".into(),
        chassis_serial: "CZC1234567".into(),
        product: "EliteDesk 800 G4".into(),
        board_product: "83E1".into(),
        macs: vec!["3c:52:82:10:20:30".into()],
        machine_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0".into(),
        disk_serials: vec!["S3Z8NB0K".into()],
        container: false,
        hostname: "pc-1".into(),
    }
}

/// A host that ran until an hour ago.
fn known(customer: CustomerId, said: &Fingerprint) -> Lookalike {
    Lookalike {
        host: HostId::new(),
        customer,
        admission: Admission::Active,
        said_goodbye: false,
        heard_at: ago(60),
        marks: marks(said).into_iter().map(|mark| (mark, ago(9_000))).collect(),
        is_merged: false,
        is_connected: false,
    }
}

fn verdict(customer: CustomerId, newcomer: &Fingerprint, hosts: &[Lookalike]) -> Recognised {
    judge(customer, &marks(newcomer), hosts, &Marks::new(), now())
}

#[test]
fn a_reinstalled_machine_is_the_host_that_it_was() {
    let customer = CustomerId::new();
    let old = known(customer, &machine());
    let fresh = Fingerprint {
        machine_id: "1111111111111111222222222222222a".into(),
        hostname: "new-name".into(),
        disk_serials: vec!["OTHERDISK".into()],
        ..machine()
    };
    let found = verdict(customer, &fresh, std::slice::from_ref(&old));
    let (host, resemblance) = found.same.unwrap();
    assert_eq!(host, old.host);
    assert!(resemblance.matched.contains(&MarkKind::Uuid) && resemblance.matched.contains(&MarkKind::Serial));
    assert_eq!(resemblance.contradicting, [MarkKind::DiskSerial, MarkKind::MachineId, MarkKind::Name]);
    assert!(found.possible.is_empty() && found.shared.is_empty());
}

#[test]
fn what_stands_on_a_sticker_is_not_enough_to_take_a_machines_place() {
    let customer = CustomerId::new();
    let old = known(customer, &machine());
    let bare = Fingerprint { uuid: UUID.into(), serial: "CZC1234567".into(), ..Fingerprint::default() };
    let found = verdict(customer, &bare, std::slice::from_ref(&old));
    assert!(found.same.is_none());
    assert_eq!(found.possible[0].0, old.host);
    let with_card = Fingerprint { macs: machine().macs, ..bare };
    assert_eq!(verdict(customer, &with_card, std::slice::from_ref(&old)).same.unwrap().0, old.host);
}

#[test]
fn a_machine_that_may_be_running_is_never_replaced() {
    let customer = CustomerId::new();
    let heard = Lookalike { heard_at: ago(1), ..known(customer, &machine()) };
    let connected = Lookalike { is_connected: true, ..known(customer, &machine()) };
    for live in [heard.clone(), connected] {
        let found = verdict(customer, &machine(), std::slice::from_ref(&live));
        assert_eq!(found.same, None);
        assert!(matches!(found.possible[..], [(host, DuplicateKind::SameMachine, _)] if host == live.host));
    }
    let left = Lookalike { said_goodbye: true, ..heard };
    assert_eq!(verdict(customer, &machine(), std::slice::from_ref(&left)).same.unwrap().0, left.host);
}

#[test]
fn a_host_that_was_held_revoked_or_not_yet_admitted_is_left_to_a_person() {
    let customer = CustomerId::new();
    for admission in [Admission::Revoked, Admission::Quarantined, Admission::Pending] {
        let held = Lookalike { admission, ..known(customer, &machine()) };
        let found = verdict(customer, &machine(), &[held]);
        assert_eq!((found.same, found.possible.len()), (None, 1), "{admission:?}");
    }
    let merged = Lookalike { admission: Admission::Revoked, is_merged: true, ..known(customer, &machine()) };
    assert_eq!(verdict(customer, &machine(), &[merged]), Recognised::default());
}

#[test]
fn another_customers_machine_is_told_of_and_never_linked() {
    let old = known(CustomerId::new(), &machine());
    let found = verdict(CustomerId::new(), &machine(), std::slice::from_ref(&old));
    assert_eq!(found.same, None);
    assert!(matches!(found.possible[..], [(host, DuplicateKind::Moved, _)] if host == old.host));
}

#[test]
fn two_pieces_of_medium_evidence_link_and_one_proposes() {
    let customer = CustomerId::new();
    let of = |serial: &str, board: &str, disk: &str| Fingerprint {
        serial: serial.into(),
        board_serial: board.into(),
        disk_serials: vec![disk.into()],
        ..Fingerprint::default()
    };
    let old = known(customer, &of("CZC1234567", "", "S3Z8NB0K"));
    assert!(verdict(customer, &of("CZC1234567", "", "S3Z8NB0K"), std::slice::from_ref(&old)).same.is_some());
    let one = verdict(customer, &of("", "", "S3Z8NB0K"), std::slice::from_ref(&old));
    assert_eq!((one.same, one.possible.len()), (None, 1));
    // One serial in two places is one piece.
    let twice = known(customer, &of("CZC1234567", "CZC1234567", ""));
    let found = verdict(customer, &of("CZC1234567", "CZC1234567", ""), &[twice]);
    assert_eq!((found.same, found.possible.len()), (None, 1));
}

#[test]
fn equal_uuid_and_serial_on_other_hardware_is_proposed_only() {
    let customer = CustomerId::new();
    let other = Fingerprint {
        board_serial: "ANOTHER1".into(),
        chassis_serial: "CHASSIS9".into(),
        disk_serials: vec!["OTHERDISK".into()],
        macs: vec!["3c:52:82:99:99:99".into()],
        product: String::new(),
        board_product: String::new(),
        ..machine()
    };
    let found = verdict(customer, &other, &[known(customer, &machine())]);
    assert_eq!((found.same, found.possible.len()), (None, 1));
    // One model, as of a whole batch, makes them no more alike.
    let twin = Fingerprint { product: machine().product, board_product: machine().board_product, ..other };
    let found = verdict(customer, &twin, &[known(customer, &machine())]);
    assert_eq!((found.same, found.possible.len()), (None, 1));
    let model = Fingerprint { product: "Latitude 5510".into(), disk_serials: vec!["X0001".into()], ..machine() };
    let found =
        verdict(customer, &Fingerprint { board_serial: "B0001".into(), ..model }, &[known(customer, &machine())]);
    assert_eq!(found.same, None);
}

#[test]
fn weak_marks_alone_never_link_and_one_of_them_says_nothing() {
    let customer = CustomerId::new();
    let of = |name: &str| Fingerprint { uuid: UUID.into(), hostname: name.into(), ..Fingerprint::default() };
    let old = known(customer, &of("pc-1"));
    assert_eq!(verdict(customer, &of("pc-2"), std::slice::from_ref(&old)), Recognised::default());
    let both = verdict(customer, &of("pc-1"), std::slice::from_ref(&old));
    assert_eq!((both.same, both.possible.len()), (None, 1));
}

#[test]
fn a_container_is_never_the_machine_that_carries_it() {
    let customer = CustomerId::new();
    let inside = Fingerprint { container: true, ..machine() };
    assert_eq!(verdict(customer, &inside, &[known(customer, &machine())]), Recognised::default());
}

#[test]
fn a_value_on_two_running_machines_identifies_nobody_from_then_on() {
    let customer = CustomerId::new();
    let twin = |name: &str, mac: &str| Fingerprint {
        uuid: UUID.into(),
        serial: "CZC1234567".into(),
        hostname: name.into(),
        macs: vec![mac.into()],
        ..Fingerprint::default()
    };
    let connected = |name: &str, mac: &str| Lookalike { is_connected: true, ..known(customer, &twin(name, mac)) };
    let both = [connected("a", "3c:52:82:00:00:01"), connected("b", "3c:52:82:00:00:02")];
    let found = verdict(customer, &twin("c", "3c:52:82:00:00:03"), &both);
    assert_eq!((found.same, found.possible.len(), found.shared.len()), (None, 0, 2));
    // Long ago, by their lives; and kept for good, by the store.
    let lives = both.map(|one| Lookalike { is_connected: false, ..one });
    assert_eq!(verdict(customer, &twin("c", "3c:52:82:00:00:03"), &lives).shared.len(), 2);
    assert!(found.shared.iter().all(|one| one.customer == Some(customer)));
    let shared: Marks = found.shared.into_iter().map(|one| one.mark).collect();
    let one = known(customer, &twin("a", "3c:52:82:00:00:01"));
    let later = judge(customer, &marks(&twin("c", "3c:52:82:00:00:03")), &[one], &shared, now());
    assert_eq!(later, Recognised::default());
}

#[test]
fn what_another_customers_host_says_makes_no_value_worthless_until_a_third_customer_has_it() {
    let ours = CustomerId::new();
    let old = known(ours, &machine());
    let liar = Lookalike { is_connected: true, ..known(CustomerId::new(), &machine()) };
    let both = [Lookalike { is_connected: false, ..old.clone() }, liar.clone()];
    let found = verdict(ours, &machine(), &both);
    assert_eq!((found.same.as_ref().map(|(host, _)| *host), found.shared), (Some(old.host), vec![]));
    let seen = review(liar.customer, liar.host, &marks(&machine()), &both, &Marks::new(), now());
    assert_eq!(seen.shared, []);
    let third = known(CustomerId::new(), &machine());
    let found = verdict(ours, &machine(), &[old, liar, third]);
    assert_eq!(found.same, None);
    assert!(!found.shared.is_empty() && found.shared.iter().all(|one| one.customer.is_none()), "{found:?}");
}

#[test]
fn a_host_that_reports_is_proposed_against_those_before_it_and_never_linked() {
    let customer = CustomerId::new();
    let older = known(customer, &machine());
    let newer = known(customer, &machine());
    let both = [older.clone(), newer.clone()];
    let look = |own: HostId| review(customer, own, &marks(&machine()), &both, &Marks::new(), now());
    // Their lives overlap by days: what both have identifies nobody, and there is nothing to ask.
    let found = look(newer.host);
    assert!(found.possible.is_empty() && !found.shared.is_empty(), "{found:?}");
    let both = [Lookalike { heard_at: ago(9_001), ..older.clone() }, newer.clone()];
    let look = |own: HostId| review(customer, own, &marks(&machine()), &both, &Marks::new(), now());
    let found = look(newer.host);
    assert!(matches!(found.possible[..], [(host, DuplicateKind::SameMachine, _)] if host == older.host));
    assert_eq!((found.same, look(older.host)), (None, Recognised::default()), "the older one asks nothing");
}

#[test]
fn a_card_that_moved_makes_no_task() {
    let customer = CustomerId::new();
    let older = Lookalike { heard_at: ago(9_001), ..known(customer, &machine()) };
    let with_its_card =
        Fingerprint { macs: machine().macs, disk_serials: machine().disk_serials, ..Fingerprint::default() };
    let newer = known(customer, &with_its_card);
    let found = review(customer, newer.host, &marks(&with_its_card), &[older, newer.clone()], &Marks::new(), now());
    assert_eq!(found, Recognised::default());
}

#[test]
fn two_lives_of_one_machine_do_not_make_its_serial_worthless() {
    let customer = CustomerId::new();
    let first = Lookalike { heard_at: ago(600), ..known(customer, &machine()) };
    let mut second = known(customer, &machine());
    second.marks.iter_mut().for_each(|(_, since)| *since = ago(602));
    let found = verdict(customer, &machine(), &[first, second.clone()]);
    assert_eq!(found.shared, []);
    assert_eq!(found.same.unwrap().0, second.host, "the one that was heard last");
}

fn arbitrary() -> impl Strategy<Value = Fingerprint> {
    let word = || prop::sample::select(vec!["", "AAAB1", "AAAB2", "AAAB3"]).prop_map(str::to_owned);
    let uuid = prop::sample::select(vec!["", UUID, "564d1a2b-3c4d-5e6f-8899-aabbccddee00"]).prop_map(str::to_owned);
    let mac = prop::sample::select(vec!["", "3c:52:82:00:00:01", "3c:52:82:00:00:02"]).prop_map(str::to_owned);
    (uuid, word(), word(), word(), word(), mac, word(), any::<bool>()).prop_map(
        |(uuid, serial, board_serial, product, disk, mac, hostname, container)| Fingerprint {
            uuid,
            serial,
            board_serial,
            product,
            disk_serials: vec![disk],
            macs: vec![mac],
            hostname,
            container,
            ..Fingerprint::default()
        },
    )
}

proptest! {
    #[test]
    fn resemblance_is_mutual_and_a_link_needs_more_than_one_equal_value(a in arbitrary(), b in arbitrary()) {
        let customer = CustomerId::new();
        let there = verdict(customer, &a, &[known(customer, &b)]);
        let back = verdict(customer, &b, &[known(customer, &a)]);
        prop_assert_eq!(there.same.is_some(), back.same.is_some());
        prop_assert_eq!(there.possible.len(), back.possible.len());
        if let Some((_, resemblance)) = there.same {
            let equal = marks(&a).intersection(&marks(&b)).filter(|mark| HARDWARE.contains(&mark.kind)).count();
            prop_assert!(equal >= 2 && a.container == b.container, "{:?}", resemblance);
        }
    }

    #[test]
    fn a_live_host_is_never_given_away(a in arbitrary(), b in arbitrary(), heard in 0i64..5) {
        let customer = CustomerId::new();
        let live = Lookalike { heard_at: ago(heard), ..known(customer, &b) };
        prop_assert_eq!(verdict(customer, &a, &[live]).same, None);
    }
}
