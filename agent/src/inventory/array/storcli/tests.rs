//! Answers of the tool in good and bad states, whole and cut.

use super::*;
use serde_json::json;

fn answer(data: Value) -> String {
    json!({ "Controllers": [{ "Command Status": { "Controller": 0, "Status": "Success" }, "Response Data": data }] })
        .to_string()
}

fn drive(place: &str, state: &str) -> Value {
    json!({ "EID:Slt": place, "DID": 5, "State": state, "DG": 0, "Size": "1.089 TB", "Med": "HDD", "Model": "ST1200" })
}

fn raid5(state: &str, third: &str) -> Vec<String> {
    let serial = json!({ "Drive /c0/e252/s2 Device attributes": { "SN": "  W3T0AAAA " } });
    vec![
        answer(json!({ "Product Name": "PERC H730P Mini", "Serial Number": "58R00AB", "PCI Address": "00:02:00:00",
            "FW Package Build": "25.5.9.0001", "Driver Name": "megaraid_sas", "Virtual Drives": 1,
            "BBU_Info": [{ "Model": "BBU", "State": "Optimal" }],
            "PD LIST": [drive("252:0", "Onln"), drive("252:1", "Onln"), drive("252:2", third), drive("252:3", "GHS")] })),
        answer(
            json!({ "/c0/v0": [{ "DG/VD": "0/0", "TYPE": "RAID5", "State": state, "Size": "2.178 TB", "Name": "os" }],
            "PDs for VD 0": [drive("252:0", "Onln"), drive("252:1", "Onln"), drive("252:2", third)],
            "VD0 Properties": { "Number of Blocks": 2000, "Span Depth": 1, "Number of Drives Per Span": 3 } }),
        ),
        answer(
            json!({ "Drive /c0/e252/s2": [drive("252:2", third)], "Drive /c0/e252/s2 - Detailed Information": serial }),
        ),
    ]
}

fn found(answers: &[String]) -> Found {
    parse(answers, "storcli", &mut Notes::default()).unwrap()
}

#[test]
fn a_whole_array_may_lose_one_and_its_controller_is_known() {
    let found = found(&raid5("Optl", "Onln"));
    let (array, controller) = (&found.arrays[0], &found.controllers[0]);
    assert_eq!((array.name.as_str(), array.level.as_str(), array.state()), ("c0/v0", "raid5", ArrayState::Clean));
    assert_eq!((array.members_expected, array.members_active, array.redundancy_left, array.spares), (3, 3, 1, 1));
    assert_eq!((array.controller.as_str(), array.size_bytes), ("0000:02:00.0", 1_024_000));
    assert_eq!((controller.model.as_str(), controller.serial.as_str()), ("PERC H730P Mini", "58R00AB"));
    assert_eq!((controller.firmware.as_str(), controller.battery_state.as_str()), ("25.5.9.0001", "Optimal"));
    assert!(controller.arrays_visible && controller.name == array.controller);
}

#[test]
fn a_failed_drive_is_named_by_its_bay_and_serial() {
    let degraded = found(&raid5("Dgrd", "UBad")).arrays.remove(0);
    assert_eq!((degraded.state(), degraded.redundancy_left), (ArrayState::Degraded, 0));
    assert_eq!(degraded.members_failed, ["252:2 W3T0AAAA"]);
    let rebuilding = found(&raid5("Dgrd", "Rbld")).arrays.remove(0);
    assert_eq!((rebuilding.state(), rebuilding.members_failed.len()), (ArrayState::Rebuilding, 0));
    assert_eq!(found(&raid5("OfLn", "UBad")).arrays[0].state(), ArrayState::Failed);
}

#[test]
fn the_overview_alone_gives_arrays_with_their_missing_drives() {
    let data = json!({ "VD LIST": [{ "DG/VD": "0/239", "TYPE": "RAID1", "State": "Dgrd", "Size": "931.0 GB" }],
        "PD LIST": [drive("252:0", "Onln")],
        "TOPOLOGY": [{ "DG": 0, "EID:Slot": "-", "Type": "DRIVE", "State": "Msng" }] });
    let found = found(&[answer(data)]);
    let array = &found.arrays[0];
    assert_eq!((array.members_expected, array.members_active, array.redundancy_left), (2, 1, 0));
    assert_eq!((array.name.as_str(), array.size_bytes, array.controller.as_str()), ("c0/v239", 931 << 30, "c0"));
}

#[test]
fn cut_answers_are_none_and_odd_ones_give_nothing() {
    let text = raid5("Optl", "Onln").remove(1);
    for end in 0..text.len() {
        assert!(parse(&[text[..end].to_owned()], "storcli", &mut Notes::default()).is_none());
    }
    for odd in [json!([]), json!({ "/c0/v0": 7, "VD LIST": [1, "x", {}] }), json!({ "VD LIST": [{ "DG/VD": "-" }] })] {
        assert!(found(&[answer(odd)]).arrays.is_empty());
    }
}
