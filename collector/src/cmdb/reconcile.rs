//! From the items that a host had and a scan of it to the items, history rows and relations that are new. A scan
//! that shows nothing new gives nothing at all. It does not decide whether a scan is too old to apply.

use super::identity::item_id;
use super::relation::relations;
use super::{EPHEMERAL, WITHOUT_HISTORY, is_volatile};
use crate::model::*;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a scan changes; to be stored in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reconciled {
    /// Items that are new, changed, gone or back; whole.
    pub items: Vec<Item>,
    /// Items that are gone and had no history: nothing of them is kept.
    pub forgotten: Vec<ItemId>,
    /// Rows of history, oldest first.
    pub changes: Vec<Change>,
    /// Relations that began or ended.
    pub relations: Vec<Relation>,
}

/// Where a scan comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Event time.
    pub at: Timestamp,
    /// When the collector received it.
    pub received_at: Timestamp,
    /// The report that carried it: `incarnation/sequence`.
    pub scan_name: &'a str,
    /// Classes of which the host was never scanned whole.
    pub unknown: &'a [Class],
}

/// Compares a scan with all items of the host, gone ones too. The first whole scan of a class is the baseline: it makes
/// items but no history, save one row for the machine.
pub fn reconcile(host: HostId, customer: CustomerId, existing: &[Item], scan: &Scan, origin: Origin<'_>) -> Reconciled {
    let mut turn = Turn { host, customer, origin, out: Reconciled::default() };
    let known: HashMap<(Class, &str), &Item> = existing.iter().map(|item| ((item.class, &*item.key), item)).collect();
    let mut taken: HashSet<ItemId> = existing.iter().map(|item| item.id).collect();
    let mut seen = HashSet::new();
    for observed in scan.observations.iter().filter(|observed| scan.classes.contains(&observed.class)) {
        // A second of the same key would make the scan differ from itself.
        if !seen.insert((observed.class, observed.key.as_str())) {
            continue;
        }
        match known.get(&(observed.class, observed.key.as_str())) {
            Some(item) => turn.update(item, observed),
            None => turn.add(observed, origin.unknown.contains(&observed.class), &mut taken),
        }
    }
    let present = existing.iter().filter(|item| item.gone_at.is_none() && scan.classes.contains(&item.class));
    present
        .filter(|_| !scan.partial)
        .filter(|item| !seen.contains(&(item.class, item.key.as_str())))
        .for_each(|item| turn.remove(item));
    turn.out.relations = relations(existing, &turn.out.items, origin.at);
    turn.out
}

struct Turn<'a> {
    host: HostId,
    customer: CustomerId,
    origin: Origin<'a>,
    out: Reconciled,
}

impl Turn<'_> {
    fn add(&mut self, observed: &Observation, baseline: bool, taken: &mut HashSet<ItemId>) {
        let item = Item {
            id: item_id(self.host, observed.class, &observed.key, self.origin.at, taken),
            customer: self.customer,
            host: self.host,
            class: observed.class,
            key: observed.key.clone(),
            name: observed.name.clone(),
            fields: observed.fields.clone(),
            first_seen_at: self.origin.at,
            gone_at: None,
        };
        if !baseline || item.class == Class::Computer {
            self.record(&item, ChangeKind::Added);
        }
        self.out.items.push(item);
    }

    fn update(&mut self, old: &Item, observed: &Observation) {
        let fields = known_fields(old, observed);
        if old.gone_at.is_none() && old.name == observed.name && old.fields == fields {
            return;
        }
        let item = Item { name: observed.name.clone(), fields, gone_at: None, ..old.clone() };
        if old.gone_at.is_some() {
            self.record(&item, ChangeKind::Added);
        }
        let names: BTreeSet<&String> = old.fields.keys().chain(item.fields.keys()).collect();
        for name in names.into_iter().filter(|name| !is_volatile(item.class, name) && has_history(&item)) {
            let (before, after) = (old.fields.get(name), item.fields.get(name));
            if before != after {
                let change = self.change(&item, ChangeKind::Changed);
                let (field, old, new) = (Some(name.clone()), before.cloned(), after.cloned());
                self.out.changes.push(Change { field, old, new, ..change });
            }
        }
        self.out.items.push(item);
    }

    fn remove(&mut self, old: &Item) {
        if !has_history(old) {
            return self.out.forgotten.push(old.id);
        }
        let item = Item { gone_at: Some(self.origin.at), ..old.clone() };
        self.record(&item, ChangeKind::Removed);
        self.out.items.push(item);
    }

    fn record(&mut self, item: &Item, kind: ChangeKind) {
        if !has_history(item) {
            return;
        }
        let change = self.change(item, kind);
        self.out.changes.push(change);
    }

    fn change(&self, item: &Item, kind: ChangeKind) -> Change {
        Change {
            item: item.id,
            host: self.host,
            class: item.class,
            name: item.name.clone(),
            kind,
            field: None,
            old: None,
            new: None,
            observed_at: self.origin.at,
            received_at: self.origin.received_at,
            scan: self.origin.scan_name.to_owned(),
        }
    }
}

