//! What this machine starts by itself at set times: systemd's timers, cron, anacron and at. Of a command the base name of
//! its first word is told and nothing else, since passwords stand in command lines. Whether a job ran, and well, is not
//! looked at.

mod at;
mod crontab;
mod timer;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{ScheduledJob, ScheduledJobSection, SectionBody, SectionKind};

use super::Section;
use super::cron_table::Account;
use super::notes::Notes;
use super::root::Root;

const JOBS_MAX: usize = 2_000;

/// What a table of cron alone says, taken as one with accounts, such as `/etc/crontab`.
pub fn of_crontab(table: &str) -> SectionBody {
    alone(|notes| crontab::of_table("crontab", table, Account::InTable, notes))
}

/// What a timer's unit file alone says.
pub fn of_timer(unit: &str) -> SectionBody {
    alone(|notes| vec![timer::job("timer", unit, "", false, notes)])
}

fn alone(parse: impl FnOnce(&mut Notes) -> Vec<ScheduledJob>) -> SectionBody {
    let mut notes = Notes::default();
    let jobs = parse(&mut notes);
    body(jobs, notes)
}

fn body(mut jobs: Vec<ScheduledJob>, mut notes: Notes) -> SectionBody {
    jobs.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    notes.bound("scheduled jobs", &mut jobs, JOBS_MAX);
    notes.into_body(Kind::ScheduledJob(ScheduledJobSection { jobs }))
}

/// The section of the scheduled jobs. It declares no sources: to look at the dates of hundreds of unit files every half
/// minute costs more than to read the few timers among them at every survey.
pub struct ScheduledJobs;

impl Section for ScheduledJobs {
    fn kind(&self) -> SectionKind {
        SectionKind::ScheduledJob
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut jobs = timer::read(root, &mut notes);
        jobs.extend(crontab::read(root, &mut notes));
        jobs.extend(at::read(root, &mut notes));
        body(jobs, notes)
    }
}

#[cfg(test)]
mod tests;
