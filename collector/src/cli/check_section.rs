//! `check-section`: lines that `wacht-agent parse` printed go through the very door, CMDB and monitors of live reports,
//! as those of a server that was never seen before. One capture counts as held. Nothing is stored.

use super::{code, complain, say};
use crate::cmdb;
use crate::evaluate::{self, Memory, MonitorSet, Subject};
use crate::ingest::section::{kind_of, scan};
use crate::model::{CustomerId, Finding, HostId, Item, Language, Monitor, Role, Severity, Verdict};
use crate::words::Words;
use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost::Message as _;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;
use wacht_proto::block::content_digest;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Section, SectionBody, SectionKind};

/// Longest line, in bytes: a section of 4 MiB with room for JSON's quotes and escapes.
const LINE_BYTES_MAX: u64 = 32 << 20;
/// The sections that the agent's parsers make, for those whose word is not that of a section.
const PARSERS: &[(&str, &[&str])] = &[
    ("apt-upgrade", &["update"]),
    ("crontab", &["scheduled_job"]),
    ("dnf-check-update", &["update"]),
    ("docker-ps", &["container"]),
    ("dpkg", &["software"]),
    ("edid", &["display"]),
    ("libvirt", &["virtual_machine"]),
    ("lvs", &["array"]),
    ("mdstat", &["array"]),
    ("neighbour-v6", &["neighbour"]),
    ("os-release", &["operating_system"]),
    ("passwd", &["user"]),
    ("podman-ps", &["container"]),
    ("pve-jobs", &["backup_job"]),
    ("pve-vm", &["virtual_machine"]),
    ("rpm", &["software"]),
    ("rsnapshot", &["backup_job"]),
    ("smart", &["disk_health"]),
    ("smbios", &["system", "cpu", "memory"]),
    ("ssacli", &["array"]),
    ("storcli", &["array"]),
    ("tcp", &["port"]),
    ("timer", &["scheduled_job"]),
    ("udp", &["port"]),
    ("veeam-sessions", &["backup_job"]),
    ("zpool", &["array"]),
];

/// What one line came to.
#[derive(Serialize)]
struct Answer {
    input: Json,
    items: Vec<SeenItem>,
    findings: Vec<SeenFinding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// An item as the CMDB would keep it.
#[derive(Serialize)]
struct SeenItem {
    class: &'static str,
    key: String,
    name: String,
    fields: crate::model::Fields,
}

/// An incident that would be raised.
#[derive(Serialize)]
struct SeenFinding {
    monitor: String,
    severity: Severity,
    reason: String,
}

/// Reads lines from a file, or `-` for standard input, and prints one line of JSON for each. Answers 65 when a line
/// was none that `parse` prints; the others are still done.
pub fn check_section(section: &str, file: &Path) -> anyhow::Result<ExitCode> {
    let wanted = sections_of(section)?;
    let mut lines: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let opened = std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
        Box::new(BufReader::new(opened))
    };
    let judge = Judge::new()?;
    let (mut number, mut wrong) = (0_u64, false);
    while let Some(line) = next_line(&mut lines).with_context(|| format!("line {}", number + 1))? {
        number += 1;
        let answer = answer(&judge, &line, &wanted, Timestamp::now()).unwrap_or_else(|problem| {
            wrong = true;
            complain(&format!("line {number}: {problem}"));
            Answer { input: Json::Null, items: vec![], findings: vec![], error: Some(problem) }
        });
        say(&serde_json::to_string(&answer)?)?;
    }
    Ok(if wrong { ExitCode::from(code::DATA_ERROR) } else { ExitCode::SUCCESS })
}

/// The words of the sections that a word of the command line stands for.
fn sections_of(word: &str) -> anyhow::Result<Vec<String>> {
    if let Some((_, sections)) = PARSERS.iter().find(|(parser, _)| *parser == word) {
        return Ok(sections.iter().map(|section| (*section).to_owned()).collect());
    }
    let all: Vec<String> = (1..).map_while(|number| SectionKind::try_from(number).ok()).map(word_of).collect();
    if all.iter().any(|section| section == word) {
        return Ok(vec![word.to_owned()]);
    }
    let parsers = PARSERS.iter().map(|(parser, _)| *parser);
    let known: Vec<&str> = parsers.chain(all.iter().map(String::as_str)).collect();
    bail!("there is no section {word:?}; there are: {}", known.join(", "))
}

/// `disk_health` for `SECTION_KIND_DISK_HEALTH`.
fn word_of(kind: SectionKind) -> String {
    kind.as_str_name().trim_start_matches("SECTION_KIND_").to_ascii_lowercase()
}

