//! The name servers of the resolver's configuration. Servers of a single link, which only a running resolver knows, are
//! not asked for.

use std::net::IpAddr;

use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// Most name servers that the contract carries.
const NAME_SERVERS_MAX: usize = 16;
/// Where systemd-resolved answers on the machine itself.
const STUBS: [&str; 2] = ["127.0.0.53", "127.0.0.54"];

/// The name servers that this machine asks; behind a stub on the machine itself, the ones that the stub asks.
pub fn name_servers(root: &Root, notes: &mut Notes) -> Vec<String> {
    let mut servers = parse(&root.text("etc/resolv.conf", notes).unwrap_or_default());
    if servers.iter().any(|server| STUBS.contains(&server.as_str())) {
        let behind = root.text("run/systemd/resolve/resolv.conf", notes);
        servers = behind.map(|text| parse(&text)).filter(|behind| !behind.is_empty()).unwrap_or(servers);
    }
    notes.bound_texts("name servers", &mut servers, NAME_SERVERS_MAX);
    servers
}

/// `nameserver 192.0.2.53` lines in their order, each server once.
fn parse(text: &str) -> Vec<String> {
    let mut servers: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let Some(server) = words.next().filter(|word| *word == "nameserver").and_then(|_| words.next()) else {
            continue;
        };
        // A link-local server carries the name of its link.
        let (address, link) = server.split_once('%').unwrap_or((server, ""));
        let sound = address.parse::<IpAddr>().is_ok() && link.len() <= 16 && link.bytes().all(|b| b.is_ascii_graphic());
        if sound && servers.len() <= NAME_SERVERS_MAX && !servers.iter().any(|known| known == server) {
            servers.push(server.to_owned());
        }
    }
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_stand_in_their_order_and_once() {
        let text = "# nameserver 192.0.2.9\nsearch example.net\nnameserver 192.0.2.53 # office\nnameserver 192.0.2.53
nameserver fe80::1%eth0\nnameserver\nnameserver hostile\nnameservers 192.0.2.8\n";
        assert_eq!(parse(text), ["192.0.2.53", "fe80::1%eth0"]);
    }

    #[test]
    fn a_stub_of_this_machine_is_looked_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (root, mut notes) = (Root::at(folder.path()), Notes::default());
        std::fs::create_dir_all(folder.path().join("etc")).unwrap();
        std::fs::write(folder.path().join("etc/resolv.conf"), "nameserver 127.0.0.53\n").unwrap();
        assert_eq!(name_servers(&root, &mut notes), ["127.0.0.53"]);
        std::fs::create_dir_all(folder.path().join("run/systemd/resolve")).unwrap();
        std::fs::write(folder.path().join("run/systemd/resolve/resolv.conf"), "nameserver 192.0.2.53\n").unwrap();
        assert_eq!(name_servers(&root, &mut notes), ["192.0.2.53"]);
    }
}
