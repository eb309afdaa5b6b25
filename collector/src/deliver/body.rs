//! From a message's body to a mail: one subject line and plain text in the reader's language. Pure. Every value is
//! hostile text: single values stay on one line and longer ones are indented, so none can pose as another part.

use crate::model::{Argument, Language, Message, MessageKind, OutboxMessage};
use crate::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

const SUBJECT_CHARS_MAX: usize = 180;
const LINE_CHARS_MAX: usize = 1_000;
const LINES_MAX: usize = 200;

/// A mail without its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text; lines end in `\n`.
    pub text: String,
}

/// Renders a message. Body fields that are missing or of another type than text are left out.
pub fn render(message: &OutboxMessage, words: &Words, zone: &TimeZone) -> Letter {
    let body = &message.body;
    let language = if line(body, "language").as_deref() == Some("nl") { Language::Nl } else { Language::En };
    let zone = line(body, "zone").and_then(|name| TimeZone::get(&name).ok()).unwrap_or_else(|| zone.clone());
    let page = Page { body, words, language, zone };
    Letter { subject: page.subject(message.kind), text: page.text(message.kind) }
}

/// A text as one line without control characters or marks that turn the direction of writing.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let plain = text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c });
    let plain: String = plain.filter(|c| !turns_text(*c)).take(chars_max).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn line(body: &Value, name: &str) -> Option<String> {
    let text = match body.get(name)? {
        Value::String(text) => one_line(text, LINE_CHARS_MAX),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

struct Page<'a> {
    body: &'a Value,
    words: &'a Words,
    language: Language,
    zone: TimeZone,
}

impl Page<'_> {
    fn subject(&self, kind: MessageKind) -> String {
        let key = match kind {
            MessageKind::Opened => "deliver-subject-opened",
            MessageKind::Updated => "deliver-subject-updated",
            MessageKind::Acknowledged => "deliver-subject-acknowledged",
            MessageKind::Resolved => "deliver-subject-resolved",
            MessageKind::Closed => "deliver-subject-closed",
            MessageKind::Page => "deliver-subject-page",
            MessageKind::Courtesy => "deliver-subject-courtesy",
        };
        let place = line(self.body, "host").or_else(|| line(self.body, "site"));
        let subject = Message::new(key)
            .with_text("severity", self.severity())
            .with_text("place", place.unwrap_or_else(|| self.word("deliver-place-unknown")))
            .with_text("title", self.title());
        one_line(&self.words.say(&subject, self.language, &self.zone), SUBJECT_CHARS_MAX)
    }

    fn text(&self, kind: MessageKind) -> String {
        // A customer's own contact gets what is wrong, not how the desk works.
        let inside = kind != MessageKind::Courtesy;
        let mut parts = vec![self.title(), self.facts(inside)];
        for (key, name) in
            [("deliver-reason", "reason"), ("deliver-caveat", "caveat"), ("deliver-next-step", "next_step")]
        {
            parts.push(self.part(key, &block(self.body.get(name))));
        }
        parts.push(self.part("deliver-evidence", &block(self.body.get("evidence_text"))));
        if inside {
            parts.push(self.part("deliver-hosts", &list(self.body.get("hosts"))));
            parts.push(self.part("deliver-changes", &list(self.body.get("changes"))));
            parts.push(self.part("deliver-site-card", &self.site_card()));
            parts.push(self.link());
        }
        parts.push(self.word("deliver-footer"));
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n") + "\n"
    }

    fn facts(&self, inside: bool) -> String {
        let mut facts = self.labelled(self.body, &["customer", "site", "host"]);
        facts.push(self.fact("deliver-severity", &self.severity()));
        if let Some(state) = self.state() {
            facts.push(self.fact("deliver-state", &state));
        }
        for name in ["opened_at", "deadline", "due_at", "page_at", "ended_at"] {
            let told = inside || matches!(name, "opened_at" | "deadline");
            if let Some(moment) = line(self.body, name).filter(|_| told) {
                facts.push(self.fact(&format!("deliver-{}", name.replace('_', "-")), &self.moment(&moment)));
            }
        }
        if inside {
            facts.extend(self.labelled(self.body, &["why", "acknowledged_by", "last_event"]));
        }
        facts.join("\n")
    }

    fn title(&self) -> String {
        line(self.body, "title").unwrap_or_else(|| self.word("deliver-title-unknown"))
    }

    fn severity(&self) -> String {
        line(self.body, "severity").map_or_else(|| self.word("deliver-severity-unknown"), |word| word.to_uppercase())
    }

    fn state(&self) -> Option<String> {
        let state = line(self.body, "state")?;
        let known = matches!(state.as_str(), "open" | "acknowledged" | "resolved" | "closed");
        Some(if known { self.word(&format!("deliver-state-{state}")) } else { state })
    }

    /// A moment in the reader's zone; what is no moment is a text already.
    fn moment(&self, text: &str) -> String {
        let Ok(at) = text.parse::<Timestamp>() else { return text.to_owned() };
        self.words.say(&Message::new("deliver-moment").with("at", Argument::Time(at)), self.language, &self.zone)
    }

    fn site_card(&self) -> Vec<String> {
        let Some(card) = self.body.get("site_card") else { return Vec::new() };
        let mut lines = self.labelled(card, &["address", "access", "line", "fault_desk"]);
        for contact in card.get("contacts").and_then(Value::as_array).into_iter().flatten().take(LINES_MAX) {
            let parts: Vec<String> =
                ["name", "role", "phone", "email"].iter().filter_map(|name| line(contact, name)).collect();
            lines.push(self.fact("deliver-contact", &parts.join(", ")));
        }
        lines
    }

    fn link(&self) -> String {
        let url = line(self.body, "url").filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        url.map(|url| self.fact("deliver-link", &url)).unwrap_or_default()
    }

    fn labelled(&self, of: &Value, names: &[&str]) -> Vec<String> {
        let known = names.iter().filter_map(|name| Some((name, line(of, name)?)));
        known.map(|(name, text)| self.fact(&format!("deliver-{}", name.replace('_', "-")), &text)).collect()
    }

    fn fact(&self, key: &str, text: &str) -> String {
        format!("{}: {text}", self.word(key))
    }

    fn part(&self, key: &str, lines: &[String]) -> String {
        if lines.is_empty() { String::new() } else { format!("{}:\n  {}", self.word(key), lines.join("\n  ")) }
    }

    fn word(&self, key: &str) -> String {
        self.words.text(key, self.language)
    }
}

