//! Reads a file of overrides: what a customer, site, role or host changes of the shipped monitors.

use super::monitor_file::{Fault, MonitorError, check, syntax};
use super::monitor_set::Subject;
use crate::model::{Condition, Monitor, Role, Severity};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideFile {
    #[serde(default, rename = "override")]
    overrides: Vec<Spanned<Override>>,
}

/// A change of one monitor for some hosts. What is not named counts for all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Override {
    pub monitor: String,
    pub customer: Option<String>,
    pub site: Option<String>,
    pub role: Option<Role>,
    /// Name or id.
    pub host: Option<String>,
    enabled: Option<bool>,
    /// All that this monitor finds has this severity.
    severity: Option<Severity>,
    hold_s: Option<u64>,
    clear_hold_s: Option<u64>,
    /// The whole condition, of the same kind.
    condition: Option<Condition>,
    /// For absence alone.
    silent_s: Option<u64>,
}

/// Reads overrides and checks that each makes a sound monitor of the one that it changes.
pub(super) fn read(file: &str, text: &str, monitors: &[Monitor]) -> Result<Vec<Override>, MonitorError> {
    let read: OverrideFile = toml::from_str(text).map_err(|error| syntax(file, text, &error))?;
    read.overrides
        .into_iter()
        .map(|spanned| {
            let offset = spanned.span().start;
            let change = spanned.into_inner();
            change.tried(monitors).map_err(|fault| fault.at(file, text, offset))?;
            Ok(change)
        })
        .collect()
}

impl Override {
    /// Does it count for this host?
    pub fn covers(&self, subject: &Subject) -> bool {
        let id = subject.host.to_string();
        self.covers_site(&subject.customer_name, &subject.site_name)
            && self.role.is_none_or(|role| role == subject.role)
            && self.host.as_deref().is_none_or(|host| same(host, &subject.host_name) || same(host, &id))
    }

    /// Does it count for this site, as far as its customer and site say?
    pub fn covers_site(&self, customer_name: &str, site_name: &str) -> bool {
        self.customer.as_deref().is_none_or(|customer| same(customer, customer_name))
            && self.site.as_deref().is_none_or(|site| same(site, site_name))
    }

    /// Does it name neither a role nor a host?
    pub fn is_for_sites(&self) -> bool {
        self.role.is_none() && self.host.is_none()
    }

    /// The more it names, the later it counts: customer, site, role, host.
    pub fn rank(&self) -> u8 {
        let named = [self.customer.is_some(), self.site.is_some(), self.role.is_some(), self.host.is_some()];
        named.iter().enumerate().map(|(bit, named)| u8::from(*named) << bit).sum()
    }

    /// Changes the monitor.
    pub fn apply(&self, monitor: &mut Monitor) {
        monitor.enabled = self.enabled.unwrap_or(monitor.enabled);
        monitor.hold_s = self.hold_s.unwrap_or(monitor.hold_s);
        monitor.clear_hold_s = self.clear_hold_s.unwrap_or(monitor.clear_hold_s);
        if let Some(condition) = &self.condition {
            monitor.condition = condition.clone();
        }
        if let (Some(wanted), Condition::Absence { silent_s, .. }) = (self.silent_s, &mut monitor.condition) {
            *silent_s = wanted;
        }
        if let Some(severity) = self.severity {
            set_severity(monitor, severity);
        }
    }

    fn tried(&self, monitors: &[Monitor]) -> Result<(), Fault> {
        let Some(shipped) = monitors.iter().find(|monitor| monitor.name == self.monitor) else {
            let names: Vec<_> = monitors.iter().map(|monitor| monitor.name.as_str()).collect();
            return Err(Fault::new("monitor", self.monitor.clone(), names.join(", ")));
        };
        if self.silent_s.is_some() && !matches!(shipped.condition, Condition::Absence { .. }) {
            return Err(Fault::new("silent_s", "set", "monitors of the kind absence alone"));
        }
        let same_kind = |condition| std::mem::discriminant(condition) == std::mem::discriminant(&shipped.condition);
        if self.condition.as_ref().is_some_and(|condition| !same_kind(condition)) {
            return Err(Fault::new("condition", "of another kind", "the kind of the shipped monitor"));
        }
        let mut changed = shipped.clone();
        self.apply(&mut changed);
        check(&changed)
    }
}

fn set_severity(monitor: &mut Monitor, severity: Severity) {
    monitor.severity = severity;
    match &mut monitor.condition {
        Condition::Threshold { steps, .. } => steps.iter_mut().for_each(|step| step.severity = severity),
        Condition::Forecast { horizons, .. } => horizons.iter_mut().for_each(|horizon| horizon.severity = severity),
        Condition::State { worst_when_zero, .. } => *worst_when_zero = None,
        Condition::Absence { .. } => {}
    }
}

fn same(one: &str, two: &str) -> bool {
    one.trim().eq_ignore_ascii_case(two.trim())
}
