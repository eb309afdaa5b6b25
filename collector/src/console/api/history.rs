//! What a host reported over time: series with their names, and the ledger of its reports.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, cut, moment, number, page};
use super::customer::PageQuery;
use super::host::visible;
use crate::console::Console;
use crate::model::{Actor, HostId, LedgerView, SeriesQuery};
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use wacht_proto::catalog;

/// Points of one series that an answer holds at most; a narrower step or a longer time is refused.
const POINTS_MAX: u64 = 50_000;

/// Points of one series that we aim at when the caller names no step.
const POINTS_AIM: u64 = 2_000;

/// The interval that hosts usually report in, in seconds.
const INTERVAL_S: u64 = 60;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Which series.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SeriesAsked {
    /// Name of the metric, as `/series-names` gives it.
    #[param(required = true, value_type = String)]
    metric: Option<String>,
    /// Only this mount point, device or mode.
    object: Option<String>,
    /// From, inclusive: RFC 3339 or unix seconds; a day before `to` when absent.
    from: Option<String>,
    /// To, exclusive: RFC 3339 or unix seconds; now when absent.
    to: Option<String>,
    /// Width of a point in seconds: its mean, or the last value of a counter; 0 = as reported.
    #[param(value_type = Option<u32>)]
    step: Option<String>,
}

/// One series.
#[derive(Serialize, ToSchema)]
pub struct SeriesView {
    /// Metric and object.
    id: String,
    /// Name of the metric.
    metric: &'static str,
    /// Mount point, device, mode; empty where there is one series a host.
    object: String,
    /// Unit of the values.
    unit: &'static str,
    /// Unix seconds and value, oldest first.
    points: Vec<(i64, f64)>,
}

/// A series that a host has.
#[derive(Serialize, ToSchema)]
pub struct SeriesName {
    /// Metric and object.
    id: String,
    /// Name of the metric.
    metric: String,
    /// Mount point, device, mode; empty where there is one series a host.
    object: String,
    /// Unit of the values.
    unit: &'static str,
}

/// A metric of a host over time, one series an object.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/series", tag = "history",
    params(("id" = Uuid, Path, description = "of the host"), SeriesAsked),
    responses((status = 200, description = "the series", body = List<SeriesView>)))]
pub async fn series(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<SeriesAsked>,
) -> Answer<List<SeriesView>> {
    let (query, metric) = query(HostId(id), &asked, Timestamp::now())?;
    visible(&console, &actor, HostId(id)).await?;
    let found = console.store.series(query).await?;
    let view = |series: crate::model::Series| SeriesView {
        id: series_id(metric.name(), &series.object),
        metric: metric.name(),
        unit: metric.entry().unit,
        object: series.object,
        points: series.points,
    };
    Ok(Document(List::whole(found.into_iter().map(view).collect())))
}

/// The series that a host has reported.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/series-names", tag = "history",
    params(("id" = Uuid, Path, description = "of the host"), PageQuery),
    responses((status = 200, description = "a page of names", body = List<SeriesName>)))]
pub async fn series_names(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<PageQuery>,
) -> Answer<List<SeriesName>> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    visible(&console, &actor, HostId(id)).await?;
    let names = console.store.series_names(HostId(id)).await?;
    let views = names.into_iter().map(|(metric, object)| SeriesName {
        id: series_id(&metric, &object),
        unit: catalog::by_name(&metric).map_or("", |metric| metric.entry().unit),
        metric,
        object,
    });
    // an object may hold any text, so the cursor is the place in the list
    let numbered: Vec<(usize, SeriesName)> = views.enumerate().collect();
    let list = cut(numbered, &page, |(place, _)| place.to_string())?;
    let items = list.items.into_iter().map(|(_, name)| name).collect();
    Ok(Document(List { items, next_cursor: list.next_cursor }))
}

/// What a host collected against what is stored, one line for each life of its spool.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/ledger", tag = "history",
    params(("id" = Uuid, Path, description = "of the host"), PageQuery),
    responses((status = 200, description = "the ledger", body = List<LedgerView>)))]
