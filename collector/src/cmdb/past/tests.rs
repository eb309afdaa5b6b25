//! A host whose scans are applied one after the other is asked for each of its pasts.

use super::*;
use crate::cmdb::reconcile;
use crate::model::{Class, CustomerId, Fields, HostId, Observation, Scan};
use proptest::prelude::*;

fn hour(hour: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap()
}

fn package(name: &str, version: &str) -> Observation {
    let fields = [("version".to_owned(), Value::Text(version.to_owned()))].into();
    Observation { class: Class::Software, key: name.to_owned(), name: name.to_owned(), fields }
}

struct Host {
    id: HostId,
    items: Vec<Item>,
    /// Oldest first.
    changes: Vec<Change>,
}

impl Host {
    fn new() -> Self {
        Host { id: HostId::new(), items: Vec::new(), changes: Vec::new() }
    }

    fn scan(&mut self, now: Timestamp, observations: Vec<Observation>) {
        let classes = vec![Class::Computer, Class::Disk, Class::Software, Class::Service];
        let scan = Scan { classes, digest: 0, partial: false, observations };
        let unknown = crate::cmdb::never_seen(&self.items, &scan);
        let origin = crate::cmdb::Origin { at: now, received_at: now, scan_name: "0a/1", unknown: &unknown };
        let done = reconcile(self.id, CustomerId::default(), &self.items, &scan, origin);
        for item in done.items {
            self.items.retain(|old| old.id != item.id);
            self.items.push(item);
        }
        self.changes.extend(done.changes);
    }

    fn newest_first(&self) -> Vec<Change> {
        self.changes.iter().rev().cloned().collect()
    }

    fn state(&self, moment: Timestamp) -> BTreeMap<String, Fields> {
        let then = all_at(&self.items, &self.newest_first(), moment);
        then.into_iter().map(|item| (item.key, item.fields)).collect()
    }
}

#[test]
fn an_item_is_told_as_it_stood_and_not_at_all_when_it_was_not_there() {
    let mut host = Host::new();
    host.scan(hour(0), vec![package("nginx", "1.24"), package("vim", "9")]);
    host.scan(hour(24), vec![package("nginx", "1.26"), package("vim", "9")]);
    host.scan(hour(48), vec![package("vim", "9")]);
    host.scan(hour(72), vec![package("nginx", "1.28"), package("vim", "9")]);
    let nginx = host.items.iter().find(|item| item.key == "nginx").unwrap();
    let version = |moment| {
        let newest_first = host.newest_first();
        let then = at(nginx, newest_first.iter().filter(|change| change.item == nginx.id), moment)?;
        then.fields.get("version").cloned()
    };
    let text = |version: &str| Some(Value::Text(version.to_owned()));
    assert_eq!(version(hour(-1)), None);
    assert_eq!(version(hour(0)), text("1.24"));
    assert_eq!(version(hour(23)), text("1.24"));
    assert_eq!(version(hour(24)), text("1.26"));
    assert_eq!(version(hour(50)), None);
    assert_eq!(version(hour(72)), text("1.28"));
    let changes = host.changes.iter().filter(|change| change.item == nginx.id);
    assert_eq!(stretches(nginx, changes), [(hour(0), Some(hour(48))), (hour(72), None)]);
}

#[test]
fn a_volatile_field_is_absent_in_the_past() {
    let service = |state: &str| {
        let fields = [("state", state), ("start_type", "enabled")];
        let fields = fields.map(|(name, text)| (name.to_owned(), Value::Text(text.to_owned()))).into();
        Observation { class: Class::Service, key: "cron".into(), name: "cron".into(), fields }
    };
    let mut host = Host::new();
    host.scan(hour(0), vec![service("running")]);
    host.scan(hour(24), vec![service("failed")]);
    let fields = host.state(hour(0)).remove("cron").unwrap();
    assert_eq!(fields.into_keys().collect::<Vec<_>>(), ["start_type"]);
}

#[test]
fn what_was_added_removed_and_changed_between_two_moments_is_told_once() {
    let mut host = Host::new();
    host.scan(hour(0), vec![package("gone", "1"), package("kept", "1"), package("back", "1"), package("up", "1")]);
    host.scan(hour(24), vec![package("kept", "1"), package("back", "2"), package("up", "2"), package("new", "1")]);
    host.scan(hour(48), vec![package("kept", "1"), package("back", "1"), package("up", "3"), package("new", "1")]);
    let newest_first = host.newest_first();
    let state = |moment| all_at(&host.items, &newest_first, moment);
    let found = differences(&state(hour(1)), &state(hour(49)));
    let told: Vec<_> = found.iter().map(|one| (one.item.key.as_str(), one.kind, one.field.as_deref())).collect();
    let expected = [
        ("gone", ChangeKind::Removed, None),
        ("new", ChangeKind::Added, None),
        ("up", ChangeKind::Changed, Some("version")),
    ];
    assert_eq!(told, expected);
    assert_eq!(found[2].old, Some(Value::Text("1".into())));
    assert_eq!(found[2].new, Some(Value::Text("3".into())));
    assert!(differences(&state(hour(49)), &state(hour(49))).is_empty());
}

#[test]
fn a_machine_has_the_name_of_then_whether_or_not_earlier_changes_are_told() {
    let named = |class: Class, field: &str, name: &str| {
        let fields = [(field.to_owned(), Value::Text(name.to_owned()))].into();
        Observation { class, key: class.word().to_owned(), name: name.to_owned(), fields }
    };
    let mut host = Host::new();
    for (day, name) in ["a", "b", "c"].into_iter().enumerate() {
        let disk = named(Class::Disk, "model", &format!("disk-{name}"));
        host.scan(hour(day as i64 * 24), vec![named(Class::Computer, "hostname", name), disk]);
    }
    let whole = host.newest_first();
    for (moment, name) in [(hour(1), "a"), (hour(25), "b"), (hour(49), "c")] {
        let later: Vec<Change> = whole.iter().filter(|change| change.observed_at > moment).cloned().collect();
        for changes in [&whole, &later] {
            let names: Vec<String> = all_at(&host.items, changes, moment).into_iter().map(|item| item.name).collect();
            assert_eq!(names, [name.to_owned(), format!("disk-{name}")]);
        }
    }
}

fn any_packages() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[a-e]", "[1-3]", 0..5)
}

proptest! {
    #[test]
    fn every_past_is_the_scan_that_was_newest_then(scans in prop::collection::vec(any_packages(), 1..9)) {
        let mut host = Host::new();
        for (day, scan) in scans.iter().enumerate() {
            let seen = scan.iter().map(|(name, version)| package(name, version)).collect();
            host.scan(hour(day as i64 * 24), seen);
        }
        for (day, scan) in scans.iter().enumerate() {
            let then = host.state(hour(day as i64 * 24 + 5));
            let versions = |name: &String| match then[name].get("version") {
                Some(Value::Text(version)) => version.clone(),
                other => format!("{other:?}"),
            };
            let told: BTreeMap<String, String> = then.keys().map(|name| (name.clone(), versions(name))).collect();
            prop_assert_eq!(&told, scan);
        }
    }
}
