//! Bringing what waits in the memory ring to the disk, in order, and keeping the books beside it.

use super::books::Mark;
use super::segment::{Header, RecordHead, Segment};
use super::{Counts, Spool, Waiting};
use std::fs;
use std::io;

impl Spool {
    pub(super) fn flush(&mut self) {
        let free = (self.options.free_bytes)(&self.folder);
        if free.is_ok_and(|free| free < self.options.free_bytes_min) {
            self.trouble = Some(io::ErrorKind::StorageFull.into());
            return;
        }
        while let Some(waiting) = self.ring.pop_front() {
            if let Err(error) = self.write(&waiting) {
                // A file that failed once is not appended to again: nobody knows what stands behind its end.
                self.active = None;
                self.trouble = Some(error);
                self.ring.push_front(waiting);
                break;
            }
        }
        self.store_gaps();
        self.store_mark(false);
    }

    fn write(&mut self, waiting: &Waiting) -> io::Result<()> {
        // Heads, checksums and a new segment's two headers come with the payload.
        let preamble_bytes = waiting.preamble.as_ref().map_or(0, Vec::len);
        self.make_room((waiting.payload.len() + 2 * preamble_bytes + 512) as u64);
        let full = self.segments.last().is_none_or(|segment| segment.bytes >= self.segment_bytes);
        let wanted = waiting.preamble.as_deref();
        let fits = self.active.as_ref().is_some_and(|(_, present)| wanted.is_none_or(|wanted| wanted == present));
        if full || !fits {
            self.roll(waiting)?;
        }
        let (Some((file, _)), Some(segment)) = (&mut self.active, self.segments.last_mut()) else {
            return Err(io::ErrorKind::Other.into());
        };
        let result = segment.append(file, &waiting.head, &waiting.payload);
        if result.is_err() && segment.entries.is_empty() && segment.holes.is_empty() {
            let _ = fs::remove_file(&segment.path);
            self.segments.pop();
        }
        result
    }

    fn roll(&mut self, waiting: &Waiting) -> io::Result<()> {
        let RecordHead { sequence, own, collected, .. } = waiting.head;
        let kept = self.active.take().map(|(_, preamble)| preamble).unwrap_or_default();
        let preamble = waiting.preamble.clone().unwrap_or(kept);
        let collected = collected.minus(own);
        let header = Header { incarnation: self.incarnation, first: sequence, collected, holes: Vec::new(), preamble };
        fs::create_dir_all(&self.folder)?;
        let (segment, file) = Segment::create(&self.folder, &header)?;
        self.segments.retain(|known| known.first != sequence);
        self.segments.push(segment);
        self.active = Some((file, header.preamble));
        self.retire_acknowledged();
        Ok(())
    }

    pub(super) fn store_gaps(&mut self) {
        if self.gaps_unstored {
            match self.gaps.store(&self.folder) {
                Ok(()) => self.gaps_unstored = false,
                Err(error) => self.trouble = Some(error),
            }
        }
    }

    pub(super) fn store_mark(&mut self, durably: bool) -> bool {
        let (last, acked, collected) = (self.last, self.acked, self.collected);
        let mark = Mark { last, acked, collected, base: self.collected_until_acknowledged() };
        mark.store(&self.folder, durably).is_ok()
    }

    fn collected_until_acknowledged(&self) -> Counts {
        let on_disk = self
            .segments
            .iter()
            .flat_map(|segment| segment.entries.iter().map(|entry| (entry.sequence(segment.first), entry.counts())));
        let in_memory = self.ring.iter().map(|waiting| (waiting.head.sequence, waiting.head.own));
        let holes = self.segments.iter().flat_map(|segment| &segment.holes);
        let given_up = holes.chain(&self.gaps.list).map(|gap| (gap.first, gap.counts));
        on_disk
            .chain(in_memory)
            .chain(given_up)
            .filter(|(sequence, _)| *sequence > self.acked)
            .fold(self.collected, |left, (_, counts)| left.minus(counts))
    }
}
