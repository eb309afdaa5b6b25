//! Finds the processes that hold sockets, by the links of their open files. Process ids never leave this file: they
//! change at each start.

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::NoteReason;

use super::notes::Notes;
use super::root::Root;

const PROCESSES_MAX: usize = 5_000;
const LINKS_MAX: usize = 100_000;
/// The kernel cuts the names of processes at this many bytes.
const NAME_BYTES_MAX: usize = 15;

/// The name of the process that holds each socket, by the socket's inode. Of several the alphabetically first is taken,
/// and the service manager, which opens sockets for others, only where it is alone.
pub fn owners(root: &Root, inodes: &BTreeSet<u64>, notes: &mut Notes) -> BTreeMap<u64, String> {
    let mut found: BTreeMap<u64, String> = BTreeMap::new();
    let mut denied = false;
    let mut links_left = LINKS_MAX;
    for pid in process_ids(root, notes) {
        let held = match held(root, pid, inodes, &mut links_left) {
            Ok(held) => held,
            Err(error) => {
                denied |= error.kind() == std::io::ErrorKind::PermissionDenied;
                continue;
            }
        };
        if held.is_empty() {
            continue;
        }
        let Some(name) = name(root, pid) else { continue };
        let rank = |name: &str| (name == "systemd", name.to_owned());
        for inode in held {
            let known = found.entry(inode).or_insert_with(|| name.clone());
            if rank(&name) < rank(known) {
                known.clone_from(&name);
            }
        }
    }
    if links_left == 0 {
        notes.mention("open files", NoteReason::TooLong);
    }
    // Sockets of the kernel have no owner, so a missing one is a matter of rights only where somebody refused.
    if denied && found.len() < inodes.len() {
        notes.mention("open files of other accounts", NoteReason::NeedsPrivilege);
    }
    found
}

fn process_ids(root: &Root, notes: &mut Notes) -> Vec<u32> {
    let mut ids: Vec<u32> = root.names("proc").iter().filter_map(|name| name.parse().ok()).collect();
    ids.sort_unstable();
    if ids.len() > PROCESSES_MAX {
        ids.truncate(PROCESSES_MAX);
        notes.mention("processes", NoteReason::TooLong);
    }
    ids
}

/// Which of the sockets a process holds.
fn held(root: &Root, pid: u32, inodes: &BTreeSet<u64>, links_left: &mut usize) -> std::io::Result<BTreeSet<u64>> {
    let folder = format!("proc/{pid}/fd");
    let names = root.try_names(&folder, *links_left)?;
    *links_left -= names.len();
    let targets = names.iter().filter_map(|name| root.link(&format!("{folder}/{name}")));
    Ok(targets.filter_map(|target| inode(&target)).filter(|inode| inodes.contains(inode)).collect())
}

/// `socket:[34523]`
fn inode(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// What the process calls itself; where the kernel cut that, the name of its program, if it begins alike.
fn name(root: &Root, pid: u32) -> Option<String> {
    let called = root.value(&format!("proc/{pid}/comm"))?;
    if called.len() < NAME_BYTES_MAX {
        return Some(called);
    }
    let program = root.link(&format!("proc/{pid}/exe")).unwrap_or_default();
    // A program that was replaced by an update runs on under its old name.
    let program = program.trim_end_matches(" (deleted)").rsplit('/').next().unwrap_or_default();
    Some(if program.starts_with(&called) { program.to_owned() } else { called })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn process(root: &Path, pid: u32, name: &str, sockets: &[u64]) {
        let folder = root.join(format!("proc/{pid}"));
        std::fs::create_dir_all(folder.join("fd")).unwrap();
        std::fs::write(folder.join("comm"), format!("{name}\n")).unwrap();
        symlink("/dev/null", folder.join("fd/0")).unwrap();
        for (place, inode) in sockets.iter().enumerate() {
            symlink(format!("socket:[{inode}]"), folder.join(format!("fd/{}", place + 3))).unwrap();
        }
    }

    #[test]
    fn a_shared_socket_has_one_owner_whatever_the_process_ids() {
        let folder = tempfile::tempdir().unwrap();
        process(folder.path(), 1, "systemd", &[10, 20]);
        process(folder.path(), 900, "worker", &[10]);
        process(folder.path(), 1_000, "master", &[10, 99]);
        process(folder.path(), 30, "systemd-resolve", &[30]);
        symlink("/usr/lib/systemd/systemd-resolved (deleted)", folder.path().join("proc/30/exe")).unwrap();
        let mut notes = Notes::default();
        let found = owners(&Root::at(folder.path()), &BTreeSet::from([10, 20, 30, 40]), &mut notes);
        let expected = [(10, "master"), (20, "systemd"), (30, "systemd-resolved")];
        assert_eq!(found, BTreeMap::from(expected.map(|(inode, name)| (inode, name.to_owned()))));
        assert!(notes.into_list().is_empty());
    }
}
