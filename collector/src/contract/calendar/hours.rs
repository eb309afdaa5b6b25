//! Hours of one day: spans of local time, checked when they are read. Knows no dates and no zone.

use super::CalendarError;
use crate::model::OpenHours;
use jiff::civil::Time;

/// Opening to closing on one day; `None` closes at the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub from: Time,
    pub to: Option<Time>,
}

/// Spans by weekday, Monday first.
pub(super) type Week = [Vec<Span>; 7];

impl Span {
    /// From midnight to midnight.
    pub const WHOLE_DAY: Span = Span { from: Time::midnight(), to: None };

    /// Checks that the span ends after it starts; 00:00 as its end means the end of the day.
    pub fn new(from: Time, to: Time) -> Result<Span, CalendarError> {
        if to == Time::midnight() {
            return Ok(Span { from, to: None });
        }
        if to <= from {
            return Err(CalendarError::Hours { from, to });
        }
        Ok(Span { from, to: Some(to) })
    }
}

/// Hours as written, by weekday.
pub(super) fn week(hours: &[OpenHours]) -> Result<Week, CalendarError> {
    let mut week = Week::default();
    for open in hours {
        let span = Span::new(open.from, open.to)?;
        if open.weekdays.is_empty() {
            return Err(CalendarError::NoWeekday { from: open.from, to: open.to });
        }
        for &weekday in &open.weekdays {
            let index = usize::from(weekday).wrapping_sub(1);
            week.get_mut(index).ok_or(CalendarError::Weekday { weekday })?.push(span);
        }
    }
    Ok(week)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn midnight_as_an_end_is_the_end_of_the_day() {
        assert_eq!(Span::new(time(0, 0, 0, 0), time(0, 0, 0, 0)).unwrap(), Span::WHOLE_DAY);
        assert_eq!(Span::new(time(18, 0, 0, 0), time(0, 0, 0, 0)).unwrap().to, None);
    }

    #[test]
    fn hours_that_end_before_they_start_say_so() {
        let error = Span::new(time(17, 30, 0, 0), time(8, 0, 0, 0)).unwrap_err();
        assert!(error.to_string().contains("17:30:00 to 08:00:00"), "{error}");
    }
}
