//! The picture of an incident: the evidence that was gathered when it opened, what came after, its levels, its
//! forecast and marks of what changed.

use crate::console::Console;
use crate::console::view::{Speech, clip};
use crate::model::{Alarm, Incident, SeriesQuery};
use crate::picture::{Chart, Cone, Line, Tone, Unit, svg};
use jiff::Timestamp;
use wacht_proto::catalog;

/// Marks of changes at most: more are a smear.
const MARKS_MAX: usize = 5;

/// The SVG; `None` when the incident has no curve.
pub async fn picture(console: &Console, speech: &Speech, incident: &Incident) -> Option<String> {
    let metric = incident.evidence.metric.clone()?;
    let mut points = incident.evidence.points.clone();
    let last = *points.last()?;
    points.extend(since(console, incident, &metric, last.0).await);
    Some(svg(&chart(speech, incident, &metric, points), 560, 200))
}

fn chart(speech: &Speech, incident: &Incident, metric: &str, points: Vec<(i64, f64)>) -> Chart {
    let alarm = &incident.alarm;
    let from = points.first().map_or(0, |point| point.0);
    let end = points.last().map_or(from, |point| point.0);
    let cone = cone(incident, alarm);
    let to = cone.as_ref().map_or(end, |cone| cone.latest.unwrap_or(cone.likely).min(cone.likely + (cone.likely - from)).max(end));
    let unit = unit(metric);
    Chart {
        title: speech.say(&alarm.title),
        lines: vec![Line { name: incident.evidence.object.clone(), points, tone: Tone::A }],
        from,
        to,
        unit,
        levels: levels(speech, alarm, metric, unit),
        marks: marks(speech, incident),
        cone,
        zone: speech.zone.clone(),
        language: speech.language,
    }
}

/// What was reported after the evidence, thinned to about a hundred points. A picture without it is still true.
async fn since(console: &Console, incident: &Incident, metric: &str, last: i64) -> Vec<(i64, f64)> {
    let Some(host) = incident.host else { return Vec::new() };
    let to = incident.ended_at.unwrap_or_else(Timestamp::now);
    let Ok(from) = Timestamp::from_second(last.saturating_add(1)) else { return Vec::new() };
    if from >= to {
        return Vec::new();
    }
    let step_s = (to.as_second() - from.as_second()).unsigned_abs() / 100;
    let object = Some(incident.evidence.object.clone());
    let query = SeriesQuery { host, metric: metric.to_owned(), object, from, to, step_s: step_s.max(60) };
    let found = console.store.series(query).await.unwrap_or_default();
    found.into_iter().next().map_or_else(Vec::new, |series| series.points)
}

/// The forecast starts where the evidence ends, since that is what it was made from.
fn cone(incident: &Incident, alarm: &Alarm) -> Option<Cone> {
    let deadline = alarm.deadline?;
    let from = *incident.evidence.points.last()?;
    let level = alarm.levels.iter().map(|(_, level)| *level).fold(1.0, f64::max);
    let likely = deadline.likely.as_second();
    (likely > from.0).then(|| Cone {
        from,
        earliest: deadline.earliest.as_second().max(from.0),
        likely,
        latest: deadline.latest.map(Timestamp::as_second),
        level,
    })
}

fn levels(speech: &Speech, alarm: &Alarm, metric: &str, unit: Unit) -> Vec<(String, f64)> {
    let of_metric = alarm.levels.iter().filter(|(name, _)| name == metric);
    of_metric.map(|(_, level)| (reading(speech, unit, *level), *level)).collect()
}

fn marks(speech: &Speech, incident: &Incident) -> Vec<(i64, String)> {
    let opened = (incident.opened_at.as_second(), speech.t("console-mark-opened"));
    let changed = incident.evidence.changes.iter().take(MARKS_MAX);
    let changed = changed.map(|change| (change.observed_at.as_second(), clip(&change.name, 18)));
    std::iter::once(opened).chain(changed).collect()
}

/// A value in its unit.
pub fn reading(speech: &Speech, unit: Unit, value: f64) -> String {
    match unit {
        Unit::Ratio => speech.ratio(value),
        Unit::Bytes | Unit::BytesPerSecond => speech.bytes(value),
        Unit::Seconds => speech.seconds(value),
        Unit::Count => format!("{value:.1}"),
    }
}

/// The unit of a metric, by the catalogue.
pub fn unit(metric: &str) -> Unit {
    match catalog::by_name(metric).map(|metric| metric.entry().unit) {
        Some("1") => Unit::Ratio,
        Some("By") => Unit::Bytes,
        Some("s") => Unit::Seconds,
        _ => Unit::Count,
    }
}
