//! What judgement remembers between reports: one small document for each (host, monitor, object) that is not simply
//! well, and each host's newest judged moment under the empty monitor name. Lives in memory; the pipeline keeps it.

use super::growth::Growth;
use super::watch::Watch;
use crate::model::{Deadline, HostId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A hostile host must not fill memory with names: objects of one monitor and host beyond this are not judged.
const OBJECTS_MAX: usize = 4096;
/// A gap is this many intervals without a report.
const GAP_INTERVALS: i64 = 3;
/// Monitor name of the host's own mark.
const MARK: &str = "";

/// The state of every (host, monitor, object).
#[derive(Debug, Default)]
pub struct Memory {
    hosts: HashMap<HostId, HostMemory>,
    dirty: BTreeSet<(HostId, String, String)>,
}

#[derive(Debug, Default)]
struct HostMemory {
    mark: Option<Mark>,
    entries: BTreeMap<String, BTreeMap<String, Entry>>,
}

/// How far a host has been judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    at: Timestamp,
    interval_s: u32,
    /// Reports were missing just before `at`.
    after_gap: bool,
}

/// What is remembered of one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Watch::is_idle")]
    pub watch: Watch,
    /// Reports in a row without the object; not kept over a restart.
    #[serde(skip)]
    pub absent: u16,
    /// It was seen as it should be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub seen_well: bool,
    /// Its past, for forecasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// The deadline that was told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Deadline>,
    /// Hosts folded into a site's silence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<HostId>,
}

impl Memory {
    /// An empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes back a document that [`Memory::take_dirty`] gave; one that cannot be read counts as forgotten.
    pub fn load(&mut self, host: HostId, monitor: &str, object: &str, json: &str) {
        let memory = self.hosts.entry(host).or_default();
        if monitor == MARK {
            memory.mark = serde_json::from_str(json).ok();
        } else if let Ok(entry) = serde_json::from_str(json) {
            memory.entries.entry(monitor.to_owned()).or_default().insert(object.to_owned(), entry);
        }
    }

    /// What changed since the last call, by (host, monitor, object); `None` = forgotten.
    pub fn take_dirty(&mut self) -> Vec<(HostId, String, String, Option<String>)> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty
            .into_iter()
            .map(|(host, monitor, object)| {
                let json = self.document(host, &monitor, &object);
                (host, monitor, object, json)
            })
            .collect()
    }

    /// Forgets a host that is no longer watched.
    pub fn forget_host(&mut self, host: HostId) {
        let Some(memory) = self.hosts.remove(&host) else { return };
        if memory.mark.is_some() {
            self.dirty.insert((host, MARK.to_owned(), String::new()));
        }
        for (monitor, objects) in memory.entries {
            self.dirty.extend(objects.into_keys().map(|object| (host, monitor.clone(), object)));
        }
    }

    /// Forgets what one monitor remembers of a host that it is no longer asked about.
    pub fn forget_monitor(&mut self, host: HostId, monitor: &str) {
        let objects = self.hosts.get_mut(&host).and_then(|memory| memory.entries.remove(monitor));
        let forgotten = objects.into_iter().flatten().map(|(object, _)| (host, monitor.to_owned(), object));
        self.dirty.extend(forgotten);
    }

    /// Lets every alarm of a host be found once more at its next reading: its contract changed, and what was no
    /// incident may be one now.
    pub fn tell_again(&mut self, host: HostId) {
        let Some(memory) = self.hosts.get_mut(&host) else { return };
        for (monitor, objects) in &mut memory.entries {
            for (object, entry) in objects.iter_mut().filter(|(_, entry)| entry.watch.level > 0) {
                entry.watch.tell_again();
                self.dirty.insert((host, monitor.clone(), object.clone()));
            }
        }
    }

    /// Moves a host's mark; `None` when the moment is older than the newest judged one, else whether a gap lies before.
    pub(super) fn advance(&mut self, host: HostId, at: Timestamp, interval_s: Option<u32>) -> Option<bool> {
        let mark = &mut self.hosts.entry(host).or_default().mark;
        let Some(old) = *mark else {
            *mark = Some(Mark { at, interval_s: interval_s.unwrap_or(60), after_gap: false });
            self.dirty.insert((host, MARK.to_owned(), String::new()));
            return Some(false);
        };
        if at <= old.at {
            return (at == old.at).then_some(old.after_gap);
        }
        let interval_s = interval_s.unwrap_or(old.interval_s);
        let longest = GAP_INTERVALS * i64::from(interval_s.max(old.interval_s).max(1));
        let after_gap = at.duration_since(old.at).as_secs() > longest;
        *mark = Some(Mark { at, interval_s, after_gap });
        self.dirty.insert((host, MARK.to_owned(), String::new()));
        Some(after_gap)
    }

    /// A copy of what is remembered of an object, or a fresh one.
    pub(super) fn entry(&self, host: HostId, monitor: &str, object: &str) -> Entry {
        let entries = self.hosts.get(&host).and_then(|memory| memory.entries.get(monitor));
        entries.and_then(|objects| objects.get(object)).cloned().unwrap_or_default()
    }

    /// Keeps an entry; one that says nothing is forgotten.
    pub(super) fn keep(&mut self, host: HostId, monitor: &str, object: &str, entry: Entry) {
        let objects = self.hosts.entry(host).or_default().entries.entry(monitor.to_owned()).or_default();
        let old = objects.get(object);
        let was_full = old.is_none() && objects.len() >= OBJECTS_MAX;
        if was_full || (old.is_none() && entry == Entry::default()) {
            return;
        }
        let changed = old.is_none_or(|old| !old.reads_as(&entry));
        if entry == Entry::default() {
            objects.remove(object);
        } else {
            objects.insert(object.to_owned(), entry);
        }
        if changed {
            self.dirty.insert((host, monitor.to_owned(), object.to_owned()));
        }
    }

    /// Objects of a monitor that are remembered, sorted.
    pub(super) fn objects(&self, host: HostId, monitor: &str) -> Vec<String> {
        let entries = self.hosts.get(&host).and_then(|memory| memory.entries.get(monitor));
        entries.map(|objects| objects.keys().cloned().collect()).unwrap_or_default()
    }

    /// Names of monitors with anything remembered of a host, sorted.
    pub(super) fn monitors(&self, host: HostId) -> Vec<String> {
        self.hosts.get(&host).map(|memory| memory.entries.keys().cloned().collect()).unwrap_or_default()
    }

    fn document(&self, host: HostId, monitor: &str, object: &str) -> Option<String> {
        let memory = self.hosts.get(&host)?;
        if monitor == MARK {
            return serde_json::to_string(&memory.mark?).ok();
        }
        serde_json::to_string(memory.entries.get(monitor)?.get(object)?).ok()
    }
}

