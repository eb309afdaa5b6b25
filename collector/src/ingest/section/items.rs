//! From the generated messages of a section to observations: which class, which key, which facts. Bounds of lists
//! are kept here; bounds of texts in `facts`. Nothing is judged.

use super::facts::{Facts, NAME_BYTES_MAX, PURL_BYTES_MAX, clean};
use super::{SectionError, bound};
use crate::model::{Class, Observation, Value};
use std::collections::{HashMap, HashSet};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::*;

/// What was read so far, and how much of it was not as it should be.
#[derive(Default)]
pub struct Seen {
    observations: Vec<Observation>,
    /// Texts that were longer than their bound.
    pub clipped: usize,
    /// Entries without a name to key them by.
    pub unnamed: usize,
}

impl Seen {
    /// Takes a whole body in.
    pub fn observe(&mut self, kind: Kind) -> Result<(), SectionError> {
        match kind {
            Kind::System(system) => self.system(&system),
            Kind::OperatingSystem(system) => self.operating_system(&system),
            Kind::Cpu(section) => {
                bound("cpus", &section.cpus, 64)?;
                section.cpus.iter().enumerate().for_each(|(position, cpu)| self.cpu(position, cpu));
            }
            Kind::Memory(section) => {
                bound("memory modules", &section.modules, 256)?;
                self.memory(&section);
            }
            Kind::Disk(section) => {
                bound("disks", &section.disks, 1_024)?;
                section.disks.iter().for_each(|disk| self.disk(disk));
            }
            Kind::Array(section) => {
                bound("arrays", &section.arrays, 128)?;
                section.arrays.iter().try_for_each(|array| self.array(array))?;
                self.controllers(&section.controllers)?;
            }
            Kind::Volume(section) => {
                bound("volumes", &section.volumes, 1_024)?;
                section.volumes.iter().for_each(|volume| self.volume(volume));
            }
            Kind::Software(section) => {
                bound("software", &section.software, 20_000)?;
                section.software.iter().for_each(|software| self.software(software));
            }
            Kind::Interface(section) => {
                bound("interfaces", &section.interfaces, 512)?;
                section.interfaces.iter().try_for_each(|interface| self.interface(interface))?;
            }
            Kind::User(section) => {
                bound("users", &section.users, 10_000)?;
                bound("groups", &section.groups, 10_000)?;
                section.users.iter().for_each(|user| self.user(user));
                section.groups.iter().try_for_each(|group| self.group(group))?;
            }
            Kind::Service(section) => {
                bound("services", &section.services, 2_000)?;
                section.services.iter().for_each(|service| self.service(service));
            }
            Kind::Update(section) => self.update(&section)?,
            other => self.rows(other)?,
        }
        Ok(())
    }

    fn system(&mut self, system: &SystemSection) {
        let texts: [(&str, &str); 26] = [
            ("hostname", &system.hostname),
            ("fqdn", &system.fqdn),
            ("machine_id", &system.machine_id),
            ("manufacturer", &system.manufacturer),
            ("product", &system.product),
            ("version", &system.version),
            ("serial", &system.serial),
            ("uuid", &system.uuid),
            ("sku", &system.sku),
            ("asset_tag", &system.asset_tag),
            ("board_manufacturer", &system.board_manufacturer),
            ("board_product", &system.board_product),
            ("board_serial", &system.board_serial),
            ("board_version", &system.board_version),
            ("chassis_type", &system.chassis_type),
            ("chassis_serial", &system.chassis_serial),
            ("bios_vendor", &system.bios_vendor),
            ("bios_version", &system.bios_version),
            ("bios_date", &system.bios_date),
            ("virtualization", &system.virtualization),
            ("chassis_manufacturer", &system.chassis_manufacturer),
            ("board_asset_tag", &system.board_asset_tag),
            ("tpm_version", &system.tpm_version),
            ("tpm_manufacturer", &system.tpm_manufacturer),
            ("secure_boot", &system.secure_boot),
            ("firmware_kind", &system.firmware_kind),
        ];
        let facts = Facts::default().texts(&texts);
        self.add(Class::Computer, "computer", first([&system.hostname, &system.fqdn, "computer"]), facts);
    }

    fn cpu(&mut self, position: usize, cpu: &Cpu) {
        let facts = Facts::default()
            .texts(&[("socket", &cpu.socket), ("model", &cpu.model), ("manufacturer", &cpu.manufacturer)])
            .text("architecture", &cpu.architecture)
            .sizes(&[("cores", cpu.cores.into()), ("threads", cpu.threads.into())])
            .sizes(&[("speed_mhz_max", cpu.speed_mhz_max.into())]);
        let position = position.to_string();
        self.add(Class::Cpu, first([&cpu.socket, &position, ""]), first([&cpu.model, &cpu.socket, &position]), facts);
    }

