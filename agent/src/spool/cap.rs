//! Making room: what the collector has goes at once; over the cap the oldest half is thinned to every fifth report,
//! then the oldest goes. Reports with inventory stay when thinning: they are sent once only.

use super::books::uncovered;
use super::disk;
use super::ledger::{Counts, Gap, Reason};
use super::{Segment, Spool};

const KEEP_EVERY: u64 = 5;

impl Spool {
    /// Removes the segments that the collector has whole. The newest one stays: it carries position and ledger.
    pub(super) fn retire_acknowledged(&mut self) {
        let any = self.segments.get(1).is_some_and(|next| next.first <= self.acked + 1);
        // A start must never take for lost what was deleted because the collector has it.
        if !any || !self.store_mark(true) {
            return;
        }
        while let Some(next) = self.segments.get(1).map(|segment| segment.first) {
            if next > self.acked + 1 {
                break;
            }
            if self.segments[0].holes.is_empty() {
                let _ = disk::remove(&self.segments[0].path);
                self.segments.remove(0);
            } else if !self.retire(0, None) {
                break;
            }
        }
        let oldest = self.segments.first().map_or(0, |segment| segment.first);
        self.gaps.list.retain(|gap| gap.last > self.acked || gap.last >= oldest);
    }

    /// Brings the segments under the cap for `more` bytes, as far as that can be.
    pub(super) fn make_room(&mut self, more: u64) {
        while self.bytes() + more > self.options.cap_bytes && self.segments.len() > 1 {
            let closed = self.segments.len() - 1;
            let free = |segment: &Segment| !self.is_under_way(segment);
            let half = self.segments.len().div_ceil(2).min(closed);
            let thick = self.segments[..half].iter().position(|segment| !segment.thinned && free(segment));
            if let Some(index) = thick {
                self.thin(index);
                continue;
            }
            let oldest = self.segments[..closed].iter().position(free).unwrap_or(0);
            if !self.retire(oldest, Some(Reason::Cap)) {
                break;
            }
        }
    }

    fn is_under_way(&self, segment: &Segment) -> bool {
        let range = segment.first..=segment.last();
        self.held.iter().any(|sequence| range.contains(sequence))
            || self.stored.iter().any(|(first, last)| first <= range.end() && last >= range.start())
    }

    fn thin(&mut self, index: usize) {
        let acked = self.acked;
        let segment = &mut self.segments[index];
        let first = segment.first;
        let stays = |sequence: u64, counts: Counts| {
            sequence <= acked || sequence.is_multiple_of(KEEP_EVERY) || counts.sections > 0
        };
        let mut holes = segment.holes.clone();
        for entry in &segment.entries {
            let (sequence, counts) = (entry.sequence(first), entry.counts());
            if stays(sequence, counts) {
                continue;
            }
            match holes.last_mut() {
                Some(hole) if hole.last + 1 == sequence => {
                    (hole.last, hole.counts) = (sequence, hole.counts.plus(counts));
                }
                _ => holes.push(Gap { first: sequence, last: sequence, reason: Reason::Thinned, counts }),
            }
        }
        // Rewriting needs some room itself; where there is none, the oldest goes instead.
        let written = segment.rewrite(|entry, first| stays(entry.sequence(first), entry.counts()), holes);
        segment.thinned = true;
        self.trouble = written.err().or(self.trouble.take());
    }

    /// Takes a segment away. Its holes, and with a reason also its reports, are declared before the file goes.
    /// False when that could not be stored; then it stays.
    pub(super) fn retire(&mut self, index: usize, reason: Option<Reason>) -> bool {
        let segment = &self.segments[index];
        let before = self.gaps.clone();
        let mut gaps = before.clone();
        for hole in &segment.holes {
            gaps.retired.add(hole.reason, hole.counts);
        }
        if let Some(reason) = reason {
            let last = self.segments.get(index + 1).map_or(segment.last(), |next| next.first - 1);
            self.declare_whole(&mut gaps, segment, last, reason);
        }
        // Only a prefix of the segments can be named by one number.
        if index == 0 {
            gaps.through = segment.last();
        }
        self.gaps = gaps;
        if let Err(error) = self.gaps.store(&self.folder) {
            (self.gaps, self.trouble) = (before, Some(error));
            return false;
        }
        let _ = disk::remove(&self.segments[index].path);
        self.segments.remove(index);
        true
    }

    fn declare_whole(&self, gaps: &mut super::books::Gaps, segment: &Segment, last: u64, reason: Reason) {
        let entries = segment.entries.iter().map(|entry| (entry.sequence(segment.first), entry.counts()));
        let is_stored = |sequence: u64| self.stored.iter().any(|(first, last)| (*first..=*last).contains(&sequence));
        let lost = entries
            .filter(|(sequence, _)| *sequence > self.acked && !is_stored(*sequence))
            .fold(Counts::default(), |sum, (_, counts)| sum.plus(counts));
        let thinned = segment.holes.iter().fold(Counts::default(), |sum, hole| sum.plus(hole.counts));
        let next_cover = |sequence: u64| {
            let stored = self.stored.iter().copied().filter(|(_, last)| *last >= sequence);
            let gap = self.gaps.next(sequence).map(|gap| (gap.first, gap.last));
            stored.chain(gap).min_by_key(|(first, _)| (*first).max(sequence))
        };
        let mut left = Some(lost.plus(thinned));
        gaps.retired.add(reason, lost);
        for (first, last) in uncovered(segment.first.max(self.acked + 1), last, next_cover) {
            // The range is declared for all that was in it, the ledger keeps what thinning had counted already.
            let counts = left.take().unwrap_or_default();
            gaps.note(Gap { first, last, reason, counts });
        }
    }
}
