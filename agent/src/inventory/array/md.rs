//! The kernel's own software arrays: their state by the kernel's listing and by sysfs, and how many members may still fail.

use wacht_proto::v1::{Array, ArrayState};

use super::mdstat::{self, ListedArray};
use super::redundancy::MEMBERS_MAX;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The arrays that the kernel lists, judged with what sysfs adds.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Array> {
    let listed = mdstat::parse(&root.text("proc/mdstat", notes).unwrap_or_default());
    let real = listed.iter().filter(|array| !array.container);
    real.map(|array| judged(array, &Attributes::read(root, &array.name), notes)).collect()
}

/// The arrays of the listing alone.
pub fn parse(text: &str, notes: &mut Notes) -> Vec<Array> {
    let listed = mdstat::parse(text);
    listed.iter().filter(|array| !array.container).map(|array| judged(array, &Attributes::default(), notes)).collect()
}

/// What sysfs adds to the listing; everything may be absent.
#[derive(Debug, Default)]
struct Attributes {
    level: Option<String>,
    members_expected: Option<u32>,
    members_missing: Option<u32>,
    /// `clean`, `active`, `inactive`, `broken`, …
    state: Option<String>,
    /// `idle`, `check`, `resync`, `recover`, …
    action: Option<String>,
    /// Of RAID 10: copies near each other in the low byte, far ones in the next.
    layout: Option<u32>,
    size_sectors: Option<u64>,
}

impl Attributes {
    fn read(root: &Root, name: &str) -> Self {
        let md = |file: &str| root.value(&format!("sys/block/{name}/md/{file}"));
        // While a reshape runs, the new number of members stands before the old one in brackets.
        let number = |file: &str| md(file)?.split_ascii_whitespace().next()?.parse::<u32>().ok();
        Self {
            level: md("level"),
            members_expected: number("raid_disks"),
            members_missing: number("degraded"),
            state: md("array_state"),
            action: md("sync_action"),
            layout: number("layout"),
            size_sectors: root.number(&format!("sys/block/{name}/size")),
        }
    }
}

fn judged(listed: &ListedArray, attributes: &Attributes, notes: &mut Notes) -> Array {
    let level = attributes.level.clone().unwrap_or_else(|| listed.level.clone());
    let (expected, active) = counts(listed, attributes);
    let missing = expected.saturating_sub(active);
    let tolerance = tolerance(&level, expected, attributes.layout);
    let state = state(listed, attributes, &level, missing, tolerance);
    let names = |failed: bool, notes: &mut Notes| {
        let mut names: Vec<String> =
            listed.members.iter().filter(|m| m.failed || !failed).map(|m| notes.text("member", &m.name)).collect();
        names.sort_unstable();
        notes.bound_texts("members", &mut names, MEMBERS_MAX);
        names
    };
    Array {
        name: notes.text("array", &listed.name),
        members: names(false, notes),
        members_failed: names(true, notes),
        spares: listed.members.iter().filter(|member| member.spare && listed.active).count() as u32,
        size_bytes: attributes
            .size_sectors
            .map_or(listed.size_kib.saturating_mul(1024), |sectors| sectors.saturating_mul(512)),
        members_expected: expected,
        members_active: active,
        redundancy_left: if state == ArrayState::Failed { 0 } else { tolerance.saturating_sub(missing) },
        state: state.into(),
        level: notes.text("level", &level),
        source: "md".to_owned(),
        controller: String::new(),
    }
}

/// Members wanted and members in sync.
fn counts(listed: &ListedArray, attributes: &Attributes) -> (u32, u32) {
    let working = listed.members.iter().filter(|member| !member.failed && !member.spare).count() as u32;
    let (expected, active) = listed.expected_and_in_sync.unwrap_or((listed.members.len() as u32, working));
    match (attributes.members_expected.filter(|expected| *expected > 0), attributes.members_missing) {
        (Some(expected), Some(missing)) if listed.active => (expected, expected.saturating_sub(missing)),
        _ => (expected, active),
    }
}

