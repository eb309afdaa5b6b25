//! Drift: what of a site is new, gone or changed since its baseline. Components are listed one by one; what goes by
//! itself (packages, services, accounts, patch levels, leases) is counted for each host and class. States of a moment
//! are no drift: volatile fields, classes without history, pending updates.

use crate::cmdb;
use crate::model::{BaselineItem, ChangeKind, CiClass, Class, Fields, HostId, ItemId, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Classes that are written down and told one by one; of the others the number is enough.
pub const LISTED: &[Class] = &[
    Class::Computer,
    Class::OperatingSystem,
    Class::Cpu,
    Class::Memory,
    Class::Disk,
    Class::Array,
    Class::Controller,
    Class::Volume,
    Class::Interface,
    Class::BackupJob,
    Class::SecurityProduct,
    Class::RemoteTool,
    Class::VirtualMachine,
    Class::Container,
    Class::Printer,
    Class::Display,
    Class::Battery,
];
/// Classes of which neither coming, going nor change is drift, beside those without history.
const LEFT_OUT: &[Class] = &[Class::Update];
/// Fields that updates and leases change: a component that differs in these alone is counted, not listed.
const MINOR: &[(Class, &str)] = &[
    (Class::OperatingSystem, "version"),
    (Class::OperatingSystem, "kernel"),
    (Class::OperatingSystem, "support_end"),
    (Class::Interface, "addresses"),
    (Class::Interface, "gateway"),
    (Class::Interface, "name_servers"),
    (Class::SecurityProduct, "version"),
    (Class::RemoteTool, "version"),
    (Class::Container, "image"),
];
/// Names told of one count.
const TOLD_MAX: usize = 20;

/// One component that drifted.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftRow {
    /// New, gone or changed.
    pub kind: ChangeKind,
    /// Which item.
    pub item: ItemId,
    /// On which host; none = declared.
    pub host: Option<HostId>,
    /// Class.
    pub class: CiClass,
    /// Name.
    pub name: String,
    /// Field, before, after; for what changed.
    pub fields: Vec<(String, Option<Value>, Option<Value>)>,
    /// Components that came or went with a whole machine and are not listed one by one.
    pub with: usize,
}

/// What drifted of one class on one host, in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Which host.
    pub host: HostId,
    /// Class.
    pub class: Class,
    /// How many came.
    pub added: usize,
    /// How many went.
    pub removed: usize,
    /// How many changed.
    pub changed: usize,
    /// Some of their names.
    pub names: Vec<String>,
}

/// The drift of a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// Components, by host.
    pub rows: Vec<DriftRow>,
    /// The rest, by host and class.
    pub counted: Vec<Counted>,
    /// Items of the baseline that are as they were.
    pub unchanged: usize,
}

/// Can an item of this class drift?
pub fn may_drift(class: CiClass) -> bool {
    match class {
        CiClass::Declared(_) => true,
        CiClass::Observed(class) => !cmdb::WITHOUT_HISTORY.contains(&class) && !LEFT_OUT.contains(&class),
    }
}

/// Does a field tell of the thing itself and not of a moment?
pub fn is_lasting(class: CiClass, field: &str) -> bool {
    match class {
        CiClass::Declared(_) => true,
        // Of a package only its version was written down.
        CiClass::Observed(Class::Software) => field == "version",
        CiClass::Observed(class) => !cmdb::is_volatile(class, field),
    }
}

/// Compares what a baseline holds with what is there now; items that are equal may be left out of both. `fixed` is how
/// many items that [`may_drift`] the baseline holds.
pub fn drift(before: &[BaselineItem], now: &[BaselineItem], fixed: usize) -> Drift {
    let mut hosts: BTreeMap<Option<HostId>, [Vec<&BaselineItem>; 2]> = BTreeMap::new();
    for (side, items) in [before, now].into_iter().enumerate() {
        for item in items.iter().filter(|item| may_drift(item.class)) {
            hosts.entry(item.host).or_default()[side].push(item);
        }
    }
    let mut drift = Drift { unchanged: fixed, ..Drift::default() };
    for (_, [before, now]) in hosts {
        drift.take(HostDrift::between(&before, &now));
    }
    drift
}

