//! The desk's calendar: when it is open, and time counted while it is open. Local hours meet clock changes here and
//! nowhere else; every duration is elapsed time. Holds no contract and takes no decision.

mod holiday;
mod hours;

pub use holiday::{HOLIDAYS_ALLOWED, Workdays};

use crate::model::{Argument, CalendarRule, Message, OpenHours};
use hours::{Span, Week, week};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Days looked ahead before a calendar counts as never closing: a leap year and a week.
const DAYS_AHEAD_MAX: usize = 373;
/// Days over which service time is counted: a century.
const DAYS_COUNTED_MAX: usize = 36_525;

/// Why a calendar rule cannot be used; the text names what is wrong and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The zone is not in the zone database.
    #[error("zone {zone:?} is not known; allowed are IANA names such as Europe/Amsterdam or UTC")]
    Zone {
        /// As written.
        zone: String,
    },
    /// The end is not after the start.
    #[error(
        "hours {from} to {to} end before they start; allowed is an end after the start, or 00:00 for the end of the day"
    )]
    Hours {
        /// Opening.
        from: Time,
        /// Closing.
        to: Time,
    },
    /// Not a weekday.
    #[error("weekday {weekday} does not exist; allowed are 1 (Monday) to 7 (Sunday)")]
    Weekday {
        /// As written.
        weekday: u8,
    },
    /// Hours on no weekday at all.
    #[error("hours {from} to {to} name no weekday; allowed are 1 (Monday) to 7 (Sunday)")]
    NoWeekday {
        /// Opening.
        from: Time,
        /// Closing.
        to: Time,
    },
    /// Not a country whose holidays are known.
    #[error("holidays {holidays:?} are not known; allowed are {HOLIDAYS_ALLOWED}")]
    Holidays {
        /// As written.
        holidays: String,
    },
    /// A day is listed twice with different meanings.
    #[error("{on} stands in both closed_days and short_days; allowed is one of them")]
    ClosedAndShort {
        /// The day.
        on: Date,
    },
}

/// When the desk is open. Public holidays close ordinary hours, never round-the-clock ones; a listed closed day
/// closes every hour of the rule; a short day replaces them. Extra hours hold on ordinary days, and where they cover
/// a whole day, on every day.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    workdays: Workdays,
    week: Week,
    extra: Week,
    short_days: BTreeMap<Date, Vec<Span>>,
}

impl Calendar {
    /// Checks a rule.
    pub fn new(rule: &CalendarRule) -> Result<Calendar, CalendarError> {
        let zone = TimeZone::get(&rule.zone).map_err(|_| CalendarError::Zone { zone: rule.zone.clone() })?;
        if !matches!(rule.holidays.as_str(), "NL" | "none") {
            return Err(CalendarError::Holidays { holidays: rule.holidays.clone() });
        }
        let mut short_days: BTreeMap<Date, Vec<Span>> = BTreeMap::new();
        for short in &rule.short_days {
            if rule.closed_days.contains(&short.on) {
                return Err(CalendarError::ClosedAndShort { on: short.on });
            }
            short_days.entry(short.on).or_default().push(Span::new(short.from, short.to)?);
        }
        let open = if rule.hours.is_empty() { whole_week() } else { week(&rule.hours)? };
        Ok(Calendar { zone, workdays: Workdays::new(rule), week: open, extra: Week::default(), short_days })
    }

    /// Every hour of every day, in UTC. Needs no zone database.
    pub fn round_the_clock() -> Calendar {
        let workdays = Workdays::new(&CalendarRule::always("UTC"));
        let (zone, extra) = (TimeZone::UTC, Week::default());
        Calendar { zone, workdays, week: whole_week(), extra, short_days: BTreeMap::new() }
    }

    /// The same calendar, widened by hours that were bought on top.
    pub fn with_extra_hours(mut self, hours: &[OpenHours]) -> Result<Calendar, CalendarError> {
        self.extra = week(hours)?;
        Ok(self)
    }

