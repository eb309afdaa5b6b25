//! The sections on this machine, on folders of nonsense and on recordings of real machines.

use std::path::{Path, PathBuf};
use std::process::Command;

use prost::Message;
use wacht_proto::v1::section_body::Kind;

use super::*;

mod device;
mod fuzz;
mod machine;
mod network;

/// The sections without the ports that the system dealt out, which come and go and are kept without history.
fn encoded(root: &Root) -> Vec<(SectionKind, Vec<u8>)> {
    let lasting = |(kind, mut body): (SectionKind, SectionBody)| {
        if let Some(Kind::Port(section)) = &mut body.kind {
            section.ports.retain(|port| !port.ephemeral);
        }
        (kind, body.encode_to_vec())
    };
    read_all(root, &[]).into_iter().map(lasting).collect()
}

#[test]
fn two_scans_of_this_machine_without_a_change_are_identical() {
    let root = Root::real();
    for ((kind, first), (_, second)) in encoded(&root).into_iter().zip(encoded(&root)) {
        assert!(first == second, "section {} changed between two scans", kind.as_str_name());
    }
}

#[test]
fn every_kind_of_the_contract_has_one_section_and_can_be_switched_off() {
    let mut kinds: Vec<i32> = registry().iter().map(|section| section.kind() as i32).collect();
    kinds.sort_unstable();
    let unwanted = SectionKind::Unspecified as i32;
    let all: Vec<i32> = (0..100).filter(|kind| *kind != unwanted && SectionKind::try_from(*kind).is_ok()).collect();
    assert_eq!(kinds, all);
    let folder = tempfile::tempdir().unwrap();
    let left = read_all(&Root::at(folder.path()), &[SectionKind::User, SectionKind::Software]);
    assert_eq!(left.len(), registry().len() - 2);
    assert!(left.iter().all(|(_, body)| body.kind.is_some() && body.notes.is_empty()), "{left:?}");
}

#[test]
fn the_software_count_of_this_machine_is_dpkgs_own() {
    let Ok(output) = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}\n"]).output() else {
        println!("skipped: this machine has no dpkg");
        return;
    };
    let expected = String::from_utf8_lossy(&output.stdout).lines().filter(|line| *line == "installed").count();
    let body = software::Software.read(&Root::real());
    let Some(Kind::Software(section)) = body.kind else { panic!("not a software section") };
    let dpkg = section.software.iter().filter(|row| row.source() == wacht_proto::v1::SoftwareSource::Dpkg).count();
    assert_eq!(dpkg, expected);
}

