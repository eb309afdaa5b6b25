//! The processors, one row a socket. Clock speeds of the moment are samples, not inventory.

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Cpu, CpuSection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::os_release::architecture;
use super::root::Root;
use super::smbios::Smbios;

const CPUS_MAX: usize = 64;

/// The section of the processors.
pub struct Cpus;

impl Section for Cpus {
    fn kind(&self) -> SectionKind {
        SectionKind::Cpu
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let cpuinfo = root.text("proc/cpuinfo", &mut notes).unwrap_or_default();
        let architecture = architecture(root);
        let sockets = sockets(&cpuinfo);
        let mut cpus: Vec<Cpu> =
            sockets.iter().map(|(id, socket)| cpu(root, *id, socket, &architecture, &mut notes)).collect();
        notes.bound("cpus", &mut cpus, CPUS_MAX);
        notes.into_body(Kind::Cpu(CpuSection { cpus }))
    }
}

/// The section of a recorded table.
pub fn of_table(table: &Smbios) -> SectionBody {
    let mut notes = Notes::default();
    let mut cpus = table.cpus(&mut notes);
    notes.bound("cpus", &mut cpus, CPUS_MAX);
    notes.into_body(Kind::Cpu(CpuSection { cpus }))
}

/// What `/proc/cpuinfo` says about one socket.
#[derive(Debug, Default, PartialEq)]
struct Socket {
    model: String,
    vendor: String,
    /// Numbers of its logical processors.
    processors: Vec<u32>,
    core_ids: BTreeSet<u32>,
    cores_said: u32,
}

/// Sockets by physical id; machines that name none (many virtual ones) have one socket.
fn sockets(cpuinfo: &str) -> BTreeMap<u32, Socket> {
    let mut sockets: BTreeMap<u32, Socket> = BTreeMap::new();
    let board = block(cpuinfo).get("Model").copied().unwrap_or_default().to_owned();
    for text in cpuinfo.split("\n\n") {
        let fields = block(text);
        let number = |key: &str| fields.get(key).and_then(|value| value.parse::<u32>().ok());
        let Some(processor) = number("processor") else {
            continue;
        };
        let socket = sockets.entry(number("physical id").unwrap_or(0)).or_default();
        socket.processors.push(processor);
        socket.core_ids.extend(number("core id"));
        socket.cores_said = socket.cores_said.max(number("cpu cores").unwrap_or(0));
        if socket.model.is_empty() {
            let model = ["model name", "cpu model", "cpu", "Processor"].iter().find_map(|key| fields.get(key));
            socket.model = model.map_or_else(|| board.clone(), |model| (*model).to_owned());
            let vendor = fields.get("vendor_id").or_else(|| fields.get("CPU implementer"));
            socket.vendor = vendor.map(|vendor| manufacturer(vendor).to_owned()).unwrap_or_default();
        }
    }
    sockets
}

fn block(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once(':')).map(|(key, value)| (key.trim(), value.trim())).collect()
}

fn manufacturer(vendor: &str) -> &str {
    match vendor {
        "GenuineIntel" => "Intel",
        "AuthenticAMD" => "AMD",
        "HygonGenuine" => "Hygon",
        "CentaurHauls" => "VIA",
        "Shanghai" => "Zhaoxin",
        "IBM/S390" => "IBM",
        "0x41" => "ARM",
        "0x42" => "Broadcom",
        "0x48" => "HiSilicon",
        "0x4e" => "NVIDIA",
        "0x51" => "Qualcomm",
        "0x61" => "Apple",
        "0xc0" => "Ampere",
        other => other,
    }
}

fn cpu(root: &Root, id: u32, socket: &Socket, architecture: &str, notes: &mut Notes) -> Cpu {
    let threads = socket.processors.len() as u32;
    let cores = if socket.cores_said > 0 { socket.cores_said } else { socket.core_ids.len() as u32 };
    Cpu {
        socket: id.to_string(),
        // Firmware pads the name with runs of blanks.
        model: notes.text("cpu model", &socket.model.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
        manufacturer: notes.text("cpu manufacturer", &socket.vendor),
        cores: if cores == 0 { threads } else { cores },
        threads,
        architecture: architecture.to_owned(),
        speed_mhz_max: speed_mhz_max(root, socket),
    }
}

/// The driver's limit; first and last processor differ where slow and fast cores are mixed. Virtual machines have no
/// driver: there the nominal speed in the model's name counts.
fn speed_mhz_max(root: &Root, socket: &Socket) -> u32 {
    let ends = [socket.processors.first(), socket.processors.last()].into_iter().flatten();
    let limits = ends.filter_map(|n| root.number(&format!("sys/devices/system/cpu/cpu{n}/cpufreq/cpuinfo_max_freq")));
    limits.max().map_or_else(|| nominal_mhz(&socket.model), |khz| (khz / 1000).min(u64::from(u32::MAX)) as u32)
}

fn nominal_mhz(model: &str) -> u32 {
    let ghz =
        model.rsplit_once('@').and_then(|(_, speed)| speed.trim().strip_suffix("GHz")?.trim().parse::<f64>().ok());
    ghz.map_or(0, |ghz| (ghz * 1000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processor(n: u32, physical: u32, core: u32) -> String {
        format!(
            "processor\t: {n}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon(R)  Silver @ 2.10GHz\nphysical id\t: {physical}\ncore id\t: {core}\ncpu cores\t: 2\n\n"
        )
    }

    #[test]
    fn two_sockets_of_two_cores_with_two_threads_are_told_apart() {
        let text: String = (0..8).map(|n| processor(n, n / 4, n % 2)).collect();
        let sockets = sockets(&text);
        let folder = tempfile::tempdir().unwrap();
        let cpus: Vec<Cpu> = sockets
            .iter()
            .map(|(id, s)| cpu(&Root::at(folder.path()), *id, s, "x86_64", &mut Notes::default()))
            .collect();
        assert_eq!(cpus.len(), 2);
        assert_eq!((cpus[1].socket.as_str(), cpus[1].cores, cpus[1].threads, cpus[1].speed_mhz_max), ("1", 2, 4, 2100));
        assert_eq!((cpus[0].model.as_str(), cpus[0].manufacturer.as_str()), ("Xeon(R) Silver @ 2.10GHz", "Intel"));
    }

    #[test]
    fn a_machine_that_names_no_socket_has_one() {
        let arm = "processor\t: 0\nCPU implementer\t: 0x41\n\nprocessor\t: 1\nCPU implementer\t: 0x41\n\nModel\t\t: Board 3\n";
        let sockets = sockets(arm);
        assert_eq!(sockets.len(), 1);
        assert_eq!(
            (sockets[&0].processors.len(), sockets[&0].model.as_str(), sockets[&0].vendor.as_str()),
            (2, "Board 3", "ARM")
        );
    }

    #[test]
    fn nonsense_gives_no_processor() {
        assert!(sockets("").is_empty());
        assert!(sockets("processor: x\n\n::::\nprocessor").is_empty());
    }
}
