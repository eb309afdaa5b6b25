//! A chart as plain text, for tickets and mails: a row of bars for each line, with its figures beside it.

use super::axis::{moment, reading};
use super::curve::{Curve, Extent};
use super::markup::shortened;
use super::{Chart, Line, PARTS_MAX};
use crate::words::figure;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Fewest and most bars in a row.
const WIDTH: (usize, usize) = (8, 200);

/// The chart as lines of text: title, a row of at most `width` bars for each line with its lowest, highest and last
/// value, its levels, and the span of time. A column without a measurement is blank. Each row of bars fills the
/// height between its own lowest and highest value.
pub fn plain(chart: &Chart, width: usize) -> String {
    let width = width.clamp(WIDTH.0, WIDTH.1);
    let clock = |at: i64| figure::time(moment(at), chart.language, &chart.zone);
    let mut rows = vec![shortened(&chart.title)];
    rows.extend(chart.lines.iter().take(PARTS_MAX).map(|line| row(chart, line, width)));
    let levels = chart.levels.iter().take(PARTS_MAX);
    rows.extend(
        levels.map(|(name, level)| format!("{}: {}", shortened(name), reading(*level, chart.unit, chart.language))),
    );
    rows.push(format!("{} – {}", clock(chart.from), clock(chart.to)));
    rows.join("\n")
}

fn row(chart: &Chart, line: &Line, width: usize) -> String {
    let curve = Curve::new(&line.points, chart.from, chart.to);
    let name = shortened(&line.name);
    let Some(extent) = curve.extent() else { return format!("{name}: {}", figure::UNKNOWN) };
    let read = |value: f64| reading(value, chart.unit, chart.language);
    let figures = format!("min {}, max {} → {}", read(extent.low), read(extent.high), read(extent.last));
    format!("{name} {} {figures}", bars(&curve, extent, (chart.from, chart.to), width))
}

fn bars(curve: &Curve, extent: Extent, span: (i64, i64), width: usize) -> String {
    let mut highest: Vec<Option<f64>> = vec![None; width];
    let length = (span.1 as f64 - span.0 as f64).max(1.0);
    for dot in curve.dots() {
        let share = (dot.at as f64 - span.0 as f64) / length;
        let column = ((share * width as f64) as usize).min(width - 1);
        // The highest of a column: a peak must not vanish in a mail.
        highest[column] = Some(highest[column].map_or(dot.high, |value| value.max(dot.high)));
    }
    highest.into_iter().map(|value| value.map_or(' ', |value| bar(value, extent))).collect()
}

fn bar(value: f64, extent: Extent) -> char {
    // Halved first: the span of two finite values need not be finite.
    let span = extent.high / 2.0 - extent.low / 2.0;
    let share = if span > 0.0 { (value / 2.0 - extent.low / 2.0) / span } else { 0.0 };
    BARS[((share * 8.0) as usize).min(7)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;
    use crate::picture::{Tone, Unit};

    fn chart(points: Vec<(i64, f64)>) -> Chart {
        Chart {
            title: "D: on srv-file1".to_owned(),
            lines: vec![Line { name: "used".to_owned(), points, tone: Tone::A }],
            from: 0,
            to: 80,
            unit: Unit::Ratio,
            levels: vec![("full".to_owned(), 1.0)],
            marks: Vec::new(),
            cone: None,
            zone: jiff::tz::TimeZone::UTC,
            language: Language::Nl,
        }
    }

    #[test]
    fn a_rising_line_is_a_row_of_rising_bars_with_its_figures() {
        let text = plain(&chart((0..8).map(|n| (n * 10, 0.2 + n as f64 * 0.1)).collect()), 8);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows[1], "used ▁▂▃▄▅▆▇█ min 20 %, max 90 % → 90 %");
        assert_eq!(rows[2..], ["full: 100 %", "do 1 jan 00:00 – do 1 jan 00:01"]);
    }

    #[test]
    fn a_column_without_a_measurement_is_blank() {
        assert!(plain(&chart(vec![(0, 0.1), (70, 0.9)]), 8).contains("used ▁      █ min"));
    }

    #[test]
    fn odd_input_makes_valid_text() {
        assert!(plain(&chart(Vec::new()), 0).contains("used: –"));
        let text = plain(&chart(vec![(1, f64::MAX), (2, f64::MIN), (3, f64::NAN)]), usize::MAX);
        assert!(!text.contains("NaN") && text.contains('█'));
        let mut hostile = chart(vec![(1, 0.5)]);
        hostile.title = "a\r\nBcc: b".to_owned();
        assert_eq!(plain(&hostile, 10).lines().count(), 4);
        (hostile.from, hostile.to) = (i64::MAX, i64::MIN);
        let _ = plain(&hostile, 10);
    }
}