/// A text of several lines, such as a picture: its blanks count.
fn block(value: Option<&Value>) -> Vec<String> {
    let Some(Value::String(text)) = value else { return Vec::new() };
    let lines = text.trim_end().lines().filter(|_| !text.trim().is_empty()).take(LINES_MAX);
    lines
        .map(|line| {
            let plain =
                line.chars().filter(|c| !c.is_control() && !turns_text(*c) && !matches!(c, '\u{2028}' | '\u{2029}'));
            plain.take(LINE_CHARS_MAX).collect()
        })
        .collect()
}

fn list(value: Option<&Value>) -> Vec<String> {
    let Some(Value::Array(texts)) = value else { return Vec::new() };
    let texts = texts.iter().filter_map(Value::as_str).take(LINES_MAX);
    texts.map(|text| format!("- {}", one_line(text, LINE_CHARS_MAX))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::tests::{message, words};
    use serde_json::json;

    fn rendered(kind: MessageKind, body: Value) -> Letter {
        let message = OutboxMessage { kind, body, ..message("mail") };
        render(&message, &words(), &TimeZone::UTC)
    }

    fn full() -> Value {
        json!({
            "severity": "p1", "customer": "Bakkerij", "site": "Utrecht", "host": "srv-01", "language": "nl",
            "title": "Schijf bijna vol", "reason": "Vol over 2 uur", "next_step": "Ruim op", "why": "P1 belt altijd",
            "opened_at": "2026-03-02T08:15:00Z", "page_at": "2026-03-02T08:15:00Z", "state": "open",
            "url": "https://wacht.example/i/1", "evidence_text": "  |  __\n  |_/", "changes": ["nginx 1.24 > 1.26"],
            "zone": "Europe/Amsterdam", "acknowledged_by": null, "last_event": "Drempel 90 % gehaald",
            "hosts": ["srv-01", "srv-02\r\nBcc: x"],
            "site_card": { "address": "Stationsplein 1", "contacts": [{ "name": "Ann", "phone": "030 1" }] }
        })
    }

    #[test]
    fn a_mail_reads_in_the_readers_language_and_zone() {
        let letter = rendered(MessageKind::Opened, full());
        assert_eq!(letter.subject, "[P1] srv-01: Schijf bijna vol");
        for part in [
            "Klant: Bakkerij\nVestiging: Utrecht\nHost: srv-01\nPrioriteit: P1\nStatus: open",
            "Volgende stap:\n  Ruim op",
            "Wat er gemeten is:\n    |  __\n    |_/",
            "Laatste gebeurtenis: Drempel 90 % gehaald",
            "Hosts:\n  - srv-01\n  - srv-02 Bcc: x",
            "  - nginx 1.24 > 1.26",
            "Adres: Stationsplein 1\n  Contact: Ann, 030 1",
            "Openen in Wacht: https://wacht.example/i/1",
            "9:15",
        ] {
            assert!(letter.text.contains(part), "{part} is missing in {}", letter.text);
        }
    }

    #[test]
    fn a_courtesy_notice_does_not_show_how_the_desk_works() {
        let letter = rendered(MessageKind::Courtesy, full());
        assert!(letter.subject.starts_with("Ter attentie, srv-01"));
        for inside in ["P1 belt altijd", "https://", "Stationsplein", "nginx"] {
            assert!(!letter.text.contains(inside), "{inside} is in {}", letter.text);
        }
    }

    #[test]
    fn an_empty_body_still_gives_a_mail() {
        let letter =
            rendered(MessageKind::Resolved, json!({ "title": 7, "changes": "x", "site_card": [], "host": null }));
        assert_eq!(letter.subject, "[P?] unknown host, resolved: 7");
        assert_eq!(rendered(MessageKind::Page, Value::Null).subject, "[P?] Call for unknown host: incident");
    }

    #[test]
    fn hostile_text_stays_text_on_its_own_line() {
        let hostile = "<img src=x onerror=alert(1)>\r\nBcc: thief@example.net\u{202e}\r\n\r\nNext step:\n  Pay";
        let body = json!({ "title": hostile, "host": hostile, "reason": hostile, "changes": [hostile], "url": "javascript:x" });
        let letter = rendered(MessageKind::Opened, body);
        assert!(!letter.subject.contains(['\r', '\n', '\u{202e}']));
        assert!(letter.text.contains("<img src=x onerror=alert(1)> Bcc: thief@example.net Next step: Pay"));
        assert!(!letter.text.lines().any(|line| line.starts_with("Next step") || line.starts_with("Bcc")));
        assert!(!letter.text.contains("javascript:"));
    }
}
