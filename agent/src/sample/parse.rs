//! Reading numbers out of the kernel's text without allocation.

/// Lines of a text.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Words of a line, by blanks.
pub fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty())
}

/// A whole number; none for anything else, overflow too.
pub fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// A number with a decimal point.
pub fn decimal(word: &[u8]) -> Option<f64> {
    std::str::from_utf8(word).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Text of a word; an empty text when it is not UTF-8.
pub fn text(word: &[u8]) -> &str {
    std::str::from_utf8(word).unwrap_or_default()
}

/// A share, to a ten-thousandth: short on the wire and finer than anyone reads.
pub fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { ((part / whole).clamp(0.0, 1.0) * 1e4).round() / 1e4 } else { f64::NAN }
}

/// A value, to a thousandth.
pub fn thousandth(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A value, to a hundredth.
pub fn hundredth(value: f64) -> f64 {
    (value * 1e2).round() / 1e2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_nonsense_is_none() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for wrong in [&b"18446744073709551616"[..], b"-1", b"", b"1x", b"0.5"] {
            assert_eq!(number(wrong), None);
        }
        assert_eq!(decimal(b"0.25"), Some(0.25));
        assert_eq!(decimal(b"nan"), None);
    }
}
