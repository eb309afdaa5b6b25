//! From the spool's bytes to messages of one stream: dictionaries before the reports that need them, blocks as
//! differences to the report before, gaps as gaps.

use crate::spool::{Counts, Gap, Item, Ledger, REASONS, Reason, Spool};
use prost::Message;
use std::io;
use wacht_proto::block;
use wacht_proto::v1::{self, AgentMessage, agent_message::Kind};

/// A whole block comes at least this often, so that one refused report cannot spoil all that build on it.
const DELTAS_MAX: u32 = 30;

/// What the other end of this stream knows.
#[derive(Default)]
pub struct Wire {
    dictionaries: Vec<u64>,
    base: Option<Base>,
}

struct Base {
    sequence: u64,
    dictionary: u64,
    values: Vec<f64>,
    deltas: u32,
}

impl Wire {
    /// The messages for one item; none when the report turned out unreadable and became a gap.
    pub fn messages(&mut self, spool: &mut Spool, item: Item, boottime_ms: u64) -> io::Result<Vec<AgentMessage>> {
        let sequence = match item {
            Item::Gap(gap) => return Ok(vec![message(Kind::Gap(gap_record(&gap)))]),
            Item::Record(sequence) => sequence,
        };
        let Some(bytes) = spool.read(sequence)? else { return Ok(Vec::new()) };
        let Ok(report) = v1::Report::decode(bytes.as_slice()) else {
            spool.give_up(sequence, Reason::Damaged);
            return Ok(Vec::new());
        };
        let mut messages = Vec::with_capacity(2);
        if report.dictionary != 0 && !self.dictionaries.contains(&report.dictionary) {
            let preamble = spool.preamble(sequence)?;
            let dictionary = preamble.and_then(|bytes| v1::Dictionary::decode(bytes.as_slice()).ok());
            let Some(dictionary) = dictionary.filter(|found| found.digest == report.dictionary) else {
                spool.give_up(sequence, Reason::Damaged);
                return Ok(Vec::new());
            };
            self.dictionaries.push(report.dictionary);
            messages.push(message(Kind::Dictionary(dictionary)));
        }
        let ledger = Some(ledger(&spool.ledger()));
        let in_memory = spool.is_in_memory(sequence);
        let delivery = self.delivery(sequence, report, bytes);
        messages.push(message(Kind::Delivery(v1::Delivery { boottime_ms, ledger, in_memory, ..delivery })));
        Ok(messages)
    }

    fn delivery(&mut self, sequence: u64, mut report: v1::Report, bytes: Vec<u8>) -> v1::Delivery {
        let values = (report.dictionary != 0).then(|| block::decode_whole(&report.block).ok()).flatten();
        let Some(values) = values else {
            // Without a block the chain of differences is not continued, so that both ends agree on its last link.
            self.base = None;
            return v1::Delivery { report: bytes, ..Default::default() };
        };
        let mut next = Base { sequence, dictionary: report.dictionary, values, deltas: 0 };
        let mut delivery = v1::Delivery::default();
        let base = self.base.take().filter(|base| {
            base.dictionary == next.dictionary && base.values.len() == next.values.len() && base.deltas < DELTAS_MAX
        });
        if let Some(base) = base {
            let mut delta = Vec::new();
            block::encode_delta(&base.values, &next.values, &mut delta);
            if delta.len() < report.block.len() {
                report.block.clear();
                (delivery.block_delta, delivery.base_sequence) = (delta, base.sequence);
                next.deltas = base.deltas + 1;
            }
        }
        delivery.report = if delivery.block_delta.is_empty() { bytes } else { report.encode_to_vec() };
        self.base = Some(next);
        delivery
    }
}

/// Gives a spooled report another incarnation and sequence; `None` when it is not one.
pub fn recode(bytes: &[u8], incarnation: u128, sequence: u64) -> Option<Vec<u8>> {
    let mut report = v1::Report::decode(bytes).ok()?;
    (report.incarnation, report.sequence) = (Some(id(incarnation)), sequence);
    Some(report.encode_to_vec())
}

/// An id for the wire.
pub fn id(value: u128) -> v1::Id128 {
    v1::Id128 { high: (value >> 64) as u64, low: value as u64 }
}

/// An id from the wire.
pub fn number(id: v1::Id128) -> u128 {
    u128::from(id.high) << 64 | u128::from(id.low)
}

/// A message of the agent.
pub fn message(kind: Kind) -> AgentMessage {
    AgentMessage { kind: Some(kind) }
}

