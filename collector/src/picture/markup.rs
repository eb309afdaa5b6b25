//! Text that is safe inside SVG text and attributes, and numbers as short as a picture needs them.

use crate::words::figure::clean;

/// Longest label in a picture.
const LABEL_CHARACTERS_MAX: usize = 80;

/// Foreign text for element content and for attributes in double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in clean(text).chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')) {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// Foreign text as a label in markup: cut short and escaped.
pub(super) fn label(text: &str) -> String {
    escaped(&shortened(text))
}

/// Foreign text as a label in plain text: cleaned and cut short.
pub(super) fn shortened(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() <= LABEL_CHARACTERS_MAX {
        return text;
    }
    let start: String = text.chars().take(LABEL_CHARACTERS_MAX - 1).collect();
    format!("{start}…")
}

/// A coordinate with one decimal at most.
pub(super) fn coordinate(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A measured value with five significant digits, as JSON takes it.
pub(super) fn value(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
    // The largest doubles round up to infinity.
    let rounded = if rounded.is_finite() { rounded } else { value };
    if rounded != 0.0 && !(1e-6..1e15).contains(&rounded.abs()) { format!("{rounded:e}") } else { format!("{rounded}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_leave_its_place() {
        assert_eq!(escaped("<a b='\"&>\n"), "&lt;a b=&#39;&quot;&amp;&gt; ");
        assert_eq!(escaped("a\u{0}b\u{ffff}"), "a b");
        assert!(label(&"<".repeat(200)).ends_with("&lt;…"));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!((coordinate(12.04), coordinate(-0.01), coordinate(3.25)), ("12".into(), "0".into(), "3.2".into()));
        assert_eq!(
            (value(0.123_456_789), value(220e9), value(f64::NAN)),
            ("0.12346".into(), "220000000000".into(), "null".into())
        );
        for figure in [f64::MAX, f64::MIN_POSITIVE, -1e300, 1e-9, 0.0] {
            assert!(serde_json::from_str::<f64>(&value(figure)).is_ok(), "{}", value(figure));
        }
    }
}
