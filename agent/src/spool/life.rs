//! Which folder holds the spool's present life. Each incarnation has its own, `<number>-<incarnation>`, so that a new
//! one is complete before the old one goes and no flipped bit can change the incarnation.

use std::fs;
use std::path::{Path, PathBuf};

/// One life: its folder, and whether it existed.
pub(super) struct Life {
    pub folder: PathBuf,
    pub incarnation: u128,
    pub number: u32,
}

/// The newest life in `root`; older ones and unfinished ones are removed. `None` when there is none.
pub(super) fn newest(root: &Path) -> Option<Life> {
    let mut lives: Vec<Life> = Vec::new();
    for entry in fs::read_dir(root).ok()?.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        match parse(name) {
            Some((number, incarnation)) => lives.push(Life { folder: entry.path(), incarnation, number }),
            None if name.ends_with(".partial") => drop(fs::remove_dir_all(entry.path())),
            None => {}
        }
    }
    lives.sort_by_key(|life| life.number);
    let newest = lives.pop();
    for old in lives {
        let _ = fs::remove_dir_all(old.folder);
    }
    newest
}

/// A life that follows `number`; its folder is not made yet.
pub(super) fn following(root: &Path, number: u32, incarnation: u128) -> Life {
    let number = number.saturating_add(1);
    Life { folder: root.join(format!("{number:08x}-{incarnation:032x}")), incarnation, number }
}

fn parse(name: &str) -> Option<(u32, u128)> {
    let (number, incarnation) = name.split_once('-')?;
    if number.len() != 8 || incarnation.len() != 32 {
        return None;
    }
    Some((u32::from_str_radix(number, 16).ok()?, u128::from_str_radix(incarnation, 16).ok()?))
}
