//! Who is there: a stopped agent said goodbye and opens nothing, a killed one is silent within the monitor's time.

use serde_json::Value;
use wacht_tests::books::{assert_balanced, stored};
use wacht_tests::house::{House, Options};
use wacht_tests::wait::{hold_false, wait_for, wait_until};

/// The live incidents of a host under a monitor.
fn incidents(house: &House, host: &str, monitor: &str) -> Vec<Value> {
    let all = house.api.list("/api/v1/incidents?state=open");
    all.into_iter()
        .filter(|incident| incident.to_string().contains(host) && incident.to_string().contains(monitor))
        .collect()
}

fn presence(house: &House, host: &str) -> Value {
    house.get(&format!("/api/v1/hosts/{host}"))["presence"].clone()
}

#[test]
fn a_stopped_agent_said_goodbye_and_opens_no_incident() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut leaving = house.agent("leaving");
    let staying = house.agent("staying");
    wait_until("both report", 20, || stored(&house, &leaving.host) > 1 && stored(&house, &staying.host) > 1);
    leaving.term();
    let last = wait_for("the goodbye shows", 5, || {
        Some(presence(&house, &leaving.host)).filter(|presence| presence["state"] == "goodbye")
    });
    assert_eq!(last["reason"], "service_stop");
    hold_false("an incident of a host that said goodbye", 15, || {
        !incidents(&house, &leaving.host, "host_silent").is_empty()
    });
}

#[test]
fn a_killed_agent_is_silent_within_the_monitors_time_and_its_return_resolves() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut killed = house.agent("killed");
    let staying = house.agent("staying");
    wait_until("both report", 20, || stored(&house, &killed.host) > 1 && stored(&house, &staying.host) > 1);
    killed.kill9();
    let begin = std::time::Instant::now();
    wait_until("it is silent", 25, || !incidents(&house, &killed.host, "host_silent").is_empty());
    assert!(begin.elapsed().as_secs() >= 8, "not before the monitor's 10 seconds: {:?}", begin.elapsed());
    assert_eq!(presence(&house, &killed.host)["state"], "silent");
    assert!(incidents(&house, &staying.host, "host_silent").is_empty());
    let opened =
        wait_for("the message goes out", 10, || house.webhook.with("wacht.incident.opened.v1", &killed.host).pop());
    assert!(opened.signed);
    killed.start();
    wait_until("its return resolves the incident", 30, || incidents(&house, &killed.host, "host_silent").is_empty());
    wait_until("and is told", 10, || !house.webhook.with("wacht.incident.resolved.v1", &killed.host).is_empty());
}

#[test]
fn a_second_agent_on_the_same_state_folder_does_not_start() {
    let Some(house) = House::start(Options::default()) else { return };
    let first = house.agent("first");
    wait_until("it reports", 20, || stored(&house, &first.host) > 1);
    let mut second = house.agent_to_be("second", first.state());
    second.start();
    wait_until("the second ends by itself", 10, || !second.runs());
    assert!(second.log().contains("another agent runs with"), "{}", second.log());
    let before = stored(&house, &first.host);
    wait_until("the first reports on", 20, || stored(&house, &first.host) > before + 2);
    assert_balanced(&house, &first.host, 20);
}
