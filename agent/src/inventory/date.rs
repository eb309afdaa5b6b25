//! Words days as the contract does, `YYYY-MM-DD`. It reads no clock.

use super::moment::civil;

const DAY_S: i64 = 86_400;

/// The day of a moment in Unix seconds, in UTC; empty before 1970 and after 9999, where nothing real lies.
pub fn day(unix_s: i64) -> String {
    if !(1..253_402_300_800).contains(&unix_s) {
        return String::new();
    }
    let (year, month, day) = civil(unix_s.div_euclid(DAY_S));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-25 13:15` in UTC, as [`day`].
pub fn minute(unix_s: i64) -> String {
    let minutes = unix_s.rem_euclid(DAY_S) / 60;
    let day = day(unix_s);
    if day.is_empty() { day } else { format!("{day} {:02}:{:02}", minutes / 60, minutes % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_worded_across_leap_years_and_centuries() {
        assert_eq!([day(1), day(951_782_400), day(951_868_800)], ["1970-01-01", "2000-02-29", "2000-03-01"]);
        assert_eq!([day(1_795_612_502), day(4_107_542_400)], ["2026-11-25", "2100-03-01"]);
        assert_eq!(minute(1_795_612_502), "2026-11-25 13:15");
    }

    #[test]
    fn a_moment_outside_all_reason_has_no_day() {
        assert_eq!([day(0), day(-5), day(i64::MAX), minute(i64::MIN)], ["", "", "", ""]);
    }
}
