//! Over every class that a section can bring, with every field that the door makes: what is volatile never makes
//! history, and each other field makes one row when it changes. The fields are those of the contract, filled.

use super::Seen;
use crate::cmdb::{Origin, WITHOUT_HISTORY, is_volatile, reconcile};
use crate::model::*;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{
    Array, ArraySection, BackupJob, BackupJobSection, Battery, BatterySection, Certificate, CertificateSection,
    Container, ContainerSection, Controller, Cpu, CpuSection, Disk, DiskHealth, DiskHealthSection, DiskSection,
    Display, DisplaySection, Group, Interface, InterfaceSection, MemorySection, Neighbour, NeighbourSection,
    OperatingSystemSection, PendingUpdate, Port, PortSection, Printer, PrinterSection, RemoteTool, RemoteToolSection,
    ScheduledJob, ScheduledJobSection, SecurityProduct, SecuritySection, Service, ServiceSection, Software,
    SoftwareSection, SystemSection, UpdateSection, UsbDevice, UsbDeviceSection, User, UserSection, VirtualMachine,
    VirtualMachineSection, Volume, VolumeSection,
};

/// What a text may be: anything, or a word of an enumeration.
const TEXTS: &[&str] = &["a", "dpkg", "clean", "running", "success", "succeeded", "ok", "good", "failed"];

/// A message of which every field says something.
fn filled<T: Default + Serialize + DeserializeOwned>() -> T {
    let mut whole = serde_json::to_value(T::default()).unwrap();
    let names: Vec<String> = whole.as_object().unwrap().keys().cloned().collect();
    for name in names {
        let mut values: Vec<Json> = vec![true.into(), 7.into()];
        values.extend(TEXTS.iter().map(|text| Json::from(*text)));
        values.push(vec!["a"].into());
        let tried = values.into_iter().map(|value| {
            let mut tried = whole.clone();
            tried[&name] = value;
            tried
        });
        let accepted = tried.filter(|tried| serde_json::from_value::<T>(tried.clone()).is_ok());
        // A list of messages stays empty: each message is filled for itself.
        if let Some(accepted) = accepted.into_iter().next() {
            whole = accepted;
        }
    }
    serde_json::from_value(whole).unwrap()
}

fn one<T: Default + Serialize + DeserializeOwned>() -> Vec<T> {
    vec![filled()]
}

/// Every kind of section with one entry of each of its lists.
fn sections() -> Vec<Kind> {
    vec![
        Kind::System(filled::<SystemSection>()),
        Kind::Cpu(CpuSection { cpus: one::<Cpu>() }),
        Kind::Memory(MemorySection { modules: one(), ..filled() }),
        Kind::Memory(filled::<MemorySection>()),
        Kind::Disk(DiskSection { disks: one::<Disk>() }),
        Kind::Array(ArraySection { arrays: one::<Array>(), controllers: one::<Controller>() }),
        Kind::Volume(VolumeSection { volumes: one::<Volume>() }),
        Kind::OperatingSystem(filled::<OperatingSystemSection>()),
        Kind::Software(SoftwareSection { software: one::<Software>() }),
        Kind::Interface(InterfaceSection { interfaces: one::<Interface>() }),
        Kind::User(UserSection { users: one::<User>(), groups: one::<Group>() }),
        Kind::Service(ServiceSection { services: one::<Service>() }),
        Kind::Update(UpdateSection { pending: one::<PendingUpdate>(), ..filled() }),
        // One that sleeps says nothing new, which is its own test.
        Kind::DiskHealth(DiskHealthSection { disks: vec![DiskHealth { standby: false, ..filled() }] }),
        Kind::BackupJob(BackupJobSection { jobs: one::<BackupJob>() }),
        Kind::Neighbour(NeighbourSection { neighbours: one::<Neighbour>() }),
        Kind::Port(PortSection { ports: vec![Port { ephemeral: false, ..filled() }] }),
        Kind::Certificate(CertificateSection { certificates: one::<Certificate>() }),
        Kind::Container(ContainerSection { containers: one::<Container>() }),
        Kind::VirtualMachine(VirtualMachineSection { machines: one::<VirtualMachine>() }),
        Kind::Battery(BatterySection { batteries: one::<Battery>() }),
        Kind::Display(DisplaySection { displays: one::<Display>() }),
        Kind::Printer(PrinterSection { printers: one::<Printer>() }),
        Kind::UsbDevice(UsbDeviceSection { devices: one::<UsbDevice>() }),
        Kind::Security(SecuritySection { products: one::<SecurityProduct>() }),
        Kind::RemoteTool(RemoteToolSection { tools: one::<RemoteTool>() }),
        Kind::ScheduledJob(ScheduledJobSection { jobs: one::<ScheduledJob>() }),
    ]
}

fn observations() -> Vec<Observation> {
    let mut seen = Seen::default();
    for kind in sections() {
        seen.observe(kind).unwrap();
    }
    seen.finish()
}

fn other(value: &Value) -> Value {
    match value {
        Value::Flag(flag) => Value::Flag(!flag),
        Value::Integer(number) => Value::Integer(number + 1),
        Value::Text(text) => Value::Text(format!("{text}b")),
        Value::List(_) => Value::List(vec!["a".into(), "b".into()]),
    }
}

/// Rows of history that a change from one observation to another makes.
fn rows(before: &Observation, after: &Observation) -> usize {
    let (host, customer) = (HostId::default(), CustomerId::default());
    let at = |hour: i64| Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap();
    let scan = |seen: &Observation| Scan {
        classes: vec![seen.class],
        digest: 0,
        partial: false,
        observations: vec![seen.clone()],
    };
    let origin = |at, unknown| Origin { at, received_at: at, scan_name: "0a/1", unknown };
    let unknown = [before.class];
    let first = reconcile(host, customer, &[], &scan(before), origin(at(0), &unknown));
    let second = reconcile(host, customer, &first.items, &scan(after), origin(at(24), &[]));
    assert_eq!(
        second.items.len(),
        usize::from(before != after),
        "{}: the item is kept up to date",
        before.class.word()
    );
    second.changes.len()
}

#[test]
fn a_change_of_a_volatile_field_makes_no_row_and_of_any_other_exactly_one() {
    let observations = observations();
    let seen: BTreeSet<Class> = observations.iter().map(|seen| seen.class).collect();
    assert_eq!(seen, Class::ALL.iter().copied().collect(), "each class is proved");
    let mut proved = 0;
    for before in &observations {
        for (field, value) in &before.fields {
            let silent = is_volatile(before.class, field) || WITHOUT_HISTORY.contains(&before.class);
            let mut changed = before.clone();
            changed.fields.insert(field.clone(), other(value));
            let mut unread = before.clone();
            unread.fields.remove(field);
            for after in [&changed, &unread] {
                assert_eq!(rows(before, after), usize::from(!silent), "{} {field}", before.class.word());
            }
            proved += 1;
        }
        assert_eq!(rows(before, before), 0);
    }
    assert!(proved > 200, "only {proved} fields were made");
}

#[test]
fn every_volatile_field_is_one_that_the_door_makes() {
    let observations = observations();
    for (class, field) in crate::cmdb::VOLATILE {
        let made = observations.iter().any(|seen| seen.class == *class && seen.fields.contains_key(*field));
        assert!(made, "{} {field} comes from no section", class.word());
    }
}
