//! What is plugged into the machine or set up on it: displays, print queues, USB devices.

use super::super::inventory::{Facts, Inventory};
use super::part::Part;
use crate::model::Class;
use serde_json::Value as Json;

/// Schemes of print queues that are reached over a network.
const NETWORK_SCHEMES: &[&str] = &["ipp", "ipps", "http", "https", "socket", "lpd", "smb", "dnssd"];

/// Displays.
pub fn monitors(inventory: &Inventory<'_>) -> Vec<Json> {
    let display = |display: Facts<'_>| {
        Part::default()
            .text("name", display.text("model"))
            .text("caption", display.text("model"))
            .text("manufacturer", display.text("manufacturer"))
            .text("serial", display.text("serial"))
            .text("description", display.number("year").map(|year| year.to_string()))
            .text("port", display.text("connector"))
            .whole()
    };
    inventory.each(Class::Display).filter_map(display).collect()
}

/// Print queues.
pub fn printers(inventory: &Inventory<'_>) -> Vec<Json> {
    let printer = |printer: Facts<'_>| {
        let uri = printer.text("uri");
        let scheme = uri.and_then(|uri| uri.split_once(':')).map(|(scheme, _)| scheme);
        Part::default()
            .text("name", printer.text("name"))
            .text("driver", printer.text("model"))
            .text("port", uri)
            .text("comment", printer.text("location"))
            .flag("shared", printer.flag("shared"))
            .flag("network", scheme.map(|scheme| NETWORK_SCHEMES.contains(&scheme)))
            .with(&["name"])
    };
    inventory.each(Class::Printer).filter_map(printer).collect()
}

/// Devices on the universal serial bus, hubs left out as GLPI's own agent does.
pub fn usb_devices(inventory: &Inventory<'_>) -> Vec<Json> {
    let device = |device: Facts<'_>| {
        Part::default()
            .text("name", device.text("product"))
            .text("caption", device.text("product"))
            .text("manufacturer", device.text("manufacturer"))
            .text("vendorid", device.text("vendor_id"))
            .text("productid", device.text("product_id"))
            .text("serial", device.text("serial"))
            .whole()
    };
    let devices = inventory.each(Class::UsbDevice).filter(|device| device.text("class") != Some("hub"));
    devices.filter_map(device).collect()
}
