//! What the spool promises, without damage: position, acknowledgement, cap, full disks, new lives.

use super::*;
use proptest::prelude::*;
use tempfile::TempDir;

pub(super) const FRESH: u128 = 7;

pub(super) fn options(cap_bytes: u64) -> Options {
    Options { cap_bytes, free_bytes_min: 0, free_bytes: |_| Ok(u64::MAX) }
}

pub(super) fn payload(sequence: u64) -> Vec<u8> {
    (0..40 + sequence % 17).map(|index| (sequence * 31 + index) as u8).collect()
}

pub(super) fn counts() -> Counts {
    Counts { reports: 1, samples: 10, sections: 0, events: 1 }
}

pub(super) fn append(spool: &mut Spool) -> bool {
    let sequence = spool.next_sequence();
    spool.append(Some(b"dictionary"), counts(), payload(sequence))
}

/// Everything behind `position`, as (records, gaps); each sequence exactly once.
pub(super) fn drain(spool: &mut Spool) -> (Vec<u64>, Vec<Gap>) {
    let (mut position, mut records, mut gaps) = (0, Vec::new(), Vec::new());
    while let Some(item) = spool.next_after(position) {
        match item {
            Item::Record(sequence) => {
                if let Some(bytes) = spool.read(sequence).unwrap() {
                    assert_eq!(bytes, payload(sequence));
                    assert!(sequence > position);
                    records.push(sequence);
                    position = sequence;
                }
            }
            Item::Gap(gap) => {
                assert!(gap.last > position, "{gap:?} behind {position}");
                position = gap.last;
                gaps.push(gap);
            }
        }
    }
    assert_eq!(position.max(spool.acknowledged()) + 1, spool.next_sequence());
    (records, gaps)
}

/// The conservation equation, where everything acknowledged was stored.
pub(super) fn assert_conserved(spool: &Spool, stored: Counts) {
    let ledger = spool.ledger();
    let sum = stored.plus(ledger.spooled).plus(ledger.dropped.total());
    assert_eq!(sum, ledger.collected, "{ledger:?}");
}

#[test]
fn a_restart_finds_what_was_appended() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    (0..20).for_each(|_| assert!(append(&mut spool)));
    let before = spool.ledger();
    drop(spool);
    let mut spool = Spool::open(folder.path(), options(1 << 20), 99);
    assert_eq!((spool.ledger(), spool.incarnation(), spool.next_sequence()), (before, FRESH, 21));
    assert_eq!(drain(&mut spool), ((1..=20).collect(), vec![]));
    assert_eq!(spool.preamble(20).unwrap().as_deref(), Some(&b"dictionary"[..]));
}

#[test]
fn an_acknowledgement_removes_whole_segments_and_the_ledger_survives() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(8 << 10), FRESH);
    for _ in 0..30 {
        append(&mut spool);
    }
    spool.acknowledge(30, &[]);
    assert_eq!(spool.segments.len(), 1);
    assert_eq!(spool.ledger().spooled, Counts::default());
    drop(spool);
    let mut spool = Spool::open(folder.path(), options(8 << 10), FRESH);
    assert_eq!((spool.next_sequence(), spool.ledger().collected.samples), (31, 300));
    assert_eq!(drain(&mut spool), (vec![], vec![]));
}

#[test]
fn stored_ranges_are_not_sent_again() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    for _ in 0..10 {
        append(&mut spool);
    }
    spool.acknowledge(2, &[(4, 6), (9, 10), (11, 12)]);
    assert_eq!(drain_records(&mut spool), [3, 7, 8]);
    assert_eq!(spool.ledger().spooled.reports, 3);
}

fn drain_records(spool: &mut Spool) -> Vec<u64> {
    let (mut position, mut records) = (0, Vec::new());
    while let Some(Item::Record(sequence)) = spool.next_after(position) {
        records.push(sequence);
        position = sequence;
    }
    records
}

#[test]
fn a_claim_beyond_what_was_written_is_not_believed_as_an_acknowledgement() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    append(&mut spool);
    spool.acknowledge(u64::MAX, &[(0, u64::MAX)]);
    assert_eq!(spool.acknowledged(), 1);
    assert_eq!(spool.reconcile(5), Position::Ahead);
}

#[test]
fn a_changed_dictionary_starts_a_segment() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    append(&mut spool);
    spool.append(Some(b"other"), counts(), payload(2));
    spool.append(None, counts(), payload(3));
    assert_eq!(spool.preamble(1).unwrap().as_deref(), Some(&b"dictionary"[..]));
    assert_eq!(spool.preamble(3).unwrap().as_deref(), Some(&b"other"[..]));
}

#[test]
fn over_the_cap_it_thins_then_drops_and_declares_both() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(16 << 10), FRESH);
    for _ in 0..600 {
        append(&mut spool);
        assert!(spool.bytes() <= 16 << 10);
        assert_conserved(&spool, Counts::default());
    }
    let dropped = spool.ledger().dropped;
    assert!(dropped.of(Reason::Thinned).reports > 0 && dropped.of(Reason::Cap).reports > 0);
    let before = spool.ledger();
    drop(spool);
    let mut spool = Spool::open(folder.path(), options(16 << 10), FRESH);
    assert_eq!(spool.ledger(), before);
    let (records, gaps) = drain(&mut spool);
    assert_eq!(gaps.iter().map(|gap| gap.counts.reports).sum::<u64>(), dropped.total().reports);
    assert_eq!(records.len() as u64, before.spooled.reports);
}

