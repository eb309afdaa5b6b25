//! Both forms of the text, in good and bad states, whole and cut, and a recording of a real controller.

use super::*;
use std::path::{Path, PathBuf};

const DETAIL: &str = "
Smart Array P440ar in Slot 0 (Embedded)
   Bus Interface: PCI
   Serial Number: PDNLH0BRH7X32P
   Controller Status: OK
   Firmware Version: 3.56
   Battery/Capacitor Status: OK
   Driver Name: hpsa
   PCI Address (Domain:Bus:Device.Function): 0000:03:00.0

   Port Name: 1I
         Port ID: 0

   Array: A
      Interface Type: SAS
      Status: OK
      Array Type: Data

      Logical Drive: 1
         Size: 558.9 GB
         Fault Tolerance: 1
         Status: OK
         Unrecoverable Media Errors: None
         Mirror Group 1:
            physicaldrive 1I:1:1 (port 1I:box 1:bay 1, SAS HDD, 600 GB, OK)
         Mirror Group 2:
            physicaldrive 1I:1:2 (port 1I:box 1:bay 2, SAS HDD, 600 GB, OK)
         Drive Type: Data

      physicaldrive 1I:1:1
         Bay: 1
         Status: OK
         Drive Type: Data Drive
         Serial Number: S0M1
      physicaldrive 1I:1:2
         Bay: 2
         Status: OK
         Drive Type: Data Drive
         Serial Number: S0M2
      physicaldrive 1I:1:3
         Status: OK
         Drive Type: Spare Drive
         Serial Number: S0M3

   Array: B

      Logical Drive: 2
         Size: 100 GB
         Fault Tolerance: 0
         Status: OK
      physicaldrive 1I:1:3
         Status: OK
         Drive Type: Spare Drive
         Serial Number: S0M3

   Unassigned

      physicaldrive 1I:1:4
         Status: OK
         Drive Type: Unassigned Drive

   SEP (Vendor ID PMCSIERA, Model SRC 8x6G) 380
      Firmware Version: 1
";

fn found(text: &str) -> Found {
    parse(text, &mut Notes::default()).unwrap()
}

#[test]
fn a_controller_its_array_and_drives_are_read() {
    let found = found(DETAIL);
    let (array, controller) = (&found.arrays[0], &found.controllers[0]);
    assert_eq!((array.level.as_str(), array.state(), array.redundancy_left), ("raid1", ArrayState::Clean, 1));
    assert_eq!(
        (array.members.as_slice(), array.spares),
        (&["1I:1:1 S0M1".to_owned(), "1I:1:2 S0M2".to_owned()][..], 1)
    );
    assert_eq!((array.name.as_str(), array.controller.as_str()), ("slot 0 logical drive 1", "0000:03:00.0"));
    assert_eq!((controller.model.as_str(), controller.serial.as_str()), ("Smart Array P440ar", "PDNLH0BRH7X32P"));
    assert_eq!((controller.firmware.as_str(), controller.battery_state.as_str()), ("3.56", "OK"));
}

#[test]
fn a_failed_drive_is_named_by_bay_and_serial() {
    let text = DETAIL.replacen(
        "Fault Tolerance: 1\n         Status: OK",
        "Fault Tolerance: 1\n         Status: Interim Recovery Mode",
        1,
    );
    let text = text.replace("Bay: 2\n         Status: OK", "Bay: 2\n         Status: Failed");
    let array = found(&text).arrays.remove(0);
    assert_eq!((array.state(), array.redundancy_left, array.members_active), (ArrayState::Degraded, 0, 1));
    assert_eq!(array.members_failed, ["1I:1:2 S0M2"]);
    let text = text.replace("Status: Interim Recovery Mode", "Status: Recovering, 26% complete");
    assert_eq!(found(&text).arrays[0].state(), ArrayState::Rebuilding);
}

#[test]
fn states_and_levels_are_told_apart() {
    assert_eq!((state("Failed"), state("Ready for Rebuild")), (Some(ArrayState::Failed), Some(ArrayState::Degraded)));
    assert_eq!(state("Something new"), None);
    assert_eq!((level("1+0"), level("6 (ADG)")), ("raid10".to_owned(), "raid6".to_owned()));
    assert_eq!((level("1 (ADM)"), level("50")), ("raid1adm".to_owned(), "raid50".to_owned()));
}

#[test]
fn a_text_cut_anywhere_never_panics_and_another_text_is_none() {
    for end in 0..DETAIL.len() {
        parse(&DETAIL[..end], &mut Notes::default());
    }
    for other in ["", "Error: No controllers detected.", "physicaldrive 1\nStatus: OK\n", " in Slot \n"] {
        assert!(parse(other, &mut Notes::default()).is_none(), "{other}");
    }
}

#[test]
fn a_recorded_overview_gives_its_eight_drives() {
    let root = std::env::var_os("WACHT_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(root.join("glpi/generic/hpacucli/1-ctrl-all-show-config")) else {
        println!("skipped: no recordings at {}", root.display());
        return;
    };
    let found = found(&text);
    let told: Vec<_> = found.controllers.iter().map(|one| (one.model.as_str(), one.serial.as_str())).collect();
    assert_eq!(told, [("Smart Array P410", "PACCRID10331H80"), ("Smart Array P410i", "50014380095E2C50")]);
    let array = &found.arrays[0];
    assert_eq!((array.level.as_str(), array.state(), array.members_active), ("raid10", ArrayState::Clean, 8));
    assert_eq!(found.arrays.len(), 1);
}
