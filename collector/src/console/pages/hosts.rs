//! The list of hosts: search, presence and customer as filters in the URL, one page of rows at a time.

use super::duplicates::{self, Entry};
use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::view::{Frame, Speech, link};
use crate::model::{
    Actor, Admission, CustomerId, GoodbyeReason, HostFilter, HostRow, PageRequest, Presence, Role, Value,
};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

const ROWS_MAX: usize = 100;

/// The chips, in their order, as the store knows them.
const PRESENCES: [&str; 7] = ["online", "goodbye", "silent", "unseen", "quarantined", "pending", "revoked"];

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    q: String,
    presence: String,
    customer: String,
    cursor: String,
}

struct Chip {
    href: String,
    key: String,
    count: Option<u64>,
    is_on: bool,
}

/// A host as a row of text.
pub struct Row {
    pub id: String,
    pub name: String,
    pub customer: String,
    pub customer_id: String,
    pub site: String,
    pub model: String,
    pub system: String,
    pub role_key: &'static str,
    pub presence: &'static str,
    pub presence_key: String,
    pub note: String,
    pub heard: String,
    pub incidents: u32,
}

#[derive(Template)]
#[template(path = "hosts.html")]
struct HostsPage {
    frame: Frame,
    duplicates: Vec<Entry>,
    chips: Vec<Chip>,
    customers: Vec<(String, String)>,
    filter: Filter,
    rows: Vec<Row>,
    next: Option<String>,
    is_filtered: bool,
    enrolment_url: String,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(filter): Query<Filter>) -> Result<Response> {
    let mut frame = Frame::open(&console, &actor, "hosts", filter.url(&[])).await?;
    frame.search.clone_from(&filter.q);
    frame.live.clone_from(&frame.here);
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = HostFilter {
        scope: actor.scope.clone(),
        customer: filter.customer.parse::<CustomerId>().ok(),
        search: text(&filter.q),
        presence: text(&filter.presence).filter(|word| PRESENCES.contains(&word.as_str())),
    };
    let found = console.store.hosts(wanted, PageRequest { cursor: text(&filter.cursor), limit: ROWS_MAX }).await?;
    let now = Timestamp::now();
    let mut customers: Vec<_> =
        console.store.customers(actor.scope).await?.into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    customers.sort_by(|a, b| a.1.cmp(&b.1));
    let is_filtered = !(filter.q.is_empty() && filter.presence.is_empty() && filter.customer.is_empty());
    let page = HostsPage {
        // Whoever looks for a host is not asked for decisions.
        duplicates: if is_filtered { Vec::new() } else { duplicates::entries(&console, &frame).await? },
        chips: chips(&frame, &filter),
        customers,
        rows: found.items.iter().map(|host| row(&frame, host, now)).collect(),
        next: found.next_cursor.map(|cursor| filter.url(&[("cursor", &cursor)])),
        is_filtered,
        enrolment_url: console.settings.enrolment_url.clone(),
        filter,
        frame,
    };
    fault::html(&page)
}

impl Filter {
    fn url(&self, changed: &[(&str, &str)]) -> String {
        let kept = [
            ("q", self.q.as_str()),
            ("presence", &self.presence),
            ("customer", &self.customer),
            ("cursor", &self.cursor),
        ];
        let value = |name: &str, value| changed.iter().find(|(other, _)| *other == name).map_or(value, |(_, new)| *new);
        link("/hosts", &kept.map(|(name, kept)| (name, value(name, kept))))
    }
}

