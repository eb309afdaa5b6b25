//! The picture of an incident on its page: its evidence with levels and forecast, what was reported since, and the
//! moment it opened.

use crate::console::Console;
use crate::console::view::Speech;
use crate::model::{Incident, SeriesQuery};
use crate::picture::{of_incident, svg};
use jiff::Timestamp;

/// Points after the evidence, at most about so many.
const LATER_POINTS: u64 = 100;

/// The SVG; `None` when the incident has no curve.
pub async fn picture(console: &Console, speech: &Speech, incident: &Incident) -> Option<String> {
    let mut chart = of_incident(incident, speech.zone.clone(), speech.language)?;
    chart.title = speech.say(&incident.alarm.title);
    let later = since(console, incident).await;
    // A prediction stretches the axis as far as it can be said, but not so far that the past becomes a smear.
    let latest = chart.cone.and_then(|cone| cone.latest).unwrap_or(chart.to).min(chart.to + (chart.to - chart.from));
    chart.to = later.last().map_or(chart.to, |point| point.0.max(chart.to)).max(latest);
    if let Some(line) = chart.lines.first_mut() {
        line.points.extend(later);
    }
    chart.marks.insert(0, (incident.opened_at.as_second(), speech.t("console-mark-opened")));
    Some(svg(&chart, 560, 210))
}

/// What was reported after the evidence. A picture without it is still true.
async fn since(console: &Console, incident: &Incident) -> Vec<(i64, f64)> {
    let evidence = &incident.evidence;
    let (Some(host), Some(metric), Some(last)) = (incident.host, evidence.metric.clone(), evidence.points.last())
    else {
        return Vec::new();
    };
    let to = incident.ended_at.unwrap_or_else(Timestamp::now);
    let Ok(from) = Timestamp::from_second(last.0.saturating_add(1)) else { return Vec::new() };
    if from >= to {
        return Vec::new();
    }
    let step_s = (to.as_second() - from.as_second()).unsigned_abs() / LATER_POINTS;
    let query = SeriesQuery { host, metric, object: Some(evidence.object.clone()), from, to, step_s: step_s.max(60) };
    let found = console.store.series(query).await.unwrap_or_default();
    found.into_iter().next().map_or_else(Vec::new, |series| series.points)
}
