//! What a contract makes of an agent: without the RMM add-on there is no purpose for samples, so there are none, and
//! nothing is raised.

use std::time::Duration;
use wacht_tests::books::{ledger, stored};
use wacht_tests::draft::FILESYSTEM;
use wacht_tests::house::{House, Options};
use wacht_tests::identity::Identity;
use wacht_tests::wait::{hold_false, wait_until};
use wacht_tests::wire::WireAgent;

#[test]
fn a_customer_without_rmm_is_told_to_send_no_samples_and_raises_nothing() {
    let Some(house) = House::start(Options { rmm: false, ..Options::default() }) else { return };
    let mut agent = WireAgent::new(Identity::enrol(&house, "wire"));
    let mut stream = agent.open().expect("a stream");
    let policy = stream.welcome.policy.clone().expect("the first answer carries the policy");
    assert!(!policy.health_sampling);
    // An agent that samples all the same raises nothing either.
    for _ in 0..8 {
        let full = agent.draft(&[(FILESYSTEM, "/srv", 0.99), (33, "/srv", 1e6), (31, "/srv", 1e8)]);
        agent.deliver(&mut stream, &full).expect("an answer");
        std::thread::sleep(Duration::from_millis(700));
    }
    hold_false("an incident without an entitlement", 4, || !house.api.list("/api/v1/incidents").is_empty());
    assert!(house.webhook.events().is_empty());
}

#[test]
fn an_agent_of_a_customer_without_rmm_sends_inventory_alone() {
    let Some(house) = House::start(Options { rmm: false, ..Options::default() }) else { return };
    let agent = house.agent("inventory-only");
    wait_until("its inventory arrives", 30, || {
        !house.api.list_once(&format!("/api/v1/hosts/{}/items?class=software&limit=1", agent.host)).is_empty()
    });
    let samples = |house: &House| {
        ledger(house, &agent.host).iter().map(|line| line["stored"]["samples"].as_u64().unwrap_or(0)).sum::<u64>()
    };
    // What was on its way when the policy arrived may still come in.
    std::thread::sleep(Duration::from_secs(3));
    let (before, reports) = (samples(&house), stored(&house, &agent.host));
    wait_until("it still reports", 30, || stored(&house, &agent.host) > reports + 2);
    assert_eq!(samples(&house), before, "samples after the policy");
}

#[test]
fn the_add_on_is_switched_on_over_the_open_stream() {
    let Some(house) = House::start(Options { rmm: false, ..Options::default() }) else { return };
    let mut agent = WireAgent::new(Identity::enrol(&house, "wire"));
    let mut stream = agent.open().expect("a stream");
    assert!(stream.welcome.policy.as_ref().is_some_and(|policy| !policy.health_sampling));
    house.cli(&["contract", "set", wacht_tests::house::CUSTOMER, "--hours", "always", "--rmm", "at_once"]);
    let ack = stream.ack().expect("an answer that nobody asked for");
    assert!(ack.policy.is_some_and(|policy| policy.health_sampling), "the new policy");
}
