//! A measured series made fit to draw: cleaned, cut to the time axis, split at gaps and thinned. Knows no pixels.

use super::POINTS_MAX;

/// Spacing beyond so many medians is a gap.
const GAP_MEDIANS: i64 = 3;
/// Buckets when thinning: each is drawn by its lowest, mean and highest value.
const BUCKETS: usize = POINTS_MAX / 3;

/// A drawn point: the mean of what it stands for, with the extremes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub at: i64,
    pub low: f64,
    pub mean: f64,
    pub high: f64,
}

/// A series as runs of dots without gaps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curve {
    pub runs: Vec<Vec<Dot>>,
    /// Dots stand for several points and have extremes to draw.
    pub thinned: bool,
}

/// Lowest, highest and last measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub low: f64,
    pub high: f64,
    pub last: f64,
}

impl Curve {
    /// Points between two moments, at most [`POINTS_MAX`] drawn values.
    pub fn new(points: &[(i64, f64)], from: i64, to: i64) -> Curve {
        let points = cleaned(points, from, to);
        let thinned = points.len() > POINTS_MAX;
        let width = if thinned { (to.saturating_sub(from) / BUCKETS as i64).max(1) } else { 0 };
        // A gap narrower than a bucket could not be seen, and would split what one dot stands for.
        let gap = median_spacing(&points).saturating_mul(GAP_MEDIANS).max(width);
        let runs = points.chunk_by(|a, b| b.0.saturating_sub(a.0) <= gap);
        let dots = |run: &[(i64, f64)]| -> Vec<Dot> {
            let bucket = |at: i64| if thinned { at.saturating_sub(from) / width } else { at };
            run.chunk_by(|a, b| bucket(a.0) == bucket(b.0)).filter_map(dot).collect()
        };
        Curve { runs: runs.map(dots).collect(), thinned }
    }

    /// All dots in order.
    pub fn dots(&self) -> impl Iterator<Item = &Dot> {
        self.runs.iter().flatten()
    }

    /// What the curve spans; `None` when it is empty.
    pub fn extent(&self) -> Option<Extent> {
        let last = self.dots().last()?.mean;
        let low = self.dots().map(|dot| dot.low).fold(f64::INFINITY, f64::min);
        let high = self.dots().map(|dot| dot.high).fold(f64::NEG_INFINITY, f64::max);
        Some(Extent { low, high, last })
    }
}

fn cleaned(points: &[(i64, f64)], from: i64, to: i64) -> Vec<(i64, f64)> {
    let inside = |(at, value): &(i64, f64)| (from..=to).contains(at) && value.is_finite();
    let mut points: Vec<(i64, f64)> = points.iter().copied().filter(inside).collect();
    points.sort_by_key(|(at, _)| *at);
    points.dedup_by_key(|(at, _)| *at);
    points
}

fn median_spacing(points: &[(i64, f64)]) -> i64 {
    let mut spacings: Vec<i64> = points.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].0)).collect();
    spacings.sort_unstable();
    spacings.get(spacings.len() / 2).copied().unwrap_or(i64::MAX)
}

fn dot(points: &[(i64, f64)]) -> Option<Dot> {
    let middle = points.get(points.len() / 2)?;
    let count = points.len() as f64;
    let mut dot = Dot { at: middle.0, low: middle.1, mean: 0.0, high: middle.1 };
    for (_, value) in points {
        dot.low = dot.low.min(*value);
        dot.high = dot.high.max(*value);
        // Divided first: the sum of finite values need not be finite.
        dot.mean += value / count;
    }
    dot.mean = dot.mean.clamp(dot.low, dot.high);
    Some(dot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_of_more_than_three_spacings_splits_the_curve() {
        let points: Vec<(i64, f64)> = [0, 60, 120, 180, 361, 420].map(|at| (at, 1.0)).to_vec();
        let lengths: Vec<usize> = Curve::new(&points, 0, 1000).runs.iter().map(Vec::len).collect();
        assert_eq!(lengths, [4, 2]);
    }

    #[test]
    fn what_is_no_figure_or_outside_is_left_out_and_order_does_not_matter() {
        let points = [(50, 2.0), (10, 1.0), (20, f64::NAN), (30, f64::INFINITY), (-5, 9.0), (101, 9.0), (10, 7.0)];
        let curve = Curve::new(&points, 0, 100);
        assert_eq!(curve.dots().map(|dot| (dot.at, dot.mean)).collect::<Vec<_>>(), [(10, 1.0), (50, 2.0)]);
        assert_eq!(curve.extent(), Some(Extent { low: 1.0, high: 2.0, last: 2.0 }));
        assert_eq!(Curve::new(&[], 0, 100).extent(), None);
    }

    #[test]
    fn thinning_keeps_the_extremes_and_the_limit() {
        let mut points: Vec<(i64, f64)> = (0..100_000).map(|n| (n * 60, 0.5)).collect();
        points[77_777].1 = 0.99;
        points[11_111].1 = 0.01;
        let curve = Curve::new(&points, 0, 100_000 * 60);
        assert!(curve.thinned && curve.dots().count() * 3 <= POINTS_MAX + 3, "{}", curve.dots().count());
        assert_eq!(curve.runs.len(), 1);
        assert_eq!(curve.extent().map(|extent| (extent.low, extent.high)), Some((0.01, 0.99)));
    }

    #[test]
    fn bursts_with_gaps_stay_within_the_limit_too() {
        let points: Vec<(i64, f64)> = (0..40_000).map(|n| (n / 4 * 1000 + n % 4, f64::MAX)).collect();
        let curve = Curve::new(&points, 0, 10_000_000);
        assert!(curve.dots().count() * 3 <= POINTS_MAX + 3);
        assert!(curve.dots().all(|dot| dot.mean.is_finite()));
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let curve = Curve::new(&[(i64::MIN, 1.0), (i64::MAX, 2.0)], i64::MIN, i64::MAX);
        assert_eq!(curve.dots().count(), 2);
    }
}
