//! The table of attributes of an ATA drive: the counts that foretell failure, the wear of a solid-state drive and which
//! attributes fell below their threshold. Vendors use the same number for different things, so the name that smartctl
//! knows it by decides; an attribute of uncertain meaning is left out.

use std::collections::BTreeSet;

use serde_json::Value;
use wacht_proto::v1::DiskHealth;

use crate::inventory::document::{list, number, text};
use crate::inventory::notes::Notes;

const ATTRIBUTES_MAX: usize = 256;
const FAILED_MAX: usize = 64;
/// Above this a count holds other data in its upper half.
const COUNT_MAX: u64 = u32::MAX as u64;

/// One line of the table.
struct Attribute {
    id: u64,
    name: String,
    /// Normalised: sinks towards the threshold. 0 where the drive gives none.
    value: u64,
    count: Option<u64>,
    when_failed: String,
}

/// Fills `health` from the table of `report`; without one it stays as it is.
pub fn fill(report: &Value, health: &mut DiskHealth, notes: &mut Notes) {
    let rows = list(report, "/ata_smart_attributes/table");
    let table: Vec<Attribute> = rows.iter().take(ATTRIBUTES_MAX).filter_map(attribute).collect();
    if rows.len() > ATTRIBUTES_MAX {
        notes.mention("attributes", wacht_proto::v1::NoteReason::TooLong);
    }
    health.failing_now.extend(failed(&table, "now", notes));
    health.failed_past.extend(failed(&table, "past", notes));
    health.reallocated_sectors = count(&table, 5, &["realloc", "retired"]);
    health.spin_retries = count(&table, 10, &["spin_retry"]);
    health.end_to_end_errors = count(&table, 184, &["end-to-end"]);
    health.reported_uncorrectable = count(&table, 187, &["uncorrect"]);
    health.pending_sectors = count(&table, 197, &["current_pending_sector", "pending_sector_count", "total_pending"]);
    health.uncorrectable_sectors = count(&table, 198, &["uncorrect"]);
    health.interface_crc_errors = count(&table, 199, &["crc"]);
    health.power_on_hours = health.power_on_hours.or_else(|| count(&table, 9, &["power_on_hours"]));
    // Only a drive that says it does not turn wears by writing.
    if number(report, "/rotation_rate") == Some(0) {
        health.wear_percent = wear(&table);
    }
}

fn attribute(row: &Value) -> Option<Attribute> {
    Some(Attribute {
        id: number(row, "/id")?,
        name: text(row, "/name")?,
        value: number(row, "/value").unwrap_or(0),
        count: raw_count(&text(row, "/raw/string").unwrap_or_default(), number(row, "/raw/value")),
        when_failed: text(row, "/when_failed").unwrap_or_default().to_lowercase(),
    })
}

/// The count in a raw value: what the drive's own format puts first (`0 (…)`, `1/23`, `12345h+23m`), else all of it.
fn raw_count(written: &str, whole: Option<u64>) -> Option<u64> {
    let hex = written.strip_prefix("0x").map(|rest| (rest, 16)).filter(|(rest, _)| !rest.is_empty());
    let (digits, radix) = hex.unwrap_or((written, 10));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let first = u64::from_str_radix(&digits[..end], radix).ok();
    let count = first.or(whole)?;
    Some(if count > COUNT_MAX { count & COUNT_MAX } else { count })
}

fn named(attribute: &Attribute, words: &[&str]) -> bool {
    let name = attribute.name.to_lowercase();
    words.iter().any(|word| name.contains(word)) && !name.starts_with("bogus")
}

fn count(table: &[Attribute], id: u64, words: &[&str]) -> Option<u64> {
    table.iter().find(|attribute| attribute.id == id && named(attribute, words))?.count
}

/// Names of the attributes that failed at that time; those without a name carry their number.
fn failed(table: &[Attribute], when: &str, notes: &mut Notes) -> Vec<String> {
    let failed = table.iter().filter(|attribute| attribute.when_failed.trim_start_matches("failing_") == when);
    let label = |attribute: &Attribute| {
        let unknown = attribute.name.starts_with("Unknown");
        if unknown { format!("{} {}", attribute.name, attribute.id) } else { attribute.name.clone() }
    };
    let mut names: Vec<String> = failed.map(|attribute| notes.text("attribute", &label(attribute))).collect();
    // Some drives keep one attribute under two numbers.
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    notes.bound_texts("attributes", &mut names, FAILED_MAX);
    names
}

