//! What the spool promises when its files are damaged: every flipped bit and every cut is found, only the reports that
//! were hit are lost and declared, and a start never fails.

use super::tests::{FRESH, append, assert_conserved, counts, drain, options, payload};
use super::*;
use std::path::Path;
use tempfile::TempDir;

fn filled(cap_bytes: u64, reports: u64) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut spool = Spool::open(folder.path(), options(cap_bytes), FRESH);
    for _ in 0..reports {
        append(&mut spool);
    }
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let life = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut files: Vec<_> = fs::read_dir(life).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Opens a damaged spool, twice, and checks what must hold whatever was hit. Gives the lost reports.
fn inspect(folder: &Path, newest: u64, goes_on: bool) -> u64 {
    let mut spool = Spool::open(folder, options(1 << 20), FRESH);
    assert!(spool.next_sequence() > newest, "a sequence would be used twice");
    assert_conserved(&spool, Counts::default());
    let first = spool.ledger();
    let (records, gaps) = drain(&mut spool);
    assert_eq!(records.len() as u64, first.spooled.reports);
    let declared: u64 = gaps.iter().map(|gap| gap.last - gap.first + 1).sum();
    assert_eq!(declared, first.dropped.total().reports);
    if !goes_on {
        return first.dropped.of(Reason::Damaged).reports;
    }
    drop(spool);
    let mut spool = Spool::open(folder, options(1 << 20), FRESH);
    assert_eq!(spool.ledger(), first, "damage is counted once");
    let sequence = spool.next_sequence();
    assert!(spool.append(Some(b"dictionary"), counts(), payload(sequence)));
    assert_conserved(&spool, Counts::default());
    first.dropped.of(Reason::Damaged).reports
}

/// A copy of a spool's folder that can be brought back after each blow.
struct Original(Vec<(PathBuf, Vec<u8>)>);

impl Original {
    fn of(folder: &Path) -> Original {
        Original(files(folder).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect())
    }

    fn restore(&self, folder: &Path) {
        for path in files(folder) {
            fs::remove_file(path).unwrap();
        }
        for (path, bytes) in &self.0 {
            fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn every_flipped_bit_costs_at_most_the_report_it_hit() {
    let folder = filled(1 << 20, 3);
    let original = Original::of(folder.path());
    for (path, bytes) in &original.0 {
        for position in 0..bytes.len() * 8 {
            original.restore(folder.path());
            let mut hit = bytes.clone();
            hit[position / 8] ^= 1 << (position % 8);
            fs::write(path, hit).unwrap();
            assert!(inspect(folder.path(), 3, position % 29 == 0) <= 1, "{} bit {position}", path.display());
        }
    }
}

#[test]
fn every_cut_costs_only_what_was_cut_off() {
    let folder = filled(1 << 20, 6);
    let original = Original::of(folder.path());
    for (path, bytes) in &original.0 {
        for length in 0..bytes.len() {
            original.restore(folder.path());
            fs::write(path, &bytes[..length]).unwrap();
            let lost = inspect(folder.path(), 6, true);
            let is_segment = path.extension().is_some();
            assert!(is_segment || lost == 0, "{} cut to {length}", path.display());
        }
    }
}

#[test]
fn a_thinned_spool_survives_a_flip_in_each_byte() {
    let folder = filled(8 << 10, 90);
    let spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    let before = spool.ledger();
    drop(spool);
    let original = Original::of(folder.path());
    for (path, bytes) in &original.0 {
        for position in 0..bytes.len() {
            original.restore(folder.path());
            let mut hit = bytes.clone();
            hit[position] ^= 0x41;
            fs::write(path, hit).unwrap();
            let spool = Spool::open(folder.path(), options(1 << 20), FRESH);
            assert_conserved(&spool, Counts::default());
            let lost = before.spooled.reports - spool.ledger().spooled.reports;
            assert!(lost <= 1, "{} byte {position} cost {lost}", path.display());
        }
    }
}

#[test]
fn a_kill_in_the_middle_of_a_write_leaves_no_hole() {
    // A kill leaves a prefix of the bytes that were under way, and a mark that does not know of them.
    let folder = filled(1 << 20, 5);
    let original = Original::of(folder.path());
    let segment = original.0.iter().find(|(path, _)| path.extension().is_some()).unwrap().clone();
    let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
    append(&mut spool);
    drop(spool);
    let longer = fs::read(&segment.0).unwrap();
    for length in segment.1.len()..longer.len() {
        original.restore(folder.path());
        fs::write(&segment.0, &longer[..length]).unwrap();
        let mut spool = Spool::open(folder.path(), options(1 << 20), FRESH);
        let (records, gaps) = drain(&mut spool);
        assert_eq!(records, [1, 2, 3, 4, 5]);
        assert!(gaps.iter().all(|gap| (gap.first, gap.last) == (6, 6)));
        assert_conserved(&spool, Counts::default());
    }
}

#[test]
fn rubbish_in_the_folder_never_stops_a_start() {
    let folder = TempDir::new().unwrap();
    let life = folder.path().join(format!("{:08x}-{FRESH:032x}", 3));
    fs::create_dir_all(life.join("0000000000000001.segment")).unwrap();
    fs::write(life.join("0000000000000009.segment"), vec![0x77; 5_000]).unwrap();
    fs::write(life.join("gaps"), b"no").unwrap();
    let mut spool = Spool::open(folder.path(), options(1 << 20), 55);
    assert_eq!(spool.incarnation(), 55, "nothing told how far the old life was");
    assert!(append(&mut spool));
}
