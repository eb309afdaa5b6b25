//! Silence at literal instants, swept every 15 seconds.

use super::*;
use crate::evaluate::sentence::tests::assert_spoken;
use uuid::Uuid;

const START: i64 = 1_800_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// A host that reports every minute up to a second, and again from another one on.
#[derive(Clone, Copy)]
struct Host {
    role: Role,
    last: i64,
    back: i64,
    goodbye: bool,
}

const NEVER: i64 = i64::MAX;
const ALIVE: Host = Host { role: Role::Server, last: NEVER, back: NEVER, goodbye: false };

fn dies(last: i64) -> Host {
    Host { last, ..ALIVE }
}

impl Host {
    fn heard(self, now: i64) -> i64 {
        if now >= self.back { now - now % 60 } else { (now - now % 60).min(self.last) }
    }

    fn view(self, number: usize, now: i64) -> HostView {
        HostView {
            host: HostId(Uuid::from_u128(100 + number as u128)),
            name: format!("srv-{number}"),
            role: self.role,
            last_heard_at: Some(at(self.heard(now))),
            said_goodbye: self.goodbye && now > self.last && now < self.back,
            interval_s: 60,
            expected: true,
        }
    }
}

fn site(hosts: &[Host], now: i64) -> SiteView {
    SiteView {
        site: SiteId(Uuid::from_u128(2)),
        customer: CustomerId(Uuid::from_u128(1)),
        customer_name: "Bakery Klaver".to_owned(),
        site_name: "Head office".to_owned(),
        hosts: hosts.iter().enumerate().map(|(number, host)| host.view(number, now)).collect(),
    }
}

/// (second, host number or none for the site, severity or none for clear, hosts folded).
type Told = (i64, Option<usize>, Option<Severity>, usize);

fn sweep_with(set: &MonitorSet, memory: &mut Memory, hosts: &[Host], since: i64, span: (i64, i64)) -> Vec<Told> {
    let mut told = Vec::new();
    for now in (span.0..=span.1).step_by(15) {
        for found in judge_absence(set, memory, &[site(hosts, now)], at(since), at(now)) {
            assert_spoken(&found.finding);
            let severity = match &found.finding.verdict {
                Verdict::Alarm(alarm) => Some(alarm.severity),
                Verdict::Clear { .. } => None,
            };
            let number = found.host.map(|host| (host.0.as_u128() - 100) as usize);
            told.push((now, number, severity, found.folded.len()));
        }
    }
    told
}

fn sweep(hosts: &[Host]) -> Vec<Told> {
    sweep_with(&MonitorSet::shipped().unwrap(), &mut Memory::new(), hosts, -9000, (0, 3600))
}

#[test]
fn a_silent_server_with_a_living_peer_is_declared_after_five_minutes() {
    assert_eq!(sweep(&[dies(600), ALIVE, ALIVE, ALIVE]), [(900, Some(0), Some(Severity::P2), 0)]);
}

#[test]
fn a_server_that_reports_again_clears() {
    let hosts = [Host { back: 1800, ..dies(600) }, ALIVE, ALIVE];
    assert_eq!(sweep(&hosts), [(900, Some(0), Some(Severity::P2), 0), (1860, Some(0), None, 0)]);
}

#[test]
fn a_lone_server_needs_no_peer() {
    assert_eq!(sweep(&[dies(600)]), [(900, Some(0), Some(Severity::P2), 0)]);
    assert_eq!(sweep(&[dies(600), dies(1800)]).len(), 2);
}

#[test]
fn a_goodbye_is_no_outage_and_ends_one() {
    assert_eq!(sweep(&[Host { goodbye: true, ..dies(600) }, ALIVE, ALIVE]), []);
    let mut memory = Memory::new();
    let set = MonitorSet::shipped().unwrap();
    sweep_with(&set, &mut memory, &[dies(600)], -9000, (0, 1200));
    let parted = [Host { goodbye: true, ..dies(600) }];
    assert_eq!(sweep_with(&set, &mut memory, &parted, -9000, (1215, 1500)), [(1275, Some(0), None, 0)]);
}

#[test]
fn a_silent_workstation_raises_nothing() {
    assert_eq!(sweep(&[Host { role: Role::Workstation, ..dies(600) }, ALIVE, ALIVE]), []);
}