impl Drift {
    fn take(&mut self, host: HostDrift) {
        self.unchanged = self.unchanged.saturating_sub(host.touched);
        self.rows.extend(host.rows);
        self.counted.extend(host.counted.into_values().map(|mut one| {
            one.names.sort();
            one.names.truncate(TOLD_MAX);
            one
        }));
    }
}

/// The drift of one host, or of what is declared.
#[derive(Default)]
struct HostDrift {
    rows: Vec<DriftRow>,
    counted: BTreeMap<Class, Counted>,
    /// Items of the baseline that changed or went.
    touched: usize,
}

impl HostDrift {
    fn between(before: &[&BaselineItem], now: &[&BaselineItem]) -> HostDrift {
        let known: HashMap<ItemId, &BaselineItem> = before.iter().map(|item| (item.item, *item)).collect();
        let present: BTreeSet<ItemId> = now.iter().map(|item| item.item).collect();
        let mut drift = HostDrift::default();
        for item in now {
            match known.get(&item.item) {
                None => drift.take(item, ChangeKind::Added, Vec::new()),
                Some(old) => drift.compare(old, item),
            }
        }
        for item in before.iter().filter(|item| !present.contains(&item.item)) {
            drift.take(item, ChangeKind::Removed, Vec::new());
        }
        drift.fold();
        drift.rows.sort_by(|a, b| (a.class, &a.name, a.item).cmp(&(b.class, &b.name, b.item)));
        drift
    }

    fn compare(&mut self, old: &BaselineItem, new: &BaselineItem) {
        let fields = changed_fields(new.class, &old.facts, &new.facts);
        let is_minor = |class| fields.iter().all(|(name, ..)| MINOR.contains(&(class, name.as_str())));
        match (new.class, new.host) {
            _ if fields.is_empty() && old.name == new.name => {}
            (CiClass::Observed(class), Some(host)) if old.name == new.name && is_minor(class) => {
                self.touched += 1;
                self.count(host, class, &new.name, ChangeKind::Changed);
            }
            _ => self.take(new, ChangeKind::Changed, fields),
        }
    }

    fn take(&mut self, item: &BaselineItem, kind: ChangeKind, fields: Vec<(String, Option<Value>, Option<Value>)>) {
        self.touched += usize::from(kind != ChangeKind::Added);
        match (item.class, item.host) {
            (CiClass::Observed(class), Some(host)) if !LISTED.contains(&class) => {
                self.count(host, class, &item.name, kind);
            }
            (class, host) => {
                let (item, name) = (item.item, item.name.clone());
                self.rows.push(DriftRow { kind, item, host, class, name, fields, with: 0 });
            }
        }
    }

    fn count(&mut self, host: HostId, class: Class, name: &str, kind: ChangeKind) {
        let blank = || Counted { host, class, added: 0, removed: 0, changed: 0, names: Vec::new() };
        let one = self.counted.entry(class).or_insert_with(blank);
        match kind {
            ChangeKind::Added => one.added += 1,
            ChangeKind::Removed => one.removed += 1,
            ChangeKind::Changed => one.changed += 1,
        }
        one.names.push(name.to_owned());
    }

    /// A machine that came or went as a whole is one row.
    fn fold(&mut self) {
        let is_machine = |row: &DriftRow| row.class == CiClass::Observed(Class::Computer);
        let machine = self.rows.iter().find(|row| is_machine(row)).map(|row| row.kind);
        let Some(kind) = machine.filter(|kind| *kind != ChangeKind::Changed) else { return };
        let moved = |one: &Counted| if kind == ChangeKind::Added { one.added } else { one.removed };
        let with = self.rows.len() - 1 + self.counted.values().map(moved).sum::<usize>();
        self.rows.retain(is_machine);
        self.rows.iter_mut().for_each(|row| row.with = with);
        self.counted.clear();
    }
}

fn changed_fields(class: CiClass, old: &Fields, new: &Fields) -> Vec<(String, Option<Value>, Option<Value>)> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| is_lasting(class, name) && old.get(*name) != new.get(*name));
    changed.map(|name| (name.clone(), old.get(name).cloned(), new.get(name).cloned())).collect()
}
