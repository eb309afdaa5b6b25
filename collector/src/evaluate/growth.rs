//! The past of one share as hourly medians, and what it predicts. A drop begins the past anew: after a cleanup the old
//! growth says nothing of the new. Knows no monitors and no words.

use super::slope;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Medians are kept in millionths.
const STEPS: f64 = 1e6;
/// Stands for an hour without readings.
const NONE: u32 = u32::MAX;
/// A fall is a cleanup beyond this, and beyond a share of the growth so far.
const DROP_MIN: f64 = 0.02;
const DROP_SHARE: f64 = 0.3;
/// Readings of one hour that count.
const READINGS_MAX: usize = 120;
/// A past of a day does not tell of the next month.
const EXTRAPOLATION_MAX: f64 = 14.0;
/// Days of highs that a level must reach to count as a record.
const RECORD_DAYS: usize = 21;

/// Hourly medians of a share and the trend at the last full hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Growth {
    /// Unix hour of the first median.
    first_hour: i64,
    medians: Vec<u32>,
    /// Highest medians of the latest days, oldest first; a cleanup does not forget them.
    highs: Vec<u32>,
    /// Unix day of the last of them.
    high_day: i64,
    /// What the past predicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// The hour under way; a restart loses its readings and no more.
    #[serde(skip)]
    hour: i64,
    #[serde(skip)]
    readings: Vec<f64>,
}

/// A plain growth towards full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trend {
    /// The end of the last full hour.
    at: Timestamp,
    /// The share then.
    level: f64,
    /// Growth an hour: slow, likely, fast.
    slopes_per_h: [f64; 3],
    /// How much past it rests on, in hours.
    pub history_h: f64,
    /// As full as it has been for weeks: what fills and is emptied again and again is not on its way.
    pub is_record: bool,
}

impl Growth {
    /// Takes a reading of 0..1; at the turn of an hour the trend is drawn anew.
    pub fn observe(&mut self, at: Timestamp, share: f64, window_h: u32, history_h_min: u32) {
        let hour = at.as_second().div_euclid(3600);
        if hour != self.hour && !self.readings.is_empty() {
            self.close_hour(window_h);
            self.trend = self.fit(history_h_min);
        }
        self.hour = hour;
        if self.readings.len() < READINGS_MAX {
            self.readings.push(share.clamp(0.0, 1.0));
        }
    }

    /// Would both be kept as the same document?
    pub fn reads_as(&self, other: &Growth) -> bool {
        self.first_hour == other.first_hour && self.medians == other.medians && self.trend == other.trend
    }

    fn close_hour(&mut self, window_h: u32) {
        let Some(median) = slope::quantile(&mut self.readings, 0.5) else { return };
        self.readings.clear();
        let next = self.first_hour + self.medians.len() as i64;
        let missing = self.hour - next;
        if self.medians.is_empty() || missing < 0 || missing >= i64::from(window_h) || self.is_drop(median) {
            self.first_hour = self.hour;
            self.medians.clear();
        } else {
            self.medians.extend(std::iter::repeat_n(NONE, missing as usize));
        }
        let median = (median * STEPS).round() as u32;
        self.medians.push(median);
        self.raise_high(median);
        let excess = self.medians.len().saturating_sub(window_h.max(1) as usize);
        self.medians.drain(..excess);
        self.first_hour += excess as i64;
    }

    fn raise_high(&mut self, median: u32) {
        let day = self.hour.div_euclid(24);
        match self.highs.last_mut().filter(|_| day == self.high_day) {
            Some(high) => *high = median.max(*high),
            None => self.highs.push(median),
        }
        self.high_day = day;
        let excess = self.highs.len().saturating_sub(RECORD_DAYS);
        self.highs.drain(..excess);
    }

    fn is_record(&self) -> bool {
        self.highs.iter().max() <= self.medians.last()
    }

    fn is_drop(&self, median: f64) -> bool {
        let known = || self.medians.iter().filter(|median| **median != NONE);
        let (Some(low), Some(high)) = (known().min(), known().max()) else { return false };
        let (low, high) = (f64::from(*low) / STEPS, f64::from(*high) / STEPS);
        high - median > DROP_MIN.max(DROP_SHARE * (high - low))
    }

