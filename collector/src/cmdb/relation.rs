//! How the items of one host relate: parts and software to the machine, accounts to their groups, disks to their
//! array. A relation holds while both its items are there; what began and what ended is given, and nothing else.

use crate::model::{Class, Item, ItemId, Relation, RelationKind, Value};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// (source, kind, target).
type Triple = (ItemId, RelationKind, ItemId);

/// What `touched` (new, changed, gone or returned items, whole) begins and ends among the relations of `existing`.
pub fn relations(existing: &[Item], touched: &[Item], at: Timestamp) -> Vec<Relation> {
    let changed: HashMap<ItemId, &Item> = touched.iter().map(|item| (item.id, item)).collect();
    let old: Vec<&Item> = existing.iter().filter(|item| changed.contains_key(&item.id)).collect();
    if old.len() == touched.len()
        && old.iter().all(|item| changed.get(&item.id).is_some_and(|now| relates_as(item, now)))
    {
        return Vec::new();
    }
    let before = held(existing.iter());
    let kept = existing.iter().filter(|item| !changed.contains_key(&item.id));
    let after = held(kept.chain(touched));
    let relation = |until: Option<Timestamp>| {
        move |(from, kind, to): &Triple| Relation { from: *from, kind: *kind, to: *to, since: at, until }
    };
    let ended = before.difference(&after).map(relation(Some(at)));
    ended.chain(after.difference(&before).map(relation(None))).collect()
}

/// Of the open relations of a host's items, those that no longer hold, ended now.
pub fn never_ended(existing: &[Item], open: &[Relation], now: Timestamp) -> Vec<Relation> {
    let holding = held(existing.iter());
    let is_over = |relation: &&Relation| {
        let is_judged_here = relation.kind != RelationKind::Supersedes && relation.kind != RelationKind::RunsOn;
        is_judged_here && !holding.contains(&(relation.from, relation.kind, relation.to))
    };
    open.iter().filter(is_over).map(|relation| Relation { until: Some(now), ..relation.clone() }).collect()
}

/// Most scans change what no relation hangs on.
fn relates_as(old: &Item, new: &Item) -> bool {
    old.gone_at.is_some() == new.gone_at.is_some()
        && ["name", "members"].iter().all(|field| old.fields.get(*field) == new.fields.get(*field))
}

fn held<'a>(items: impl Iterator<Item = &'a Item>) -> BTreeSet<Triple> {
    let present: Vec<&Item> = items.filter(|item| item.gone_at.is_none()).collect();
    let mut found = BTreeSet::new();
    if let Some(computer) = present.iter().find(|item| item.class == Class::Computer) {
        let to_computer = |item: &&Item| Some((item.id, kind_to_computer(item.class)?, computer.id));
        found.extend(present.iter().filter_map(to_computer));
    }
    found.extend(memberships(&present));
    found
}

fn kind_to_computer(class: Class) -> Option<RelationKind> {
    match class {
        Class::Computer => None,
        Class::Cpu
        | Class::Memory
        | Class::Disk
        | Class::DiskHealth
        | Class::Array
        | Class::Controller
        | Class::Volume
        | Class::Interface
        | Class::Battery => Some(RelationKind::ComponentOf),
        Class::Display | Class::Printer | Class::UsbDevice => Some(RelationKind::ConnectedTo),
        Class::Container | Class::VirtualMachine => Some(RelationKind::RunsOn),
        // Other devices are not the machine's.
        Class::Neighbour => None,
        Class::OperatingSystem
        | Class::Software
        | Class::Port
        | Class::Certificate
        | Class::User
        | Class::Group
        | Class::Service
        | Class::ScheduledJob
        | Class::Update
        | Class::PendingUpdate
        | Class::BackupJob
        | Class::SecurityProduct
        | Class::RemoteTool => Some(RelationKind::InstalledOn),
    }
}

fn memberships(items: &[&Item]) -> Vec<Triple> {
    let members: HashMap<(Class, &str), ItemId> =
        items.iter().filter_map(|item| Some(((item.class, member_name(item)?), item.id))).collect();
    let mut found = Vec::new();
    for whole in items {
        let (Some(class), Some(Value::List(names))) = (member_class(whole.class), whole.fields.get("members")) else {
            continue;
        };
        let from = names.iter().filter_map(|name| members.get(&(class, name.as_str())));
        found.extend(from.map(|from| (*from, RelationKind::MemberOf, whole.id)));
    }
    found
}

fn member_class(whole: Class) -> Option<Class> {
    match whole {
        Class::Group => Some(Class::User),
        Class::Array => Some(Class::Disk),
        _ => None,
    }
}

/// The name that a list of members calls an item by.
fn member_name(item: &Item) -> Option<&str> {
    match (item.class, item.fields.get("name")) {
        (Class::User, _) => Some(&item.key),
        (Class::Disk, Some(Value::Text(name))) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdb::reconcile::tests::{item, text};
    use std::slice::from_ref;

    fn told(relations: &[Relation]) -> Vec<(ItemId, RelationKind, bool)> {
        relations.iter().map(|one| (one.from, one.kind, one.until.is_some())).collect()
    }

    #[test]
    fn a_relation_ends_with_its_item_and_begins_anew_when_it_comes_back() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let computer = item(Class::Computer, "computer", &[]);
        let package = item(Class::Software, "nginx", &[("version", text("1"))]);
        let gone = Item { gone_at: Some(now), ..package.clone() };
        let begun = relations(from_ref(&computer), from_ref(&package), now);
        assert_eq!(told(&begun), [(package.id, RelationKind::InstalledOn, false)]);
        let ended = relations(&[computer.clone(), package.clone()], from_ref(&gone), now);
        assert_eq!(told(&ended), [(package.id, RelationKind::InstalledOn, true)]);
        assert_eq!(told(&relations(&[computer, gone], from_ref(&package), now)), told(&begun));
    }

    #[test]
    fn a_member_that_leaves_its_group_ends_the_membership_alone() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let members = |names: &[&str]| Value::List(names.iter().map(|name| (*name).to_owned()).collect());
        let (ann, bob) = (item(Class::User, "ann", &[]), item(Class::User, "bob", &[]));
        let group = item(Class::Group, "sudo", &[("members", members(&["ann", "bob"]))]);
        let smaller = Item { fields: [("members".to_owned(), members(&["ann"]))].into(), ..group.clone() };
        let ended = relations(&[ann, bob.clone(), group], &[smaller], now);
        assert_eq!(told(&ended), [(bob.id, RelationKind::MemberOf, true)]);
    }

    #[test]
    fn an_upgrade_touches_no_relation() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let computer = item(Class::Computer, "computer", &[]);
        let old = item(Class::Software, "nginx", &[("version", text("1"))]);
        let new = Item { fields: [("version".to_owned(), text("2"))].into(), ..old.clone() };
        assert!(relations(&[computer, old], &[new], now).is_empty());
    }
}
