//! Public holidays and working days, by date alone. Knows no zone, no clock and no opening hours.

use crate::model::{Bevrijdingsdag, CalendarRule};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use std::collections::BTreeSet;

/// Countries that `holidays` may name.
pub const HOLIDAYS_ALLOWED: &str = "NL, none";

/// Which days close the office: public holidays by rule and days that people listed.
#[derive(Clone, Debug)]
pub struct Workdays {
    dutch: bool,
    bevrijdingsdag: Bevrijdingsdag,
    closed_days: BTreeSet<Date>,
}

impl Workdays {
    /// From a rule; a `holidays` word that is not known counts as `NL`, the safer side for a notice.
    pub fn new(rule: &CalendarRule) -> Self {
        Self {
            dutch: rule.holidays != "none",
            bevrijdingsdag: rule.bevrijdingsdag,
            closed_days: rule.closed_days.iter().copied().collect(),
        }
    }

    /// The catalogue key of the public holiday on that day.
    pub fn holiday(&self, on: Date) -> Option<&'static str> {
        self.holidays(on.year()).into_iter().find(|(day, _)| *day == on).map(|(_, key)| key)
    }

    /// Public holidays of a year with their catalogue keys, in order. Good Friday is a workday.
    pub fn holidays(&self, year: i16) -> Vec<(Date, &'static str)> {
        if !self.dutch || !(1900..=9998).contains(&year) {
            return Vec::new();
        }
        let easter = easter_sunday(year);
        let after_easter = |days: i32| easter.saturating_add(days.days());
        let mut days = vec![
            (date(year, 1, 1), "contract-holiday-new-year"),
            (easter, "contract-holiday-easter-sunday"),
            (after_easter(1), "contract-holiday-easter-monday"),
            (kings_day(year), "contract-holiday-kings-day"),
            (after_easter(39), "contract-holiday-ascension"),
            (after_easter(49), "contract-holiday-whit-sunday"),
            (after_easter(50), "contract-holiday-whit-monday"),
            (date(year, 12, 25), "contract-holiday-christmas-day"),
            (date(year, 12, 26), "contract-holiday-second-christmas-day"),
        ];
        if self.closes_liberation_day(year) {
            days.push((date(year, 5, 5), "contract-holiday-liberation-day"));
        }
        days.sort_unstable();
        days
    }

    /// Did people list this day as closed?
    pub fn is_listed(&self, on: Date) -> bool {
        self.closed_days.contains(&on)
    }

    /// Days that people listed as closed, in order.
    pub fn listed(&self) -> impl Iterator<Item = Date> + '_ {
        self.closed_days.iter().copied()
    }

    /// Monday to Friday, no public holiday and not listed as closed.
    pub fn is_working_day(&self, on: Date) -> bool {
        let weekend = matches!(on.weekday(), Weekday::Saturday | Weekday::Sunday);
        !weekend && !self.is_listed(on) && self.holiday(on).is_none()
    }

    /// The n-th working day after a day, which itself does not count. With n = 0: the day itself.
    pub fn add_working_days(&self, from: Date, n: u32) -> Date {
        let (mut day, mut left) = (from, n);
        while left > 0 {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            left -= u32::from(self.is_working_day(day));
        }
        day
    }

    fn closes_liberation_day(&self, year: i16) -> bool {
        match self.bevrijdingsdag {
            Bevrijdingsdag::Never => false,
            Bevrijdingsdag::Lustrum => year % 5 == 0,
            Bevrijdingsdag::Always => true,
        }
    }
}

fn kings_day(year: i16) -> Date {
    let day = date(year, 4, 27);
    if day.weekday() == Weekday::Sunday { date(year, 4, 26) } else { day }
}

/// Gregorian Easter by the method of Meeus, Jones and Butcher; letters as in the published table.
#[allow(clippy::many_single_char_names)]
fn easter_sunday(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    date(year, (n / 31) as i8, (n % 31 + 1) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dutch(bevrijdingsdag: Bevrijdingsdag) -> Workdays {
        Workdays::new(&CalendarRule { bevrijdingsdag, ..CalendarRule::default() })
    }

    #[test]
    fn easter_falls_where_the_church_tables_put_it() {
        let known = [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2285, 3, 22)];
        for (year, month, day) in known {
            assert_eq!(easter_sunday(year), date(year, month, day));
        }
    }

    #[test]
    fn a_dutch_year_has_its_nine_holidays_and_good_friday_is_a_workday() {
        let days: Vec<Date> = dutch(Bevrijdingsdag::Lustrum).holidays(2027).into_iter().map(|(day, _)| day).collect();
        let wanted = [(1, 1), (3, 28), (3, 29), (4, 27), (5, 6), (5, 16), (5, 17), (12, 25), (12, 26)];
        assert_eq!(days, wanted.map(|(month, day)| date(2027, month, day)).to_vec());
        assert!(dutch(Bevrijdingsdag::Lustrum).is_working_day(date(2027, 3, 26)));
    }

    #[test]
    fn kings_day_moves_to_saturday_when_it_is_a_sunday() {
        for (year, day) in [(2025, 26), (2026, 27), (2031, 26), (2036, 26)] {
            assert_eq!(kings_day(year), date(year, 4, day));
        }
    }

    #[test]
    fn liberation_day_closes_by_its_rule() {
        let closed = |rule, year| dutch(rule).holiday(date(year, 5, 5)).is_some();
        assert!(!closed(Bevrijdingsdag::Never, 2025));
        assert!(closed(Bevrijdingsdag::Lustrum, 2025) && closed(Bevrijdingsdag::Lustrum, 2030));
        assert!(!closed(Bevrijdingsdag::Lustrum, 2027));
        assert!(closed(Bevrijdingsdag::Always, 2027));
    }

    #[test]
    fn working_days_skip_weekends_holidays_and_listed_days() {
        let mut rule = CalendarRule::default();
        rule.closed_days.push(date(2027, 5, 7));
        let days = Workdays::new(&rule);
        assert_eq!(days.add_working_days(date(2027, 5, 5), 1), date(2027, 5, 10));
        assert_eq!(days.add_working_days(date(2027, 5, 5), 0), date(2027, 5, 5));
        assert_eq!(days.add_working_days(Date::MAX, 3), Date::MAX);
    }
}
