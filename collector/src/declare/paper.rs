//! A baseline as a paper to print and sign: a sheet for each machine and one for what people declare, components one by
//! one and the rest in numbers. It orders and chooses; words and layout are for those who show it.

use super::drift::{LISTED, is_lasting};
use crate::model::{BaselineItem, CiClass, Class, HostId, Value};
use std::collections::BTreeMap;

/// Components of one sheet.
const ROWS_MAX: usize = 200;
/// Facts of one component.
const FACTS_MAX: usize = 8;
/// Facts that tell one thing from another come first.
const FIRST: &[&str] =
    &["manufacturer", "product", "model", "serial", "version", "size_bytes", "mac", "addresses", "state"];

/// One sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Of which host; none = what people declare.
    pub host: Option<HostId>,
    /// Name of its machine, where it has told it.
    pub machine: Option<String>,
    /// Components that are written down one by one, in the order of the paper.
    pub rows: Vec<BaselineItem>,
    /// Further components, for which there is no room.
    pub left_out: usize,
    /// How many there are of the other classes.
    pub counts: Vec<(CiClass, u64)>,
}

/// The sheets of a baseline: machines by name, then what people declare. `items` are those of [`LISTED`] and all that is
/// declared, `counts` all items by host and class.
pub fn sheets(items: Vec<BaselineItem>, counts: Vec<(Option<HostId>, CiClass, u64)>) -> Vec<Sheet> {
    let mut sheets: BTreeMap<Option<HostId>, Sheet> = BTreeMap::new();
    let blank = |host| Sheet { host, machine: None, rows: Vec::new(), left_out: 0, counts: Vec::new() };
    for item in items {
        let sheet = sheets.entry(item.host).or_insert_with(|| blank(item.host));
        if item.class == CiClass::Observed(Class::Computer) && item.host.is_some() {
            sheet.machine = Some(item.name.clone());
        }
        sheet.rows.push(item);
    }
    for (host, class, count) in counts {
        let sheet = sheets.entry(host).or_insert_with(|| blank(host));
        sheet.counts.extend((host.is_some() && place(class).is_none()).then_some((class, count)));
    }
    let mut sheets: Vec<Sheet> = sheets.into_values().map(ordered).collect();
    let name = |sheet: &Sheet| sheet.machine.as_ref().map(|name| name.to_lowercase());
    sheets.sort_by_cached_key(|sheet| (sheet.host.is_none(), name(sheet)));
    sheets
}

fn ordered(mut sheet: Sheet) -> Sheet {
    sheet.rows.sort_by(|a, b| (place(a.class), a.class, &a.name).cmp(&(place(b.class), b.class, &b.name)));
    sheet.left_out = sheet.rows.len().saturating_sub(ROWS_MAX);
    sheet.rows.truncate(ROWS_MAX);
    sheet
}

fn place(class: CiClass) -> Option<usize> {
    match class {
        CiClass::Observed(class) => LISTED.iter().position(|listed| *listed == class),
        CiClass::Declared(_) => Some(0),
    }
}

/// The facts of a component for which a paper has room, the telling ones first; none of a moment.
pub fn facts(item: &BaselineItem) -> Vec<(&str, &Value)> {
    let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let lasting = item.facts.iter().filter(|(name, _)| is_lasting(item.class, name));
    let mut facts: Vec<(&str, &Value)> = lasting.map(|(name, value)| (name.as_str(), value)).collect();
    facts.sort_by_key(|(name, _)| (rank(name), *name));
    facts.truncate(FACTS_MAX);
    facts
}
