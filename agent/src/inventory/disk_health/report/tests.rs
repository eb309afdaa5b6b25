//! Reports of each kind of drive, and bad ones.

use super::*;
use serde_json::json;

fn health(report: &Value) -> DiskHealth {
    match parse(report, None, &mut Notes::default()) {
        Answer::Health(health) => *health,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ata_drive_that_fails_says_which_attributes_did() {
    let drive = health(&json!({
        "device": { "name": "/dev/sda", "type": "sat", "protocol": "ATA" },
        "model_name": "ST1000", "serial_number": "Z1", "rotation_rate": 7200,
        "smart_status": { "passed": false }, "power_on_time": { "hours": 95 },
        "ata_smart_attributes": { "table": [
            { "id": 5, "name": "Reallocated_Sector_Ct", "value": 1, "when_failed": "now",
              "raw": { "value": 327680, "string": "5168 (0 5)" } },
            { "id": 190, "name": "Airflow_Temperature_Cel", "value": 60, "when_failed": "past",
              "raw": { "value": 40, "string": "40" } } ] }
    }));
    assert_eq!((drive.name.as_str(), drive.protocol.as_str(), drive.verdict.as_str()), ("sda", "ata", "failed"));
    assert_eq!((drive.failing_now.as_slice(), drive.failed_past.len()), (&["Reallocated_Sector_Ct".to_owned()][..], 1));
    assert_eq!((drive.reallocated_sectors, drive.pending_sectors), (Some(5168), None));
    assert_eq!((drive.power_on_hours, drive.wear_percent), (Some(95), None));
}

#[test]
fn an_nvme_drive_tells_its_warning_spare_and_wear() {
    let drive = health(&json!({
        "device": { "name": "/dev/nvme0n1", "type": "nvme", "protocol": "NVMe" },
        "smart_status": { "passed": false },
        "nvme_smart_health_information_log": { "critical_warning": 4, "available_spare": 7, "available_spare_threshold": 10,
            "percentage_used": 131, "media_errors": 5, "power_on_hours": 20011 }
    }));
    assert_eq!((drive.name.as_str(), drive.critical_warning, drive.media_errors), ("nvme0", Some(4), Some(5)));
    assert_eq!((drive.spare_percent, drive.spare_threshold_percent), (Some(7), Some(10)));
    assert_eq!((drive.wear_percent, drive.power_on_hours), (Some(131), Some(20011)));
}

#[test]
fn a_scsi_drive_behind_a_controller_counts_defects_and_says_what_impends() {
    let drive = health(&json!({
        "device": { "name": "/dev/bus/0", "type": "megaraid,4", "protocol": "SCSI" },
        "scsi_vendor": "SEAGATE", "scsi_product": "ST1200MM0009",
        "smart_status": { "passed": false, "scsi": { "asc": 93, "ascq": 16, "ie_string": "HARDWARE IMPENDING FAILURE" } },
        "scsi_grown_defect_list": 12,
        "scsi_error_counter_log": { "read": { "total_uncorrected_errors": 2 }, "write": { "total_uncorrected_errors": 1 } }
    }));
    assert_eq!((drive.name.as_str(), drive.model.as_str()), ("megaraid,4", "SEAGATE ST1200MM0009"));
    assert_eq!((drive.grown_defects, drive.uncorrected_errors), (Some(12), Some(3)));
    assert_eq!(drive.failing_now, ["HARDWARE IMPENDING FAILURE"]);
}

#[test]
fn a_sleeping_drive_is_known_by_name_and_nothing_else() {
    let drive = health(&json!({
        "smartctl": { "messages": [{ "string": "Device is in STANDBY mode, exit(2)", "severity": "information" }] },
        "device": { "name": "/dev/sdb", "type": "sat", "protocol": "ATA" },
        "smart_status": { "passed": true }
    }));
    assert!(drive.standby && drive.verdict.is_empty());
}

#[test]
fn a_drive_that_cannot_be_asked_is_told_from_one_that_has_nothing_to_say() {
    let answer = |message: &str| {
        let report = json!({ "smartctl": { "messages": [{ "string": message }] } });
        parse(&report, Some("sda"), &mut Notes::default())
    };
    let denied = answer("Smartctl open device: /dev/sda failed: Permission denied");
    assert_eq!(denied, Answer::Unreadable(NoteReason::NeedsPrivilege));
    assert_eq!(answer("/dev/vda: Unable to detect device type"), Answer::Nothing);
    assert_eq!(answer("Read Device Identity failed"), Answer::Unreadable(NoteReason::Failed));
    // The kernel lists it, so it was there: it just went, or its cable did.
    assert_eq!(answer("/dev/sda: No such device or address"), Answer::Unreadable(NoteReason::Failed));
}

#[test]
fn a_drive_that_could_not_be_opened_has_no_verdict_although_its_kind_is_known() {
    let report = |status: u32| json!({ "smartctl": { "exit_status": status }, "device": { "name": "/dev/sda", "type": "sat", "protocol": "ATA" } });
    let answer = |status| parse(&report(status), Some("sda"), &mut Notes::default());
    assert_eq!(answer(2), Answer::Unreadable(NoteReason::Failed));
    assert_eq!(answer(6), Answer::Unreadable(NoteReason::Failed));
    assert!(matches!(answer(4), Answer::Health(_)));
    let mut sleeping = report(2);
    sleeping["smartctl"]["messages"] = json!([{ "string": "Device is in STANDBY mode, exit(2)" }]);
    assert!(health(&sleeping).standby);
}

#[test]
fn numbers_out_of_range_are_absent_and_never_wrap() {
    let drive = health(&json!({
        "device": { "name": "/dev/nvme0", "protocol": "NVMe" },
        "power_on_time": { "hours": 1e300 },
        "nvme_smart_health_information_log": { "percentage_used": 4294967300u64, "critical_warning": -1, "media_errors": 1e40 }
    }));
    assert_eq!((drive.wear_percent, drive.critical_warning, drive.power_on_hours), (None, None, None));
    assert_eq!(drive.media_errors, Some(u64::MAX));
}
