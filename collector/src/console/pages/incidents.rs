//! The list of incidents, with one of them beside it. Every filter is in the URL; the counts on the chips and the rows
//! come from one reading.

use super::incident::{self, Detail};
use super::row::{self, Row};
use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::names::Names;
use crate::console::view::{Frame, link};
use crate::model::{Actor, CustomerId, Incident, IncidentFilter, PageRequest, urgency};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// Live incidents that one reading holds; more are counted by the header alone.
const LIVE_MAX: usize = 1_000;

/// Rows of a page: keeps it under 100 kB.
const ROWS_MAX: usize = 100;

/// The chips, in their order.
const VIEWS: [&str; 7] = ["now", "open", "waiting", "predicted", "mine", "silenced", "ended"];

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    view: String,
    q: String,
    customer: String,
    by: String,
    sel: String,
    page: usize,
}

struct Chip {
    href: String,
    key: String,
    count: Option<u64>,
    is_on: bool,
}

#[derive(Template)]
#[template(path = "incidents.html")]
struct IncidentsPage {
    frame: Frame,
    list: List,
    detail: Option<Detail>,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "incidents_live.html")]
struct ListFragment {
    frame: Frame,
    list: List,
}

struct List {
    filter: Filter,
    chips: Vec<Chip>,
    customers: Vec<(String, String)>,
    rows: Vec<Row>,
    more: Option<String>,
    back: String,
    group_href: String,
    has_hosts: bool,
    enrolment_url: String,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(filter): Query<Filter>) -> Result<Response> {
    let mut frame = open(&console, &actor, &filter).await?;
    frame.live = filter.url("/incidents/list", &[]);
    let is_chosen = !filter.sel.is_empty();
    let (mut list, incidents) = load(&console, &actor, &frame, filter).await?;
    let chosen = list.rows.iter().position(|row| row.is_chosen);
    let first = chosen.or(if is_chosen || list.rows.is_empty() { None } else { Some(0) });
    if let Some(row) = first.and_then(|index| list.rows.get_mut(index)) {
        row.is_chosen = true;
    }
    let wanted = match first.and_then(|index| incidents.get(index)) {
        Some(incident) => Some(incident.clone()),
        None => by_id(&console, &actor, &list.filter.sel).await?,
    };
    let detail = match wanted {
        Some(incident) => Some(incident::detail(&console, &frame, incident).await?),
        None => None,
    };
    fault::html(&IncidentsPage { frame, list, detail, is_chosen })
}

/// The list alone, for a page that is open already.
pub async fn list(State(console): State<Arc<Console>>, actor: Actor, Query(filter): Query<Filter>) -> Result<Response> {
    let frame = open(&console, &actor, &filter).await?;
    let (list, _) = load(&console, &actor, &frame, filter).await?;
    fault::html(&ListFragment { frame, list })
}

impl Filter {
    fn view(&self) -> &str {
        VIEWS.iter().find(|view| **view == self.view).copied().unwrap_or("open")
    }

    /// This filter as a URL with some parameters changed; an empty value drops one.
    fn url(&self, path: &str, changed: &[(&str, &str)]) -> String {
        let page = if self.page > 0 { self.page.to_string() } else { String::new() };
        let kept = [
            ("view", self.view.as_str()),
            ("q", &self.q),
            ("customer", &self.customer),
            ("by", &self.by),
            ("sel", &self.sel),
            ("page", &page),
        ];
        link(
            path,
            &kept.map(|(name, value)| {
                (name, changed.iter().find(|(other, _)| *other == name).map_or(value, |(_, new)| *new))
            }),
        )
    }
}

async fn open(console: &Console, actor: &Actor, filter: &Filter) -> Result<Frame> {
    let mut frame = Frame::open(console, actor, "incidents", filter.url("/incidents", &[])).await?;
    frame.search.clone_from(&filter.q);
    Ok(frame)
}

