//! The spool: reports that the collector has not yet acknowledged, on disk, in append-only checksummed segments.
//! It stores bytes, a sequence and counts; what the bytes mean is not its business. It never stops a start, never
//! loses silently, and holds what the disk refuses in a small ring in memory.
//!
//! Position and ledger are derived from the segments. What was given up is declared: in the segment that was thinned,
//! or in the `gaps` file. Every sequence is therefore acknowledged, spooled or declared.

mod books;
mod cap;
mod disk;
mod frame;
mod ledger;
mod life;
mod rebirth;
mod recover;
mod segment;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_damage;
mod write;

pub use ledger::{Counts, Dropped, Gap, Ledger, REASONS, Reason};

use books::Gaps;
use segment::{RecordHead, Segment};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Reports that memory holds while the disk refuses them.
pub const RING_REPORTS_MAX: usize = 60;
const SEGMENT_BYTES: u64 = 256 << 10;

/// How much disk a spool may take.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of all segments together.
    pub cap_bytes: u64,
    /// Bytes that stay free for others; nothing is written below.
    pub free_bytes_min: u64,
    /// Tells the free bytes of the disk that holds a path.
    pub free_bytes: fn(&Path) -> io::Result<u64>,
}

/// The next thing that the collector has to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A spooled report; its bytes come from [`Spool::read`].
    Record(u64),
    /// Sequences that will never come.
    Gap(Gap),
}

/// Where the collector's position stands to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Within what this spool wrote.
    Known,
    /// Behind what it acknowledged: it lost something, perhaps an inventory.
    Behind,
    /// Ahead of it: this spool is an old copy and needs a new life.
    Ahead,
}

struct Waiting {
    head: RecordHead,
    preamble: Option<Vec<u8>>,
    payload: Vec<u8>,
}

/// See the module.
pub struct Spool {
    root: PathBuf,
    folder: PathBuf,
    number: u32,
    incarnation: u128,
    options: Options,
    segment_bytes: u64,
    segments: Vec<Segment>,
    active: Option<(File, Vec<u8>)>,
    ring: VecDeque<Waiting>,
    gaps: Gaps,
    gaps_unstored: bool,
    collected: Counts,
    last: u64,
    acked: u64,
    stored: Vec<(u64, u64)>,
    held: Vec<u64>,
    damaged: u64,
    trouble: Option<io::Error>,
}

impl Spool {
    /// Opens the spool in `root`, or begins one with the incarnation `fresh`. It never fails: where the folder cannot
    /// be used, memory holds the newest reports.
    pub fn open(root: &Path, options: Options, fresh: u128) -> Spool {
        let segment_bytes = SEGMENT_BYTES.min(options.cap_bytes / 8);
        let old = life::newest(root);
        let number = old.as_ref().map_or(0, |life| life.number);
        if let Some(life) = old {
            let found = recover::load(&life.folder, life.incarnation, segment_bytes);
            if !found.lost {
                return Spool::assemble(root, life, options, found);
            }
        }
        let life = life::following(root, number, fresh);
        let mut spool = Spool::assemble(root, life, options, recover::Found::default());
        spool.trouble = fs::create_dir_all(&spool.folder).err();
        spool
    }

    /// The random id of this life of the spool.
    pub fn incarnation(&self) -> u128 {
        self.incarnation
    }

    /// The sequence that the next append will take.
    pub fn next_sequence(&self) -> u64 {
        self.last + 1
    }

    /// The highest sequence up to which the collector has everything.
    pub fn acknowledged(&self) -> u64 {
        self.acked
    }

    /// Takes a report as [`Spool::next_sequence`]. `preamble` is the dictionary of its block, `None` without a block.
    /// True when it is durably on disk, false when memory holds it for now.
    pub fn append(&mut self, preamble: Option<&[u8]>, counts: Counts, payload: Vec<u8>) -> bool {
        self.last += 1;
        let own = Counts { reports: 1, ..counts };
        self.collected = self.collected.plus(own);
        let head = RecordHead { sequence: self.last, own, collected: self.collected, dropped: self.dropped() };
        self.ring.push_back(Waiting { head, preamble: preamble.map(<[u8]>::to_vec), payload });
        self.flush();
        if self.ring.len() > RING_REPORTS_MAX
            && let Some(Waiting { head, .. }) = self.ring.pop_front()
        {
            let (first, last) = (head.sequence, head.sequence);
            self.gaps.give_up(Gap { first, last, reason: Reason::DiskFull, counts: head.own });
            self.gaps_unstored = true;
        }
        self.ring.is_empty()
    }

