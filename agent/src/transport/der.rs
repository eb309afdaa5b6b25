//! Finds the public key and the validity inside a certificate's DER. It decides nothing about trust; hostile bytes give
//! `None`. Each step reads one length and moves forward, so there is no recursion and no loop without progress.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The parts of a certificate that the agent looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The whole SubjectPublicKeyInfo, as it is hashed for a pin.
    pub spki: &'a [u8],
    /// Begin of validity, Unix seconds.
    pub not_before_unix_s: i64,
    /// End of validity, Unix seconds.
    pub not_after_unix_s: i64,
}

/// Takes a certificate apart; `None` when it is not one.
pub fn parts(certificate: &[u8]) -> Option<Parts<'_>> {
    let (outer, rest) = take(certificate, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let (body, _) = take(outer.content, SEQUENCE)?;
    let mut left = body.content;
    if left.first() == Some(&VERSION) {
        left = take(left, VERSION)?.1;
    }
    left = take(left, INTEGER)?.1;
    // Algorithm and issuer.
    left = take(left, SEQUENCE)?.1;
    left = take(left, SEQUENCE)?.1;
    let (validity, left) = take(left, SEQUENCE)?;
    let (not_before_unix_s, end) = time(validity.content)?;
    let (not_after_unix_s, _) = time(end)?;
    let (_subject, left) = take(left, SEQUENCE)?;
    let (spki, _) = take(left, SEQUENCE)?;
    Some(Parts { spki: spki.whole, not_before_unix_s, not_after_unix_s })
}

struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
}

/// One element of the wanted tag and what follows it. Only definite lengths of at most 3 bytes, as DER wants them.
fn take(bytes: &[u8], tag: u8) -> Option<(Element<'_>, &[u8])> {
    let (&[found, first], rest) = bytes.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, head) = match first {
        0..=0x7f => (usize::from(first), 2),
        0x81..=0x83 => {
            let count = usize::from(first & 0x7f);
            let digits = rest.get(..count)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), 2 + count)
        }
        _ => return None,
    };
    let end = head.checked_add(length)?;
    let (whole, rest) = bytes.split_at_checked(end)?;
    Some((Element { whole, content: &whole[head..] }, rest))
}

fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let is_short = bytes.first() == Some(&UTC_TIME);
    let (element, rest) = take(bytes, if is_short { UTC_TIME } else { GENERALIZED_TIME })?;
    let (century, digits) = if is_short {
        (None, element.content)
    } else {
        element.content.split_at_checked(2).map(|(century, digits)| (Some(century), digits))?
    };
    let century = match century {
        Some(digits) => Some(number(digits)?),
        None => None,
    };
    let (digits, zone) = digits.split_at_checked(12)?;
    if zone != b"Z" {
        return None;
    }
    let mut fields = [0; 6];
    for (field, pair) in fields.iter_mut().zip(digits.chunks(2)) {
        *field = number(pair)?;
    }
    let [year, month, day, hour, minute, second] = fields;
    // Two-digit years turn over at 1950, by the standard of certificates.
    let year = century.map_or(if year < 50 { 2000 + year } else { 1900 + year }, |century| century * 100 + year);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second, rest))
}

fn number(pair: &[u8]) -> Option<i64> {
    pair.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn certificate() -> (Vec<u8>, Vec<u8>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["wacht.example".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 2, 28);
        params.not_after = rcgen::date_time_ymd(2051, 3, 1);
        let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
        (params.self_signed(&key).unwrap().der().to_vec(), spki)
    }

    #[test]
    fn key_and_validity_are_found() {
        let (der, spki) = certificate();
        let parts = parts(&der).unwrap();
        assert_eq!(parts.spki, spki);
        assert_eq!((parts.not_before_unix_s, parts.not_after_unix_s), (1_772_236_800, 2_561_241_600));
    }

    #[test]
    fn every_cut_of_a_certificate_is_refused() {
        let (der, _) = certificate();
        assert!((0..der.len()).all(|length| parts(&der[..length]).is_none()));
    }

    proptest! {
        #[test]
        fn hostile_bytes_give_nothing_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..400, with in any::<u8>()) {
            let _ = parts(&bytes);
            let (mut der, _) = certificate();
            let at = at % der.len();
            der[at] = with;
            let _ = parts(&der);
        }
    }
}
