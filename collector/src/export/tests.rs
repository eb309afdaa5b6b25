//! A whole host in every form, hostile texts in every place, and the GLPI schema itself where it is at hand.

mod csv;
mod cyclonedx;
mod glpi;
mod schema;

use crate::model::Value::{Flag, Integer};
use crate::model::*;
use jiff::Timestamp;
use uuid::Uuid;

const HOSTILE: &str = "=cmd|'/c calc'!A1;\"=1+1\"\"<script>";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn host() -> HostRow {
    HostRow {
        host: Host {
            id: HostId(Uuid::from_u128(7)),
            customer: CustomerId(Uuid::from_u128(1)),
            site: SiteId(Uuid::from_u128(2)),
            name: "srv01".to_owned(),
            role: Role::Server,
            admission: Admission::Active,
            presence: Presence::Online,
            enrolled_at: at("2026-01-01T00:00:00Z"),
            last_report_at: None,
            last_heard_at: None,
            agent_version: "0.1.0".to_owned(),
            interval_s: 60,
        },
        customer_name: "Bakker".to_owned(),
        site_name: "Utrecht".to_owned(),
        computer: Fields::new(),
        operating_system: "Debian 13".to_owned(),
        live_incidents: 0,
        merged_into: None,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// One item; its id follows from class and key, so that two makings of it are the same.
fn item(class: Class, key: &str, fields: &[(&str, Value)]) -> Item {
    let number = key.bytes().fold(class as u128, |number, byte| number.wrapping_mul(257).wrapping_add(byte.into()));
    Item {
        id: ItemId(Uuid::from_u128(number)),
        customer: CustomerId(Uuid::from_u128(1)),
        host: HostId(Uuid::from_u128(7)),
        class,
        key: key.to_owned(),
        name: key.to_owned(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        first_seen_at: at("2026-01-02T00:00:00Z"),
        gone_at: None,
    }
}

/// A host that has something of everything.
#[rustfmt::skip]
fn whole() -> Vec<Item> {
    vec![
        item(Class::Computer, "computer", &[
            ("hostname", text("srv01")), ("fqdn", text("srv01.example.nl")), ("manufacturer", text("Dell Inc.")),
            ("product", text("PowerEdge R640")), ("serial", text("2FAGP34")), ("uuid", text("4c4c4544-0046-4710-8047-b2c04f503732")),
            ("board_serial", text("/2FAGP34/CN1/")), ("chassis_type", text("Rack Mount Chassis")), ("bios_date", text("01/03/2016")),
            ("bios_vendor", text("Dell Inc.")), ("bios_version", text("1.3.3")), ("secure_boot", text("on")), ("firmware_kind", text("uefi")),
        ]),
        item(Class::OperatingSystem, "os", &[
            ("name", text("Debian")), ("version", text("13")), ("id", text("debian")), ("kernel", text("6.12.0")),
            ("architecture", text("x86_64")), ("time_zone", text("Europe/Amsterdam")),
        ]),
        item(Class::Cpu, "0", &[("model", text("Xeon")), ("cores", Integer(8)), ("threads", Integer(16)), ("architecture", text("amd64"))]),
        item(Class::Memory, "A1", &[("slot", text("A1")), ("size_bytes", Integer(8 << 30)), ("speed_mts", Integer(2_666)), ("type", text("DDR4"))]),
        item(Class::Disk, "S1", &[("name", text("sda")), ("serial", text("S1")), ("bus", text("sata")), ("size_bytes", Integer(250_059_350_016))]),
        item(Class::DiskHealth, "S1", &[("serial", text("S1")), ("name", text("sda"))]),
        item(Class::DiskHealth, "S2", &[("serial", text("S2")), ("name", text("megaraid,4")), ("protocol", text("scsi"))]),
        item(Class::Controller, "c", &[("name", text("0000:02:00.0")), ("model", text("PERC H730"))]),
        item(Class::Volume, "/", &[
            ("mount", text("/")), ("device", text("/dev/sda1")), ("type", text("ext4")), ("size_bytes", Integer(10 << 30)), ("encryption", text("luks2")),
        ]),
        item(Class::Software, "dpkg:bash:amd64", &[
            ("name", text("bash")), ("version", text("5.2")), ("architecture", text("amd64")), ("source", text("dpkg")), ("purl", text("pkg:deb/debian/bash@5.2?arch=amd64")),
        ]),
        item(Class::Interface, "eno1", &[
            ("name", text("eno1")), ("kind", text("physical")), ("mac", text("00:16:3e:01:02:03")), ("up", Flag(true)), ("speed_bits_per_s", Integer(1_000_000_000)),
            ("addresses", list(&["192.0.2.130/25", "2001:db8::5/64"])), ("gateway", text("192.0.2.129")), ("name_servers", list(&["192.0.2.53"])),
        ]),
        item(Class::Interface, "bond0", &[("name", text("bond0")), ("kind", text("bond")), ("up", Flag(false)), ("members", list(&["eno1", "eno2"]))]),
        item(Class::User, "root", &[("name", text("root")), ("uid", Integer(0)), ("administrator", Flag(true))]),
        item(Class::Group, "sudo", &[("name", text("sudo")), ("gid", Integer(27)), ("members", list(&["ann"]))]),
        item(Class::Container, "docker:web", &[("name", text("web")), ("image", text("nginx:1.27")), ("engine", text("docker")), ("state", text("exited"))]),
        item(Class::VirtualMachine, "vm", &[
            ("name", text("dc01")), ("state", text("no state")), ("memory_bytes", Integer(4 << 30)), ("macs", list(&["52:54:00:00:00:01"])),
        ]),
        item(Class::Battery, "BAT0", &[("name", text("BAT0")), ("design_capacity_mwh", Integer(50_000)), ("full_capacity_mwh", Integer(41_000))]),
        item(Class::Display, "DP-1", &[("connector", text("DP-1")), ("model", text("U2719D")), ("serial", text("X1")), ("year", Integer(2_019))]),
        item(Class::Printer, "hp", &[("name", text("hp")), ("uri", text("ipp://hp.local/ipp")), ("shared", Flag(true))]),
        item(Class::UsbDevice, "1d6b:2", &[("class", text("hub")), ("vendor_id", text("1d6b"))]),
        item(Class::UsbDevice, "046d:c52b", &[("product", text("Receiver")), ("vendor_id", text("046d")), ("product_id", text("c52b"))]),
        item(Class::SecurityProduct, "av", &[("name", text("ClamAV")), ("kind", text("antivirus")), ("state", text("active")), ("signatures_date", text("2026-11-01"))]),
        item(Class::SecurityProduct, "fw", &[("name", text("nftables")), ("kind", text("firewall")), ("state", text("inactive"))]),
        item(Class::RemoteTool, "tv", &[("name", text("TeamViewer")), ("id", text("700873443"))]),
        item(Class::RemoteTool, "any", &[("name", text("AnyDesk"))]),
    ]
}

/// The same host, every text of it a formula, every number out of range.
fn hostile() -> Vec<Item> {
    let mut items = whole();
    for item in &mut items {
        item.name = HOSTILE.to_owned();
        for value in item.fields.values_mut() {
            *value = match value {
                Value::Text(_) => text(HOSTILE),
                Value::List(_) => list(&[HOSTILE, "+1"]),
                Integer(_) => Integer(i64::MAX),
                Flag(flag) => Flag(*flag),
            };
        }
    }
    items
}
