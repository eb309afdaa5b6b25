//! Controllers that build arrays in their own firmware, as the kernel sees them on the PCI bus. Their arrays are told by
//! their own tools; without one only the controller is known, and that its arrays are not visible.

use wacht_proto::v1::Controller;

use super::Found;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::udev::Properties;

const DEVICES: &str = "sys/bus/pci/devices";
/// Drivers of such controllers; a storage device with another driver shows its disks themselves.
const DRIVERS: [&str; 12] = [
    "megaraid_sas",
    "megaraid_mbox",
    "mpt2sas",
    "mpt3sas",
    "mpi3mr",
    "hpsa",
    "cciss",
    "smartpqi",
    "aacraid",
    "arcmsr",
    "3w-sas",
    "3w-9xxx",
];

/// Drivers of the controllers of which Broadcom's and Dell's tools tell.
pub const BROADCOMS: &[&str] = &["megaraid_sas", "mpt3sas", "mpi3mr"];
/// Drivers of the controllers of which HPE's tool tells.
pub const HPES: &[&str] = &["hpsa", "smartpqi", "cciss"];

/// The controllers of this machine by their PCI address.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Controller> {
    let addresses = root.names_noted(DEVICES, notes);
    addresses.iter().filter_map(|address| controller(root, address, notes)).collect()
}

fn controller(root: &Root, address: &str, notes: &mut Notes) -> Option<Controller> {
    let base = format!("{DEVICES}/{address}");
    // SCSI, RAID and SAS controllers.
    let class = root.value(&format!("{base}/class"))?;
    if !["0x0100", "0x0104", "0x0107"].iter().any(|kind| class.starts_with(kind)) {
        return None;
    }
    let driver = root.link(&format!("{base}/driver"))?.rsplit('/').next()?.to_owned();
    if !DRIVERS.contains(&driver.as_str()) {
        return None;
    }
    let id = |file: &str| root.value(&format!("{base}/{file}")).unwrap_or_default().trim_start_matches("0x").to_owned();
    let said = |files: &[&str]| files.iter().find_map(|file| said_by_driver(root, &base, file));
    let named = Properties::of_pci(root, address).get("ID_MODEL_FROM_DATABASE");
    let model = said(&["board_name", "model", "host_model", "host_fw_model"]).or(named);
    Some(Controller {
        name: notes.text("controller", address),
        model: notes.text("model", &model.unwrap_or_else(|| format!("{}:{}", id("vendor"), id("device")))),
        serial: notes.text("serial", &said(&["serial_number", "board_tracer"]).unwrap_or_default()),
        firmware: notes.text(
            "firmware",
            &said(&["firmware_version", "firmware_revision", "version_fw", "fw_version", "host_fw_version"])
                .unwrap_or_default(),
        ),
        driver,
        ..Default::default()
    })
}

/// What the controller's driver shows beside its SCSI host.
fn said_by_driver(root: &Root, base: &str, file: &str) -> Option<String> {
    let hosts = root.names(base).into_iter().filter(|name| name.starts_with("host"));
    hosts.into_iter().find_map(|host| root.value(&format!("{base}/{host}/scsi_host/{host}/{file}")))
}

/// What the kernel and the tools know of the same controllers, by address. A tool that gives no address means the only
/// controller that its kind of driver serves.
pub fn joined(kernel: Vec<Controller>, tools: &mut Found) -> Vec<Controller> {
    let mut controllers = kernel;
    for told in std::mem::take(&mut tools.controllers) {
        let Some(at) = place(&controllers, &told) else {
            controllers.push(told);
            continue;
        };
        let known = &mut controllers[at];
        for array in tools.arrays.iter_mut().filter(|array| array.controller == told.name) {
            array.controller.clone_from(&known.name);
        }
        let better = |told: String, known: &mut String| if told.is_empty() { std::mem::take(known) } else { told };
        *known = Controller {
            name: std::mem::take(&mut known.name),
            model: better(told.model, &mut known.model),
            serial: better(told.serial, &mut known.serial),
            firmware: better(told.firmware, &mut known.firmware),
            driver: better(std::mem::take(&mut known.driver), &mut told.driver.clone()),
            arrays_visible: true,
            battery_state: told.battery_state,
        };
    }
    controllers
}

