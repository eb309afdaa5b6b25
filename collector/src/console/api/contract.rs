//! The contract of a customer as a document, with the dates that follow from it and its terms in sentences.

use super::answer::{Answer, Document, Problem};
use super::ask::Named;
use super::customer::visible;
use crate::console::Console;
use crate::contract::notice::{self, NoticeDates};
use crate::contract::term;
use crate::model::{Actor, Contract, CourtesyNotice, CustomerId, Notice, OpenHours, RmmResponse};
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a customer bought.
#[derive(Serialize, ToSchema)]
pub struct ContractView {
    /// The customer's id: it has one contract.
    id: Uuid,
    /// First day of service.
    #[schema(value_type = String, format = Date)]
    starts_on: Date,
    /// At least twelve.
    minimum_term_months: u32,
    /// Last day of the minimum term.
    #[schema(value_type = String, format = Date)]
    minimum_term_ends_on: Date,
    /// Mail address of the account's contact.
    account_email: Option<String>,
    /// When calls are taken.
    calendar: CalendarView,
    /// Remote monitoring: when an engineer is called; null = not bought, nothing is raised.
    rmm_response: Option<RmmResponse>,
    /// Calls outside the calendar; null = not bought.
    extended_hours: Option<Vec<HoursView>>,
    /// Engineers on location; null = not bought.
    on_site: Option<OnSiteView>,
    /// What happens with facts that threaten data, without remote monitoring.
    courtesy_notice: CourtesyNotice,
    /// The notice that was given.
    notice: Option<NoticeView>,
    /// The dates of a notice that would be received today.
    notice_today: DatesView,
    /// The terms in sentences, in the caller's language.
    terms: Vec<String>,
}

/// When the desk is open.
#[derive(Serialize, ToSchema)]
pub struct CalendarView {
    /// IANA zone.
    zone: String,
    /// Weekly hours; empty = round the clock.
    hours: Vec<HoursView>,
    /// Whose public holidays close the desk: `NL` or `none`.
    holidays: String,
    /// More closed days.
    #[schema(value_type = Vec<String>)]
    closed_days: Vec<Date>,
}

/// Hours on some weekdays.
#[derive(Serialize, ToSchema)]
pub struct HoursView {
    /// Monday = 1 to Sunday = 7.
    weekdays: Vec<u8>,
    /// Opening time, `08:00`.
    from: String,
    /// Closing time; `00:00` = the end of the day.
    to: String,
}

/// Engineers on location.
#[derive(Serialize, ToSchema)]
pub struct OnSiteView {
    /// Hours a month.
    hours_per_month: f64,
    /// In words.
    visit_rhythm: String,
}

/// A notice that was given.
#[derive(Serialize, ToSchema)]
pub struct NoticeView {
    /// The dates that follow from it.
    #[serde(flatten)]
    dates: DatesView,
    /// The end that a person confirmed; null = not confirmed, and nothing stops by itself.
    #[schema(value_type = Option<String>, format = Date)]
    confirmed_end_on: Option<Date>,
    /// Who confirmed.
    confirmed_by: Option<String>,
    /// When it was confirmed.
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmed_at: Option<Timestamp>,
}

/// What follows from a notice: two working days to process it, then one full calendar month.
#[expect(clippy::struct_field_names, reason = "a day ends in `_on` in every document of the API")]
#[derive(Serialize, ToSchema)]
pub struct DatesView {
    /// The day it was received.
    #[schema(value_type = String, format = Date)]
    received_on: Date,
    /// The day by which it is processed.
    #[schema(value_type = String, format = Date)]
    processed_on: Date,
    /// First day of the full calendar month.
    #[schema(value_type = String, format = Date)]
    full_month_starts_on: Date,
    /// Last day of service, not before the minimum term ends.
    #[schema(value_type = String, format = Date)]
    end_on: Date,
}

/// The contract of a customer, with its computed dates.
#[utoipa::path(get, path = "/api/v1/customers/{id}/contract", tag = "customers",
    params(("id" = Uuid, Path, description = "of the customer")),
    responses((status = 200, description = "the contract", body = ContractView)))]
pub async fn one(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<ContractView> {
    let customer = visible(&console, &actor, CustomerId(id)).await?.id;
    let contract = console.store.contract(customer).await?.ok_or_else(Problem::absent)?;
    Ok(Document(view(contract, &console, &actor, Timestamp::now())))
}

fn view(contract: Contract, console: &Console, actor: &Actor, now: Timestamp) -> ContractView {
    let zone = TimeZone::get(&contract.calendar.zone).unwrap_or(TimeZone::UTC);
    let terms = term::describe(&contract);
    let terms = terms.iter().map(|term| console.words.say(term, actor.language, &zone)).collect();
    let today = zone.to_datetime(now).date();
    ContractView {
        id: contract.customer.0,
        starts_on: contract.starts_on,
        minimum_term_months: contract.minimum_term_months,
        minimum_term_ends_on: notice::minimum_term_ends_on(&contract),
        notice: contract.notice.as_ref().map(|given| given_notice(&contract, given)),
        notice_today: notice::dates(&contract, today).into(),
        account_email: contract.account_email,
        rmm_response: contract.rmm.map(|rmm| rmm.response),
        extended_hours: contract.extended_hours.map(hours),
        on_site: contract
            .on_site
            .map(|on_site| OnSiteView { hours_per_month: on_site.hours_per_month, visit_rhythm: on_site.visit_rhythm }),
        courtesy_notice: contract.courtesy_notice,
        calendar: CalendarView {
            zone: contract.calendar.zone,
            hours: hours(contract.calendar.hours),
            holidays: contract.calendar.holidays,
            closed_days: contract.calendar.closed_days,
        },
        terms,
    }
}

fn given_notice(contract: &Contract, given: &Notice) -> NoticeView {
    let (confirmed_by, confirmed_at) = given.confirmed_by.clone().unzip();
    let dates = notice::dates(contract, given.received_on).into();
    NoticeView { dates, confirmed_end_on: given.confirmed_end, confirmed_by, confirmed_at }
}

fn hours(hours: Vec<OpenHours>) -> Vec<HoursView> {
    let clock = |time: jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
    hours
        .into_iter()
        .map(|open| HoursView { weekdays: open.weekdays, from: clock(open.from), to: clock(open.to) })
        .collect()
}

impl From<NoticeDates> for DatesView {
    fn from(dates: NoticeDates) -> Self {
        Self {
            received_on: dates.received_on,
            processed_on: dates.processed_on,
            full_month_starts_on: dates.full_month_starts_on,
            end_on: dates.end_on,
        }
    }
}
