//! Parses `smartctl --scan-open -j` for the drives that the kernel does not show because a controller hides them. It takes
//! only names and types that are safe to hand back to smartctl.

use std::collections::BTreeSet;

use super::report::drive_name;
use crate::inventory::document::{list, parse, text};

const DRIVES_MAX: usize = 1024;

/// A drive behind a controller.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden {
    /// As in the section: `megaraid,4`.
    pub name: String,
    /// The way to it: `/dev/bus/0`.
    pub device: String,
    /// smartctl's word for how to ask: `sat+megaraid,4`.
    pub kind: String,
}

/// The drives behind controllers, each once, sorted by name.
pub fn hidden(scan: &str) -> Vec<Hidden> {
    let Some(scan) = parse(scan) else { return Vec::new() };
    let drives = list(&scan, "/devices").iter().take(DRIVES_MAX).filter_map(|drive| {
        let (device, kind) = (text(drive, "/name")?, text(drive, "/type")?);
        let safe = is_device(&device) && is_kind(&kind);
        safe.then(|| Hidden { name: drive_name(&device, &kind), device, kind })
    });
    let mut seen = BTreeSet::new();
    let mut drives: Vec<Hidden> = drives.filter(|drive| seen.insert(drive.name.clone())).collect();
    drives.sort();
    drives
}

/// A plain path below `/dev`.
fn is_device(device: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
    device.strip_prefix("/dev/").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain)) && device.len() < 64
}

/// A type with a bay, such as `megaraid,4`; others are disks that the kernel shows itself.
fn is_kind(kind: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ",+_/".contains(c);
    kind.contains(',')
        && kind.starts_with(|c: char| c.is_ascii_alphabetic())
        && kind.chars().all(plain)
        && kind.len() < 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drives_behind_a_controller_are_taken_and_each_once() {
        let scan = r#"{"devices":[
            {"name":"/dev/sda","type":"scsi","protocol":"SCSI"},
            {"name":"/dev/bus/0","type":"sat+megaraid,5","protocol":"ATA"},
            {"name":"/dev/bus/0","type":"megaraid,5","protocol":"SCSI"},
            {"name":"/dev/bus/1","type":"megaraid,5","protocol":"SCSI"}]}"#;
        let names: Vec<String> = hidden(scan).into_iter().map(|drive| drive.name).collect();
        assert_eq!(names, ["bus/1 megaraid,5", "megaraid,5"]);
    }

    #[test]
    fn words_that_could_be_options_or_other_files_are_refused() {
        for (name, kind) in
            [("-x", "megaraid,1"), ("/etc/passwd", "megaraid,1"), ("/dev/../x", "a,1"), ("/dev/sda", "-d,1")]
        {
            let scan = serde_json::json!({ "devices": [{ "name": name, "type": kind }] });
            assert_eq!(hidden(&scan.to_string()), [], "{name} {kind}");
        }
        assert_eq!(hidden("no json"), []);
    }
}
