//! Which sections the collector has or will have, by digest, kept in the state folder so that a restart of the agent
//! sends no unchanged inventory. Its loss costs one inventory too many, never one too few.

use crate::platform::private;
use crate::report::Digests;
use crate::transport::identity::State;
use serde::{Deserialize, Serialize};
use wacht_proto::v1::Section;

const FILE: &str = "sections.json";

/// See the module.
#[derive(Default, Serialize, Deserialize)]
pub struct Known {
    incarnation: String,
    sections: Digests,
    /// Sections that the spool had given up by then.
    given_up: u64,
}

impl Known {
    /// What is known for this life of the spool; nothing for another.
    pub fn load(state: &State, incarnation: u128) -> Known {
        let known = std::fs::read(state.file(FILE)).ok().and_then(|text| serde_json::from_slice::<Known>(&text).ok());
        let empty = Known { incarnation: name(incarnation), ..Known::default() };
        known.filter(|known| known.incarnation == empty.incarnation).unwrap_or(empty)
    }

    /// The digests.
    pub fn digests(&self) -> &Digests {
        &self.sections
    }

    /// Was something of it given up, or did its life end?
    pub fn is_outdated(&self, incarnation: u128, given_up: u64) -> bool {
        self.incarnation != name(incarnation) || self.given_up != given_up
    }

    /// Nothing is known any more.
    pub fn forget(&mut self, incarnation: u128, given_up: u64) {
        *self = Known { incarnation: name(incarnation), sections: Digests::new(), given_up };
    }

    /// These went into the spool.
    pub fn note(&mut self, state: &State, sections: &[Section]) {
        if sections.is_empty() {
            return;
        }
        self.sections.extend(sections.iter().map(|section| (section.kind, section.digest)));
        let stored = serde_json::to_vec(self).map_err(std::io::Error::other);
        if let Err(error) = stored.and_then(|text| private::replace(&state.file(FILE), &text)) {
            tracing::debug!(%error, "digests of sections not stored");
        }
    }
}

fn name(incarnation: u128) -> String {
    format!("{incarnation:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_survive_a_restart_but_not_a_new_life() {
        let folder = tempfile::TempDir::new().unwrap();
        let state = State::open(&folder.path().join("state"), true).unwrap();
        let mut known = Known::load(&state, 1);
        assert!(known.digests().is_empty());
        known.note(&state, &[Section { kind: 3, digest: u64::MAX, body_zstd: Vec::new() }]);
        assert_eq!(Known::load(&state, 1).digests().get(&3), Some(&u64::MAX));
        assert!(Known::load(&state, 2).digests().is_empty());
    }

    #[test]
    fn what_was_given_up_makes_it_outdated() {
        let mut known = Known::default();
        known.forget(5, 0);
        assert!(known.is_outdated(5, 1) && known.is_outdated(6, 0) && !known.is_outdated(5, 0));
    }
}
