//! The section over captured trees, over bad reports and over recordings of real drives.

use super::*;
use std::fs;
use std::path::{Path, PathBuf};

const REPORT: &str = r#"{"smartctl":{"version":[7,3]},"device":{"name":"/dev/sda","type":"sat","protocol":"ATA"},
"model_name":"X","rotation_rate":0,"smart_status":{"passed":true},"ata_smart_attributes":{"table":[
{"id":5,"name":"Reallocated_Sector_Ct","value":100,"when_failed":"","raw":{"value":3,"string":"3 (0 1)"}}]}}"#;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(root: &Path) -> (Vec<DiskHealth>, usize) {
    let body = DisksHealth.read(&Root::at(root));
    let Some(Kind::DiskHealth(section)) = body.kind else { panic!("not a section of disk health") };
    (section.disks, body.notes.len())
}

#[test]
fn each_drive_is_asked_once_and_those_behind_a_controller_by_their_bay() {
    let folder = tempfile::tempdir().unwrap();
    for disk in ["sda", "nvme0n1", "nvme0n2", "vdb", "dm-0"] {
        put(folder.path(), &format!("sys/block/{disk}/size"), "100");
    }
    let commands = "commands/smartctl";
    put(folder.path(), &format!("{commands}/-n_standby_-x_-j__dev_sda"), REPORT);
    put(folder.path(), &format!("{commands}/-n_standby_-x_-j__dev_nvme0"), &REPORT.replace("ATA", "NVMe"));
    put(
        folder.path(),
        &format!("{commands}/--scan-open_-j"),
        r#"{"devices":[{"name":"/dev/bus/0","type":"megaraid,4"}]}"#,
    );
    let bay = format!("{commands}/-n_standby_-x_-j_-d_megaraid_4__dev_bus_0");
    put(folder.path(), &bay, &REPORT.replace("true", "false"));
    let (disks, notes) = read(folder.path());
    let told: Vec<_> = disks.iter().map(|disk| (disk.name.as_str(), disk.verdict.as_str())).collect();
    assert_eq!(told, [("megaraid,4", "failed"), ("nvme0", "passed"), ("sda", "passed")]);
    assert_eq!(notes, 0);
}

#[test]
fn a_report_that_is_no_json_is_a_note_and_a_machine_without_smartctl_has_no_disks() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "sys/block/sda/size", "100");
    assert_eq!(read(folder.path()), (vec![], 0));
    put(folder.path(), "commands/smartctl/-n_standby_-x_-j__dev_sda", "Segmentation fault");
    assert_eq!(read(folder.path()), (vec![], 1));
}

#[test]
fn a_round_ends_after_two_drives_that_hang() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::at(folder.path());
    let mut asking = Asking { root: &root, notes: Notes::default(), start: Instant::now(), timeouts: TIMEOUTS_MAX };
    put(folder.path(), "commands/smartctl/-n_standby_-x_-j__dev_sda", REPORT);
    assert!(asking.ask("sda", &["/dev/sda"]).is_none());
    assert_eq!(asking.notes.into_list()[0].reason(), NoteReason::TimedOut);
    let mut asking = Asking { root: &root, notes: Notes::default(), start: Instant::now(), timeouts: 1 };
    assert_eq!(asking.ask("sda", &["/dev/sda"]).unwrap().reallocated_sectors, Some(3));
}

#[test]
fn a_report_cut_anywhere_is_refused_with_a_sentence() {
    for end in 0..REPORT.len() {
        let error = of_smartctl(&REPORT[..end]).unwrap_err();
        assert!(error.contains("smartctl -j"), "{error}");
    }
    assert!(of_smartctl(REPORT).is_ok());
    for other in ["{}", "{\"disks\":[]}", "\u{0}", "<xml/>"] {
        assert!(of_smartctl(other).is_err(), "{other}");
    }
}

/// Recordings of real machines stand outside the project; their absence skips a test.
fn recordings(folder: &str) -> Option<PathBuf> {
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
fn recorded_reports_say_what_the_drives_said() {
    let Some(folder) = recordings("smartctl-json") else {
        return;
    };
    let mut seen = 0;
    for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        let text = fs::read_to_string(&path).unwrap();
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let body = of_smartctl(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let Some(Kind::DiskHealth(section)) = body.kind else { panic!("not a section of disk health") };
        let disk = &section.disks[0];
        let told = |key: &str| report.pointer(key).and_then(serde_json::Value::as_u64);
        let verdict = match report.pointer("/smart_status/passed").and_then(serde_json::Value::as_bool) {
            Some(passed) => {
                if passed {
                    "passed"
                } else {
                    "failed"
                }
            }
            None => "",
        };
        assert_eq!(disk.verdict, verdict, "{}", path.display());
        assert_eq!(
            disk.serial.is_empty(),
            report["serial_number"].as_str().is_none_or(|serial| serial.trim().is_empty()),
            "{}: {}",
            path.display(),
            report["serial_number"]
        );
        assert_eq!(disk.media_errors, told("/nvme_smart_health_information_log/media_errors"));
        let hours = told("/power_on_time/hours");
        assert!(hours.is_none() || disk.power_on_hours == hours, "{}", path.display());
        assert!(body.notes.is_empty(), "{}: {:?}", path.display(), body.notes);
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}