/// One line without its end; `None` after the last.
fn next_line(lines: &mut impl BufRead) -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    lines.take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
    if bytes.len() as u64 > LINE_BYTES_MAX {
        bail!("it is longer than {LINE_BYTES_MAX} bytes");
    }
    Ok((!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}

/// What a line of `parse` comes to; a sentence where it is none.
fn answer(judge: &Judge, line: &str, wanted: &[String], now: Timestamp) -> Result<Answer, String> {
    let line: Map<String, Json> = serde_json::from_str(line).map_err(|error| format!("is no JSON object: {error}"))?;
    let input = line.get("input").cloned().unwrap_or_default();
    let (sections, error) = match (line.get("section"), line.get("error").and_then(Json::as_str)) {
        (Some(Json::Object(sections)), None) => (bodies(sections, wanted)?, None),
        (None, Some(error)) => (Vec::new(), Some(error.to_owned())),
        _ => return Err("holds neither \"section\" nor \"error\"".to_owned()),
    };
    let items = items(sections, now)?;
    let findings = judge.findings(&items, now);
    let items = items.into_iter().map(|item| SeenItem {
        class: item.class.word(),
        key: item.key,
        name: item.name,
        fields: item.fields,
    });
    Ok(Answer { input, items: items.collect(), findings, error })
}

fn bodies(sections: &Map<String, Json>, wanted: &[String]) -> Result<Vec<Kind>, String> {
    let kinds = sections.iter().filter(|(word, _)| *word != "notes");
    kinds
        .map(|(word, body)| {
            if !wanted.contains(word) {
                return Err(format!("holds the section {word:?}; asked was {}", wanted.join(", ")));
            }
            serde_json::from_value(json!({ word: body })).map_err(|error| format!("section {word:?}: {error}"))
        })
        .collect()
}

/// The items after the door of the inventory and the CMDB, as at a first scan.
fn items(sections: Vec<Kind>, now: Timestamp) -> Result<Vec<Item>, String> {
    let mut items: Vec<Item> = Vec::new();
    for kind in sections {
        let number = kind_of(&kind).into();
        let body = SectionBody { kind: Some(kind), notes: vec![], ..Default::default() }.encode_to_vec();
        let body_zstd = zstd::encode_all(body.as_slice(), 1).map_err(|error| error.to_string())?;
        let section = Section { kind: number, digest: content_digest(&body), body_zstd };
        let scan = scan(&section).map_err(|error| error.to_string())?;
        let (host, customer) = (HostId::default(), CustomerId::default());
        let origin = cmdb::Origin { at: now, received_at: now, scan_name: "", unknown: &scan.classes };
        items.extend(cmdb::reconcile(host, customer, &items, &scan, origin).items);
    }
    Ok(items)
}

/// The shipped monitors of a server, without their holds, and the sentences.
struct Judge {
    monitors: Vec<Monitor>,
    words: Words,
}

impl Judge {
    fn new() -> anyhow::Result<Self> {
        let (customer_name, site_name, host_name) = (String::new(), String::new(), String::new());
        let subject = Subject { host: HostId::default(), host_name, customer_name, site_name, role: Role::Server };
        let held = |monitor: &Monitor| Monitor { hold_s: 0, clear_hold_s: 0, ..monitor.clone() };
        let monitors = MonitorSet::shipped()?.for_host(&subject).iter().map(held).collect();
        Ok(Self { monitors, words: Words::load()? })
    }

    fn findings(&self, items: &[Item], now: Timestamp) -> Vec<SeenFinding> {
        let mut memory = Memory::new();
        let found = evaluate::judge_items(&self.monitors, &mut memory, HostId::default(), items, None, now);
        found.into_iter().filter_map(|finding| self.seen(finding)).collect()
    }

    fn seen(&self, finding: Finding) -> Option<SeenFinding> {
        let Verdict::Alarm(alarm) = finding.verdict else { return None };
        let reason = self.words.say(&alarm.reason, Language::En, &TimeZone::UTC);
        Some(SeenFinding { monitor: finding.monitor, severity: alarm.severity, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(section: &str, line: &str) -> Result<Json, String> {
        let wanted = sections_of(section).map_err(|error| error.to_string())?;
        let answer = answer(&Judge::new().unwrap(), line, &wanted, Timestamp::UNIX_EPOCH)?;
        Ok(serde_json::to_value(answer).unwrap())
    }

    const FAILED: &str = r#"{"input":"a.json","section":{"disk_health":{"disks":[
        {"name":"sda","serial":"S1","model":"X","verdict":"failed","failing_now":["Reallocated_Sector_Ct"]}]}}}"#;

    #[test]
    fn a_failing_disk_becomes_an_item_and_a_finding_at_its_first_capture() {
        let answer = checked("smart", FAILED).unwrap();
        assert_eq!((&answer["input"], &answer["items"][0]["key"]), (&json!("a.json"), &json!("S1")));
        assert_eq!(answer["items"][0]["fields"]["verdict"], "failed");
        let findings = answer["findings"].as_array().unwrap();
        assert_eq!((findings.len(), &findings[0]["monitor"]), (1, &json!("disk_failing")));
        assert_eq!(findings[0]["severity"], "P1");
        assert!(findings[0]["reason"].as_str().unwrap().contains("Reallocated_Sector_Ct"));
    }

    #[test]
    fn a_sound_disk_is_an_item_alone_and_an_error_gives_empty_lists() {
        let sound = FAILED.replace("failed", "passed").replace(r#""Reallocated_Sector_Ct""#, "");
        let answer = checked("disk_health", &sound).unwrap();
        assert_eq!((answer["items"].as_array().unwrap().len(), &answer["findings"]), (1, &json!([])));
        let error = checked("smart", r#"{"input":"b","error":"is no JSON"}"#).unwrap();
        assert_eq!(error, json!({ "input": "b", "items": [], "findings": [], "error": "is no JSON" }));
    }

    #[test]
    fn what_is_no_line_of_parse_is_refused_in_a_sentence() {
        for (line, expected) in [
            ("{", "is no JSON object"),
            ("[]", "is no JSON object"),
            ("{}", "neither"),
            (r#"{"section":{"software":{}}}"#, "asked was disk_health"),
            (r#"{"section":{"disk_health":{"disks":7}}}"#, "invalid type"),
        ] {
            let problem = checked("smart", line).unwrap_err();
            assert!(problem.contains(expected), "{problem}");
        }
        assert!(checked("smurf", "{}").unwrap_err().contains("there are: apt-upgrade"));
    }
}