/// How many members of a whole array may fail in the worst case.
fn tolerance(level: &str, expected: u32, layout: Option<u32>) -> u32 {
    match level {
        "raid1" => expected.saturating_sub(1),
        "raid4" | "raid5" => 1,
        "raid6" => 2,
        "raid10" => {
            let layout = layout.unwrap_or(0x102);
            ((layout & 0xFF) * ((layout >> 8) & 0xFF)).max(2) - 1
        }
        _ => 0,
    }
}

fn state(listed: &ListedArray, attributes: &Attributes, level: &str, missing: u32, tolerance: u32) -> ArrayState {
    let broken = matches!(attributes.state.as_deref(), Some("broken" | "inactive"));
    // In RAID 10 more than the worst case may be missing as long as one copy of each part is left; the kernel knows.
    let beyond = missing > tolerance && level != "raid10";
    let action = attributes.action.as_deref().unwrap_or(&listed.action);
    if !listed.active || broken || beyond {
        ArrayState::Failed
    } else if matches!(action, "recover" | "recovery" | "resync" | "reshape") {
        ArrayState::Rebuilding
    } else if missing > 0 {
        ArrayState::Degraded
    } else {
        ArrayState::Clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(mdstat: &str, attributes: Attributes) -> Array {
        judged(&mdstat::parse(mdstat)[0], &attributes, &mut Notes::default())
    }

    fn facts(array: &Array) -> (ArrayState, u32, u32, u32) {
        (array.state(), array.members_expected, array.members_active, array.redundancy_left)
    }

    #[test]
    fn a_whole_mirror_may_lose_one_and_a_degraded_one_none() {
        let whole = array("md0 : active raid1 sdb1[1] sda1[0]\n  100 blocks [2/2] [UU]\n", Attributes::default());
        assert_eq!(facts(&whole), (ArrayState::Clean, 2, 2, 1));
        assert_eq!(
            (whole.size_bytes, whole.members.as_slice()),
            (102_400, &["sda1".to_owned(), "sdb1".to_owned()][..])
        );
        let degraded = array("md0 : active raid1 sdb1[1](F) sda1[0]\n  100 blocks [2/1] [U_]\n", Attributes::default());
        assert_eq!(facts(&degraded), (ArrayState::Degraded, 2, 1, 0));
        assert_eq!(degraded.members_failed, ["sdb1"]);
    }

    #[test]
    fn a_rebuilding_raid6_keeps_one_in_reserve() {
        let text = "md1 : active raid6 sdf[5] sde[4](S) sdd[3] sdc[2] sdb[1] sda[0]\n  100 blocks level 6 [5/4] [UUUU_]\n  [=>...] recovery = 5.0% (1/2)\n";
        let rebuilding = array(text, Attributes::default());
        assert_eq!(facts(&rebuilding), (ArrayState::Rebuilding, 5, 4, 1));
        assert_eq!(rebuilding.spares, 1);
    }

    #[test]
    fn stripes_have_nothing_to_lose_and_a_scrub_is_clean() {
        assert_eq!(
            facts(&array("md2 : active raid0 sdb[1] sda[0]\n  100 blocks 512k chunks\n", Attributes::default())),
            (ArrayState::Clean, 2, 2, 0)
        );
        let scrub = Attributes { action: Some("check".into()), ..Default::default() };
        assert_eq!(
            array("md0 : active raid1 sdb[1] sda[0]\n  100 blocks [2/2] [UU]\n", scrub).state(),
            ArrayState::Clean
        );
    }

    #[test]
    fn what_does_not_run_has_failed() {
        assert_eq!(
            array("md0 : inactive sda[0](S)\n  100 blocks super 1.2\n", Attributes::default()).state(),
            ArrayState::Failed
        );
        let beyond =
            array("md0 : active raid5 sda[0] sdb[1](F) sdc[2](F)\n  100 blocks [3/1] [U__]\n", Attributes::default());
        assert_eq!(facts(&beyond), (ArrayState::Failed, 3, 1, 0));
    }

    #[test]
    fn raid10_counts_its_copies() {
        let text = "md0 : active raid10 sdd[3] sdc[2] sdb[1] sda[0]\n  100 blocks 2 near-copies [4/4] [UUUU]\n";
        assert_eq!(array(text, Attributes::default()).redundancy_left, 1);
        assert_eq!(array(text, Attributes { layout: Some(0x103), ..Default::default() }).redundancy_left, 2);
    }
}
