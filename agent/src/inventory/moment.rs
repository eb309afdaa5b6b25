//! Moments as the contract writes them, RFC 3339 in UTC to the second, from the forms in which programs write them.
//! It knows no time zones: what was not written in UTC is no moment here.

/// Seconds since 1970 of the year 10000, from where on RFC 3339 has no form.
const UNIX_END: i64 = 253_402_300_800;

/// The moment of a Unix time in seconds; `None` before 1970, at 0 (which means "never") and from the year 10000 on.
pub fn of_unix(unix: i64) -> Option<String> {
    if unix <= 0 || unix >= UNIX_END {
        return None;
    }
    let (year, month, day) = civil(unix / 86_400);
    let second = unix % 86_400;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// The Unix time of `2026-01-31` and `23:59` or `23:59:58`, both in UTC.
pub fn unix_of(date: &str, time: &str) -> Option<i64> {
    let [year, month, day] = numbers(date, '-')?[..] else { return None };
    let clock = numbers(time, ':')?;
    let (hour, minute, second) = match clock[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let sound = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    (sound && hour < 24 && minute < 60 && second < 61)
        .then(|| days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// The Unix time in `Thu 2026-01-01 02:03:04 UTC`, as the service manager writes it; `None` for any other zone.
pub fn unix_of_words(words: &str) -> Option<i64> {
    let mut words = words.split_ascii_whitespace();
    let (_weekday, date, time, zone) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if zone == "UTC" { unix_of(date, time) } else { None }
}

fn numbers(text: &str, mark: char) -> Option<Vec<i64>> {
    let part = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
    text.split(mark).take(4).map(part).collect()
}

/// Year, month and day of a day since 1970, by the method of eras of 400 years that begin on a first of March.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
}

/// The day since 1970, the opposite of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unix_time_is_written_as_a_moment_and_read_back() {
        for (unix, moment) in [
            (1, "1970-01-01T00:00:01Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(of_unix(unix).as_deref(), Some(moment));
            assert_eq!(unix_of(&moment[..10], &moment[11..19]), Some(unix));
        }
        assert_eq!([0, -1, UNIX_END, i64::MAX].map(of_unix), [None, None, None, None]);
    }

    #[test]
    fn only_what_was_written_in_utc_is_a_moment() {
        assert_eq!(unix_of_words("Thu 2026-01-01 02:03:04 UTC"), unix_of("2026-01-01", "02:03:04"));
        for wrong in ["", "n/a", "Thu 2026-01-01 02:03:04 CET", "Thu 2026-01-01", "Thu 2026-1-x 02:03:04 UTC"] {
            assert_eq!(unix_of_words(wrong), None, "{wrong}");
        }
        for (date, time) in [("2026-13-01", "00:00"), ("2026-01-01", "24:00"), ("2026-01-01", "1"), ("-1-1-1", "1:1")] {
            assert_eq!(unix_of(date, time), None, "{date} {time}");
        }
    }
}