    /// Takes the collector's word: everything up to `contiguous`, and the `stored` ranges above it. Claims beyond what
    /// was ever written are not believed.
    pub fn acknowledge(&mut self, contiguous: u64, stored: &[(u64, u64)]) {
        self.stored = stored.iter().copied().filter(|(first, last)| first <= last && *last <= self.last).collect();
        let contiguous = contiguous.min(self.last);
        if contiguous <= self.acked {
            return;
        }
        self.acked = contiguous;
        self.ring.retain(|waiting| waiting.head.sequence > contiguous);
        self.retire_acknowledged();
        self.store_mark(false);
    }

    /// Compares the collector's position at the start of a stream with ours.
    pub fn reconcile(&mut self, contiguous: u64) -> Position {
        if contiguous > self.last {
            return Position::Ahead;
        }
        self.acknowledge(contiguous, &[]);
        if contiguous < self.acked {
            // The collector lost what it had. Where we have it no more, it must hear that it will never come.
            let oldest = self.segments.first().map_or(self.last + 1, |oldest| oldest.first);
            let cover = |sequence| self.gaps.next(sequence).map(|gap| (gap.first, gap.last));
            let gone = books::uncovered(contiguous + 1, self.acked.min(oldest.saturating_sub(1)), cover);
            for (first, last) in gone {
                self.gaps.note(Gap { first, last, reason: Reason::Damaged, counts: Counts::default() });
            }
            self.acked = contiguous;
            return Position::Behind;
        }
        Position::Known
    }

    /// The first thing behind `position` that the collector has to hear.
    pub fn next_after(&mut self, position: u64) -> Option<Item> {
        let mut want = position.max(self.acked) + 1;
        while let Some((_, last)) = self.stored.iter().find(|(first, last)| (*first..=*last).contains(&want)) {
            want = last + 1;
        }
        if want > self.last {
            return None;
        }
        if let Some(gap) = self.gaps.find(want) {
            return Some(Item::Gap(*gap));
        }
        if let Some(segment) = self.segment_of(want) {
            if let Some(hole) = segment.holes.iter().find(|hole| hole.covers(want)) {
                return Some(Item::Gap(*hole));
            }
            if segment.find(want).is_some() {
                return Some(Item::Record(want));
            }
        }
        if self.ring.iter().any(|waiting| waiting.head.sequence == want) {
            return Some(Item::Record(want));
        }
        let oldest = self.segments.first().map_or(want + 1, |oldest| oldest.first.max(want + 1));
        let next = self.gaps.next(want).map_or(oldest, |gap| gap.first.min(oldest));
        self.gaps.give_up_unknown(want, next - 1);
        self.gaps_unstored = true;
        self.gaps.find(want).copied().map(Item::Gap)
    }

    /// The bytes of a report. `None` when it turned out damaged: it is a gap from now on.
    pub fn read(&mut self, sequence: u64) -> io::Result<Option<Vec<u8>>> {
        if let Some(waiting) = self.ring.iter().find(|waiting| waiting.head.sequence == sequence) {
            return Ok(Some(waiting.payload.clone()));
        }
        let Some(segment) = self.segment_of(sequence) else { return Ok(None) };
        match segment.read(sequence) {
            Ok(Some(payload)) => Ok(Some(payload)),
            Err(error) if !means_damage(&error) => Err(error),
            Ok(None) | Err(_) => {
                self.give_up(sequence, Reason::Damaged);
                Ok(None)
            }
        }
    }

    /// The dictionary that was given with a report.
    pub fn preamble(&self, sequence: u64) -> io::Result<Option<Vec<u8>>> {
        if let Some(waiting) = self.ring.iter().find(|waiting| waiting.head.sequence == sequence) {
            return Ok(waiting.preamble.clone());
        }
        let Some(segment) = self.segment_of(sequence) else { return Ok(None) };
        Ok(segment.header()?.map(|header| header.preamble))
    }

