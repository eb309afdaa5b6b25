//! Writes the timeline of an incident. Knows no rules.

use crate::model::{Argument, Incident, Message, Severity, TimelineEntry};
use jiff::Timestamp;

/// Lines of a timeline.
const LINES_MAX: usize = 200;

/// Adds a line; a full timeline keeps its first line and loses the oldest of the others.
pub(super) fn note(incident: &mut Incident, now: Timestamp, what: Message, who: Option<&str>) {
    if incident.timeline.len() >= LINES_MAX {
        let excess = incident.timeline.len() - LINES_MAX + 1;
        incident.timeline.drain(1..=excess);
    }
    incident.timeline.push(TimelineEntry { at: now, what, who: who.map(str::to_owned) });
    incident.updated_at = now;
}

/// A message with a severity in its argument `severity`.
pub(super) fn with_severity(key: &str, severity: Severity) -> Message {
    Message::new(key).with_text("severity", format!("{severity:?}"))
}

/// A message with a number of seconds in an argument.
pub(super) fn with_seconds(key: &str, name: &str, seconds: u64) -> Message {
    Message::new(key).with(name, Argument::Seconds(seconds as f64))
}
