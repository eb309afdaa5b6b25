//! Runs a section's parser over one recorded file, for `wacht-agent parse` and for fuzzing: the same code that reads this
//! machine, with the file in the source's place. It does not look at this machine.

use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use wacht_proto::v1::SectionBody;

use super::smbios::Smbios;
use super::{
    array, backup_job, battery, certificate, container, cpu, disk_health, display, memory, neighbour, operating_system,
    port, printer, scheduled_job, software, system, update, user, virtual_machine,
};

const FILE_BYTES_MAX: u64 = 32 << 20;

/// Makes sections of one source, or says in a sentence what is wrong with it.
pub type Parser = fn(&[u8]) -> Result<Vec<SectionBody>, String>;

/// Every parser with its word on the command line and what it reads.
pub const PARSERS: &[(&str, &str, Parser)] = &[
    ("apt-upgrade", "output of `apt-get -s dist-upgrade`", |bytes| Ok(vec![update::of_apt(&text(bytes))])),
    ("battery", "the `uevent` of a battery (/sys/class/power_supply)", |bytes| {
        Ok(vec![battery::of_uevent(&text(bytes))])
    }),
    ("certificate", "certificates in PEM or DER", |bytes| Ok(vec![certificate::of_file(bytes)?])),
    ("crontab", "a table of cron with accounts (/etc/crontab)", |bytes| {
        Ok(vec![scheduled_job::of_crontab(&text(bytes))])
    }),
    ("dnf-check-update", "output of `dnf check-update`", |bytes| Ok(vec![update::of_dnf(&text(bytes))])),
    ("docker-ps", "output of `docker ps -a --no-trunc --format '{{json .}}'`", |bytes| {
        Ok(vec![container::of_docker_ps(&text(bytes))])
    }),
    ("dpkg", "dpkg's status file", |bytes| Ok(vec![software::of_dpkg(&text(bytes))])),
    ("edid", "what a display says of itself (/sys/class/drm)", |bytes| Ok(vec![display::of_edid(bytes)?])),
    ("libvirt", "the definition of a machine of libvirt (/etc/libvirt/qemu/*.xml)", |bytes| {
        Ok(vec![virtual_machine::of_libvirt(&text(bytes))])
    }),
    ("lvs", "output of `lvs --reportformat json` in the columns that the agent asks for", |bytes| {
        Ok(vec![array::of_lvs(&text(bytes))?])
    }),
    ("mdstat", "the kernel's list of software arrays (/proc/mdstat)", |bytes| {
        Ok(vec![array::of_mdstat(&text(bytes))?])
    }),
    ("neighbour", "the kernel's table of IPv4 neighbours (/proc/net/arp)", |bytes| {
        Ok(vec![neighbour::of_arp(&text(bytes))])
    }),
    ("neighbour-v6", "output of `ip -6 neighbour show`", |bytes| Ok(vec![neighbour::of_ip(&text(bytes))])),
    ("os-release", "the release file (/etc/os-release)", |bytes| Ok(vec![operating_system::of_release(&text(bytes))])),
    ("passwd", "the list of accounts (/etc/passwd)", |bytes| Ok(vec![user::of_passwd(&text(bytes))])),
    ("podman-ps", "output of `podman ps -a --format json`", |bytes| Ok(vec![container::of_podman_ps(&text(bytes))])),
    ("printer", "the queues of CUPS (printers.conf) or output of `lpstat -v`", |bytes| {
        Ok(vec![printer::of_file(&text(bytes))])
    }),
    ("pve-jobs", "the backup jobs of Proxmox VE (/etc/pve/jobs.cfg)", |bytes| {
        Ok(vec![backup_job::of_pve_jobs(&text(bytes))])
    }),
    ("pve-vm", "the configuration of a machine of Proxmox VE (/etc/pve/qemu-server/*.conf)", |bytes| {
        Ok(vec![virtual_machine::of_proxmox(&text(bytes))])
    }),
    ("rpm", "output of `rpm -qa` in the agent's own format", |bytes| Ok(vec![software::of_rpm(&text(bytes))])),
    ("rsnapshot", "the settings of rsnapshot (/etc/rsnapshot.conf)", |bytes| {
        Ok(vec![backup_job::of_rsnapshot(&text(bytes))])
    }),
    ("smart", "output of `smartctl -x -j`", |bytes| Ok(vec![disk_health::of_smartctl(&text(bytes))?])),
    ("smbios", "an SMBIOS table, raw or as `dmidecode --dump-bin` writes it", |bytes| {
        let table = Smbios::of_dump(bytes)?;
        Ok(vec![system::of_table(&table), memory::of_table(&table), cpu::of_table(&table)])
    }),
    ("ssacli", "output of `ssacli ctrl all show config detail`", |bytes| Ok(vec![array::of_ssacli(&text(bytes))?])),
    ("storcli", "output of storcli64 or perccli64 as JSON", |bytes| Ok(vec![array::of_storcli(&text(bytes))?])),
    ("tcp", "the kernel's table of TCP sockets (/proc/net/tcp, tcp6)", |bytes| Ok(vec![port::of_tcp(&text(bytes))])),
    ("timer", "a timer's unit file of systemd", |bytes| Ok(vec![scheduled_job::of_timer(&text(bytes))])),
    ("udp", "the kernel's table of UDP sockets (/proc/net/udp, udp6)", |bytes| Ok(vec![port::of_udp(&text(bytes))])),
    ("veeam-sessions", "output of `veeamconfig session list`", |bytes| {
        Ok(vec![backup_job::of_veeam_sessions(&text(bytes))])
    }),
    ("zpool", "output of `zpool status -P`", |bytes| Ok(vec![array::of_zpool(&text(bytes))?])),
];

