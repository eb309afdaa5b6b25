//! The order of versions as packages have them: Debian's rules (deb-version(7)), RPM's where the package is one of RPM,
//! and a test of a version against a wish. It knows no releases and no vulnerabilities.

use std::cmp::Ordering;

/// Whose rules order two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Debian's; also for all that has no rules of its own.
    Debian,
    /// RPM's.
    Rpm,
}

/// What is wanted of a version. What the wish leaves out, an epoch or a revision, is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It begins so: `3.0*`.
    Prefix(String),
    /// It compares so: `<3.0.5`, `<=`, `>`, `>=`, `=`, or the bare version.
    Compared(Comparison, String),
}

/// How a version compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Before.
    Less,
    /// Before or the same.
    LessOrEqual,
    /// The same.
    Equal,
    /// The same or after.
    GreaterOrEqual,
    /// After.
    Greater,
}

impl Wish {
    /// Reads a wish; `None` where no version stands in it.
    pub fn read(text: &str) -> Option<Wish> {
        let text = text.trim();
        let signs = [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ];
        let signed = signs.iter().find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?.trim())));
        let wish = match (signed, text.strip_suffix('*')) {
            (Some((comparison, version)), _) => Wish::Compared(comparison, version.to_owned()),
            (None, Some(beginning)) => Wish::Prefix(beginning.to_owned()),
            (None, None) => Wish::Compared(Comparison::Equal, text.to_owned()),
        };
        let is_said = !matches!(&wish, Wish::Compared(_, version) if version.is_empty());
        is_said.then_some(wish)
    }

    /// Is this version as wanted?
    pub fn is_met(&self, version: &str, rules: Rules) -> bool {
        match self {
            Wish::Prefix(beginning) => version.starts_with(beginning.as_str()),
            Wish::Compared(comparison, wanted) => {
                let order = compare_as_said(version, wanted, rules);
                match comparison {
                    Comparison::Less => order.is_lt(),
                    Comparison::LessOrEqual => order.is_le(),
                    Comparison::Equal => order.is_eq(),
                    Comparison::GreaterOrEqual => order.is_ge(),
                    Comparison::Greater => order.is_gt(),
                }
            }
        }
    }
}

/// The order of two whole versions, `[epoch:]version[-revision]`.
#[cfg(test)]
pub fn compare(left: &str, right: &str, rules: Rules) -> Ordering {
    let ((left_epoch, left), (right_epoch, right)) = (epoch(left), epoch(right));
    let ((left, left_revision), (right, right_revision)) = (revision(left), revision(right));
    let epochs = number(left_epoch.unwrap_or_default()).cmp(&number(right_epoch.unwrap_or_default()));
    epochs
        .then_with(|| parts(left, right, rules))
        .then_with(|| parts(left_revision.unwrap_or("0"), right_revision.unwrap_or("0"), rules))
}

fn compare_as_said(version: &str, wanted: &str, rules: Rules) -> Ordering {
    let ((own_epoch, own), (wanted_epoch, wanted)) = (epoch(version), epoch(wanted));
    let ((own, own_revision), (wanted, wanted_revision)) = (revision(own), revision(wanted));
    let epochs =
        wanted_epoch.map_or(Ordering::Equal, |wanted| number(own_epoch.unwrap_or_default()).cmp(&number(wanted)));
    let revisions =
        || wanted_revision.map_or(Ordering::Equal, |wanted| parts(own_revision.unwrap_or("0"), wanted, rules));
    epochs.then_with(|| parts(own, wanted, rules)).then_with(revisions)
}

/// A colon that no number precedes is part of the version.
fn epoch(version: &str) -> (Option<&str>, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) if !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()) => {
            (Some(epoch), rest)
        }
        _ => (None, version),
    }
}

fn revision(version: &str) -> (&str, Option<&str>) {
    version.rsplit_once('-').map_or((version, None), |(version, revision)| (version, Some(revision)))
}

fn parts(left: &str, right: &str, rules: Rules) -> Ordering {
    match rules {
        Rules::Debian => debian(left.as_bytes(), right.as_bytes()),
        Rules::Rpm => rpm(left.as_bytes(), right.as_bytes()),
    }
}

/// Stretches without and with digits in turn; a tilde before everything, even the end; letters before other signs.
fn debian(mut left: &[u8], mut right: &[u8]) -> Ordering {
    while !(left.is_empty() && right.is_empty()) {
        let (left_signs, right_signs) = (take(&mut left, is_sign), take(&mut right, is_sign));
        for place in 0..left_signs.len().max(right_signs.len()) {
            let order = rank(left_signs.get(place)).cmp(&rank(right_signs.get(place)));
            if order.is_ne() {
                return order;
            }
        }
        let order = digits(take(&mut left, is_digit), take(&mut right, is_digit));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn rank(sign: Option<&u8>) -> i32 {
    match sign {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(other) => i32::from(*other) + 256,
    }
}

/// Stretches of digits and of letters; signs only part them, but a tilde goes before and a caret after the end.
fn rpm(mut left: &[u8], mut right: &[u8]) -> Ordering {
    'stretch: loop {
        let parts = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^';
        take(&mut left, parts);
        take(&mut right, parts);
        for (sign, when_ended) in [(b'~', Ordering::Less), (b'^', Ordering::Greater)] {
            match (left.first() == Some(&sign), right.first() == Some(&sign)) {
                (true, true) => {
                    (left, right) = (&left[1..], &right[1..]);
                    continue 'stretch;
                }
                // A caret goes after the end, but before anything else that could stand there.
                (true, false) => return if sign == b'^' && !right.is_empty() { Ordering::Less } else { when_ended },
                (false, true) => {
                    return if sign == b'^' && !left.is_empty() { Ordering::Greater } else { when_ended.reverse() };
                }
                (false, false) => {}
            }
        }
        let (Some(first), Some(other)) = (left.first(), right.first()) else { return left.len().cmp(&right.len()) };
        let order = match (first.is_ascii_digit(), other.is_ascii_digit()) {
            (true, true) => digits(take(&mut left, is_digit), take(&mut right, is_digit)),
            (false, false) => take(&mut left, is_letter).cmp(take(&mut right, is_letter)),
            (is_number, _) => return if is_number { Ordering::Greater } else { Ordering::Less },
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn take<'a>(text: &mut &'a [u8], is_part: impl Fn(u8) -> bool) -> &'a [u8] {
    let end = text.iter().position(|byte| !is_part(*byte)).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    *text = rest;
    head
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn is_sign(byte: u8) -> bool {
    !byte.is_ascii_digit()
}

fn digits(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (significant(left), significant(right));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// As (length, digits), so that a number of any length compares.
fn number(text: &str) -> (usize, &[u8]) {
    let digits = significant(text.as_bytes());
    (digits.len(), digits)
}

fn significant(mut digits: &[u8]) -> &[u8] {
    while let [b'0', rest @ ..] = digits {
        digits = rest;
    }
    digits
}

#[cfg(test)]
mod tests;
