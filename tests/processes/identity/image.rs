//! `wacht-agent prepare-image` with real agents: what is copied afterwards becomes hosts of its own.

use super::machine::{hosts, is_held};
use std::path::Path;
use std::process::Command;
use wacht_tests::books::stored;
use wacht_tests::house::{House, Options};
use wacht_tests::wait::wait_until;

fn copied(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(done.is_ok_and(|status| status.success()));
}

#[test]
fn a_prepared_image_gives_each_copy_an_identity_of_its_own() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut golden = house.agent("golden");
    wait_until("it reports", 20, || stored(&house, &golden.host) > 1);
    let (is_done, said) = golden.verb("prepare-image");
    assert!(!is_done && said.contains("another agent runs"), "{said}");
    let before = stored(&house, &golden.host);
    wait_until("it reports on", 20, || stored(&house, &golden.host) > before);
    golden.term();
    let (is_done, said) = golden.verb("prepare-image");
    assert!(is_done && said.contains("key.pem") && said.contains("spool") && said.contains("generation"), "{said}");
    let left: Vec<_> =
        std::fs::read_dir(golden.state()).expect("the folder").flatten().map(|one| one.file_name()).collect();
    assert!(left.iter().all(|name| name == "lock"), "{left:?}");
    assert!(golden.folder().join("agent.toml").exists(), "the configuration is kept");
    golden.start();
    wait_until("without an identity it does not run", 10, || !golden.runs());
    assert!(golden.log().contains("not enrolled"), "{}", golden.log());

    let states = ["one", "two"].map(|name| house.folder().join(format!("state-of-{name}")));
    for state in &states {
        copied(golden.state(), state);
    }
    let copies = [house.agent_in("one", &states[0]), house.agent_in("two", &states[1])];
    for copy in &copies {
        wait_until("each copy reports", 20, || stored(&house, &copy.host) > 2);
        assert!(!is_held(&house, &copy.host));
    }
    assert_ne!(copies[0].host, copies[1].host);
    assert!(hosts(&house) >= 2);
}
