//! Axes: which values and moments get a grid line, and how they read. Knows no pixels.

use super::{Chart, Unit};
use crate::model::Language;
use crate::words::figure;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// Steps of a time axis in seconds, up to an hour-wise half day.
const CLOCK_STEPS_S: [i64; 10] = [60, 300, 600, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200];
/// Steps of a time axis in days.
const DAY_STEPS: [i64; 8] = [1, 2, 7, 14, 28, 91, 182, 365];
/// Steps of durations that read round.
const DURATION_STEPS_S: [f64; 14] = [
    60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0,
    432_000.0,
];

/// A value axis: bounds, and the values with a grid line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<f64>,
}

impl Scale {
    /// An axis that holds the values, with about so many grid lines. Without values it is 0 to 1.
    pub fn new(values: impl IntoIterator<Item = f64>, unit: Unit, lines: usize) -> Scale {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        // Halves of the largest doubles, so that no span of two of them overflows.
        for value in values.into_iter().filter(|value| value.is_finite()).map(|v| v.clamp(-1e300, 1e300)) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // Zero belongs in the picture unless it would squeeze what is to be seen.
        if low > 0.0 && low < high * 0.5 {
            low = 0.0;
        }
        if high - low <= high.abs().max(low.abs()) * 1e-9 {
            let pad = if high == 0.0 { 1.0 } else { high.abs() * 0.05 };
            (low, high) = (if low == 0.0 { 0.0 } else { low - pad }, high + pad);
        }
        let step = step((high - low) / lines.max(1) as f64, unit);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let count = (last - first).clamp(1.0, 50.0) as u32;
        let ticks: Vec<f64> = (0..=count).map(|n| (first + f64::from(n)) * step).collect();
        let end = ticks.last().copied().unwrap_or(high).max(high);
        Scale { low: (first * step).min(low), high: end, ticks }
    }