pub async fn ledger(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<PageQuery>,
) -> Answer<List<LedgerView>> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    visible(&console, &actor, HostId(id)).await?;
    let lines = console.store.ledger(HostId(id)).await?;
    Ok(Document(cut(lines, &page, |line| line.id.clone())?))
}

fn series_id(metric: &str, object: &str) -> String {
    if object.is_empty() { metric.to_owned() } else { format!("{metric}:{object}") }
}

fn query(host: HostId, asked: &SeriesAsked, now: Timestamp) -> Result<(SeriesQuery, catalog::Metric), Problem> {
    let name = asked.metric.as_deref().ok_or_else(|| Problem::question("metric: name one of /series-names"))?;
    let metric = catalog::by_name(name)
        .ok_or_else(|| Problem::question("metric: not in the catalogue; /series-names lists what the host has"))?;
    let to = moment("to", asked.to.as_deref())?.unwrap_or(now);
    let day_before = to.checked_sub(DAY).unwrap_or(Timestamp::MIN);
    let from = moment("from", asked.from.as_deref())?.unwrap_or(day_before);
    if from >= to {
        return Err(Problem::question("from: must be before `to`"));
    }
    let span_s = u64::try_from(to.as_second() - from.as_second()).unwrap_or(0);
    let step = number("step", asked.step.as_deref(), 0, 31_536_000)?;
    let step_s = step.unwrap_or_else(|| automatic_step(span_s));
    let width_s = if step_s == 0 { INTERVAL_S } else { step_s };
    if span_s / width_s > POINTS_MAX {
        let least = span_s.div_ceil(POINTS_MAX);
        return Err(Problem::question(format!(
            "step: at least {least} for this time; an answer holds {POINTS_MAX} points"
        )));
    }
    Ok((SeriesQuery { host, metric: name.to_owned(), object: asked.object.clone(), from, to, step_s }, metric))
}

/// As reported while that is short enough, else whole minutes.
fn automatic_step(span_s: u64) -> u64 {
    if span_s / INTERVAL_S <= POINTS_AIM { 0 } else { span_s.div_ceil(POINTS_AIM).div_ceil(INTERVAL_S) * INTERVAL_S }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: Option<&str>, to: Option<&str>, step: Option<&str>) -> SeriesAsked {
        let own = |text: Option<&str>| text.map(str::to_owned);
        SeriesAsked {
            metric: own(Some("system.cpu.utilization")),
            object: None,
            from: own(from),
            to: own(to),
            step: own(step),
        }
    }

    fn read(asked: &SeriesAsked) -> Result<SeriesQuery, Problem> {
        query(HostId::new(), asked, "2026-12-01T12:00:00Z".parse().unwrap()).map(|(query, _)| query)
    }

    #[test]
    fn the_last_day_is_the_default() {
        let query = read(&asked(None, None, None)).unwrap();
        assert_eq!(query.from, "2026-11-30T12:00:00Z".parse().unwrap());
        assert_eq!((query.to.as_second() - query.from.as_second(), query.step_s), (86_400, 0));
    }

    #[test]
    fn a_long_time_gets_wide_points_and_a_narrow_step_over_it_is_refused() {
        assert_eq!(read(&asked(Some("2026-11-01T12:00:00Z"), None, None)).unwrap().step_s, 1_320);
        assert!(read(&asked(Some("2025-12-01T12:00:00Z"), None, Some("10"))).is_err());
        assert!(read(&asked(Some("2020-12-01T12:00:00Z"), None, Some("0"))).is_err());
        assert_eq!(read(&asked(Some("2025-12-01T12:00:00Z"), None, Some("3600"))).unwrap().step_s, 3_600);
    }

    #[test]
    fn an_empty_time_an_unknown_metric_and_a_wrong_step_are_refused() {
        assert!(read(&asked(Some("2026-12-01T12:00:00Z"), Some("2026-12-01T12:00:00Z"), None)).is_err());
        assert!(read(&asked(None, None, Some("-5"))).is_err());
        let mut wrong = asked(None, None, None);
        wrong.metric = Some("system.cpu.luck".to_owned());
        assert!(read(&wrong).is_err());
        wrong.metric = None;
        assert!(read(&wrong).is_err());
    }
}
