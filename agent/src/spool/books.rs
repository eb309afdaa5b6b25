//! The two small files beside the segments. `gaps` (kept twice) tells what was given up and is not told by a segment
//! any more; it is replaced durably before the data goes. `mark` is a hint of how far we were: its loss is harmless.

use std::io;
use std::path::Path;

use super::disk;
use super::frame::{self, Reader};
use super::ledger::{Counts, Dropped, Gap, Reason};

/// What was given up outside the segments that still exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    /// Counts that no existing segment declares.
    pub retired: Dropped,
    /// Segments that end here or earlier are gone, whatever the folder still shows.
    pub through: u64,
    /// Ranges that the collector has not yet passed, by rising sequence.
    pub list: Vec<Gap>,
}

impl Gaps {
    /// Reads the newer sound copy; `None` when there is none.
    pub(super) fn load(folder: &Path) -> Option<Gaps> {
        let copies = ["gaps", "gaps-copy"].map(|name| {
            let bytes = std::fs::read(folder.join(name)).ok()?;
            Gaps::decode(frame::body(&bytes)?)
        });
        copies.into_iter().flatten().max_by_key(|gaps| (gaps.retired.total().reports, gaps.through))
    }

    /// Replaces both copies durably.
    pub(super) fn store(&self, folder: &Path) -> io::Result<()> {
        let (mut body, mut bytes) = (Vec::new(), Vec::new());
        frame::put_dropped(&mut body, &self.retired);
        frame::put_varint(&mut body, self.through);
        frame::put_gaps(&mut body, &self.list);
        frame::put(&mut bytes, &body);
        disk::replace(&folder.join("gaps"), &bytes)?;
        disk::replace(&folder.join("gaps-copy"), &bytes)
    }

    /// Declares a range and counts it.
    pub(super) fn give_up(&mut self, gap: Gap) {
        self.retired.add(gap.reason, gap.counts);
        self.note(gap);
    }

    /// Declares a range that the ledger counts already.
    pub(super) fn note(&mut self, gap: Gap) {
        let index = self.list.partition_point(|known| known.first < gap.first);
        match index.checked_sub(1).and_then(|before| self.list.get_mut(before)) {
            Some(known) if known.reason == gap.reason && known.last.saturating_add(1) == gap.first => {
                known.last = gap.last;
                known.counts = known.counts.plus(gap.counts);
            }
            _ => self.list.insert(index, gap),
        }
    }

    /// Declares a range of unknown content.
    pub(super) fn give_up_unknown(&mut self, first: u64, last: u64) {
        let counts = Counts { reports: (last - first).saturating_add(1), ..Counts::default() };
        self.give_up(Gap { first, last, reason: Reason::Damaged, counts });
    }

    pub(super) fn find(&self, sequence: u64) -> Option<&Gap> {
        self.next(sequence).filter(|gap| gap.covers(sequence))
    }

    /// The first declared range that ends at or behind a sequence.
    pub(super) fn next(&self, sequence: u64) -> Option<&Gap> {
        self.list.get(self.list.partition_point(|gap| gap.last < sequence))
    }

    fn decode(body: &[u8]) -> Option<Gaps> {
        let mut reader = Reader(body);
        let (retired, through) = (reader.dropped()?, reader.varint()?);
        Some(Gaps { retired, through, list: reader.gaps()? })
    }
}

/// How far the spool was when it last wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub last: u64,
    pub acked: u64,
    pub collected: Counts,
    /// Collected up to `acked`.
    pub base: Counts,
}

impl Mark {
    pub(super) fn load(folder: &Path) -> Option<Mark> {
        let bytes = std::fs::read(folder.join("mark")).ok()?;
        let mut reader = Reader(frame::body(&bytes)?);
        let (last, acked) = (reader.varint()?, reader.varint()?);
        Some(Mark { last, acked, collected: reader.counts()?, base: reader.counts()? })
    }

    /// Overwrites it; `durably` where something is deleted on its word.
    pub(super) fn store(&self, folder: &Path, durably: bool) -> io::Result<()> {
        let (mut body, mut bytes) = (Vec::new(), Vec::new());
        frame::put_varint(&mut body, self.last);
        frame::put_varint(&mut body, self.acked);
        frame::put_counts(&mut body, self.collected);
        frame::put_counts(&mut body, self.base);
        frame::put(&mut bytes, &body);
        disk::overwrite(&folder.join("mark"), &bytes, durably)
    }
}

/// The parts of `from..=to` that no covered range touches. `next_cover` gives the first covered range that ends at or
/// behind a sequence.
pub(super) fn uncovered(from: u64, to: u64, next_cover: impl Fn(u64) -> Option<(u64, u64)>) -> Vec<(u64, u64)> {
    let (mut next, mut runs) = (from, Vec::new());
    while next <= to {
        match next_cover(next) {
            Some((first, last)) if first <= next => next = last.saturating_add(1),
            Some((first, _)) if first <= to => {
                runs.push((next, first - 1));
                next = first;
            }
            _ => {
                runs.push((next, to));
                break;
            }
        }
    }
    runs
}
