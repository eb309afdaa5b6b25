//! No space left, on either side: nothing crashes, what is given up is declared, and work goes on when space returns.

use std::time::Duration;
use wacht_tests::agent::Agent;
use wacht_tests::books::{assert_balanced, ledger, stored};
use wacht_tests::house::{House, Options};
use wacht_tests::identity::Identity;
use wacht_tests::mount::SmallDisk;
use wacht_tests::wait::wait_until;
use wacht_tests::wire::WireAgent;

/// An agent whose spool may take the small disk to its last byte; it has reported.
fn on_small_disk(house: &House, disk: &SmallDisk) -> Agent {
    let mut agent = house.agent_in("starved", &disk.path().join("state"));
    agent.kill9();
    "spool_free_bytes_min = 0\nspool_bytes_max = 1048576\n".clone_into(&mut agent.settings);
    agent.start();
    wait_until("it reports", 20, || stored(house, &agent.host) > 1);
    agent
}

#[test]
fn an_agent_without_space_goes_on_and_recovers() {
    starve_the_agent(8);
}

#[test]
#[ignore = "long proof: run tests/run.sh --long"]
fn an_agent_long_without_space_and_collector_declares_what_it_gave_up() {
    let dropped = starve_the_agent(80);
    assert!(dropped.contains("disk_full"), "more than memory holds was collected: {dropped}");
}

/// Answers what the ledger says was given up.
fn starve_the_agent(seconds: u64) -> String {
    let Some(disk) = SmallDisk::mount("2m") else { return "disk_full".to_owned() };
    let Some(mut house) = House::start(Options::default()) else { return "disk_full".to_owned() };
    let mut agent = on_small_disk(&house, &disk);
    // No collector and no space: what cannot be kept must be given up and counted.
    house.kill9_collector();
    let ballast = disk.fill();
    std::thread::sleep(Duration::from_secs(seconds));
    assert!(agent.runs(), "a full disk ends no agent");
    house.start_collector();
    let before = stored(&house, &agent.host);
    wait_until("it reports although its disk is full", 90, || stored(&house, &agent.host) > before + 2);
    std::fs::remove_file(ballast).expect("freed");
    let before = stored(&house, &agent.host);
    wait_until("it reports with space again", 60, || stored(&house, &agent.host) > before + 3);
    assert_balanced(&house, &agent.host, 30);
    ledger(&house, &agent.host).iter().map(|line| line["dropped"].to_string()).collect()
}

#[test]
fn an_agent_that_starts_on_a_full_disk_recovers_when_space_returns() {
    let Some(disk) = SmallDisk::mount("2m") else { return };
    let Some(house) = House::start(Options::default()) else { return };
    let mut agent = on_small_disk(&house, &disk);
    agent.kill9();
    let ballast = disk.fill();
    agent.start();
    std::thread::sleep(Duration::from_secs(5));
    std::fs::remove_file(ballast).expect("freed");
    if !agent.runs() {
        // Ending with a reason is allowed, a service manager starts it again; a panic is not.
        assert!(!agent.log().contains("panicked"), "{}", agent.log());
        agent.start();
    }
    let before = stored(&house, &agent.host);
    wait_until("it reports with space again", 60, || stored(&house, &agent.host) > before + 3);
    assert_balanced(&house, &agent.host, 30);
}

#[test]
fn a_collector_without_space_acknowledges_nothing_keeps_running_and_recovers() {
    let Some(disk) = SmallDisk::mount("16m") else { return };
    let Some(mut house) = House::start(Options { data: Some(disk.path().join("data")), ..Options::default() }) else {
        return;
    };
    let mut agent = WireAgent::new(Identity::enrol(&house, "wire"));
    let mut stream = agent.open().expect("a stream");
    let first = agent.good();
    agent.deliver(&mut stream, &first).expect("stored");
    let ballast = disk.fill();
    // Room that the write-ahead log had already taken may still carry some.
    let (mut waiting, mut refusal) = (agent.good(), None);
    for _ in 0..2_000 {
        match agent.deliver(&mut stream, &waiting) {
            Ok(_) => waiting = agent.good(),
            Err(error) => {
                refusal = Some(error);
                break;
            }
        }
    }
    let refusal = refusal.expect("a full disk stores nothing, so it must not acknowledge");
    assert_eq!(refusal.code, tonic::Code::Unavailable, "come again later: {refusal:?}");
    assert!(house.collector_runs(), "a full disk ends no collector");
    std::fs::remove_file(ballast).expect("freed");
    wait_until("the report that waited is taken", 60, || {
        agent.open().is_ok_and(|mut stream| agent.deliver(&mut stream, &waiting).is_ok())
    });
    assert_eq!(stored(&house, &agent.identity.host), agent.sequence as usize, "what was acknowledged is there, once");
    assert_balanced(&house, &agent.identity.host, 10);
    assert!(!house.collector_log().contains("panicked"));
}