    /// Where a value stands, 0 at the bottom and 1 at the top.
    pub fn share(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

fn step(rough: f64, unit: Unit) -> f64 {
    if unit == Unit::Seconds && rough > 30.0 && rough <= 432_000.0 {
        return DURATION_STEPS_S.iter().copied().find(|step| *step >= rough).unwrap_or(rough);
    }
    let power = 10_f64.powf(rough.max(f64::MIN_POSITIVE).log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power);
    let step = round.into_iter().find(|step| *step >= rough * 0.999_999).unwrap_or(rough);
    let step = if unit == Unit::Count && rough < 1.0 && rough > 0.1 { step.max(0.2) } else { step };
    if step.is_finite() && step > 0.0 { step } else { 1.0 }
}

/// A value as it reads.
pub(super) fn reading(value: f64, unit: Unit, language: Language) -> String {
    match unit {
        Unit::Ratio => figure::ratio(value, language),
        Unit::Bytes => figure::bytes(value, language),
        Unit::Seconds => figure::seconds(value, language),
        Unit::Count => figure::number(value, language),
        Unit::BytesPerSecond => figure::bytes_per_second(value, language),
    }
}

/// A moment from Unix seconds, held within representable time.
pub(super) fn moment(at: i64) -> Timestamp {
    let bounds = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(at.clamp(bounds.0, bounds.1)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Moments with a label, at most about so many: hours within days, else dates. On local clock faces, whatever the zone
/// does to its clocks in between.
pub(super) fn times(chart: &Chart, labels: usize) -> Vec<(i64, String)> {
    let (from, to) = (moment(chart.from), moment(chart.to));
    let span = to.as_second().saturating_sub(from.as_second());
    let fits = |step: i64| span / step <= labels.max(1) as i64;
    let clock_step = CLOCK_STEPS_S.into_iter().find(|step| fits(*step)).map(SignedDuration::from_secs);
    let midnight = chart.zone.to_datetime(from).date().to_datetime(jiff::civil::Time::midnight());
    let days =
        DAY_STEPS.into_iter().find(|days| fits(days * 86_400)).unwrap_or(span / 86_400 / labels.max(1) as i64 + 1);
    let next = |at: &DateTime| match clock_step {
        Some(step) => at.checked_add(step).ok(),
        None => jiff::Span::new().try_days(days).ok().and_then(|days| at.checked_add(days).ok()),
    };
    let mut ticks: Vec<(i64, String)> = Vec::new();
    // A day of minutes before the axis starts is the longest way from midnight.
    for local in std::iter::successors(Some(midnight), next).take(1440 + 4 * labels.max(8)) {
        let Ok(at) = chart.zone.to_timestamp(local) else { break };
        if at > to {
            break;
        }
        let new = ticks.last().is_none_or(|(last, _)| at.as_second() > *last);
        if at >= from && new {
            ticks.push((at.as_second(), time_label(local, chart.language)));
        }
    }
    ticks
}

fn time_label(at: DateTime, language: Language) -> String {
    if at.time() == jiff::civil::Time::midnight() { figure::day_month(at.date(), language) } else { figure::clock(at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn chart(from: &str, to: &str) -> Chart {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let second =
            |text: &str| format!("{text}[Europe/Amsterdam]").parse::<jiff::Zoned>().unwrap().timestamp().as_second();
        Chart {
            title: String::new(),
            lines: Vec::new(),
            from: second(from),
            to: second(to),
            unit: Unit::Ratio,
            levels: Vec::new(),
            marks: Vec::new(),
            cone: None,
            zone,
            language: Language::En,
        }
    }

    fn labels(from: &str, to: &str) -> Vec<String> {
        times(&chart(from, to), 8).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn a_day_reads_in_hours_and_a_month_in_dates() {
        let day = labels("2026-11-27T10:00", "2026-11-28T10:00");
        assert_eq!(day, ["12:00", "15:00", "18:00", "21:00", "28 Nov", "03:00", "06:00", "09:00"]);
        assert_eq!(labels("2026-11-01T00:00", "2026-11-29T00:00"), ["1 Nov", "8 Nov", "15 Nov", "22 Nov", "29 Nov"]);
    }

    #[test]
    fn clock_changes_keep_labels_on_the_clock_face() {
        assert_eq!(labels("2026-10-25T00:00", "2026-10-25T08:00").first().map(String::as_str), Some("25 Oct"));
        let spring = labels("2027-03-28T00:00", "2027-03-28T08:00");
        assert_eq!(
            spring.iter().filter(|label| *label == "03:00").count() + spring.iter().filter(|l| *l == "02:00").count(),
            1
        );
    }

    #[test]
    fn values_get_round_grid_lines_that_hold_them() {
        let scale = Scale::new([0.71, 0.98], Unit::Ratio, 4);
        assert!(scale.low <= 0.71 && scale.high >= 0.98 && scale.low >= 0.6, "{scale:?}");
        assert!(Scale::new([3.0, 97.0], Unit::Count, 4).low.abs() < 1e-9);
        let durations = Scale::new([0.0, 3000.0], Unit::Seconds, 4);
        assert!((durations.ticks[1] - 1200.0).abs() < 1e-9);
    }

    #[test]
    fn any_values_and_times_make_an_axis() {
        let none = [f64::NAN, f64::INFINITY];
        for values in [&none[..], &[], &[0.0], &[5.0, 5.0], &[f64::MAX, f64::MIN], &[f64::MIN_POSITIVE], &[-3.0]] {
            let scale = Scale::new(values.iter().copied(), Unit::Bytes, 4);
            assert!(scale.low < scale.high && scale.low.is_finite() && scale.high.is_finite(), "{values:?} {scale:?}");
            assert!((1..60).contains(&scale.ticks.len()), "{values:?} {scale:?}");
        }
        let mut chart = chart("2026-11-27T10:00", "2026-11-28T10:00");
        for (from, to) in [(i64::MIN, i64::MAX), (5, 5), (9, 3), (i64::MAX, i64::MAX)] {
            (chart.from, chart.to) = (from, to);
            assert!(times(&chart, 8).len() < 40);
        }
    }
}
