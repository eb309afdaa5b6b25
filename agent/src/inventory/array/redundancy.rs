//! How many members an array may lose, by its level and in the worst case. It knows no tool.

use wacht_proto::v1::{Array, ArrayState};

use crate::inventory::notes::Notes;

/// Most members of one array.
pub const MEMBERS_MAX: usize = 256;

/// One member as a tool lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Device, or bay and serial.
    pub name: String,
    /// Holds its part of the data in full.
    pub active: bool,
    /// Gone or given up; a member that is being rebuilt is neither active nor failed.
    pub failed: bool,
}

/// Members that an array of this level may lose without loss of data, whichever they are.
pub fn tolerance(level: &str, members: u32) -> u32 {
    match level {
        "raid1" | "mirror" => members.saturating_sub(1),
        "raid4" | "raid5" | "raid50" | "raid10" | "raidz1" => 1,
        "raid6" | "raid60" | "raid1adm" | "raid10adm" | "raidz2" => 2,
        "raidz3" => 3,
        _ => 0,
    }
}

/// An array by its level and members; `expected` where the tool knows of members that it does not list. The state is the
/// tool's own word, `None` where it gives none, and then the members tell.
pub fn array(level: &str, state: Option<ArrayState>, expected: u32, members: &[Member], notes: &mut Notes) -> Array {
    let expected = expected.max(members.len() as u32);
    let active = members.iter().filter(|member| member.active).count() as u32;
    let missing = expected - active;
    let tolerance = tolerance(level, expected);
    let state = state.unwrap_or(match missing {
        0 => ArrayState::Clean,
        _ if missing > tolerance => ArrayState::Failed,
        _ => ArrayState::Degraded,
    });
    Array {
        level: notes.text("level", level),
        state: state.into(),
        members_expected: expected,
        members_active: active,
        members: names(members.iter(), notes),
        members_failed: names(members.iter().filter(|member| member.failed), notes),
        redundancy_left: if state == ArrayState::Failed { 0 } else { tolerance.saturating_sub(missing) },
        ..Default::default()
    }
}

fn names<'a>(members: impl Iterator<Item = &'a Member>, notes: &mut Notes) -> Vec<String> {
    let mut names: Vec<String> = members.map(|member| notes.text("member", &member.name)).collect();
    names.sort_unstable();
    notes.bound_texts("members", &mut names, MEMBERS_MAX);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_tell_the_state_where_the_tool_does_not() {
        let member = |name: &str, active| Member { name: name.into(), active, failed: !active };
        let told = |level, members: &[Member]| {
            let array = array(level, None, 0, members, &mut Notes::default());
            (array.state(), array.redundancy_left, array.members_failed.len())
        };
        let (a, b, c) = (member("a", true), member("b", false), member("c", false));
        assert_eq!(told("raid1", std::slice::from_ref(&a)), (ArrayState::Clean, 0, 0));
        assert_eq!(told("raid6", &[a.clone(), a.clone(), b.clone()]), (ArrayState::Degraded, 1, 1));
        assert_eq!(told("raid5", &[a, b, c]), (ArrayState::Failed, 0, 2));
    }

    #[test]
    fn members_that_are_not_listed_count_as_missing() {
        let members = [Member { name: "a".into(), active: true, failed: false }];
        let array = array("raid1", Some(ArrayState::Degraded), 2, &members, &mut Notes::default());
        assert_eq!((array.members_expected, array.members_active, array.redundancy_left), (2, 1, 0));
    }
}
