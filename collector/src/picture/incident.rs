//! The picture of an incident: the metric that it is about, with the levels of its monitor, its prediction and the
//! CMDB changes around it.

use super::{Chart, Cone, Line, Tone, Unit};
use crate::model::{Incident, Language};
use jiff::tz::TimeZone;

/// Changes marked on the time axis.
const MARKS_MAX: usize = 5;

/// The chart of an incident's evidence; none when there is nothing to draw.
pub fn of_incident(incident: &Incident, zone: TimeZone, language: Language) -> Option<Chart> {
    let evidence = &incident.evidence;
    let metric = evidence.metric.as_ref()?;
    let (from, newest) = (evidence.points.first()?.0, *evidence.points.last()?);
    let cone = incident.alarm.deadline.map(|deadline| Cone {
        from: newest,
        earliest: deadline.earliest.as_second(),
        likely: deadline.likely.as_second(),
        latest: deadline.latest.map(jiff::Timestamp::as_second),
        level: 1.0,
    });
    let to = cone.as_ref().map_or(newest.0, |cone| cone.likely.max(newest.0)).max(from + 60);
    let name = if evidence.object.is_empty() { metric.clone() } else { format!("{metric} {}", evidence.object) };
    let levels = incident.alarm.levels.iter().filter(|(of, _)| of == metric);
    let changes = evidence.changes.iter().filter(|change| change.observed_at.as_second() >= from);
    Some(Chart {
        title: name.clone(),
        lines: vec![Line { name, points: evidence.points.clone(), tone: Tone::A }],
        from,
        to,
        unit: unit_of(metric),
        levels: levels.map(|(_, level)| (String::new(), *level)).collect(),
        marks: changes.take(MARKS_MAX).map(|change| (change.observed_at.as_second(), change.name.clone())).collect(),
        cone,
        zone,
        language,
    })
}

/// How values of a metric read, by the unit that ends its kind of name.
pub fn unit_of(metric: &str) -> Unit {
    match wacht_proto::catalog::by_name(metric).map(|metric| metric.entry().unit) {
        Some("1") => Unit::Ratio,
        Some("By") => Unit::Bytes,
        Some("s") => Unit::Seconds,
        _ => Unit::Count,
    }
}
