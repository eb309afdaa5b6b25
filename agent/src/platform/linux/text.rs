//! Reading of the kernel's text as bytes, without allocation. It knows lines, fields and numbers, and no file.

use std::io::BufRead;

/// The lines of `text`, without their line ends.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest;
        // Reading from a slice cannot fail; this is the standard library's fast search for a byte.
        let length = rest.skip_until(b'\n').unwrap_or(0);
        let line = &start[..length];
        (length > 0).then(|| line.strip_suffix(b"\n").unwrap_or(line))
    })
}

/// The fields of a line, separated by one or more blanks.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty())
}

/// A whole number; `None` when it is not all digits or over 64 bits.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// A decimal with at most two places, in hundredths: `0.5` is 50.
pub(super) fn hundredths(field: &[u8]) -> Option<u64> {
    let Some(point) = field.iter().position(|byte| *byte == b'.') else {
        return number(field)?.checked_mul(100);
    };
    let (whole, places) = (number(&field[..point])?, &field[point + 1..]);
    let fraction = match places.len() {
        1 => number(places)? * 10,
        2 => number(places)?,
        _ => return None,
    };
    whole.checked_mul(100)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_fields_come_without_their_separators() {
        let all: Vec<_> = lines(b"a b\n\n  c\td \nend").collect();
        assert_eq!(all, [&b"a b"[..], b"", b"  c\td ", b"end"]);
        let parts: Vec<_> = fields(all[2]).collect();
        assert_eq!(parts, [b"c", b"d"]);
        assert_eq!(lines(b"").count(), 0);
    }

    #[test]
    fn a_number_is_all_digits_and_fits() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number(b"-1"), None);
        assert_eq!(number(b""), None);
    }

    #[test]
    fn decimals_are_read_in_hundredths() {
        assert_eq!(hundredths(b"12.07"), Some(1_207));
        assert_eq!(hundredths(b"0.5"), Some(50));
        assert_eq!(hundredths(b"3"), Some(300));
        assert_eq!(hundredths(b"1.234"), None);
        assert_eq!(hundredths(b".5"), None);
    }
}