/// Life used, in percent, by the surest attribute.
fn wear(table: &[Attribute]) -> Option<u32> {
    const LIFE_LEFT: [(u64, &str); 5] = [
        (231, "ssd_life_left"),
        (169, "remaining_lifetime"),
        (233, "media_wearout_indicator"),
        (177, "wear_leveling_count"),
        (173, "ave_block-erase_count"),
    ];
    let sure = table.iter().find(|attribute| attribute.id == 202).and_then(lifetime_used);
    let left = |(id, name): &(u64, &str)| {
        let attribute = table.iter().find(|attribute| attribute.id == *id && named(attribute, &[name]))?;
        // 0 and values above 100 are no percentage here; a wear-out indicator with a raw value means something else.
        let odd = *id == 233 && attribute.count != Some(0);
        (1..=100).contains(&attribute.value).then(|| 100 - attribute.value as u32).filter(|_| !odd)
    };
    sure.or_else(|| LIFE_LEFT.iter().find_map(left))
}

/// Attribute 202 of Micron and Crucial: the normalised value counts down, below 0 by wrapping, while the raw one counts up.
fn lifetime_used(attribute: &Attribute) -> Option<u32> {
    let used = (if attribute.value <= 100 { 100 } else { 356 } - attribute.value.min(255)) as u32;
    let raw = attribute.count?;
    let confirmed = raw == u64::from(used);
    let says_so = named(attribute, &["percent_lifetime"]) && (confirmed || raw == attribute.value && raw > 0);
    (says_so || (named(attribute, &["unknown_ssd"]) && confirmed && used > 0)).then_some(used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(id: u32, name: &str, value: u32, raw: &str) -> Value {
        json!({ "id": id, "name": name, "value": value, "worst": value, "thresh": 0, "when_failed": "",
            "raw": { "value": 0, "string": raw } })
    }

    fn filled(rotation: u32, rows: &[Value]) -> DiskHealth {
        let report = json!({ "rotation_rate": rotation, "ata_smart_attributes": { "table": rows } });
        let mut health = DiskHealth::default();
        fill(&report, &mut health, &mut Notes::default());
        health
    }

    #[test]
    fn a_count_is_what_stands_first_and_never_what_the_upper_bytes_hold() {
        assert_eq!(raw_count("65136 (0 5)", Some(1)), Some(65136));
        assert_eq!(raw_count("1/1162", Some(16_778_378)), Some(1));
        assert_eq!(raw_count("47060h+35m+00.858s", Some(9_023_116_403_587_028)), Some(47_060));
        assert_eq!(raw_count("0x000000000010", None), Some(16));
        assert_eq!(raw_count("205784768053248", Some(205_784_768_053_248)), Some(0));
        assert_eq!((raw_count("", Some(7)), raw_count("-", None)), (Some(7), None));
        assert_eq!(raw_count("99999999999999999999999", Some(3)), Some(3));
    }

    #[test]
    fn an_attribute_that_means_something_else_here_is_left_out() {
        let health = filled(
            0,
            &[
                row(184, "Error_Correction_Count", 100, "9"),
                row(197, "Bogus_Current_Pend_Sect", 100, "1"),
                row(5, "Retired_Block_Count", 100, "3"),
            ],
        );
        assert_eq!((health.end_to_end_errors, health.pending_sectors), (None, None));
        assert_eq!(health.reallocated_sectors, Some(3));
    }

    #[test]
    fn wear_is_read_from_a_solid_state_drive_alone_and_only_where_it_is_sure() {
        let wear = |id, name, value, raw| filled(0, &[row(id, name, value, raw)]).wear_percent;
        assert_eq!(wear(177, "Wear_Leveling_Count", 22, "5757"), Some(78));
        assert_eq!(wear(177, "Wear_Leveling_Count", 253, "0"), None);
        assert_eq!(wear(177, "Wear_Range_Delta", 0, "1"), None);
        assert_eq!(wear(233, "Media_Wearout_Indicator", 15, "0"), Some(85));
        assert_eq!(wear(233, "Media_Wearout_Indicator", 1, "100"), None);
        assert_eq!(wear(202, "Percent_Lifetime_Remain", 0, "100"), Some(100));
        assert_eq!(wear(202, "Percent_Lifetime_Remain", 195, "161"), Some(161));
        assert_eq!(wear(202, "Percent_Lifetime_Remain", 0, "0"), None);
        assert_eq!(wear(202, "Unknown_SSD_Attribute", 32, "68"), Some(68));
        assert_eq!(wear(202, "Unknown_SSD_Attribute", 1, "32"), None);
        assert_eq!(filled(7200, &[row(177, "Wear_Leveling_Count", 22, "1")]).wear_percent, None);
    }

    #[test]
    fn an_endless_table_is_cut_and_its_failures_bounded() {
        let failing = |id| {
            let mut row = row(id, "Unknown_Attribute", 1, "1");
            row["when_failed"] = "now".into();
            row
        };
        let health = filled(0, &(0..10_000).map(failing).collect::<Vec<_>>());
        assert_eq!(health.failing_now.len(), FAILED_MAX);
        assert_eq!(health.failing_now[5], "Unknown_Attribute 5");
        assert_eq!(filled(0, &vec![failing(5); 2]).failing_now.len(), 1);
    }
}
