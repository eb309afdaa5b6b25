//! How the unit of a backup last ran, as the service manager and its journal tell. What a code means to the program is
//! its product's matter.

use std::collections::BTreeMap;

use serde_json::Value;
use wacht_proto::v1::{BackupJob, BackupResult};

use crate::inventory::child::Program;
use crate::inventory::moment::{of_unix, unix_of_words};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// Units that are asked about.
const UNITS_MAX: usize = 64;
/// Units of which the journal is asked; each question takes it a while.
const JOURNALS_MAX: usize = 16;
/// The journal's own marks of a unit that ended well, and of one that failed.
const ENDED_WELL: &str = "7ad2d189f7e94e70a38c781354912448";
const FAILED: &str = "d9b373ed55a64feb8242e02dbe79a49c";
/// What is shown of each unit.
const PROPERTIES: &str =
    "--property=Id,ActiveState,Result,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,ExecMainExitTimestamp";

/// The last run of a unit. Times are Unix seconds, 0 where unknown.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Run {
    /// Whether it runs now.
    pub running: bool,
    /// Whether its last end counts as good; `None` where it has not ended yet.
    pub good: Option<bool>,
    /// The code of its program.
    pub code: i32,
    /// When it began, or ended where only that is known.
    pub last_unix: i64,
    /// When it last ended, well or not.
    pub ended_unix: i64,
    /// When it last ended well.
    pub good_unix: i64,
}

impl Run {
    /// Writes what is known into a job; a code that warns leaves a backup behind, whatever the unit says of it.
    pub fn tell(&self, job: &mut BackupJob, warns: fn(i32) -> bool) {
        let warned = self.good.is_some() && self.code != 0 && warns(self.code);
        let result = match self {
            Self { running: true, .. } => BackupResult::Running,
            _ if warned => BackupResult::Warning,
            Self { good: Some(true), .. } => BackupResult::Succeeded,
            Self { good: Some(false), .. } => BackupResult::Failed,
            _ => BackupResult::Unspecified,
        };
        let good_unix = if warned && !self.running { self.ended_unix.max(self.good_unix) } else { self.good_unix };
        job.result = result.into();
        job.last_run_at = of_unix(self.last_unix).unwrap_or_default();
        job.last_good_at = of_unix(good_unix).unwrap_or_default();
    }
}

/// The last runs of some units by their names; empty where there is no service manager.
pub fn runs<'a>(root: &Root, units: impl Iterator<Item = &'a str>, notes: &mut Notes) -> BTreeMap<String, Run> {
    let safe = |name: &&str| name.bytes().all(|byte| byte.is_ascii_graphic()) && !name.starts_with('-');
    let mut units: Vec<&str> = units.filter(safe).collect();
    units.sort_unstable();
    units.dedup();
    units.truncate(UNITS_MAX);
    if units.is_empty() || root.is_real() && !root.exists("run/systemd/system") {
        return BTreeMap::new();
    }
    let mut arguments = vec!["show", "--no-pager", PROPERTIES, "--"];
    arguments.extend(&units);
    let mut runs = shown(&root.output(Program::Systemctl, &arguments, notes).unwrap_or_default());
    // Since a start of the machine or a failure only the journal knows the last good run.
    let dark = runs.iter_mut().filter(|(_, run)| run.good_unix == 0);
    for (unit, run) in dark.take(JOURNALS_MAX) {
        let (unit, marks) = (format!("UNIT={unit}"), [ENDED_WELL, FAILED].map(|id| format!("MESSAGE_ID={id}")));
        let arguments = ["--no-pager", "--quiet", "--output=json", "--lines=20", &marks[0], &marks[1], &unit];
        remember(run, &root.output_of_any_code(Program::Journalctl, &arguments, notes).unwrap_or_default());
    }
    runs
}

/// The blocks of `systemctl show`.
fn shown(text: &str) -> BTreeMap<String, Run> {
    let block = |block: &str| {
        let values: BTreeMap<&str, &str> = block.lines().filter_map(|line| line.split_once('=')).collect();
        let moment = |key: &str| values.get(key).and_then(|words| unix_of_words(words)).unwrap_or(0);
        let (began, ended) = (moment("ExecMainStartTimestamp"), moment("ExecMainExitTimestamp"));
        let running = ["activating", "active", "reloading", "deactivating"].contains(values.get("ActiveState")?);
        let good = (ended > 0 && !running).then(|| values.get("Result") == Some(&"success"));
        let run = Run {
            running,
            good,
            // A signal has a number too, which is no code.
            code: if values.get("ExecMainCode") == Some(&"1") {
                values.get("ExecMainStatus")?.parse().ok()?
            } else {
                0
            },
            last_unix: began,
            ended_unix: ended,
            good_unix: if good == Some(true) { ended } else { 0 },
        };
        Some(((*values.get("Id")?).to_owned(), run))
    };
    text.split("\n\n").filter_map(block).collect()
}

