//! Devices on recordings: what displays say of themselves, against what another reader makes of it.

use serde_json::Value;
use wacht_proto::v1::Display;
use wacht_proto::v1::section_body::Kind;

use super::recordings;
use crate::inventory::display::of_edid;

fn display(bytes: &[u8]) -> Result<Display, String> {
    let Some(Kind::Display(mut section)) = of_edid(bytes)?.kind else { panic!("not a display section") };
    Ok(section.displays.remove(0))
}

#[test]
fn recorded_displays_are_named_as_another_reader_names_them() {
    let Some(folder) = recordings("glpi") else {
        return;
    };
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let expected = &expected["tasks/inventory/generic/screen.t"]["edid_tests"];
    let (mut read, mut agreed) = (0, 0);
    for entry in std::fs::read_dir(folder.join("generic/edid")).unwrap().flatten() {
        let told = &expected[entry.file_name().to_str().unwrap()];
        let Ok(ours) = display(&std::fs::read(entry.path()).unwrap()) else { continue };
        if told.is_null() {
            continue;
        }
        read += 1;
        let text = |key: &str| told[key].as_str().unwrap_or_default().trim();
        // It writes numbers as serials in hex, and keeps those of makers that number nothing.
        let as_number = |hex: &str| u32::from_str_radix(hex, 16).map(|number| number.to_string()).unwrap_or_default();
        let serials = [text("SERIAL").to_owned(), text("ALTSERIAL").to_owned(), as_number(text("SERIAL"))];
        let is_filler = matches!(text("SERIAL"), "00000000" | "01010101") && ours.serial.is_empty();
        let is_model = told["CAPTION"].is_null() || text("CAPTION") == ours.model;
        let year = text("DESCRIPTION").rsplit('/').next().unwrap_or_default();
        let is_year = year == ours.year.to_string() || (year == "1990" && ours.year == 0);
        if is_model && is_year && (is_filler || serials.contains(&ours.serial)) {
            agreed += 1;
        } else {
            println!("{told}: {ours:?}");
        }
    }
    println!("{agreed} of {read} displays agree");
    assert!(read > 50 && agreed * 100 >= read * 95, "{agreed} of {read}");
}
