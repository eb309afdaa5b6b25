//! Arrays of HPE's controllers, from the text of `ssacli ctrl all show config detail`. The shorter form without details
//! is understood too.

use std::collections::BTreeMap;

use wacht_proto::v1::{Array, ArrayState, Controller, NoteReason};

use super::Found;
use super::redundancy::{Member, array};
use crate::inventory::child::Program;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::size;

const CONTROLLERS_MAX: usize = 32;
const PARTS_MAX: usize = 1_000;

/// What the tool says on this machine.
pub fn read(root: &Root, notes: &mut Notes) -> Found {
    let text = root.output_of_any_code(Program::Ssacli, &["ctrl", "all", "show", "config", "detail"], notes);
    let Some(text) = text else { return Found::default() };
    if text.contains("administrator rights") || text.contains("root") && !text.contains(" in Slot ") {
        notes.add("ssacli", NoteReason::NeedsPrivilege);
    }
    parse(&text, notes).unwrap_or_default()
}

/// The arrays and controllers of the text; nothing where it names no controller.
pub fn parse(text: &str, notes: &mut Notes) -> Option<Found> {
    let controllers = listed(text);
    let mut found = Found::default();
    for listed in &controllers {
        let controller = controller(listed, notes);
        for (letter, drive) in &listed.logical_drives {
            let array = logical_drive(listed, letter, drive, notes);
            let name = notes.text("array", &format!("{} logical drive {}", listed.slot, drive.name));
            found.arrays.push(Array {
                name,
                source: "ssacli".to_owned(),
                controller: controller.name.clone(),
                ..array
            });
        }
        found.controllers.push(controller);
    }
    (!controllers.is_empty()).then_some(found)
}

type Values = BTreeMap<String, String>;

/// A controller as it is listed.
#[derive(Default)]
struct Listed {
    model: String,
    /// `slot 0`
    slot: String,
    values: Values,
    /// Each with the letter of its array.
    logical_drives: Vec<(String, Part)>,
    physical_drives: Vec<(String, Part)>,
}

/// A drive and what is said of it.
#[derive(Default)]
struct Part {
    /// `1`, or `1I:1:2` for a bay.
    name: String,
    values: Values,
}

/// Whose values follow.
#[derive(PartialEq)]
enum Subject {
    Controller,
    LogicalDrive,
    PhysicalDrive,
    /// Cages, ports, arrays and other parts of no interest here.
    Other,
}

fn listed(text: &str) -> Vec<Listed> {
    let mut controllers: Vec<Listed> = Vec::new();
    let (mut subject, mut letter) = (Subject::Other, String::new());
    for line in text.lines() {
        let words = line.trim();
        if let Some(controller) = headline(line) {
            if controllers.len() == CONTROLLERS_MAX {
                break;
            }
            controllers.push(controller);
            (subject, letter) = (Subject::Controller, String::new());
            continue;
        }
        let Some(controller) = controllers.last_mut() else { continue };
        if let Some(name) = heading(words, &["Array:", "Array ", "array "]).and_then(array_letter) {
            name.clone_into(&mut letter);
            subject = Subject::Other;
        } else if let Some(name) = heading(words, &["Logical Drive:", "logicaldrive "]) {
            put(&mut controller.logical_drives, &letter, part(name));
            subject = Subject::LogicalDrive;
        } else if let Some(name) = heading(words, &["physicaldrive "]) {
            // Within a logical drive its mirrors name their drives again.
            put(&mut controller.physical_drives, &letter, part(name));
            subject = if name.contains('(') { subject } else { Subject::PhysicalDrive };
        } else if words.eq_ignore_ascii_case("unassigned") {
            letter.clear();
        } else if ["Port Name:", "SEP ", "Expander ", "Internal Drive Cage", "External Drive Cage", "Backplane"]
            .iter()
            .any(|start| words.starts_with(start))
        {
            subject = Subject::Other;
        } else if let Some((key, value)) = words.split_once(": ") {
            let values = match subject {
                Subject::Controller => Some(&mut controller.values),
                Subject::LogicalDrive => controller.logical_drives.last_mut().map(|(_, part)| &mut part.values),
                Subject::PhysicalDrive => controller.physical_drives.last_mut().map(|(_, part)| &mut part.values),
                Subject::Other => None,
            };
            values.map(|values| values.entry(key.to_owned()).or_insert_with(|| value.trim().to_owned()));
        }
    }
    controllers
}

/// `Smart Array P408i-a SR Gen10 in Slot 0 (Embedded)    (sn: PEYHC0)`
fn headline(line: &str) -> Option<Listed> {
    let (model, rest) = line.split_once(" in Slot ").filter(|_| !line.starts_with(' '))?;
    let slot = rest.split_whitespace().next()?;
    let serial = rest.split_once("(sn: ").and_then(|(_, rest)| rest.split(')').next());
    let values = serial.map(|serial| ("Serial Number".to_owned(), serial.trim().to_owned())).into_iter().collect();
    Some(Listed { model: model.trim().to_owned(), slot: format!("slot {slot}"), values, ..Default::default() })
}

