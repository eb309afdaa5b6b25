//! Jobs that wait in at's queue, from the names of their files and the head of each, which holds their account. What they
//! run stands among the sender's whole environment and is not read.

use wacht_proto::v1::ScheduledJob;

use crate::inventory::date::minute;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// On Debian, on Red Hat and on SUSE.
const SPOOLS: [&str; 3] = ["var/spool/cron/atjobs", "var/spool/at", "var/spool/atjobs"];
const JOBS_MAX: usize = 1_000;
const HEAD_BYTES_MAX: u64 = 256;

/// The waiting jobs; empty on machines without at.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<ScheduledJob> {
    let passwd = root.text("etc/passwd", notes).unwrap_or_default();
    let mut jobs = Vec::new();
    for folder in SPOOLS {
        for name in root.names_noted(folder, notes).iter().take(JOBS_MAX) {
            let Some(starts_at) = minute_of(name) else { continue };
            let head = root.bytes_from(&format!("{folder}/{name}"), 0, HEAD_BYTES_MAX, notes).unwrap_or_default();
            let account = account(&String::from_utf8_lossy(&head), &passwd).unwrap_or_default().to_owned();
            jobs.push(ScheduledJob {
                name: notes.text("at", name),
                kind: "at".to_owned(),
                schedule: starts_at,
                account: notes.text("at", &account),
                program: String::new(),
                enabled: true,
            });
        }
    }
    jobs
}

/// `a0000801c8a5db`: a queue, five hex digits of a number and eight of the minutes since 1970.
fn minute_of(name: &str) -> Option<String> {
    let digits = name.strip_prefix(|c: char| c.is_ascii_alphabetic())?;
    let is_job = digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let minutes = i64::from_str_radix(digits.get(5..).filter(|_| is_job)?, 16).ok()?;
    Some(minute(minutes * 60)).filter(|text| !text.is_empty())
}

/// `# atrun uid=1000 gid=1000`, by its name in `passwd`.
fn account<'a>(head: &'a str, passwd: &'a str) -> Option<&'a str> {
    let uid = head.lines().find_map(|line| line.strip_prefix("# atrun uid=")?.split(' ').next())?;
    let named = passwd.lines().find(|line| line.split(':').nth(2) == Some(uid));
    named.and_then(|line| line.split(':').next()).or(Some(uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_name_holds_its_minute_and_its_head_the_account() {
        assert_eq!(minute_of("a0000801c8a5db").unwrap(), "2026-11-25 13:15");
        let head = "#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail ann 0\nPASSWORD=x";
        assert_eq!(account(head, "root:x:0:0\nann:x:1000:1000\n"), Some("ann"));
        assert_eq!(account(head, ""), Some("1000"));
    }

    #[test]
    fn other_files_of_the_queue_are_no_jobs() {
        for name in ["", ".SEQ", "=0000801c8a5db", "a0000801c8a5dé", "aéééééé1", "a00008", "spool"] {
            assert_eq!(minute_of(name), None, "{name}");
        }
    }
}
