//! What every page needs to speak and to be framed: language, zone, who is signed in, the totals in its header. Only
//! turns values into text; what a page shows is the page's own.

use super::Console;
use super::{assets, refusal};
use crate::model::{Actor, Argument, Language, Message, Permission, Scope, Severity, Totals, Value};
use crate::store;
use crate::words::Words;
use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::ops::Deref;
use std::sync::Arc;

/// A reader's language and zone.
#[derive(Clone)]
pub struct Speech {
    words: Arc<Words>,
    /// Language.
    pub language: Language,
    /// Zone.
    pub zone: TimeZone,
    /// Name of this installation.
    pub instance: String,
}

impl Speech {
    /// Speech in a language, in the console's zone; UTC where that zone is unknown.
    pub fn new(console: &Console, language: Language) -> Self {
        let zone = TimeZone::get(&console.settings.zone).unwrap_or(TimeZone::UTC);
        Self { words: Arc::clone(&console.words), language, zone, instance: console.settings.instance.clone() }
    }

    /// A text without arguments.
    pub fn t(&self, key: &str) -> String {
        self.words.text(key, self.language)
    }

    /// A text with a count, `$n`.
    pub fn count(&self, key: &str, n: &u64) -> String {
        self.say(&Message::new(key).with("n", Argument::Number(*n as f64)))
    }

    /// A text with a name, `$name`.
    pub fn name(&self, key: &str, name: &str) -> String {
        self.say(&Message::new(key).with_text("name", name))
    }

    /// A message.
    pub fn say(&self, message: &Message) -> String {
        self.words.say(message, self.language, &self.zone)
    }

    /// A moment for people.
    pub fn time(&self, at: &Timestamp) -> String {
        self.words.time(*at, self.language, &self.zone)
    }

    /// A moment that may be years ago, with its year.
    pub fn dated(&self, at: &Timestamp) -> String {
        let local = self.zone.to_datetime(*at);
        format!("{} {:02}:{:02}", self.date(local.date()), local.hour(), local.minute())
    }

    /// A moment for people, or a dash.
    pub fn moment(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "–".to_owned(), |at| self.time(&at))
    }

    /// A span for people.
    pub fn span(&self, from: Timestamp, to: Timestamp) -> String {
        let seconds = to.as_second().saturating_sub(from.as_second()).max(0);
        self.words.seconds(seconds as f64, self.language)
    }

    /// A day for people.
    pub fn date(&self, on: Date) -> String {
        self.words.date(on, self.language)
    }

    /// Bytes for people.
    pub fn bytes(&self, bytes: f64) -> String {
        self.words.bytes(bytes, self.language)
    }

    /// A share for people.
    pub fn ratio(&self, ratio: f64) -> String {
        self.words.ratio(ratio, self.language)
    }

    /// Seconds for people.
    pub fn seconds(&self, seconds: f64) -> String {
        self.words.seconds(seconds, self.language)
    }

    /// A count with its thousands apart.
    pub fn n(&self, number: &u64) -> String {
        let digits = number.to_string();
        let mark = if self.language == Language::Nl { '.' } else { ',' };
        let mut text = String::with_capacity(digits.len() + 6);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// An item's value for people. Units stand at the end of our field names.
    pub fn value(&self, field: &str, value: &Value) -> String {
        match value {
            Value::Flag(true) => self.t("console-yes"),
            Value::Flag(false) => self.t("console-no"),
            Value::Integer(bytes) if field.ends_with("_bytes") => self.bytes(*bytes as f64),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => clip(text, 160),
            Value::List(texts) => clip(&texts.join(", "), 160),
        }
    }

    /// BCP 47 tag for `<html lang>`.
    pub fn tag(&self) -> &'static str {
        match self.language {
            Language::En => "en",
            Language::Nl => "nl",
        }
    }

    /// URL of an asset.
    #[expect(clippy::unused_self, reason = "templates call methods of what they are given")]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// This build.
    #[expect(clippy::unused_self, reason = "templates call methods of what they are given")]
    pub fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// The frame of a page for someone who is signed in.
