//! What goes out next on one stream: the newest reports at once, the backlog oldest first behind them, within a window
//! of what is not yet acknowledged. It decides; it sends nothing.

use crate::spool::{Item, Spool};

/// Messages of the backlog that may be under way.
pub const WINDOW_ITEMS_MAX: usize = 32;
/// Their bytes.
pub const WINDOW_BYTES_MAX: usize = 1 << 20;
/// A collector that acknowledges nothing gets no more than this, live reports included.
const UNDER_WAY_MAX: usize = 64;
/// Acknowledged items after which a careful stream turns to full speed.
const TRUST_AFTER: u32 = 4;

/// Both lanes of one stream.
pub struct Lanes {
    /// Everything up to here was sent or is acknowledged.
    backlog: u64,
    /// The live lane began here; the backlog ends before it.
    live_first: u64,
    /// The next live sequence.
    live_next: u64,
    under_way: Vec<UnderWay>,
    /// One at a time: the last stream was refused for something that it carried.
    careful: bool,
    trusted: u32,
}

#[derive(Clone, Copy)]
struct UnderWay {
    first: u64,
    last: u64,
    bytes: usize,
    is_record: bool,
}

impl Lanes {
    /// The lanes of a stream that was welcomed with `contiguous`, over a spool that ends at `last`.
    pub fn new(contiguous: u64, last: u64, careful: bool) -> Lanes {
        let live = last.max(contiguous + 1);
        let live = if careful { u64::MAX } else { live };
        Lanes { backlog: contiguous, live_first: live, live_next: live, under_way: Vec::new(), careful, trusted: 0 }
    }

    /// What to send now; nothing while the window is full or all is sent.
    pub fn next(&self, spool: &mut Spool) -> Option<Item> {
        if self.under_way.len() >= UNDER_WAY_MAX || (self.careful && !self.under_way.is_empty()) {
            return None;
        }
        if self.live_next < spool.next_sequence() {
            return spool.next_after(self.live_next - 1);
        }
        let bytes: usize = self.under_way.iter().map(|item| item.bytes).sum();
        if self.under_way.len() >= WINDOW_ITEMS_MAX || bytes >= WINDOW_BYTES_MAX {
            return None;
        }
        spool.next_after(self.backlog).filter(|item| first(item) < self.live_first)
    }

    /// Notes that an item went out.
    pub fn sent(&mut self, item: &Item, bytes: usize) {
        let (first, last) = (first(item), last(item));
        self.under_way.push(UnderWay { first, last, bytes, is_record: matches!(item, Item::Record(_)) });
        if last >= self.live_first {
            self.live_next = self.live_next.max(last + 1);
        }
        if first < self.live_first {
            self.backlog = self.backlog.max(last);
        }
    }

    /// Notes an acknowledgement.
    pub fn acknowledged(&mut self, contiguous: u64, stored: &[(u64, u64)]) {
        let before = self.under_way.len();
        let has = |item: &UnderWay| {
            item.last <= contiguous || stored.iter().any(|(first, last)| *first <= item.first && item.last <= *last)
        };
        self.under_way.retain(|item| !has(item));
        self.backlog = self.backlog.max(contiguous);
        self.trusted += (before - self.under_way.len()) as u32;
        if self.careful && self.trusted >= TRUST_AFTER {
            self.careful = false;
        }
    }

    /// Is anything not yet acknowledged?
    pub fn waits(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// The reports that are under way.
    pub fn records(&self) -> Vec<u64> {
        self.under_way.iter().filter(|item| item.is_record).map(|item| item.last).collect()
    }

    /// The one report that a refusal of this stream can only mean.
    pub fn only_suspect(&self) -> Option<u64> {
        match self.under_way.as_slice() {
            [item] if item.is_record => Some(item.last),
            _ => None,
        }
    }
}

fn first(item: &Item) -> u64 {
    match item {
        Item::Record(sequence) => *sequence,
        Item::Gap(gap) => gap.first,
    }
}

fn last(item: &Item) -> u64 {
    match item {
        Item::Record(sequence) => *sequence,
        Item::Gap(gap) => gap.last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::{Counts, Options};

    fn spool(reports: u64) -> (tempfile::TempDir, Spool) {
        let folder = tempfile::TempDir::new().unwrap();
        let options = Options { cap_bytes: 1 << 20, free_bytes_min: 0, free_bytes: |_| Ok(u64::MAX) };
        let mut spool = Spool::open(folder.path(), options, 5);
        for _ in 0..reports {
            spool.append(None, Counts::default(), vec![1]);
        }
        (folder, spool)
    }

    fn run(lanes: &mut Lanes, spool: &mut Spool) -> Vec<u64> {
        let mut sent = Vec::new();
        while let Some(item) = lanes.next(spool) {
            lanes.sent(&item, 1);
            sent.push(last(&item));
        }
        sent
    }

    #[test]
    fn the_newest_goes_first_and_the_backlog_follows_in_order_within_its_window() {
        let (_folder, mut spool) = spool(100);
        let mut lanes = Lanes::new(10, 100, false);
        let sent = run(&mut lanes, &mut spool);
        assert_eq!((sent[0], &sent[1..4], sent.len()), (100, &[11, 12, 13][..], WINDOW_ITEMS_MAX));
        spool.append(None, Counts::default(), vec![1]);
        assert_eq!(run(&mut lanes, &mut spool), [101], "a new report passes the full window");
        spool.acknowledge(20, &[(100, 101)]);
        lanes.acknowledged(20, &[(100, 101)]);
        assert_eq!(run(&mut lanes, &mut spool)[0], 42);
    }

    #[test]
    fn all_is_sent_once() {
        let (_folder, mut spool) = spool(40);
        let mut lanes = Lanes::new(0, 40, false);
        let mut sent = run(&mut lanes, &mut spool);
        for sequence in sent.clone() {
            lanes.acknowledged(0, &[(sequence, sequence)]);
        }
        sent.extend(run(&mut lanes, &mut spool));
        sent.sort_unstable();
        assert_eq!(sent, (1..=40).collect::<Vec<_>>());
    }

    #[test]
    fn a_careful_stream_sends_one_at_a_time_until_it_is_trusted() {
        let (_folder, mut spool) = spool(20);
        let mut lanes = Lanes::new(0, 20, true);
        for sequence in 1..=4 {
            assert_eq!(run(&mut lanes, &mut spool), [sequence]);
            assert_eq!(lanes.only_suspect(), Some(sequence));
            lanes.acknowledged(sequence, &[]);
        }
        assert_eq!(run(&mut lanes, &mut spool).len(), 16);
    }

    #[test]
    fn a_collector_that_acknowledges_nothing_gets_a_bounded_amount() {
        let (_folder, mut spool) = spool(1);
        let mut lanes = Lanes::new(0, 1, false);
        let mut sent = 0;
        for _ in 0..200 {
            sent += run(&mut lanes, &mut spool).len();
            spool.append(None, Counts::default(), vec![1]);
        }
        assert_eq!(sent, UNDER_WAY_MAX);
    }
}
