//! Values that identify nobody, on a real file: learned at one customer, told in the audit log, and forgotten.

use super::recognition::{insert_shared, set_marks};
use super::*;
use crate::model::*;
use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + day * 86_400).unwrap()
}

fn serial() -> Mark {
    Mark { kind: MarkKind::Serial, value: "CZC1234567".to_owned() }
}

/// A host that was heard on this day.
async fn host(store: &Store, customer: CustomerId, day: i64) -> HostId {
    let id = HostId::new();
    let write = store.cmdb.write(move |db| {
        db.execute(
            "INSERT INTO host (id, customer, site, name, role, admission, presence, enrolled_ms, last_heard_ms,
               agent_version, interval_s)
             VALUES (?1, ?2, 's', 'h', 'server', 'active', '{\"state\":\"online\"}', 0, ?3, '', 60)",
            params![id.to_string(), customer.to_string(), at(day).as_millisecond()],
        )?;
        set_marks(db, id, &[serial()].into(), at(0))
    });
    write.await.unwrap();
    id
}

async fn learn(store: &Store, customer: Option<CustomerId>) {
    let learned = SharedMark { mark: serial(), customer, learned_at: at(1) };
    store.cmdb.write(move |db| insert_shared(db, &[learned])).await.unwrap();
}

async fn acts(store: &Store) -> Vec<(String, String)> {
    let entries = store.audit_entries(PageRequest { cursor: None, limit: 100 }).await.unwrap().items;
    entries.into_iter().map(|(_, entry)| (entry.act, entry.subject)).collect()
}

#[tokio::test]
async fn what_is_learned_at_one_customer_says_nothing_of_another_and_stands_in_the_audit_log_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [ours, theirs] = [CustomerId::new(), CustomerId::new()];
    let (own, foreign) = (host(&store, ours, 40).await, host(&store, theirs, 40).await);
    learn(&store, Some(theirs)).await;
    learn(&store, Some(theirs)).await;
    let (hosts, shared) = store.lookalikes([serial()].into()).await.unwrap();
    let marks = |id| hosts.iter().find(|one| one.host == id).unwrap().marks.len();
    assert_eq!((marks(own), marks(foreign), shared.len()), (1, 0, 0));
    assert_eq!(acts(&store).await, [("mark_shared".to_owned(), format!("serial CZC1234567: customer {theirs}"))]);
    learn(&store, None).await;
    let (hosts, shared) = store.lookalikes([serial()].into()).await.unwrap();
    assert_eq!((hosts.len(), shared.len()), (0, 1), "at three customers it is nobody's");
}

#[tokio::test]
async fn a_value_that_two_living_machines_no_longer_have_is_evidence_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [ours, theirs] = [CustomerId::new(), CustomerId::new()];
    for (customer, day) in [(ours, 40), (ours, 10), (theirs, 40)] {
        host(&store, customer, day).await;
    }
    learn(&store, Some(ours)).await;
    learn(&store, None).await;
    let forget = async |day: i64| {
        let heard_since = at(day) - SignedDuration::from_hours(24 * 30);
        store.forget_shared_marks(heard_since, at(day)).await.unwrap()
    };
    assert_eq!(forget(40).await, 0, "on day 40 both of ours were heard within 30 days");
    assert_eq!(forget(41).await, 1, "now one of ours, and two of all");
    assert_eq!(forget(41).await, 0);
    assert_eq!(acts(&store).await[0], ("mark_forgotten".to_owned(), format!("serial CZC1234567: customer {ours}")));
    assert_eq!(forget(71).await, 1);
    let (hosts, shared) = store.lookalikes([serial()].into()).await.unwrap();
    assert_eq!((hosts.len(), shared.len()), (3, 0));
}
