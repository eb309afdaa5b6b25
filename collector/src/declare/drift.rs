//! Drift: what of a site is new, gone or changed since its baseline. States of a moment are no drift: volatile fields,
//! classes without history, pending updates.

use crate::cmdb;
use crate::model::{BaselineItem, ChangeKind, CiClass, Class, Fields, HostId, ItemId, Value};
use std::collections::{BTreeSet, HashMap};

/// Classes of which neither coming, going nor change is drift, beside those without history.
const LEFT_OUT: &[Class] = &[Class::Update];
/// Names of packages told of one host.
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

/// What of the software of one host drifted, in sum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoftwareDrift {
    /// Packages that came.
    pub added: usize,
    /// Packages that went.
    pub removed: usize,
    /// Packages with another version.
    pub changed: usize,
    /// Some of their names.
    pub names: Vec<String>,
}

impl SoftwareDrift {
    /// Nothing drifted.
    pub fn is_none(&self) -> bool {
        self.added + self.removed + self.changed == 0
    }
}

/// The drift of one host, or of what is declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostDrift {
    /// Components.
    pub rows: Vec<DriftRow>,
    /// Software.
    pub software: SoftwareDrift,
    /// Components that are as they were, software too.
    pub unchanged: usize,
}

/// The drift of a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// Components, by host.
    pub rows: Vec<DriftRow>,
    /// Software, by host.
    pub software: Vec<(HostId, SoftwareDrift)>,
    /// Components that are as they were.
    pub unchanged: usize,
}

impl Drift {
    /// Takes the drift of one host in; none = what is declared.
    pub fn take(&mut self, host: Option<HostId>, drift: HostDrift) {
        self.rows.extend(drift.rows);
        self.software.extend(host.filter(|_| !drift.software.is_none()).map(|host| (host, drift.software)));
        self.unchanged += drift.unchanged;
    }
}

impl HostDrift {
    /// Compares what a baseline holds of a host with what is there now.
    pub fn between(before: &[BaselineItem], now: &[BaselineItem]) -> HostDrift {
        let (before, now) = (of_interest(before), of_interest(now));
        let mut drift = HostDrift::default();
        for item in now.values() {
            match before.get(&item.item) {
                None => drift.take(item, ChangeKind::Added, Vec::new()),
                Some(old) => drift.compare(old, item),
            }
        }
        let gone = before.values().filter(|item| !now.contains_key(&item.item));
        gone.for_each(|item| drift.take(item, ChangeKind::Removed, Vec::new()));
        drift.fold(before.is_empty(), now.is_empty());
        drift.rows.sort_by(|a, b| (a.class, &a.name, a.item).cmp(&(b.class, &b.name, b.item)));
        drift.software.names.sort();
        drift.software.names.truncate(TOLD_MAX);
        drift
    }

    fn compare(&mut self, old: &BaselineItem, new: &BaselineItem) {
        let fields = changed_fields(new.class, &old.facts, &new.facts);
        if fields.is_empty() && old.name == new.name {
            self.unchanged += 1;
        } else {
            self.take(new, ChangeKind::Changed, fields);
        }
    }

    fn take(&mut self, item: &BaselineItem, kind: ChangeKind, fields: Vec<(String, Option<Value>, Option<Value>)>) {
        if item.class == CiClass::Observed(Class::Software) {
            match kind {
                ChangeKind::Added => self.software.added += 1,
                ChangeKind::Removed => self.software.removed += 1,
                ChangeKind::Changed => self.software.changed += 1,
            }
            self.software.names.push(item.name.clone());
            return;
        }
        let (item, host, class, name) = (item.item, item.host, item.class, item.name.clone());
        self.rows.push(DriftRow { kind, item, host, class, name, fields, with: 0 });
    }

    /// A machine that came or went as a whole is one row.
    fn fold(&mut self, is_new: bool, is_gone: bool) {
        let machine = |row: &DriftRow| row.class == CiClass::Observed(Class::Computer);
        if !(is_new || is_gone) || !self.rows.iter().any(machine) {
            return;
        }
        let with = self.rows.len() - 1 + self.software.added + self.software.removed;
        self.rows.retain(machine);
        self.rows.iter_mut().for_each(|row| row.with = with);
        self.software = SoftwareDrift::default();
    }
}

fn of_interest(items: &[BaselineItem]) -> HashMap<ItemId, &BaselineItem> {
    let counts = |class: CiClass| match class {
        CiClass::Declared(_) => true,
        CiClass::Observed(class) => !cmdb::WITHOUT_HISTORY.contains(&class) && !LEFT_OUT.contains(&class),
    };
    items.iter().filter(|item| counts(item.class)).map(|item| (item.item, item)).collect()
}

fn changed_fields(class: CiClass, old: &Fields, new: &Fields) -> Vec<(String, Option<Value>, Option<Value>)> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let is_config = |name: &str| match class {
        CiClass::Declared(_) => true,
        // Of a package only its version was written down.
        CiClass::Observed(Class::Software) => name == "version",
        CiClass::Observed(class) => !cmdb::is_volatile(class, name),
    };
    let changed = names.into_iter().filter(|name| is_config(name) && old.get(*name) != new.get(*name));
    changed.map(|name| (name.clone(), old.get(name).cloned(), new.get(name).cloned())).collect()
}