    /// The desk's own zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The day it is at the desk.
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Is the desk open? The closing moment itself is closed.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.next_opening(at) == at
    }

    /// The next moment at which the desk is open: `at` itself when it is. A calendar that no longer opens, at the end
    /// of representable time, yields `at`.
    pub fn next_opening(&self, at: Timestamp) -> Timestamp {
        self.spans_from(at).next().map_or(at, |(from, _)| from)
    }

    /// When the desk closes next, counted from the next opening when it is closed. Hours that touch at midnight are one
    /// opening. A desk that stays open for over a year yields [`Timestamp::MAX`].
    pub fn closing_after(&self, at: Timestamp) -> Timestamp {
        let mut spans = self.spans_from(at).take(DAYS_AHEAD_MAX);
        let Some((_, mut end)) = spans.next() else { return Timestamp::MAX };
        for (from, to) in spans {
            if from > end {
                return end;
            }
            end = to;
        }
        Timestamp::MAX
    }

    /// The last closing at or before a moment and after another; `None` when the desk does not close between them.
    pub fn last_closing_between(&self, after: Timestamp, before: Timestamp) -> Option<Timestamp> {
        let (mut found, mut at) = (None, after);
        for _ in 0..DAYS_COUNTED_MAX {
            let closing = self.closing_after(at);
            if closing > before || closing <= at {
                break;
            }
            found = Some(closing);
            at = closing;
        }
        found
    }

    /// The moment at which so many seconds of service have passed, in elapsed time. Zero seconds end at the next
    /// opening; time that ends on a closing ends there and not at the opening after it.
    pub fn add_service_time(&self, at: Timestamp, seconds: u64) -> Timestamp {
        let (mut left, mut last) = (seconds, at);
        for (from, to) in self.spans_from(at).take(DAYS_COUNTED_MAX) {
            let length = elapsed_s(from, to);
            if left <= length {
                return add_seconds(from, left);
            }
            left -= length;
            last = to;
        }
        last
    }

    /// Seconds of service between two moments, in elapsed time; 0 when they stand the wrong way round.
    pub fn service_seconds_between(&self, from: Timestamp, to: Timestamp) -> u64 {
        let spans = self.spans_from(from).take(DAYS_COUNTED_MAX);
        spans.take_while(|(start, _)| *start < to).map(|(start, end)| elapsed_s(start, end.min(to))).sum()
    }

    /// Days of a year that differ from the week, in order: public holidays, closed days, short days.
    pub fn exceptions(&self, year: i16) -> Vec<(Date, Message)> {
        let holidays = self.workdays.holidays(year).into_iter().map(|(on, key)| (on, Message::new(key)));
        let closed = self.workdays.listed().map(|on| (on, Message::new("contract-closed-day")));
        let short = self.short_days.iter().flat_map(|(on, spans)| spans.iter().map(|span| (*on, short_day(*span))));
        let mut all: Vec<_> = holidays.chain(closed.chain(short).filter(|(on, _)| on.year() == year)).collect();
        all.sort_by_key(|(on, _)| *on);
        all
    }

    /// The n-th working day after a day; see [`Workdays::add_working_days`].
    pub fn add_working_days(&self, from: Date, n: u32) -> Date {
        self.workdays.add_working_days(from, n)
    }

    /// Monday to Friday, no public holiday and not a closed day, whatever the opening hours.
    pub fn is_working_day(&self, on: Date) -> bool {
        self.workdays.is_working_day(on)
    }

    /// Open spans from a moment on, the first cut off at that moment; never empty ones, never overlapping.
    fn spans_from(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        // A day earlier, because a clock change at midnight can push the end of a day past the next day's start.
        let first = self.date_of(at).yesterday().unwrap_or(Date::MIN);
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
        let mut reached = at;
        days.flat_map(|day| self.moments(day)).filter_map(move |(from, to)| {
            let span = (from.max(reached), to);
            reached = reached.max(to);
            (span.0 < span.1).then_some(span)
        })
    }

    fn moments(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        self.spans(day)
            .into_iter()
            .filter_map(|span| Some((self.opening(day, span)?, self.closing(day, span)?)))
            .collect()
    }

    fn spans(&self, day: Date) -> Vec<Span> {
        let index = day.weekday().to_monday_zero_offset() as usize;
        let (week, extra) = (&self.week[index], &self.extra[index]);
        let holiday = self.workdays.holiday(day).is_some();
        let short = self.short_days.get(&day);
        let listed = self.workdays.is_listed(day);
        let ordinary = !(listed || holiday || short.is_some());
        let held = |span: &&Span| ordinary || **span == Span::WHOLE_DAY;
        let mut spans: Vec<Span> = match short {
            Some(short) => short.clone(),
            None if listed => Vec::new(),
            None => week.iter().filter(held).copied().collect(),
        };
        spans.extend(extra.iter().filter(held));
        spans.sort_unstable();
        spans
    }

    fn opening(&self, day: Date, span: Span) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(day.to_datetime(span.from)).compatible().ok()
    }

    /// An hour that comes twice stays open the second time too: nobody who calls at 02:15 knows which one it is.
    fn closing(&self, day: Date, span: Span) -> Option<Timestamp> {
        match span.to {
            Some(to) => self.zone.to_ambiguous_timestamp(day.to_datetime(to)).later().ok(),
            None => self.opening(day.tomorrow().ok()?, Span::WHOLE_DAY),
        }
    }
}

fn whole_week() -> Week {
    std::array::from_fn(|_| vec![Span::WHOLE_DAY])
}

fn short_day(span: Span) -> Message {
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    Message::new("contract-short-day")
        .with("from", Argument::Text(clock(span.from)))
        .with("to", Argument::Text(span.to.map_or_else(|| "24:00".to_owned(), clock)))
}

fn elapsed_s(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0)
}

fn add_seconds(at: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