    fn fit(&self, history_h_min: u32) -> Option<Trend> {
        let known = self.medians.iter().enumerate().filter(|(_, median)| **median != NONE);
        let points: Vec<_> = known.map(|(hour, median)| (hour as f64, f64::from(*median) / STEPS)).collect();
        let history_h = points.last()?.0 - points.first()?.0;
        if history_h < f64::from(history_h_min) {
            return None;
        }
        let fit = slope::fit(&points)?;
        let end = Timestamp::from_second((self.first_hour + self.medians.len() as i64) * 3600).ok()?;
        let slopes_per_h = [fit.slow, fit.likely, fit.fast];
        let trend = Trend { at: end, level: fit.level, slopes_per_h, history_h, is_record: self.is_record() };
        ((1.0 - fit.level) / fit.likely <= EXTRAPOLATION_MAX * history_h).then_some(trend)
    }
}

impl Trend {
    /// Likely growth a day.
    pub fn per_day(&self) -> f64 {
        self.slopes_per_h[1] * 24.0
    }

    /// When it is full: at the earliest, likely, at the latest. Moments beyond a century read as that century.
    pub fn full_at(&self) -> [Timestamp; 3] {
        let [slow, likely, fast] = self.slopes_per_h;
        [fast, likely, slow].map(|slope| {
            let seconds = ((1.0 - self.level).max(0.0) / slope.max(1e-9) * 3600.0).min(3.2e9);
            self.at.checked_add(jiff::SignedDuration::from_secs(seconds as i64)).unwrap_or(Timestamp::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000;

    /// Feeds a level every ten minutes for so many hours.
    fn grown(hours: i64, level: impl Fn(f64) -> f64) -> Growth {
        let mut growth = Growth::default();
        for step in 0..=hours * 6 {
            let at = Timestamp::from_second(START + step * 600).unwrap();
            growth.observe(at, level(step as f64 / 6.0), 168, 24);
        }
        growth
    }

    fn hours_until_full(growth: &Growth) -> Option<f64> {
        let now = START + 3600 * 168;
        growth.trend.map(|trend| (trend.full_at()[1].as_second() - now) as f64 / 3600.0)
    }

    #[test]
    fn a_steady_growth_tells_when_it_is_full() {
        let left_h = hours_until_full(&grown(168, |hour| 0.5 + 0.002 * hour)).unwrap();
        assert!((left_h - 82.0).abs() < 4.0, "{left_h}");
    }

    #[test]
    fn a_day_of_past_is_needed() {
        assert!(grown(23, |hour| 0.5 + 0.01 * hour).trend.is_none());
        assert!(grown(27, |hour| 0.5 + 0.01 * hour).trend.is_some());
    }

    #[test]
    fn a_cleanup_begins_the_past_anew() {
        let cleaned = |hour: f64| if hour < 120.0 { 0.5 + 0.003 * hour } else { 0.5 + 0.003 * (hour - 120.0) };
        assert!(grown(119, cleaned).trend.is_some());
        assert!(grown(130, cleaned).trend.is_none());
        assert!(grown(168, cleaned).trend.is_some());
    }

    #[test]
    fn only_a_record_counts_as_one() {
        let cleaned = |hour: f64| if hour < 80.0 { 0.5 + 0.004 * hour } else { 0.5 + 0.004 * (hour - 80.0) };
        assert!(grown(79, cleaned).trend.is_some_and(|trend| trend.is_record));
        assert!(grown(140, cleaned).trend.is_some_and(|trend| !trend.is_record));
        assert!(grown(165, cleaned).trend.is_some_and(|trend| trend.is_record));
    }

    #[test]
    fn a_sawtooth_tells_nothing() {
        for hours in 24..168 {
            assert!(grown(hours, |hour| 0.8 + 0.005 * (hour % 24.0)).trend.is_none(), "{hours}");
        }
    }

    #[test]
    fn a_long_gap_begins_the_past_anew_and_a_short_one_does_not() {
        let mut growth = grown(48, |hour| 0.5 + 0.002 * hour);
        growth.observe(Timestamp::from_second(START + 60 * 3600).unwrap(), 0.62, 168, 24);
        growth.observe(Timestamp::from_second(START + 61 * 3600).unwrap(), 0.622, 168, 24);
        assert_eq!(growth.medians.len(), 61);
        growth.observe(Timestamp::from_second(START + 900 * 3600).unwrap(), 0.7, 168, 24);
        growth.observe(Timestamp::from_second(START + 901 * 3600).unwrap(), 0.7, 168, 24);
        assert_eq!(growth.medians.len(), 1);
    }
}
