//! The facts of one item, cleaned on their way in: bounded texts without control characters, absent where unknown.

use crate::model::{Fields, Value};

/// Longest name.
pub const NAME_BYTES_MAX: usize = 256;
/// Longest package URL.
pub const PURL_BYTES_MAX: usize = 512;

/// Fields in the making.
#[derive(Default)]
pub struct Facts {
    /// What is known.
    pub fields: Fields,
    /// Texts that were longer than their bound.
    pub clipped: usize,
}

impl Facts {
    /// Texts; an empty one is unknown.
    pub fn texts(self, texts: &[(&str, &str)]) -> Self {
        texts.iter().fold(self, |facts, (name, text)| facts.text(name, text))
    }

    /// One text; an empty one is unknown.
    pub fn text(self, name: &str, text: &str) -> Self {
        self.text_within(name, text, NAME_BYTES_MAX)
    }

    /// One text with a bound of its own, in bytes.
    pub fn text_within(mut self, name: &str, text: &str, bytes_max: usize) -> Self {
        let (text, clipped) = clean(text, bytes_max);
        self.clipped += usize::from(clipped);
        if text.is_empty() { self } else { self.put(name, Value::Text(text)) }
    }

    /// Sizes and counts of which zero means unknown.
    pub fn sizes(self, sizes: &[(&str, u64)]) -> Self {
        let known = sizes.iter().filter(|(_, size)| *size > 0);
        known
            .fold(self, |facts, (name, size)| facts.put(name, Value::Integer(i64::try_from(*size).unwrap_or(i64::MAX))))
    }

    /// Numbers of which zero is a fact.
    pub fn numbers(self, numbers: &[(&str, u32)]) -> Self {
        numbers.iter().fold(self, |facts, (name, number)| facts.put(name, Value::Integer(i64::from(*number))))
    }

    /// Yes or no.
    pub fn flags(self, flags: &[(&str, bool)]) -> Self {
        flags.iter().fold(self, |facts, (name, flag)| facts.put(name, Value::Flag(*flag)))
    }

    /// Lists, kept sorted and without doubles; an empty one is unknown.
    pub fn lists(mut self, lists: &[(&str, &[String])]) -> Self {
        for (name, texts) in lists {
            let cleaned: Vec<(String, bool)> = texts.iter().map(|text| clean(text, NAME_BYTES_MAX)).collect();
            self.clipped += cleaned.iter().filter(|(_, clipped)| *clipped).count();
            let mut list: Vec<String> =
                cleaned.into_iter().map(|(text, _)| text).filter(|text| !text.is_empty()).collect();
            list.sort_unstable();
            list.dedup();
            if !list.is_empty() {
                self = self.put(name, Value::List(list));
            }
        }
        self
    }

    fn put(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }
}

/// The text without control characters and outer blanks, at most so many bytes, and whether it was longer.
pub fn clean(text: &str, bytes_max: usize) -> (String, bool) {
    // Twice the bound is read at most, so that a text of megabytes costs no more than one of a line.
    let head = clip(text, bytes_max.saturating_mul(2));
    let plain: String = head.chars().filter(|c| !c.is_control() && !turns_text(*c)).collect();
    let kept = clip(plain.trim(), bytes_max).trim_end();
    (kept.to_owned(), kept.len() < plain.trim().len() || head.len() < text.len())
}

/// Marks that turn the direction of writing: a name could show as another one.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn clip(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_clipped_between_characters() {
        let (text, clipped) = clean(&"é".repeat(200), 255);
        assert_eq!((text.len(), clipped), (254, true));
        assert_eq!(clean(&"a".repeat(256), 256), ("a".repeat(256), false));
    }

    #[test]
    fn control_characters_and_direction_marks_are_dropped() {
        assert_eq!(clean(" pc\u{202e}-\r\n\u{1b}[31m01\0 ", 256).0, "pc-[31m01");
    }

    #[test]
    fn what_is_unknown_is_absent_and_a_zero_that_counts_stays() {
        let facts = Facts::default().texts(&[("serial", " ")]).sizes(&[("size_bytes", 0)]).numbers(&[("uid", 0)]);
        assert_eq!(facts.fields.into_iter().collect::<Vec<_>>(), vec![("uid".to_owned(), Value::Integer(0))]);
    }

    #[test]
    fn a_size_beyond_the_largest_integer_stays_positive() {
        let facts = Facts::default().sizes(&[("size_bytes", u64::MAX)]);
        assert_eq!(facts.fields["size_bytes"], Value::Integer(i64::MAX));
    }
}
