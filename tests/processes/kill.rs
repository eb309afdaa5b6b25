//! Kills without warning, of either side: no report is lost without a word, none is stored twice, and the series have
//! no hole wider than the outage of the agent itself.

use std::time::Duration;
use wacht_tests::agent::Agent;
use wacht_tests::books::{assert_balanced, rows, stored, widest_step_s};
use wacht_tests::house::{House, Options};
use wacht_tests::wait::wait_until;
use wacht_tests::wire::WireAgent;

/// A step of a series may be this much wider than the interval: whole seconds, and a machine with other work.
const SLACK_S: i64 = 2;

#[test]
fn a_collector_killed_under_load_loses_and_doubles_nothing() {
    kill_of_the_collector(2, 3);
}

#[test]
#[ignore = "long proof: run tests/run.sh --long"]
fn a_collector_killed_under_load_and_two_minutes_down_loses_and_doubles_nothing() {
    kill_of_the_collector(2, 120);
}

fn kill_of_the_collector(kills: u32, down_s: u64) {
    let Some(mut house) = House::start(Options::default()) else { return };
    let agents: Vec<Agent> = ["one", "two"].iter().map(|name| house.agent(name)).collect();
    wait_until("all report", 30, || agents.iter().all(|agent| stored(&house, &agent.host) > 1));
    let from = jiff::Timestamp::now();
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(1_700));
        let before = stored(&house, &agents[0].host);
        house.kill9_collector();
        std::thread::sleep(Duration::from_secs(down_s));
        house.start_collector();
        wait_until("the agents come back", 90, || stored(&house, &agents[0].host) > before + down_s as usize);
    }
    std::thread::sleep(Duration::from_secs(2));
    for agent in &agents {
        assert_balanced(&house, &agent.host, 60);
        assert_eq!(rows(&house, &agent.host).len(), 1, "the spool's life does not end with the collector's");
        let step = widest_step_s(&house, &agent.host, from);
        assert!(step <= i64::from(agent.report_interval_s) + SLACK_S, "{}: a step of {step} s", agent.name);
    }
}

#[test]
fn an_agent_killed_ten_times_loses_and_doubles_nothing() {
    kills_of_the_agent(10);
}

#[test]
#[ignore = "long proof: run tests/run.sh --long"]
fn an_agent_killed_fifty_times_loses_and_doubles_nothing() {
    kills_of_the_agent(50);
}

fn kills_of_the_agent(kills: u32) {
    let Some(house) = House::start(Options::default()) else { return };
    let mut agent = house.agent("victim");
    wait_until("it reports", 20, || stored(&house, &agent.host) > 1);
    let from = jiff::Timestamp::now();
    for round in 0..kills {
        // At a different moment of its cycle each time.
        std::thread::sleep(Duration::from_millis(900 + u64::from(round * 137 % 1_000)));
        agent.kill9();
        agent.start();
    }
    let before = stored(&house, &agent.host);
    wait_until("it reports again", 40, || stored(&house, &agent.host) > before + 2);
    assert_balanced(&house, &agent.host, 30);
    let step = widest_step_s(&house, &agent.host, from);
    let restart_s = 3;
    assert!(step <= i64::from(agent.report_interval_s) + restart_s + SLACK_S, "a step of {step} s");
}

#[test]
fn a_report_that_was_acknowledged_is_there_after_a_kill() {
    let Some(mut house) = House::start(Options::default()) else { return };
    let mut agent = WireAgent::new(wacht_tests::identity::Identity::enrol(&house, "wire"));
    for _ in 0..5 {
        let mut stream = agent.open().expect("a stream");
        for _ in 0..20 {
            let draft = agent.good();
            let ack = agent.deliver(&mut stream, &draft).expect("stored");
            assert_eq!(ack.contiguous_sequence, draft.report.sequence);
        }
        house.kill9_collector();
        assert_eq!(stored(&house, &agent.identity.host), agent.sequence as usize, "an acknowledged report is durable");
        house.start_collector();
    }
    assert_balanced(&house, &agent.identity.host, 5);
}
