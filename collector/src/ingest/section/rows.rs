//! Sections whose rows become items field by field, each fact under the name that it has in the contract. What needs more
//! than a key and a name (several messages to one item, a key without its version) stands in `items`.

use super::facts::{Facts, PURL_BYTES_MAX};
use super::items::Seen;
use super::{SectionError, bound};
use crate::model::Class;
use serde::Serialize;
use serde_json::Value as Json;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Controller, PendingUpdate};

/// Numbers of which zero is a fact and not "unknown", wherever they stand.
const ZERO_IS_FACT: &[&str] = &[
    "reallocated_sectors",
    "pending_sectors",
    "uncorrectable_sectors",
    "reported_uncorrectable",
    "interface_crc_errors",
    "media_errors",
    "critical_warning",
    "spare_percent",
    "wear_percent",
    "power_on_hours",
    "grown_defects",
    "uncorrected_errors",
    "spin_retries",
    "end_to_end_errors",
];
/// Texts with the longer bound.
const LONG: &[&str] = &["purl", "uri", "protects", "target"];

impl Seen {
    /// Takes one of the sections in whose rows stand for themselves.
    pub(super) fn rows(&mut self, kind: Kind) -> Result<(), SectionError> {
        match kind {
            Kind::DiskHealth(s) => self.each(Class::DiskHealth, ("disks", 1_024), &s.disks, |disk| {
                (vec![or(&disk.serial, &disk.name)], or(&disk.model, &disk.name))
            }),
            Kind::BackupJob(s) => self.each(Class::BackupJob, ("backup jobs", 500), &s.jobs, |job| {
                (vec![&job.product, &job.name], or(&job.name, &job.product))
            }),
            Kind::Neighbour(s) => self.each(Class::Neighbour, ("neighbours", 1_024), &s.neighbours, |seen| {
                (vec![or(&seen.mac, &seen.address), &seen.address], &seen.address)
            }),
            Kind::Port(s) => {
                let numbers: Vec<String> = s.ports.iter().map(|port| port.port.to_string()).collect();
                bound("ports", &s.ports, 2_000)?;
                for (port, number) in s.ports.iter().zip(&numbers) {
                    let name = format!("{} {}:{number}", port.protocol, port.address);
                    self.row(Class::Port, &[&port.protocol, &port.address, number], &name, port)?;
                }
                Ok(())
            }
            Kind::Certificate(s) => self.each(Class::Certificate, ("certificates", 2_000), &s.certificates, |seen| {
                (vec![&seen.store, &seen.fingerprint], or(&seen.subject, &seen.fingerprint))
            }),
            Kind::Container(s) => self.each(Class::Container, ("containers", 2_000), &s.containers, |seen| {
                (vec![&seen.engine, &seen.name], &seen.name)
            }),
            Kind::VirtualMachine(s) => self.each(Class::VirtualMachine, ("machines", 2_000), &s.machines, |seen| {
                (vec![or(&seen.uuid, &seen.name)], or(&seen.name, &seen.uuid))
            }),
            Kind::Battery(s) => {
                self.each(Class::Battery, ("batteries", 16), &s.batteries, |seen| (vec![&seen.name], &seen.name))
            }
            Kind::Display(s) => self.each(Class::Display, ("displays", 64), &s.displays, |seen| {
                (vec![or(&seen.serial, &seen.connector), &seen.model], or(&seen.model, &seen.connector))
            }),
            Kind::Printer(s) => {
                self.each(Class::Printer, ("printers", 1_024), &s.printers, |seen| (vec![&seen.name], &seen.name))
            }
            Kind::UsbDevice(s) => self.each(Class::UsbDevice, ("USB devices", 256), &s.devices, |seen| {
                (vec![&seen.vendor_id, &seen.product_id, or(&seen.serial, &seen.port)], or(&seen.product, &seen.port))
            }),
            Kind::Security(s) => self.each(Class::SecurityProduct, ("products", 64), &s.products, |seen| {
                (vec![&seen.kind, &seen.name], &seen.name)
            }),
            Kind::RemoteTool(s) => {
                self.each(Class::RemoteTool, ("tools", 64), &s.tools, |seen| (vec![&seen.name], &seen.name))
            }
            Kind::ScheduledJob(s) => self.each(Class::ScheduledJob, ("scheduled jobs", 2_000), &s.jobs, |seen| {
                (vec![&seen.kind, &seen.name], &seen.name)
            }),
            // The rest is taken in by `items`.
            _ => Err(SectionError::Kind),
        }
    }

