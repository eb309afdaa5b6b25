//! The dates that follow from a notice: computed and shown, never acted on. A person confirms the end, nothing stops
//! by itself.

use super::calendar::Workdays;
use crate::model::Contract;
use jiff::ToSpan;
use jiff::civil::Date;

/// Working days that the desk has to process a notice; the day of receipt does not count.
pub const PROCESSING_WORKDAYS: u32 = 2;
/// Shortest minimum term, in months, whatever a contract says.
pub const MINIMUM_TERM_MONTHS: u32 = 12;

/// What follows from a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeDates {
    /// The day it was received.
    pub received_on: Date,
    /// The day by which it is processed; the term counts from here.
    pub processed_on: Date,
    /// First day of the one full calendar month of the term.
    pub full_month_starts_on: Date,
    /// Last day of service: the end of that month, or of the minimum term where that is later.
    pub end_on: Date,
    /// Last day of the minimum term.
    pub minimum_term_ends_on: Date,
}

/// The dates of a notice received on a day. Working days are office days of the rule's holidays, also where the desk is
/// open round the clock.
pub fn dates(contract: &Contract, received_on: Date) -> NoticeDates {
    let processed_on = Workdays::new(&contract.calendar).add_working_days(received_on, PROCESSING_WORKDAYS);
    let full_month_starts_on = processed_on.first_of_month().saturating_add(1.month());
    let minimum_term_ends_on = minimum_term_ends_on(contract);
    let end_on = full_month_starts_on.last_of_month().max(minimum_term_ends_on);
    NoticeDates { received_on, processed_on, full_month_starts_on, end_on, minimum_term_ends_on }
}

/// Last day of the minimum term: 1 March 2026 and twelve months end on 28 February 2027.
pub fn minimum_term_ends_on(contract: &Contract) -> Date {
    let months = i64::from(contract.minimum_term_months.max(MINIMUM_TERM_MONTHS));
    let start = contract.starts_on;
    let Ok(span) = jiff::Span::new().try_months(months) else { return Date::MAX };
    let same_day = start.saturating_add(span);
    // From 29 February a year ends on the last of February: that month has no later day to be the first one outside.
    if same_day.day() < start.day() { same_day } else { same_day.yesterday().unwrap_or(same_day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CalendarRule, CustomerId};
    use jiff::civil::date;

    fn contract(starts_on: Date) -> Contract {
        Contract::plain(CustomerId::default(), starts_on)
    }

    #[test]
    fn notices_end_after_two_working_days_and_one_full_calendar_month() {
        let wanted = [
            ((2026, 12, 22), (2026, 12, 24), (2027, 1, 31)),
            ((2027, 3, 25), (2027, 3, 30), (2027, 4, 30)),
            ((2027, 4, 26), (2027, 4, 29), (2027, 5, 31)),
            ((2027, 4, 28), (2027, 4, 30), (2027, 5, 31)),
            ((2027, 4, 29), (2027, 5, 3), (2027, 6, 30)),
            ((2027, 5, 4), (2027, 5, 7), (2027, 6, 30)),
        ];
        let day = |(year, month, day): (i16, i8, i8)| date(year, month, day);
        let mut round_the_clock = contract(date(2024, 1, 1));
        round_the_clock.calendar = CalendarRule { hours: Vec::new(), ..CalendarRule::default() };
        for contract in [contract(date(2024, 1, 1)), round_the_clock] {
            for (received, processed, end) in wanted {
                let dates = dates(&contract, day(received));
                assert_eq!((dates.processed_on, dates.end_on), (day(processed), day(end)), "received {received:?}");
            }
        }
    }

    #[test]
    fn the_end_is_never_before_the_end_of_the_minimum_term() {
        let dates = dates(&contract(date(2026, 10, 15)), date(2026, 12, 22));
        assert_eq!(dates.full_month_starts_on, date(2027, 1, 1));
        assert_eq!((dates.minimum_term_ends_on, dates.end_on), (date(2027, 10, 14), date(2027, 10, 14)));
    }

    #[test]
    fn a_term_that_starts_on_a_leap_day_or_is_absurd_still_ends() {
        assert_eq!(minimum_term_ends_on(&contract(date(2024, 2, 29))), date(2025, 2, 28));
        assert_eq!(minimum_term_ends_on(&contract(date(2026, 3, 1))), date(2027, 2, 28));
        let mut absurd = contract(date(2026, 1, 1));
        absurd.minimum_term_months = u32::MAX;
        assert!(minimum_term_ends_on(&absurd) > date(9990, 1, 1));
        absurd.minimum_term_months = 0;
        assert_eq!(minimum_term_ends_on(&absurd), date(2026, 12, 31));
    }

    #[test]
    fn notices_at_the_end_of_time_do_not_panic() {
        assert_eq!(dates(&contract(Date::MAX), Date::MAX).end_on, Date::MAX);
    }
}