/// Leaves out the controllers of which a tool should have told and would not: their arrays are neither visible nor known
/// to be invisible.
pub fn leave_open(kernel: &mut Vec<Controller>, drivers: &[&str], has_told: bool) {
    kernel.retain(|one| has_told || !drivers.contains(&one.driver.as_str()));
}

fn place(known: &[Controller], told: &Controller) -> Option<usize> {
    if told.name.contains('.') {
        return known.iter().position(|one| one.name == told.name);
    }
    let served = if told.name.starts_with("slot") { HPES } else { BROADCOMS };
    let mut same =
        known.iter().enumerate().filter(|(_, one)| served.contains(&one.driver.as_str()) && !one.arrays_visible);
    let first = same.next()?;
    same.next().is_none().then_some(first.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::v1::Array;

    fn told(name: &str) -> Found {
        let controller =
            Controller { name: name.into(), serial: "S1".into(), arrays_visible: true, ..Default::default() };
        let array = Array { name: "c0/v0".into(), controller: name.into(), ..Default::default() };
        Found { arrays: vec![array], controllers: vec![controller] }
    }

    fn seen(name: &str, driver: &str) -> Controller {
        Controller { name: name.into(), driver: driver.into(), model: "1000:005d".into(), ..Default::default() }
    }

    #[test]
    fn a_tool_makes_the_arrays_of_its_controller_visible() {
        let mut found = told("0000:02:00.0");
        let kernel = vec![seen("0000:02:00.0", "megaraid_sas"), seen("0000:05:00.0", "mpt3sas")];
        let controllers = joined(kernel, &mut found);
        let visible: Vec<bool> = controllers.iter().map(|one| one.arrays_visible).collect();
        assert_eq!(visible, [true, false]);
        assert_eq!((controllers[0].serial.as_str(), controllers[0].model.as_str()), ("S1", "1000:005d"));
    }

    #[test]
    fn a_tool_without_addresses_means_the_only_controller_of_its_kind() {
        let mut found = told("slot 0");
        let controllers = joined(vec![seen("0000:03:00.0", "hpsa")], &mut found);
        assert!(controllers.len() == 1 && controllers[0].arrays_visible);
        assert_eq!(found.arrays[0].controller, "0000:03:00.0");
        let two = vec![seen("0000:03:00.0", "hpsa"), seen("0000:04:00.0", "hpsa")];
        assert_eq!(joined(two, &mut told("slot 0")).len(), 3);
    }

    #[test]
    #[cfg(unix)]
    fn a_controller_is_seen_on_the_bus_by_class_and_driver() {
        use std::fs;
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        for (address, class, driver) in [
            ("0000:02:00.0", "0x010400", "megaraid_sas"),
            ("0000:03:00.0", "0x010700", "mpt3sas"),
            ("0000:00:1f.2", "0x010601", "ahci"),
            ("0000:04:00.0", "0x010400", "vmd"),
        ] {
            let device = folder.path().join(DEVICES).join(address);
            fs::create_dir_all(device.join("host0/scsi_host/host0")).unwrap();
            fs::write(device.join("class"), class).unwrap();
            fs::write(device.join("vendor"), "0x1000\n").unwrap();
            fs::write(device.join("device"), "0x005d\n").unwrap();
            symlink(format!("../../../bus/pci/drivers/{driver}"), device.join("driver")).unwrap();
        }
        let board = folder.path().join(DEVICES).join("0000:03:00.0/host0/scsi_host/host0/board_name");
        fs::write(board, "SAS9300-8i\n").unwrap();
        let seen = read(&Root::at(folder.path()), &mut Notes::default());
        let told: Vec<_> = seen.iter().map(|one| (one.name.as_str(), one.model.as_str(), one.arrays_visible)).collect();
        assert_eq!(told, [("0000:02:00.0", "1000:005d", false), ("0000:03:00.0", "SAS9300-8i", false)]);
    }
}
