//! Reading a spool at start. Position and ledger come out of the segments; whatever is missing is declared as damage,
//! with its counts where the neighbours tell them. It never fails: the worst folder gives an empty spool.

use std::fs::{self, File};
use std::path::Path;

use super::books::{Gaps, Mark, uncovered};
use super::disk;
use super::ledger::{Counts, Dropped, Gap, Reason};
use super::segment::{Loaded, Segment};

/// What a folder held.
#[derive(Default)]
pub(super) struct Found {
    pub segments: Vec<Segment>,
    pub gaps: Gaps,
    /// New damage is not yet stored.
    pub unstored: bool,
    pub acked: u64,
    pub last: u64,
    pub collected: Counts,
    /// The newest segment, open for more, with its dictionary.
    pub active: Option<(File, Vec<u8>)>,
    /// Reports that this start found missing or damaged.
    pub damaged: u64,
    /// Nothing told where this life was: it must not go on.
    pub lost: bool,
}

/// Reads the folder of one incarnation.
pub(super) fn load(folder: &Path, incarnation: u128, segment_bytes: u64) -> Found {
    let (stored, mark) = (Gaps::load(folder), Mark::load(folder));
    let mut gaps = stored.clone().unwrap_or_default();
    let mut loaded = read_segments(folder, incarnation, gaps.through);
    let lost = loaded.is_empty() && mark.is_none();
    let mark = mark.unwrap_or_default();
    settle(&mut loaded, &gaps);
    if stored.is_none() {
        gaps.retired = dropped_by_records(&loaded);
    }
    let before = gaps.clone();
    let (last, collected) = walk(&loaded, &mark, &mut gaps);
    let reports = |gaps: &Gaps| gaps.retired.of(Reason::Damaged).reports;
    let damaged = reports(&gaps) - reports(&before);
    let unstored = gaps != before && gaps.store(folder).is_err();
    let active = reopen(&loaded, segment_bytes);
    let segments = loaded.into_iter().map(|loaded| loaded.segment).collect();
    Found { segments, gaps, unstored, acked: mark.acked.min(last), last, collected, active, damaged, lost }
}

fn read_segments(folder: &Path, incarnation: u128, through: u64) -> Vec<Loaded> {
    let mut names: Vec<u64> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            u64::from_str_radix(name.to_str()?.strip_suffix(".segment")?, 16).ok()
        })
        .collect();
    names.sort_unstable();
    let (mut loaded, mut buffer) = (Vec::new(), Vec::new());
    for first in names {
        let path = folder.join(format!("{first:016x}.segment"));
        match Segment::load(&path, first, &mut buffer) {
            Ok(Some(found)) if found.header.incarnation == incarnation && found.segment.last() > through => {
                loaded.push(found);
            }
            Ok(Some(found)) if found.header.incarnation == incarnation && found.segment.entries.is_empty() => {
                loaded.push(found);
            }
            // Without a header nothing in it can be understood; what it held is found missing.
            Ok(_) => drop(disk::remove(&path)),
            Err(_) => {}
        }
    }
    loaded
}

/// Leaves each sequence in one place: a declared gap wins over its record, a newer segment over an older one's tail.
fn settle(loaded: &mut [Loaded], gaps: &Gaps) {
    for index in 0..loaded.len() {
        let next = loaded.get(index + 1).map_or(u64::MAX, |next| next.segment.first);
        let this = &mut loaded[index];
        let first = this.segment.first;
        let live = |sequence: u64| sequence < next && gaps.find(sequence).is_none();
        // The walk still needs the heads of given-up records: they tell what was collected.
        this.heads.retain(|head| head.sequence < next);
        this.segment.entries.retain(|entry| live(entry.sequence(first)));
    }
}

fn dropped_by_records(loaded: &[Loaded]) -> Dropped {
    let newest = loaded.iter().rev().find_map(|loaded| loaded.heads.last());
    let mut declared = Dropped::default();
    for hole in loaded.iter().flat_map(|loaded| &loaded.segment.holes) {
        declared.add(hole.reason, hole.counts);
    }
    newest.map_or_else(Dropped::default, |head| head.dropped.minus(&declared))
}

