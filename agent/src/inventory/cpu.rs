//! Processors by socket.

use super::text::{fact, name};
use super::{Root, Section};
use std::collections::{BTreeMap, BTreeSet};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Cpu as Socket, CpuSection, SectionBody, SectionKind};

const SOCKETS_MAX: usize = 64;

/// The section.
pub struct Cpu;

impl Section for Cpu {
    fn kind(&self) -> SectionKind {
        SectionKind::Cpu
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut cpus = sockets(&root.text("proc/cpuinfo").unwrap_or_default());
        let fastest_khz = root.number("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq").unwrap_or(0);
        for cpu in &mut cpus {
            cpu.speed_mhz_max = u32::try_from(fastest_khz / 1_000).unwrap_or(0);
            std::env::consts::ARCH.clone_into(&mut cpu.architecture);
        }
        cpus.truncate(SOCKETS_MAX);
        SectionBody { kind: Some(Kind::Cpu(CpuSection { cpus })), notes: Vec::new() }
    }
}

#[derive(Default)]
struct Seen {
    model: String,
    maker: String,
    threads: u32,
    cores: BTreeSet<String>,
}

/// Sockets of `/proc/cpuinfo`; a machine that names none has one.
fn sockets(cpuinfo: &str) -> Vec<Socket> {
    let mut seen: BTreeMap<u32, Seen> = BTreeMap::new();
    for block in cpuinfo.split("\n\n") {
        let field = |wanted: &str| {
            let lines = block.lines().filter_map(|line| line.split_once(':'));
            lines.into_iter().find(|(key, _)| key.trim() == wanted).map(|(_, value)| value.trim().to_owned())
        };
        if field("processor").is_none() {
            continue;
        }
        let socket = field("physical id").and_then(|id| id.parse().ok()).unwrap_or(0);
        let known = seen.entry(socket).or_default();
        known.threads += 1;
        known.cores.insert(field("core id").or_else(|| field("processor")).unwrap_or_default());
        if known.model.is_empty() {
            known.model = field("model name").or_else(|| field("Model")).unwrap_or_default();
            known.maker = field("vendor_id").or_else(|| field("CPU implementer")).unwrap_or_default();
        }
    }
    let socket = |(id, seen): (u32, Seen)| Socket {
        socket: id.to_string(),
        model: fact(&seen.model),
        manufacturer: name(&seen.maker),
        cores: seen.cores.len() as u32,
        threads: seen.threads,
        ..Socket::default()
    };
    seen.into_iter().map(socket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_one_core_count_once_as_a_core() {
        let thread = |processor: u32, socket: u32, core: u32| {
            format!("processor\t: {processor}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: {socket}\ncore id\t: {core}\n\n")
        };
        let text = thread(0, 0, 0) + &thread(1, 0, 0) + &thread(2, 1, 0) + &thread(3, 1, 1);
        let found = sockets(&text);
        let shape: Vec<_> = found.iter().map(|cpu| (cpu.socket.as_str(), cpu.cores, cpu.threads, cpu.model.as_str())).collect();
        assert_eq!(shape, [("0", 1, 2, "Xeon"), ("1", 2, 2, "Xeon")]);
        assert!(sockets("nonsense").is_empty());
    }
}