fn has_history(item: &Item) -> bool {
    !WITHOUT_HISTORY.contains(&item.class) && item.fields.get(EPHEMERAL) != Some(&Value::Flag(true))
}

/// A disk that sleeps says nothing of its health: what it said before still holds.
fn known_fields(old: &Item, observed: &Observation) -> Fields {
    let sleeps = observed.class == Class::DiskHealth && observed.fields.get("standby") == Some(&Value::Flag(true));
    let mut fields = if sleeps { old.fields.clone() } else { Fields::new() };
    fields.extend(observed.fields.clone());
    fields
}

#[cfg(test)]
pub mod tests {
    //! Also gives the items that the other rules are tested with.
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const CLASSES: [Class; 3] = [Class::Software, Class::Service, Class::Disk];

    /// What the pipeline says of a host that was last scanned before these items: classes that it never had one of.
    pub fn never_seen(existing: &[Item], scan: &Scan) -> Vec<Class> {
        let is_known = |class: &Class| existing.iter().any(|item| item.class == *class);
        scan.classes.iter().copied().filter(|class| !is_known(class)).collect()
    }

    pub fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    pub fn item(class: Class, key: &str, fields: &[(&str, Value)]) -> Item {
        let (host, customer, at) = (HostId::default(), CustomerId::default(), at(0));
        let Observation { name, fields, .. } = seen(class, key, fields);
        Item {
            id: ItemId::new(),
            customer,
            host,
            class,
            key: key.into(),
            name,
            fields,
            first_seen_at: at,
            gone_at: None,
        }
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap()
    }

    fn seen(class: Class, key: &str, fields: &[(&str, Value)]) -> Observation {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Observation { class, key: key.to_owned(), name: key.to_owned(), fields }
    }

    fn scan(classes: &[Class], observations: Vec<Observation>) -> Scan {
        Scan { classes: classes.to_vec(), digest: 0, partial: false, observations }
    }

    /// A host whose scans are applied one after the other.
    struct World {
        host: HostId,
        items: Vec<Item>,
        scanned: HashSet<Class>,
        hour: i64,
    }

    impl World {
        fn new() -> Self {
            World { host: HostId::new(), items: Vec::new(), scanned: HashSet::new(), hour: 0 }
        }

        fn apply(&mut self, scan: &Scan) -> Reconciled {
            self.hour += 24;
            let now = at(self.hour);
            let unknown: Vec<Class> =
                scan.classes.iter().copied().filter(|class| !self.scanned.contains(class)).collect();
            let origin = Origin { at: now, received_at: now, scan_name: "0a/1", unknown: &unknown };
            let done = reconcile(self.host, CustomerId::default(), &self.items, scan, origin);
            if !scan.partial {
                self.scanned.extend(&scan.classes);
            }
            self.items.retain(|item| !done.forgotten.contains(&item.id));
            for item in &done.items {
                self.items.retain(|old| old.id != item.id);
                self.items.push(item.clone());
            }
            done
        }

        fn id(&self, key: &str) -> ItemId {
            self.items.iter().find(|item| item.key == key).unwrap().id
        }
    }

    fn told(done: &Reconciled) -> Vec<(ChangeKind, &str, Option<&str>)> {
        done.changes.iter().map(|change| (change.kind, change.name.as_str(), change.field.as_deref())).collect()
    }

    fn package(name: &str, version: &str) -> Observation {
        seen(Class::Software, name, &[("version", text(version))])
    }

    #[test]
    fn the_first_scan_of_a_class_is_the_baseline_and_later_ones_make_history() {
        let mut world = World::new();
        let first = world.apply(&scan(&[Class::Software], vec![package("nginx", "1.24"), package("vim", "9")]));
        assert_eq!((first.items.len(), first.changes.len()), (2, 0));
        let second = world.apply(&scan(&[Class::Software], vec![package("nginx", "1.26"), package("jq", "1.7")]));
        let expected = [
            (ChangeKind::Changed, "nginx", Some("version")),
            (ChangeKind::Added, "jq", None),
            (ChangeKind::Removed, "vim", None),
        ];
        assert_eq!(told(&second), expected);
        assert_eq!((&second.changes[0].old, &second.changes[0].new), (&Some(text("1.24")), &Some(text("1.26"))));
    }