/// Adds what the journal remembers, one document of JSON a line, the newest last.
fn remember(run: &mut Run, journal: &str) {
    for line in journal.lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let Ok(unix) = text("__REALTIME_TIMESTAMP").parse::<i64>().map(|micros| micros / 1_000_000) else { continue };
        let good = text("MESSAGE_ID") == ENDED_WELL;
        run.good_unix = if good { run.good_unix.max(unix) } else { run.good_unix };
        if run.last_unix < unix && !run.running {
            (run.last_unix, run.ended_unix, run.good, run.code) = (unix, unix, Some(good), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "Id=a.service\nActiveState=inactive\nResult=success\nExecMainCode=1\nExecMainStatus=0
ExecMainStartTimestamp=Thu 2026-01-01 02:00:00 UTC\nExecMainExitTimestamp=Thu 2026-01-01 02:10:00 UTC

Id=b.service\nActiveState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=3
ExecMainStartTimestamp=Thu 2026-01-01 02:00:00 UTC\nExecMainExitTimestamp=Thu 2026-01-01 02:10:00 UTC

Id=c.service\nActiveState=inactive\nResult=success\nExecMainCode=0\nExecMainStatus=0
ExecMainStartTimestamp=\nExecMainExitTimestamp=

Id=d.service\nActiveState=activating\nResult=success\nExecMainCode=0\nExecMainStatus=0
ExecMainStartTimestamp=Thu 2026-01-01 02:00:00 UTC\nExecMainExitTimestamp=
";

    fn told(run: &Run, warns: fn(i32) -> bool) -> (BackupResult, String, String) {
        let mut job = BackupJob::default();
        run.tell(&mut job, warns);
        (job.result(), job.last_run_at, job.last_good_at)
    }

    #[test]
    fn good_failed_idle_and_running_units_are_told_apart() {
        let runs = shown(SHOWN);
        let never: fn(i32) -> bool = |_| false;
        let at = |moment: &str| moment.to_owned();
        let (began, ended) = (at("2026-01-01T02:00:00Z"), at("2026-01-01T02:10:00Z"));
        assert_eq!(told(&runs["a.service"], never), (BackupResult::Succeeded, began.clone(), ended.clone()));
        assert_eq!(told(&runs["b.service"], never), (BackupResult::Failed, began.clone(), String::new()));
        assert_eq!(told(&runs["b.service"], |code| code == 3), (BackupResult::Warning, began.clone(), ended));
        assert_eq!(told(&runs["c.service"], never), (BackupResult::Unspecified, String::new(), String::new()));
        assert_eq!(told(&runs["d.service"], never), (BackupResult::Running, began, String::new()));
    }

    #[test]
    fn the_journal_remembers_a_good_run_before_a_failure_and_before_a_start() {
        let entry =
            |unix: i64, id: &str| format!("{{\"__REALTIME_TIMESTAMP\":\"{unix}000000\",\"MESSAGE_ID\":\"{id}\"}}\n");
        let journal = entry(1_700_000_000, ENDED_WELL) + "{\"x\":[1,2\nnull\n" + &entry(1_700_086_400, FAILED);
        let mut runs = shown(SHOWN);
        let mut after = |unit: &str| {
            let run = runs.get_mut(unit).unwrap();
            remember(run, &journal);
            (run.good, run.last_unix, run.good_unix)
        };
        assert_eq!(after("c.service"), (Some(false), 1_700_086_400, 1_700_000_000));
        assert_eq!(after("b.service"), (Some(false), 1_767_232_800, 1_700_000_000));
    }

    #[test]
    fn cut_texts_of_the_service_manager_tell_less_and_never_panic() {
        for at in 0..SHOWN.len() {
            assert!(shown(&SHOWN[..at]).len() <= 4);
        }
        assert!(shown("\u{fffd}=\n\n=\nId").is_empty());
    }
}
