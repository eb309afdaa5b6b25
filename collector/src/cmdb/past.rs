//! Items as they stood at a moment, found by undoing what changed later, and what differs between two moments. Only
//! what makes history can be known of the past: volatile fields are absent there.

use super::WITHOUT_HISTORY;
use super::field::{FieldKind, field_kind};
use crate::model::{Change, ChangeKind, Item, ItemId, Value};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The item as it stood at a moment; `None` = it was not there. `newest_first` are its changes, at least all later ones.
/// Its name is the one that its newest earlier change gives, else the one that the changes of its fields lead back to.
pub fn at<'a>(item: &Item, newest_first: impl Iterator<Item = &'a Change>, moment: Timestamp) -> Option<Item> {
    let mut then = item.clone();
    let mut is_there = item.first_seen_at <= moment && item.gone_at.is_none_or(|gone| gone > moment);
    for change in newest_first {
        if change.observed_at <= moment {
            then.name.clone_from(&change.name);
            break;
        }
        match change.kind {
            ChangeKind::Added => is_there = false,
            ChangeKind::Removed => is_there = true,
            ChangeKind::Changed => undo(&mut then, change),
        }
    }
    // A machine's first row says that it was added: before it there is nothing to undo.
    if !is_there || item.first_seen_at > moment {
        return None;
    }
    let class = then.class;
    then.fields.retain(|name, _| field_kind(class, name) != FieldKind::Volatile);
    then.gone_at = None;
    Some(then)
}

/// All items of a host as they stood at a moment, by class, key and id. `newest_first` are the host's later
/// changes, and of each item at best the newest earlier one.
pub fn all_at(items: &[Item], newest_first: &[Change], moment: Timestamp) -> Vec<Item> {
    let mut changes: HashMap<ItemId, Vec<&Change>> = HashMap::new();
    for change in newest_first {
        changes.entry(change.item).or_default().push(change);
    }
    let mut found: Vec<Item> = items
        .iter()
        .filter_map(|item| at(item, changes.get(&item.id).into_iter().flatten().copied(), moment))
        .collect();
    found.sort_by(|a, b| (a.class.word(), &a.key, a.id).cmp(&(b.class.word(), &b.key, b.id)));
    found
}

/// When an item was there: from and until, `None` = still; oldest first. Of a class without history only its first
/// sight and its end are known.
pub fn stretches<'a>(
    item: &Item,
    oldest_first: impl Iterator<Item = &'a Change>,
) -> Vec<(Timestamp, Option<Timestamp>)> {
    if WITHOUT_HISTORY.contains(&item.class) {
        return vec![(item.first_seen_at, item.gone_at)];
    }
    let mut found = vec![(item.first_seen_at, None)];
    for change in oldest_first {
        let is_open = found.last().is_some_and(|(_, until)| until.is_none());
        match (change.kind, found.last_mut()) {
            (ChangeKind::Removed, Some(last)) if is_open => last.1 = Some(change.observed_at),
            (ChangeKind::Added, _) if !is_open => found.push((change.observed_at, None)),
            _ => {}
        }
    }
    found
}

/// What differs of one item between two moments.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The item as it was later; as it was earlier where it is gone.
    pub item: Item,
    /// What happened to it, all told.
    pub kind: ChangeKind,
    /// Which field, for `Changed`.
    pub field: Option<String>,
    /// Value before.
    pub old: Option<Value>,
    /// Value after.
    pub new: Option<Value>,
}

/// One item earlier and later.
type Pair<'a> = (Option<&'a Item>, Option<&'a Item>);

/// From one state of a host to a later one, by class, key and field: what has one key is one thing, in the next life of
/// the machine too. What changed and changed back is no difference; volatile fields and classes without history are left
/// out.
pub fn differences(earlier: &[Item], later: &[Item]) -> Vec<Difference> {
    let mut pairs: BTreeMap<(&str, &str), Pair<'_>> = BTreeMap::new();
    for item in earlier.iter().filter(|item| !WITHOUT_HISTORY.contains(&item.class)) {
        pairs.entry((item.class.word(), &item.key)).or_default().0 = Some(item);
    }
    for item in later.iter().filter(|item| !WITHOUT_HISTORY.contains(&item.class)) {
        pairs.entry((item.class.word(), &item.key)).or_default().1 = Some(item);
    }
    pairs.into_values().flat_map(|(old, new)| between(old, new)).collect()
}

fn undo(item: &mut Item, change: &Change) {
    let Some(field) = &change.field else { return };
    // A machine is named after its host name, a disk after its model: the name came with this field.
    if let (Some(Value::Text(new)), Some(Value::Text(old))) = (&change.new, &change.old)
        && *new == item.name
    {
        item.name.clone_from(old);
    }
    match &change.old {
        Some(old) => item.fields.insert(field.clone(), old.clone()),
        None => item.fields.remove(field),
    };
}

fn between(old: Option<&Item>, new: Option<&Item>) -> Vec<Difference> {
    let whole = |item: &Item, kind| Difference { item: item.clone(), kind, field: None, old: None, new: None };
    match (old, new) {
        (None, Some(new)) => vec![whole(new, ChangeKind::Added)],
        (Some(old), None) => vec![whole(old, ChangeKind::Removed)],
        (Some(old), Some(new)) => changed(old, new),
        (None, None) => Vec::new(),
    }
}

fn changed(old: &Item, new: &Item) -> Vec<Difference> {
    let names: BTreeSet<&String> = old.fields.keys().chain(new.fields.keys()).collect();
    let lasting = names.into_iter().filter(|name| field_kind(new.class, name) != FieldKind::Volatile);
    let differing = lasting.filter(|name| old.fields.get(*name) != new.fields.get(*name));
    let difference = |name: &String| Difference {
        item: new.clone(),
        kind: ChangeKind::Changed,
        field: Some(name.clone()),
        old: old.fields.get(name).cloned(),
        new: new.fields.get(name).cloned(),
    };
    differing.map(difference).collect()
}

#[cfg(test)]
mod tests;
