//! The monitors that count: THE registry of the shipped files, with the overrides of this installation. Judges nothing.

use super::monitor_file::{self, MonitorError};
use super::override_file::{self, Override};
use crate::model::{HostId, Monitor, Role};
use std::sync::Arc;

macro_rules! shipped {
    ($($name:literal)*) => {
        /// Every shipped monitor, by file name.
        const SHIPPED: &[(&str, &str)] =
            &[$((concat!($name, ".toml"), include_str!(concat!("../../monitors/", $name, ".toml"))),)*];
    };
}

shipped! {
    "array_degraded"
    "cpu_saturation"
    "disk_failing"
    "disk_failing_workstation"
    "disk_full_forecast"
    "disk_space"
    "disk_space_workstation"
    "host_silent"
    "inodes"
    "memory_pressure"
    "reboot_pending"
    "reboot_pending_workstation"
    "service_stopped"
    "site_silent"
    "unit_failed"
}

/// The monitors of this installation.
#[derive(Clone, Debug)]
pub struct MonitorSet {
    monitors: Vec<Monitor>,
    /// Sorted: what counts later stands later.
    overrides: Vec<Override>,
    servers: Arc<[Monitor]>,
    workstations: Arc<[Monitor]>,
}

/// Which host monitors are wanted for.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Its id.
    pub host: HostId,
    /// Its name as claimed.
    pub host_name: String,
    /// Name of its customer.
    pub customer_name: String,
    /// Name of its site.
    pub site_name: String,
    /// What it is for.
    pub role: Role,
}

impl MonitorSet {
    /// The monitors as shipped.
    pub fn shipped() -> Result<Self, MonitorError> {
        let monitors: Result<Vec<_>, _> = SHIPPED.iter().map(|(file, text)| monitor_file::read(file, text)).collect();
        Ok(Self::new(monitors?, Vec::new()))
    }

    /// Adds the tables `[[override]]` of a file. Within one rank (customer, site, role, host) the later file and table
    /// wins. Errors name file, line, key and what is allowed.
    pub fn with_overrides(self, file_name: &str, toml: &str) -> Result<Self, MonitorError> {
        let mut overrides = self.overrides;
        overrides.extend(override_file::read(file_name, toml, &self.monitors)?);
        overrides.sort_by_key(Override::rank);
        Ok(Self::new(self.monitors, overrides))
    }

    /// Every monitor as shipped, also those that are off.
    pub fn all(&self) -> &[Monitor] {
        &self.monitors
    }

    /// The monitors that are on for a host, with its overrides; without overrides of its own a shared list.
    pub fn for_host(&self, subject: &Subject) -> Arc<[Monitor]> {
        if !self.overrides.iter().any(|change| change.covers(subject)) {
            return match subject.role {
                Role::Server => self.servers.clone(),
                Role::Workstation => self.workstations.clone(),
            };
        }
        resolved(&self.monitors, subject.role, self.overrides.iter().filter(|change| change.covers(subject)))
    }

    /// One monitor as it counts for a whole site; `None` when it is off there.
    pub(super) fn for_site(&self, name: &str, customer_name: &str, site_name: &str) -> Option<Monitor> {
        let mut monitor = self.monitors.iter().find(|monitor| monitor.name == name)?.clone();
        let changes = self.overrides.iter().filter(|change| change.monitor == name && change.is_for_sites());
        changes
            .filter(|change| change.covers_site(customer_name, site_name))
            .for_each(|change| change.apply(&mut monitor));
        monitor.enabled.then_some(monitor)
    }

    fn new(monitors: Vec<Monitor>, overrides: Vec<Override>) -> Self {
        let servers = resolved(&monitors, Role::Server, std::iter::empty());
        let workstations = resolved(&monitors, Role::Workstation, std::iter::empty());
        Self { monitors, overrides, servers, workstations }
    }
}

