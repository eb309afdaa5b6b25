//! The day on which each account last signed in, from `lastlog` and `wtmp`. The sign-ins of people at their own
//! workstation are nobody's business, so these files are opened on servers alone.

use std::collections::BTreeMap;

use crate::inventory::date::day;
use crate::inventory::notes::Notes;
use crate::inventory::os_release::{Release, architecture};
use crate::inventory::root::Root;
use crate::inventory::smbios::chassis_type;

const LASTLOG: &str = "var/log/lastlog";
const WTMP: &str = "var/log/wtmp";
/// Sign-ins at the end of `wtmp` that are looked at.
const SIGN_INS_MAX: u64 = 20_000;
/// `ut_type` of a sign-in.
const USER_PROCESS: u16 = 7;
/// Set up where somebody signs in at a screen.
const DISPLAY_MANAGER: &str = "etc/systemd/system/display-manager.service";

/// How the C library lays out its records.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layout {
    lastlog_bytes: u64,
    utmp_bytes: usize,
    utmp_time_at: usize,
    time_bytes: usize,
}

/// 64-bit machines that have a 32-bit ancestor keep its layout.
const NARROW: Layout = Layout { lastlog_bytes: 292, utmp_bytes: 384, utmp_time_at: 340, time_bytes: 4 };
const WIDE: Layout = Layout { lastlog_bytes: 296, utmp_bytes: 400, utmp_time_at: 344, time_bytes: 8 };

/// `YYYY-MM-DD` of each of `accounts`, names with numbers, that ever signed in.
pub fn read<'a>(root: &Root, accounts: &[(&'a str, u32)], notes: &mut Notes) -> BTreeMap<&'a str, String> {
    let layout = if architecture(root).starts_with("aarch64") { WIDE } else { NARROW };
    let recent = recent(root, layout, notes);
    let last = |(name, uid): &(&'a str, u32)| {
        let first_known = recent.get(name.as_bytes()).copied();
        let time = first_known.max(of_lastlog(root, *uid, layout)).filter(|time| *time > 0)?;
        Some((*name, day(time)))
    };
    accounts.iter().filter_map(last).filter(|(_, day)| !day.is_empty()).collect()
}

/// Whether people work at this machine: by the edition's own word, by a sign-in screen, by the shape of a machine of metal.
pub fn is_workstation(root: &Root, release: &Release, is_virtual: bool) -> bool {
    let edition = release.edition.to_lowercase();
    if edition.contains("server") {
        return false;
    }
    let code = root.value("sys/class/dmi/id/chassis_type").and_then(|code| code.parse().ok());
    // A virtual machine has the chassis that its hypervisor made up.
    let chassis = code.filter(|_| !is_virtual).map(chassis_type).unwrap_or_default();
    edition.contains("workstation")
        || edition.contains("desktop")
        || root.exists(DISPLAY_MANAGER)
        || is_personal(chassis)
}

/// Small offices run servers on towers, but where nothing tells them apart the sign-ins stay private.
fn is_personal(chassis: &str) -> bool {
    const SHARED: [&str; 9] =
        ["", "Main Server", "Rack", "Blade", "RAID", "Multi-system", "CompactPCI", "AdvancedTCA", "Expansion"];
    !SHARED.iter().any(|start| if start.is_empty() { chassis.is_empty() } else { chassis.starts_with(start) })
}

/// A record of `lastlog` stands at the account's number; the file is as long as the highest number, mostly holes.
fn of_lastlog(root: &Root, uid: u32, layout: Layout) -> Option<i64> {
    let offset = u64::from(uid) * layout.lastlog_bytes;
    let bytes = root.bytes_from(LASTLOG, offset, layout.time_bytes as u64, &mut Notes::default())?;
    time(&bytes, 0, layout)
}

