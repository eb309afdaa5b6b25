//! A sentence for people, not yet in a language: a key of the catalogues with its arguments. Incidents keep these
//! and every way out renders them in the reader's language.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A language of the catalogues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Dutch.
    Nl,
}

/// A key of the catalogue and its arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Key in `collector/words/*.ftl`.
    pub key: String,
    /// Arguments by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, Argument>,
}

/// An argument; how it reads (decimals, units, clock) depends on language and zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// Text from a machine or a person, shown as it is and escaped by the way out.
    Text(String),
    /// A plain number.
    Number(f64),
    /// 0..1, shown in per cent.
    Ratio(f64),
    /// Bytes, shown in a unit that fits.
    Bytes(f64),
    /// Seconds, shown in a unit that fits.
    Seconds(f64),
    /// A moment, shown in the reader's zone.
    Time(Timestamp),
}

impl Message {
    /// A message without arguments.
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), arguments: BTreeMap::new() }
    }

    /// Adds an argument.
    pub fn with(mut self, name: &str, argument: Argument) -> Self {
        self.arguments.insert(name.to_owned(), argument);
        self
    }

    /// Adds a text argument.
    pub fn with_text(self, name: &str, text: impl Into<String>) -> Self {
        self.with(name, Argument::Text(text.into()))
    }
}
