//! Reports of a hostile agent: each is refused or clipped with a counted reason, and the next report passes.

use wacht_proto::v1::agent_message::Kind;
use wacht_proto::{block, v1};
use wacht_tests::books::{assert_balanced, refused, stored};
use wacht_tests::draft::{CPU, Draft, FILESYSTEM, section};
use wacht_tests::house::{House, Options};
use wacht_tests::identity::Identity;
use wacht_tests::wait::{wait_for, wait_until};
use wacht_tests::wire::{Stream, WireAgent};

/// A house and a wire-level agent with an open stream.
fn guest() -> Option<(House, WireAgent, Stream)> {
    let house = House::start(Options::default())?;
    let mut agent = WireAgent::new(Identity::enrol(&house, "wire"));
    let stream = agent.open().expect("the first stream");
    Some((house, agent, stream))
}

/// Whatever happened before: an ordinary report is stored.
fn the_next_passes(house: &House, agent: &mut WireAgent, stream: &mut Stream) {
    let before = stored(house, &agent.identity.host);
    let draft = agent.good();
    let ack = agent.deliver(stream, &draft).expect("the next report passes");
    assert_eq!(ack.contiguous_sequence, draft.report.sequence);
    assert_eq!(stored(house, &agent.identity.host), before + 1);
}

/// A draft whose report is refused whole, for `reason`.
fn is_refused(house: &House, agent: &mut WireAgent, stream: &mut Stream, draft: &Draft, reason: &str) {
    let before = refused(house, &agent.identity.host, reason).0;
    let ack = agent.deliver(stream, draft).expect("a refused report is acknowledged, so that it is not sent again");
    assert_eq!(ack.contiguous_sequence, draft.report.sequence, "{reason}: a gap record passes the mark");
    assert_eq!(refused(house, &agent.identity.host, reason).0, before + 1, "{reason} is counted");
    the_next_passes(house, agent, stream);
}

#[test]
fn values_that_are_not_finite_are_clipped_and_counted_and_the_next_report_passes() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let draft = agent.draft(&[(CPU, "", f64::INFINITY), (FILESYSTEM, "/", 0.5), (FILESYSTEM, "/x", f64::NAN)]);
    agent.deliver(&mut stream, &draft).expect("it is stored without them");
    assert_eq!(refused(&house, &agent.identity.host, "clipped:not_finite").1, 1);
    the_next_passes(&house, &mut agent, &mut stream);
    let host = &agent.identity.host;
    let series =
        house.api.list_once(&format!("/api/v1/hosts/{host}/series?metric=system.filesystem.utilization&step=0"));
    let objects: Vec<_> =
        series.iter().filter(|series| !series["points"].as_array().is_none_or(Vec::is_empty)).collect();
    assert_eq!(objects.len(), 1, "a missing value is no point: {series:?}");
    assert_balanced(&house, host, 5);
}

#[test]
fn series_that_nobody_knows_are_clipped_and_counted_and_the_next_report_passes() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let draft = agent.draft(&[(9_999, "", 1.0), (CPU, "", 0.5)]);
    agent.deliver(&mut stream, &draft).expect("it is stored without them");
    assert_eq!(refused(&house, &agent.identity.host, "clipped:unknown_series").1, 1);
    the_next_passes(&house, &mut agent, &mut stream);
    assert_balanced(&house, &agent.identity.host, 5);
}

#[test]
fn three_thousand_series_are_refused_and_the_next_report_passes() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let names: Vec<String> = (0..3_000).map(|number| format!("/mount/{number}")).collect();
    let series: Vec<_> = names.iter().map(|name| (FILESYSTEM, name.as_str(), 0.5)).collect();
    let draft = agent.draft(&series);
    is_refused(&house, &mut agent, &mut stream, &draft, "refused:unknown_dictionary");
}

#[test]
fn a_block_of_garbage_is_refused_and_the_next_report_passes() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    for garbage in [vec![0xff; 40], vec![0x02, 0x05], vec![2, 0b11, 0b11, 0, 0, 0]] {
        let mut draft = agent.good();
        draft.report.block = garbage;
        is_refused(&house, &mut agent, &mut stream, &draft, "refused:malformed_block");
    }
}

#[test]
fn a_report_of_another_month_is_refused_and_the_next_report_passes() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let mut ahead = agent.good();
    ahead.report.boottime_ms += 40 * 86_400_000;
    is_refused(&house, &mut agent, &mut stream, &ahead, "refused:time");
    // A boot of 40 days ago, by the clock of which nothing is known: the claim is held within bounds.
    let mut behind = agent.good();
    behind.report.boot = Some(wacht_tests::wire::random_id());
    behind.report.wall_unix_ms -= 40 * 86_400_000;
    agent.deliver(&mut stream, &behind).expect("an answer");
    the_next_passes(&house, &mut agent, &mut stream);
}