#[test]
fn files_of_nonsense_never_panic_and_stay_within_the_bounds() {
    let endless = vec![b'x'; 300_000];
    let texts: [&[u8]; 4] = [b"", b"\xff\xfe:\0=\n[]()\n:::::::\n", b"processor\t: \nmd0 : \nPackage:\n", &endless];
    for text in texts {
        let folder = tempfile::tempdir().unwrap();
        for path in READ_FILES {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        for (kind, body) in read_all(&Root::at(folder.path()), &[]) {
            assert!(body.kind.is_some(), "section {} panicked", kind.as_str_name());
            assert!(body.encoded_len() < 4 << 20 && body.notes.len() <= 32);
        }
    }
}

const READ_FILES: &[&str] = &[
    "proc/cpuinfo",
    "proc/meminfo",
    "proc/mdstat",
    "proc/self/mountinfo",
    "proc/net/route",
    "proc/net/ipv6_route",
    "proc/net/if_inet6",
    "proc/sys/kernel/hostname",
    "proc/sys/kernel/osrelease",
    "etc/hosts",
    "etc/os-release",
    "etc/machine-id",
    "etc/passwd",
    "etc/group",
    "etc/shadow",
    "etc/sudoers",
    "etc/login.defs",
    "var/lib/dpkg/status",
    "snap/x/current/meta/snap.yaml",
    "var/lib/flatpak/app/x/current/active/metadata",
    "run/reboot-required.pkgs",
    "boot/vmlinuz-x",
    "sys/firmware/dmi/tables/DMI",
    "sys/firmware/dmi/tables/smbios_entry_point",
    "sys/class/dmi/id/product_name",
    "sys/class/dmi/id/chassis_type",
    "sys/block/sda/size",
    "sys/block/sda/dev",
    "sys/block/sda/device/model",
    "sys/block/sda/device/vpd_pg80",
    "sys/block/md0/md/raid_disks",
    "sys/block/dm-0/dm/uuid",
    "sys/class/block/dm-0/dm/uuid",
    "sys/bus/pci/devices/0000:02:00.0/class",
    "commands/smartctl/-n_standby_-x_-j__dev_sda",
    "commands/smartctl/--scan-open_-j",
    "commands/zpool/status_-P",
    "commands/storcli64/_call_show_J",
    "commands/ssacli/ctrl_all_show_config_detail",
    "proc/net/arp",
    "proc/net/fib_trie",
    "proc/net/vlan/config",
    "proc/net/bonding/bond0",
    "proc/net/tcp",
    "proc/net/udp6",
    "proc/net/ip_tables_names",
    "proc/7/comm",
    "etc/resolv.conf",
    "etc/ssl/certs/own.pem",
    "etc/nginx/nginx.conf",
    "etc/haproxy/haproxy.cfg",
    "etc/ufw/ufw.conf",
    "etc/selinux/config",
    "etc/teamviewer/global.conf",
    "opt/teamviewer/tv_bin/teamviewerd",
    "usr/sbin/nft",
    "usr/sbin/clamd",
    "var/lib/clamav/daily.cvd",
    "commands/nft/list_ruleset",
    "etc/crontab",
    "etc/cron.d/x",
    "etc/anacrontab",
    "var/spool/cron/crontabs/x",
    "var/spool/cron/atjobs/a0000801c8a5db",
    "etc/systemd/system/x.timer",
    "etc/systemd/system/x.service",
    "commands/apt-get/-s_-oDebug__NoLocking_1_dist-upgrade",
    "commands/dnf/-q_--cacheonly_check-update",
    "var/log/lastlog",
    "var/log/wtmp",
    "etc/docker/daemon.json",
    "var/lib/docker/containers/0a/config.v2.json",
    "commands/podman/ps_-a_--format_json",
    "etc/pve/lxc/101.conf",
    "etc/pve/qemu-server/100.conf",
    "var/lib/lxc/x/config",
    "etc/libvirt/qemu/web.xml",
    "run/libvirt/qemu/web.xml",
    "etc/systemd/system/restic.service",
    "etc/systemd/system/restic.timer",
    "etc/borgmatic/config.yaml",
    "etc/pve/jobs.cfg",
    "etc/pve/storage.cfg",
    "var/log/pve/tasks/index",
    "etc/rsnapshot.conf",
    "etc/timeshift/timeshift.json",
    "commands/veeamconfig/job_list",
    "commands/veeamconfig/session_list",
    "sys/class/net/eth0/type",
    "sys/class/net/eth0/speed",
    "sys/class/net/eth0/address",
    "sys/class/power_supply/BAT0/type",
    "sys/class/power_supply/BAT0/uevent",
    "sys/class/power_supply/BAT0/energy_full",
    "sys/class/drm/card0-DP-1/status",
    "sys/class/drm/card0-DP-1/edid",
    "sys/bus/usb/devices/1-1/idVendor",
    "sys/bus/usb/devices/1-1/product",
    "sys/class/tpm/tpm0/caps",
    "sys/firmware/devicetree/base/model",
    "sys/firmware/devicetree/base/compatible",
    "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
    "etc/cups/printers.conf",
    "etc/cups/ppd/x.ppd",
];

/// Recordings of real machines stand outside the project; their absence skips a test.
pub(super) fn recordings(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("WACHT_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let folder = root.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no recordings at {}", folder.display());
    None
}

#[test]
fn recorded_lists_of_units_give_their_services() {
    let Some(folder) = recordings("jc") else {
        return;
    };
    for release in ["centos-7.7", "ubuntu-18.04"] {
        let read = |file: &str| std::fs::read_to_string(folder.join(release).join(file)).unwrap();
        let units: Vec<serde_json::Value> = serde_json::from_str(&read("systemctl.json")).unwrap();
        let loaded = units
            .iter()
            .filter(|unit| unit["unit"].as_str().unwrap().ends_with(".service") && unit["load"] != "not-found");
        let rows =
            service::services(&read("systemctl.out"), &read("systemctl-luf.out"), "", |_| false, &mut Notes::default());
        let mut seen = 0;
        for unit in loaded.filter(|unit| unit_table::is_lasting(unit["unit"].as_str().unwrap())) {
            let row = rows
                .iter()
                .find(|row| unit["unit"] == row.name.as_str())
                .unwrap_or_else(|| panic!("{release}: no {unit}"));
            assert_eq!(unit["description"], row.description.as_str());
            assert_eq!(unit["active"] == "active", matches!(row.state, 1 | 5), "{release}: {unit}");
            seen += 1;
        }
        assert!(seen > 10 && rows.len() > seen, "{release}: {seen} of {}", rows.len());
    }
}

#[test]
fn recorded_processor_lists_give_one_row_a_socket() {
    let Some(folder) = recordings("glpi/linux/proc/cpuinfo") else {
        return;
    };
    // Sockets and logical processors: distinct physical ids and `processor` lines in the recordings.
    for (name, sockets, threads) in
        [("linux-hp-dl180", 1, 3), ("toshiba-r630-2-core", 1, 4), ("linux-686-1", 1, 1), ("rhel-5.6", 2, 16)]
    {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("proc")).unwrap();
        std::fs::copy(folder.join(name), root.path().join("proc/cpuinfo")).unwrap();
        let Some(Kind::Cpu(section)) = cpu::Cpus.read(&Root::at(root.path())).kind else { panic!("not a cpu section") };
        assert_eq!(
            (section.cpus.len(), section.cpus.iter().map(|cpu| cpu.threads).sum::<u32>()),
            (sockets, threads),
            "{name}"
        );
        assert!(section.cpus.iter().all(|cpu| !cpu.model.is_empty() && cpu.cores > 0));
    }
}

