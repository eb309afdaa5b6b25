//! Parses what `smartctl -j` says about one drive. It asks no drive and does not judge: the drive's own verdict and counts
//! are handed on.

use serde_json::Value;
use wacht_proto::v1::{DiskHealth, NoteReason};

use super::attribute;
use crate::inventory::document::{list, number, text};
use crate::inventory::notes::Notes;
use crate::inventory::placeholder::real;

/// More hours than since the first hard disk are no hours.
const HOURS_MAX: u64 = 1_000_000;
/// In smartctl's exit status: the drive could not be opened or did not say what it is.
const NOT_OPENED: u64 = 1 << 1;

/// What a report says.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// How the drive fares; much of it may be absent.
    Health(Box<DiskHealth>),
    /// The drive has no health to tell: a virtual disk, a card reader, a bridge that hides it.
    Nothing,
    /// smartctl could not reach the drive.
    Unreadable(NoteReason),
}

/// Reads one report. `name` stands for the drive where one is given, else what the report says.
pub fn parse(report: &Value, name: Option<&str>, notes: &mut Notes) -> Answer {
    let messages = messages(report);
    let said = |words: &str| messages.iter().any(|message| message.contains(words));
    let protocol = text(report, "/device/protocol").unwrap_or_default().to_lowercase();
    if protocol.is_empty() {
        return if said("permission denied") || said("operation not permitted") {
            Answer::Unreadable(NoteReason::NeedsPrivilege)
        } else if said("unable to detect device type") || said("unknown usb bridge") {
            Answer::Nothing
        } else {
            Answer::Unreadable(NoteReason::Failed)
        };
    }
    if said("permission denied") {
        return Answer::Unreadable(NoteReason::NeedsPrivilege);
    }
    let standby = said("device is in standby") || said("device is in sleep");
    // Of a drive that sleeps the same is said, and of some that answered in part.
    let is_open = number(report, "/smartctl/exit_status").unwrap_or(0) & NOT_OPENED == 0;
    if !is_open && !standby && report.get("smart_status").is_none() {
        return Answer::Unreadable(NoteReason::Failed);
    }
    let mut health = DiskHealth {
        name: notes.text("disk", name.unwrap_or(&own_name(report))),
        model: notes.text("model", real(&model(report)).unwrap_or_default()),
        serial: notes.text("serial", real(&text(report, "/serial_number").unwrap_or_default()).unwrap_or_default()),
        protocol: notes.text("protocol", &protocol),
        standby,
        ..Default::default()
    };
    if !health.standby {
        fill(report, &mut health, notes);
    }
    Answer::Health(Box::new(health))
}

fn messages(report: &Value) -> Vec<String> {
    const MESSAGES_MAX: usize = 32;
    let list = list(report, "/smartctl/messages").iter().take(MESSAGES_MAX);
    list.filter_map(|message| text(message, "/string")).map(|message| message.to_lowercase()).collect()
}

/// `sda`, `nvme0`, or the bay behind a controller: `megaraid,4`.
fn own_name(report: &Value) -> String {
    let device = text(report, "/device/name").unwrap_or_default();
    drive_name(&device, &text(report, "/device/type").unwrap_or_default())
}

/// The name of a drive by its device and smartctl's type.
pub fn drive_name(device: &str, kind: &str) -> String {
    let device = device.trim_start_matches("/dev/");
    let kind = kind.strip_prefix("sat+").unwrap_or(kind);
    match kind.contains(',') {
        // The first controller's bays go without its number, as smartctl's own words do.
        true if device == "bus/0" || !device.starts_with("bus/") => kind.to_owned(),
        true => format!("{device} {kind}"),
        false => controller_of(device).to_owned(),
    }
}

/// `nvme0` for `nvme0n1`: health is the controller's.
fn controller_of(device: &str) -> &str {
    let digits_end = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let Some(rest) = device.strip_prefix("nvme") else { return device };
    &device[..device.len() - rest.len() + digits_end(rest)]
}

fn model(report: &Value) -> String {
    let vendor_and_product = || {
        let parts = ["/scsi_vendor", "/vendor", "/scsi_product", "/product"].map(|key| text(report, key));
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    ["/model_name", "/scsi_model_name"].iter().find_map(|key| text(report, key)).unwrap_or_else(vendor_and_product)
}

fn fill(report: &Value, health: &mut DiskHealth, notes: &mut Notes) {
    health.verdict = match report.pointer("/smart_status/passed").and_then(Value::as_bool) {
        Some(true) => "passed".to_owned(),
        Some(false) => "failed".to_owned(),
        None => String::new(),
    };
    health.power_on_hours = number(report, "/power_on_time/hours");
    attribute::fill(report, health, notes);
    nvme(report, health);
    scsi(report, health, notes);
    health.power_on_hours = health.power_on_hours.filter(|hours| *hours < HOURS_MAX);
}

fn nvme(report: &Value, health: &mut DiskHealth) {
    let of = |key: &str| number(report, &format!("/nvme_smart_health_information_log/{key}"));
    let small = |key: &str| of(key).and_then(|value| u32::try_from(value).ok());
    // One byte each in the drive's log; more is no percentage.
    let percent = |key: &str| small(key).filter(|value| *value <= 255);
    health.media_errors = of("media_errors");
    health.critical_warning = percent("critical_warning");
    health.spare_percent = percent("available_spare");
    health.spare_threshold_percent = percent("available_spare_threshold");
    health.wear_percent = health.wear_percent.or_else(|| percent("percentage_used"));
    health.power_on_hours = health.power_on_hours.or_else(|| of("power_on_hours"));
}

fn scsi(report: &Value, health: &mut DiskHealth, notes: &mut Notes) {
    health.grown_defects = number(report, "/scsi_grown_defect_list");
    let errors = ["read", "write", "verify"]
        .map(|way| number(report, &format!("/scsi_error_counter_log/{way}/total_uncorrected_errors")));
    let sum = errors.iter().flatten().fold(0u64, |sum, errors| sum.saturating_add(*errors));
    health.uncorrected_errors = errors.iter().any(Option::is_some).then_some(sum);
    let endurance = number(report, "/scsi_percentage_used_endurance_indicator").filter(|value| *value <= 255);
    health.wear_percent = health.wear_percent.or(endurance.map(|value| value as u32));
    if let Some(impending) = text(report, "/smart_status/scsi/ie_string").filter(|_| health.verdict == "failed") {
        health.failing_now.push(notes.text("attribute", &impending));
    }
}

#[cfg(test)]
mod tests;
