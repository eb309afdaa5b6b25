//! Arrays of disks, by whatever keeps them: the kernel, LVM, ZFS, or a controller's own firmware as far as its tool tells.
//! Each says how many members may still fail. What a single disk says of itself is the section of disk health.

mod controller;
mod lvm;
mod md;
mod mdstat;
mod redundancy;
mod ssacli;
mod storcli;
mod zfs;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Array, ArraySection, Controller, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;

const ARRAYS_MAX: usize = 128;
const CONTROLLERS_MAX: usize = 32;

/// The section of the arrays.
pub struct Arrays;

impl Section for Arrays {
    fn kind(&self) -> SectionKind {
        SectionKind::Array
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut kernel = controller::read(root, &mut notes);
        let (mut found, is_whole) = notes.watched(|notes| storcli::read(root, notes));
        controller::leave_open(&mut kernel, controller::BROADCOMS, is_whole || !found.controllers.is_empty());
        let (more, is_whole) = notes.watched(|notes| ssacli::read(root, notes));
        controller::leave_open(&mut kernel, controller::HPES, is_whole || !more.controllers.is_empty());
        found.extend(more);
        found.controllers = controller::joined(kernel, &mut found);
        found.arrays.extend(md::read(root, &mut notes));
        found.arrays.extend(lvm::read(root, &mut notes));
        found.arrays.extend(zfs::read(root, &mut notes));
        found.into_body(notes)
    }
}

/// What `/proc/mdstat` alone says.
pub fn of_mdstat(text: &str) -> Result<SectionBody, String> {
    let is_listing = text.lines().any(|line| line.starts_with("Personalities") || line.starts_with("unused devices"));
    alone(|notes| is_listing.then(|| Found::of(md::parse(text, notes))), "is not /proc/mdstat")
}

/// What `zpool status` wrote.
pub fn of_zpool(text: &str) -> Result<SectionBody, String> {
    let is_status = text.contains("pool:") || text.contains("no pools available");
    alone(|notes| is_status.then(|| Found::of(zfs::parse(text, notes))), "is not output of `zpool status`")
}

/// What `lvs --reportformat json` wrote, in the columns in which it is asked here.
pub fn of_lvs(text: &str) -> Result<SectionBody, String> {
    alone(|notes| lvm::parse(text, notes).map(Found::of), "is not output of `lvs --reportformat json`")
}

/// What `storcli64` or `perccli64` wrote as JSON.
pub fn of_storcli(text: &str) -> Result<SectionBody, String> {
    let wrong = "is not output of storcli64 or perccli64 as JSON";
    alone(|notes| storcli::parse(&[text.to_owned()], "storcli", notes), wrong)
}

/// What `ssacli ctrl all show config detail` wrote.
pub fn of_ssacli(text: &str) -> Result<SectionBody, String> {
    alone(|notes| ssacli::parse(text, notes), "is not output of `ssacli ctrl all show config detail`")
}

fn alone(parse: impl FnOnce(&mut Notes) -> Option<Found>, wrong: &str) -> Result<SectionBody, String> {
    let mut notes = Notes::default();
    let found = parse(&mut notes).ok_or(wrong)?;
    Ok(found.into_body(notes))
}

/// What one source knows.
#[derive(Debug, Default)]
struct Found {
    arrays: Vec<Array>,
    controllers: Vec<Controller>,
}

impl Found {
    fn of(arrays: Vec<Array>) -> Self {
        Self { arrays, controllers: Vec::new() }
    }

    fn extend(&mut self, more: Self) {
        self.arrays.extend(more.arrays);
        self.controllers.extend(more.controllers);
    }

    fn into_body(mut self, mut notes: Notes) -> SectionBody {
        self.arrays.sort_by(|a, b| a.name.cmp(&b.name));
        self.controllers.sort_by(|a, b| a.name.cmp(&b.name));
        notes.bound("arrays", &mut self.arrays, ARRAYS_MAX);
        notes.bound("controllers", &mut self.controllers, CONTROLLERS_MAX);
        notes.into_body(Kind::Array(ArraySection { arrays: self.arrays, controllers: self.controllers }))
    }
}

#[cfg(test)]
mod tests;