#[test]
fn a_site_that_falls_silent_is_one_finding_that_names_its_hosts() {
    let hosts = [dies(600), dies(600), dies(660), dies(600), Host { back: 0, ..dies(0) }];
    assert_eq!(sweep(&hosts), [(900, None, Some(Severity::P1), 4)]);
}

#[test]
fn a_site_without_servers_is_milder() {
    let hosts = [Host { role: Role::Workstation, ..dies(600) }; 3];
    assert_eq!(sweep(&hosts), [(900, None, Some(Severity::P3), 3)]);
}

#[test]
fn a_site_is_back_when_half_of_it_is_and_the_rest_is_raised_by_itself() {
    let back = Host { back: 2400, ..dies(600) };
    assert_eq!(
        sweep(&[back, back, back, dies(600)]),
        [(900, None, Some(Severity::P1), 4), (2520, None, None, 0), (2520, Some(3), Some(Severity::P2), 0)]
    );
}

#[test]
fn hosts_lost_far_apart_are_no_outage_of_the_site() {
    let told = sweep(&[dies(600), dies(1200), ALIVE, ALIVE]);
    assert_eq!(told.iter().map(|told| told.1).collect::<Vec<_>>(), [Some(0), Some(1)]);
}

#[test]
fn a_host_raised_just_before_its_site_is_folded_into_it() {
    let toml = "[[override]]\nmonitor = 'host_silent'\nhost = 'srv-0'\nsilent_s = 60\n";
    let set = MonitorSet::shipped().unwrap().with_overrides("local.toml", toml).unwrap();
    let hosts = [dies(600), dies(780), dies(780), dies(780)];
    let told = sweep_with(&set, &mut Memory::new(), &hosts, -9000, (0, 3600));
    assert_eq!(
        told,
        [(750, Some(0), Some(Severity::P2), 0), (1080, None, Some(Severity::P1), 4), (1080, Some(0), None, 0)]
    );
}

#[test]
fn a_restarted_collector_listens_before_it_judges() {
    let set = MonitorSet::shipped().unwrap();
    let all_back = [Host { back: 7260, ..dies(600) }; 4];
    assert_eq!(sweep_with(&set, &mut Memory::new(), &all_back, 7200, (7200, 9000)), []);
    let one_gone = [dies(600), all_back[0], all_back[0]];
    let told = sweep_with(&set, &mut Memory::new(), &one_gone, 7200, (7200, 9000));
    assert_eq!(told, [(7500, Some(0), Some(Severity::P2), 0)]);
}

#[test]
fn a_restart_neither_clears_nor_repeats_what_is_still_silent() {
    let set = MonitorSet::shipped().unwrap();
    let mut memory = Memory::new();
    let (host, site) = ([dies(600), ALIVE, ALIVE, ALIVE, ALIVE], [dies(600); 4]);
    for hosts in [&host[..], &site[..]] {
        assert_eq!(sweep_with(&set, &mut memory, hosts, -9000, (0, 1800)).len(), 1);
        assert_eq!(sweep_with(&set, &mut memory, hosts, 7200, (7200, 9000)), []);
        memory = Memory::new();
    }
}

#[test]
fn overrides_count_for_hosts_and_sites() {
    let toml = "[[override]]\nmonitor = 'host_silent'\nhost = 'srv-0'\nsilent_s = 1200\n\
                [[override]]\nmonitor = 'site_silent'\ncustomer = 'Bakery Klaver'\nenabled = false\n";
    let set = MonitorSet::shipped().unwrap().with_overrides("local.toml", toml).unwrap();
    let told = sweep_with(&set, &mut Memory::new(), &[dies(600), ALIVE, ALIVE], -9000, (0, 3600));
    assert_eq!(told, [(1800, Some(0), Some(Severity::P2), 0)]);
    let told = sweep_with(&set, &mut Memory::new(), &[dies(600); 4], -9000, (0, 3600));
    assert!(told.iter().all(|told| told.1.is_some()), "{told:?}");
}

#[test]
fn a_host_that_reports_seldom_is_given_its_intervals() {
    let seldom = |now| {
        let mut view = site(&[dies(600)], now);
        view.hosts[0].interval_s = 300;
        view
    };
    let set = MonitorSet::shipped().unwrap();
    let mut memory = Memory::new();
    let found = |memory: &mut Memory, now| judge_absence(&set, memory, &[seldom(now)], at(0), at(now)).len();
    assert_eq!((found(&mut memory, 1349), found(&mut memory, 1350)), (0, 1));
}
