//! One object of the GLPI document, and the forms in which its schema wants values.

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

/// Bytes of a mebibyte, the unit of memory and file systems.
const MEBIBYTE: i64 = 1024 * 1024;
/// Bytes of a megabyte, the unit of disks.
const MEGABYTE: i64 = 1_000_000;

/// An object in the making: what is absent is not put.
#[derive(Clone, Default)]
pub struct Part(Map<String, Json>);

impl Part {
    /// A text, when there is one.
    pub fn text<T: Into<String>>(self, name: &str, text: Option<T>) -> Self {
        self.put(name, text.map(|text| Json::from(text.into())))
    }

    /// A number, when there is one.
    pub fn number(self, name: &str, number: Option<i64>) -> Self {
        self.put(name, number.map(Json::from))
    }

    /// Yes or no, when it is known.
    pub fn flag(self, name: &str, flag: Option<bool>) -> Self {
        self.put(name, flag.map(Json::from))
    }

    /// A value that is an object or a list itself.
    pub fn put(mut self, name: &str, value: Option<Json>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    /// The object; `None` where nothing is known.
    pub fn whole(self) -> Option<Json> {
        (!self.0.is_empty()).then_some(Json::Object(self.0))
    }

    /// The object, when everything that the schema requires of it is known.
    pub fn with(self, required: &[&str]) -> Option<Json> {
        required.iter().all(|name| self.0.contains_key(*name)).then_some(self).and_then(Part::whole)
    }
}

/// Bytes as mebibytes.
pub fn mebibytes(bytes: Option<i64>) -> Option<i64> {
    bytes.map(|bytes| bytes / MEBIBYTE)
}

/// Bytes as megabytes.
pub fn megabytes(bytes: Option<i64>) -> Option<i64> {
    bytes.map(|bytes| bytes / MEGABYTE)
}

/// `YYYY-MM-DD` of a date as firmware (`MM/DD/YYYY`) or we (`YYYY-MM-DD`) write it.
pub fn date(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    let date = text.parse::<Date>().or_else(|_| Date::strptime("%m/%d/%Y", text)).ok()?;
    // The schema has four digits for a year and no sign.
    (0..=9_999).contains(&date.year()).then(|| date.strftime("%Y-%m-%d").to_string())
}

/// An architecture that the schema knows.
pub fn architecture(text: Option<&str>) -> Option<&str> {
    let text = text?;
    let is_intel =
        text.len() == 4 && text.starts_with('i') && text.ends_with("86") && text.as_bytes()[1].is_ascii_digit();
    match text {
        "x86_64" | "amd64" => Some("x86_64"),
        "aarch64" | "arm64" => Some("aarch64"),
        "x86" => Some("i386"),
        "ppc" => Some("powerpc"),
        "ppc64" | "ppc64le" => Some("powerpc64"),
        "mips" | "mips64" | "alpha" | "sparc" | "sparc64" | "m68k" | "powerpc" | "powerpc64" => Some(text),
        _ => (is_intel || text.starts_with("arm")).then_some(text),
    }
}

/// A hardware address: six pairs of hex digits with colons.
pub fn mac(text: Option<&str>) -> Option<&str> {
    let text = text?;
    let pairs = || text.split(':');
    let is_mac = pairs().count() == 6
        && pairs().all(|pair| pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
    is_mac.then_some(text)
}
