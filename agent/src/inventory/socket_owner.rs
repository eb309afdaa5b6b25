//! Finds the processes that hold sockets, by the links of their open files. To see those of others takes a right that only
//! the task of root has, so it writes the table down and the service fills its gaps from that. Process ids never leave
//! this file: they change at each start.

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::NoteReason;

use super::notes::Notes;
use super::root::Root;
use super::socket_table::Socket;

/// Of the records: one line a socket, `tcp 0.0.0.0 80 0 nginx`: protocol, address, port, uid, name. Neither process nor
/// inode, so that it holds when a service is restarted.
const TABLE: &str = "socket-owners";
const PROCESSES_MAX: usize = 5_000;
const LINKS_MAX: usize = 100_000;
/// The kernel cuts the names of processes at this many bytes.
const NAME_BYTES_MAX: usize = 15;

/// The name of the process that holds each socket, by the socket's inode, as far as it can be seen or was written down.
pub fn owners(root: &Root, sockets: &BTreeSet<Socket>, notes: &mut Notes) -> BTreeMap<u64, String> {
    let inodes: BTreeSet<u64> = sockets.iter().map(|socket| socket.inode).filter(|inode| *inode != 0).collect();
    let (mut found, is_denied) = seen(root, &inodes, notes);
    root.record_table(TABLE, || written(sockets, &found));
    if is_denied && found.len() < inodes.len() {
        match root.recorded_table(TABLE) {
            Some(table) => add_recorded(&table, sockets, &mut found),
            // Sockets of the kernel have no owner, so a missing one is a matter of rights only where somebody refused.
            None => notes.mention("open files of other accounts", NoteReason::NeedsPrivilege),
        }
    }
    found
}

/// Of several processes the alphabetically first is taken, and the service manager, which opens sockets for others, only
/// where it is alone. Beside it whether a look was refused.
fn seen(root: &Root, inodes: &BTreeSet<u64>, notes: &mut Notes) -> (BTreeMap<u64, String>, bool) {
    let mut found: BTreeMap<u64, String> = BTreeMap::new();
    let mut is_denied = false;
    let mut links_left = LINKS_MAX;
    for pid in process_ids(root, notes) {
        let (held, refused) = held(root, pid, inodes, &mut links_left);
        is_denied |= refused;
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
    (found, is_denied)
}

fn written(sockets: &BTreeSet<Socket>, owners: &BTreeMap<u64, String>) -> String {
    let line = |socket: &Socket| {
        // A process may call itself anything, over several lines too.
        let name: String = owners.get(&socket.inode)?.chars().filter(|c| !c.is_control()).collect();
        Some(format!("{}{name}\n", named(socket)))
    };
    sockets.iter().filter_map(line).collect()
}

fn add_recorded(table: &str, sockets: &BTreeSet<Socket>, found: &mut BTreeMap<u64, String>) {
    let end_of_key = |line: &str| line.match_indices(' ').nth(3).map(|(at, _)| at + 1);
    let known: BTreeMap<&str, &str> =
        table.lines().filter_map(|line| line.split_at_checked(end_of_key(line)?)).collect();
    for socket in sockets.iter().filter(|socket| socket.inode != 0) {
        if let Some(name) = known.get(named(socket).as_str()) {
            found.entry(socket.inode).or_insert_with(|| (*name).to_owned());
        }
    }
}

fn named(socket: &Socket) -> String {
    format!("{} {} {} {} ", socket.protocol, socket.address, socket.port, socket.uid)
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

/// Which of the sockets a process holds, and whether a look was refused: its folder may be open while its links are not.
fn held(root: &Root, pid: u32, inodes: &BTreeSet<u64>, links_left: &mut usize) -> (BTreeSet<u64>, bool) {
    let is_refusal = |error: &std::io::Error| error.kind() == std::io::ErrorKind::PermissionDenied;
    let folder = format!("proc/{pid}/fd");
    let names = match root.try_names(&folder, *links_left) {
        Ok(names) => names,
        Err(error) => return (BTreeSet::new(), is_refusal(&error)),
    };
    *links_left -= names.len();
    let (mut held, mut refused) = (BTreeSet::new(), false);
    for name in names {
        match root.try_link(&format!("{folder}/{name}")) {
            Ok(target) => held.extend(inode(&target).filter(|inode| inodes.contains(inode))),
            Err(error) if is_refusal(&error) => {
                // Its other links would be refused alike.
                refused = true;
                break;
            }
            Err(_) => {}
        }
    }
    (held, refused)
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
        let (found, is_denied) = seen(&Root::at(folder.path()), &BTreeSet::from([10, 20, 30, 40]), &mut notes);
        let expected = [(10, "master"), (20, "systemd"), (30, "systemd-resolved")];
        assert_eq!(found, BTreeMap::from(expected.map(|(inode, name)| (inode, name.to_owned()))));
        assert!(!is_denied && notes.into_list().is_empty());
    }

    fn socket(port: u16, uid: u32, inode: u64) -> Socket {
        Socket { protocol: "tcp", address: [0, 0, 0, 0].into(), port, uid, inode }
    }

    #[test]
    fn what_root_wrote_down_fills_the_gaps_after_a_restart_too() {
        let owners = BTreeMap::from([(1, "nginx: \nmaster".to_owned()), (2, "sshd".to_owned()), (3, "x".to_owned())]);
        let table = written(&BTreeSet::from([socket(80, 0, 1), socket(22, 0, 2), socket(99, 7, 3)]), &owners);
        assert_eq!(table, "tcp 0.0.0.0 22 0 sshd\ntcp 0.0.0.0 80 0 nginx: master\ntcp 0.0.0.0 99 7 x\n");
        let mut found = BTreeMap::from([(20, "seen".to_owned())]);
        // Another account at the port is another program; a socket without a number is nobody's.
        let now = BTreeSet::from([socket(80, 0, 10), socket(22, 0, 20), socket(99, 8, 30), socket(443, 0, 0)]);
        add_recorded(&(table + "a b\n\n   \n"), &now, &mut found);
        assert_eq!(found, BTreeMap::from([(10, "nginx: master".to_owned()), (20, "seen".to_owned())]));
    }

    #[test]
    fn the_links_of_another_accounts_process_are_refused_and_that_is_told() {
        // The first process is root's, and shows its open files to nobody else.
        if Root::real().try_link("proc/1/fd/0").is_ok() {
            println!("skipped: this account may look into every process");
            return;
        }
        let (found, is_denied) = seen(&Root::real(), &BTreeSet::new(), &mut Notes::default());
        assert!(is_denied && found.is_empty());
    }
}
