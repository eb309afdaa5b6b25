//! Reads the encoding of certificates (DER) as far as an inventory needs it: elements, times, names and texts. Nothing is
//! verified here, and nothing is copied before it is wanted.

/// The elements that stand one after another in a slice.
#[derive(Debug)]
pub struct Der<'a>(pub &'a [u8]);

impl<'a> Der<'a> {
    /// The next element of a known kind; `None`, and nothing taken, where another one stands.
    pub fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() != Some(&tag) {
            return None;
        }
        self.next().map(|(_, content)| content)
    }
}

impl<'a> Iterator for Der<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const OBJECT: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
const SHORT_TIME: u8 = 0x17;
const LONG_TIME: u8 = 0x18;

/// `YYMMDDhhmm[ss]Z` or `YYYYMMDDhhmm[ss]Z` as RFC 3339.
pub fn time(tag: u8, content: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(content).ok()?;
    let (century, text) = match tag {
        // Two digits count from 1950.
        SHORT_TIME => (if text.get(..1)? < "5" { "20" } else { "19" }, text),
        LONG_TIME => text.split_at_checked(2)?,
        _ => return None,
    };
    let pair = |at: usize, least: u8, most: u8| {
        let digits = text.get(at..at + 2).filter(|pair| pair.bytes().all(|byte| byte.is_ascii_digit()))?;
        (least..=most).contains(&digits.parse().ok()?).then_some(digits)
    };
    let (year, month, day) = (pair(0, 0, 99)?, pair(2, 1, 12)?, pair(4, 1, 31)?);
    let (hour, minute, second) = (pair(6, 0, 23)?, pair(8, 0, 59)?, pair(10, 0, 59).unwrap_or("00"));
    let known_century = century.bytes().all(|byte| byte.is_ascii_digit());
    known_century.then(|| format!("{century}{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// The text of any of the string kinds.
pub fn text(tag: u8, content: &[u8]) -> String {
    const LATIN: u8 = 0x14;
    const WIDE: u8 = 0x1e;
    match tag {
        LATIN => content.iter().map(|byte| char::from(*byte)).collect(),
        WIDE => {
            let units = content.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => String::from_utf8_lossy(content).into_owned(),
    }
}

/// A distinguished name in the order in which it is written: `C=NL, O=Example, CN=www.example.net`.
pub fn name(content: &[u8]) -> String {
    let parts = Der(content).filter(|(tag, _)| *tag == SET).flat_map(|(_, set)| Der(set));
    let part = |(_, pair): (u8, &[u8])| {
        let mut pair = Der(pair);
        let kind = pair.element(OBJECT)?;
        let (tag, value) = pair.next()?;
        Some(format!("{}={}", attribute(kind), text(tag, value)))
    };
    parts.filter_map(part).collect::<Vec<_>>().join(", ")
}

fn attribute(object: &[u8]) -> String {
    let known = match object {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x05] => "serialNumber",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "street",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x55, 0x04, 0x61] => "organizationIdentifier",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID",
        _ => return dotted(object),
    };
    known.to_owned()
}

/// `2.5.4.45` of its base-128 form.
fn dotted(object: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in object.iter().take(64) {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let root = (number / 40).min(2);
                numbers.push(root);
                number -= root * 40;
            }
            numbers.push(std::mem::take(&mut number));
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_kinds_become_one_form() {
        assert_eq!(time(SHORT_TIME, b"260131120000Z").as_deref(), Some("2026-01-31T12:00:00Z"));
        assert_eq!(time(SHORT_TIME, b"5001010000Z").as_deref(), Some("1950-01-01T00:00:00Z"));
        assert_eq!(time(LONG_TIME, b"21061231235959Z").as_deref(), Some("2106-12-31T23:59:59Z"));
        for wrong in [&b""[..], b"2", b"261331120000Z", b"26013112000\xff", b"+2013112000000Z"] {
            assert_eq!((time(SHORT_TIME, wrong), time(LONG_TIME, wrong), time(OCTETS, wrong)), (None, None, None));
        }
    }

    #[test]
    fn texts_and_objects_of_every_kind_are_read() {
        assert_eq!((text(0x1e, b"\0A\0\xe9"), text(0x14, b"A\xe9")), ("Aé".to_owned(), "Aé".to_owned()));
        assert_eq!((dotted(&[0x55, 0x04, 0x2d]), dotted(&[0x2a, 0x86, 0x48])), ("2.5.4.45".into(), "1.2.840".into()));
        assert_eq!(dotted(&[0xff; 500]), "");
    }

    #[test]
    fn an_element_that_is_cut_ends_the_row() {
        assert_eq!(Der(&[0x02, 0x01, 0x05, 0x02, 0x05, 0x01]).count(), 1);
        for cut in [&b"\x30"[..], b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x85\x01", b"\x30\x82\x01"] {
            assert_eq!(Der(cut).next(), None);
        }
    }
}
