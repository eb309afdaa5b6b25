//! The fields that people fill in: those with a form of their own, and free ones. It checks single values; whether
//! somebody may change them is not asked here.

use super::edit::Refused;
use jiff::civil::Date;

/// Characters of a value; a note may be longer and have lines.
const VALUE_CHARACTERS_MAX: usize = 500;
const NOTE_CHARACTERS_MAX: usize = 4_000;
const NAME_BYTES_MAX: usize = 40;
/// Hardware addresses that one item may state.
const MACS_MAX: usize = 16;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One line.
    Line,
    /// Lines.
    Note,
    /// A day as `2026-12-31`.
    Day,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Hardware addresses.
    Macs,
}

/// The fields with a form, in the order of forms and tables.
pub const TYPED: &[(&str, Form)] = &[
    ("owner", Form::Line),
    ("criticality", Form::Choice(&["low", "normal", "high", "critical"])),
    ("solvable_remotely", Form::Choice(&["yes", "no", "partly"])),
    ("manufacturer", Form::Line),
    ("model", Form::Line),
    ("serial", Form::Line),
    ("mac", Form::Macs),
    ("address", Form::Line),
    ("reference", Form::Line),
    ("supplier", Form::Line),
    ("purchased_on", Form::Day),
    ("warranty_ends_on", Form::Day),
    ("note", Form::Note),
];

/// Fields that tell of the thing itself and so stay with it when another takes its place.
pub(super) const OF_THE_THING: &[&str] =
    &["manufacturer", "model", "serial", "mac", "supplier", "purchased_on", "warranty_ends_on"];

/// Names that mean something else in tables and in history.
const TAKEN: &[&str] = &["id", "class", "name", "site", "state", "state_since", "supersedes", "superseded_by"];

/// The value as it is kept; none = the field is taken away.
pub(super) fn checked(name: &str, value: &str) -> Result<Option<String>, Refused> {
    let form = TYPED.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
    if form.is_none() && !is_free_name(name) {
        return Err(Refused::invalid(format!(
            "{name:?} is not a field: 1 to {NAME_BYTES_MAX} of a-z, 0-9 and _, a letter first"
        )));
    }
    let value = value.replace("\r\n", "\n");
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    let most = if form == Some(Form::Note) { NOTE_CHARACTERS_MAX } else { VALUE_CHARACTERS_MAX };
    let is_bad = |c: char| c.is_control() && !(c == '\n' && form == Some(Form::Note));
    if value.chars().count() > most || value.chars().any(is_bad) {
        return Err(Refused::invalid(format!("{name}: at most {most} characters, no control characters")));
    }
    match form {
        None | Some(Form::Line | Form::Note) => Ok(Some(value.to_owned())),
        Some(Form::Day) => {
            let day: Date = value.parse().map_err(|_| Refused::invalid(format!("{name}: a day as 2026-12-31")))?;
            Ok(Some(day.to_string()))
        }
        Some(Form::Choice(words)) => {
            let word = words.iter().find(|word| word.eq_ignore_ascii_case(value));
            word.map(|word| Some((*word).to_owned()))
                .ok_or_else(|| Refused::invalid(format!("{name}: one of {}", words.join(", "))))
        }
        Some(Form::Macs) => {
            let macs = mac_addresses(value);
            let all = value.split([',', ' ', ';']).filter(|part| !part.is_empty()).count();
            if macs.is_empty() || macs.len() != all || all > MACS_MAX {
                return Err(Refused::invalid(format!("{name}: hardware addresses as 00:1a:2b:3c:4d:5e, with commas")));
            }
            Ok(Some(macs.join(", ")))
        }
    }
}

fn is_free_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !TAKEN.contains(&name)
}

/// The hardware addresses in a text, in lower case with colons; what is none is left out.
pub fn mac_addresses(text: &str) -> Vec<String> {
    text.split([',', ' ', ';']).filter_map(mac).collect()
}

fn mac(text: &str) -> Option<String> {
    let digits: Vec<char> = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let good = digits.len() == 12 && digits.iter().all(char::is_ascii_hexdigit);
    good.then(|| {
        let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect::<String>().to_lowercase()).collect();
        pairs.join(":")
    })
}