pub struct Frame {
    speech: Speech,
    /// Who.
    pub actor: Actor,
    /// Numbers of the navigation and the header.
    pub totals: Totals,
    /// Which entry of the navigation is current.
    pub place: &'static str,
    /// This page's own path and query, to come back to after an act.
    pub here: String,
    /// What to fetch when something was committed; empty for a page that stands still.
    pub live: String,
    /// What the search field holds.
    pub search: String,
}

impl Deref for Frame {
    type Target = Speech;
    fn deref(&self) -> &Speech {
        &self.speech
    }
}

impl Frame {
    /// The frame of a page at `here`.
    pub async fn open(console: &Console, actor: &Actor, place: &'static str, here: String) -> store::Result<Frame> {
        let totals = console.store.totals(actor.scope.clone()).await?;
        let speech = Speech::new(console, actor.language);
        Ok(Frame { speech, actor: actor.clone(), totals, place, here, live: String::new(), search: String::new() })
    }

    /// May the reader handle incidents?
    pub fn may_handle(&self) -> bool {
        self.actor.duty.may(Permission::Handle)
    }

    /// May the reader change customers and hosts?
    pub fn may_administer(&self) -> bool {
        self.actor.duty.may(Permission::Administer)
    }

    /// May the reader see the audit log? Its lines name customers of every scope.
    pub fn may_audit(&self) -> bool {
        self.may_administer() && self.actor.scope == Scope::All
    }

    /// Where the search field goes.
    pub fn search_action(&self) -> &'static str {
        match self.place {
            "incidents" => "/incidents",
            "search" => "/search",
            _ => "/hosts",
        }
    }
}

/// Severity as (word, class of its colour).
pub fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::P1 => ("P1", "p1"),
        Severity::P2 => ("P2", "p2"),
        Severity::P3 => ("P3", "p3"),
        Severity::P4 => ("P4", "p4"),
    }
}

/// A path with those parameters that are not empty.
pub fn link(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = path.to_owned();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(name);
        url.push('=');
        url.push_str(&refusal::encode(value));
    }
    url
}

/// A path of our own to go on to; `/` for anything that could lead elsewhere.
pub fn own_path(text: &str) -> &str {
    let plain = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 2_000
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain { text } else { "/" }
}

/// At most so many characters.
pub fn clip(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    text.chars().take(characters.saturating_sub(1)).chain(['…']).collect()
}

/// The first language of a browser that we speak.
pub fn language_of(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted
        .split(',')
        .find_map(|tag| match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "nl" => Some(Language::Nl),
            "en" => Some(Language::En),
            _ => None,
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_our_own_are_gone_on_to() {
        assert_eq!(own_path("/hosts?q=a%20b"), "/hosts?q=a%20b");
        for hostile in ["//evil.example", "https://evil.example", "/\\evil.example", "", "hosts", "/a\r\nb", "/a b"] {
            assert_eq!(own_path(hostile), "/", "{hostile}");
        }
    }

    #[test]
    fn a_link_leaves_empty_filters_out() {
        assert_eq!(link("/hosts", &[("q", "a&b"), ("presence", "")]), "/hosts?q=a%26b");
        assert_eq!(link("/hosts", &[("q", "")]), "/hosts");
    }

    #[test]
    fn the_browsers_first_known_language_is_taken() {
        let mut headers = HeaderMap::new();
        assert_eq!(language_of(&headers), Language::En);
        headers.insert("accept-language", "de-DE, nl-NL;q=0.8, en;q=0.5".parse().unwrap());
        assert_eq!(language_of(&headers), Language::Nl);
    }

    #[test]
    fn long_text_is_clipped_by_characters() {
        assert_eq!(clip("één twee", 4), "één…");
        assert_eq!(clip("één", 3), "één");
    }
}
