//! The backups that this machine makes of itself or of its guests, by the products that make them: what is saved, where
//! to, when, and how it last went. Whether a backup can be restored, and whether one is missing, is judged elsewhere.

mod borg;
mod borgmatic;
mod database_dump;
mod duplicity;
mod launch;
mod proxmox;
mod proxmox_client;
mod restic;
mod rsnapshot;
mod run;
mod shell_words;
mod target;
mod timeshift;
mod unit_file;
mod veeam;

use std::collections::BTreeMap;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{BackupJob, BackupJobSection, SectionBody, SectionKind};

use super::Section;
use super::notes::{Notes, cut};
use super::root::Root;
use launch::{Launch, launches};

const JOBS_MAX: usize = 500;
const LONG_TEXT_BYTES_MAX: usize = 512;

/// Reads the jobs of one product, by its own files and by the launches of its programs.
type Read = fn(&Root, &[Launch], &mut Notes) -> Vec<BackupJob>;

/// Every product: the programs by which it is started, and how it is read.
const PRODUCTS: &[(&[&str], Read)] = &[
    (borg::PROGRAMS, borg::read),
    (borgmatic::PROGRAMS, borgmatic::read),
    (database_dump::PROGRAMS, database_dump::read),
    (duplicity::PROGRAMS, duplicity::read),
    (proxmox::PROGRAMS, proxmox::read),
    (proxmox_client::PROGRAMS, proxmox_client::read),
    (restic::PROGRAMS, restic::read),
    (rsnapshot::PROGRAMS, rsnapshot::read),
    (timeshift::PROGRAMS, timeshift::read),
    (veeam::PROGRAMS, veeam::read),
];

/// The section of the backups.
pub struct BackupJobs;

impl Section for BackupJobs {
    fn kind(&self) -> SectionKind {
        SectionKind::BackupJob
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let programs: Vec<&str> = PRODUCTS.iter().flat_map(|(programs, _)| programs.iter().copied()).collect();
        let launches = launches(root, &programs, &mut notes);
        let mut jobs = Vec::new();
        for (programs, read) in PRODUCTS {
            let own = launches.iter().filter(|launch| programs.contains(&launch.program.as_str()));
            jobs.extend(read(root, &own.cloned().collect::<Vec<_>>(), &mut notes));
        }
        section(jobs, notes)
    }
}

/// What `veeamconfig session list` alone says.
pub fn of_veeam_sessions(text: &str) -> SectionBody {
    section(veeam::jobs("", text), Notes::default())
}

/// What the jobs of Proxmox VE alone say.
pub fn of_pve_jobs(text: &str) -> SectionBody {
    section(proxmox::jobs(text), Notes::default())
}

/// What the settings of rsnapshot alone say.
pub fn of_rsnapshot(text: &str) -> SectionBody {
    section(rsnapshot::jobs(text), Notes::default())
}

fn section(mut jobs: Vec<BackupJob>, mut notes: Notes) -> SectionBody {
    for job in &mut jobs {
        job.name = notes.text("backup job", cut(&job.name, 240));
        job.protects = notes.text_within("protects", &job.protects, LONG_TEXT_BYTES_MAX);
        job.target = notes.text_within("target", &job.target, LONG_TEXT_BYTES_MAX);
        job.schedule = notes.text("schedule", &job.schedule);
    }
    jobs.sort_by(|a, b| (&a.product, &a.name, &a.protects).cmp(&(&b.product, &b.name, &b.protects)));
    told_apart(&mut jobs);
    notes.bound("backup jobs", &mut jobs, JOBS_MAX);
    notes.into_body(Kind::BackupJob(BackupJobSection { jobs }))
}

/// One script may make several backups; the later ones carry a number.
fn told_apart(jobs: &mut [BackupJob]) {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for job in jobs {
        let count = seen.entry((job.product.clone(), job.name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            job.name = format!("{} ({count})", job.name);
        }
    }
}

#[cfg(test)]
mod tests;
