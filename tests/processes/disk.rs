//! The main job, whole: a disk that really fills becomes an incident with a signed message, and freeing it resolves.

use wacht_tests::books::stored;
use wacht_tests::house::{House, Options};
use wacht_tests::mount::SmallDisk;
use wacht_tests::wait::{wait_for, wait_until};

#[test]
fn a_full_disk_becomes_an_incident_and_a_signed_message_and_freeing_it_resolves() {
    let Some(disk) = SmallDisk::mount("16m") else { return };
    let Some(house) = House::start(Options::default()) else { return };
    let agent = house.agent("full");
    let mount = disk.path().to_string_lossy().into_owned();
    let path = format!("/api/v1/hosts/{}/series?metric=system.filesystem.utilization&step=0", agent.host);
    wait_until("the new mount is measured", 40, || {
        house.api.list_once(&path).iter().any(|series| series["object"] == mount.as_str())
    });
    let ballast = disk.occupy(15 * 1024 * 1024);
    let opened = wait_for("the incident goes out", 30, || house.webhook.with("wacht.incident.opened.v1", &mount).pop());
    assert!(opened.signed, "the signature is over id, time and body");
    assert!(opened.raw.contains(&agent.host), "it names the host");
    let open = house.api.list("/api/v1/incidents?state=open");
    let found = open.iter().filter(|incident| incident.to_string().contains(&mount)).count();
    assert_eq!(found, 1, "one incident for one full disk: {open:?}");
    std::fs::remove_file(ballast).expect("freed");
    let resolved =
        wait_for("the resolution goes out", 30, || house.webhook.with("wacht.incident.resolved.v1", &mount).pop());
    assert!(resolved.signed);
    assert_eq!(resolved.body["subject"], opened.body["subject"], "the same incident");
    let keys: std::collections::HashSet<_> = house.webhook.events().into_iter().map(|event| event.key).collect();
    assert_eq!(keys.len(), house.webhook.events().len(), "no message went out twice");
}

#[test]
fn a_kill_of_the_collector_between_acknowledgement_and_judgement_changes_no_incident() {
    let Some(disk) = SmallDisk::mount("16m") else { return };
    let Some(mut house) = House::start(Options::default()) else { return };
    let agent = house.agent("full");
    let mount = disk.path().to_string_lossy().into_owned();
    wait_until("it reports", 20, || stored(&house, &agent.host) > 2);
    disk.occupy(15 * 1024 * 1024);
    for _ in 0..3 {
        std::thread::sleep(std::time::Duration::from_millis(1_300));
        house.kill9_collector();
        house.start_collector();
    }
    wait_until("the incident opens all the same", 40, || {
        !house.webhook.with("wacht.incident.opened.v1", &mount).is_empty()
    });
    std::thread::sleep(std::time::Duration::from_secs(3));
    let all = house.api.list("/api/v1/incidents");
    assert_eq!(all.iter().filter(|incident| incident.to_string().contains(&mount)).count(), 1, "{all:?}");
    // At least once: a kill between sending and noting may repeat a message, under the same key.
    let keys: std::collections::HashSet<_> =
        house.webhook.with("wacht.incident.opened.v1", &mount).into_iter().map(|event| event.key).collect();
    assert_eq!(keys.len(), 1);
}