/// Follows what was collected from record to record and declares what is missing. Gives the newest sequence ever
/// written and what was collected by then.
fn walk(loaded: &[Loaded], mark: &Mark, gaps: &mut Gaps) -> (u64, Counts) {
    let start = loaded.first().map_or(mark.acked, |first| first.segment.first.saturating_sub(1));
    // Without a mark nobody knows what went before the oldest segment: it was acknowledged.
    let known = *mark != Mark::default();
    let mut at = if known { mark.checkpoint() } else { Checkpoint { sequence: start, collected: Counts::default() } };
    let mut holes: &[Gap] = &[];
    for Loaded { segment, header, heads, .. } in loaded {
        let before = Checkpoint { sequence: segment.first.saturating_sub(1), collected: header.collected };
        declare(at.or(mark), before, Some(header.collected), holes, gaps);
        (at, holes) = (before, &segment.holes);
        for head in heads {
            let before = Checkpoint { sequence: head.sequence - 1, collected: head.collected.minus(head.own) };
            declare(at.or(mark), before, Some(before.collected), holes, gaps);
            at = Checkpoint { sequence: head.sequence, collected: head.collected };
        }
    }
    tail(loaded, mark, holes, gaps, at)
}

fn tail(loaded: &[Loaded], mark: &Mark, holes: &[Gap], gaps: &mut Gaps, at: Checkpoint) -> (u64, Counts) {
    let declared = gaps.list.last().map_or(0, |gap| gap.last).max(gaps.through);
    let declared = holes.last().map_or(declared, |hole| hole.last.max(declared));
    let mut last = at.sequence.max(mark.last).max(declared);
    // A torn tail may have been a whole record once; its sequence is not used again.
    if last == at.sequence && loaded.last().is_some_and(|newest| newest.torn) {
        last += 1;
    }
    let ahead = mark.last > at.sequence;
    let mut collected = if ahead { mark.collected } else { at.collected };
    let end = Checkpoint { sequence: last, collected };
    declare(at.or(mark), end, (ahead && mark.last == last).then_some(collected), holes, gaps);
    collected.reports = collected.reports.max(last);
    (last, collected)
}

/// A sequence, and all that was collected up to and with it.
#[derive(Clone, Copy)]
struct Checkpoint {
    sequence: u64,
    collected: Counts,
}

impl Checkpoint {
    /// What the collector has is not missing, whether it is here or not.
    fn or(self, mark: &Mark) -> Checkpoint {
        if self.sequence < mark.acked { mark.checkpoint() } else { self }
    }
}

impl Mark {
    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { sequence: self.acked, collected: self.base }
    }
}

/// Declares what of the sequences behind `after`, up to and with `until`, nobody declared yet. `collected` is what was
/// collected by then, where that is known.
fn declare(after: Checkpoint, until: Checkpoint, collected: Option<Counts>, holes: &[Gap], gaps: &mut Gaps) {
    let (from, to) = (after.sequence + 1, until.sequence);
    let lost = collected.map(|collected| collected.minus(after.collected));
    if from > to {
        return;
    }
    let known = |sequence: u64| {
        let hole = holes.iter().find(|hole| hole.last >= sequence);
        let gap = gaps.next(sequence);
        hole.into_iter().chain(gap).min_by_key(|gap| gap.first.max(sequence)).copied()
    };
    let runs = uncovered(from, to, |sequence| known(sequence).map(|gap| (gap.first, gap.last)));
    let inside = |gap: &&Gap| gap.first >= from && gap.last <= to;
    let declared = holes.iter().filter(inside).chain(gaps.list.iter().filter(inside));
    let mut left = lost.map(|lost| declared.fold(lost, |left, gap| left.minus(gap.counts)));
    for (first, last) in runs {
        let known = left.take().unwrap_or_default();
        let counts = Counts { reports: last - first + 1, ..known };
        gaps.give_up(Gap { first, last, reason: Reason::Damaged, counts });
    }
}

fn reopen(loaded: &[Loaded], segment_bytes: u64) -> Option<(File, Vec<u8>)> {
    let newest = loaded.last().filter(|newest| !newest.damaged && newest.segment.bytes < segment_bytes)?;
    Some((disk::open_append(&newest.segment.path).ok()?, newest.header.preamble.clone()))
}
