//! A host as GLPI inventory: the JSON that GLPI takes at its inventory door, by the schema of `inventory_format`. What that
//! schema has no place for (arrays, services, ports, certificates, updates) is not in it; who is signed in is not known.

mod carried;
mod hardware;
mod network;
mod part;
mod peripheral;
mod system;

use super::inventory::Inventory;
use crate::model::{HostRow, Item};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// The document. `at` is the moment whose offset the time zone has. `tag` is the customer's name, for GLPI's entity rules.
pub fn glpi(row: &HostRow, items: &[Item], at: Timestamp) -> Json {
    let inventory = Inventory::of(items);
    let mut content = Map::new();
    content.insert("versionclient".to_owned(), Json::from(client(&row.host.agent_version)));
    let objects = [
        ("hardware", system::hardware(&row.host.name, &inventory)),
        ("bios", system::bios(&inventory)),
        ("operatingsystem", system::operating_system(&inventory, at)),
    ];
    content.extend(objects.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part.whole()?))));
    let lists = lists(&inventory).into_iter().filter(|(_, rows)| !rows.is_empty());
    content.extend(lists.map(|(name, rows)| (name.to_owned(), Json::Array(rows))));
    let mut document = json!({
        "action": "inventory",
        "deviceid": row.host.id.to_string(),
        "itemtype": "Computer",
        "content": content,
    });
    if !row.customer_name.is_empty() {
        document["tag"] = Json::from(row.customer_name.as_str());
    }
    document
}

fn client(agent_version: &str) -> String {
    if agent_version.is_empty() { "Wacht-Agent".to_owned() } else { format!("Wacht-Agent_v{agent_version}") }
}

fn lists(inventory: &Inventory<'_>) -> Vec<(&'static str, Vec<Json>)> {
    vec![
        ("cpus", hardware::cpus(inventory)),
        ("memories", hardware::memories(inventory)),
        ("storages", hardware::storages(inventory)),
        ("controllers", hardware::controllers(inventory)),
        ("batteries", hardware::batteries(inventory)),
        ("drives", system::drives(inventory)),
        ("softwares", system::softwares(inventory)),
        ("local_users", system::local_users(inventory)),
        ("local_groups", system::local_groups(inventory)),
        ("networks", network::networks(inventory)),
        ("monitors", peripheral::monitors(inventory)),
        ("printers", peripheral::printers(inventory)),
        ("usbdevices", peripheral::usb_devices(inventory)),
        ("virtualmachines", carried::virtual_machines(inventory)),
        ("antivirus", carried::antivirus(inventory)),
        ("firewalls", carried::firewalls(inventory)),
        ("remote_mgmt", carried::remote_tools(inventory)),
    ]
}
