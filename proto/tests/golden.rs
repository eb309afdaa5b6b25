//! Golden bytes: messages as released, so that an agent and a collector of different versions keep understanding
//! each other. A test that fails here means the wire changed: add a field with a new number instead.

use prost::Message;
use wacht_proto::v1;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn report() -> v1::Report {
    v1::Report {
        incarnation: Some(v1::Id128 { high: 1, low: 2 }),
        sequence: 300,
        boot: Some(v1::Id128 { high: 3, low: 4 }),
        boottime_ms: 61_000,
        wall_unix_ms: 1_795_000_000_000,
        dictionary: 0x0102_0304_0506_0708,
        block: vec![1, 65],
        sections: vec![v1::Section { kind: v1::SectionKind::Cpu.into(), digest: 9, body_zstd: vec![0x28, 0xb5] }],
        events: vec![v1::Event {
            kind: v1::EventKind::AgentStarted.into(),
            boottime_ms: 60_000,
            object: "agent".to_owned(),
            detail: String::new(),
        }],
        processes: vec![v1::ProcessTop { pid: 7, name: "init".to_owned(), memory_bytes: 4_096, cpu_utilization: 0.5 }],
        presence: v1::Presence::Shutdown.into(),
        expected_return_s: 120,
        interval_s: 60,
    }
}

#[test]
fn a_report_encodes_as_released() {
    let golden = concat!(
        "0a1209010000000000000011020000000000000010ac021a1209030000000000000011040000000000000020c8dc0328",
        "80bcd9f29e343108070605040302013a020141420f08021109000000000000001a0228b54a0d080110e0d4031a056167",
        "656e74521408071204696e697418802021000000000000e03f58026078683c",
    );
    assert_eq!(hex(&report().encode_to_vec()), golden);
}

#[test]
fn a_report_comes_back_as_it_went() {
    assert_eq!(v1::Report::decode(report().encode_to_vec().as_slice()).unwrap(), report());
}

#[test]
fn a_field_of_a_newer_version_is_passed_over() {
    let mut bytes = report().encode_to_vec();
    // Field 500, a varint that this version does not know.
    bytes.extend_from_slice(&[0xa0, 0x1f, 0x07]);
    assert_eq!(v1::Report::decode(bytes.as_slice()).unwrap(), report());
}

#[test]
fn an_acknowledgement_encodes_as_released() {
    let ack = v1::Ack {
        contiguous_sequence: 41,
        stored: vec![v1::SequenceRange { first: 44, last: 46 }],
        collector_unix_ms: 1,
        policy: Some(v1::Policy {
            report_interval_s: 60,
            inventory_interval_s: 3_600,
            health_sampling: true,
            sections_off: vec![v1::SectionKind::User.into()],
            retry_after_ms: 0,
        }),
    };
    let message = v1::CollectorMessage { kind: Some(v1::collector_message::Kind::Ack(ack)) };
    assert_eq!(hex(&message.encode_to_vec()), "121608291204082c102e1801220a083c10901c180122010a");
}

/// What goes to an agent holds numbers, booleans and enums alone; strings and bytes stand in RenewReply only.
#[test]
fn nothing_that_a_collector_streams_can_carry_text() {
    let text = include_str!("../wacht/v1/telemetry.proto");
    for message in ["CollectorMessage", "Welcome", "Ack", "SequenceRange", "Policy", "Id128"] {
        let start = text.find(&format!("message {message} {{")).unwrap_or_else(|| panic!("{message} is missing"));
        let body = &text[start..start + text[start..].find("\n}").unwrap()];
        assert!(
            !body.contains("string ") && !body.contains("bytes ") && !body.contains("google.protobuf"),
            "{message}"
        );
    }
}
