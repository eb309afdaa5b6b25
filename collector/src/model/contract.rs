//! What a customer bought: support, add-ons, term and notice. Dates that follow from it are computed in
//! `contract`, never stored as truth.

use super::CustomerId;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// The contract of one customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// Whose.
    pub customer: CustomerId,
    /// First day of service.
    pub starts_on: Date,
    /// At least twelve.
    pub minimum_term_months: u32,
    /// Mail address of the account's contact, for courtesy notices.
    #[serde(default)]
    pub account_email: Option<String>,
    /// When calls are taken; workdays 08:00-17:30 Europe/Amsterdam by default.
    pub calendar: CalendarRule,
    /// Remote monitoring and management.
    #[serde(default)]
    pub rmm: Option<Rmm>,
    /// Calls outside the calendar.
    #[serde(default)]
    pub extended_hours: Option<Vec<OpenHours>>,
    /// Engineers on location.
    #[serde(default)]
    pub on_site: Option<OnSite>,
    /// What happens with facts that threaten data, without RMM.
    #[serde(default)]
    pub courtesy_notice: CourtesyNotice,
    /// The customer gave notice.
    #[serde(default)]
    pub notice: Option<Notice>,
}

/// The RMM add-on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rmm {
    /// When an engineer is called.
    pub response: RmmResponse,
}

/// When a page goes out. Independent of extended hours, which govern the customer's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RmmResponse {
    /// Day and night, whatever the severity.
    AtOnce,
    /// P1 day and night, the rest at opening.
    #[default]
    P1AtOnce,
    /// Nothing outside service hours.
    ServiceHours,
}

/// Engineers on location.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnSite {
    /// Hours a month.
    pub hours_per_month: f64,
    /// In words: "every second Friday".
    pub visit_rhythm: String,
}

/// Without RMM, data-loss facts are told to the account's contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CourtesyNotice {
    /// Not told.
    None,
    /// One list a month.
    Monthly,
    /// One mail for each, once.
    #[default]
    AtOnce,
}

/// A notice that the customer gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The day it was received.
    pub received_on: Date,
    /// A person agreed with the computed end; nothing stops before.
    #[serde(default)]
    pub confirmed_end: Option<Date>,
    /// Who confirmed, and when.
    #[serde(default)]
    pub confirmed_by: Option<(String, Timestamp)>,
}

/// When the desk is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarRule {
    /// IANA zone.
    pub zone: String,
    /// Weekly hours; empty means round the clock.
    pub hours: Vec<OpenHours>,
    /// Whose public holidays close the desk: `NL` or `none`.
    pub holidays: String,
    /// 5 May.
    pub bevrijdingsdag: Bevrijdingsdag,
    /// More closed days: bridge days, other countries.
    pub closed_days: Vec<Date>,
    /// Days with other hours.
    pub short_days: Vec<ShortDay>,
}

/// Hours on some weekdays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenHours {
    /// Monday = 1 .. Sunday = 7.
    pub weekdays: Vec<u8>,
    /// Opening time.
    pub from: Time,
    /// Closing time; 00:00 means the end of the day.
    pub to: Time,
}

/// One day with other hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortDay {
    /// The day.
    pub on: Date,
    /// Opening time.
    pub from: Time,
    /// Closing time.
    pub to: Time,
}

/// Whether Liberation Day closes the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bevrijdingsdag {
    /// A workday always.
    Never,
    /// Closed in years that end on 0 or 5.
    #[default]
    Lustrum,
    /// Closed each year.
    Always,
}

impl Default for CalendarRule {
    fn default() -> Self {
        Self {
            zone: "Europe/Amsterdam".to_owned(),
            hours: vec![OpenHours {
                weekdays: vec![1, 2, 3, 4, 5],
                from: Time::constant(8, 0, 0, 0),
                to: Time::constant(17, 30, 0, 0),
            }],
            holidays: "NL".to_owned(),
            bevrijdingsdag: Bevrijdingsdag::default(),
            closed_days: Vec::new(),
            short_days: Vec::new(),
        }
    }
}

impl CalendarRule {
    /// Round the clock, every day.
    pub fn always(zone: &str) -> Self {
        Self { zone: zone.to_owned(), hours: Vec::new(), holidays: "none".to_owned(), ..Self::default() }
    }
}

impl Contract {
    /// A plain support contract that starts on a day.
    pub fn plain(customer: CustomerId, starts_on: Date) -> Self {
        Self {
            customer,
            starts_on,
            minimum_term_months: 12,
            account_email: None,
            calendar: CalendarRule::default(),
            rmm: None,
            extended_hours: None,
            on_site: None,
            courtesy_notice: CourtesyNotice::default(),
            notice: None,
        }
    }
}
