//! The small multiples of a host: processor, memory, file systems, disks, network. All show the same day; the shared
//! cursor reads the points that each picture carries.

use crate::console::Console;
use crate::console::fault::Result;
use crate::console::rate::rates;
use crate::console::view::{Speech, clip};
use crate::model::{HostId, Series, SeriesQuery};
use crate::picture::{Chart, Line, Tone, Unit, svg};
use crate::words::figure;
use jiff::{SignedDuration, Timestamp};
use wacht_proto::catalog::Metric;

/// Width of a point: 180 a day keep a page of charts under 100 kB.
const STEP_S: u64 = 480;

/// Lines of a chart, the highest ones.
const LINES_MAX: usize = 4;

/// (title, metric, its unit in the chart, does it become a rate, its full mark).
const CHARTS: [(&str, Metric, Unit, bool, Option<f64>); 8] = [
    ("console-chart-cpu", Metric::CpuUtilization, Unit::Ratio, false, Some(1.0)),
    ("console-chart-memory", Metric::MemoryUtilization, Unit::Ratio, false, Some(1.0)),
    ("console-chart-filesystem", Metric::FilesystemUtilization, Unit::Ratio, false, Some(1.0)),
    ("console-chart-disk-io", Metric::DiskIo, Unit::BytesPerSecond, true, None),
    ("console-chart-disk-busy", Metric::DiskBusy, Unit::Ratio, false, Some(1.0)),
    ("console-chart-network", Metric::NetworkIo, Unit::BytesPerSecond, true, None),
    ("console-chart-load", Metric::CpuLoad5m, Unit::Count, false, None),
    ("console-chart-paging", Metric::PagingUtilization, Unit::Ratio, false, Some(1.0)),
];

/// A chart and its legend.
pub struct Figure {
    pub title: String,
    pub svg: String,
    /// How the cursor's script reads values: `ratio`, `bytes`, `seconds`, `count`, `rate`.
    pub unit: &'static str,
    /// (name, class of its colour, last value in words).
    pub lines: Vec<(String, &'static str, String)>,
}

/// All charts that have something to show.
pub async fn figures(console: &Console, speech: &Speech, host: HostId, now: Timestamp) -> Result<Vec<Figure>> {
    let from = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut figures = Vec::new();
    for (title, metric, unit, is_rate, full) in CHARTS {
        let query = SeriesQuery { host, metric: metric.name().to_owned(), object: None, from, to: now, step_s: STEP_S };
        let mut series = console.store.series(query).await?;
        if is_rate {
            for one in &mut series {
                one.points = rates(&one.points);
            }
        }
        series.retain(|one| !one.points.is_empty());
        let series = highest(series, LINES_MAX);
        if !series.is_empty() {
            let span = (from.as_second(), now.as_second());
            figures.push(figure(speech, speech.t(title), series, span, unit, full));
        }
    }
    Ok(figures)
}

fn figure(
    speech: &Speech,
    title: String,
    series: Vec<Series>,
    (from, to): (i64, i64),
    unit: Unit,
    full: Option<f64>,
) -> Figure {
    let named = |object: &str| if object.is_empty() { title.clone() } else { clip(object, 40) };
    let last = |one: &Series| one.points.last().map(|point| reading(speech, unit, point.1)).unwrap_or_default();
    let shown = series.iter().enumerate().map(|(n, one)| (named(&one.object), Tone::nth(n).class(), last(one)));
    let lines = shown.collect();
    let drawn = series.into_iter().enumerate();
    let chart = Chart {
        title: title.clone(),
        lines: drawn
            .map(|(n, one)| Line { name: named(&one.object), points: one.points, tone: Tone::nth(n) })
            .collect(),
        from,
        to,
        unit,
        levels: full.map(|level| (String::new(), level)).into_iter().collect(),
        marks: Vec::new(),
        cone: None,
        zone: speech.zone.clone(),
        language: speech.language,
    };
    Figure { svg: svg(&chart, 420, 160), title, unit: unit_word(unit), lines }
}

fn reading(speech: &Speech, unit: Unit, value: f64) -> String {
    match unit {
        Unit::Ratio => speech.ratio(value),
        Unit::Bytes => speech.bytes(value),
        Unit::BytesPerSecond => figure::bytes_per_second(value, speech.language),
        Unit::Seconds => speech.seconds(value),
        Unit::Count => figure::number(value, speech.language),
    }
}

/// The series with the highest peaks, highest first.
fn highest(mut series: Vec<Series>, count: usize) -> Vec<Series> {
    let peak = |one: &Series| one.points.iter().map(|point| point.1).fold(f64::MIN, f64::max);
    series.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
    series.truncate(count);
    series
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => "ratio",
        Unit::Bytes => "bytes",
        Unit::Seconds => "seconds",
        Unit::Count => "count",
        Unit::BytesPerSecond => "rate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(object: &str, values: &[f64]) -> Series {
        Series { object: object.into(), points: values.iter().enumerate().map(|(n, v)| (n as i64 * 60, *v)).collect() }
    }

    #[test]
    fn the_highest_lines_are_kept() {
        let kept = highest(vec![series("a", &[1.0]), series("b", &[3.0, 0.0]), series("c", &[2.0])], 2);
        assert_eq!(kept.iter().map(|one| one.object.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    }
}
