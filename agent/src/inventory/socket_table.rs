//! Parses the kernel's tables of TCP and UDP sockets for those that wait for others to come. Whose they are stands
//! elsewhere.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use super::notes::Notes;
use super::root::Root;

/// Sockets that are taken from one table.
const SOCKETS_MAX: usize = 20_000;
/// Services that wait at a number of the range that kernels deal out: Tailscale, BACnet, WireGuard.
const KNOWN_UDP: [u16; 3] = [41_641, 47_808, 51_820];
const LISTEN: &str = "0A";
const UNCONNECTED: &str = "07";

/// A socket that listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Socket {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// As bound.
    pub address: IpAddr,
    pub port: u16,
    /// Of the account that opened it.
    pub uid: u32,
    /// By which the process that holds it is found; zero where the kernel keeps none.
    pub inode: u64,
}

/// Every listening socket of this machine, sorted.
pub fn listening(root: &Root, notes: &mut Notes) -> BTreeSet<Socket> {
    let passing = dealt_out(root);
    let mut sockets = BTreeSet::new();
    for table in ["proc/net/tcp", "proc/net/tcp6"] {
        sockets.extend(tcp(&root.text(table, notes).unwrap_or_default()));
    }
    for table in ["proc/net/udp", "proc/net/udp6"] {
        let rows = udp(&root.text(table, notes).unwrap_or_default());
        // A client's socket that is being closed belongs to nobody any more.
        sockets.extend(rows.into_iter().filter(|socket| socket.inode != 0 || !is_passing(socket, &passing)));
    }
    sockets
}

/// Whether the system may have dealt its number out to a program that asked for none, so that it comes and goes.
pub fn is_passing(socket: &Socket, dealt_out: &RangeInclusive<u16>) -> bool {
    let is_known = socket.protocol == "udp" && KNOWN_UDP.contains(&socket.port);
    dealt_out.contains(&socket.port) && !is_known
}

/// The port numbers that the kernel deals out to those who ask for none.
pub fn dealt_out(root: &Root) -> RangeInclusive<u16> {
    ephemeral(&root.value("proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default())
}

/// The listening sockets of a table of TCP.
pub fn tcp(table: &str) -> Vec<Socket> {
    sockets(table, "tcp", LISTEN)
}

/// The sockets of a table of UDP that are bound and speak with nobody in particular.
pub fn udp(table: &str) -> Vec<Socket> {
    sockets(table, "udp", UNCONNECTED)
}

fn sockets(table: &str, protocol: &'static str, state: &str) -> Vec<Socket> {
    table.lines().filter_map(|line| socket(line, protocol, state)).take(SOCKETS_MAX).collect()
}

/// `0: 0100007F:0277 00000000:0000 0A 0:0 0:0 0 1000 0 34523 …`: row, local, remote, state, queues, timer,
/// retransmissions, uid, timeout, inode.
fn socket(line: &str, protocol: &'static str, wanted_state: &str) -> Option<Socket> {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(10).collect();
    let [_, local, remote, state, _, _, _, uid, _, inode] = fields.as_slice() else {
        return None;
    };
    let ((address, port), (_, remote_port)) = (end(local)?, end(remote)?);
    let waits = *state == wanted_state && remote_port == 0 && port != 0;
    waits.then_some(Socket { protocol, address, port, uid: uid.parse().ok()?, inode: inode.parse().ok()? })
}

/// `0100007F:0277`: the address in words of this machine's byte order, the port as a number.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| Some(u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    match address.len() {
        8 => Some((Ipv4Addr::from(word(0)?).into(), port)),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let bytes: [u8; 16] = words.as_flattened().try_into().ok()?;
            Some((Ipv6Addr::from(bytes).into(), port))
        }
        _ => None,
    }
}

/// `32768 60999`, which is also the kernel's own choice where it says nothing.
pub fn ephemeral(range: &str) -> RangeInclusive<u16> {
    let mut ends = range.split_ascii_whitespace().map_while(|text| text.parse().ok());
    match (ends.next(), ends.next()) {
        (Some(first), Some(last)) => first..=last,
        _ => 32_768..=60_999,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 34523 1 0 100 0 0 10 0
   1: 0200A8C0:D450 2104C798:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 149098 2 0 20 4 0 10 -1\n";
    const TCP6: &str =
        "   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 101 0 7 1\n";

    #[test]
    #[cfg(target_endian = "little")]
    fn sockets_that_listen_are_told_from_connections() {
        let found = tcp(TCP);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].address.to_string().as_str(), found[0].port, found[0].inode), ("127.0.0.1", 631, 34_523));
        assert_eq!((tcp(TCP6)[0].address.to_string().as_str(), tcp(TCP6)[0].uid), ("::1", 101));
    }

    #[test]
    fn what_waits_at_a_high_number_is_kept_and_a_client_that_speaks_or_is_closed_is_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("proc/net")).unwrap();
        let row = |port: &str, remote: &str, inode: u32| {
            format!(" 1: 00000000:{port} {remote} 07 0:0 00:0 0 0 0 {inode} 2 0 0\n")
        };
        let nobody = "00000000:0000";
        let table = [
            row("0202", nobody, 9),
            row("0203", "01000000:0035", 9),
            row("C000", nobody, 9),
            row("C001", nobody, 0),
            row("CA6C", nobody, 0),
        ];
        std::fs::write(folder.path().join("proc/net/udp"), table.concat()).unwrap();
        let found = listening(&Root::at(folder.path()), &mut Notes::default());
        let told: Vec<_> = found.iter().map(|socket| (socket.port, is_passing(socket, &ephemeral("")))).collect();
        assert_eq!(told, [(514, false), (49_152, true), (51_820, false)]);
    }

    #[test]
    fn rows_of_nonsense_are_skipped() {
        for line in
            ["", ":", "0: é:1 0:0 0A 0 0 0 0 0 0", "0: 0100007F:0277 00000000:0000 0A 0 0 0 x 0 0", &"0:".repeat(9_999)]
        {
            assert!(tcp(line).is_empty());
        }
        assert_eq!(ephemeral("x y"), 32_768..=60_999);
        assert_eq!(ephemeral("1024\t4999\n"), 1_024..=4_999);
    }
}
