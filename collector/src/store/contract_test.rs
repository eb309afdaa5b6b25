//! The promises of the store, proved on a real file: exactly once, the contiguous mark, the ledger, one open
//! incident for a key.

use super::*;
use crate::model::{Counts, HostId};
use proptest::prelude::*;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn report(host: HostId, sequence: u64, last: u64) -> NewReport {
    let collected = Counts { reports: last, samples: 3 * last, sections: 0, events: 0 };
    let mut block = Vec::new();
    wacht_proto::block::encode_whole(&[0.5, 1.0, sequence as f64], &mut block);
    NewReport {
        host,
        incarnation: [7; 16],
        sequence,
        checksum: sequence as u32,
        is_durable: true,
        at_ms: 1_700_000_000_000 + sequence as i64 * 60_000,
        received_ms: 1_700_000_000_000 + sequence as i64 * 60_000,
        boot: ([1; 16], 0),
        interval_s: 60,
        skew_ms: 0,
        presence: 0,
        expected_return_s: 0,
        dictionary: Some((9, vec![(1, String::new()), (3, String::new()), (32, "/".to_owned())])),
        block,
        sections: Vec::new(),
        processes: None,
        events: None,
        counts: Counts { reports: 1, samples: 3, sections: 0, events: 0 },
        clipped: Vec::new(),
        claim: Claim { collected, oldest_sequence: sequence.min(last), last_sequence: last, ..Claim::default() },
    }
}

#[test]
fn a_report_is_stored_once_and_a_changed_one_is_a_fork() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let host = HostId::new();
        let first = store.append(report(host, 1, 1)).await.unwrap();
        assert_eq!(first, Appended::Stored { contiguous: 1, ranges: vec![], duplicate: false });
        let again = store.append(report(host, 1, 1)).await.unwrap();
        assert_eq!(again, Appended::Stored { contiguous: 1, ranges: vec![], duplicate: true });
        let mut forged = report(host, 1, 1);
        forged.checksum = 99;
        assert_eq!(store.append(forged).await.unwrap(), Appended::Fork);
        assert_eq!(store.reports_after(0, 10).await.unwrap().len(), 1);
    });
}

#[test]
fn the_mark_passes_gaps_and_the_ledger_balances() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let host = HostId::new();
        store.append(report(host, 1, 5)).await.unwrap();
        let answer = store.append(report(host, 5, 5)).await.unwrap();
        assert_eq!(answer, Appended::Stored { contiguous: 1, ranges: vec![(5, 5)], duplicate: false });
        let line = store.ledger(host).await.unwrap().remove(0);
        assert_eq!(
            (line.unexplained_reports, line.spooled.reports),
            (3, 3),
            "an agent that holds only 5 cannot still send 2-4"
        );
        assert!(!line.balanced);
        let gap = NewGap {
            host,
            incarnation: [7; 16],
            first: 2,
            last: 3,
            reason: "refused".into(),
            refused: Some(Counts { reports: 2, samples: 6, sections: 0, events: 0 }),
        };
        store.append_gap(gap.clone()).await.unwrap();
        store.append_gap(gap).await.unwrap();
        let answer = store.append(report(host, 4, 5)).await.unwrap();
        assert_eq!(answer, Appended::Stored { contiguous: 5, ranges: vec![], duplicate: false });
        let line = store.ledger(host).await.unwrap().remove(0);
        assert!(line.balanced, "{line:?}");
        assert_eq!(line.dropped[0].counts.reports, 2);
    });
}

#[test]
fn series_come_back_by_object_and_step() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let host = HostId::new();
        for sequence in 1..=10 {
            store.append(report(host, sequence, sequence)).await.unwrap();
        }
        let query = crate::model::SeriesQuery {
            host,
            metric: "system.filesystem.utilization".into(),
            object: None,
            from: jiff::Timestamp::from_second(1_700_000_000).unwrap(),
            to: jiff::Timestamp::from_second(1_700_000_000 + 3_600).unwrap(),
            step_s: 0,
        };
        let series = store.series(query.clone()).await.unwrap();
        assert_eq!(series.len(), 1);
        assert_eq!((series[0].object.as_str(), series[0].points.len()), ("/", 10));
        let wide = store.series(crate::model::SeriesQuery { step_s: 300, ..query }).await.unwrap();
        assert_eq!(wide[0].points.len(), 3);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_order_of_arrival_ends_contiguous(mut order in Just((1u64..=20).collect::<Vec<_>>()).prop_shuffle(), twice in 1u64..20) {
        order.push(twice);
        runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).unwrap();
            let host = HostId::new();
            for sequence in order {
                store.append(report(host, sequence, 20)).await.unwrap();
            }
            prop_assert_eq!(store.contiguous(host, [7; 16]).await.unwrap(), 20);
            prop_assert!(store.ledger(host).await.unwrap()[0].balanced);
            Ok(())
        })?;
    }
}

#[test]
fn a_report_that_was_given_up_on_its_way_and_arrived_counts_once() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let host = HostId::new();
        store.append(report(host, 1, 3)).await.unwrap();
        store.append(report(host, 2, 3)).await.unwrap();
        let gap = NewGap { host, incarnation: [7; 16], first: 2, last: 2, reason: "disk_full".into(), refused: None };
        store.append_gap(gap).await.unwrap();
        let mut last = report(host, 3, 3);
        let counts = Counts { reports: 1, samples: 3, sections: 0, events: 0 };
        last.claim.dropped = vec![crate::model::DroppedView { reason: "disk_full".into(), counts }];
        store.append(last).await.unwrap();
        let line = store.ledger(host).await.unwrap().remove(0);
        assert!(line.balanced, "{line:?}");
        assert_eq!((line.stored.reports, line.dropped.len()), (3, 0));
    });
}
