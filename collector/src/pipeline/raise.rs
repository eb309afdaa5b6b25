//! Findings becoming incidents: entitlement first, then the life cycle, then what is told.

use super::Pipeline;
use super::tell::Occasion;
use super::world::Key;
use crate::contract::entitlement::{self, Case, Entitlement};
use crate::incident::lifecycle::{self, Advance, Place};
use crate::incident::storm::{self, Admission};
use crate::model::{
    Alarm, CustomerId, Evidence, Finding, HostId, Incident, IncidentState, ItemId, Moments, Severity, SiteId,
    StoredReport, Verdict,
};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};

/// A storm is over when nothing new came for so long.
const STORM_CALM: SignedDuration = SignedDuration::from_hours(1);

impl Pipeline {
    /// A finding on a host.
    pub(super) async fn raise_for_host(
        &mut self,
        report: &StoredReport,
        finding: &Finding,
        effects: &mut Effects,
        now: Timestamp,
    ) -> Result<()> {
        let Some(host) = self.world.hosts.get(&report.host) else { return Ok(()) };
        let place = Place {
            customer: host.customer,
            site: host.site,
            host: Some(host.id),
            item: self.item_of(host.id, &finding.object),
        };
        // Evidence is read only for what becomes an incident of its own.
        let evidence = match self.opens(&place, finding, now) {
            true => self.gather(&place, finding, Some(report), effects, now).await?,
            false => Evidence::default(),
        };
        self.raise(place, finding, evidence, effects, now);
        Ok(())
    }

    /// Would this finding open an incident?
    pub(super) fn opens(&self, place: &Place, finding: &Finding, now: Timestamp) -> bool {
        let Verdict::Alarm(alarm) = &finding.verdict else { return false };
        let live = self.world.incidents.get(&key(place, finding)).is_some_and(|incident| incident.state.is_live());
        !live && matches!(self.entitlement(place.customer, finding, alarm, now), Entitlement::Raise(..))
    }

    /// Moves the incident of a finding on.
    pub(super) fn raise(
        &mut self,
        place: Place,
        finding: &Finding,
        evidence: Evidence,
        effects: &mut Effects,
        now: Timestamp,
    ) {
        let customer = place.customer;
        if let Verdict::Alarm(alarm) = &finding.verdict
            && let Entitlement::Courtesy { at } = self.entitlement(customer, finding, alarm, now)
        {
            self.courtesy(&place, finding, alarm, at, effects, now);
            return;
        }
        let subject = key(&place, finding);
        if let Some((_, folded)) = self.world.storms.get_mut(&storm_key(&place)) {
            // What a storm stands for is told through it, until it is over or the cause is gone.
            if folded.iter().any(|(known, _)| *known == subject) {
                if matches!(finding.verdict, Verdict::Clear { .. }) {
                    folded.retain(|(known, _)| *known != subject);
                }
                return;
            }
        }
        let current = self.world.incidents.get(&subject).cloned();
        if let (None, Verdict::Alarm(alarm)) = (&current, &finding.verdict) {
            let raises = matches!(self.entitlement(customer, finding, alarm, now), Entitlement::Raise(..));
            // What is worst, or threatens data, or is a whole site, is never folded.
            let small = alarm.severity > Severity::P1 && !self.is_data_loss(&finding.monitor) && place.host.is_some();
            if raises && self.world.guard.admit(place.host, customer, now) == Admission::Fold && small {
                self.fold(&place, subject, alarm, effects, now);
                return;
            }
        }
        self.advance(current, &place, finding, evidence, effects, now);
    }

    /// One more problem in a flood: the site's storm stands for it.
    fn fold(&mut self, place: &Place, subject: Key, alarm: &Alarm, effects: &mut Effects, now: Timestamp) {
        let storm = storm_key(place);
        let (last, folded) = self.world.storms.entry(storm.clone()).or_insert_with(|| (now, Vec::new()));
        *last = now;
        folded.push((subject, alarm.clone()));
        let alarms: Vec<Alarm> = folded.iter().map(|(_, alarm)| alarm.clone()).collect();
        let finding = storm::finding(&alarms, now);
        let current = self.world.incidents.get(&storm).cloned();
        let place = Place { host: None, item: None, ..*place };
        self.advance(current, &place, &finding, Evidence::default(), effects, now);
    }