/// The list, and the incidents of its rows in the same order.
async fn load(console: &Console, actor: &Actor, frame: &Frame, filter: Filter) -> Result<(List, Vec<Incident>)> {
    let now = Timestamp::now();
    let customer = filter.customer.parse::<CustomerId>().ok();
    let wanted = |state: &str| IncidentFilter {
        scope: actor.scope.clone(),
        customer,
        host: None,
        state: Some(state.to_owned()),
    };
    let live = console.store.incidents(wanted("live"), first(LIVE_MAX)).await?.items;
    let chips = chips(&filter, &live, actor, now);
    let mut incidents = live;
    if filter.view() == "ended" {
        incidents = console.store.incidents(wanted("resolved"), first(LIVE_MAX / 4)).await?.items;
        incidents.extend(console.store.incidents(wanted("closed"), first(LIVE_MAX / 4)).await?.items);
        incidents.sort_by_key(|incident| std::cmp::Reverse(incident.ended_at));
    } else {
        incidents.retain(|incident| belongs(filter.view(), incident, actor, now));
        incidents.sort_by_key(|incident| (!row::needs_someone(incident, now), urgency(incident)));
    }
    let names = Names::of(console, &actor.scope, &incidents.iter().collect::<Vec<_>>()).await?;
    if filter.by == "customer" {
        incidents.sort_by_cached_key(|incident| names.customer(incident.customer).to_lowercase());
    }
    let needle = filter.q.trim().to_lowercase();
    let both = incidents.into_iter().map(|incident| (row::row(frame, &names, &incident, now), incident));
    let mut found: Vec<_> =
        both.filter(|(row, _)| row.haystack.contains(&needle)).skip(filter.page.saturating_mul(ROWS_MAX)).collect();
    let has_more = found.len() > ROWS_MAX;
    found.truncate(ROWS_MAX);
    let (mut rows, incidents): (Vec<Row>, Vec<Incident>) = found.into_iter().unzip();
    mark(&mut rows, &filter);
    let next = (filter.page + 1).to_string();
    let list = List {
        more: has_more.then(|| filter.url("/incidents", &[("page", &next), ("sel", "")])),
        back: filter.url("/incidents", &[("sel", "")]),
        group_href: filter.url("/incidents", &[("by", if filter.by == "customer" { "" } else { "customer" })]),
        customers: names.choices(),
        has_hosts: frame.totals.hosts > 0,
        enrolment_url: console.settings.enrolment_url.clone(),
        chips,
        rows,
        filter,
    };
    Ok((list, incidents))
}

fn first(limit: usize) -> PageRequest {
    PageRequest { cursor: None, limit }
}

fn belongs(view: &str, incident: &Incident, actor: &Actor, now: Timestamp) -> bool {
    match view {
        "now" => row::needs_someone(incident, now),
        "waiting" => row::waits(incident, now),
        "predicted" => incident.alarm.deadline.is_some(),
        "mine" => incident.acknowledged_by.as_deref() == Some(&actor.name),
        "silenced" => row::is_silenced(incident, now),
        _ => true,
    }
}

fn chips(filter: &Filter, live: &[Incident], actor: &Actor, now: Timestamp) -> Vec<Chip> {
    VIEWS
        .iter()
        .map(|view| Chip {
            href: filter.url("/incidents", &[("view", view), ("sel", ""), ("page", "")]),
            key: format!("console-view-{view}"),
            count: (*view != "ended").then(|| live.iter().filter(|one| belongs(view, one, actor, now)).count() as u64),
            is_on: *view == filter.view(),
        })
        .collect()
}

/// Links rows to this list with their detail beside it, marks the chosen one and the first of each customer.
fn mark(rows: &mut [Row], filter: &Filter) {
    let mut last = None;
    for row in rows {
        row.href = filter.url("/incidents", &[("sel", &row.id)]);
        row.is_chosen = row.id == filter.sel;
        row.opens_group = filter.by == "customer" && last.as_ref() != Some(&row.customer);
        last = Some(row.customer.clone());
    }
}

/// An incident that the list does not show, such as one that ended while it was looked at.
async fn by_id(console: &Console, actor: &Actor, id: &str) -> Result<Option<Incident>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let found = console.store.incident(id).await?;
    Ok(found.filter(|incident| actor.scope.covers(incident.customer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_stands_in_the_url() {
        let filter =
            Filter { view: "mine".into(), q: "a b".into(), by: "customer".into(), page: 2, ..Filter::default() };
        assert_eq!(filter.url("/incidents", &[]), "/incidents?view=mine&q=a%20b&by=customer&page=2");
        assert_eq!(filter.url("/incidents", &[("page", ""), ("q", "")]), "/incidents?view=mine&by=customer");
    }

    #[test]
    fn an_unknown_view_is_all_open() {
        assert_eq!(Filter { view: "'; drop".into(), ..Filter::default() }.view(), "open");
    }
}
