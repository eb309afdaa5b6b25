//! The sections of the network on recordings of other machines.

use wacht_proto::v1::section_body::Kind;

use super::recordings;
use crate::inventory::SectionBody;
use crate::inventory::parse::PARSERS;

fn parsed(word: &str, bytes: &[u8]) -> SectionBody {
    let (_, _, parser) = PARSERS.iter().find(|(name, _, _)| *name == word).unwrap();
    parser(bytes).unwrap().remove(0)
}

#[test]
fn recorded_neighbours_and_sockets_are_read_as_expected() {
    let Some(folder) = recordings("jc/linux-proc") else {
        return;
    };
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let expected = |name: &str| serde_json::from_slice::<Vec<serde_json::Value>>(&read(name)).unwrap();
    let Some(Kind::Neighbour(neighbours)) = parsed("neighbour", &read("net_arp")).kind else { panic!("no neighbours") };
    let mut shown: Vec<_> = neighbours.neighbours.iter().map(|row| (row.address.clone(), row.mac.clone())).collect();
    let told = expected("net_arp.json");
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let mut told: Vec<_> = told.iter().map(|row| (text(row, "IP_address"), text(row, "HW_address"))).collect();
    shown.sort();
    told.sort();
    assert_eq!(shown, told);
    let Some(Kind::Port(ports)) = parsed("tcp", &read("net_tcp")).kind else { panic!("no ports") };
    let listening = expected("net_tcp.json").into_iter().filter(|row| row["state"] == "0A").count();
    assert_eq!(ports.ports.len(), listening);
    assert!(ports.ports.iter().any(|port| (port.address.as_str(), port.port) == ("127.0.0.53", 53)));
}
