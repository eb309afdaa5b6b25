//! Recordings of real machines through the executables: what the parsers make of them, and what the collector raises.
//! They stand outside the project (`WACHT_RECORDINGS`); their absence skips a test.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wacht_tests::house::executables;
use wacht_tests::tell;

fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("WACHT_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    tell(&format!("skipped: no recordings at {}", folder.display()));
    None
}

/// The drives of a table of recordings with their truth, by the name of their file.
struct Drive {
    path: String,
    is_failing: bool,
    is_clean: bool,
}

fn drives(table: &Path) -> Vec<Drive> {
    let text = std::fs::read_to_string(table).expect("the table of drives");
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let place = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let (path, health) = (place("path"), place("health"));
    let counts = ["attr_failing_now", "attr_failed_past", "label_err"].map(place);
    lines
        .map(|row| {
            let count = |place: usize| row.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
            let is_failing = row[health] != "PASSED" || count(counts[0]) > 0;
            let is_clean = !is_failing && count(counts[1]) == 0 && count(counts[2]) == 0;
            Drive { path: row[path].to_owned(), is_failing, is_clean }
        })
        .collect()
}

#[test]
#[ignore = "long proof: converts a thousand reports of drives, two minutes"]
fn every_failing_drive_raises_and_the_clean_ones_stay_silent() {
    let (Some(folder), Some(bin)) = (recordings(), executables()) else { return };
    let converter = folder.join("../tools/smart-text-to-json.py");
    if !converter.is_file() {
        return tell(&format!("skipped: no converter at {}", converter.display()));
    }
    let drives = drives(&folder.join("smart-sample.tsv"));
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let mut files = Vec::new();
    for (number, drive) in drives.iter().enumerate() {
        let report = folder.join("smart").join(format!("{}.txt", drive.path));
        let json = Command::new("python3").arg(&converter).arg(report).output().expect("python3 runs").stdout;
        let file = scratch.path().join(format!("{number}.json"));
        std::fs::write(&file, json).expect("a file");
        files.push(file);
    }
    let answers = judged(&bin, "smart", &files);
    let mut table: BTreeMap<(&str, bool), u32> = BTreeMap::new();
    for (drive, answer) in drives.iter().zip(&answers) {
        assert!(answer["error"].is_null(), "{}: {answer}", drive.path);
        let truth = match (drive.is_failing, drive.is_clean) {
            (true, _) => "failing",
            (_, true) => "clean",
            _ => "with errors in the past",
        };
        *table.entry((truth, is_raised(answer))).or_default() += 1;
    }
    for ((truth, raised), count) in &table {
        tell(&format!("{count:5} {truth}, {}", if *raised { "raised" } else { "silent" }));
    }
    let count = |truth, raised| table.get(&(truth, raised)).copied().unwrap_or(0);
    assert!(count("failing", true) > 0 && count("failing", false) == 0);
    assert!(count("clean", true) * 100 <= count("clean", true) + count("clean", false));
}

#[test]
fn captures_of_smartctl_are_read_whole_and_raise_by_their_own_word() {
    let (Some(folder), Some(bin)) = (recordings(), executables()) else { return };
    let names = std::fs::read_dir(folder.join("smartctl-json")).expect("captures").flatten();
    let mut files: Vec<PathBuf> = names.map(|entry| entry.path()).collect();
    files.sort_unstable();
    let (mut raised, mut silent) = (0, 0);
    for (file, answer) in files.iter().zip(judged(&bin, "smart", &files)) {
        let capture: Value = serde_json::from_slice(&std::fs::read(file).expect("a capture")).expect("JSON");
        let rows = capture["ata_smart_attributes"]["table"].as_array().into_iter().flatten();
        let is_failing = capture["smart_status"]["passed"] == false
            || rows.filter(|row| row["when_failed"] == "now").count() > 0
            || capture["nvme_smart_health_information_log"]["critical_warning"].as_u64().unwrap_or(0) > 0;
        assert!(answer["error"].is_null() && answer["items"].as_array().is_some_and(|items| items.len() == 1));
        assert_eq!(is_raised(&answer), is_failing, "{}: {answer}", file.display());
        *(if is_failing { &mut raised } else { &mut silent }) += 1;
    }
    assert!(silent > 0);
    tell(&format!("captures: {raised} raised, {silent} silent, as each says of itself"));
}

fn is_raised(answer: &Value) -> bool {
    answer["findings"].as_array().is_some_and(|findings| !findings.is_empty())
}

/// What `parse` and then `check-section` make of files, in their order.
fn judged(bin: &Path, section: &str, files: &[PathBuf]) -> Vec<Value> {
    let parsed =
        Command::new(bin.join("wacht-agent")).args(["parse", section]).args(files).output().expect("parse runs");
    assert!(parsed.status.success(), "{}", String::from_utf8_lossy(&parsed.stderr));
    let mut check = Command::new(bin.join("wacht-collector"));
    check.args(["check-section", section, "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut check = check.spawn().expect("check-section runs");
    let mut input = check.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || input.write_all(&parsed.stdout));
    let output = check.wait_with_output().expect("its output");
    writer.join().expect("the writer").expect("all is read");
    assert!(output.status.success());
    let lines: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), files.len());
    lines
}

#[test]
fn every_parser_of_the_agent_has_its_sections_at_the_collector() {
    let Some(bin) = executables() else { return };
    let refusal = Command::new(bin.join("wacht-agent")).args(["parse", "no-such", "x"]).output().expect("parse runs");
    let refusal = String::from_utf8_lossy(&refusal.stderr).into_owned();
    let words: Vec<&str> =
        refusal.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()).collect();
    assert!(words.len() > 10, "{refusal}");
    for word in words {
        let checked = Command::new(bin.join("wacht-collector"))
            .args(["check-section", word, "-"])
            .stdin(Stdio::null())
            .output()
            .expect("check-section runs");
        assert!(checked.status.success(), "{word}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}