fn heading<'a>(words: &'a str, starts: &[&str]) -> Option<&'a str> {
    starts.iter().find_map(|start| words.strip_prefix(start)).map(str::trim).filter(|name| !name.is_empty())
}

/// `A` of `A (SAS, Unused Space: 0 MB)`; `Array Type: Data` is no array.
fn array_letter(words: &str) -> Option<&str> {
    let letter = words.split(' ').next()?;
    (letter.len() <= 2 && letter.chars().all(|c| c.is_ascii_uppercase())).then_some(letter)
}

/// `1I:1:2`, or with all that the short form says: `1I:1:2 (port 1I:box 1:bay 2, SAS, 600 GB, OK, spare)`.
fn part(words: &str) -> Part {
    let (name, said) = words.split_once(" (").unwrap_or((words, ""));
    let mut part = Part { name: name.trim().to_owned(), ..Default::default() };
    let said: Vec<&str> = said.trim_end_matches(')').split(", ").collect();
    let mut put = |key: &str, value: &str| part.values.insert(key.to_owned(), value.to_owned());
    match said.as_slice() {
        [size, level, status, ..] if level.starts_with("RAID") => {
            put("Size", size);
            put("Fault Tolerance", level.trim_start_matches("RAID "));
            put("Status", status);
        }
        [_, _, _, status, rest @ ..] => {
            put("Status", status);
            put("Drive Type", if rest.contains(&"spare") { "Spare Drive" } else { "Data Drive" });
        }
        _ => {}
    }
    part
}

/// Takes a part of an array once; what was said first gives way to the details. A spare may serve several arrays.
fn put(parts: &mut Vec<(String, Part)>, letter: &str, part: Part) {
    let known = parts.iter().position(|(array, known)| array == letter && known.name == part.name);
    match known {
        Some(_) if !part.values.is_empty() => {}
        Some(at) => {
            parts.remove(at);
            parts.push((letter.to_owned(), part));
        }
        None if parts.len() < PARTS_MAX => parts.push((letter.to_owned(), part)),
        None => {}
    }
}

fn controller(listed: &Listed, notes: &mut Notes) -> Controller {
    let mut of = |key: &str| notes.text("controller", listed.values.get(key).map_or("", String::as_str));
    let address = of("PCI Address (Domain:Bus:Device.Function)").to_lowercase();
    Controller {
        name: if address.is_empty() { listed.slot.clone() } else { address },
        serial: of("Serial Number"),
        firmware: of("Firmware Version"),
        battery_state: of("Battery/Capacitor Status"),
        driver: of("Driver Name"),
        model: notes.text("controller", &listed.model),
        arrays_visible: true,
    }
}

fn logical_drive(listed: &Listed, letter: &str, drive: &Part, notes: &mut Notes) -> Array {
    let of = |part: &Part, key: &str| part.values.get(key).cloned().unwrap_or_default();
    let own = |(array, _): &&(String, Part)| array == letter;
    let is_spare = |part: &Part| of(part, "Drive Type").starts_with("Spare");
    let drives: Vec<&Part> = listed.physical_drives.iter().filter(own).map(|(_, part)| part).collect();
    let members: Vec<Member> = drives.iter().filter(|part| !is_spare(part)).map(|part| member(part)).collect();
    Array {
        // The tool counts in powers of two as the controller does.
        size_bytes: size::bytes(&of(drive, "Size"), 1024).unwrap_or(0),
        spares: drives.iter().filter(|part| is_spare(part)).count() as u32,
        ..array(&level(&of(drive, "Fault Tolerance")), state(&of(drive, "Status")), 0, &members, notes)
    }
}

fn member(part: &Part) -> Member {
    let of = |key: &str| part.values.get(key).map_or("", String::as_str);
    let status = of("Status");
    // A drive that expects to fail still serves.
    let active = status.starts_with("OK") || status.starts_with("Predictive");
    let failed = !active && !status.starts_with("Rebuilding");
    Member { name: format!("{} {}", part.name, of("Serial Number")), active, failed }
}

fn state(status: &str) -> Option<ArrayState> {
    const STATES: [(&str, ArrayState); 8] = [
        ("OK", ArrayState::Clean),
        ("Interim Recovery", ArrayState::Degraded),
        ("Ready for Re", ArrayState::Degraded),
        ("Waiting for Re", ArrayState::Degraded),
        ("Recover", ArrayState::Rebuilding),
        ("Rebuild", ArrayState::Rebuilding),
        ("Transform", ArrayState::Rebuilding),
        ("Failed", ArrayState::Failed),
    ];
    STATES.iter().find(|(start, _)| status.starts_with(start)).map(|(_, state)| *state)
}

/// `1+0` as `raid10`, `6 (ADG)` as `raid6`, `1 (ADM)` as `raid1adm`: mirrors of three.
fn level(written: &str) -> String {
    let plain: String = written.chars().take_while(|c| c.is_ascii_digit() || *c == '+').filter(|c| *c != '+').collect();
    let triple = written.contains("ADM") || written.to_lowercase().contains("triple");
    format!("raid{plain}{}", if triple { "adm" } else { "" })
}

#[cfg(test)]
mod tests;