#[test]
fn a_message_of_two_mebibytes_ends_the_stream_and_the_next_stream_passes() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let mut draft = agent.good();
    draft.report.sections = vec![v1::Section { kind: 8, digest: 1, body_zstd: vec![7; 2 * 1024 * 1024] }];
    let refusal = agent.deliver(&mut stream, &draft).expect_err("too long");
    assert!(
        refusal.text.contains("larger") || refusal.text.contains("limit") || refusal.text.contains("size"),
        "{refusal:?}"
    );
    let mut stream = agent.open().expect("a second stream");
    // An honest agent gives up what the collector cannot take.
    let gap = v1::GapRecord {
        first_sequence: draft.report.sequence,
        last_sequence: draft.report.sequence,
        reason: v1::DropReason::Refused.into(),
        counts: None,
    };
    stream.send(Kind::Gap(gap)).expect("sent");
    stream.ack().expect("a gap is acknowledged");
    the_next_passes(&house, &mut agent, &mut stream);
}

#[test]
fn a_section_that_unpacks_to_gigabytes_is_clipped_and_the_next_report_passes() {
    let Some((mut house, mut agent, mut stream)) = guest() else { return };
    let bomb = zstd::bulk::compress(&vec![0u8; 256 * 1024 * 1024], 3).expect("it compresses");
    assert!(bomb.len() < 64 * 1024, "a bomb is small");
    let mut draft = agent.good();
    draft.report.sections = vec![v1::Section { kind: v1::SectionKind::Software.into(), digest: 1, body_zstd: bomb }];
    agent.collected.sections += 1;
    agent.deliver(&mut stream, &draft).expect("the report is stored without it");
    assert_eq!(refused(&house, &agent.identity.host, "clipped:section").2, 1);
    the_next_passes(&house, &mut agent, &mut stream);
    assert!(house.collector_runs());
    assert_balanced(&house, &agent.identity.host, 5);
}

#[test]
fn a_report_that_comes_twice_is_stored_once() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let draft = agent.good();
    for _ in 0..3 {
        agent.deliver(&mut stream, &draft).expect("an answer");
    }
    assert_eq!(stored(&house, &agent.identity.host), 1);
    the_next_passes(&house, &mut agent, &mut stream);
    assert_balanced(&house, &agent.identity.host, 5);
}

#[test]
fn a_sequence_that_comes_again_with_another_content_quarantines_the_host() {
    let Some((house, mut agent, mut stream)) = guest() else { return };
    let draft = agent.good();
    agent.deliver(&mut stream, &draft).expect("the first");
    let mut other = draft.clone();
    other.report.block.clear();
    block::encode_whole(&[0.9, 1.0], &mut other.report.block);
    let refusal = agent.deliver(&mut stream, &other).expect_err("a fork");
    assert!(refusal.text.contains("quarantined"), "{refusal:?}");
    assert!(agent.open().is_err_and(|refusal| refusal.text.contains("quarantined")), "the next stream is refused too");
    wait_until("the host shows as quarantined", 5, || {
        house.get(&format!("/api/v1/hosts/{}", agent.identity.host))["presence"]["state"] == "quarantined"
    });
}

#[test]
fn a_host_named_as_a_script_stays_text_in_api_page_and_webhook() {
    let Some(house) = House::start(Options::default()) else { return };
    let name = "<script>alert(1)</script>";
    let mut agent = WireAgent::new(Identity::enrol(&house, name));
    let mut stream = agent.open().expect("a stream");
    let mut draft =
        agent.draft(&[(FILESYSTEM, "/<b>srv</b>", 0.99), (33, "/<b>srv</b>", 1e6), (31, "/<b>srv</b>", 1e8)]);
    let system = v1::SystemSection { hostname: name.to_owned(), ..v1::SystemSection::default() };
    let body =
        v1::SectionBody { kind: Some(v1::section_body::Kind::System(system)), notes: Vec::new(), ..Default::default() };
    draft.report.sections = vec![section(v1::SectionKind::System, &body)];
    agent.collected.sections += 1;
    agent.deliver(&mut stream, &draft).expect("stored");
    let hosts =
        wait_for("the host is listed", 10, || Some(house.api.list("/api/v1/hosts")).filter(|hosts| !hosts.is_empty()));
    assert_eq!(hosts[0]["name"], name, "the API gives the name as it is");
    for path in ["/", "/hosts", "/incidents", &format!("/hosts/{}", agent.identity.host)] {
        let page = house.api.fetch(path);
        assert!(!page.text.contains("<script>alert"), "{path} carries the script");
        assert!(!page.text.contains("<b>srv"), "{path} carries the mark-up");
    }
    let listed = house.api.fetch("/hosts").text;
    assert!(listed.contains("&#60;script&#62;alert(1)"), "the page names the host: {listed}");
    let opened = wait_for("an incident goes out", 30, || {
        let again =
            agent.draft(&[(FILESYSTEM, "/<b>srv</b>", 0.99), (33, "/<b>srv</b>", 1e6), (31, "/<b>srv</b>", 1e8)]);
        agent.deliver(&mut stream, &again).expect("stored");
        std::thread::sleep(std::time::Duration::from_millis(500));
        house.webhook.with("wacht.incident.opened.v1", "alert(1)").pop()
    });
    assert!(opened.signed);
}
