//! What a contract makes of a problem: raised with its three moments, told to the account's contact, or nothing, and
//! why. Does not look at the problem itself nor at what was raised before.

use super::calendar::Calendar;
use crate::model::{Argument, Contract, CourtesyNotice, Deadline, Message, Moments, Rmm, RmmResponse, Severity};
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A harm that comes within so many hours of the next opening does not wait for that opening.
const IMMINENT_H: i64 = 4;
/// Hours of service in a service day.
const SERVICE_DAY_H: u64 = 8;

/// A problem, as far as a contract cares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// How bad.
    pub severity: Severity,
    /// A fact that threatens data.
    pub data_loss: bool,
    /// When the harm comes, for forecasts.
    pub deadline: Option<Deadline>,
}

/// What the contract makes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Entitlement {
    /// An incident with its moments; `true` when the work is charged by the hour.
    Raise(Moments, bool),
    /// No incident: the account's contact is told.
    Courtesy {
        /// When the notice goes out.
        at: Timestamp,
    },
    /// Neither, and why.
    Nothing(Message),
}

/// Decides for one problem at one moment.
pub fn decide(contract: Option<&Contract>, case: &Case, now: Timestamp) -> Entitlement {
    let Some(contract) = contract else { return Entitlement::Nothing(Message::new("contract-none")) };
    let desk = Calendar::new(&contract.calendar);
    let today = desk.as_ref().map_or_else(|_| TimeZone::UTC.to_datetime(now).date(), |desk| desk.date_of(now));
    if let Some(why) = out_of_term(contract, today) {
        return Entitlement::Nothing(why);
    }
    match (contract.rmm, desk) {
        (None, desk) => without_rmm(contract, case, now, &desk.unwrap_or_else(|_| Calendar::round_the_clock())),
        (Some(rmm), Ok(desk)) => Entitlement::Raise(moments(contract, rmm, &desk, case, now), false),
        // A calendar that cannot be read must not hide a problem: it counts as always open, and says so.
        (Some(rmm), Err(_)) => {
            let all_hours = moments(contract, rmm, &Calendar::round_the_clock(), case, now);
            Entitlement::Raise(Moments { why: Message::new("contract-calendar-unreadable"), ..all_hours }, false)
        }
    }
}

/// Pick up by: the target of the severity in service time of the given calendar, for forecasts before the desk's last
/// closing ahead of the harm (before the harm itself where none is left). Never before `now`; `None` for P4.
pub fn sla_due(
    calendar: &Calendar,
    severity: Severity,
    deadline: Option<Deadline>,
    now: Timestamp,
) -> Option<Timestamp> {
    let target = calendar.add_service_time(now, target_s(severity)?);
    let Some(deadline) = deadline else { return Some(target) };
    let limit = calendar.last_closing_between(now, deadline.earliest).unwrap_or(deadline.earliest);
    Some(target.min(limit).max(now))
}

fn target_s(severity: Severity) -> Option<u64> {
    let hours = match severity {
        Severity::P1 => 1,
        Severity::P2 => 4,
        Severity::P3 => SERVICE_DAY_H,
        Severity::P4 => return None,
    };
    Some(hours * 3600)
}

/// Is the contract in force at this moment: begun, and not past a confirmed end?
pub fn in_force(contract: &Contract, now: Timestamp) -> bool {
    let today = match Calendar::new(&contract.calendar) {
        Ok(desk) => desk.date_of(now),
        Err(_) => TimeZone::UTC.to_datetime(now).date(),
    };
    out_of_term(contract, today).is_none()
}

/// Has the contract's confirmed end passed?
pub fn has_ended(contract: &Contract, now: Timestamp) -> bool {
    let today = Calendar::new(&contract.calendar)
        .map_or_else(|_| TimeZone::UTC.to_datetime(now).date(), |desk| desk.date_of(now));
    contract.notice.as_ref().and_then(|notice| notice.confirmed_end).is_some_and(|end| today > end)
}

