//! What time alone brings: silence of hosts and sites, pages that fall due, incidents that have been clear for long
//! enough, silences that end.

use super::Pipeline;
use crate::evaluate::{self, AbsenceFinding, HostView, SiteView};
use crate::incident::lifecycle::{self, Place};
use crate::model::{Admission, Evidence, Host, HostId, Presence, SiteId, Verdict};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Without a monitor that says otherwise, a host is called silent after this long.
const SILENT_AFTER_S: i64 = 300;

impl Pipeline {
    /// Looks at everything that time alone brings.
    pub(super) async fn sweep(&mut self, now: Timestamp) -> Result<()> {
        self.world.learn_hosts(&self.store).await?;
        let mut effects = Effects::default();
        self.judge_silence(&mut effects, now).await?;
        self.note_silence(now);
        self.end_storms(&mut effects, now);
        self.advance_waiting(&mut effects, now);
        self.world.forget_ended(now);
        effects.hosts = self.world.take_touched();
        let dirty = !(effects.hosts.is_empty() && effects.incidents.is_empty() && effects.outbox.is_empty());
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
            let mut evidence = match self.opens(&place, &finding) {
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
        for host in self.world.hosts.values() {
            if host.admission != Admission::Active || !self.world.has_rmm(host.customer, now) {
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
            view.hosts.push(view_of(host));
        }
        let mut views: Vec<_> = views.into_values().collect();
        views.sort_by_key(|view| view.site);
        views
    }

    fn advance_waiting(&mut self, effects: &mut Effects, now: Timestamp) {
        let live: Vec<_> = self.world.incidents.values().filter(|incident| incident.state.is_live()).cloned().collect();
        for incident in live {
            let ticked = lifecycle::tick(&incident, now);
            let incident = ticked.as_ref().map_or(incident, |advance| advance.incident.clone());
            if let Some(advance) = ticked {
                self.apply(advance, effects, now);
            }
            if let Some(advance) = lifecycle::page_due(&incident, now) {
                self.apply(advance, effects, now);
            }
        }
    }
}

fn view_of(host: &Host) -> HostView {
    HostView {
        host: host.id,
        name: host.name.clone(),
        role: host.role,
        last_heard_at: host.last_heard_at,
        said_goodbye: matches!(host.presence, Presence::Goodbye { .. }),
        interval_s: host.interval_s,
        // Never heard means not there yet, not lost.
        expected: host.last_heard_at.is_some(),
    }
}
