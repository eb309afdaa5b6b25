//! A contract in words for people: add-ons, hours, term and notice, each a key of the catalogues. Decides nothing.

use super::notice;
use crate::model::{Argument, Contract, CourtesyNotice, Message, OpenHours, RmmResponse};
use jiff::civil::Time;

/// One sentence a line, what matters most first. Days are given as ISO text in arguments whose names end in `_on`.
pub fn describe(contract: &Contract) -> Vec<Message> {
    let mut lines = vec![rmm(contract)];
    lines.extend(hours(contract));
    lines.extend(extended_hours(contract));
    lines.push(Message::new(match contract.calendar.holidays.as_str() {
        "none" => "contract-term-holidays-none",
        _ => "contract-term-holidays-nl",
    }));
    lines.push(on_site(contract));
    lines.extend(contract.rmm.is_none().then(|| Message::new(courtesy(contract.courtesy_notice))));
    let minimum_term_ends_on = notice::minimum_term_ends_on(contract);
    lines.push(
        Message::new("contract-term-runs")
            .with_text("start_on", contract.starts_on.to_string())
            .with_text("minimum_on", minimum_term_ends_on.to_string()),
    );
    lines.extend(notice_given(contract));
    lines
}

fn rmm(contract: &Contract) -> Message {
    Message::new(match contract.rmm.map(|rmm| rmm.response) {
        None => "contract-term-no-rmm",
        Some(RmmResponse::AtOnce) => "contract-term-rmm-at-once",
        Some(RmmResponse::P1AtOnce) => "contract-term-rmm-p1-at-once",
        Some(RmmResponse::ServiceHours) => "contract-term-rmm-service-hours",
    })
}

fn hours(contract: &Contract) -> Vec<Message> {
    if contract.calendar.hours.is_empty() {
        return vec![Message::new("contract-term-hours-always")];
    }
    spans("contract-term-hours", &contract.calendar.hours)
}

fn extended_hours(contract: &Contract) -> Vec<Message> {
    match contract.extended_hours.as_deref() {
        None | Some([]) => vec![Message::new("contract-term-no-extended")],
        Some(extended) => spans("contract-term-extended", extended),
    }
}

fn on_site(contract: &Contract) -> Message {
    match &contract.on_site {
        None => Message::new("contract-term-no-on-site"),
        Some(on_site) => Message::new("contract-term-on-site")
            .with("hours", Argument::Number(on_site.hours_per_month))
            .with_text("rhythm", on_site.visit_rhythm.clone()),
    }
}

fn courtesy(courtesy: CourtesyNotice) -> &'static str {
    match courtesy {
        CourtesyNotice::None => "contract-term-courtesy-none",
        CourtesyNotice::Monthly => "contract-term-courtesy-monthly",
        CourtesyNotice::AtOnce => "contract-term-courtesy-at-once",
    }
}

fn notice_given(contract: &Contract) -> Option<Message> {
    let given = contract.notice.as_ref()?;
    if let Some(end) = given.confirmed_end {
        return Some(Message::new("contract-term-ends").with_text("end_on", end.to_string()));
    }
    let dates = notice::dates(contract, given.received_on);
    Some(
        Message::new("contract-term-notice")
            .with_text("received_on", dates.received_on.to_string())
            .with_text("processed_on", dates.processed_on.to_string())
            .with_text("end_on", dates.end_on.to_string()),
    )
}

/// One message for each run of weekdays: `first` and `last` are `mon` to `sun`, or `workdays` and `every-day` as `first`.
fn spans(key: &str, hours: &[OpenHours]) -> Vec<Message> {
    let each = hours.iter().flat_map(|open| runs(&open.weekdays).into_iter().map(move |run| (run, open)));
    each.map(|((first, last), open)| {
        let days = match (first, last) {
            (1, 5) => ("workdays", "workdays"),
            (1, 7) => ("every-day", "every-day"),
            _ => (weekday(first), weekday(last)),
        };
        let shape = if days.0 == days.1 { "day" } else { "days" };
        let message = Message::new(&format!("{key}-{shape}"))
            .with_text("first", days.0)
            .with_text("from", clock(open.from))
            .with_text("to", closing(open.to));
        if shape == "days" { message.with_text("last", days.1) } else { message }
    })
    .collect()
}

/// Runs of weekdays that follow each other: 1, 2, 3, 6 are (1, 3) and (6, 6).
fn runs(weekdays: &[u8]) -> Vec<(u8, u8)> {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for day in (1..=7).filter(|day| weekdays.contains(day)) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}

fn weekday(number: u8) -> &'static str {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    NAMES.get(usize::from(number).wrapping_sub(1)).copied().unwrap_or("mon")
}

fn closing(time: Time) -> String {
    if time == Time::midnight() { "24:00".to_owned() } else { clock(time) }
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CustomerId, Notice};
    use jiff::civil::date;

    #[test]
    fn weekdays_that_follow_each_other_are_one_run() {
        assert_eq!(runs(&[6, 3, 1, 2, 2, 9]), vec![(1, 3), (6, 6)]);
        assert_eq!(runs(&[1, 2, 3, 4, 5, 6, 7]), vec![(1, 7)]);
        assert_eq!(runs(&[]), vec![]);
    }

    #[test]
    fn midnight_as_a_closing_time_reads_as_the_end_of_the_day() {
        assert_eq!((closing(Time::midnight()), clock(Time::midnight())), ("24:00".to_owned(), "00:00".to_owned()));
    }

    #[test]
    fn a_confirmed_end_replaces_the_proposed_one() {
        let mut contract = Contract::plain(CustomerId::default(), date(2024, 1, 1));
        let last = |contract: &Contract| describe(contract).pop().unwrap().key;
        assert_eq!(last(&contract), "contract-term-runs");
        contract.notice = Some(Notice { received_on: date(2026, 12, 22), confirmed_end: None, confirmed_by: None });
        assert_eq!(last(&contract), "contract-term-notice");
        contract.notice.as_mut().unwrap().confirmed_end = Some(date(2027, 1, 31));
        assert_eq!(last(&contract), "contract-term-ends");
    }
}
