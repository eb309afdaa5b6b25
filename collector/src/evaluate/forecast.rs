//! A share that will be full by its own growth: which horizon its deadline is within. Knows no time of its own and
//! fits nothing; see `growth`.

use super::growth::Trend;
use crate::model::{Deadline, Horizon};
use jiff::Timestamp;

/// Below this share a growth is not worth a ticket yet.
const SHARE_MIN: f64 = 0.5;
/// A horizon that alarms goes on until the deadline is this much beyond it.
const CLEAR_FACTOR: f64 = 1.5;
/// A told deadline is told again when it moved by this share of what remains, and by this much at least.
const MOVED_SHARE: f64 = 0.1;
const MOVED_S_MIN: f64 = 3600.0;

/// The number of the nearest horizon that the deadline is within, from 1; 0 for none.
pub(super) fn held_horizon(horizons: &[Horizon], alarming: u8, trend: Option<&Trend>, share: f64, at: Timestamp) -> u8 {
    let Some(trend) = trend.filter(|_| share >= SHARE_MIN) else { return 0 };
    let left_h = trend.full_at()[1].duration_since(at).as_secs_f64() / 3600.0;
    let within = |number: u8, horizon: &Horizon| {
        let goes_on = number <= alarming;
        (goes_on || trend.is_record) && left_h <= horizon.within_h * if goes_on { CLEAR_FACTOR } else { 1.0 }
    };
    (1u8..)
        .zip(horizons)
        .filter(|(number, horizon)| within(*number, horizon))
        .map(|(number, _)| number)
        .max()
        .unwrap_or(0)
}

/// The deadline of a trend; never in the past.
pub(super) fn deadline(trend: &Trend, at: Timestamp) -> Deadline {
    let [earliest, likely, latest] = trend.full_at().map(|moment| moment.max(at));
    Deadline { earliest, likely, latest: Some(latest) }
}

/// Did the deadline move so far that people must hear of it?
pub(super) fn moved(told: &Deadline, new: &Deadline, at: Timestamp) -> bool {
    let remaining_s = told.likely.duration_since(at).as_secs_f64().max(0.0);
    let moved_s = new.likely.duration_since(told.likely).as_secs_f64().abs();
    moved_s > (remaining_s * MOVED_SHARE).max(MOVED_S_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    #[test]
    fn a_small_shift_of_the_deadline_is_not_told() {
        let deadline = |hour| Deadline { earliest: at(hour), likely: at(hour), latest: None };
        assert!(!moved(&deadline(100), &deadline(109), at(0)));
        assert!(moved(&deadline(100), &deadline(111), at(0)));
        assert!(moved(&deadline(100), &deadline(89), at(0)));
        assert!(!moved(&deadline(4), &deadline(5), at(0)));
    }

    #[test]
    fn without_a_trend_no_horizon_holds() {
        let horizons = [Horizon { within_h: 336.0, severity: crate::model::Severity::P3 }];
        assert_eq!(held_horizon(&horizons, 1, None, 0.9, at(0)), 0);
    }
}
