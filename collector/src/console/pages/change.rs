//! A change of the CMDB as a line: a sign, what, and from what to what.

use crate::console::view::{Speech, clip};
use crate::model::{Change, ChangeKind, Value};

/// A line of text.
pub struct ChangeLine {
    /// When it was seen.
    pub at: String,
    /// `+`, `-` or `~`.
    pub sign: &'static str,
    /// The sign in words.
    pub sign_key: &'static str,
    /// Class, a key of the catalogue.
    pub class_key: String,
    /// Name of the item at that time.
    pub name: String,
    /// `field: old → new`, or nothing.
    pub detail: String,
}

/// The line of a change.
pub fn line(speech: &Speech, change: &Change) -> ChangeLine {
    let (sign, sign_key) = sign(change.kind);
    ChangeLine {
        at: speech.time(&change.observed_at),
        sign,
        sign_key,
        class_key: format!("console-class-{}", change.class.word().replace('_', "-")),
        name: clip(&change.name, 120),
        detail: detail(speech, change.field.as_deref(), change.old.as_ref(), change.new.as_ref()),
    }
}

/// The sign of a change, and the sign in words.
pub fn sign(kind: ChangeKind) -> (&'static str, &'static str) {
    match kind {
        ChangeKind::Added => ("+", "console-change-added"),
        ChangeKind::Removed => ("−", "console-change-removed"),
        ChangeKind::Changed => ("~", "console-change-changed"),
    }
}

/// `field: old → new`, or nothing where no field is named.
pub fn detail(speech: &Speech, field: Option<&str>, old: Option<&Value>, new: Option<&Value>) -> String {
    let Some(field) = field else { return String::new() };
    let text = |value: Option<&Value>| value.map_or_else(|| "–".to_owned(), |value| speech.value(field, value));
    format!("{}: {} → {}", field.replace('_', " "), text(old), text(new))
}