    #[test]
    fn a_new_machine_is_one_row() {
        let mut world = World::new();
        let first = world.apply(&scan(&[Class::Computer], vec![seen(Class::Computer, "computer", &[])]));
        assert_eq!(told(&first), [(ChangeKind::Added, "computer", None)]);
    }

    #[test]
    fn the_first_item_of_a_class_that_was_empty_is_news() {
        let mut world = World::new();
        world.apply(&scan(&[Class::Array], vec![]));
        let built = world.apply(&scan(&[Class::Array], vec![seen(Class::Array, "md0", &[])]));
        assert_eq!(told(&built), [(ChangeKind::Added, "md0", None)]);
    }

    #[test]
    fn a_first_scan_that_is_not_whole_is_no_baseline_yet() {
        let mut world = World::new();
        world.apply(&Scan { partial: true, ..scan(&[Class::Software], vec![package("vim", "9")]) });
        let whole = vec![package("vim", "9"), package("nginx", "1.24")];
        assert_eq!(world.apply(&scan(&[Class::Software], whole.clone())).changes, []);
        assert_eq!(
            world.apply(&scan(&[Class::Software], [whole, vec![package("jq", "1.7")]].concat())).changes.len(),
            1
        );
    }

    #[test]
    fn an_item_that_comes_back_is_the_same_item() {
        let mut world = World::new();
        world.apply(&scan(&[Class::Software], vec![package("nginx", "1.24")]));
        let id = world.id("nginx");
        world.apply(&scan(&[Class::Software], vec![]));
        assert!(world.items[0].gone_at.is_some());
        let back = world.apply(&scan(&[Class::Software], vec![package("nginx", "1.24")]));
        assert_eq!(told(&back), [(ChangeKind::Added, "nginx", None)]);
        assert_eq!((world.id("nginx"), world.items[0].gone_at), (id, None));
        assert!(back.relations.is_empty());
    }

    #[test]
    fn a_service_that_stops_updates_the_item_without_history() {
        let mut world = World::new();
        let service =
            |state: &str| scan(&[Class::Service], vec![seen(Class::Service, "cron", &[("state", text(state))])]);
        world.apply(&service("running"));
        let stopped = world.apply(&service("failed"));
        assert_eq!((stopped.items.len(), stopped.changes.len()), (1, 0));
    }

    #[test]
    fn what_a_partial_scan_does_not_list_is_not_gone_but_what_it_lists_counts() {
        let mut world = World::new();
        world.apply(&scan(&[Class::Software], vec![package("nginx", "1.24"), package("vim", "9")]));
        let cut = Scan { partial: true, ..scan(&[Class::Software], vec![package("vim", "9.1")]) };
        assert_eq!(told(&world.apply(&cut)), [(ChangeKind::Changed, "vim", Some("version"))]);
        assert!(world.items.iter().all(|item| item.gone_at.is_none()));
    }

    #[test]
    fn a_port_that_the_system_dealt_out_comes_and_goes_without_history() {
        let mut world = World::new();
        let port = |key: &str, ephemeral| seen(Class::Port, key, &[("ephemeral", Value::Flag(ephemeral))]);
        world.apply(&scan(&[Class::Port], vec![port("tcp:22", false)]));
        let opened = world.apply(&scan(&[Class::Port], vec![port("tcp:22", false), port("tcp:40000", true)]));
        assert_eq!((opened.items.len(), opened.changes.len()), (1, 0));
        let dealt_out = world.id("tcp:40000");
        let both_closed = world.apply(&scan(&[Class::Port], vec![]));
        assert_eq!(told(&both_closed), [(ChangeKind::Removed, "tcp:22", None)]);
        assert_eq!(both_closed.forgotten, [dealt_out]);
    }

    #[test]
    fn a_disk_that_sleeps_keeps_what_it_said_and_makes_no_history() {
        let mut world = World::new();
        let disk = |fields: &[(&str, Value)]| scan(&[Class::DiskHealth], vec![seen(Class::DiskHealth, "S1", fields)]);
        let awake = [("verdict", text("failed")), ("standby", Value::Flag(false))];
        world.apply(&disk(&awake));
        let asleep = world.apply(&disk(&[("standby", Value::Flag(true))]));
        assert_eq!((asleep.items[0].fields["verdict"].clone(), asleep.changes.len()), (text("failed"), 0));
        assert_eq!(world.apply(&disk(&awake)).changes.len(), 0);
    }

    #[test]
    fn what_the_scan_is_not_complete_for_is_left_alone() {
        let mut world = World::new();
        world.apply(&scan(&[Class::Software], vec![package("nginx", "1.24")]));
        let foreign = vec![seen(Class::Disk, "sda", &[]), package("nginx", "2")];
        let done = world.apply(&scan(&[Class::Disk], foreign));
        assert_eq!((done.items.len(), done.changes.len()), (1, 0));
    }

