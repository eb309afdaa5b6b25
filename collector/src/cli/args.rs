//! The shape of the command line, and what each verb asks of the pipeline.

use super::declare::{BaselineVerb, DeclareVerb};
use crate::contract::calendar::Calendar;
use crate::model::{
    CalendarRule, Command, Contact, Contract, CourtesyNotice, CustomerId, Duty, Language, OnSite, OpenHours, Rmm,
    RmmResponse, SiteCard,
};
use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::net::SocketAddr;
use std::path::PathBuf;
use uuid::Uuid;

/// Collects reports of agents, keeps the CMDB, raises incidents, serves the console.
#[derive(Parser)]
#[command(name = "wacht-collector", version)]
pub struct Arguments {
    /// Configuration file.
    #[arg(long, global = true, env = "WACHT_COLLECTOR_CONFIG", default_value = "/etc/wacht/collector.toml")]
    pub config: PathBuf,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand)]
pub enum Verb {
    /// Make the data folder, the certificate authority and a first configuration.
    Init(Init),
    /// Run until SIGINT or SIGTERM.
    Run,
    /// Read the configuration, the overrides and the secrets, and say what is wrong.
    CheckConfig,
    /// Print a year's closed and short days of the default calendar.
    Calendar {
        year: i16,
        /// Whose public holidays: NL or none.
        #[arg(long, default_value = "NL")]
        country: String,
    },
    /// Judge lines that `wacht-agent parse` printed as if they had been reported: one line of JSON each with the
    /// items and the findings that they come to. Nothing is stored.
    CheckSection {
        /// A section (`disk_health`), or the word of a parser (`smart`).
        section: String,
        /// File of lines, or - for standard input.
        file: PathBuf,
    },
    /// Customers.
    #[command(subcommand)]
    Customer(CustomerVerb),
    /// Sites.
    #[command(subcommand)]
    Site(SiteVerb),
    /// Contracts.
    #[command(subcommand)]
    Contract(ContractVerb),
    /// Users of the console.
    #[command(subcommand)]
    User(UserVerb),
    /// Tokens of the API.
    #[command(subcommand)]
    ApiToken(ApiTokenVerb),
    /// Enrolment tokens.
    #[command(subcommand)]
    Token(TokenVerb),
    /// What people declare.
    #[command(subcommand)]
    Declare(DeclareVerb),
    /// Baselines of sites.
    #[command(subcommand)]
    Baseline(BaselineVerb),
    /// Take a pending host in, or one that was quarantined: its next holder keeps the identity.
    Approve { host: String },
    /// Revoke a host's certificate; its stream is cut within 10 seconds.
    Revoke { host: String },
    /// Write a host or a list to standard output, in a form for other systems.
    #[command(subcommand)]
    Export(ExportVerb),
}

#[derive(Subcommand)]
pub enum ExportVerb {
    /// A host, by id or name, as GLPI inventory (JSON).
    Glpi { host: String },
    /// A host, by id or name, as a CycloneDX 1.6 bill of materials (JSON).
    Cyclonedx { host: String },
    /// A list as CSV: hosts, or a class of items such as software, user, disk.
    Csv {
        class: String,
        /// Only this customer's.
        #[arg(long)]
        customer: Option<String>,
    },
}

