//! Who has what, over many rows, and relations in time, on a real file.

use super::search::{IS_SEEN, SEARCH};
use super::*;
use crate::model::*;
use jiff::Timestamp;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap()
}

fn item(host: HostId, customer: CustomerId, class: Class, name: &str) -> Item {
    let fields = [("version".to_owned(), Value::Text("3.0.2".to_owned()))].into();
    let (key, name) = (name.to_owned(), name.to_owned());
    Item { id: ItemId::new(), customer, host, class, key, name, fields, first_seen_at: at(0), gone_at: None }
}

fn search(name: Option<&str>, is_prefix: bool) -> ItemSearch {
    let name = name.map(str::to_owned);
    ItemSearch { scope: Scope::All, customer: None, class: Class::Software, name, is_prefix }
}

/// So many hosts with 1,000 packages each, one of them `openssl` in two spellings; written past the pipeline.
fn fill(store: &Store, hosts: usize) -> Vec<(HostId, CustomerId)> {
    let mut made = Vec::new();
    let customers = [CustomerId::new(), CustomerId::new()];
    for number in 0..hosts {
        made.push((HostId::new(), customers[number % 2]));
    }
    let rows = made.clone();
    let write = store.cmdb.write(move |db| {
        let mut host = db.prepare(
            "INSERT INTO host (id, customer, site, name, role, admission, presence, enrolled_ms, agent_version, interval_s)
             VALUES (?1, ?2, 's', 'h', 'server', 'active', '{\"state\":\"online\"}', 0, '', 60)",
        )?;
        let mut package = db.prepare(
            "INSERT INTO item (id, customer, host, class, key, name, fields, first_seen_ms)
             VALUES (?1, ?2, ?3, 'software', ?4, ?4, '{\"version\":\"3.0.2\"}', 0)",
        )?;
        for (number, (id, customer)) in rows.iter().enumerate() {
            host.execute(rusqlite::params![id.to_string(), customer.to_string()])?;
            let ssl = if number % 2 == 0 { "openssl" } else { "OpenSSL" };
            let names = (0..999).map(|n| format!("package-{n:03}")).chain([ssl.to_owned()]);
            for name in names {
                package.execute(rusqlite::params![
                    ItemId::new().to_string(),
                    customer.to_string(),
                    id.to_string(),
                    name
                ])?;
            }
        }
        Ok(())
    });
    runtime().block_on(write).unwrap();
    made
}

#[test]
fn a_name_among_a_hundred_thousand_rows_is_found_by_the_index_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let hosts = fill(&store, 100);
    let plan = store.cmdb.read(|db| {
        let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN SELECT i.id, {IS_SEEN} {SEARCH}"))?;
        let values = rusqlite::params!["software", "openssl", "openssl", "openssl", "", None::<String>, None::<String>];
        Ok(plan.query_map(values, |row| row.get::<_, String>(3))?.collect::<rusqlite::Result<Vec<_>>>()?.join("\n"))
    });
    let plan = runtime().block_on(plan).unwrap();
    assert!(plan.contains("SEARCH i USING INDEX item_by_name (class=? AND name>? AND name<?)"), "{plan}");
    assert!(!plan.contains("SCAN i") && !plan.contains("TEMP B-TREE"), "{plan}");
    let looked_at = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&looked_at);
    let keep = move |_: &Item| counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < usize::MAX;
    let page = PageRequest { cursor: None, limit: 1_000 };
    let found = runtime().block_on(store.search(search(Some("OPENSSL"), false), page.clone(), keep)).unwrap();
    assert_eq!((found.items.len(), found.next_cursor), (100, None));
    assert_eq!(looked_at.load(std::sync::atomic::Ordering::Relaxed), 100, "rows of other names are not read");
    let ours = ItemSearch { scope: Scope::Customers(vec![hosts[0].1]), ..search(Some("openssl"), false) };
    assert_eq!(runtime().block_on(store.search(ours, page, |_| true)).unwrap().items.len(), 50);
}

#[test]
fn a_page_looks_at_so_many_rows_and_no_more_where_nearly_all_are_another_customers() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    fill(&store, 101);
    let stranger = ItemSearch { scope: Scope::Customers(vec![CustomerId::new()]), ..search(None, false) };
    let page = |cursor| PageRequest { cursor, limit: 1_000 };
    let first = runtime().block_on(store.search(stranger.clone(), page(None), |_| true)).unwrap();
    assert!(first.items.is_empty() && first.next_cursor.is_some(), "it ends at the bound and goes on from there");
    let second = runtime().block_on(store.search(stranger, page(first.next_cursor), |_| true)).unwrap();
    assert!(second.items.is_empty() && second.next_cursor.is_none());
}

