//! Judges silence: a host that neither reports nor said goodbye, and a site whose hosts fell silent together, which is
//! one finding and not one for each host. Site membership is declared; who is not expected counts for nothing.

use super::memory::{Entry, Memory};
use super::monitor_set::{MonitorSet, Subject};
use super::sentence::{self, Raised};
use super::watch::Patience;
use crate::model::{
    Argument, Condition, CustomerId, Finding, HostId, Message, Monitor, Role, Severity, SiteId, Verdict,
};
use jiff::Timestamp;

/// Name of the monitor of a single host's silence.
pub const HOST_SILENT: &str = "host_silent";
/// Name of the monitor of a whole site's.
const SITE_SILENT: &str = "site_silent";
/// A host that reports seldom is not silent before so many of its intervals.
const INTERVALS_MIN: f64 = 2.5;
/// After so many intervals a host may be part of an outage that is still coming in.
const INTERVALS_QUIET: i64 = 2;
/// From so many expected hosts on, a living peer must show that it is not the line or the collector.
const PEERS_WANTED_FROM: usize = 3;
/// A site is back when this share of its lost hosts is.
const BACK_SHARE: f64 = 0.5;
/// Names of hosts in a sentence.
const NAMES_MAX: usize = 10;

/// A site and its hosts.
#[derive(Clone, Debug)]
pub struct SiteView {
    /// Id.
    pub site: SiteId,
    /// Whose.
    pub customer: CustomerId,
    /// Name of the customer, for overrides.
    pub customer_name: String,
    /// Name of the site, for overrides and sentences.
    pub site_name: String,
    /// All hosts that may report.
    pub hosts: Vec<HostView>,
}

/// A host as far as silence goes.
#[derive(Clone, Debug)]
pub struct HostView {
    /// Id.
    pub host: HostId,
    /// Name as claimed.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// When the collector last heard of it; never = not judged.
    pub last_heard_at: Option<Timestamp>,
    /// Its last word was a goodbye.
    pub said_goodbye: bool,
    /// Its present interval, in seconds.
    pub interval_s: u32,
    /// It should be there now.
    pub expected: bool,
}

/// A finding of a host, or of a whole site.
#[derive(Clone, Debug, PartialEq)]
pub struct AbsenceFinding {
    /// Which site.
    pub site: SiteId,
    /// Which host; `None` = the whole site.
    pub host: Option<HostId>,
    /// The verdict.
    pub finding: Finding,
    /// The hosts that a finding of a site stands for.
    pub folded: Vec<(HostId, String)>,
}

/// Judges all sites at a moment. Silence counts from the last word, or from when this collector began to listen:
/// `observing_since`. The state of a site is remembered under the site's own id in place of a host's.
pub fn judge_absence(
    monitors: &MonitorSet,
    memory: &mut Memory,
    sites: &[SiteView],
    observing_since: Timestamp,
    now: Timestamp,
) -> Vec<AbsenceFinding> {
    let mut findings = Vec::new();
    for site in sites {
        let mut pass = Pass { monitors, memory, site, observing_since, now, findings: &mut findings };
        let is_outage = pass.judge_site();
        for host in &site.hosts {
            pass.judge_host(host, is_outage);
        }
    }
    findings
}

/// One site under judgement.
struct Pass<'a> {
    monitors: &'a MonitorSet,
    memory: &'a mut Memory,
    site: &'a SiteView,
    observing_since: Timestamp,
    now: Timestamp,
    findings: &'a mut Vec<AbsenceFinding>,
}

/// The numbers of the site's condition.
#[derive(Clone, Copy)]
struct Limits {
    silent_s: u64,
    share: f64,
    hosts_min: usize,
    window_s: i64,
}

