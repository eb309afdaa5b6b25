//! Names what this machine runs on from what the kernel and the firmware say. An empty answer means metal.

use super::root::Root;

/// The process namespace of the machine itself has this fixed number.
const FIRST_PROCESS_NAMESPACE: &str = "pid:[4026531836]";

/// `container` inside one; the tables of the host's firmware are then visible but are not this machine's.
pub fn is_container(root: &Root) -> bool {
    let marked = [".dockerenv", "run/.containerenv", "run/systemd/container"].iter().any(|marker| root.exists(marker));
    // A machine image unpacked from a container image keeps the marker, but is no container.
    marked && root.link("proc/self/ns/pid").as_deref() != Some(FIRST_PROCESS_NAMESPACE)
}

/// `kvm`, `vmware`, `hyperv`, `xen`, `virtualbox`, …, or empty on metal; `firmware_words` are vendor, product and BIOS.
pub fn hypervisor(root: &Root, firmware_words: &str, cpuinfo: &str) -> String {
    let named = by_firmware(firmware_words);
    if !named.is_empty() {
        return named.to_owned();
    }
    if root.value("sys/hypervisor/type").is_some_and(|kind| kind == "xen") {
        return "xen".to_owned();
    }
    if !has_hypervisor_flag(cpuinfo) {
        return String::new();
    }
    let clocks = root.value("sys/devices/system/clocksource/clocksource0/available_clocksource").unwrap_or_default();
    by_clock(&clocks).to_owned()
}

fn by_firmware(words: &str) -> &'static str {
    const NAMES: &[(&str, &str)] = &[
        ("vmware", "vmware"),
        ("virtualbox", "virtualbox"),
        ("innotek", "virtualbox"),
        ("microsoft corporation virtual machine", "hyperv"),
        ("xen", "xen"),
        ("parallels virtual", "parallels"),
        ("bhyve", "bhyve"),
        ("qemu", "kvm"),
        ("kvm", "kvm"),
        ("google compute engine", "kvm"),
        ("openstack", "kvm"),
        ("rhev", "kvm"),
        ("ovirt", "kvm"),
        ("nutanix ahv", "kvm"),
        ("amazon ec2", "kvm"),
        ("digitalocean", "kvm"),
        ("hetzner vserver", "kvm"),
        ("standard pc (", "kvm"),
    ];
    let words = words.to_lowercase();
    // Whole machines rented by the hour carry the cloud's name too.
    let metal = words.contains(".metal");
    NAMES.iter().find(|(word, _)| !metal && words.contains(word)).map_or("", |(_, name)| name)
}

fn has_hypervisor_flag(cpuinfo: &str) -> bool {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    flags.is_some_and(|line| line.split_ascii_whitespace().any(|flag| flag == "hypervisor"))
}

fn by_clock(clocks: &str) -> &'static str {
    match clocks {
        _ if clocks.contains("hyperv") => "hyperv",
        _ if clocks.contains("xen") => "xen",
        _ if clocks.contains("vmware") => "vmware",
        _ if clocks.contains("kvm") => "kvm",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_words_name_the_hypervisor() {
        assert_eq!(by_firmware("VMware, Inc. VMware Virtual Platform"), "vmware");
        assert_eq!(by_firmware("Microsoft Corporation Virtual Machine"), "hyperv");
        assert_eq!(by_firmware("Microsoft Corporation Surface Pro 4"), "");
        assert_eq!(by_firmware("QEMU Standard PC (i440FX + PIIX, 1996)"), "kvm");
        assert_eq!(by_firmware("Amazon EC2 c5.metal"), "");
        assert_eq!(by_firmware("HP ProLiant DL360"), "");
    }

    #[test]
    fn without_firmware_the_flag_and_the_clock_tell() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        assert_eq!(hypervisor(&root, "", "flags\t\t: fpu hypervisor lm\n"), "other");
        assert_eq!(hypervisor(&root, "", "flags\t\t: fpu lm\n"), "");
        assert_eq!(by_clock("tsc kvm-clock acpi_pm"), "kvm");
    }

    #[test]
    fn a_marker_makes_a_container_except_in_the_first_process_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        assert!(!is_container(&root));
        std::fs::write(folder.path().join(".dockerenv"), "").unwrap();
        assert!(is_container(&root));
    }
}