#[test]
fn pages_of_a_search_follow_each_other_without_a_hole_and_what_is_gone_or_revoked_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let hosts = fill(&store, 4);
    runtime().block_on(async {
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let page = PageRequest { cursor, limit: 7 };
            let keep = |item: &Item| item.name.ends_with('7') || item.name.eq_ignore_ascii_case("openssl");
            let page = store.search(search(None, false), page, keep).await.unwrap();
            found.extend(page.items.iter().map(|row| row.item.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let unique: std::collections::BTreeSet<_> = found.iter().collect();
        assert_eq!((found.len(), unique.len()), (4 * (100 + 1), 4 * (100 + 1)));
        let revoked = Effects { admissions: vec![(hosts[0].0, Admission::Revoked)], ..Effects::default() };
        store.commit(revoked).await.unwrap();
        let items = store.all_items(hosts[1].0).await.unwrap();
        let gone =
            items.into_iter().filter(|item| item.name == "OpenSSL").map(|item| Item { gone_at: Some(at(1)), ..item });
        store.commit(Effects { items: gone.collect(), ..Effects::default() }).await.unwrap();
        let left = store.search(search(Some("open"), true), PageRequest::default(), |_| true).await.unwrap();
        assert_eq!(left.items.len(), 2);
    });
}

#[test]
fn a_relation_is_kept_with_its_end_and_may_begin_anew() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (host, customer) = (HostId::new(), CustomerId::new());
        let computer = item(host, customer, Class::Computer, "computer");
        let package = item(host, customer, Class::Software, "nginx");
        let (from, to) = (package.id, computer.id);
        store.commit(Effects { items: vec![computer, package], ..Effects::default() }).await.unwrap();
        let relation = |since, until| Relation { from, kind: RelationKind::InstalledOn, to, since, until };
        for one in [
            relation(at(0), None),
            relation(at(1), None),
            relation(at(0), Some(at(2))),
            relation(at(3), Some(at(3))),
            relation(at(4), None),
        ] {
            store.commit(Effects { relations: vec![one], ..Effects::default() }).await.unwrap();
        }
        let told = |moment| {
            let store = store.clone();
            async move {
                let found = store.relations(to, moment, PageRequest::default()).await.unwrap().items;
                found.into_iter().map(|row| (row.relation.since, row.relation.until, row.name)).collect::<Vec<_>>()
            }
        };
        let nginx = || "nginx".to_owned();
        let expected = [(at(4), None, nginx()), (at(0), Some(at(2)), nginx())];
        assert_eq!(told(None).await, expected);
        assert_eq!(told(Some(at(1))).await, expected[1..]);
        assert!(told(Some(at(3))).await.is_empty());
        let first = store.relations(from, None, PageRequest { cursor: None, limit: 1 }).await.unwrap();
        let next = store.relations(from, None, PageRequest { cursor: first.next_cursor, limit: 1 }).await.unwrap();
        assert_eq!((first.items[0].relation.since, next.items[0].relation.since), (at(4), at(0)));
        assert!(next.next_cursor.is_none());
    });
}

#[test]
fn relations_from_before_they_had_times_end_with_their_items() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = rusqlite::Connection::open(folder.path().join("cmdb.db")).unwrap();
    let before = migrations::cmdb::migrations::runner().set_target(refinery::Target::Version(3));
    before.run(&mut db).unwrap();
    db.execute_batch(
        "INSERT INTO item (id, customer, host, class, key, name, fields, first_seen_ms, gone_ms) VALUES
           ('pc', 'c', 'h', 'computer', 'computer', 'pc', '{}', 1000, NULL),
           ('vim', 'c', 'h', 'software', 'vim', 'vim', '{}', 2000, NULL),
           ('jq', 'c', 'h', 'software', 'jq', 'jq', '{}', 2000, 5000);
         INSERT INTO relation (source, kind, target) VALUES
           ('vim', 'installed_on', 'pc'), ('jq', 'installed_on', 'pc'), ('new', 'supersedes', 'jq');",
    )
    .unwrap();
    drop(db);
    Store::open(folder.path()).unwrap();
    let db = rusqlite::Connection::open(folder.path().join("cmdb.db")).unwrap();
    let mut rows = db.prepare("SELECT source, since_ms, until_ms FROM relation ORDER BY source").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let told: Vec<(String, i64, Option<i64>)> = rows.collect::<rusqlite::Result<_>>().unwrap();
    let line = |source: &str, since, until| (source.to_owned(), since, until);
    assert_eq!(told, [line("jq", 2_000, Some(5_000)), line("new", 2_000, None), line("vim", 2_000, None)]);
}