#[test]
fn a_full_disk_is_bridged_by_memory_and_the_overflow_is_declared() {
    let folder = TempDir::new().unwrap();
    let full = Options { free_bytes: |_| Ok(0), free_bytes_min: 1, ..options(1 << 20) };
    let mut spool = Spool::open(folder.path(), full, FRESH);
    (0..70).for_each(|_| assert!(!append(&mut spool)));
    assert_eq!(spool.ledger().dropped.of(Reason::DiskFull).reports, 10);
    assert_conserved(&spool, Counts::default());
    assert!(spool.take_trouble().is_some());
    spool.options = options(1 << 20);
    assert!(append(&mut spool));
    let before = spool.ledger();
    drop(spool);
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    assert_eq!(spool.ledger(), before);
    let (records, gaps) = drain(&mut spool);
    assert_eq!((records.len(), gaps.len(), gaps[0].reason), (61, 1, Reason::DiskFull));
}

#[test]
fn each_disk_operation_may_fail_without_loss() {
    for good in 0..120 {
        let folder = TempDir::new().unwrap();
        let mut spool = Spool::open(folder.path(), options(8 << 10), FRESH);
        disk::fail_after(good, 3);
        for _ in 0..40 {
            append(&mut spool);
        }
        disk::heal();
        assert!(append(&mut spool));
        assert_conserved(&spool, Counts::default());
        let before = spool.ledger();
        drop(spool);
        let mut spool = Spool::open(folder.path(), options(8 << 10), FRESH);
        assert_eq!(spool.ledger(), before, "after {good} good operations");
        drain(&mut spool);
    }
}

#[test]
fn an_old_copy_begins_a_new_life_with_what_it_holds() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    for _ in 0..9 {
        append(&mut spool);
    }
    spool.acknowledge(4, &[]);
    assert_eq!(spool.reconcile(50), Position::Ahead);
    spool.rebirth(8, |bytes, sequence| {
        assert_eq!(bytes, payload(sequence + 4));
        Some(payload(sequence))
    });
    assert_eq!((spool.incarnation(), spool.next_sequence()), (8, 6));
    append(&mut spool);
    drop(spool);
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    assert_eq!(spool.incarnation(), 8);
    assert_eq!(drain(&mut spool).0, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_collector_that_forgot_hears_what_will_never_come() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(8 << 10), FRESH);
    for _ in 0..60 {
        append(&mut spool);
    }
    spool.acknowledge(60, &[]);
    assert_eq!(spool.reconcile(3), Position::Behind);
    let (records, gaps) = drain(&mut spool);
    assert_eq!(gaps[0].first, 4);
    assert_eq!(records.last(), Some(&60));
}

#[test]
fn a_refused_report_becomes_a_gap_for_good() {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    for _ in 0..3 {
        append(&mut spool);
    }
    spool.give_up(2, Reason::Refused);
    drop(spool);
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    let (records, gaps) = drain(&mut spool);
    assert_eq!((records, gaps.len(), gaps[0].reason), (vec![1, 3], 1, Reason::Refused));
    assert_conserved(&spool, Counts::default());
}

#[derive(Clone, Debug)]
enum Action {
    Append,
    Acknowledge(u64),
    Restart,
    Refuse(u64),
    Break(u64, u64),
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        12 => Just(Action::Append),
        2 => (0u64..40).prop_map(Action::Acknowledge),
        2 => Just(Action::Restart),
        1 => (0u64..40).prop_map(Action::Refuse),
        1 => (0u64..30, 1u64..20).prop_map(|(good, bad)| Action::Break(good, bad)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_sequence_is_ever_lost_doubled_or_unexplained(actions in prop::collection::vec(any_action(), 1..160)) {
        let folder = TempDir::new().unwrap();
        let mut spool = Spool::open(folder.path(), options(12 << 10), FRESH);
        let (mut newest, mut stored) = (0, Counts::default());
        for action in actions {
            match action {
                Action::Append => {
                    append(&mut spool);
                    newest += 1;
                }
                Action::Acknowledge(step) => {
                    let target = (spool.acknowledged() + step).min(newest);
                    let (records, _) = drain(&mut spool);
                    for _ in records.iter().filter(|sequence| **sequence <= target) {
                        stored = stored.plus(counts());
                    }
                    spool.acknowledge(target, &[]);
                }
                Action::Restart if spool.waiting() == 0 => {
                    disk::heal();
                    // Whatever was owed to the books is paid first: a clean restart, the dirty ones have their own tests.
                    spool.flush();
                    drop(spool);
                    spool = Spool::open(folder.path(), options(12 << 10), 99);
                    prop_assert_eq!(spool.incarnation(), FRESH);
                }
                Action::Restart => disk::heal(),
                Action::Refuse(back) => spool.give_up(newest.saturating_sub(back), Reason::Refused),
                Action::Break(good, bad) => disk::fail_after(good, bad),
            }
            prop_assert_eq!(spool.next_sequence(), newest + 1);
            assert_conserved(&spool, stored);
        }
        disk::heal();
        drain(&mut spool);
    }
}
