//! The ports on which this machine listens, with the process and the account behind each. Connections are no inventory,
//! and what a firewall lets through is judged elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Port, PortSection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;
use super::socket_owner::owners;
use super::socket_table::{self, Socket, dealt_out, ephemeral, is_passing, listening};

const PORTS_MAX: usize = 2_000;

/// The section of the listening ports.
pub struct Ports;

impl Section for Ports {
    fn kind(&self) -> SectionKind {
        SectionKind::Port
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let sockets = listening(root, &mut notes);
        let processes = owners(root, &sockets, &mut notes);
        let passwd = root.text("etc/passwd", &mut notes).unwrap_or_default();
        section(&sockets, &processes, &accounts(&passwd), &dealt_out(root), notes)
    }
}

/// What a table of TCP sockets alone says.
pub fn of_tcp(table: &str) -> SectionBody {
    alone(socket_table::tcp(table))
}

/// What a table of UDP sockets alone says.
pub fn of_udp(table: &str) -> SectionBody {
    alone(socket_table::udp(table))
}

fn alone(sockets: Vec<Socket>) -> SectionBody {
    section(&sockets.into_iter().collect(), &BTreeMap::new(), &BTreeMap::new(), &ephemeral(""), Notes::default())
}

fn section(
    sockets: &BTreeSet<Socket>,
    processes: &BTreeMap<u64, String>,
    accounts: &BTreeMap<u32, &str>,
    dealt_out: &RangeInclusive<u16>,
    mut notes: Notes,
) -> SectionBody {
    let process = |socket: &Socket| processes.get(&socket.inode).map_or("", String::as_str);
    let askers: BTreeSet<&str> = sockets.iter().filter(|socket| socket.port == 53).map(process).collect();
    // A name server asks others from ports of its own choice, each for the length of a question.
    let asks = |socket: &Socket| {
        let name = process(socket);
        let known = [5_353, 5_355].contains(&socket.port);
        socket.protocol == "udp" && socket.port >= 1_024 && !known && !name.is_empty() && askers.contains(name)
    };
    let mut rows: BTreeMap<(&str, std::net::IpAddr, u16), Port> = BTreeMap::new();
    for socket in sockets.iter().filter(|socket| !asks(socket)) {
        let row = rows.entry((socket.protocol, socket.address, socket.port)).or_insert_with(|| Port {
            protocol: socket.protocol.to_owned(),
            address: socket.address.to_string(),
            port: socket.port.into(),
            process: String::new(),
            account: notes.text("account", accounts.get(&socket.uid).unwrap_or(&"")),
            ephemeral: is_passing(socket, dealt_out),
        });
        // Several sockets of one port are workers of one service; the first by name stands for them.
        let name = notes.text("process", process(socket));
        if !name.is_empty() && (row.process.is_empty() || name < row.process) {
            row.process = name;
        }
    }
    let mut ports: Vec<Port> = rows.into_values().collect();
    notes.bound("ports", &mut ports, PORTS_MAX);
    notes.into_body(Kind::Port(PortSection { ports }))
}

/// Names by uid; of two accounts with one uid the first counts, as the system itself sees it.
fn accounts(passwd: &str) -> BTreeMap<u32, &str> {
    let mut accounts = BTreeMap::new();
    for line in passwd.lines() {
        let mut fields = line.split(':');
        let (Some(name), Some(Ok(uid))) = (fields.next(), fields.nth(1).map(str::parse)) else { continue };
        accounts.entry(uid).or_insert(name);
    }
    accounts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(protocol: &'static str, port: u16, uid: u32, inode: u64) -> Socket {
        Socket { protocol, address: [0, 0, 0, 0].into(), port, uid, inode }
    }

    fn rows(body: SectionBody) -> Vec<Port> {
        let Some(Kind::Port(section)) = body.kind else { panic!("not a port section") };
        section.ports
    }

    #[test]
    fn a_number_that_the_kernel_dealt_out_is_marked_by_its_own_range() {
        let sockets = BTreeSet::from([socket("tcp", 22, 0, 1), socket("tcp", 50_000, 0, 2)]);
        let nobody = (BTreeMap::new(), BTreeMap::new());
        let found = rows(section(&sockets, &nobody.0, &nobody.1, &(50_000..=50_999), Notes::default()));
        assert_eq!(found.iter().map(|port| port.ephemeral).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn a_port_has_one_row_with_its_process_and_account() {
        let sockets = BTreeSet::from([socket("tcp", 80, 0, 1), socket("tcp", 80, 0, 2), socket("tcp", 5_432, 70, 3)]);
        let processes = BTreeMap::from([(1, "nginx".to_owned()), (2, "nginx-worker".to_owned())]);
        let accounts = accounts("root:x:0:0::/root:/bin/sh\ntoor:x:0:0:::\nbroken\npostgres:x:70:70:::\n");
        let rows = rows(section(&sockets, &processes, &accounts, &ephemeral(""), Notes::default()));
        let shown: Vec<_> = rows.iter().map(|row| (row.port, row.process.as_str(), row.account.as_str())).collect();
        assert_eq!(shown, [(80, "nginx", "root"), (5_432, "", "postgres")]);
    }

    #[test]
    fn the_questions_of_a_name_server_are_no_ports() {
        let sockets = BTreeSet::from([
            socket("udp", 53, 0, 1),
            socket("udp", 5_353, 0, 2),
            socket("udp", 20_000, 0, 3),
            socket("udp", 20_001, 0, 4),
        ]);
        let processes = BTreeMap::from([1, 2, 3].map(|inode| (inode, "dnsmasq".to_owned())));
        let rows = rows(section(&sockets, &processes, &BTreeMap::new(), &ephemeral(""), Notes::default()));
        assert_eq!(rows.iter().map(|row| row.port).collect::<Vec<_>>(), [53, 5_353, 20_001]);
    }

    #[test]
    #[cfg(unix)]
    fn a_captured_tree_tells_ports_with_process_and_account() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("proc/net/tcp", "  sl local\n 0: 00000000:1538 00000000:0000 0A 0:0 00:0 0 70 0 4711 1 0 100\n"),
            ("proc/88/comm", "postgres\n"),
            ("proc/88/fd/.keep", ""),
            ("etc/passwd", "postgres:x:70:70::/:/bin/sh\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink("socket:[4711]", folder.path().join("proc/88/fd/5")).unwrap();
        let body = Ports.read(&Root::at(folder.path()));
        assert!(body.notes.is_empty());
        let rows = rows(body);
        assert_eq!((rows.len(), rows[0].port, rows[0].process.as_str()), (1, 5_432, "postgres"));
        assert_eq!(rows[0].account, "postgres");
    }
}
