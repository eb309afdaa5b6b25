//! Software arrays: level, state, members, and how many may still fail.

use super::text::{bound, name, note};
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Array as Md, ArraySection, ArrayState, SectionBody, SectionKind};

const ARRAYS_MAX: usize = 128;
const MEMBERS_MAX: usize = 256;
const BLOCK_BYTES: u64 = 1_024;

/// The section.
pub struct Array;

impl Section for Array {
    fn kind(&self) -> SectionKind {
        SectionKind::Array
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let mut arrays = match root.text("proc/mdstat") {
            Ok(text) => arrays(&text),
            Err(error) => {
                notes.extend(note("mdstat", &error));
                Vec::new()
            }
        };
        bound(&mut arrays, ARRAYS_MAX, "arrays", &mut notes);
        SectionBody { kind: Some(Kind::Array(ArraySection { arrays })), notes }
    }
}

/// Arrays of `/proc/mdstat`, by name.
fn arrays(text: &str) -> Vec<Md> {
    let mut arrays: Vec<Md> = Vec::new();
    let mut rebuilding = false;
    for line in text.lines() {
        if let Some((device, rest)) = line.split_once(" : ").filter(|(device, _)| device.starts_with("md") && !device.contains(' ')) {
            arrays.extend(headed(device, rest));
            rebuilding = false;
        } else if let Some(array) = arrays.last_mut().filter(|_| line.starts_with(' ')) {
            detail(array, line);
            rebuilding |= ["recovery =", "resync =", "reshape ="].iter().any(|word| line.contains(word));
            array.state = state(array, rebuilding).into();
            array.redundancy_left = redundancy_left(array);
        }
    }
    arrays.sort_by(|left, right| left.name.cmp(&right.name));
    arrays
}

/// `active raid1 sdb1[1] sda1[0](F)`
fn headed(device: &str, rest: &str) -> Option<Md> {
    let mut words = rest.split_whitespace().peekable();
    let active = words.next()? == "active";
    let mut array = Md { name: name(device), ..Md::default() };
    while words.peek().is_some_and(|word| word.starts_with('(')) {
        words.next();
    }
    if active {
        array.level = name(words.next()?);
    }
    for word in words {
        let member = name(word.split('[').next().unwrap_or_default());
        let list = if word.contains("(F)") { &mut array.members_failed } else { &mut array.members };
        if word.contains("(S)") {
            array.spares += 1;
        }
        if list.len() < MEMBERS_MAX {
            list.push(member);
        }
    }
    array.members.sort();
    array.members_failed.sort();
    array.state = if active { ArrayState::Clean } else { ArrayState::Failed }.into();
    Some(array)
}

/// `976630336 blocks super 1.2 [2/1] [U_]`
fn detail(array: &mut Md, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let [blocks, "blocks", ..] = words[..] {
        array.size_bytes = blocks.parse::<u64>().unwrap_or(0).saturating_mul(BLOCK_BYTES);
    }
    let counts = words.iter().find_map(|word| {
        let (expected, active) = word.strip_prefix('[')?.strip_suffix(']')?.split_once('/')?;
        Some((expected.parse().ok()?, active.parse().ok()?))
    });
    if let Some((expected, active)) = counts {
        (array.members_expected, array.members_active) = (expected, active);
    }
}

fn state(array: &Md, rebuilding: bool) -> ArrayState {
    let missing = array.members_expected.saturating_sub(array.members_active);
    match missing {
        _ if array.state() == ArrayState::Failed => ArrayState::Failed,
        0 => ArrayState::Clean,
        missing if missing > tolerance(array) => ArrayState::Failed,
        _ if rebuilding => ArrayState::Rebuilding,
        _ => ArrayState::Degraded,
    }
}

/// Members that an array of this level may lose in all.
fn tolerance(array: &Md) -> u32 {
    match array.level.as_str() {
        "raid1" => array.members_expected.saturating_sub(1),
        "raid4" | "raid5" => 1,
        "raid6" => 2,
        // The second loss may be the wrong one.
        "raid10" => 1,
        _ => 0,
    }
}

fn redundancy_left(array: &Md) -> u32 {
    let missing = array.members_expected.saturating_sub(array.members_active);
    tolerance(array).saturating_sub(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MDSTAT: &str = "\
Personalities : [raid1] [raid6]
md1 : active raid1 sdb2[1] sda2[0](F)
      976630336 blocks super 1.2 [2/1] [_U]
      bitmap: 1/8 pages [4KB], 65536KB chunk

md0 : active (auto-read-only) raid6 sdc1[2] sdd1[3] sde1[4](S) sda1[0] sdb1[1]
      200 blocks super 1.2 level 6, 512k chunk, algorithm 2 [4/4] [UUUU]

md2 : active raid5 sdf1[3] sdg1[1] sdh1[0]
      400 blocks level 5 [3/2] [UU_]
      [=>...................]  recovery =  9.3% (4/40) finish=1.2min speed=1K/sec

md3 : inactive sdx[0](S)
      10 blocks super 1.2

unused devices: <none>
";

    #[test]
    fn each_state_is_told_with_the_redundancy_that_is_left() {
        let found: Vec<_> = arrays(MDSTAT).into_iter().map(|array| (array.name.clone(), array.state(), array.redundancy_left)).collect();
        let wanted = [("md0", ArrayState::Clean, 2), ("md1", ArrayState::Degraded, 0), ("md2", ArrayState::Rebuilding, 0), ("md3", ArrayState::Failed, 0)];
        assert_eq!(found, wanted.map(|(name, state, left)| (name.to_owned(), state, left)));
    }

    #[test]
    fn members_are_told_apart() {
        let found = arrays(MDSTAT);
        assert_eq!((found[0].members.len(), found[0].spares), (5, 1));
        assert_eq!((found[1].members_failed.as_slice(), found[1].size_bytes), (&["sda2".to_owned()][..], 976_630_336 * 1_024));
    }

    #[test]
    fn hostile_text_gives_nothing_and_no_panic() {
        for text in ["", "md : ", "md0 : active", "md0 : active raid1 [\n [/] [9999999999999/1]", "   blocks"] {
            let _ = arrays(text);
        }
    }
}
