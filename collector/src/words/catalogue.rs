//! The registry of catalogues, one pair of files for each room that speaks to people, and their keys as written.

use crate::model::Language;

/// The catalogues of one room.
pub(super) struct Room {
    /// Name, and prefix of its keys.
    pub name: &'static str,
    english: &'static str,
    dutch: &'static str,
}

macro_rules! room {
    ($name:literal) => {
        Room {
            name: $name,
            english: include_str!(concat!("../../words/", $name, ".en.ftl")),
            dutch: include_str!(concat!("../../words/", $name, ".nl.ftl")),
        }
    };
}

/// Every room with sentences.
pub(super) const ROOMS: [Room; 5] =
    [room!("judge"), room!("contract"), room!("deliver"), room!("console"), room!("declare")];

impl Room {
    /// The catalogue in `en` or `nl`.
    pub fn source(&self, language: &str) -> &'static str {
        if language == word(Language::Nl) { self.dutch } else { self.english }
    }
}

/// The language in the names of the files.
pub(super) fn word(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Nl => "nl",
    }
}

/// A key and the lines that belong to it.
pub(super) struct Entry {
    /// Key.
    pub key: &'static str,
    /// Its lines as they stand in the file.
    #[cfg_attr(not(test), allow(dead_code))]
    pub source: String,
}

/// The messages of all rooms in a language; Fluent starts a message in the first column and indents what follows.
pub(super) fn entries(language: Language) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in ROOMS.iter().flat_map(|room| room.source(word(language)).lines()) {
        if let Some(key) = key(line) {
            entries.push(Entry { key, source: line.to_owned() });
        } else if let (true, Some(entry)) = (line.starts_with(' '), entries.last_mut()) {
            entry.source.push('\n');
            entry.source.push_str(line);
        }
    }
    entries
}

fn key(line: &'static str) -> Option<&'static str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(letters)).then_some(key)
}