    pub(super) fn controllers(&mut self, rows: &[Controller]) -> Result<(), SectionError> {
        self.each(Class::Controller, ("controllers", 32), rows, |seen| {
            (vec![or(&seen.serial, &seen.name)], or(&seen.model, &seen.name))
        })
    }

    pub(super) fn pending_updates(&mut self, rows: &[PendingUpdate]) -> Result<(), SectionError> {
        self.each(Class::PendingUpdate, ("pending updates", 5_000), rows, |seen| {
            (vec![&seen.source, &seen.name, &seen.architecture], &seen.name)
        })
    }

    fn each<'a, T: Serialize>(
        &mut self,
        class: Class,
        (list, most): (&'static str, usize),
        rows: &'a [T],
        named: impl Fn(&'a T) -> (Vec<&'a str>, &'a str),
    ) -> Result<(), SectionError> {
        bound(list, rows, most)?;
        rows.iter().try_for_each(|row| {
            let (key, name) = named(row);
            self.row(class, &key, name, row)
        })
    }

    fn row<T: Serialize>(&mut self, class: Class, key: &[&str], name: &str, row: &T) -> Result<(), SectionError> {
        let facts = facts(row)?;
        // A row of which no part of the key is known cannot be found again.
        let key = if key.iter().all(|part| part.is_empty()) { String::new() } else { key.join(":") };
        self.add(class, &key, name, facts);
        Ok(())
    }
}

fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

fn facts<T: Serialize>(row: &T) -> Result<Facts, SectionError> {
    let Ok(Json::Object(fields)) = serde_json::to_value(row) else { return Err(SectionError::Malformed) };
    let mut facts = Facts::default();
    for (name, value) in fields {
        facts = match value {
            Json::String(text) if LONG.contains(&name.as_str()) => facts.text_within(&name, &text, PURL_BYTES_MAX),
            Json::String(text) => facts.text(&name, &text),
            Json::Bool(flag) => facts.flags(&[(&name, flag)]),
            Json::Number(number) => {
                let number = number.as_u64().unwrap_or_default();
                if number == 0 && ZERO_IS_FACT.contains(&name.as_str()) {
                    facts.numbers(&[(&name, 0)])
                } else {
                    facts.sizes(&[(&name, number)])
                }
            }
            Json::Array(texts) => {
                bound("texts of one entry", &texts, 64)?;
                let texts: Vec<String> =
                    texts.into_iter().filter_map(|text| text.as_str().map(str::to_owned)).collect();
                facts.lists(&[(&name, &texts)])
            }
            Json::Null | Json::Object(_) => facts,
        };
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;
    use wacht_proto::v1::{DiskHealth, DiskHealthSection, Port, PortSection};

    fn seen(kind: Kind) -> Vec<crate::model::Observation> {
        let mut seen = Seen::default();
        seen.observe(kind).unwrap();
        seen.finish()
    }

    #[test]
    fn a_counted_zero_is_a_fact_and_an_unread_count_is_absent() {
        let disk = DiskHealth { serial: "S1".into(), pending_sectors: Some(0), ..Default::default() };
        let found = seen(Kind::DiskHealth(DiskHealthSection { disks: vec![disk] }));
        assert_eq!((found[0].key.as_str(), &found[0].fields["pending_sectors"]), ("S1", &Value::Integer(0)));
        assert!(!found[0].fields.contains_key("media_errors"));
    }

    #[test]
    fn a_port_is_named_by_what_it_listens_on_and_a_row_without_a_key_is_left_out() {
        let port = Port { protocol: "tcp".into(), address: "::1".into(), port: 631, ..Default::default() };
        let found = seen(Kind::Port(PortSection { ports: vec![port] }));
        assert_eq!((found[0].key.as_str(), found[0].name.as_str()), ("tcp:::1:631", "tcp ::1:631"));
        let nameless = DiskHealthSection { disks: vec![DiskHealth::default()] };
        assert!(seen(Kind::DiskHealth(nameless)).is_empty());
    }
}