fn out_of_term(contract: &Contract, today: Date) -> Option<Message> {
    let day = |key: &str, on: Date| Message::new(key).with_text("day_on", on.to_string());
    if today < contract.starts_on {
        return Some(day("contract-not-started", contract.starts_on));
    }
    let end = contract.notice.as_ref()?.confirmed_end?;
    (today > end).then(|| day("contract-ended", end))
}

fn without_rmm(contract: &Contract, case: &Case, now: Timestamp, desk: &Calendar) -> Entitlement {
    if !case.data_loss {
        return Entitlement::Nothing(Message::new("contract-no-rmm"));
    }
    match contract.courtesy_notice {
        CourtesyNotice::None => Entitlement::Nothing(Message::new("contract-no-courtesy")),
        CourtesyNotice::AtOnce => Entitlement::Courtesy { at: now },
        CourtesyNotice::Monthly => Entitlement::Courtesy { at: next_list(desk, now) },
    }
}

/// 09:00 on the first working day of the next month.
fn next_list(desk: &Calendar, now: Timestamp) -> Timestamp {
    let last = desk.date_of(now).last_of_month();
    let first_working_day = desk.add_working_days(last, 1);
    let nine = first_working_day.to_datetime(time(9, 0, 0, 0));
    desk.zone().to_timestamp(nine).unwrap_or(now).max(now)
}

fn moments(contract: &Contract, rmm: Rmm, desk: &Calendar, case: &Case, now: Timestamp) -> Moments {
    let (page_at, why) = page(rmm.response, desk, case, now);
    let due_at = if case.severity == Severity::P1 && page_at == Some(now) {
        sla_due(&Calendar::round_the_clock(), case.severity, case.deadline, now)
    } else {
        sla_due(&widened(contract, desk), case.severity, case.deadline, now)
    };
    Moments { ticket_at: now, page_at, due_at, why, paged_at: None }
}

/// Extended hours move what is due, never a page. Hours that cannot be read widen nothing.
fn widened(contract: &Contract, desk: &Calendar) -> Calendar {
    let extra = contract.extended_hours.as_deref().unwrap_or_default();
    desk.clone().with_extra_hours(extra).unwrap_or_else(|_| desk.clone())
}

fn page(response: RmmResponse, desk: &Calendar, case: &Case, now: Timestamp) -> (Option<Timestamp>, Message) {
    let opening = desk.next_opening(now);
    let at_opening = |key: &str| (Some(opening), Message::new(key).with("opening", Argument::Time(opening)));
    let at_once = |key: &str| (Some(now), Message::new(key));
    if let Some(deadline) = case.deadline.filter(|deadline| !is_imminent(deadline, opening)) {
        let harm = Argument::Time(deadline.earliest);
        return match case.severity {
            Severity::P1 if opening > now => at_opening("contract-page-forecast-at-opening"),
            Severity::P1 => at_once("contract-page-open"),
            _ => (None, Message::new("contract-page-forecast-never").with("harm", harm)),
        };
    }
    match (response, case.severity) {
        (RmmResponse::AtOnce, _) => at_once("contract-page-at-once"),
        (_, Severity::P3 | Severity::P4) => (None, Message::new("contract-page-mild-never")),
        (RmmResponse::P1AtOnce, Severity::P1) => at_once("contract-page-p1-at-once"),
        (RmmResponse::P1AtOnce, _) if case.deadline.is_some() => at_once("contract-page-forecast-imminent"),
        _ if opening == now => at_once("contract-page-open"),
        (RmmResponse::P1AtOnce, _) => at_opening("contract-page-at-opening"),
        (RmmResponse::ServiceHours, _) => at_opening("contract-page-service-hours"),
    }
}

fn is_imminent(deadline: &Deadline, opening: Timestamp) -> bool {
    let bound = opening.checked_add(SignedDuration::from_hours(IMMINENT_H)).unwrap_or(Timestamp::MAX);
    deadline.earliest < bound
}

#[cfg(test)]
mod tests;
