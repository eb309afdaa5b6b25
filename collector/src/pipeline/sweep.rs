//! What time alone brings: silence of hosts and sites, pages that fall due, incidents that have been clear for long
//! enough, silences that end.

use super::Pipeline;
use crate::evaluate::{self, AbsenceFinding, HostView, SiteView};
use crate::incident::lifecycle::{self, Place};
use crate::model::{Admission, Evidence, Finding, Host, HostId, Incident, Message, Presence, SiteId, Verdict};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Without a monitor that says otherwise, a host is called silent after this long.
const SILENT_AFTER_S: i64 = 300;

/// How late a host may be after the return that it announced.
const LATE: SignedDuration = SignedDuration::from_mins(20);
/// How often admissions that ingest decided are taken in; unknown hosts are learned with their first report.
const LEARN: SignedDuration = SignedDuration::from_secs(30);

impl Pipeline {
    /// Looks at everything that time alone brings.
    pub(super) async fn sweep(&mut self, now: Timestamp) -> Result<()> {
        if now.duration_since(self.world.learned_at) >= LEARN {
            self.world.learn_hosts(&self.store).await?;
            self.world.learned_at = now;
        }
        let mut effects = Effects::default();
        // Contracts begin and end by date.
        self.publish_policies(now);
        self.end_uncovered(&mut effects, now);
        self.end_unawaited(&mut effects, now);
        self.judge_silence(&mut effects, now).await?;
        self.note_silence(now);
        self.end_storms(&mut effects, now);
        self.advance_waiting(&mut effects, now);
        self.world.forget_ended(now);
        self.join_guests(&mut effects, now).await?;
        effects.hosts = self.world.take_touched();
        let news = [effects.hosts.is_empty(), effects.incidents.is_empty(), effects.outbox.is_empty()];
        let dirty = !(news.iter().all(|none| *none) && effects.relations.is_empty());
        if dirty { self.commit(effects, now).await } else { Ok(()) }
    }

    fn note_silence(&mut self, now: Timestamp) {
        let observing = self.world.observing_since;
        let is_silent = |host: &&Host| {
            let heard = host.last_heard_at.unwrap_or(observing).max(observing);
            let after = SignedDuration::from_secs(SILENT_AFTER_S.max(5 * i64::from(host.interval_s)));
            host.presence == Presence::Online && now - after >= heard
        };
        let silent: Vec<HostId> = self.world.hosts.values().filter(is_silent).map(|host| host.id).collect();
        self.call_silent(silent.into_iter());
    }

    fn call_silent(&mut self, hosts: impl Iterator<Item = HostId>) {
        let observing = self.world.observing_since;
        for id in hosts {
            if let Some(host) = self.world.hosts.get_mut(&id).filter(|host| host.presence == Presence::Online) {
                host.presence = Presence::Silent { since: host.last_heard_at.unwrap_or(observing) };
                self.world.touch(id);
            }
        }
    }

    async fn judge_silence(&mut self, effects: &mut Effects, now: Timestamp) -> Result<()> {
        let sites = self.site_views(now);
        let findings =
            evaluate::judge_absence(&self.monitors, &mut self.world.states, &sites, self.world.observing_since, now);
        for AbsenceFinding { site, host, finding, folded } in findings {
            let Some(customer) = self.world.sites.get(&site).map(|site| site.customer) else { continue };
            if matches!(finding.verdict, Verdict::Alarm(_)) {
                // What an incident calls silent is silent everywhere.
                self.call_silent(host.iter().copied().chain(folded.iter().map(|(host, _)| *host)));
            }
            let place = Place { customer, site, host, item: None };
            let mut evidence = match self.opens(&place, &finding, now) {
                true => self.gather(&place, &finding, None, effects, now).await?,
                false => Evidence::default(),
            };
            evidence.hosts = folded;
            self.raise(place, &finding, evidence, effects, now);
        }
        Ok(())
    }

