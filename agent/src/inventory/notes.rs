//! The bounds of the contract and the notes that say what a section could not read or had to cut.
//! It knows no section: every parser hands its texts and lists through here.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Note, NoteReason, SectionBody};

/// Longest text of an ordinary field, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;
/// Most notes that one section carries.
const NOTES_MAX: usize = 32;
/// Encoded size that the lists of one section may reach, well under the 4 MiB of a decompressed section.
const LISTS_BYTES_MAX: usize = 3 << 20;

/// Collects the notes of one section and applies the bounds.
#[derive(Debug, Default)]
pub struct Notes {
    list: Vec<Note>,
    list_bytes: usize,
    partial: bool,
}

impl Notes {
    /// Adds a note once, for want of which rows may be missing: the section is then not the whole truth.
    pub fn add(&mut self, subject: &str, reason: NoteReason) {
        self.partial = true;
        self.mention(subject, reason);
    }

    /// Adds a note once, for want of which no row is missing, though a field may be; beyond 32 the rest is dropped.
    pub fn mention(&mut self, subject: &str, reason: NoteReason) {
        let subject = cut(subject, TEXT_BYTES_MAX);
        let known = self.list.iter().any(|note| note.subject == subject && note.reason == reason as i32);
        if !known && self.list.len() < NOTES_MAX {
            self.list.push(Note { subject: subject.to_owned(), reason: reason.into() });
        }
    }

    /// One line of text as a field of at most 256 bytes: trimmed, without control characters, cut with a note.
    pub fn text(&mut self, subject: &str, text: &str) -> String {
        self.text_within(subject, text, TEXT_BYTES_MAX)
    }

    /// As [`Notes::text`], with a bound of its own, in bytes.
    pub fn text_within(&mut self, subject: &str, text: &str, bytes_max: usize) -> String {
        let text = text.trim();
        if text.len() <= bytes_max && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return text.to_owned();
        }
        // Four times the bound is plenty to find the field in, and keeps a hostile line of megabytes from being copied.
        let visible: String = cut(text, bytes_max * 4).chars().filter(|c| !c.is_control()).collect();
        let fitting = cut(&visible, bytes_max);
        if fitting.len() < visible.len() || text.len() > bytes_max * 4 {
            self.mention(subject, NoteReason::TooLong);
        }
        fitting.to_owned()
    }

    /// Cuts a list at its bound in rows and at what is left of the section's bound in bytes, with a note.
    pub fn bound<T: prost::Message>(&mut self, subject: &str, rows: &mut Vec<T>, rows_max: usize) {
        let mut kept = 0;
        for row in rows.iter().take(rows_max) {
            // Tag and length prefix of a row take at most 6 bytes.
            let bytes = row.encoded_len() + 6;
            if self.list_bytes + bytes > LISTS_BYTES_MAX {
                break;
            }
            self.list_bytes += bytes;
            kept += 1;
        }
        if kept < rows.len() {
            rows.truncate(kept);
            self.add(subject, NoteReason::TooLong);
        }
    }

    /// Cuts a list of texts at `rows_max`, with a note.
    pub fn bound_texts(&mut self, subject: &str, rows: &mut Vec<String>, rows_max: usize) {
        if rows.len() > rows_max {
            rows.truncate(rows_max);
            self.mention(subject, NoteReason::TooLong);
        }
    }

    /// Reads what only adds to rows that are known without it.
    pub fn beside<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let was = self.partial;
        let found = read(self);
        self.partial = was;
        found
    }

    /// What was read, and whether it is the whole truth.
    pub fn watched<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let was = std::mem::take(&mut self.partial);
        let found = read(self);
        let is_whole = !self.partial;
        self.partial |= was;
        (found, is_whole)
    }

    /// The finished body: a section's content and these notes.
    pub fn into_body(self, kind: Kind) -> SectionBody {
        SectionBody { kind: Some(kind), partial: self.partial, notes: self.into_list() }
    }

    /// The notes in a stable order.
    pub fn into_list(mut self) -> Vec<Note> {
        self.list.sort_by(|a, b| (&a.subject, a.reason).cmp(&(&b.subject, b.reason)));
        self.list
    }
}

/// The longest beginning of `text` that fits `bytes_max` and ends at a character's end.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::v1::Group;

    #[test]
    fn a_long_text_is_cut_at_a_characters_end_and_noted() {
        let mut notes = Notes::default();
        let text = notes.text("model", &"é".repeat(200));
        assert_eq!(text.len(), 256);
        let odd = notes.text_within("model", "aéé", 4);
        assert_eq!(odd, "aé");
        assert_eq!(notes.into_list(), [Note { subject: "model".into(), reason: NoteReason::TooLong.into() }]);
    }

    #[test]
    fn a_short_text_loses_control_characters_and_edges_without_a_note() {
        let mut notes = Notes::default();
        assert_eq!(notes.text("model", "  WD\u{7} Red\n"), "WD Red");
        assert!(notes.into_list().is_empty());
    }

    #[test]
    fn lists_are_cut_by_rows_and_by_bytes() {
        let mut notes = Notes::default();
        let mut rows = vec![Group { name: "g".repeat(200), ..Default::default() }; 40_000];
        notes.bound("groups", &mut rows, 30_000);
        assert!(rows.len() < 16_000 && rows.len() > 10_000);
        assert_eq!(notes.into_list().len(), 1);
    }

    #[test]
    fn a_section_is_partial_when_rows_may_be_missing_and_whole_when_a_field_is() {
        let body = |note: fn(&mut Notes)| {
            let mut notes = Notes::default();
            note(&mut notes);
            notes.into_body(Kind::User(Default::default()))
        };
        let lost = |notes: &mut Notes| notes.add("list", NoteReason::TimedOut);
        assert!(body(lost).partial);
        let beside = body(|notes| notes.beside(|notes| notes.add("shadow", NoteReason::NeedsPrivilege)));
        assert_eq!((beside.partial, beside.notes.len()), (false, 1));
        assert!(!body(|notes| drop(notes.text("name", &"x".repeat(300)))).partial);
    }

    #[test]
    fn one_reading_is_watched_apart_from_those_before_it() {
        let mut notes = Notes::default();
        assert!(notes.watched(|_| ()).1);
        assert!(!notes.watched(|notes| notes.add("lvs", NoteReason::Failed)).1);
        assert!(notes.watched(|_| ()).1 && notes.partial);
    }

    #[test]
    fn no_section_carries_more_than_32_notes() {
        let mut notes = Notes::default();
        for n in 0..100 {
            notes.add(&n.to_string(), NoteReason::Failed);
        }
        assert_eq!(notes.into_list().len(), 32);
    }
}
