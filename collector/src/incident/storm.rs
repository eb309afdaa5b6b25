//! The guard against a flood: beyond so many new incidents an hour for a host or a customer, further ones fold into one
//! incident of the storm. Counts what was raised; knows nothing of what is wrong.

use crate::model::{Alarm, Argument, CustomerId, Finding, HostId, Incident, Message, Severity, Verdict};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Monitor name of an incident of a storm.
pub const STORM: &str = "storm";
/// New incidents an hour.
const HOST_MAX: usize = 2;
const CUSTOMER_MAX: usize = 6;
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Titles named in the sentence of a storm.
const NAMES_MAX: usize = 5;

/// What to do with a new incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Open it.
    Raise,
    /// Fold it into the storm of the host, else of the customer.
    Fold,
}

/// When new incidents were raised within the last hour.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    hosts: HashMap<HostId, VecDeque<Timestamp>>,
    customers: HashMap<CustomerId, VecDeque<Timestamp>>,
}

impl Guard {
    /// A guard that has seen these incidents open; at least those of the last hour.
    pub fn from_recent<'a>(recent: impl Iterator<Item = &'a Incident>, now: Timestamp) -> Self {
        let mut opened: Vec<_> = recent.filter(|incident| incident.monitor != STORM).collect();
        opened.sort_by_key(|incident| incident.opened_at);
        let mut guard = Self::default();
        for incident in opened.into_iter().filter(|incident| now.duration_since(incident.opened_at) < WINDOW) {
            guard.record(incident.host, incident.customer, incident.opened_at);
        }
        guard
    }

    /// May one more open? A raised one is counted. An incident of a whole site has no host.
    pub fn admit(&mut self, host: Option<HostId>, customer: CustomerId, now: Timestamp) -> Admission {
        let of_host = host.map_or(0, |host| recent(&mut self.hosts, host, now));
        if of_host >= HOST_MAX || recent(&mut self.customers, customer, now) >= CUSTOMER_MAX {
            return Admission::Fold;
        }
        self.record(host, customer, now);
        Admission::Raise
    }

    fn record(&mut self, host: Option<HostId>, customer: CustomerId, at: Timestamp) {
        if let Some(host) = host {
            self.hosts.entry(host).or_default().push_back(at);
        }
        self.customers.entry(customer).or_default().push_back(at);
    }
}

/// The finding of a storm, for `lifecycle::advance`: its severity is that of the worst alarm that it stands for.
/// `folded` is never empty in earnest; the newest stands last.
pub fn finding(folded: &[Alarm], at: Timestamp) -> Finding {
    let severity = folded.iter().map(|alarm| alarm.severity).min().unwrap_or(Severity::P3);
    let named = folded.iter().rev().take(NAMES_MAX).filter_map(|alarm| match alarm.title.arguments.get("object") {
        Some(Argument::Text(object)) if !object.is_empty() => Some(object.as_str()),
        _ => None,
    });
    let names: Vec<_> = named.collect();
    let say = |key: &str| {
        let count = Argument::Number(folded.len() as f64);
        let names = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
        Message::new(key).with("count", count).with_text("names", names)
    };
    let alarm = Alarm {
        severity,
        title: say("judge-storm-title"),
        reason: say("judge-storm-reason"),
        next_step: say("judge-storm-next"),
        caveat: None,
        deadline: folded.iter().filter_map(|alarm| alarm.deadline).min_by_key(|deadline| deadline.earliest),
        since: folded.iter().map(|alarm| alarm.since).min().unwrap_or(at),
        levels: Vec::new(),
    };
    storm(Verdict::Alarm(alarm), at)
}

/// The finding that ends a storm: no further problem came for an hour.
pub fn over(at: Timestamp) -> Finding {
    storm(Verdict::Clear { reason: Message::new("judge-storm-clear") }, at)
}

fn storm(verdict: Verdict, at: Timestamp) -> Finding {
    Finding { monitor: STORM.to_owned(), monitor_version: 1, object: String::new(), verdict, at }
}

fn recent<K: Eq + Hash>(raised: &mut HashMap<K, VecDeque<Timestamp>>, key: K, now: Timestamp) -> usize {
    let Some(times) = raised.get_mut(&key) else { return 0 };
    while times.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
        times.pop_front();
    }
    if times.is_empty() {
        raised.remove(&key);
        return 0;
    }
    times.len()
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::tests::{at, opened};
    use super::*;
    use Admission::{Fold, Raise};
    use uuid::Uuid;

    fn host(number: u128) -> HostId {
        HostId(Uuid::from_u128(number))
    }

    const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(1));

    #[test]
    fn a_host_raises_two_an_hour() {
        let mut guard = Guard::default();
        let admitted: Vec<_> = [0, 10, 20, 3600, 3605].map(|s| guard.admit(Some(host(1)), CUSTOMER, at(s))).to_vec();
        assert_eq!(admitted, [Raise, Raise, Fold, Raise, Fold]);
    }

    #[test]
    fn a_customer_raises_six_an_hour() {
        let mut guard = Guard::default();
        let raised = (0..10).filter(|n| guard.admit(Some(host(*n)), CUSTOMER, at(0)) == Raise).count();
        assert_eq!(raised, 6);
        assert_eq!(guard.admit(None, CustomerId(Uuid::from_u128(2)), at(0)), Admission::Raise);
    }

    #[test]
    fn a_guard_remembers_recent_incidents() {
        let incident = opened();
        let mut guard = Guard::from_recent([&incident, &incident].into_iter(), at(100));
        assert_eq!(guard.admit(incident.host, incident.customer, at(100)), Admission::Fold);
        let mut later = Guard::from_recent([&incident, &incident].into_iter(), at(4000));
        assert_eq!(later.admit(incident.host, incident.customer, at(4000)), Admission::Raise);
    }

    #[test]
    fn a_storm_is_as_severe_as_its_worst() {
        let mild = opened().alarm;
        let bad = Alarm { severity: Severity::P1, ..mild.clone() };
        let Verdict::Alarm(alarm) = finding(&[mild, bad], at(0)).verdict else { panic!("no alarm") };
        assert_eq!((alarm.severity, alarm.title.arguments["count"].clone()), (Severity::P1, Argument::Number(2.0)));
    }
}
