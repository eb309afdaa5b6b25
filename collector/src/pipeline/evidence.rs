//! What is gathered when an incident opens: the picture's points, recent CMDB changes, processes, peers, similar
//! incidents.

use super::Pipeline;
use crate::incident::lifecycle::Place;
use crate::model::{Evidence, Finding, HostId, PageRequest, Presence, SeriesQuery, StoredReport, Verdict};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};

const CHANGES_MAX: usize = 50;
const PEERS_MAX: usize = 50;
const CHANGES_BACK: SignedDuration = SignedDuration::from_hours(72);
const PICTURE_BACK: SignedDuration = SignedDuration::from_hours(24);
const PREDICTION_BACK: SignedDuration = SignedDuration::from_hours(28 * 24);
/// Points of a picture.
const POINTS: i64 = 300;

impl Pipeline {
    /// Gathers the evidence of a finding at its opening.
    pub(super) async fn gather(
        &self,
        place: &Place,
        finding: &Finding,
        report: Option<&StoredReport>,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Evidence> {
        let mut evidence = Evidence { object: finding.object.clone(), ..Evidence::default() };
        evidence.peers = self.peers(place);
        evidence.similar = self.similar(place);
        evidence.processes = report.map(|report| report.processes.clone()).unwrap_or_default();
        let Some(host) = place.host else { return Ok(evidence) };
        let monitor = self.monitors.all().iter().find(|monitor| monitor.name == finding.monitor);
        if let Some(metric) = monitor.and_then(|monitor| monitor.evidence.first()) {
            evidence.points = self.points(host, metric, finding, report, now).await?;
            evidence.metric = Some(metric.clone());
        }
        let page = PageRequest { cursor: None, limit: CHANGES_MAX };
        let before = self.store.changes(host, Some(now - CHANGES_BACK), page).await?;
        let fresh = effects.changes.iter().filter(|change| change.host == host).rev().cloned();
        evidence.changes = fresh.chain(before.items.into_iter().map(|(_, change)| change)).take(CHANGES_MAX).collect();
        Ok(evidence)
    }

    async fn points(
        &self,
        host: HostId,
        metric: &str,
        finding: &Finding,
        report: Option<&StoredReport>,
        now: Timestamp,
    ) -> Result<Vec<(i64, f64)>> {
        let predicted = matches!(&finding.verdict, Verdict::Alarm(alarm) if alarm.deadline.is_some());
        let back = if predicted { PREDICTION_BACK } else { PICTURE_BACK };
        let query = |object: &str| SeriesQuery {
            host,
            metric: metric.to_owned(),
            object: Some(object.to_owned()),
            from: now - back,
            to: now + SignedDuration::from_secs(1),
            step_s: (back.as_secs() / POINTS) as u64,
        };
        let mut series = self.store.series(query(&finding.object)).await?;
        if series.is_empty() && !finding.object.is_empty() {
            series = self.store.series(query("")).await?;
        }
        let mut points = series.pop().map(|series| series.points).unwrap_or_default();
        // The report that raised it is the picture's last point.
        let right = |sample: &&crate::model::Sample| {
            sample.metric == metric && (*sample.object == *finding.object || sample.object.is_empty())
        };
        if let Some((report, sample)) =
            report.and_then(|report| report.samples.iter().find(right).map(|sample| (report, sample)))
        {
            points.retain(|(at, _)| *at < report.at.as_second());
            points.push((report.at.as_second(), sample.value));
        }
        Ok(points)
    }

    fn peers(&self, place: &Place) -> Vec<(String, bool)> {
        let others = self.world.hosts.values().filter(|host| host.site == place.site && Some(host.id) != place.host);
        others.take(PEERS_MAX).map(|host| (host.name.clone(), host.presence == Presence::Online)).collect()
    }

    fn similar(&self, place: &Place) -> Vec<crate::model::IncidentId> {
        let here =
            self.world.incidents.values().filter(|incident| incident.site == place.site && incident.state.is_live());
        here.take(PEERS_MAX).map(|incident| incident.id).collect()
    }
}