#[test]
fn a_look_at_this_machine_touches_no_source_so_that_a_quiet_one_is_not_read_again() {
    let root = Root::real();
    let mut stamps = Stamps::default();
    stamps.read(&root, &[], Extent::All);
    // Another program may install something meanwhile, but not at every look.
    let is_quiet = |_| stamps.read(&root, &[], Extent::Touched).is_empty();
    assert!((0..3).any(is_quiet));
}

/// Is read in part at first, panics next, and is well from then on.
struct Shaky(std::sync::atomic::AtomicU32);

impl Section for Shaky {
    fn kind(&self) -> SectionKind {
        SectionKind::Software
    }

    fn sources(&self) -> &'static [&'static str] {
        &["etc/os-release"]
    }

    fn read(&self, _root: &Root) -> SectionBody {
        let time = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert!(time != 1, "the second reading panics");
        SectionBody { kind: None, notes: Vec::new(), partial: time == 0 }
    }
}

#[test]
fn a_section_that_was_read_in_part_or_panicked_is_read_again_although_nothing_was_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (root, mut stamps, shaky) = (Root::at(folder.path()), Stamps::default(), Shaky(0.into()));
    let read: Vec<_> = (0..4).map(|_| stamps.read_one(&shaky, &root).map(|body| body.partial)).collect();
    assert_eq!(read, [Some(true), Some(true), Some(false), None]);
}

#[test]
fn what_the_task_of_root_wrote_down_is_read_at_the_next_look() {
    let folder = tempfile::tempdir().unwrap();
    let (root, mut stamps) = (Root::at(folder.path()), Stamps::default());
    stamps.read(&root, &[], Extent::All);
    assert!(stamps.read(&root, &[], Extent::Touched).is_empty());
    let mark = folder.path().join(record::MARK);
    std::fs::create_dir_all(mark.parent().unwrap()).unwrap();
    std::fs::write(mark, "").unwrap();
    let kinds: Vec<SectionKind> = stamps.read(&root, &[], Extent::Touched).into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.contains(&SectionKind::DiskHealth) && kinds.iter().all(|kind| record::feeds(*kind)), "{kinds:?}");
    assert!(stamps.read(&root, &[], Extent::Touched).is_empty());
}