fn chips(frame: &Frame, filter: &Filter) -> Vec<Chip> {
    let totals = &frame.totals;
    // Counts are of all customers, so they are shown only where no other filter is on.
    let counted = filter.q.is_empty() && filter.customer.is_empty();
    let chip = |presence: &'static str, count: Option<u64>| Chip {
        href: filter.url(&[("presence", presence), ("cursor", "")]),
        key: if presence.is_empty() {
            "console-presence-all".to_owned()
        } else {
            format!("console-presence-{presence}")
        },
        count: count.filter(|_| counted),
        is_on: filter.presence == presence,
    };
    let known = [
        ("", Some(totals.hosts)),
        ("online", Some(totals.online)),
        ("goodbye", Some(totals.goodbye)),
        ("silent", Some(totals.silent)),
        ("unseen", None),
        ("quarantined", Some(totals.quarantined)),
        ("pending", Some(totals.pending)),
        ("revoked", None),
    ];
    known.into_iter().map(|(presence, count)| chip(presence, count)).collect()
}

/// The row of a host.
pub fn row(speech: &Speech, found: &HostRow, now: Timestamp) -> Row {
    let host = &found.host;
    let presence = presence_word(host.admission, &host.presence);
    Row {
        id: host.id.to_string(),
        name: host.name.clone(),
        customer: found.customer_name.clone(),
        customer_id: host.customer.to_string(),
        site: found.site_name.clone(),
        model: field(found, "product"),
        system: found.operating_system.clone(),
        role_key: role_key(host.role),
        presence,
        presence_key: format!("console-presence-{presence}"),
        note: note(speech, &host.presence),
        heard: host
            .last_heard_at
            .map_or_else(|| "–".to_owned(), |at| speech.name("console-ago", &speech.span(at, now))),
        incidents: found.live_incidents,
    }
}

/// A text of the computer item, or nothing.
pub fn field(found: &HostRow, name: &str) -> String {
    match found.computer.get(name) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The word of a role.
pub fn role_key(role: Role) -> &'static str {
    match role {
        Role::Server => "console-role-server",
        Role::Workstation => "console-role-workstation",
    }
}

/// Presence in a word; what a person must decide goes before what the host does.
pub fn presence_word(admission: Admission, presence: &Presence) -> &'static str {
    match (admission, presence) {
        (Admission::Pending, _) => "pending",
        (Admission::Quarantined, _) => "quarantined",
        (Admission::Revoked, _) => "revoked",
        (Admission::Active, Presence::Unseen) => "unseen",
        (Admission::Active, Presence::Online) => "online",
        (Admission::Active, Presence::Goodbye { .. }) => "goodbye",
        (Admission::Active, Presence::Silent { .. }) => "silent",
    }
}

/// Why it went and when it means to be back, or since when it is silent.
pub fn note(speech: &Speech, presence: &Presence) -> String {
    match presence {
        Presence::Unseen | Presence::Online => String::new(),
        Presence::Silent { since } => speech.name("console-since", &speech.time(since)),
        Presence::Goodbye { reason, at, expected_return_at } => {
            let said = format!("{}, {}", speech.t(goodbye_key(*reason)), speech.time(at));
            match expected_return_at {
                Some(back) => format!("{said}; {}", speech.name("console-back-by", &speech.time(back))),
                None => said,
            }
        }
    }
}

fn goodbye_key(reason: GoodbyeReason) -> &'static str {
    match reason {
        GoodbyeReason::ServiceStop => "console-goodbye-service-stop",
        GoodbyeReason::Shutdown => "console-goodbye-shutdown",
        GoodbyeReason::Sleep => "console-goodbye-sleep",
        GoodbyeReason::UpdateReboot => "console-goodbye-update-reboot",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarantine_is_shown_before_presence() {
        assert_eq!(presence_word(Admission::Quarantined, &Presence::Online), "quarantined");
        assert_eq!(presence_word(Admission::Active, &Presence::Silent { since: Timestamp::UNIX_EPOCH }), "silent");
    }

    #[test]
    fn changing_a_filter_starts_at_the_first_page() {
        let filter = Filter { q: "sql 01".into(), cursor: "abc".into(), ..Filter::default() };
        assert_eq!(filter.url(&[("presence", "silent"), ("cursor", "")]), "/hosts?q=sql%2001&presence=silent");
    }
}
