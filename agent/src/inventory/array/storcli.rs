//! Arrays of Broadcom's and Dell's controllers, from `storcli64` or `perccli64` in JSON; both write the same. What it
//! lists as hidden, foreign or unconfigured is no array.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use wacht_proto::v1::{Array, ArrayState, Controller};

use super::Found;
use super::redundancy::{Member, array};
use crate::inventory::child::Program;
use crate::inventory::document::{self, list, number, text};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::size;

const CONTROLLERS_MAX: usize = 32;
const VIRTUAL_DRIVES_MAX: usize = 240;

/// What the first of both tools that knows a controller says: on one machine both would list the same.
pub fn read(root: &Root, notes: &mut Notes) -> Found {
    for (program, source) in [(Program::Storcli, "storcli"), (Program::Perccli, "perccli")] {
        if root.has_program(program) {
            let found = parse(&answers(root, program, notes), source, notes).unwrap_or_default();
            if !found.controllers.is_empty() {
                return found;
            }
        }
    }
    Found::default()
}

fn answers(root: &Root, program: Program, notes: &mut Notes) -> Vec<String> {
    let mut ask = |words: &[&str]| {
        // Without this word it writes a log where it stands.
        let words = if root.is_real() { [words, &["nolog"]].concat() } else { words.to_vec() };
        root.output_of_any_code(program, &words, notes)
    };
    let overview = ask(&["/call", "show", "J"]);
    // A tool that gave no answer to the shortest question would hang over the longer ones too.
    if root.is_real() && overview.is_none() {
        return Vec::new();
    }
    let mut drives = ask(&["/call/eall/sall", "show", "all", "J"]);
    if !root.is_real() {
        // Older captures hold the short form.
        drives = drives.or_else(|| ask(&["/call/eall/sall", "show", "J"]));
    }
    [overview, ask(&["/call/vall", "show", "all", "J"]), drives].into_iter().flatten().collect()
}

/// The arrays and controllers of any of the tool's answers together; nothing where none is an answer of it.
pub fn parse(answers: &[String], source: &str, notes: &mut Notes) -> Option<Found> {
    let mut controllers: BTreeMap<u64, Map<String, Value>> = BTreeMap::new();
    let mut is_answer = false;
    for answer in answers {
        let Some(answer) = document::parse(answer) else {
            notes.add(source, document::fault(answer));
            continue;
        };
        is_answer |= answer.get("Controllers").is_some();
        for part in list(&answer, "/Controllers").iter().take(CONTROLLERS_MAX) {
            let number = number(part, "/Command Status/Controller");
            if let (Some(number), Some(Value::Object(data))) = (number, part.get("Response Data")) {
                controllers.entry(number).or_default().extend(data.clone());
            }
        }
    }
    let mut found = Found::default();
    for (number, data) in controllers.into_iter().take(CONTROLLERS_MAX) {
        let data = Value::Object(data);
        let controller = controller(number, &data, notes);
        found.arrays.extend(arrays(number, &controller.name, source, &data, notes));
        found.controllers.push(controller);
    }
    is_answer.then_some(found)
}

fn controller(number: u64, data: &Value, notes: &mut Notes) -> Controller {
    let mut first = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| text(data, key));
        notes.text("controller", &found.unwrap_or_default())
    };
    Controller {
        model: first(&["/Product Name", "/Basics/Model"]),
        serial: first(&["/Serial Number", "/Basics/Serial Number"]),
        firmware: first(&[
            "/FW Package Build",
            "/Version/Firmware Package Build",
            "/FW Version",
            "/Version/Firmware Version",
        ]),
        battery_state: first(&["/Cachevault_Info/0/State", "/BBU_Info/0/State"]),
        driver: first(&["/Driver Name", "/Version/Driver Name"]),
        name: pci_address(&first(&["/PCI Address", "/Basics/PCI Address"])).unwrap_or_else(|| format!("c{number}")),
        arrays_visible: true,
    }
}

/// `0000:06:00.0`, as the kernel writes it, of `00:06:00:00`.
fn pci_address(written: &str) -> Option<String> {
    let parts: Vec<u32> =
        written.split(':').map(|part| u32::from_str_radix(part, 16)).collect::<Result<_, _>>().ok()?;
    let [domain, bus, device, function] = parts.as_slice() else { return None };
    Some(format!("{domain:04x}:{bus:02x}:{device:02x}.{function:x}"))
}

fn arrays(controller: u64, controller_name: &str, source: &str, data: &Value, notes: &mut Notes) -> Vec<Array> {
    let own = format!("/c{controller}/v");
    let details = data.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with(&own));
    let mut rows: Vec<&Value> = details.filter_map(|(_, rows)| rows.get(0)).collect();
    if rows.is_empty() {
        rows.extend(list(data, "/VD LIST"));
    }
    let mut arrays: Vec<Array> = Vec::new();
    for row in rows.into_iter().take(VIRTUAL_DRIVES_MAX) {
        let Some(place) = text(row, "/DG~1VD") else { continue };
        let Some((group, drive)) = place.split_once('/') else { continue };
        let array = virtual_drive(controller, row, group, drive, data, notes);
        let name = notes.text("array", &format!("c{controller}/v{drive}"));
        arrays.push(Array { name, source: source.to_owned(), controller: controller_name.to_owned(), ..array });
    }
    arrays
}

