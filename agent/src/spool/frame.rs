//! Frames: the checksummed unit of every spool file, and the small integers inside. Bytes alone; no files, no meaning.
//!
//! Frame: magic, body length (u32 LE), CRC-32 over length and body (u32 LE), body.

use super::ledger::{Counts, Dropped, Gap, REASONS, Reason};

/// Bytes before the body of a frame.
pub(super) const OVERHEAD: usize = 12;
/// The longest body that is believed; a report is at most 1 MiB.
pub(super) const BODY_MAX: usize = 4 << 20;
const MAGIC: [u8; 4] = *b"wFr\xb1";

/// Appends a frame around `body` to `out`.
pub(super) fn put(out: &mut Vec<u8>, body: &[u8]) {
    let length = (body.len() as u32).to_le_bytes();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&length);
    out.extend_from_slice(&checksum(length, body).to_le_bytes());
    out.extend_from_slice(body);
}

/// The body of the frame that starts at `bytes`, or `None` when there is no whole and sound frame.
pub(super) fn body(bytes: &[u8]) -> Option<&[u8]> {
    let (head, rest) = bytes.split_at_checked(OVERHEAD)?;
    let length: [u8; 4] = head[4..8].try_into().ok()?;
    let size = u32::from_le_bytes(length) as usize;
    if head[..4] != MAGIC || size > BODY_MAX {
        return None;
    }
    let body = rest.get(..size)?;
    (head[8..12] == checksum(length, body).to_le_bytes()).then_some(body)
}

/// All sound frames of a file as (offset, body).
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Something between or behind the frames was unreadable.
    pub damaged: bool,
    /// Where the last sound frame ends.
    pub end: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Scan { bytes, position: 0, damaged: false, end: 0 }
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.position < self.bytes.len() {
            let offset = self.position;
            if let Some(body) = body(&self.bytes[offset..]) {
                self.position = offset + OVERHEAD + body.len();
                self.end = self.position;
                return Some((offset, body));
            }
            self.damaged = true;
            let rest = &self.bytes[offset + 1..];
            let step = rest.windows(MAGIC.len()).position(|window| window == MAGIC);
            self.position = step.map_or(self.bytes.len(), |step| offset + 1 + step);
        }
        None
    }
}

fn checksum(length: [u8; 4], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(body);
    hasher.finalize()
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_counts(out: &mut Vec<u8>, counts: Counts) {
    for field in counts.fields() {
        put_varint(out, field);
    }
}

pub(super) fn put_dropped(out: &mut Vec<u8>, dropped: &Dropped) {
    for reason in REASONS {
        put_counts(out, dropped.of(reason));
    }
}

pub(super) fn put_gaps(out: &mut Vec<u8>, gaps: &[Gap]) {
    put_varint(out, gaps.len() as u64);
    for gap in gaps {
        put_varint(out, gap.first);
        put_varint(out, gap.last);
        out.push(gap.reason as u8);
        put_counts(out, gap.counts);
    }
}

/// Reads what the `put_` functions wrote; `None` at anything else.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn u128(&mut self) -> Option<u128> {
        Some(u128::from_le_bytes(self.take(16)?.try_into().ok()?))
    }

    pub(super) fn counts(&mut self) -> Option<Counts> {
        Some(Counts::of([self.varint()?, self.varint()?, self.varint()?, self.varint()?]))
    }

    pub(super) fn dropped(&mut self) -> Option<Dropped> {
        let mut dropped = Dropped::default();
        for reason in REASONS {
            dropped.add(reason, self.counts()?);
        }
        Some(dropped)
    }

    pub(super) fn gaps(&mut self) -> Option<Vec<Gap>> {
        let count = self.varint()?;
        let mut gaps = Vec::new();
        for _ in 0..count {
            let (first, last) = (self.varint()?, self.varint()?);
            let reason = Reason::of(self.varint()?)?;
            gaps.push(Gap { first, last, reason, counts: self.counts()? });
        }
        Some(gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_between_rubbish_is_found() {
        let mut bytes = vec![7, 7, 7];
        put(&mut bytes, b"hello");
        bytes.extend_from_slice(&MAGIC);
        let mut scan = Scan::new(&bytes);
        assert_eq!(scan.next(), Some((3, &b"hello"[..])));
        assert_eq!(scan.next(), None);
        assert!(scan.damaged);
    }

    #[test]
    fn a_length_beyond_the_file_is_no_frame() {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&[0xff; 8]);
        assert_eq!(body(&bytes), None);
        assert_eq!(Reader(&[0xff; 12]).varint(), None);
    }
}