#[derive(clap::Args)]
pub struct Init {
    /// Folder to make.
    #[arg(long, default_value = "/var/lib/wacht-collector")]
    pub data: PathBuf,
    /// Name or address that agents and browsers reach this collector by; repeat for more.
    #[arg(long, required = true)]
    pub name: Vec<String>,
    /// Where reports come in.
    #[arg(long, default_value = "0.0.0.0:7443")]
    pub grpc: SocketAddr,
    /// Where enrolment comes in.
    #[arg(long, default_value = "0.0.0.0:7444")]
    pub enroll: SocketAddr,
    /// Where console and API are.
    #[arg(long, default_value = "0.0.0.0:8443")]
    pub console: SocketAddr,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum LanguageName {
    En,
    Nl,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DutyName {
    Viewer,
    Operator,
    Administrator,
}

#[derive(Subcommand)]
pub enum CustomerVerb {
    /// Add a customer.
    Add {
        name: String,
        /// Language of mails and tickets.
        #[arg(long, value_enum, default_value = "en")]
        language: LanguageName,
    },
}

#[derive(Subcommand)]
pub enum SiteVerb {
    /// Add a site of a customer.
    Add {
        customer: String,
        name: String,
        #[arg(long, default_value = "")]
        address: String,
        /// Internet line: provider and number.
        #[arg(long, default_value = "")]
        line: String,
        /// The provider's fault desk.
        #[arg(long, default_value = "")]
        fault_desk: String,
        /// How to get in.
        #[arg(long, default_value = "")]
        access: String,
        /// `name;role;phone;email`; repeat for more.
        #[arg(long)]
        contact: Vec<String>,
    },
    /// End a site's intake.
    EndIntake { customer: String, name: String },
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ResponseName {
    AtOnce,
    P1AtOnce,
    ServiceHours,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum CourtesyName {
    None,
    Monthly,
    AtOnce,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum HoursName {
    /// Workdays 08:00-17:30, Dutch public holidays closed.
    Office,
    /// Round the clock.
    Always,
}

#[derive(clap::Args)]
pub struct ContractSet {
    customer: String,
    /// First day of service; today when absent.
    #[arg(long)]
    starts: Option<Date>,
    /// Minimum term in months.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(12..=120))]
    term_months: u32,
    /// The RMM add-on, and when a page goes out.
    #[arg(long, value_enum)]
    rmm: Option<ResponseName>,
    /// The desk's hours.
    #[arg(long, value_enum, default_value = "office")]
    hours: HoursName,
    /// IANA zone of the desk.
    #[arg(long, default_value = "Europe/Amsterdam")]
    zone: String,
    /// The extended hours add-on: `1-5 17:30-22:00` (weekdays, from, to); repeat for more.
    #[arg(long)]
    extended_hours: Vec<String>,
    /// The on-site add-on: hours a month.
    #[arg(long)]
    on_site_hours: Option<f64>,
    /// Rhythm of the visits, in words.
    #[arg(long, default_value = "")]
    visits: String,
    /// What happens with facts that threaten data, without RMM.
    #[arg(long, value_enum, default_value = "at_once")]
    courtesy: CourtesyName,
    /// Mail address of the account's contact.
    #[arg(long)]
    account_email: Option<String>,
}

#[derive(Subcommand)]
pub enum ContractVerb {
    /// Set the contract of a customer.
    Set(Box<ContractSet>),
    /// Record a notice and print the computed dates.
    Notice {
        customer: String,
        #[arg(long)]
        received: Date,
    },
    /// Agree with the computed end.
    ConfirmEnd { customer: String, end: Date },
}

#[derive(Subcommand)]
pub enum UserVerb {
    /// Add a user of the console.
    Add {
        name: String,
        #[arg(long, value_enum, default_value = "operator")]
        duty: DutyName,
        /// File whose first line is the password, at least 12 characters.
        #[arg(long)]
        password_file: PathBuf,
        /// Only these customers; repeat for more.
        #[arg(long)]
        customer: Vec<String>,
        #[arg(long, value_enum, default_value = "en")]
        language: LanguageName,
    },
}

#[derive(Subcommand)]
pub enum ApiTokenVerb {
    /// Make a token and print it, once.
    Create {
        name: String,
        #[arg(long, value_enum, default_value = "viewer")]
        duty: DutyName,
        /// Only these customers; repeat for more.
        #[arg(long)]
        customer: Vec<String>,
    },
}

#[derive(Subcommand)]
pub enum TokenVerb {
    /// Make an enrolment token and print it, once.
    Create {
        #[arg(long)]
        customer: String,
        #[arg(long)]
        site: String,
        /// Hosts expected; as many again are pending until approved.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        uses: u32,
        /// Days of life.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=90))]
        days: u64,
        /// Only from this network, such as 192.0.2.0/24.
        #[arg(long)]
        cidr: Option<String>,
    },
}

/// What a verb asks of the pipeline.
pub fn command(verb: Verb) -> anyhow::Result<Command> {
    Ok(match verb {
        Verb::Customer(CustomerVerb::Add { name, language }) => {
            Command::CustomerAdd { name, language: language.into() }
        }
        Verb::Site(SiteVerb::Add { customer, name, address, line, fault_desk, access, contact }) => {
            let contacts = contact.iter().map(|text| self::contact(text)).collect::<anyhow::Result<_>>()?;
            Command::SiteAdd { customer, name, card: SiteCard { address, contacts, line, fault_desk, access } }
        }
        Verb::Site(SiteVerb::EndIntake { customer, name }) => Command::IntakeEnd { customer, site: name },
        Verb::Contract(ContractVerb::Set(wish)) => {
            Command::ContractSet { customer: wish.customer.clone(), contract: Box::new(contract(&wish)?) }
        }
        Verb::Contract(ContractVerb::Notice { customer, received }) => {
            Command::NoticeGive { customer, received_on: received }
        }
        Verb::Contract(ContractVerb::ConfirmEnd { customer, end }) => Command::NoticeConfirm { customer, end_on: end },
        Verb::User(UserVerb::Add { name, duty, password_file, customer, language }) => Command::UserAdd {
            name,
            password_hash: password(&password_file)?,
            duty: duty.into(),
            customers: customer,
            language: language.into(),
        },
        Verb::ApiToken(ApiTokenVerb::Create { name, duty, customer }) => {
            Command::ApiTokenCreate { name, duty: duty.into(), customers: customer }
        }
        Verb::Token(TokenVerb::Create { customer, site, uses, days, cidr }) => {
            Command::TokenCreate { customer, site, uses, ttl_s: days * 86_400, cidr }
        }
        Verb::Approve { host } => Command::HostApprove { host },
        Verb::Revoke { host } => Command::HostRevoke { host },
        Verb::Init(_)
        | Verb::Run
        | Verb::CheckConfig
        | Verb::Calendar { .. }
        | Verb::CheckSection { .. }
        | Verb::Declare(_)
        | Verb::Baseline(_)
        | Verb::Export(_) => bail!("not one command to a collector"),
    })
}

fn password(file: &std::path::Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let first = text.lines().next().unwrap_or_default();
    crate::console::hash_password(first).with_context(|| format!("the password in {}", file.display()))
}

fn contact(text: &str) -> anyhow::Result<Contact> {
    let parts: Vec<&str> = text.split(';').map(str::trim).collect();
    let [name, role, phone, email] = parts[..] else { bail!("{text:?} is not name;role;phone;email") };
    Ok(Contact { name: name.to_owned(), role: role.to_owned(), phone: phone.to_owned(), email: email.to_owned() })
}

fn contract(wish: &ContractSet) -> anyhow::Result<Contract> {
    let calendar = match wish.hours {
        HoursName::Office => CalendarRule { zone: wish.zone.clone(), ..CalendarRule::default() },
        HoursName::Always => CalendarRule::always(&wish.zone),
    };
    let extended = wish.extended_hours.iter().map(|text| open_hours(text)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Contract {
        starts_on: wish.starts.unwrap_or_else(|| jiff::Zoned::now().date()),
        minimum_term_months: wish.term_months,
        account_email: wish.account_email.clone(),
        calendar,
        rmm: wish.rmm.map(|response| Rmm { response: response.into() }),
        extended_hours: (!extended.is_empty()).then_some(extended),
        on_site: wish
            .on_site_hours
            .map(|hours_per_month| OnSite { hours_per_month, visit_rhythm: wish.visits.clone() }),
        courtesy_notice: wish.courtesy.into(),
        ..Contract::plain(CustomerId(Uuid::nil()), Date::default())
    })
}

/// `1-5 17:30-22:00`: weekdays, Monday = 1, and the hours on each.
fn open_hours(text: &str) -> anyhow::Result<OpenHours> {
    let parsed = || -> Option<OpenHours> {
        let (days, hours) = text.split_once(' ')?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = hours.trim().split_once('-')?;
        let weekdays: Vec<u8> = (first.parse().ok()?..=last.parse().ok()?).collect();
        let right = !weekdays.is_empty() && weekdays.iter().all(|day| (1..=7).contains(day));
        Some(OpenHours { weekdays, from: from.trim().parse().ok()?, to: to.trim().parse().ok()? }).filter(|_| right)
    };
    parsed().with_context(|| format!("{text:?} is not hours such as \"1-5 17:30-22:00\" (Monday = 1)"))
}

/// A year's exceptions of the default calendar, a line each.
pub fn calendar_lines(year: i16, country: &str) -> anyhow::Result<Vec<String>> {
    let calendar = Calendar::new(&CalendarRule { holidays: country.to_owned(), ..CalendarRule::default() })?;
    let words = crate::words::Words::load()?;
    let zone = jiff::tz::TimeZone::UTC;
    Ok(calendar
        .exceptions(year)
        .iter()
        .map(|(date, why)| format!("{date}  {}", words.say(why, Language::En, &zone)))
        .collect())
}

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::En => Language::En,
            LanguageName::Nl => Language::Nl,
        }
    }
}

impl From<DutyName> for Duty {
    fn from(name: DutyName) -> Self {
        match name {
            DutyName::Viewer => Duty::Viewer,
            DutyName::Operator => Duty::Operator,
            DutyName::Administrator => Duty::Administrator,
        }
    }
}

impl From<ResponseName> for RmmResponse {
    fn from(name: ResponseName) -> Self {
        match name {
            ResponseName::AtOnce => RmmResponse::AtOnce,
            ResponseName::P1AtOnce => RmmResponse::P1AtOnce,
            ResponseName::ServiceHours => RmmResponse::ServiceHours,
        }
    }
}

impl From<CourtesyName> for CourtesyNotice {
    fn from(name: CourtesyName) -> Self {
        match name {
            CourtesyName::None => CourtesyNotice::None,
            CourtesyName::Monthly => CourtesyNotice::Monthly,
            CourtesyName::AtOnce => CourtesyNotice::AtOnce,
        }
    }
}
