//! How the items of one host relate: parts and software to the machine, accounts to their groups, disks to their
//! array. Only relations of which an end, or the membership itself, is new are given; one that ended stays as it was.

use crate::model::{Class, Item, ItemId, Relation, RelationKind, Value};
use std::collections::{HashMap, HashSet};

/// The relations that `touched` (new or changed items, whole) adds to those of `existing`.
pub fn relations(existing: &[Item], touched: &[Item]) -> Vec<Relation> {
    let before: HashMap<ItemId, &Item> = existing.iter().map(|item| (item.id, item)).collect();
    let mut now = before.clone();
    now.extend(touched.iter().map(|item| (item.id, item)));
    let is_new = |id: ItemId| !before.contains_key(&id);
    let mut found = to_computer(&now, &is_new);
    found.extend(memberships(&now, &before, touched));
    found.sort_by_key(|relation| (relation.from, relation.to));
    found
}

fn to_computer(now: &HashMap<ItemId, &Item>, is_new: &dyn Fn(ItemId) -> bool) -> Vec<Relation> {
    let Some(computer) = now.values().find(|item| item.class == Class::Computer) else { return Vec::new() };
    let fresh = now.values().filter(|item| is_new(item.id) || is_new(computer.id));
    fresh
        .filter_map(|item| Some(Relation { from: item.id, kind: kind_to_computer(item.class)?, to: computer.id }))
        .collect()
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

fn memberships(now: &HashMap<ItemId, &Item>, before: &HashMap<ItemId, &Item>, touched: &[Item]) -> Vec<Relation> {
    if !touched.iter().any(|item| member_name(item).is_some() || item.fields.contains_key("members")) {
        return Vec::new();
    }
    let was: HashSet<Relation> = all_memberships(before).into_iter().collect();
    all_memberships(now).into_iter().filter(|relation| !was.contains(relation)).collect()
}

fn all_memberships(items: &HashMap<ItemId, &Item>) -> Vec<Relation> {
    let members: HashMap<(Class, &str), ItemId> =
        items.values().filter_map(|item| Some(((item.class, member_name(item)?), item.id))).collect();
    let mut found = Vec::new();
    for whole in items.values() {
        let (member_class, Some(Value::List(names))) = (member_class(whole.class), whole.fields.get("members")) else {
            continue;
        };
        let from = names.iter().filter_map(|name| members.get(&(member_class?, name.as_str())));
        found.extend(from.map(|from| Relation { from: *from, kind: RelationKind::MemberOf, to: whole.id }));
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