impl Entry {
    /// Would both be kept as the same document?
    fn reads_as(&self, other: &Entry) -> bool {
        self.watch == other.watch
            && self.seen_well == other.seen_well
            && self.told == other.told
            && self.folded == other.folded
            && match (&self.growth, &other.growth) {
                (Some(one), Some(two)) => one.reads_as(two),
                (one, two) => one.is_none() && two.is_none(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::watch::Patience;
    use uuid::Uuid;

    const HOST: HostId = HostId(Uuid::from_u128(7));

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn alarming() -> Entry {
        let mut entry = Entry::default();
        entry.watch.read(1, at(0), Patience { hold_s: 0, clear_hold_s: 0 });
        entry
    }

    #[test]
    fn what_is_kept_comes_back_from_its_document() {
        let mut memory = Memory::new();
        memory.keep(HOST, "disk_space", "/", alarming());
        memory.advance(HOST, at(0), Some(60));
        let mut again = Memory::new();
        for (host, monitor, object, json) in memory.take_dirty() {
            again.load(host, &monitor, &object, &json.unwrap());
        }
        assert_eq!(again.entry(HOST, "disk_space", "/"), alarming());
        assert_eq!(again.advance(HOST, at(-1), None), None);
        assert!(memory.take_dirty().is_empty());
    }

    #[test]
    fn an_entry_that_says_nothing_is_forgotten() {
        let mut memory = Memory::new();
        memory.keep(HOST, "disk_space", "/", Entry::default());
        assert!(memory.take_dirty().is_empty());
        memory.keep(HOST, "disk_space", "/", alarming());
        memory.keep(HOST, "disk_space", "/", Entry::default());
        assert_eq!(memory.take_dirty(), [(HOST, "disk_space".to_owned(), "/".to_owned(), None)]);
    }

    #[test]
    fn a_forgotten_host_leaves_nothing_and_a_damaged_document_is_no_harm() {
        let mut memory = Memory::new();
        memory.load(HOST, "disk_space", "/", "{\"watch\":");
        memory.load(HOST, "", "", "null");
        memory.keep(HOST, "disk_space", "/", alarming());
        memory.take_dirty();
        memory.forget_host(HOST);
        assert_eq!(memory.take_dirty().into_iter().filter(|row| row.3.is_none()).count(), 1);
        assert!(memory.objects(HOST, "disk_space").is_empty());
    }

    #[test]
    fn older_moments_are_refused_and_gaps_are_seen() {
        let mut memory = Memory::new();
        assert_eq!(memory.advance(HOST, at(0), Some(60)), Some(false));
        assert_eq!(memory.advance(HOST, at(180), Some(60)), Some(false));
        assert_eq!(memory.advance(HOST, at(120), Some(60)), None);
        assert_eq!(memory.advance(HOST, at(361), Some(60)), Some(true));
        assert_eq!(memory.advance(HOST, at(361), None), Some(true));
        assert_eq!(memory.advance(HOST, at(421), None), Some(false));
    }
}
