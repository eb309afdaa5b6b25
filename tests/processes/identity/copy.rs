//! Machines that look alike and are two, and identities that have two holders.

use super::machine::{Hardware, decide, hosts, is_held, tasks};
use std::time::Instant;
use wacht_tests::books::stored;
use wacht_tests::house::{House, Options};
use wacht_tests::wait::{hold_false, wait_until};
use wacht_tests::wire::WireAgent;

/// The second holder of an identity: a copy of its state on another machine.
fn copy_of(agent: &WireAgent) -> WireAgent {
    let mut copy = WireAgent::new(agent.identity.clone());
    (copy.incarnation, copy.generation, copy.sequence) = (agent.incarnation, agent.generation, agent.sequence);
    copy.collected = agent.collected;
    copy
}

#[test]
fn fifty_machines_with_a_makers_filler_and_one_uuid_stay_fifty() {
    let Some(house) = House::start(Options::default()) else { return };
    let token = house.token_for(50);
    for number in 0..50 {
        let mut machine = Hardware {
            serial: "To Be Filled By O.E.M.".to_owned(),
            board_serial: "Default string".to_owned(),
            uuid: "7b00a5c4-1d22-4f8e-9a31-5c6d7e8f9012".to_owned(),
            ..Hardware::desktop(number)
        }
        .enrol_with(&house, &token);
        let stream = machine.report();
        // The next one comes after this one left, as when a room is filled: nothing but its marks tells it apart.
        machine.leave(&house, stream);
    }
    assert_eq!(hosts(&house), 50);
    hold_false("a task about machines that share filler", 2, || !tasks(&house).is_empty());
}

#[test]
fn a_serial_that_a_maker_gave_twice_is_asked_about_once_and_then_identifies_nobody() {
    let Some(house) = House::start(Options::default()) else { return };
    let token = house.token_for(6);
    let mut open = Vec::new();
    for number in 0..6 {
        let batch = Hardware::desktop(99);
        let mut machine =
            Hardware { uuid: batch.uuid, serial: batch.serial, ..Hardware::desktop(number) }.enrol_with(&house, &token);
        let stream = machine.report();
        open.push((machine, stream));
    }
    assert_eq!(hosts(&house), 6);
    wait_until("the first pair is asked about", 5, || tasks(&house).len() == 1);
    hold_false("a second task", 2, || tasks(&house).len() != 1);
}

#[test]
fn machines_that_enrol_at_the_same_moment_do_not_miss_each_other() {
    let Some(house) = House::start(Options::default()) else { return };
    let token = house.token_for(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Hardware::desktop(1).enrol_with(&house, &token));
        }
    });
    assert_eq!((hosts(&house), tasks(&house).len()), (8, 7), "each but the first is asked about, once");
}

#[test]
fn two_live_holders_of_one_key_are_held_with_one_task_and_given_back_by_a_person() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    let mut stream = machine.report();
    let begin = Instant::now();
    let mut copy = copy_of(&machine.agent);
    let copied = copy.open().expect("nobody can tell yet");
    assert!(stream.end(10).text.contains("replaced"), "one stream a host");
    let refusal = machine.agent.open().err().expect("the second holder shows itself");
    assert!(refusal.text.contains("quarantined"), "{refusal:?}");
    wait_until("the host is held", 5, || is_held(&house, machine.host()));
    assert!(begin.elapsed().as_secs() < 120);
    drop(copied);
    let before = stored(&house, machine.host());
    for _ in 0..3 {
        assert!(copy.open().is_err() && machine.agent.open().is_err(), "neither reports until a person decides");
    }
    assert_eq!(stored(&house, machine.host()), before, "nothing is mixed");
    let asked = tasks(&house);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((&asked[0]["kind"], &asked[0]["sign"]), (&"clone".into(), &"generation".into()));
    assert_eq!(decide(&house, &asked[0], "merge"), 409, "a host is not merged into itself");
    assert_eq!(decide(&house, &asked[0], "dismiss"), 200);
    assert_eq!(decide(&house, &asked[0], "dismiss"), 409, "it is decided once");
    wait_until("it is given back", 10, || !is_held(&house, machine.host()));
    drop(machine.report());
    assert!(copy.open().is_err_and(|refusal| refusal.text.contains("quarantined")), "the copy shows itself again");
    wait_until("and is asked about again", 5, || tasks(&house).len() == 1);
}

#[test]
fn a_restored_image_shows_itself_by_its_spool() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut machine = Hardware::desktop(1).enrol(&house);
    let mut stream = machine.agent.open().expect("a stream");
    let image = copy_of(&machine.agent);
    for _ in 0..5 {
        machine.tell(&mut stream);
    }
    drop(stream);
    // The image was made while this stream was open: its generation is the newest, its spool is not.
    let mut restored = image;
    let refusal = restored.open().err().expect("its spool is older than what it sent");
    assert!(refusal.text.contains("quarantined"), "{refusal:?}");
    let asked = tasks(&house);
    assert_eq!((asked.len(), &asked[0]["sign"]), (1, &"rewound_spool".into()));
}