    #[test]
    fn parts_relate_to_the_machine_in_either_order_and_members_to_their_group() {
        let mut world = World::new();
        world.apply(&scan(&[Class::Disk], vec![seen(Class::Disk, "S1", &[("name", text("sda"))])]));
        let machine = world.apply(&scan(&[Class::Computer], vec![seen(Class::Computer, "computer", &[])]));
        let (disk, computer) = (world.id("S1"), world.id("computer"));
        let since = at(world.hour);
        let part = Relation { from: disk, kind: RelationKind::ComponentOf, to: computer, since, until: None };
        assert_eq!(machine.relations, [part]);
        let group = |members: &[&str]| {
            let members = Value::List(members.iter().map(|member| (*member).to_owned()).collect());
            let people = ["ann", "bob"].map(|name| seen(Class::User, name, &[]));
            let group = seen(Class::Group, "sudo", &[("members", members)]);
            scan(&[Class::User, Class::Group], people.into_iter().chain([group]).collect())
        };
        assert_eq!(world.apply(&group(&["ann"])).relations.len(), 4);
        let promoted = world.apply(&group(&["ann", "bob"]));
        let since = at(world.hour);
        let member = |from, to| Relation { from, kind: RelationKind::MemberOf, to, since, until: None };
        assert_eq!(promoted.relations, [member(world.id("bob"), world.id("sudo"))]);
        let array = seen(Class::Array, "md0", &[("members", Value::List(vec!["sda".into()]))]);
        let built = world.apply(&scan(&[Class::Array], vec![array]));
        let is_member = |one: &Relation| one.from == disk && one.to == world.id("md0") && one.until.is_none();
        assert!(built.relations.iter().any(is_member));
    }

    type State = BTreeMap<(Class, String), Fields>;

    /// The present items by what makes history.
    fn state(items: &[Item]) -> State {
        let present = items.iter().filter(|item| item.gone_at.is_none());
        present.map(|item| ((item.class, item.key.clone()), lasting(item))).collect()
    }

    fn lasting(item: &Item) -> Fields {
        let fields = item.fields.clone().into_iter();
        fields.filter(|(name, _)| !is_volatile(item.class, name)).collect()
    }

    /// Replays rows of history over a state. `memory` holds the fields of items that are gone.
    fn replay(now: &mut State, memory: &mut State, done: &Reconciled, all: &[Item]) {
        for change in &done.changes {
            let item = all.iter().find(|item| item.id == change.item).unwrap();
            let key = (item.class, item.key.clone());
            match change.kind {
                ChangeKind::Added => {
                    let fields = memory.get(&key).cloned().unwrap_or_else(|| lasting(item));
                    now.insert(key, fields);
                }
                ChangeKind::Removed => {
                    let fields = now.remove(&key).unwrap();
                    memory.insert(key, fields);
                }
                ChangeKind::Changed => {
                    let fields = now.get_mut(&key).unwrap();
                    let name = change.field.clone().unwrap();
                    assert_eq!(fields.get(&name), change.old.as_ref());
                    match &change.new {
                        Some(new) => fields.insert(name, new.clone()),
                        None => fields.remove(&name),
                    };
                }
            }
        }
    }

    fn any_observations() -> impl Strategy<Value = Vec<Observation>> {
        let field = (prop::sample::select(vec!["version", "state", "name", "model"]), "[a-c]");
        let fields = prop::collection::btree_map(field.0, field.1, 0..4);
        let one = (prop::sample::select(CLASSES.to_vec()), "[a-d]", fields).prop_map(|(class, key, fields)| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, text(value))).collect();
            seen(class, &key, &fields)
        });
        prop::collection::vec(one, 0..10)
    }

    proptest! {
        #[test]
        fn history_leads_from_the_first_state_to_the_last(scans in prop::collection::vec(any_observations(), 1..8)) {
            let mut world = World::new();
            // Each class is known from the start, so that none of the scans is a baseline.
            world.apply(&scan(&CLASSES, CLASSES.map(|class| seen(class, "z", &[])).to_vec()));
            let (mut told, mut memory) = (state(&world.items), State::new());
            for observations in scans {
                let done = world.apply(&scan(&CLASSES, observations.clone()));
                replay(&mut told, &mut memory, &done, &done.items);
                prop_assert_eq!(&told, &state(&world.items));
                let again = world.apply(&scan(&CLASSES, observations));
                prop_assert_eq!(again, Reconciled::default());
            }
        }
    }
}
