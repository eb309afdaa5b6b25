//! Counters become rates for charts: the difference of two readings by the seconds between them.

/// (seconds, per second) from (seconds, total). A total that falls is a restart and gives no point, nor do two readings
/// that are not in order.
pub fn rates(totals: &[(i64, f64)]) -> Vec<(i64, f64)> {
    totals
        .windows(2)
        .filter_map(|pair| {
            let ((from, before), (to, after)) = (pair[0], pair[1]);
            let seconds = to.checked_sub(from).filter(|seconds| *seconds > 0)?;
            let rate = (after - before) / seconds as f64;
            (rate >= 0.0 && rate.is_finite()).then_some((to, rate))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::rates;

    #[test]
    fn a_counter_becomes_a_rate() {
        assert_eq!(rates(&[(0, 100.0), (60, 700.0), (120, 700.0)]), [(60, 10.0), (120, 0.0)]);
    }

    #[test]
    fn a_restart_gives_no_negative_rate() {
        assert_eq!(rates(&[(0, 900.0), (60, 30.0), (120, 90.0)]), [(120, 1.0)]);
    }

    #[test]
    fn disorder_and_nonsense_give_nothing() {
        assert!(rates(&[]).is_empty());
        assert!(rates(&[(60, 1.0)]).is_empty());
        assert!(rates(&[(60, 1.0), (60, 2.0), (0, 3.0)]).is_empty());
        assert!(rates(&[(0, 0.0), (1, f64::INFINITY), (i64::MIN, 0.0)]).is_empty());
    }
}
