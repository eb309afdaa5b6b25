//! A new life of a spool: where the collector knows more than we do, this spool is an old copy of another's life, and
//! its numbers cannot be used again.

use super::ledger::Counts;
use super::{Item, Spool, disk, life, recover};
use std::fs;
use std::path::{Path, PathBuf};

impl Spool {
    /// Begins a new life and takes along what was not acknowledged; `recode` turns the bytes of a report into those
    /// under its new sequence, or drops what it cannot read.
    pub fn rebirth(&mut self, fresh: u128, mut recode: impl FnMut(Vec<u8>, u64) -> Option<Vec<u8>>) {
        let life = life::following(&self.root, self.number, fresh);
        let (folder, name) = (life.folder.with_extension("partial"), life.folder.clone());
        let _ = fs::remove_dir_all(&folder);
        let trouble = fs::create_dir_all(&folder).err();
        let mut next = Spool::assemble(&self.root, life, self.options, recover::Found::default());
        next.folder = folder;
        let mut position = 0;
        // The old position means nothing in the collector's new count: everything still held goes along.
        while let Some(item) = self.next_after(position) {
            position = match item {
                Item::Gap(gap) => gap.last,
                Item::Record(sequence) => {
                    next.take_along(self, sequence, &mut recode);
                    sequence
                }
            };
        }
        let old = self.folder.clone();
        next.trouble = trouble.or(fs::rename(&next.folder, &name).err());
        next.segments.iter_mut().for_each(|segment| segment.path = rebase(&segment.path, &name));
        next.folder = name;
        *self = next;
        let _ = disk::sync_folder(&self.root);
        let _ = fs::remove_dir_all(old);
    }

    fn take_along(&mut self, old: &mut Spool, sequence: u64, recode: &mut impl FnMut(Vec<u8>, u64) -> Option<Vec<u8>>) {
        let counts = match old.index_of(sequence).and_then(|index| old.segments[index].find(sequence)) {
            Some(entry) => entry.counts(),
            None => old
                .ring
                .iter()
                .find(|waiting| waiting.head.sequence == sequence)
                .map_or_else(Counts::default, |w| w.head.own),
        };
        let preamble = old.preamble(sequence).ok().flatten();
        if let Ok(Some(payload)) = old.read(sequence)
            && let Some(payload) = recode(payload, self.next_sequence())
        {
            self.append(preamble.as_deref(), counts, payload);
        }
    }
}

fn rebase(path: &Path, folder: &Path) -> PathBuf {
    path.file_name().map_or_else(|| folder.to_owned(), |name| folder.join(name))
}