    /// Gives up one spooled report; one that the collector has is left alone.
    pub fn give_up(&mut self, sequence: u64, reason: Reason) {
        let mut counts = None;
        if sequence <= self.acked {
            return;
        }
        if let Some(index) = self.ring.iter().position(|waiting| waiting.head.sequence == sequence) {
            counts = self.ring.remove(index).map(|waiting| waiting.head.own);
        } else if let Some(index) = self.index_of(sequence) {
            let segment = &mut self.segments[index];
            counts = segment.find(sequence).map(segment::Entry::counts);
            let first = segment.first;
            segment.entries.retain(|entry| entry.sequence(first) != sequence);
        }
        if let Some(counts) = counts {
            self.gaps.give_up(Gap { first: sequence, last: sequence, reason, counts });
            self.gaps_unstored = true;
            self.store_gaps();
        }
    }

    /// Names the reports that are under way, so that they are not given up meanwhile.
    pub fn hold(&mut self, sequences: Vec<u64>) {
        self.held = sequences;
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Share of the cap in use, 0..1.
    pub fn utilization(&self) -> f64 {
        self.bytes() as f64 / self.options.cap_bytes.max(1) as f64
    }

    /// Does only memory hold this one?
    pub fn is_in_memory(&self, sequence: u64) -> bool {
        self.ring.iter().any(|waiting| waiting.head.sequence == sequence)
    }

    /// Reports that only memory holds, because the disk refuses them.
    pub fn waiting(&self) -> usize {
        self.ring.len()
    }

    /// Reports that the last start found missing or damaged.
    pub fn damage_found(&self) -> u64 {
        self.damaged
    }

    /// Has the collector said that it has this one?
    pub fn is_acknowledged(&self, sequence: u64) -> bool {
        sequence <= self.acked || self.stored.iter().any(|(first, last)| (*first..=*last).contains(&sequence))
    }

    /// The disk's last complaint, once.
    pub fn take_trouble(&mut self) -> Option<io::Error> {
        self.trouble.take()
    }

    /// The sum of it all.
    pub fn ledger(&self) -> Ledger {
        let (mut spooled, mut oldest) = (Counts::default(), self.last + 1);
        let on_disk = self
            .segments
            .iter()
            .flat_map(|segment| segment.entries.iter().map(|entry| (entry.sequence(segment.first), entry.counts())));
        let in_memory = self.ring.iter().map(|waiting| (waiting.head.sequence, waiting.head.own));
        for (sequence, counts) in on_disk.chain(in_memory).filter(|(sequence, _)| !self.is_acknowledged(*sequence)) {
            spooled = spooled.plus(counts);
            oldest = oldest.min(sequence);
        }
        let (collected, dropped) = (self.collected, self.dropped());
        Ledger { collected, spooled, dropped, oldest_sequence: oldest, last_sequence: self.last }
    }

    fn assemble(root: &Path, life: life::Life, options: Options, found: recover::Found) -> Spool {
        Spool {
            root: root.to_owned(),
            folder: life.folder,
            number: life.number,
            incarnation: life.incarnation,
            segment_bytes: SEGMENT_BYTES.min(options.cap_bytes / 8),
            options,
            segments: found.segments,
            active: found.active,
            ring: VecDeque::new(),
            gaps: found.gaps,
            gaps_unstored: found.unstored,
            collected: found.collected,
            last: found.last,
            acked: found.acked,
            stored: Vec::new(),
            held: Vec::new(),
            damaged: found.damaged,
            trouble: None,
        }
    }

    fn dropped(&self) -> Dropped {
        let mut dropped = Dropped::default();
        for hole in self.segments.iter().flat_map(|segment| &segment.holes) {
            dropped.add(hole.reason, hole.counts);
        }
        dropped.plus(&self.gaps.retired)
    }

    fn index_of(&self, sequence: u64) -> Option<usize> {
        self.segments.partition_point(|segment| segment.first <= sequence).checked_sub(1)
    }

    fn segment_of(&self, sequence: u64) -> Option<&Segment> {
        self.segments.get(self.index_of(sequence)?)
    }
}

/// Errors that mean that the data is gone, not that it cannot be had at this moment.
fn means_damage(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
        || error.raw_os_error() == Some(EIO)
}