fn gap_record(gap: &Gap) -> v1::GapRecord {
    v1::GapRecord {
        first_sequence: gap.first,
        last_sequence: gap.last,
        reason: gap.reason as i32,
        counts: Some(counts(gap.counts)),
    }
}

fn ledger(ledger: &Ledger) -> v1::Ledger {
    let dropped = REASONS.into_iter().map(|reason| (reason, ledger.dropped.of(reason)));
    let dropped = dropped.filter(|(_, counts)| *counts != Counts::default());
    v1::Ledger {
        collected: Some(counts(ledger.collected)),
        spooled: Some(counts(ledger.spooled)),
        dropped: dropped.map(|(reason, of)| v1::Dropped { reason: reason as i32, counts: Some(counts(of)) }).collect(),
        oldest_sequence: ledger.oldest_sequence,
        last_sequence: ledger.last_sequence,
    }
}

fn counts(counts: Counts) -> v1::Counts {
    let Counts { reports, samples, sections, events } = counts;
    v1::Counts { reports, samples, sections, events }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::Options;

    const DIGEST: u64 = 77;

    fn spool(folder: &tempfile::TempDir) -> Spool {
        let options = Options { cap_bytes: 1 << 20, free_bytes_min: 0, free_bytes: |_| Ok(u64::MAX) };
        Spool::open(folder.path(), options, 5)
    }

    fn append(spool: &mut Spool, values: &[f64]) -> u64 {
        let sequence = spool.next_sequence();
        let mut report = v1::Report { sequence, incarnation: Some(id(5)), ..Default::default() };
        if !values.is_empty() {
            report.dictionary = DIGEST;
            block::encode_whole(values, &mut report.block);
        }
        let dictionary = v1::Dictionary { digest: DIGEST, series: Vec::new() }.encode_to_vec();
        spool.append(Some(&dictionary), Counts::default(), report.encode_to_vec());
        sequence
    }

    fn sent(wire: &mut Wire, spool: &mut Spool, sequence: u64) -> Vec<Kind> {
        let messages = wire.messages(spool, Item::Record(sequence), 9).unwrap();
        messages.into_iter().filter_map(|message| message.kind).collect()
    }

    #[test]
    fn a_dictionary_goes_once_and_later_blocks_go_as_differences() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut spool, mut wire) = (spool(&folder), Wire::default());
        let values: Vec<f64> = (0..50).map(|n| f64::from(n) * 1e6).collect();
        let mut changed = values.clone();
        changed[7] += 1.0;
        let (first, second) = (append(&mut spool, &values), append(&mut spool, &changed));
        assert!(matches!(sent(&mut wire, &mut spool, first).as_slice(), [Kind::Dictionary(_), Kind::Delivery(_)]));
        let [Kind::Delivery(delivery)] = &sent(&mut wire, &mut spool, second)[..] else { panic!("one delivery") };
        assert_eq!(delivery.base_sequence, first);
        assert_eq!(block::decode_delta(&values, &delivery.block_delta), Ok(changed));
        assert!(v1::Report::decode(delivery.report.as_slice()).unwrap().block.is_empty());
    }

    #[test]
    fn a_report_without_a_block_ends_the_chain() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut spool, mut wire) = (spool(&folder), Wire::default());
        for values in [&[1.0e9, 2.0e9][..], &[], &[1.0e9, 2.0e9]] {
            let sequence = append(&mut spool, values);
            let kinds = sent(&mut wire, &mut spool, sequence);
            let Some(Kind::Delivery(delivery)) = kinds.last() else { panic!("a delivery") };
            assert_eq!(delivery.base_sequence, 0);
        }
    }

    #[test]
    fn unreadable_bytes_become_a_gap() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut spool, mut wire) = (spool(&folder), Wire::default());
        spool.append(None, Counts::default(), vec![0xff; 9]);
        assert!(sent(&mut wire, &mut spool, 1).is_empty());
        assert!(matches!(spool.next_after(0), Some(Item::Gap(gap)) if gap.reason == Reason::Damaged));
    }

    #[test]
    fn a_new_life_gives_new_names() {
        let bytes = v1::Report { sequence: 9, interval_s: 60, ..Default::default() }.encode_to_vec();
        let report = v1::Report::decode(recode(&bytes, u128::MAX, 2).unwrap().as_slice()).unwrap();
        assert_eq!((report.sequence, report.interval_s, report.incarnation.map(number)), (2, 60, Some(u128::MAX)));
    }
}