/// One line of JSON about a file: `{"input","section"}` with the sections by kind, or `{"input","error"}`.
pub fn parse_file(parser: Parser, path: &Path) -> Value {
    let input = path.to_string_lossy();
    match read(path).and_then(|bytes| guarded(parser, &bytes)) {
        Ok(bodies) => json!({ "input": input, "section": by_kind(&bodies) }),
        Err(error) => json!({ "input": input, "error": error }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(format!("cannot be read: {error}")),
        Ok(_) if bytes.len() as u64 > FILE_BYTES_MAX => Err(format!("is larger than {FILE_BYTES_MAX} bytes")),
        Ok(_) => Ok(bytes),
    }
}

/// One bad file must not end the run over the others.
fn guarded(parser: Parser, bytes: &[u8]) -> Result<Vec<SectionBody>, String> {
    std::panic::catch_unwind(|| parser(bytes)).unwrap_or_else(|_| Err("the parser broke off".to_owned()))
}

fn by_kind(bodies: &[SectionBody]) -> Value {
    let mut sections = Map::new();
    let mut notes = Vec::new();
    for body in bodies {
        if let Ok(Value::Object(kind)) = serde_json::to_value(&body.kind) {
            sections.extend(kind);
        }
        notes.extend(body.notes.iter().map(|note| json!(note)));
    }
    if !notes.is_empty() {
        sections.insert("notes".to_owned(), Value::Array(notes));
    }
    Value::Object(sections)
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_becomes_a_line_with_its_sections_by_kind_and_an_absent_one_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status");
        std::fs::write(&path, "Package: vim\nStatus: install ok installed\nVersion: 9\n").unwrap();
        let (_, _, parser) = PARSERS.iter().find(|(word, _, _)| *word == "dpkg").unwrap();
        let line = parse_file(*parser, &path);
        assert_eq!(line["section"]["software"]["software"][0]["name"], "vim");
        let absent = parse_file(*parser, &folder.path().join("absent"));
        assert!(absent["error"].as_str().unwrap().starts_with("cannot be read"), "{absent}");
    }

    #[test]
    fn no_parser_breaks_off_over_nonsense() {
        let endless = vec![b'x'; 100_000];
        for (word, _, parser) in PARSERS {
            for bytes in [&b""[..], b"\xff\xfe{[\0\n:", b"{}", b"[]", b"null", &endless] {
                assert_ne!(guarded(*parser, bytes).err().as_deref(), Some("the parser broke off"), "{word}");
            }
        }
    }
}