impl<'a> Pass<'a> {
    /// Judges the site as one; `true` when its hosts must not be raised one by one.
    fn judge_site(&mut self) -> bool {
        let key = HostId(self.site.site.0);
        let mut entry = self.memory.entry(key, SITE_SILENT, "");
        let monitor = self.monitors.for_site(SITE_SILENT, &self.site.customer_name, &self.site.site_name);
        let Some((limits, monitor)) = monitor.and_then(|monitor| Some((limits(&monitor)?, monitor))) else {
            if entry.watch.level > 0 {
                self.push(None, plain_clear(SITE_SILENT, "judge-clear-retired", self.now), Vec::new());
            }
            self.memory.keep(key, SITE_SILENT, "", Entry::default());
            return false;
        };
        let patience = Patience { hold_s: monitor.hold_s, clear_hold_s: monitor.clear_hold_s };
        let coming = self.lost_together(limits, |host| self.is_quiet(host));
        // Once it is certain of enough of them, those that are about to follow belong to it too.
        let certain = self.lost_together(limits, |host| self.is_silent(host, limits.silent_s));
        let lost = certain.map(|certain| coming.clone().filter(|all| all.len() > certain.len()).unwrap_or(certain));
        let level =
            if entry.watch.level > 0 { u8::from(!self.is_back(&entry, limits)) } else { u8::from(lost.is_some()) };
        if entry.watch.read(level, self.now, patience).is_some() {
            entry.folded = lost.iter().flatten().filter(|_| entry.watch.level > 0).map(|host| host.host).collect();
            self.say_site(&monitor, &entry, &lost.unwrap_or_default());
        }
        let alarming = entry.watch.level > 0;
        self.memory.keep(key, SITE_SILENT, "", entry);
        alarming || coming.is_some()
    }

    fn say_site(&mut self, monitor: &Monitor, entry: &Entry, lost: &[&'a HostView]) {
        let mut arguments = sentence::Arguments::new();
        arguments.insert("site".to_owned(), Argument::Text(self.site.site_name.clone()));
        if entry.watch.level == 0 {
            return self.push(None, sentence::clear(monitor, "", self.now, arguments), Vec::new());
        }
        let names: Vec<_> = lost.iter().take(NAMES_MAX).map(|host| host.name.as_str()).collect();
        let since = lost.iter().filter_map(|host| host.last_heard_at).min().unwrap_or(self.now);
        arguments.extend([
            ("hosts".to_owned(), Argument::Number(lost.len() as f64)),
            ("names".to_owned(), Argument::Text(names.join(", "))),
            ("all".to_owned(), Argument::Number(self.present().count() as f64)),
        ]);
        // Without a server nobody waits for it at night: a main switch that went off is no outage.
        let has_server = lost.iter().any(|host| host.role == Role::Server);
        let severity = if has_server { monitor.severity } else { monitor.severity.max(Severity::P3) };
        let raised = Raised { severity, since, deadline: None, levels: Vec::new() };
        let folded = lost.iter().map(|host| (host.host, host.name.clone())).collect();
        self.push(None, sentence::alarm(monitor, "", self.now, raised, arguments), folded);
        for host in lost {
            self.fold(host);
        }
    }

    /// A host that was raised by itself just before its site was: the site's finding stands for it now.
    fn fold(&mut self, host: &HostView) {
        if self.memory.entry(host.host, HOST_SILENT, "").watch.level > 0 {
            self.push(Some(host.host), plain_clear(HOST_SILENT, "judge-host-silent-folded", self.now), Vec::new());
            self.memory.keep(host.host, HOST_SILENT, "", Entry::default());
        }
    }

    fn judge_host(&mut self, host: &HostView, is_outage: bool) {
        let mut entry = self.memory.entry(host.host, HOST_SILENT, "");
        let subject = Subject {
            host: host.host,
            host_name: host.name.clone(),
            customer_name: self.site.customer_name.clone(),
            site_name: self.site.site_name.clone(),
            role: host.role,
        };
        let monitors = self.monitors.for_host(&subject);
        let Some(monitor) = monitors.iter().find(|monitor| monitor.name == HOST_SILENT) else {
            if entry.watch.level > 0 {
                self.push(Some(host.host), plain_clear(HOST_SILENT, "judge-clear-retired", self.now), Vec::new());
            }
            return self.memory.keep(host.host, HOST_SILENT, "", Entry::default());
        };
        let patience = Patience { hold_s: monitor.hold_s, clear_hold_s: monitor.clear_hold_s };
        if let Some(level) = self.host_level(monitor, host, is_outage)
            && entry.watch.read(level, self.now, patience).is_some()
        {
            let finding = self.say_host(monitor, host, level);
            self.push(Some(host.host), finding, Vec::new());
        }
        self.memory.keep(host.host, HOST_SILENT, "", entry);
    }

    /// 1 = silent, 0 = there or gone with a word, `None` = cannot be told yet.
    fn host_level(&self, monitor: &Monitor, host: &HostView, is_outage: bool) -> Option<u8> {
        let silent_s = limits(monitor)?.silent_s;
        if !is_present(host) || self.is_alive(host, silent_s) {
            return Some(0);
        }
        let peer_lives = || self.present().any(|peer| peer.host != host.host && self.is_alive(peer, silent_s));
        let is_its_own = !is_outage && (self.present().count() < PEERS_WANTED_FROM || peer_lives());
        (self.is_silent(host, silent_s) && is_its_own).then_some(1)
    }

    fn say_host(&self, monitor: &Monitor, host: &HostView, level: u8) -> Finding {
        let since = host.last_heard_at.unwrap_or(self.now);
        let mut arguments = sentence::Arguments::new();
        arguments.insert("host".to_owned(), Argument::Text(host.name.clone()));
        arguments.insert("site".to_owned(), Argument::Text(self.site.site_name.clone()));
        if level == 0 && host.said_goodbye {
            return plain_clear(HOST_SILENT, "judge-host-silent-goodbye", self.now);
        }
        if level == 0 {
            return sentence::clear(monitor, "", self.now, arguments);
        }
        let raised = Raised { severity: monitor.severity, since, deadline: None, levels: Vec::new() };
        sentence::alarm(monitor, "", self.now, raised, arguments)
    }

    /// The hosts that fell silent within the window of the last one, when they are enough for one outage of the site.
    fn lost_together(&self, limits: Limits, is_lost: impl Fn(&HostView) -> bool) -> Option<Vec<&'a HostView>> {
        let lost: Vec<_> = self.present().filter(|host| is_lost(host)).collect();
        let online = self.present().count() - lost.len();
        let newest = lost.iter().map(|host| self.heard(host)).max()?;
        let in_window = |host: &&HostView| newest.duration_since(self.heard(host)).as_secs() <= limits.window_s;
        let together: Vec<_> = lost.into_iter().filter(in_window).collect();
        let share = together.len() as f64 / (together.len() + online) as f64;
        (together.len() >= limits.hosts_min && share >= limits.share).then_some(together)
    }