    /// Hosts of customers with RMM, site by site.
    fn site_views(&self, now: Timestamp) -> Vec<SiteView> {
        let mut views: HashMap<SiteId, SiteView> = HashMap::new();
        let mut covered = HashMap::new();
        for host in self.world.hosts.values() {
            // A held host is still a machine that somebody depends on.
            let watched = matches!(host.admission, Admission::Active | Admission::Quarantined)
                && !self.world.out_of_service.contains(&host.id);
            if !watched || !*covered.entry(host.customer).or_insert_with(|| self.world.has_rmm(host.customer, now)) {
                continue;
            }
            let view = views.entry(host.site).or_insert_with(|| SiteView {
                site: host.site,
                customer: host.customer,
                customer_name: self
                    .world
                    .customers
                    .get(&host.customer)
                    .map(|customer| customer.name.clone())
                    .unwrap_or_default(),
                site_name: self.world.sites.get(&host.site).map(|site| site.name.clone()).unwrap_or_default(),
                hosts: Vec::new(),
            });
            view.hosts.push(view_of(host, now));
        }
        let mut views: Vec<_> = views.into_values().collect();
        views.sort_by_key(|view| view.site);
        views
    }

    /// Incidents of hosts that were revoked, or of customers whose monitoring ended, end with it.
    fn end_uncovered(&mut self, effects: &mut Effects, now: Timestamp) {
        let uncovered = |incident: &&Incident| {
            let revoked =
                |host: HostId| self.world.hosts.get(&host).is_some_and(|host| host.admission == Admission::Revoked);
            incident.state.is_live()
                && (incident.host.is_some_and(revoked) || !self.world.has_rmm(incident.customer, now))
        };
        let ended: Vec<Incident> = self.world.incidents.values().filter(uncovered).cloned().collect();
        for incident in ended {
            if let Some(host) = incident.host {
                self.world.states.forget_host(host);
            }
            self.end(incident, "judge-uncovered-clear", effects, now);
        }
    }

    /// Nobody waits for a machine that people put out of service, so that its silence is no incident.
    fn end_unawaited(&mut self, effects: &mut Effects, now: Timestamp) {
        let out = |host: HostId| self.world.out_of_service.contains(&host);
        let unawaited = |incident: &&Incident| {
            incident.state.is_live() && incident.monitor == evaluate::HOST_SILENT && incident.host.is_some_and(out)
        };
        let ended: Vec<Incident> = self.world.incidents.values().filter(unawaited).cloned().collect();
        for incident in ended {
            if let Some(host) = incident.host {
                self.world.states.forget_monitor(host, evaluate::HOST_SILENT);
            }
            self.end(incident, "judge-out-of-service-clear", effects, now);
        }
    }

    fn end(&mut self, incident: Incident, reason: &str, effects: &mut Effects, now: Timestamp) {
        let place =
            Place { customer: incident.customer, site: incident.site, host: incident.host, item: incident.item };
        let finding = Finding {
            monitor: incident.monitor.clone(),
            monitor_version: incident.monitor_version,
            object: incident.object.clone(),
            verdict: Verdict::Clear { reason: Message::new(reason) },
            at: now,
        };
        self.advance(Some(incident), &place, &finding, Evidence::default(), effects, now);
    }

    fn advance_waiting(&mut self, effects: &mut Effects, now: Timestamp) {
        let live = |incident: &&Incident| incident.state.is_live();
        let ticked: Vec<_> =
            self.world.incidents.values().filter(live).filter_map(|incident| lifecycle::tick(incident, now)).collect();
        for advance in ticked {
            self.apply(advance, effects, now);
        }
        let paged: Vec<_> = self
            .world
            .incidents
            .values()
            .filter(live)
            .filter_map(|incident| lifecycle::page_due(incident, now))
            .collect();
        for advance in paged {
            self.apply(advance, effects, now);
        }
    }
}

fn view_of(host: &Host, now: Timestamp) -> HostView {
    HostView {
        host: host.id,
        name: host.name.clone(),
        role: host.role,
        last_heard_at: host.last_heard_at,
        // Whoever said when it would be back, and is not, is missed.
        said_goodbye: matches!(host.presence, Presence::Goodbye { expected_return_at, .. }
            if expected_return_at.is_none_or(|expected| now < expected + LATE)),
        interval_s: host.interval_s,
        // Never heard means not there yet, not lost.
        expected: host.last_heard_at.is_some(),
    }
}
