//! Reports coming in: presence, CMDB, judgement. One batch is one transaction with the cursor that it moves.

use super::guests::is_joining;
use super::{BATCH_MAX, Pipeline};
use crate::cmdb::{self, Reconciled};
use crate::evaluate::{self, Subject};
use crate::model::{Admission, Class, Host, HostId, Item, ItemId, Monitor, Presence, StoredReport, Value};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};

/// Items that are kept of one host, gone ones too: three times the largest honest software list. Over it the longest
/// gone are forgotten.
const ITEMS_MAX: usize = 60_000;
/// Classes by which a machine is known again.
const MARKED: &[Class] = &[Class::Computer, Class::Disk, Class::Interface];
/// The metric that tells how long the machine runs.
const UPTIME: &str = "system.uptime";

impl Pipeline {
    /// Takes the next batch in; answers how many reports it held.
    pub(super) async fn take_reports(&mut self, now: Timestamp) -> Result<usize> {
        let reports = self.store.reports_after(self.world.cursor, BATCH_MAX).await?;
        let Some(last) = reports.last().map(|report| report.row) else { return Ok(0) };
        if reports.iter().any(|report| !self.world.hosts.contains_key(&report.host)) {
            self.world.learn_hosts(&self.store).await?;
        }
        let mut effects = Effects { cursor: Some(last), ..Effects::default() };
        for report in &reports {
            self.take_report(report, &mut effects, now).await?;
        }
        effects.hosts = self.world.take_touched();
        self.commit(effects, now).await?;
        self.world.cursor = last;
        Ok(reports.len())
    }

    async fn take_report(&mut self, report: &StoredReport, effects: &mut Effects, now: Timestamp) -> Result<()> {
        let Some(host) = self.world.hosts.get_mut(&report.host) else {
            tracing::warn!(host = %report.host, "a report of a host that is not in the books");
            return Ok(());
        };
        note_presence(host, report);
        let is_revoked = host.admission == Admission::Revoked;
        self.world.touch(report.host);
        // What was stored before it was revoked or merged is history of its own, and nobody's incident.
        if is_revoked {
            return Ok(());
        }
        if let Some(uptime) = report.samples.iter().find(|sample| sample.metric == UPTIME) {
            self.world.uptime_s.insert(report.host, uptime.value);
        }
        for scan in &report.scans {
            self.apply_scan(report, scan, effects, now).await?;
        }
        self.judge(report, effects, now).await
    }

    async fn apply_scan(
        &mut self,
        report: &StoredReport,
        scan: &crate::model::Scan,
        effects: &mut Effects,
        now: Timestamp,
    ) -> Result<()> {
        let at_ms = report.at.as_millisecond();
        let newest = scan.classes.iter().filter_map(|class| self.world.scanned.get(&(report.host, *class))).max();
        if newest.is_some_and(|newest| *newest > at_ms) {
            return Ok(());
        }
        let Some(customer) = self.world.hosts.get(&report.host).map(|host| host.customer) else { return Ok(()) };
        let is_unknown = |class: &Class| !self.world.scanned.contains_key(&(report.host, *class));
        let unknown: Vec<Class> = scan.classes.iter().copied().filter(is_unknown).collect();
        let scan_name = report.scan_name();
        let origin =
            cmdb::Origin { at: report.at, received_at: report.received_at, scan_name: &scan_name, unknown: &unknown };
        let items = self.world.items_of(&self.store, report.host).await?;
        let mut reconciled = cmdb::reconcile(report.host, customer, items, scan, origin);
        take_in(items, &mut reconciled);
        let (name, role) = (claimed_name(items), cmdb::role_of(items));
        // A scan that was not whole leaves open what the first whole one is compared with.
        for class in scan.classes.iter().filter(|_| !scan.partial) {
            self.world.scanned.insert((report.host, *class), at_ms);
            effects.scanned.push((report.host, *class, report.at));
        }
        if let Some(host) = self.world.hosts.get_mut(&report.host) {
            host.name = name.unwrap_or_else(|| host.name.clone());
            host.role = role.unwrap_or(host.role);
        }
        if !reconciled.items.is_empty() && scan.classes.iter().any(|class| MARKED.contains(class)) {
            let marks = cmdb::fingerprint::marks_of(self.world.items_of(&self.store, report.host).await?);
            if let Some(marks) = marks {
                self.look_alike(report.host, &marks, effects, now).await?;
                effects.marks.push((report.host, marks, report.at));
            }
        }
        if !reconciled.items.is_empty() && is_joining(&scan.classes) {
            self.world.to_join.insert(customer);
        }
        effects.items.extend(reconciled.items);
        effects.forgotten.extend(reconciled.forgotten);
        effects.changes.extend(reconciled.changes);
        effects.relations.extend(reconciled.relations);
        Ok(())
    }

