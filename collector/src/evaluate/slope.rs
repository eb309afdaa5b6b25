//! Theil-Sen: the median of the slopes between far-apart points, with a band from their outer deciles. Knows numbers
//! only. A fit is given where the growth is plain: nearly all slopes rise, it amounts to something, and it has not faded.

/// Fewest points of a fit.
const POINTS_MIN: usize = 12;
/// Pairs nearer than this share of the whole span say more of the noise than of the slope.
const PAIR_SPAN_SHARE: f64 = 0.25;
/// Least growth over the span.
const GROWTH_MIN: f64 = 0.01;
/// The later half must still grow at this share of the whole.
const FADED_SHARE: f64 = 0.25;

/// A plain growth, per unit of `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    /// A tenth of the slopes is slower.
    pub slow: f64,
    /// The median slope.
    pub likely: f64,
    /// A tenth of the slopes is faster.
    pub fast: f64,
    /// Where the newest points stand.
    pub level: f64,
}

/// Fits points (x, y) sorted by x; `None` when there is no plain growth.
pub(super) fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let (first, last) = (points.first()?, points.last()?);
    let span = last.0 - first.0;
    if points.len() < POINTS_MIN || span <= 0.0 {
        return None;
    }
    let mut slopes = slopes(points, span * PAIR_SPAN_SHARE);
    let (slow, likely, fast) = (quantile(&mut slopes, 0.1)?, quantile(&mut slopes, 0.5)?, quantile(&mut slopes, 0.9)?);
    let later = points.iter().position(|point| point.0 >= first.0 + span / 2.0).unwrap_or(0);
    let later_slope = quantile(&mut self::slopes(&points[later..], span * PAIR_SPAN_SHARE / 2.0), 0.5)?;
    let plain = slow > 0.0 && likely * span >= GROWTH_MIN && later_slope >= FADED_SHARE * likely;
    let mut newest: Vec<f64> = points[points.len() - 3..].iter().map(|point| point.1).collect();
    plain.then(|| Fit { slow, likely, fast, level: quantile(&mut newest, 0.5).unwrap_or(last.1) })
}

fn slopes(points: &[(f64, f64)], distance_min: f64) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, from) in points.iter().enumerate() {
        let far = points[index + 1..].iter().filter(|to| to.0 - from.0 >= distance_min && to.0 > from.0);
        slopes.extend(far.map(|to| (to.1 - from.1) / (to.0 - from.0)));
    }
    slopes
}

/// The value below which this share of the values lies; `None` for none.
pub(super) fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let index = (values.len().checked_sub(1)? as f64 * share).round() as usize;
    Some(*values.select_nth_unstable_by(index, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: u32, level: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..count).map(f64::from).map(|hour| (hour, level(hour))).collect()
    }

    /// Repeatable noise in -1..1.
    fn noise(hour: f64) -> f64 {
        ((hour * 12.9898).sin() * 43_758.547).fract()
    }

    #[test]
    fn a_noisy_growth_is_found_within_a_tenth() {
        let fit = fit(&hours(168, |hour| 0.6 + 0.001 * hour + 0.005 * noise(hour))).unwrap();
        assert!((fit.likely - 0.001).abs() < 0.0001, "{fit:?}");
        assert!(fit.slow < fit.likely && fit.likely < fit.fast && fit.slow > 0.0, "{fit:?}");
        assert!((fit.level - 0.767).abs() < 0.01, "{fit:?}");
    }

    #[test]
    fn flat_noisy_stepped_and_daily_levels_are_no_growth() {
        assert_eq!(fit(&hours(168, |_| 0.7)), None);
        assert_eq!(fit(&hours(168, |hour| 0.7 + 0.05 * noise(hour))), None);
        assert_eq!(fit(&hours(168, |hour| if hour < 80.0 { 0.6 } else { 0.8 })), None);
        assert_eq!(fit(&hours(168, |hour| 0.7 + 0.05 * (hour / 24.0 * std::f64::consts::TAU).sin())), None);
        assert_eq!(fit(&hours(48, |hour| 0.7 + 0.05 * (hour / 24.0 * std::f64::consts::TAU).sin())), None);
    }

    #[test]
    fn a_growth_that_ended_is_no_growth() {
        assert_eq!(fit(&hours(168, |hour| 0.6 + 0.002 * hour.min(84.0))), None);
    }

    #[test]
    fn a_few_wild_points_do_not_bend_the_slope() {
        let wild = |hour: f64| if hour as u32 % 40 == 7 { 0.99 } else { 0.6 + 0.001 * hour };
        assert!((fit(&hours(168, wild)).unwrap().likely - 0.001).abs() < 0.0001);
    }

    #[test]
    fn too_few_points_are_no_growth() {
        assert_eq!(fit(&hours(11, |hour| 0.5 + 0.01 * hour)), None);
        assert_eq!(fit(&[]), None);
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