    fn is_back(&self, entry: &Entry, limits: Limits) -> bool {
        let is_lost = |id: &&HostId| {
            let host = self.site.hosts.iter().find(|host| host.host == **id);
            host.is_some_and(|host| is_present(host) && !self.is_alive(host, limits.silent_s))
        };
        let lost = entry.folded.iter().filter(is_lost).count();
        (entry.folded.len() - lost) as f64 >= BACK_SHARE * entry.folded.len() as f64
    }

    fn present(&self) -> impl Iterator<Item = &'a HostView> {
        self.site.hosts.iter().filter(|host| is_present(host))
    }

    /// Heard of lately, in truth.
    fn is_alive(&self, host: &HostView, silent_s: u64) -> bool {
        host.last_heard_at.is_some_and(|heard| seconds(heard, self.now) < patience_s(host, silent_s))
    }

    /// Not heard of for long enough while we listened.
    fn is_silent(&self, host: &HostView, silent_s: u64) -> bool {
        seconds(self.heard(host), self.now) >= patience_s(host, silent_s)
    }

    fn is_quiet(&self, host: &HostView) -> bool {
        seconds(self.heard(host), self.now) >= INTERVALS_QUIET * i64::from(host.interval_s)
    }

    fn heard(&self, host: &HostView) -> Timestamp {
        host.last_heard_at.map_or(self.observing_since, |heard| heard.max(self.observing_since))
    }

    fn push(&mut self, host: Option<HostId>, finding: Finding, folded: Vec<(HostId, String)>) {
        self.findings.push(AbsenceFinding { site: self.site.site, host, finding, folded });
    }
}

fn is_present(host: &HostView) -> bool {
    host.expected && !host.said_goodbye && host.last_heard_at.is_some()
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs()
}

fn patience_s(host: &HostView, silent_s: u64) -> i64 {
    let by_interval = (f64::from(host.interval_s) * INTERVALS_MIN) as i64;
    by_interval.max(i64::try_from(silent_s).unwrap_or(i64::MAX))
}

fn limits(monitor: &Monitor) -> Option<Limits> {
    match monitor.condition {
        Condition::Absence { silent_s, site_share, site_hosts_min, site_window_s } => {
            let window_s = i64::try_from(site_window_s).unwrap_or(i64::MAX);
            Some(Limits { silent_s, share: site_share, hosts_min: site_hosts_min, window_s })
        }
        _ => None,
    }
}

fn plain_clear(monitor: &str, key: &str, at: Timestamp) -> Finding {
    let verdict = Verdict::Clear { reason: Message::new(key) };
    Finding { monitor: monitor.to_owned(), monitor_version: 0, object: String::new(), verdict, at }
}

#[cfg(test)]
mod tests;