    /// Judges samples and item states. Without RMM only data-loss facts are read, for the courtesy notice.
    async fn judge(&mut self, report: &StoredReport, effects: &mut Effects, now: Timestamp) -> Result<()> {
        let Some(subject) = self.subject(report.host) else { return Ok(()) };
        let customer = self.world.hosts.get(&report.host).map(|host| host.customer);
        let rmm = customer.is_some_and(|customer| self.world.has_rmm(customer, now));
        let monitors: Vec<Monitor> =
            self.monitors.for_host(&subject).iter().filter(|monitor| rmm || monitor.data_loss).cloned().collect();
        let mut findings = Vec::new();
        if rmm {
            findings.extend(evaluate::judge_samples(&monitors, &mut self.world.states, report));
        }
        let uptime_s = self.world.uptime_s.get(&report.host).copied();
        let judged = evaluate::judged_classes(&monitors);
        let interesting: Vec<_> = self
            .world
            .items_of(&self.store, report.host)
            .await?
            .iter()
            .filter(|item| item.gone_at.is_none() && judged.contains(&item.class))
            .cloned()
            .collect();
        findings.extend(evaluate::judge_items(
            &monitors,
            &mut self.world.states,
            report.host,
            &interesting,
            uptime_s,
            report.at,
        ));
        for finding in findings {
            self.raise_for_host(report, &finding, effects, now).await?;
        }
        Ok(())
    }

    /// How overrides name a host.
    pub(super) fn subject(&self, host: HostId) -> Option<Subject> {
        let host = self.world.hosts.get(&host)?;
        Some(Subject {
            host: host.id,
            host_name: host.name.clone(),
            customer_name: self
                .world
                .customers
                .get(&host.customer)
                .map(|customer| customer.name.clone())
                .unwrap_or_default(),
            site_name: self.world.sites.get(&host.site).map(|site| site.name.clone()).unwrap_or_default(),
            role: host.role,
        })
    }
}

/// Brings the items of a host up to date. Where they are too many, those that are longest gone go; where even the present
/// ones are, new ones are left out until there is room.
fn take_in(items: &mut Vec<Item>, reconciled: &mut Reconciled) {
    let places: HashMap<ItemId, usize> = items.iter().enumerate().map(|(place, item)| (item.id, place)).collect();
    let (known, mut new): (Vec<_>, Vec<_>) =
        std::mem::take(&mut reconciled.items).into_iter().partition(|item| places.contains_key(&item.id));
    for item in &known {
        if let Some(place) = places.get(&item.id) {
            items[*place].clone_from(item);
        }
    }
    items.retain(|item| !reconciled.forgotten.contains(&item.id));
    let excess = (items.len() + new.len()).saturating_sub(ITEMS_MAX);
    if excess > 0 {
        let mut gone: Vec<_> = items.iter().filter_map(|item| Some((item.gone_at?, item.id))).collect();
        gone.sort_unstable();
        let longest: HashSet<ItemId> = gone.into_iter().take(excess).map(|(_, id)| id).collect();
        items.retain(|item| !longest.contains(&item.id));
        reconciled.forgotten.extend(longest);
        let room = ITEMS_MAX.saturating_sub(items.len());
        if new.len() > room {
            tracing::warn!(left_out = new.len() - room, "a host shows more items than are kept of one");
            let left_out: HashSet<ItemId> = new.split_off(room).into_iter().map(|item| item.id).collect();
            reconciled.changes.retain(|change| !left_out.contains(&change.item));
            reconciled
                .relations
                .retain(|relation| !left_out.contains(&relation.from) && !left_out.contains(&relation.to));
        }
    }
    items.extend(new.iter().cloned());
    reconciled.items = known;
    reconciled.items.extend(new);
}

/// The newest report decides; a late one from the backlog only shows that somebody is there.
fn note_presence(host: &mut Host, report: &StoredReport) {
    host.last_heard_at = host.last_heard_at.max(Some(report.received_at));
    host.interval_s = report.interval_s;
    if host.last_report_at.is_some_and(|newest| report.at < newest) {
        return;
    }
    host.last_report_at = Some(report.at);
    host.presence = match report.goodbye {
        Some((reason, expected_s)) => Presence::Goodbye {
            reason,
            at: report.at,
            expected_return_at: (expected_s > 0).then(|| report.at + SignedDuration::from_secs(expected_s as i64)),
        },
        None => Presence::Online,
    };
}

fn claimed_name(items: &[crate::model::Item]) -> Option<String> {
    let computer = items.iter().find(|item| item.class == Class::Computer && item.gone_at.is_none())?;
    match computer.fields.get("hostname") {
        Some(Value::Text(name)) => Some(name.clone()),
        _ => None,
    }
}
