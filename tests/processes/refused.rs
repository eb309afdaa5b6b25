//! The real agent before a door that stays shut: its log says why, it goes on collecting, and when the door opens
//! again nothing is missing. Only an expired certificate needs nobody: it renews.

use std::process::Command;
use std::time::Duration;
use wacht_tests::agent::Agent;
use wacht_tests::books::{assert_balanced, rows, stored};
use wacht_tests::house::{House, Options};
use wacht_tests::identity::Identity;
use wacht_tests::wait::{hold_false, wait_until};

/// A house with one agent that has reported and was then killed.
fn stopped() -> Option<(House, Agent)> {
    let house = House::start(Options::default())?;
    let mut agent = house.agent("shut-out");
    wait_until("it reports", 20, || stored(&house, &agent.host) > 1);
    agent.kill9();
    Some((house, agent))
}

/// What the log says after the last start, in lower case.
fn log_since(agent: &Agent, mark: usize) -> String {
    agent.log()[mark..].to_lowercase()
}

fn says(agent: &Agent, mark: usize, words: &[&str]) {
    let what = format!("the log says one of {words:?}");
    wait_until(&what, 20, || words.iter().any(|word| log_since(agent, mark).contains(word)));
}

#[test]
fn an_agent_with_an_expired_certificate_renews_it_and_reports_on() {
    let Some((house, mut agent)) = stopped() else { return };
    Identity::of_state(agent.state()).expired(&house, Duration::from_mins(5)).put_into(agent.state());
    let (mark, before) = (agent.log().len(), stored(&house, &agent.host));
    agent.start();
    says(&agent, mark, &["expired"]);
    wait_until("it reports with the new certificate", 60, || stored(&house, &agent.host) > before + 2);
    assert_balanced(&house, &agent.host, 20);
}

#[test]
fn an_agent_with_a_certificate_of_another_authority_says_so_and_loses_nothing() {
    let Some((house, mut agent)) = stopped() else { return };
    let own = Identity::of_state(agent.state());
    own.of_a_foreign_authority().put_into(agent.state());
    let (mark, before) = (agent.log().len(), stored(&house, &agent.host));
    agent.start();
    says(
        &agent,
        mark,
        &["unknown authority", "unknownca", "unknown ca", "another authority", "not of this collector", "foreign"],
    );
    hold_false("a report under a foreign certificate", 3, || stored(&house, &agent.host) > before);
    agent.kill9();
    own.put_into(agent.state());
    agent.start();
    wait_until("what it collected meanwhile comes in", 30, || stored(&house, &agent.host) > before + 4);
    assert_balanced(&house, &agent.host, 20);
    assert_eq!(rows(&house, &agent.host).len(), 1, "one life of the spool");
}

#[test]
fn an_agent_that_was_revoked_while_it_was_away_says_so_at_its_return() {
    let Some((house, mut agent)) = stopped() else { return };
    house.cli(&["revoke", &agent.host]);
    let (mark, before) = (agent.log().len(), stored(&house, &agent.host));
    agent.start();
    says(&agent, mark, &["revoked"]);
    hold_false("a report of a revoked host", 3, || stored(&house, &agent.host) > before);
    assert!(agent.runs());
}

#[test]
fn an_agent_does_not_speak_to_a_collector_of_another_authority() {
    let Some((mut house, mut agent)) = stopped() else { return };
    let Some(other) = House::start(Options::default()) else { return };
    house.stop_collector();
    let authority = house.data().join("authority");
    std::fs::rename(&authority, house.folder().join("authority-of-before")).expect("moved away");
    let copied = Command::new("cp").arg("-a").arg(other.data().join("authority")).arg(&authority).status();
    assert!(copied.is_ok_and(|status| status.success()));
    house.start_collector();
    let (mark, before) = (agent.log().len(), stored(&house, &agent.host));
    agent.start();
    says(&agent, mark, &["certificate", "authority", "unknownissuer"]);
    hold_false("a report to a stranger", 4, || stored(&house, &agent.host) > before);
    house.stop_collector();
    std::fs::remove_dir_all(&authority).expect("removed");
    std::fs::rename(house.folder().join("authority-of-before"), &authority).expect("moved back");
    house.start_collector();
    wait_until("it comes back to its own collector", 90, || stored(&house, &agent.host) > before + 4);
    assert_balanced(&house, &agent.host, 20);
}
