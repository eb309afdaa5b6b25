//! What is plugged into USB: devices and the hubs between them. The machine's own root hubs are part of its controllers and
//! are left out; what a device does with its time is no inventory.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, UsbDevice, UsbDeviceSection};

use super::Section;
use super::notes::Notes;
use super::placeholder::real;
use super::root::Root;

const DEVICES_MAX: usize = 256;
const DEVICES: &str = "sys/bus/usb/devices";
/// Interfaces of one device that are looked at for its class.
const INTERFACES_MAX: usize = 32;

/// The section of the USB devices.
pub struct UsbDevices;

impl Section for UsbDevices {
    fn kind(&self) -> SectionKind {
        SectionKind::UsbDevice
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let names = root.names_noted(DEVICES, &mut notes);
        // Interfaces are named by their device: `1-2.3:1.0`.
        let ports = names.iter().filter(|name| is_port(name));
        let mut devices: Vec<UsbDevice> = ports.filter_map(|port| device(root, port, &names, &mut notes)).collect();
        notes.bound("devices", &mut devices, DEVICES_MAX);
        notes.into_body(Kind::UsbDevice(UsbDeviceSection { devices }))
    }
}

/// `1-2.3`: the bus, then the ports on the way to the device.
fn is_port(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    name.split_once('-').is_some_and(|(bus, path)| is_number(bus) && path.split('.').all(is_number))
}

fn device(root: &Root, port: &str, names: &[String], notes: &mut Notes) -> Option<UsbDevice> {
    let value = |name: &str| root.value(&format!("{DEVICES}/{port}/{name}")).unwrap_or_default();
    let [vendor_id, product_id] = ["idVendor", "idProduct"].map(|name| id(&value(name)));
    let mut text = |name: &str| notes.text(name, real(&value(name)).unwrap_or_default());
    let prefix = format!("{port}:");
    let interfaces = names.iter().filter(|name| name.starts_with(&prefix)).take(INTERFACES_MAX);
    let classes: Vec<String> =
        interfaces.filter_map(|name| root.value(&format!("{DEVICES}/{name}/bInterfaceClass"))).collect();
    Some(UsbDevice {
        vendor_id: vendor_id?,
        product_id: product_id?,
        manufacturer: text("manufacturer"),
        product: text("product"),
        serial: text("serial"),
        class: class(&value("bDeviceClass"), &classes).to_owned(),
        port: notes.text("port", port),
    })
}

/// Four hex digits in lower case.
fn id(text: &str) -> Option<String> {
    let is_id = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_lowercase())
}

/// The device's own class, or where it leaves that to its interfaces, the first of theirs that says something.
fn class(device: &str, interfaces: &[String]) -> &'static str {
    let own = word(device);
    let told = || interfaces.iter().map(|code| word(code)).find(|word| !word.is_empty());
    if own.is_empty() { told().unwrap_or_default() } else { own }
}

/// The word for a class by its code in hex (USB.org, defined class codes); empty for codes that say nothing.
fn word(code: &str) -> &'static str {
    match code.to_lowercase().as_str() {
        "01" => "audio",
        "02" | "0a" => "communications",
        "03" => "input",
        "05" => "physical",
        "06" => "image",
        "07" => "printer",
        "08" => "storage",
        "09" => "hub",
        "0b" => "smart card",
        "0d" => "content security",
        "0e" => "video",
        "0f" => "health",
        "10" => "audio and video",
        "11" => "billboard",
        "12" => "type-c bridge",
        "dc" => "diagnostic",
        "e0" => "wireless",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn put(root: &std::path::Path, device: &str, files: &[(&str, &str)]) {
        let at = root.join(DEVICES).join(device);
        fs::create_dir_all(&at).unwrap();
        for (name, text) in files {
            fs::write(at.join(name), format!("{text}\n")).unwrap();
        }
    }

    fn devices(root: &std::path::Path) -> Vec<UsbDevice> {
        let body = UsbDevices.read(&Root::at(root));
        let Some(Kind::UsbDevice(section)) = body.kind else { panic!("not a section of USB devices") };
        section.devices
    }

    #[test]
    fn devices_are_listed_by_port_with_their_strings_and_class() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "usb1", &[("idVendor", "1d6b"), ("idProduct", "0002"), ("bDeviceClass", "09")]);
        put(
            root,
            "1-2",
            &[("idVendor", "05E3"), ("idProduct", "0610"), ("bDeviceClass", "09"), ("product", "USB2.1 Hub")],
        );
        let stick = [
            ("idVendor", "0781"),
            ("idProduct", "5581"),
            ("bDeviceClass", "00"),
            ("serial", "4C53"),
            ("manufacturer", "Maker"),
        ];
        put(root, "1-2.3", &stick);
        put(root, "1-2.3:1.0", &[("bInterfaceClass", "ff")]);
        put(root, "1-2.3:1.1", &[("bInterfaceClass", "08")]);
        let found = devices(root);
        let shown: Vec<_> = found.iter().map(|d| (d.port.as_str(), d.vendor_id.as_str(), d.class.as_str())).collect();
        assert_eq!(shown, [("1-2", "05e3", "hub"), ("1-2.3", "0781", "storage")]);
        assert_eq!((found[1].manufacturer.as_str(), found[1].serial.as_str()), ("Maker", "4C53"));
    }

    #[test]
    fn what_has_no_numbers_or_a_filler_serial_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "1-1", &[("idVendor", "zz"), ("idProduct", "0001")]);
        put(
            folder.path(),
            "1-3",
            &[("idVendor", "046d"), ("idProduct", "c31c"), ("serial", "000000000000"), ("product", "\u{7}")],
        );
        put(folder.path(), "..-x", &[("idVendor", "046d"), ("idProduct", "c31c")]);
        let found = devices(folder.path());
        assert_eq!((found.len(), found[0].serial.as_str(), found[0].class.as_str()), (1, "", ""));
    }
}
