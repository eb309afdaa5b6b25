//! A customer: the contract in words with the dates that follow from it, sites with their cards, counts, and the lines
//! that enrol a host there.

use super::hosts::presence_word;
use super::incident::{Card, card};
use crate::console::Console;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, Speech};
use crate::contract::{notice, term};
use crate::model::{
    Actor, Contract, Customer, CustomerId, HostFilter, Incident, IncidentFilter, IncidentState, Page, PageRequest, Site,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;

const COUNT_MAX: usize = 1_000;

struct SiteView {
    id: String,
    name: String,
    in_intake: bool,
    card: Card,
    token_line: String,
}

#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage {
    frame: Frame,
    id: String,
    name: String,
    contract: Vec<String>,
    dates: Vec<(&'static str, String)>,
    is_notice_confirmed: bool,
    has_notice: bool,
    sites: Vec<SiteView>,
    site_line: String,
    enrol_line: String,
    presences: Vec<(&'static str, String, String)>,
    month: Vec<(&'static str, String)>,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Response> {
    let id: CustomerId = id.parse().map_err(|_| Fault::NotFound)?;
    let all = console.store.customers(actor.scope.clone()).await?;
    let customer = all.into_iter().find(|customer| customer.id == id).ok_or(Fault::NotFound)?;
    let frame = Frame::open(&console, &actor, "customers", format!("/customers/{id}")).await?;
    let contract = console.store.contract(id).await?;
    let sites = console.store.sites(id).await?;
    let now = Timestamp::now();
    let given = contract.as_ref().and_then(|contract| contract.notice.as_ref());
    let page = CustomerPage {
        contract: contract.iter().flat_map(term::describe).map(|line| frame.say(&line)).collect(),
        dates: contract.as_ref().map(|contract| dates(&frame, contract, today(&frame, now))).unwrap_or_default(),
        has_notice: given.is_some(),
        is_notice_confirmed: given.is_some_and(|notice| notice.confirmed_end.is_some()),
        sites: sites.into_iter().map(|site| site_view(&customer, site)).collect(),
        site_line: format!("wacht-collector site add {} …", quoted(&customer.name)),
        enrol_line: enrol_line(&console.settings.enrolment_url),
        presences: presences(&console, &frame, id).await?,
        month: month(&console, &frame, id, now).await?,
        id: id.to_string(),
        name: customer.name,
        frame,
    };
    fault::html(&page)
}

/// The line that enrols a machine with a token.
fn enrol_line(url: &str) -> String {
    format!("wacht-agent enroll --collector {url} --token …")
}

fn site_view(customer: &Customer, site: Site) -> SiteView {
    let token_line =
        format!("wacht-collector token create --customer {} --site {}", quoted(&customer.name), quoted(&site.name));
    SiteView {
        id: site.id.to_string(),
        name: site.name.clone(),
        in_intake: site.intake_ended_at.is_none(),
        card: card(site),
        token_line,
    }
}

/// A word of a shell's command line.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn today(speech: &Speech, now: Timestamp) -> Date {
    now.to_zoned(speech.zone.clone()).date()
}

/// Dates of the notice that was given, or of one given today.
fn dates(speech: &Speech, contract: &Contract, today: Date) -> Vec<(&'static str, String)> {
    dates_of(contract, today).into_iter().map(|(key, date)| (key, speech.date(date))).collect()
}

fn dates_of(contract: &Contract, today: Date) -> Vec<(&'static str, Date)> {
    let received_on = contract.notice.as_ref().map_or(today, |notice| notice.received_on);
    let dates = notice::dates(contract, received_on);
    let mut lines = vec![
        ("console-notice-received", dates.received_on),
        ("console-notice-processed", dates.processed_on),
        ("console-notice-month", dates.full_month_starts_on),
        ("console-notice-minimum", dates.minimum_term_ends_on),
        ("console-notice-end", dates.end_on),
    ];
    lines.extend(contract.notice.as_ref().and_then(|notice| Some(("console-notice-confirmed", notice.confirmed_end?))));
    lines
}

/// (class, word, count) of its hosts.
async fn presences(console: &Console, frame: &Frame, id: CustomerId) -> Result<Vec<(&'static str, String, String)>> {
    let filter = HostFilter { scope: frame.actor.scope.clone(), customer: Some(id), search: None, presence: None };
    let page = console.store.hosts(filter, PageRequest { cursor: None, limit: COUNT_MAX }).await?;
    let words: Vec<_> = page.items.iter().map(|row| presence_word(row.host.admission, &row.host.presence)).collect();
    let counted =
        ["online", "goodbye", "silent", "unseen", "quarantined", "pending", "revoked"].into_iter().filter_map(|word| {
            let count = words.iter().filter(|other| **other == word).count();
            (count > 0).then(|| {
                (word, frame.t(&format!("console-presence-{word}")), at_least(frame, count, page.next_cursor.is_some()))
            })
        });
    Ok(counted.collect())
}

/// Counts of the month so far.
async fn month(
    console: &Console,
    frame: &Frame,
    id: CustomerId,
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>> {
    let filter = IncidentFilter { scope: frame.actor.scope.clone(), customer: Some(id), host: None, state: None };
    let page: Page<Incident> = console.store.incidents(filter, PageRequest { cursor: None, limit: COUNT_MAX }).await?;
    let first = today(frame, now).first_of_month();
    let of_month = |incident: &&Incident| incident.opened_at.to_zoned(frame.zone.clone()).date() >= first;
    let opened: Vec<&Incident> = page.items.iter().filter(of_month).collect();
    let cut = page.next_cursor.is_some() && opened.len() == page.items.len();
    let count = |wanted: fn(&Incident) -> bool| at_least(frame, opened.iter().filter(|one| wanted(one)).count(), cut);
    Ok(vec![
        ("console-month-opened", count(|_| true)),
        ("console-month-resolved", count(|one| one.state == IncidentState::Resolved)),
        ("console-month-closed", count(|one| one.state == IncidentState::Closed)),
        ("console-month-live", count(|one| one.state.is_live())),
    ])
}

fn at_least(speech: &Speech, count: usize, is_cut: bool) -> String {
    let text = speech.n(&(count as u64));
    if is_cut { format!("≥ {text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_name_cannot_leave_its_quotes_on_a_command_line() {
        assert_eq!(quoted("Bakker BV"), "'Bakker BV'");
        assert_eq!(quoted("'; rm -rf /"), "''\\''; rm -rf /'");
    }

    #[test]
    fn dates_follow_from_the_notice_that_was_given() {
        let mut contract = Contract::plain(CustomerId::default(), date(2025, 1, 1));
        contract.notice =
            Some(crate::model::Notice { received_on: date(2026, 12, 22), confirmed_end: None, confirmed_by: None });
        let dates = dates_of(&contract, date(2027, 6, 1));
        assert!(dates.contains(&("console-notice-processed", date(2026, 12, 24))));
        assert!(dates.contains(&("console-notice-end", date(2027, 1, 31))));
    }
}
