//! What happens to a machine in its life, and what a stranger may try with its serials.

use super::machine::{Hardware, decide, host, hosts, is_held, tasks};
use wacht_tests::house::{House, Options};
use wacht_tests::wait::{hold_false, wait_until};

fn house() -> Option<House> {
    House::start(Options::default())
}

#[test]
fn a_renamed_machine_is_the_same_host() {
    let Some(house) = house() else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    let mut stream = machine.report();
    machine.hardware.name = "reception".to_owned();
    machine.tell(&mut stream);
    wait_until("its new name shows", 10, || host(&house, machine.host())["name"] == "reception");
    let changes = house.api.list(&format!("/api/v1/hosts/{}/changes", machine.host()));
    assert!(changes.iter().any(|change| change["field"] == "hostname" && change["new"] == "reception"), "{changes:?}");
    assert_eq!((hosts(&house), tasks(&house).len()), (1, 0));
}

#[test]
fn a_new_board_or_card_under_the_same_key_is_the_same_host_with_a_history() {
    let Some(house) = house() else { return };
    let (before, other) = (Hardware::desktop(1), Hardware::desktop(2));
    let mut machine = before.enrol(&house);
    let stream = machine.report();
    machine.leave(&house, stream);
    // The board goes, and with it the UUID, its serial and the card on it; case and disk stay.
    machine.hardware = Hardware { uuid: other.uuid, board_serial: other.board_serial, mac: other.mac, ..before };
    let mut stream = machine.report();
    let path = format!("/api/v1/hosts/{}/changes", machine.host());
    let changed = |field: &str| house.api.list(&path).iter().any(|change| change["field"] == field);
    wait_until("the board's change is in the history", 10, || changed("board_serial") && changed("uuid"));
    machine.hardware.mac = "3c:52:82:aa:bb:cc".to_owned();
    machine.tell(&mut stream);
    wait_until("the card's change is too", 10, || {
        house.api.list(&path).iter().any(|change| change.to_string().contains("3c:52:82:aa:bb:cc"))
    });
    assert_eq!((hosts(&house), tasks(&house).len()), (1, 0));
    assert!(!is_held(&house, machine.host()));
}

#[test]
fn a_reinstalled_machine_keeps_its_host_and_its_former_key_is_put_out_of_use() {
    let Some(house) = house() else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    let stream = machine.report();
    machine.leave(&house, stream);
    // Another system on the same hardware; one firmware writes the UUID in the other byte order.
    let fresh = Hardware {
        name: "new-name".to_owned(),
        machine_id: Hardware::desktop(7).machine_id,
        uuid: "2B1A4D56-4D3C-6F5E-8899-000000000001".to_owned(),
        ..Hardware::desktop(1)
    };
    let mut anew = fresh.enrol(&house);
    assert_eq!(anew.host(), machine.host());
    let mut stream = anew.report();
    anew.tell(&mut stream);
    assert_eq!((hosts(&house), tasks(&house).len()), (1, 0));
    assert!(house.api.list("/api/v1/audit").iter().any(|entry| entry["act"] == "host_re_enrolled"));
    let refusal = machine.agent.open().err().expect("its former key is out of use");
    assert!(refusal.text.contains("quarantined"), "and who uses it is a second holder: {refusal:?}");
    let asked = tasks(&house);
    assert_eq!((asked.len(), &asked[0]["sign"]), (1, &"replaced_key".into()));
    assert_eq!(decide(&house, &asked[0], "dismiss"), 200);
    wait_until("the new key reports again", 10, || anew.agent.open().is_ok());
    // Whoever has the former key cannot hold the host for ever.
    assert!(machine.agent.open().is_err_and(|refusal| refusal.text.contains("replaced")));
    hold_false("a second task", 1, || !tasks(&house).is_empty());
}

#[test]
fn a_machine_that_claims_the_serials_of_a_live_one_takes_nothing_over() {
    let Some(house) = house() else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    let mut stream = machine.report();
    let claimant = Hardware::desktop(1).enrol(&house);
    assert_ne!(claimant.host(), machine.host());
    machine.tell(&mut stream);
    let asked = tasks(&house);
    assert_eq!((asked.len(), &asked[0]["kind"]), (1, &"same_machine".into()));
    assert_eq!(decide(&house, &asked[0], "merge"), 409, "a host that reports is not merged away");
    assert_eq!(decide(&house, &asked[0], "dismiss"), 200);
    machine.tell(&mut stream);
    assert_eq!(hosts(&house), 2);
}

#[test]
fn who_was_silent_because_nobody_listened_is_not_taken_for_gone() {
    let Some(mut house) = house() else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    drop(machine.report());
    house.stop_collector();
    house.start_collector();
    let claimant = Hardware::desktop(1).enrol(&house);
    assert_ne!(claimant.host(), machine.host());
    assert_eq!(tasks(&house).len(), 1);
    drop(machine.report());
}

#[test]
fn another_customers_machine_is_told_of_and_never_linked_or_merged() {
    let Some(house) = house() else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    let stream = machine.report();
    machine.leave(&house, stream);
    house.cli(&["customer", "add", "Ander BV"]);
    house.cli(&["site", "add", "Ander BV", "Kade"]);
    let token = house.cli(&["token", "create", "--customer", "Ander BV", "--site", "Kade"]);
    let mut moved = Hardware::desktop(1).enrol_with(&house, &token);
    assert_ne!(moved.host(), machine.host());
    drop(moved.report());
    let asked = tasks(&house);
    assert_eq!((asked.len(), &asked[0]["kind"]), (1, &"moved".into()));
    assert_eq!(decide(&house, &asked[0], "merge"), 409);
    assert_eq!(decide(&house, &asked[0], "dismiss"), 200);
    hold_false("the inventory asks again", 2, || !tasks(&house).is_empty());
}
