//! Does an item have what is asked for? Names and values by word or beginning, versions by their order. It does not
//! know where items are kept.

use super::version::{Rules, Wish};
use crate::model::{Class, Item, Value};

/// What is asked of an item beside its class and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Its version.
    pub version: Option<Wish>,
    /// A field, and its value: a text in any case or its beginning (`WDC*`), a number, `true` or `false`; of a list any
    /// member. Without a value the field is to be known at all.
    pub field: Option<(String, Option<String>)>,
}

impl Query {
    /// Is this item meant?
    pub fn is_met(&self, item: &Item) -> bool {
        let by_version = self.version.as_ref().is_none_or(|wish| match item.fields.get("version") {
            Some(Value::Text(version)) => wish.is_met(version, rules(item)),
            _ => false,
        });
        by_version
            && self.field.as_ref().is_none_or(|(name, wanted)| {
                let value = item.fields.get(name);
                value.is_some_and(|value| wanted.as_ref().is_none_or(|wanted| is_value(value, wanted)))
            })
    }
}

/// A wanted text as (text, is it only a beginning).
pub fn beginning(wanted: &str) -> (&str, bool) {
    wanted.strip_suffix('*').map_or((wanted, false), |beginning| (beginning, true))
}

fn rules(item: &Item) -> Rules {
    let is_rpm = item.class == Class::Software && item.fields.get("source") == Some(&Value::Text("rpm".to_owned()));
    if is_rpm { Rules::Rpm } else { Rules::Debian }
}

fn is_value(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Flag(flag) => wanted.parse() == Ok(*flag),
        Value::Integer(number) => wanted.parse() == Ok(*number),
        Value::Text(text) => is_text(text, wanted),
        Value::List(texts) => texts.iter().any(|text| is_text(text, wanted)),
    }
}

fn is_text(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (text.to_lowercase(), wanted.to_lowercase());
    match beginning(&wanted) {
        (beginning, true) => text.starts_with(beginning),
        (whole, false) => text == whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdb::reconcile::tests::{item, text};

    fn field(name: &str, value: &str) -> Query {
        Query { version: None, field: Some((name.to_owned(), Some(value.to_owned()))) }
    }

    #[test]
    fn values_are_asked_for_by_word_beginning_number_flag_and_member() {
        let members = Value::List(vec!["ann".into(), "bob".into()]);
        let fields = [
            ("model", text("WDC WD40")),
            ("size_bytes", Value::Integer(4)),
            ("administrator", Value::Flag(true)),
            ("members", members),
        ];
        let one = item(Class::Disk, "d", &fields);
        for (name, value) in [
            ("model", "wdc*"),
            ("model", "WDC wd40"),
            ("size_bytes", "4"),
            ("administrator", "true"),
            ("members", "BOB"),
        ] {
            assert!(field(name, value).is_met(&one), "{name} {value}");
        }
        for (name, value) in [("model", "wdc"), ("size_bytes", "40"), ("administrator", "false"), ("serial", "*")] {
            assert!(!field(name, value).is_met(&one), "{name} {value}");
        }
        assert!(Query { version: None, field: Some(("model".into(), None)) }.is_met(&one));
    }

    #[test]
    fn a_version_is_compared_by_the_rules_of_its_package() {
        let package = |source: &str, version: &str| {
            item(Class::Software, "openssl", &[("source", text(source)), ("version", text(version))])
        };
        let older = Query { version: Wish::read("<1.0.1"), field: None };
        assert!(older.is_met(&package("rpm", "1.0^a")) && !older.is_met(&package("dpkg", "1.0^a")));
        assert!(!older.is_met(&item(Class::Software, "openssl", &[])));
    }
}
