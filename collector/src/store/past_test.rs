//! The past of a host and the pages of a baseline on a real file: bounded, and read along the keys.

use super::*;
use crate::model::*;
use jiff::Timestamp;
use rusqlite::params;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Store::open(folder.path()).unwrap(), folder)
}

/// So many rows of history of one package, one a second from 1 on.
fn fill(store: &Store, host: HostId, rows: i64) {
    let write = store.cmdb.write(move |db| {
        db.execute(
            "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < ?3)
             INSERT INTO change (item, host, class, name, kind, field, old, new, observed_ms, received_ms, scan)
             SELECT ?1, ?2, 'software', 'vim', 'changed', 'version', '\"1\"', '\"2\"', n * 1000, n * 1000, 's' FROM n",
            params![ItemId::new().to_string(), host.to_string(), rows],
        )?;
        Ok(())
    });
    runtime().block_on(write).unwrap();
}

#[test]
fn more_than_a_hundred_thousand_changes_are_not_undone_for_one_question() {
    let (store, _folder) = store();
    let host = HostId::new();
    fill(&store, host, 100_001);
    let past = |class, second| {
        let after = Timestamp::from_second(second).unwrap();
        runtime().block_on(store.past_of_host(host, class, after)).unwrap()
    };
    for class in [None, Some(Class::Software)] {
        assert!(past(class, 0).is_none(), "{class:?}");
        assert_eq!(past(class, 1).unwrap().1.len(), 100_000, "{class:?}");
    }
    assert_eq!(past(Some(Class::Disk), 0).unwrap().1, []);
}

#[test]
fn pages_of_a_baseline_follow_its_primary_key_and_each_other_without_a_hole() {
    let (store, _folder) = store();
    let id = BaselineId::new();
    let hosts = [String::new(), HostId::new().to_string(), HostId::new().to_string()];
    runtime().block_on(async {
        let write = store.cmdb.write(move |db| {
            for host in &hosts {
                for class in ["disk", "memory"] {
                    for _ in 0..5 {
                        db.execute(
                            "INSERT INTO baseline_item (baseline, host, class, item, name, facts) VALUES (?1, ?2, ?3, ?4, 'x', '{}')",
                            params![id.to_string(), host, class, ItemId::new().to_string()],
                        )?;
                    }
                }
            }
            Ok(())
        });
        write.await.unwrap();
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.baseline_items(id, PageRequest { cursor, limit: 4 }).await.unwrap();
            found.extend(page.items.iter().map(|row| (row.host, row.class.word(), row.item)));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let mut sorted = found.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((found.len(), found == sorted), (30, true));
        let plan = store.cmdb.read(|db| {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {}", baselines::ITEMS))?;
            let values = params!["b", "h", "c", "i", 5];
            Ok(plan.query_map(values, |row| row.get::<_, String>(3))?.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
        });
        let plan = plan.await.unwrap();
        assert!(plan.contains("SEARCH") && plan.contains("host,class,item)>") && !plan.contains("TEMP"), "{plan}");
    });
}