/// The last sign-in of each name at the end of `wtmp`.
fn recent(root: &Root, layout: Layout, notes: &mut Notes) -> BTreeMap<Vec<u8>, i64> {
    let record_bytes = layout.utmp_bytes as u64;
    let records = root.size_and_date(WTMP).map_or(0, |(bytes, _)| bytes / record_bytes);
    let first = records.saturating_sub(SIGN_INS_MAX);
    let bytes = root.bytes_from(WTMP, first * record_bytes, SIGN_INS_MAX * record_bytes, notes).unwrap_or_default();
    let mut last = BTreeMap::new();
    for (name, time) in bytes.chunks_exact(layout.utmp_bytes).filter_map(|record| sign_in(record, layout)) {
        let known = last.entry(name.to_vec()).or_insert(time);
        *known = time.max(*known);
    }
    last
}

/// Type at 0, name in 32 bytes at 44, then the time.
fn sign_in(record: &[u8], layout: Layout) -> Option<(&[u8], i64)> {
    let kind = u16::from_ne_bytes(record.get(..2)?.try_into().ok()?);
    let name = record.get(44..76)?.split(|byte| *byte == 0).next()?;
    let time = time(record, layout.utmp_time_at, layout)?;
    (kind == USER_PROCESS && !name.is_empty()).then_some((name, time))
}

fn time(record: &[u8], at: usize, layout: Layout) -> Option<i64> {
    let bytes = record.get(at..at + layout.time_bytes)?;
    match layout.time_bytes {
        // Unsigned, so that it lasts beyond 2038.
        4 => Some(i64::from(u32::from_ne_bytes(bytes.try_into().ok()?))),
        _ => Some(i64::from_ne_bytes(bytes.try_into().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const DAY: u32 = 86_400;

    fn record(kind: u16, name: &str, time: u32) -> Vec<u8> {
        let mut record = vec![0; 384];
        record[..2].copy_from_slice(&kind.to_ne_bytes());
        record[44..44 + name.len()].copy_from_slice(name.as_bytes());
        record[340..344].copy_from_slice(&time.to_ne_bytes());
        record
    }

    #[test]
    fn the_later_of_both_files_counts_and_a_cut_file_is_read_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("var/log")).unwrap();
        fs::create_dir_all(folder.path().join("proc/sys/kernel")).unwrap();
        fs::write(folder.path().join("proc/sys/kernel/arch"), "x86_64\n").unwrap();
        let mut lastlog = vec![0; 292 * 3];
        lastlog[292..296].copy_from_slice(&(20 * DAY).to_ne_bytes());
        lastlog[584..588].copy_from_slice(&(5 * DAY).to_ne_bytes());
        fs::write(folder.path().join(LASTLOG), lastlog).unwrap();
        let records =
            [record(7, "bob", 9 * DAY), record(8, "bob", 30 * DAY), record(7, "ann", 7 * DAY), record(2, "x", DAY)];
        fs::write(folder.path().join(WTMP), [records.concat(), vec![7; 100]].concat()).unwrap();
        let root = Root::at(folder.path());
        let accounts = [("ann", 1), ("bob", 2), ("never", 0), ("far", u32::MAX)];
        let days = read(&root, &accounts, &mut Notes::default());
        let expected = [("ann", "1970-01-21".to_owned()), ("bob", "1970-01-10".to_owned())];
        assert_eq!(days.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_server_is_told_by_its_edition_its_screen_and_its_shape() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        let edition = |edition: &str| Release { edition: edition.to_owned(), ..Default::default() };
        assert!(!is_workstation(&root, &edition(""), false) && is_workstation(&root, &edition("Workstation"), true));
        let shape = folder.path().join("sys/class/dmi/id/chassis_type");
        fs::create_dir_all(shape.parent().unwrap()).unwrap();
        for (code, expected) in [("10", true), ("3", true), ("23", false), ("17", false), ("2", false), ("x", false)] {
            fs::write(&shape, code).unwrap();
            assert_eq!(is_workstation(&root, &edition(""), false), expected, "{code}");
        }
        fs::write(&shape, "3").unwrap();
        assert!(!is_workstation(&root, &edition(""), true) && !is_workstation(&root, &edition("Server"), false));
        fs::create_dir_all(folder.path().join("etc/systemd/system")).unwrap();
        fs::write(folder.path().join(DISPLAY_MANAGER), "").unwrap();
        assert!(is_workstation(&root, &edition(""), true));
    }
}
