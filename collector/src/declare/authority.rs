//! Who has authority over a field. What an agent observes is the agent's, what people declare is theirs; where both
//! state the same fact and differ, the difference is shown and neither is overwritten.

use crate::model::{Ci, CiClass, Class, Item, LifeState, Value};

/// The two sides of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The declared field.
    pub field: String,
    /// What people say.
    pub declared: String,
    /// What the agent sees.
    pub observed: String,
}

/// Where the two sides differ. `reports` says that the item's host reports at present.
pub fn conflicts(ci: &Ci, reports: bool) -> Vec<Conflict> {
    let Some(item) = &ci.observed else { return Vec::new() };
    let declared = ci.declared.fields.iter();
    let mut found: Vec<Conflict> = declared.filter_map(|(field, value)| conflict(item, field, value)).collect();
    if ci.declared.class == CiClass::Observed(Class::Computer) {
        found.extend(life_conflict(ci.declared.state, reports));
    }
    found
}

fn conflict(item: &Item, field: &str, declared: &str) -> Option<Conflict> {
    let seen: Vec<String> = names(item.class, field).iter().filter_map(|name| text(item, name)).collect();
    let first = seen.first()?;
    let agrees = seen.iter().any(|value| plain(value) == plain(declared));
    (!agrees).then(|| Conflict { field: field.to_owned(), declared: declared.to_owned(), observed: first.clone() })
}

/// The observed fields that state the same fact; any of them may agree.
fn names(class: Class, field: &str) -> Vec<&str> {
    match (class, field) {
        (Class::Computer, "serial") => vec!["serial", "chassis_serial", "board_serial"],
        (Class::Computer, "model") => vec!["product", "board_product", "sku"],
        (Class::Computer, "manufacturer") => vec!["manufacturer", "board_manufacturer"],
        (Class::Display | Class::UsbDevice, "model") => vec!["model", "product"],
        (_, field) => vec![field],
    }
}

fn text(item: &Item, name: &str) -> Option<String> {
    match item.fields.get(name)? {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Flag(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        Value::List(texts) => Some(texts.join(", ")),
    }
}

/// Case and spacing are no difference.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A machine that reports is in use, whatever was written down.
fn life_conflict(state: LifeState, reports: bool) -> Option<Conflict> {
    (reports && state != LifeState::Active).then(|| Conflict {
        field: "state".to_owned(),
        declared: state.word().to_owned(),
        observed: LifeState::Active.word().to_owned(),
    })
}