    /// Storms in which nothing new came for an hour are over.
    pub(super) fn end_storms(&mut self, effects: &mut Effects, now: Timestamp) {
        let storms = self
            .world
            .incidents
            .values()
            .filter(|incident| incident.monitor == storm::STORM && incident.state.is_live());
        let still = |incident: &&Incident| {
            let last =
                self.world.storms.get(&super::world::key(incident)).map_or(incident.updated_at, |(last, _)| *last);
            now.duration_since(last) < STORM_CALM
        };
        let over: Vec<Incident> = storms.filter(|incident| !still(incident)).cloned().collect();
        for incident in over {
            self.world.storms.remove(&super::world::key(&incident));
            // What still alarms is now raised as itself.
            let here: Vec<HostId> =
                self.world.hosts.values().filter(|host| host.site == incident.site).map(|host| host.id).collect();
            for host in here {
                self.world.states.tell_again(host);
            }
            let place = Place { customer: incident.customer, site: incident.site, host: None, item: None };
            self.advance(Some(incident), &place, &storm::over(now), Evidence::default(), effects, now);
        }
    }

    pub(super) fn advance(
        &mut self,
        current: Option<Incident>,
        place: &Place,
        finding: &Finding,
        evidence: Evidence,
        effects: &mut Effects,
        now: Timestamp,
    ) {
        let customer = place.customer;
        let decide = |alarm: &Alarm| -> Option<(Moments, bool)> {
            match self.entitlement(customer, finding, alarm, now) {
                Entitlement::Raise(moments, billable) => Some((moments, billable)),
                Entitlement::Courtesy { .. } | Entitlement::Nothing(_) => None,
            }
        };
        if let Some(advance) = lifecycle::advance(current, finding, place, &decide, || evidence, now) {
            self.apply(advance, effects, now);
        }
    }

    fn is_data_loss(&self, name: &str) -> bool {
        self.monitors.all().iter().any(|monitor| monitor.name == name && monitor.data_loss)
    }

    fn entitlement(&self, customer: CustomerId, finding: &Finding, alarm: &Alarm, now: Timestamp) -> Entitlement {
        let data_loss = self.is_data_loss(&finding.monitor);
        let case = Case { severity: alarm.severity, data_loss, deadline: alarm.deadline };
        entitlement::decide(self.world.contracts.get(&customer), &case, now)
    }

    /// Keeps a moved incident and puts what it tells into the outbox.
    pub(super) fn apply(&mut self, advance: Advance, effects: &mut Effects, now: Timestamp) {
        let Advance { incident, tell } = advance;
        for kind in &tell {
            self.tell(&incident, *kind, effects, now);
        }
        let quiet = incident.silenced_until.is_some_and(|until| until > now);
        let called_off = incident.state != IncidentState::Open || quiet;
        if called_off {
            effects.pages_cancelled.push(incident.id);
        }
        self.keep(incident, effects);
    }

    /// Keeps an incident in memory and in the effects; the last word on it within a batch counts.
    pub(super) fn keep(&mut self, incident: Incident, effects: &mut Effects) {
        effects.incidents.retain(|other| other.id != incident.id);
        effects.incidents.push(incident.clone());
        self.world.keep_incident(incident);
    }

    fn courtesy(
        &self,
        place: &Place,
        finding: &Finding,
        alarm: &Alarm,
        at: Timestamp,
        effects: &mut Effects,
        now: Timestamp,
    ) {
        let Some(contract) = self.world.contracts.get(&place.customer) else { return };
        let Some(email) = contract.account_email.clone() else {
            tracing::warn!(customer = %place.customer, monitor = finding.monitor, "no account contact to send a courtesy notice to");
            return;
        };
        let key = format!(
            "courtesy:{}:{}:{}:{}",
            key(place, finding).subject,
            finding.monitor,
            finding.object,
            alarm.since.as_second()
        );
        let occasion = Occasion {
            customer: place.customer,
            site: place.site,
            host: place.host,
            alarm,
            monitor: &finding.monitor,
            object: &finding.object,
        };
        self.tell_courtesy(&occasion, key, email, at, effects, now);
    }

    fn item_of(&self, host: HostId, object: &str) -> Option<ItemId> {
        let items = self.world.items.get(&host)?;
        let named = |item: &&crate::model::Item| {
            item.gone_at.is_none() && !object.is_empty() && (item.key == object || item.name == object)
        };
        let computer = |item: &&crate::model::Item| item.class == crate::model::Class::Computer;
        items.iter().find(named).or_else(|| items.iter().find(computer)).map(|item| item.id)
    }
}

/// The key of a site's storm.
fn storm_key(place: &Place) -> Key {
    Key { subject: place.site.0, monitor: storm::STORM.to_owned(), object: String::new() }
}

/// The key of a finding's incident.
pub fn key(place: &Place, finding: &Finding) -> Key {
    let site: SiteId = place.site;
    Key {
        subject: place.host.map_or(site.0, |host| host.0),
        monitor: finding.monitor.clone(),
        object: finding.object.clone(),
    }
}
