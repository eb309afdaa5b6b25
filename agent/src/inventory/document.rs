//! JSON that another program wrote: bounded before it is parsed, and read leniently, since programs change their minds
//! between a number and a text. It knows no program.

use serde_json::Value;
use wacht_proto::v1::NoteReason;

/// Longest document that is parsed, in bytes. Parsed, a hostile one takes 30 times that; a shelf of a hundred drives
/// writes half of it.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// The document, or nothing where it is none or is too long.
pub fn parse(text: &str) -> Option<Value> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return None;
    }
    // Some programs write a line of complaint before the document.
    let start = text.find('{')?;
    serde_json::from_str(text[start..].trim_end_matches('\0')).ok()
}

/// Why [`parse`] gave nothing.
pub fn fault(text: &str) -> NoteReason {
    if text.len() > DOCUMENT_BYTES_MAX { NoteReason::TooLong } else { NoteReason::Malformed }
}

/// The value at a path of keys, such as `/smart_status/passed`, as a trimmed text; numbers are written out.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    let text = match value.pointer(pointer)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The value at a path of keys as a count; a count beyond 64 bits is the highest.
pub fn number(value: &Value, pointer: &str) -> Option<u64> {
    match value.pointer(pointer)? {
        Value::Number(number) => {
            // Rust's conversion stops at the type's limits.
            number.as_u64().or_else(|| number.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64))
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The list at a path of keys; empty where there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_from_both_forms_and_never_wrap() {
        let value = json!({ "a": { "n": 7, "s": " 8 ", "big": 1e30, "less": -1, "list": [1] } });
        let read = |pointer| number(&value, pointer);
        assert_eq!((read("/a/n"), read("/a/s"), read("/a/big")), (Some(7), Some(8), Some(u64::MAX)));
        assert_eq!((read("/a/less"), read("/a/list"), read("/b")), (None, None, None));
        assert_eq!((text(&value, "/a/s").as_deref(), text(&value, "/a/n").as_deref()), (Some("8"), Some("7")));
    }

    #[test]
    fn a_complaint_before_the_document_is_passed_over_and_an_endless_one_refused() {
        assert_eq!(parse("warning\n{\"a\":1}\n").unwrap()["a"], 1);
        assert!(parse("").is_none() && parse("[1]").is_none() && parse(&"{\"a\":".repeat(1000)).is_none());
        let endless = format!("{{\"a\":\"{}\"}}", "x".repeat(DOCUMENT_BYTES_MAX));
        assert!(parse(&endless).is_none());
        assert_eq!((fault(&endless), fault("[1]")), (NoteReason::TooLong, NoteReason::Malformed));
    }
}
