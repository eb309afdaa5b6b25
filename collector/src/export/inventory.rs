//! The present items of one host, by class, and their facts as the types that files ask for.

use crate::model::{Class, Fields, Item, Value};

/// What is there, in order of class and key.
pub struct Inventory<'a>(Vec<&'a Item>);

impl<'a> Inventory<'a> {
    /// Leaves out what is gone.
    pub fn of(items: &'a [Item]) -> Self {
        let mut present: Vec<&Item> = items.iter().filter(|item| item.gone_at.is_none()).collect();
        present.sort_by(|one, other| (one.class, &one.key).cmp(&(other.class, &other.key)));
        Self(present)
    }

    /// Items of a class, by key.
    pub fn items(&self, class: Class) -> impl Iterator<Item = &'a Item> {
        self.0.iter().copied().filter(move |item| item.class == class)
    }

    /// Facts of each item of a class, by key.
    pub fn each(&self, class: Class) -> impl Iterator<Item = Facts<'a>> {
        self.items(class).map(Facts::of)
    }

    /// Facts of the only item of a class.
    pub fn only(&self, class: Class) -> Option<Facts<'a>> {
        self.each(class).next()
    }
}

/// The facts of one item.
#[derive(Clone, Copy)]
pub struct Facts<'a>(&'a Fields);

impl<'a> Facts<'a> {
    /// Of this item.
    pub fn of(item: &'a Item) -> Self {
        Self(&item.fields)
    }

    /// A text that says something.
    pub fn text(&self, field: &str) -> Option<&'a str> {
        match self.0.get(field) {
            Some(Value::Text(text)) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// A count or a size.
    pub fn number(&self, field: &str) -> Option<i64> {
        match self.0.get(field) {
            Some(Value::Integer(number)) => Some(*number).filter(|number| *number >= 0),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn flag(&self, field: &str) -> Option<bool> {
        match self.0.get(field) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// A list; empty where it is absent.
    pub fn list(&self, field: &str) -> &'a [String] {
        match self.0.get(field) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }
}