fn resolved<'a>(
    monitors: &[Monitor],
    role: Role,
    changes: impl Iterator<Item = &'a Override> + Clone,
) -> Arc<[Monitor]> {
    let watching = monitors.iter().filter(|monitor| monitor.roles.is_empty() || monitor.roles.contains(&role));
    let changed = watching.map(|monitor| {
        let mut changed = monitor.clone();
        let wanted = changes.clone().filter(|change| change.monitor == monitor.name);
        wanted.for_each(|change| change.apply(&mut changed));
        changed
    });
    changed.filter(|monitor| monitor.enabled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Condition, Severity};
    use uuid::Uuid;

    fn subject(host_name: &str, role: Role) -> Subject {
        let (customer_name, site_name) = ("Bakery Klaver".to_owned(), "Head office".to_owned());
        Subject { host: HostId(Uuid::from_u128(5)), host_name: host_name.to_owned(), customer_name, site_name, role }
    }

    fn with(toml: &str) -> Result<MonitorSet, String> {
        MonitorSet::shipped().unwrap().with_overrides("local.toml", toml).map_err(|error| error.to_string())
    }

    fn find<'a>(monitors: &'a [Monitor], name: &str) -> Option<&'a Monitor> {
        monitors.iter().find(|monitor| monitor.name == name)
    }

    #[test]
    fn every_shipped_monitor_is_sound_and_named_as_its_file() {
        let set = MonitorSet::shipped().unwrap();
        for (monitor, (file, _)) in set.all().iter().zip(SHIPPED) {
            assert_eq!(format!("{}.toml", monitor.name), *file);
            assert_eq!(monitor.runbook, format!("judge-{}-next", monitor.name.replace('_', "-")));
        }
    }

    #[test]
    fn every_file_of_the_folder_is_in_the_registry() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/monitors");
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, SHIPPED.iter().map(|(file, _)| (*file).to_owned()).collect::<Vec<_>>());
    }

    #[test]
    fn every_monitor_has_its_sentences_in_both_languages() {
        let catalogues = [include_str!("../../words/judge.en.ftl"), include_str!("../../words/judge.nl.ftl")];
        for monitor in MonitorSet::shipped().unwrap().all() {
            for part in ["title", "reason", "next", "clear", "caveat"] {
                let key = format!("\njudge-{}-{part} =", monitor.name.replace('_', "-"));
                let wanted = part != "caveat" || monitor.forecast;
                assert!(catalogues.iter().all(|words| words.contains(&key) == wanted), "{key}");
            }
        }
    }

    #[test]
    fn roles_choose_their_monitors() {
        let set = MonitorSet::shipped().unwrap();
        let (server, workstation) =
            (set.for_host(&subject("a", Role::Server)), set.for_host(&subject("a", Role::Workstation)));
        assert!(find(&server, "disk_space").is_some() && find(&workstation, "disk_space").is_none());
        assert!(find(&workstation, "disk_space_workstation").is_some() && find(&workstation, "host_silent").is_none());
        assert!(Arc::ptr_eq(&server, &set.for_host(&subject("b", Role::Server))));
    }

    #[test]
    fn the_override_that_names_more_wins() {
        let set = with(
            "[[override]]\nmonitor = 'disk_space'\nhost = 'SRV-1'\nhold_s = 5\n\
             [[override]]\nmonitor = 'disk_space'\ncustomer = 'bakery klaver'\nhold_s = 50\nseverity = 'P1'\n\
             [[override]]\nmonitor = 'inodes'\nsite = 'Elsewhere'\nenabled = false\n",
        )
        .unwrap();
        let (one, two) = (set.for_host(&subject("srv-1", Role::Server)), set.for_host(&subject("srv-2", Role::Server)));
        assert_eq!((find(&one, "disk_space").unwrap().hold_s, find(&two, "disk_space").unwrap().hold_s), (5, 50));
        let Condition::Threshold { steps, .. } = &find(&one, "disk_space").unwrap().condition else { panic!() };
        assert!(steps.iter().all(|step| step.severity == Severity::P1));
        assert!(find(&one, "inodes").is_some());
    }

    #[test]
    fn a_host_is_named_by_its_id_too_and_a_monitor_can_be_off() {
        let id = HostId(Uuid::from_u128(5));
        let set = with(&format!("[[override]]\nmonitor = 'disk_space'\nhost = '{id}'\nenabled = false\n")).unwrap();
        assert!(find(&set.for_host(&subject("x", Role::Server)), "disk_space").is_none());
    }

    #[test]
    fn a_whole_condition_is_replaced() {
        let set = with(
            "[[override]]\nmonitor = 'disk_space'\ncondition = { kind = 'threshold', steps = [ { severity = 'P2', \
             all = [ { metric = 'system.filesystem.utilization', above = 0.5 } ] } ] }\n",
        )
        .unwrap();
        let monitors = set.for_host(&subject("x", Role::Server));
        let Condition::Threshold { steps, .. } = &find(&monitors, "disk_space").unwrap().condition else { panic!() };
        assert_eq!(steps[0].all[0].above, Some(0.5));
    }

    #[test]
    fn wrong_overrides_are_refused_with_line_key_and_what_is_allowed() {
        let refusal = |toml: &str| with(toml).unwrap_err();
        assert!(
            refusal("\n[[override]]\nmonitor = 'disk'\n")
                .starts_with("local.toml, line 3: monitor is disk; allowed: array")
        );
        assert!(
            refusal("[[override]]\nmonitor = 'inodes'\nholds = 5\n").starts_with("local.toml, line 3: unknown field")
        );
        assert!(refusal("[[override]]\nmonitor = 'inodes'\nsilent_s = 5\n").contains("line 3: silent_s is set"));
        assert!(
            refusal("[[override]]\nmonitor = 'host_silent'\nsilent_s = 5\n")
                .contains("line 3: silent_s is 5; allowed: 10 to")
        );
        assert!(refusal("[[override]]\nmonitor = 'inodes'\nhold_s = -1\n").starts_with("local.toml, line 3:"));
        assert!(refusal("[[override]]\nmonitor = 'inodes'\nseverity = 'P9'\n").starts_with("local.toml, line 3:"));
        let other_kind =
            "[[override]]\nmonitor = 'inodes'\ncondition = { kind = 'state', class = 'service', matches = [] }\n";
        assert!(refusal(other_kind).contains("line 3: condition is of another kind"));
        let metric = "[[override]]\nmonitor = 'inodes'\n\ncondition = { kind = 'threshold', steps = [ { severity = 'P2', \
                      all = [ { metric = 'system.nonsense', above = 1 } ] } ] }\n";
        assert!(refusal(metric).starts_with("local.toml, line 4: metric is system.nonsense"), "{}", refusal(metric));
    }
}