    fn memory(&mut self, section: &MemorySection) {
        for (position, module) in section.modules.iter().enumerate() {
            let facts = Facts::default()
                .texts(&[("slot", &module.slot), ("type", &module.r#type), ("serial", &module.serial)])
                .texts(&[("manufacturer", &module.manufacturer), ("part_number", &module.part_number)])
                .sizes(&[("size_bytes", module.size_bytes), ("speed_mts", module.speed_mts.into())]);
            let position = position.to_string();
            let slot = first([&module.slot, &position, ""]);
            self.add(Class::Memory, slot, slot, facts);
        }
        if section.modules.is_empty() && section.total_bytes > 0 {
            let facts = Facts::default()
                .sizes(&[("size_bytes", section.total_bytes), ("swap_bytes", section.swap_bytes)])
                .sizes(&[("slots", section.slots.into())]);
            self.add(Class::Memory, "total", "total", facts);
        }
    }

    fn disk(&mut self, disk: &Disk) {
        let facts = Facts::default()
            .texts(&[("name", &disk.name), ("model", &disk.model), ("serial", &disk.serial)])
            .texts(&[("firmware", &disk.firmware), ("wwn", &disk.wwn), ("bus", &disk.bus)])
            .sizes(&[("size_bytes", disk.size_bytes)])
            .flags(&[("rotational", disk.rotational), ("removable", disk.removable)]);
        let name = first([&disk.model, &disk.name, &disk.serial]);
        self.add(Class::Disk, first([&disk.serial, &disk.wwn, &disk.name]), name, facts);
    }

    fn array(&mut self, array: &Array) -> Result<(), SectionError> {
        bound("array members", &array.members, 256)?;
        bound("failed array members", &array.members_failed, 256)?;
        // Zero is a fact for these counts: no redundancy left is what the array is watched for.
        let facts = Facts::default()
            .texts(&[("name", &array.name), ("level", &array.level), ("state", array_state(array.state()))])
            .texts(&[("source", &array.source), ("controller", &array.controller)])
            .lists(&[("members", &array.members), ("members_failed", &array.members_failed)])
            .numbers(&[("members_active", array.members_active), ("spares", array.spares)])
            .numbers(&[("redundancy_left", array.redundancy_left)])
            .sizes(&[("members_expected", array.members_expected.into()), ("size_bytes", array.size_bytes)]);
        self.add(Class::Array, &array.name, &array.name, facts);
        Ok(())
    }

    fn volume(&mut self, volume: &Volume) {
        let facts = Facts::default()
            .texts(&[("mount", &volume.mount), ("device", &volume.device), ("type", &volume.r#type)])
            .texts(&[("uuid", &volume.uuid), ("label", &volume.label)])
            .texts(&[("encryption", &volume.encryption), ("pool", &volume.pool)])
            .sizes(&[("size_bytes", volume.size_bytes)])
            .flags(&[("read_only", volume.read_only), ("network", volume.network)]);
        self.add(Class::Volume, &volume.mount, &volume.mount, facts);
    }

    fn operating_system(&mut self, system: &OperatingSystemSection) {
        let facts = Facts::default()
            .texts(&[("name", &system.name), ("version", &system.version), ("id", &system.id)])
            .texts(&[("kernel", &system.kernel), ("architecture", &system.architecture)])
            .texts(&[("time_zone", &system.time_zone), ("codename", &system.codename)])
            .texts(&[("support_end", &system.support_end), ("edition", &system.edition)]);
        self.add(Class::OperatingSystem, "os", first([&system.name, &system.id, "os"]), facts);
    }

    fn software(&mut self, software: &Software) {
        let source = software_source(software.source());
        let facts = Facts::default()
            .texts(&[("name", &software.name), ("version", &software.version), ("source", source)])
            .texts(&[("architecture", &software.architecture), ("publisher", &software.publisher)])
            .text_within("purl", &software.purl, PURL_BYTES_MAX);
        let (name, architecture) =
            (clean(&software.name, NAME_BYTES_MAX).0, clean(&software.architecture, NAME_BYTES_MAX).0);
        // The version is no part of the key, so an upgrade is one row of history.
        let key = if name.is_empty() { String::new() } else { format!("{source}:{name}:{architecture}") };
        self.add_keyed(Class::Software, key, name, facts);
    }

    fn interface(&mut self, interface: &Interface) -> Result<(), SectionError> {
        bound("addresses", &interface.addresses, 64)?;
        bound("name servers", &interface.name_servers, 16)?;
        bound("interface members", &interface.members, 64)?;
        let facts = Facts::default()
            .texts(&[("name", &interface.name), ("kind", &interface.kind), ("gateway", &interface.gateway)])
            .texts(&[("parent", &interface.parent), ("driver", &interface.driver)])
            .text("mac", &interface.mac.to_ascii_lowercase())
            .text("permanent_mac", &interface.permanent_mac.to_ascii_lowercase())
            .lists(&[("addresses", &interface.addresses), ("name_servers", &interface.name_servers)])
            .lists(&[("members", &interface.members)])
            .sizes(&[
                ("vlan", interface.vlan.into()),
                ("mtu", interface.mtu.into()),
                ("speed_bits_per_s", interface.speed_bits_per_s),
            ])
            .flags(&[("up", interface.up)]);
        self.add(Class::Interface, &interface.name, &interface.name, facts);
        Ok(())
    }

    fn user(&mut self, user: &User) {
        let facts = Facts::default()
            .texts(&[("name", &user.name), ("admin_reason", &user.admin_reason)])
            .texts(&[("last_sign_in", &user.last_sign_in)])
            .numbers(&[("uid", user.uid)])
            .flags(&[("can_sign_in", user.can_sign_in), ("administrator", user.administrator)])
            .flags(&[("system_account", user.system_account)]);
        self.add(Class::User, &user.name, &user.name, facts);
    }

    fn group(&mut self, group: &Group) -> Result<(), SectionError> {
        bound("group members", &group.members, 10_000)?;
        let facts = Facts::default()
            .texts(&[("name", &group.name)])
            .numbers(&[("gid", group.gid)])
            .lists(&[("members", &group.members)])
            .flags(&[("administrators", group.administrators)]);
        self.add(Class::Group, &group.name, &group.name, facts);
        Ok(())
    }

    fn service(&mut self, service: &Service) {
        let facts = Facts::default()
            .texts(&[("name", &service.name), ("description", &service.description), ("result", &service.result)])
            .texts(&[("start_type", &service.start_type), ("state", service_state(service.state()))]);
        self.add(Class::Service, &service.name, &service.name, facts);
    }

    fn update(&mut self, update: &UpdateSection) -> Result<(), SectionError> {
        bound("packages", &update.packages, 256)?;
        self.pending_updates(&update.pending)?;
        let facts = Facts::default()
            .flags(&[("reboot_pending", update.reboot_pending)])
            .texts(&[("reboot_reason", &update.reboot_reason), ("checked_at", &update.checked_at)])
            .lists(&[("packages", &update.packages)]);
        self.add(Class::Update, "update", "update", facts);
        Ok(())
    }

    pub(super) fn add(&mut self, class: Class, key: &str, name: &str, facts: Facts) {
        self.add_keyed(class, clean(key, NAME_BYTES_MAX).0, clean(name, NAME_BYTES_MAX).0, facts);
    }

    pub(super) fn add_keyed(&mut self, class: Class, key: String, name: String, facts: Facts) {
        self.clipped += facts.clipped;
        if key.is_empty() {
            self.unnamed += 1;
        } else {
            self.observations.push(Observation { class, key, name, fields: facts.fields });
        }
    }

    /// The observations with one key each: a second of the same key is told apart by `#2`.
    pub fn finish(mut self) -> Vec<Observation> {
        // In order of version, so that a list in another order is no change.
        self.observations.sort_by_cached_key(|seen| (seen.class, seen.key.clone(), version_of(seen)));
        let mut taken: HashSet<(Class, String)> = HashSet::new();
        let mut counts: HashMap<(Class, String), usize> = HashMap::new();
        for seen in &mut self.observations {
            let plain = (seen.class, seen.key.clone());
            while !taken.insert((seen.class, seen.key.clone())) {
                let count = counts.entry(plain.clone()).or_insert(1);
                *count += 1;
                seen.key = format!("{}#{count}", plain.1);
            }
        }
        self.observations
    }
}

fn version_of(seen: &Observation) -> Option<String> {
    match seen.fields.get("version") {
        Some(Value::Text(version)) => Some(version.clone()),
        _ => None,
    }
}

/// The first that says something.
fn first<const N: usize>(texts: [&str; N]) -> &str {
    texts.into_iter().find(|text| !clean(text, NAME_BYTES_MAX).0.is_empty()).unwrap_or_default()
}

fn array_state(state: ArrayState) -> &'static str {
    match state {
        ArrayState::Unspecified => "",
        ArrayState::Clean => "clean",
        ArrayState::Degraded => "degraded",
        ArrayState::Rebuilding => "rebuilding",
        ArrayState::Failed => "failed",
    }
}

fn service_state(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Unspecified => "",
        ServiceState::Running => "running",
        ServiceState::Stopped => "stopped",
        ServiceState::Failed => "failed",
        ServiceState::Starting => "starting",
        ServiceState::Finished => "finished",
    }
}

fn software_source(source: SoftwareSource) -> &'static str {
    match source {
        SoftwareSource::Unspecified => "",
        SoftwareSource::Dpkg => "dpkg",
        SoftwareSource::Rpm => "rpm",
        SoftwareSource::Snap => "snap",
        SoftwareSource::Flatpak => "flatpak",
    }
}