fn virtual_drive(controller: u64, row: &Value, group: &str, drive: &str, data: &Value, notes: &mut Notes) -> Array {
    let drives = drives(data, group, drive);
    let members: Vec<Member> = drives.iter().filter_map(|drive| member(drive, controller, data)).collect();
    let rebuilds = drives.iter().any(|drive| text(drive, "/State").is_some_and(|state| state == "Rbld"));
    let state = match text(row, "/State").unwrap_or_default().as_str() {
        "Optl" => ArrayState::Clean,
        "Dgrd" | "Pdgd" if rebuilds => ArrayState::Rebuilding,
        "Dgrd" | "Pdgd" => ArrayState::Degraded,
        "Rec" => ArrayState::Rebuilding,
        "OfLn" => ArrayState::Failed,
        _ => ArrayState::Unspecified,
    };
    let property = |key: &str| number(data, &format!("/VD{drive} Properties/{key}")).unwrap_or(0);
    let expected = property("Number of Drives Per Span").saturating_mul(property("Span Depth").max(1)).min(1024) as u32;
    Array {
        size_bytes: match property("Number of Blocks") {
            0 => size::bytes(&text(row, "/Size").unwrap_or_default(), 1024).unwrap_or(0),
            blocks => blocks.saturating_mul(512),
        },
        spares: spares(data, group),
        ..array(&text(row, "/TYPE").unwrap_or_default().to_lowercase(), Some(state), expected, &members, notes)
    }
}

/// The drives of one virtual drive: its own list, else those of its group; missing ones stand in the topology alone.
fn drives<'a>(data: &'a Value, group: &str, drive: &str) -> Vec<&'a Value> {
    let of_group = |row: &&Value| text(row, "/DG").is_some_and(|dg| dg == group);
    let own = list(data, &format!("/PDs for VD {drive}"));
    let listed: Vec<&Value> =
        if own.is_empty() { all_drives(data).into_iter().filter(of_group).collect() } else { own.iter().collect() };
    let is_missing = |row: &&Value| text(row, "/State").is_some_and(|state| state == "Msng");
    let missing = list(data, "/TOPOLOGY").iter().filter(of_group).filter(is_missing);
    listed.into_iter().filter(|row| !is_spare(row)).chain(missing).collect()
}

/// All physical drives, from whichever answer has them.
fn all_drives(data: &Value) -> Vec<&Value> {
    let lists = ["/PD LIST", "/Drive Information"].map(|key| list(data, key));
    let mut drives: Vec<&Value> = lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default().iter().collect();
    if drives.is_empty() {
        let details = data.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("Drive /c"));
        drives.extend(details.filter_map(|(_, rows)| rows.get(0)));
    }
    drives
}

fn is_spare(drive: &Value) -> bool {
    text(drive, "/State").is_some_and(|state| state == "DHS" || state == "GHS")
}

/// Spares of the group and those that serve every group.
fn spares(data: &Value, group: &str) -> u32 {
    let serves = |drive: &&Value| {
        let state = text(drive, "/State").unwrap_or_default();
        state == "GHS" || (state == "DHS" && text(drive, "/DG").is_some_and(|dg| dg.split(',').any(|dg| dg == group)))
    };
    all_drives(data).into_iter().filter(serves).count() as u32
}

/// `252:4 Z1D2ABCD`: enclosure, slot and serial.
fn member(drive: &Value, controller: u64, data: &Value) -> Option<Member> {
    let place = text(drive, "/EID:Slt").or_else(|| text(drive, "/EID:Slot"))?;
    let state = text(drive, "/State").unwrap_or_default();
    let serial = serial(&place, controller, data).unwrap_or_default();
    let active = matches!(state.as_str(), "Onln" | "Cpybck");
    Some(Member { name: format!("{place} {serial}"), active, failed: !active && state != "Rbld" })
}

fn serial(place: &str, controller: u64, data: &Value) -> Option<String> {
    let (enclosure, slot) = place.split_once(':')?;
    // Drives without an enclosure go by their slot alone.
    let enclosure = if enclosure.trim().is_empty() { String::new() } else { format!("/e{}", enclosure.trim()) };
    let drive = format!("Drive /c{controller}{enclosure}/s{slot}");
    let details = data.get(format!("{drive} - Detailed Information"))?;
    text(details.get(format!("{drive} Device attributes"))?, "/SN")
}

#[cfg(test)]
mod tests;
