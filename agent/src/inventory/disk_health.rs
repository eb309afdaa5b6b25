//! How the drives say they fare: their own verdict and the counts that foretell failure, asked through smartctl. Drives that
//! sleep are left asleep. What the drives are is the disk section's matter; temperatures are samples.

mod attribute;
mod report;
mod scan;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{DiskHealth, DiskHealthSection, NoteReason, SectionBody, SectionKind};

use super::Section;
use super::block_device::is_disk;
use super::child::Program;
use super::document;
use super::notes::Notes;
use super::root::Root;
use report::Answer;

const DISKS_MAX: usize = 1024;
/// After so many drives that hang the rest is not asked any more.
const TIMEOUTS_MAX: u32 = 2;
/// All drives together may take so long; a drive that answers takes well under a second.
const ASKING_TIME_MAX: Duration = Duration::from_secs(60);

/// The section of the drives' health.
pub struct DisksHealth;

impl Section for DisksHealth {
    fn kind(&self) -> SectionKind {
        SectionKind::DiskHealth
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut asking = Asking { root, notes: Notes::default(), start: Instant::now(), timeouts: 0 };
        let mut disks = Vec::new();
        if root.has_program(Program::Smartctl) {
            disks.extend(asking.shown());
            disks.extend(asking.hidden());
        }
        disks.sort_by(|a, b| a.name.cmp(&b.name));
        disks.dedup_by(|a, b| a.name == b.name);
        let mut notes = asking.notes;
        notes.bound("disks", &mut disks, DISKS_MAX);
        notes.into_body(Kind::DiskHealth(DiskHealthSection { disks }))
    }
}

/// What one report of `smartctl -j` says, or a sentence about what is wrong with it.
pub fn of_smartctl(text: &str) -> Result<SectionBody, String> {
    let report = document::parse(text).filter(|report| report.get("smartctl").or(report.get("device")).is_some());
    let report = report.ok_or("is not output of `smartctl -j`")?;
    let mut notes = Notes::default();
    let disks = match report::parse(&report, None, &mut notes) {
        Answer::Health(health) => vec![*health],
        Answer::Nothing => Vec::new(),
        Answer::Unreadable(reason) => {
            notes.add("smartctl", reason);
            Vec::new()
        }
    };
    Ok(notes.into_body(Kind::DiskHealth(DiskHealthSection { disks })))
}

/// One round over the drives, with an end.
struct Asking<'a> {
    root: &'a Root,
    notes: Notes,
    start: Instant,
    timeouts: u32,
}

impl Asking<'_> {
    /// The drives that the kernel shows; of an NVMe controller with several name spaces the first.
    fn shown(&mut self) -> Vec<DiskHealth> {
        let mut ways: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for disk in
            self.root.names_noted("sys/block", &mut self.notes).iter().filter(|name| is_disk(name) && has_health(name))
        {
            ways.entry(report::drive_name(disk, "")).or_insert_with(|| vec![disk.clone()]);
        }
        for (name, ways) in &mut ways {
            // A controller answers for its drive even where the name space does not.
            if !ways.contains(name) {
                ways.push(name.clone());
            }
        }
        let asked = ways.into_iter().take(DISKS_MAX);
        asked
            .filter_map(|(name, ways)| ways.iter().find_map(|way| self.ask(&name, &[&format!("/dev/{way}")])))
            .collect()
    }

    /// The drives that a controller hides. Without a SCSI host there is none that could.
    fn hidden(&mut self) -> Vec<DiskHealth> {
        if self.root.is_real() && self.root.names("sys/class/scsi_host").is_empty() {
            return Vec::new();
        }
        let scan = self.run("smartctl", &["--scan-open", "-j"]).unwrap_or_default();
        let drives = scan::hidden(&scan);
        drives.iter().filter_map(|drive| self.ask(&drive.name, &["-d", &drive.kind, &drive.device])).collect()
    }

    fn ask(&mut self, name: &str, way: &[&str]) -> Option<DiskHealth> {
        let arguments = [&["-n", "standby", "-x", "-j"], way].concat();
        let text = self.run(name, &arguments)?;
        let Some(report) = document::parse(&text) else {
            self.notes.add(name, document::fault(&text));
            return None;
        };
        match report::parse(&report, Some(name), &mut self.notes) {
            Answer::Health(health) => Some(*health),
            Answer::Nothing => None,
            Answer::Unreadable(reason) => {
                // Rights are missing for all drives alike; one note says it.
                self.notes.add(if reason == NoteReason::NeedsPrivilege { "smartctl" } else { name }, reason);
                None
            }
        }
    }

    /// smartctl's answer, with a note about `subject` where there is none; nothing once the round is over.
    fn run(&mut self, subject: &str, arguments: &[&str]) -> Option<String> {
        if self.timeouts >= TIMEOUTS_MAX || self.start.elapsed() > ASKING_TIME_MAX {
            self.notes.add("smartctl", NoteReason::TimedOut);
            return None;
        }
        let mut own = Notes::default();
        let text = self.root.output_of_any_code(Program::Smartctl, arguments, &mut own);
        for note in own.into_list() {
            self.timeouts += u32::from(note.reason() == NoteReason::TimedOut);
            self.notes.add(subject, note.reason());
        }
        text
    }
}

/// Disks of hypervisors and memory cards have no health that smartctl could ask for.
fn has_health(name: &str) -> bool {
    !["vd", "xvd", "mmcblk", "pmem"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests;
