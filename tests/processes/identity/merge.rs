//! A person says that two hosts are one machine: its history is one from then on.

use super::machine::{Hardware, decide, host, tasks};
use serde_json::json;
use wacht_tests::house::{House, Options};
use wacht_tests::wait::{hold_false, wait_until};

#[test]
fn a_machine_that_said_nothing_at_its_enrolment_is_proposed_by_its_inventory_once() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut older = Hardware::desktop(1).enrol(&house);
    let stream = older.report();
    older.leave(&house, stream);
    let mut newer = Hardware::desktop(1).enrol_silently(&house);
    assert_ne!(newer.host(), older.host());
    let mut stream = newer.report();
    wait_until("it is proposed", 10, || tasks(&house).len() == 1);
    let asked = tasks(&house);
    assert_eq!((&asked[0]["newer"]["id"], &asked[0]["older"]["id"]), (&newer.host().into(), &older.host().into()));
    assert_eq!(decide(&house, &asked[0], "dismiss"), 200);
    newer.hardware.mac = "3c:52:82:aa:bb:cc".to_owned();
    newer.tell(&mut stream);
    hold_false("what was decided is asked again", 2, || !tasks(&house).is_empty());
}

#[test]
fn a_merge_makes_one_history_of_two_hosts() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut older = Hardware::desktop(1).enrol(&house);
    let mut stream = older.report();
    older.hardware.name = "before".to_owned();
    older.tell(&mut stream);
    wait_until("its name is in the history", 10, || host(&house, older.host())["name"] == "before");
    let said =
        house.post(&format!("/api/v1/declared/{}", older.host()), &json!({ "fields": { "owner": "J. Jansen" } }));
    assert_eq!(said.status, 200, "{}", said.text);
    // It enrols while the older host still counts as live, so a person is asked.
    let mut newer = Hardware::desktop(1).enrol(&house);
    assert_ne!(newer.host(), older.host());
    let stream_of_newer = newer.report();
    let asked = tasks(&house);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((&asked[0]["newer"]["id"], &asked[0]["older"]["id"]), (&newer.host().into(), &older.host().into()));
    assert_eq!(decide(&house, &asked[0], "merge"), 409, "both report");
    older.leave(&house, stream);
    wait_until("the newer has its inventory", 10, || host(&house, newer.host())["name"] == "pc-1");
    assert_eq!(decide(&house, &asked[0], "merge"), 200);
    assert_eq!(host(&house, older.host())["merged_into"], newer.host());
    assert!(
        older.agent.open().is_err_and(|refusal| refusal.text.to_lowercase().contains("revoked")),
        "the older key is put out of use"
    );

    let changes = house.api.list(&format!("/api/v1/hosts/{}/changes", newer.host()));
    assert!(changes.iter().any(|change| change["new"] == "before"), "the older's changes: {changes:?}");
    let points = |id: &str| {
        let path = format!("/api/v1/hosts/{id}/series?metric=system.uptime&step=0");
        let series = house.api.list_once(&path);
        series.iter().flat_map(|one| one["points"].as_array().cloned().unwrap_or_default()).count()
    };
    let (of_older, of_newer) = (points(older.host()), points(newer.host()));
    assert!(of_older > 0 && of_newer > of_older, "{of_older} and {of_newer}: the older's points are read too");
    let declared = house.get(&format!("/api/v1/declared/{}", newer.host()));
    assert!(declared.to_string().contains("J. Jansen"), "what people said goes over: {declared}");
    let left = house.get(&format!("/api/v1/declared/{}", older.host()));
    assert!(!left["fields"].to_string().contains("J. Jansen") && left["state"] == "retired", "{left}");

    assert_eq!(decide(&house, &asked[0], "merge"), 409, "it is decided once");
    assert!(tasks(&house).is_empty());
    drop(stream_of_newer);
    drop(newer.report());
}
