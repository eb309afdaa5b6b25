//! Identity at the door: foreign, expired, unknown and revoked certificates, spent tokens, and two holders of one
//! identity. What is refused is refused by name.

use std::time::{Duration, Instant};
use wacht_tests::books::{assert_balanced, stored};
use wacht_tests::house::{CUSTOMER, House, Options, SITE};
use wacht_tests::identity::Identity;
use wacht_tests::wait::{wait_for, wait_until};
use wacht_tests::wire::WireAgent;

#[test]
fn a_certificate_of_another_authority_is_refused_in_the_handshake() {
    let Some(house) = House::start(Options::default()) else { return };
    let identity = Identity::enrol(&house, "wire");
    let refusal = WireAgent::new(identity.of_a_foreign_authority()).open().err().expect("refused");
    let text = refusal.text.to_lowercase().replace(['_', ' '], "");
    assert!(text.contains("unknownca") || text.contains("unknownissuer"), "the alert names the authority: {refusal:?}");
    assert!(house.collector_log().contains("handshake refused"));
}

#[test]
fn an_expired_certificate_may_not_report_and_a_forged_one_may_not_renew() {
    let Some(house) = House::start(Options::default()) else { return };
    let identity = Identity::enrol(&house, "wire");
    let expired = WireAgent::new(identity.expired(&house, Duration::from_mins(5)));
    let refusal = WireAgent::new(expired.identity.clone()).open().err().expect("refused");
    assert!(refusal.text.contains("expired"), "{refusal:?}");
    expired.renew().expect("an expired certificate with the pinned serial renews");
    let ancient =
        WireAgent::new(identity.expired(&house, Duration::from_hours(24 * 500))).renew().expect_err("beyond 400 days");
    assert!(ancient.text.to_lowercase().contains("expired"), "{ancient:?}");
    let stranger = WireAgent::new(identity.of_another_serial(&house)).open().err().expect("refused");
    assert!(stranger.text.contains("replaced"), "a serial that is not pinned: {stranger:?}");
}

#[test]
fn a_revocation_cuts_the_open_stream_within_ten_seconds_and_the_next_is_refused() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut agent = WireAgent::new(Identity::enrol(&house, "wire"));
    let mut stream = agent.open().expect("a stream");
    let draft = agent.good();
    agent.deliver(&mut stream, &draft).expect("stored");
    let begin = Instant::now();
    house.cli(&["revoke", &agent.identity.host]);
    let refusal = stream.end(10);
    assert!(refusal.text.contains("revoked"), "{refusal:?}");
    assert!(begin.elapsed().as_secs() < 10, "cut after {:?}", begin.elapsed());
    let next = agent.open().err().expect("refused");
    assert!(next.text.to_lowercase().contains("revoked"), "{next:?}");
    assert!(agent.renew().is_err(), "a revoked host does not renew");
}

#[test]
fn the_log_of_a_revoked_agent_says_so_and_it_goes_on_collecting() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut agent = house.agent("revoked");
    wait_until("it reports", 20, || wacht_tests::books::stored(&house, &agent.host) > 0);
    house.cli(&["revoke", &agent.host]);
    wait_until("its log names the revocation", 15, || agent.log().to_lowercase().contains("revoked"));
    assert!(agent.runs(), "it backs off and keeps what it has");
}

#[test]
fn a_spent_token_and_an_unknown_one_are_refused_by_name_and_the_agent_tells_which() {
    let Some(house) = House::start(Options::default()) else { return };
    let token = house.token();
    Identity::enrol_with(&house, "first", &token).expect("the first use");
    let refused = Identity::enrol_with(&house, "second", &token).err().expect("spent");
    assert_eq!((refused.status, refused.code.as_str()), (403, "token_used"), "{refused:?}");
    let stranger = Identity::enrol_with(&house, "x", "wacht1.00000000.wrong").err().expect("unknown");
    assert_eq!((stranger.status, stranger.code.as_str()), (401, "token_unknown"), "{stranger:?}");
    let agent = house.agent_to_be("late", &house.folder().join("late-state"));
    let said = agent.enrol(&house.addresses.enroll, &token).expect_err("the real agent is refused too");
    assert!(said.contains("token_used") || said.contains("uses of this token are spent"), "{said}");
}

#[test]
fn an_expired_token_is_refused_by_name() {
    let Some(mut house) = House::start(Options::default()) else { return };
    let token = house.token();
    house.stop_collector();
    // A week passes, as far as the store can tell.
    let db = rusqlite::Connection::open(house.data().join("cmdb.db")).expect("the store opens");
    let changed = db.execute("UPDATE enrolment_token SET expires_ms = expires_ms - 8 * 86400000", []).expect("SQL");
    assert_eq!(changed, 1, "the token is there");
    drop(db);
    house.start_collector();
    let refused = Identity::enrol_with(&house, "late", &token).err().expect("expired");
    assert_eq!((refused.status, refused.code.as_str()), (403, "token_expired"), "{refused:?}");
}

#[test]
fn a_surplus_host_is_pending_until_a_person_approves_it() {
    let Some(house) = House::start(Options::default()) else { return };
    let token = house.cli(&["token", "create", "--customer", CUSTOMER, "--site", SITE, "--uses", "2"]);
    for name in ["expected", "expected too"] {
        assert_eq!(Identity::enrol_with(&house, name, &token).expect("an expected host").admission, "active");
    }
    let surplus = Identity::enrol_with(&house, "surplus", &token).expect("taken in, but not yet to report");
    assert_eq!(surplus.admission, "pending");
    let mut agent = WireAgent::new(surplus);
    let refusal = agent.open().err().expect("pending");
    assert!(refusal.text.contains("pending"), "{refusal:?}");
    house.cli(&["approve", &agent.identity.host]);
    wait_for("it may report now", 10, || agent.open().ok());
}

#[test]
fn two_holders_of_one_identity_are_both_held() {
    let Some(house) = House::start(Options::default()) else { return };
    let mut original = house.agent("original");
    wait_until("it reports", 20, || wacht_tests::books::stored(&house, &original.host) > 1);
    original.kill9();
    let copy_of_state = house.folder().join("copied-state");
    copy_folder(original.state(), &copy_of_state);
    original.start();
    wait_until("the original is back", 20, || wacht_tests::books::stored(&house, &original.host) > 3);
    let mut copy = house.agent_to_be("copy", &copy_of_state);
    copy.start();
    wait_until("the identity is held", 30, || {
        house.get(&format!("/api/v1/hosts/{}", original.host))["presence"]["state"] == "quarantined"
    });
    for agent in [&mut original, &mut copy] {
        wait_until("its log says that it is held", 40, || agent.log().to_lowercase().contains("quarantined"));
        assert!(agent.runs());
    }
    // A person ends the copy and lets the original keep the identity: nothing that it collected meanwhile is lost.
    copy.kill9();
    let before = wacht_tests::books::stored(&house, &original.host);
    house.cli(&["approve", &original.host]);
    original.kill9();
    original.start();
    wait_until("the original reports again", 60, || wacht_tests::books::stored(&house, &original.host) > before + 2);
    wacht_tests::books::assert_balanced(&house, &original.host, 30);
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()));
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
