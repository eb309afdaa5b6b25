//! The list of customers with what they bought and what is open.

use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::view::Frame;
use crate::contract::term;
use crate::model::{Actor, IncidentFilter, PageRequest};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

/// Rows of a page.
const ROWS_MAX: usize = 500;

struct Row {
    id: String,
    name: String,
    contract: String,
    has_rmm: bool,
    has_notice: bool,
    sites: String,
    incidents: u64,
}

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage {
    frame: Frame,
    rows: Vec<Row>,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor) -> Result<Response> {
    let frame = Frame::open(&console, &actor, "customers", "/customers".to_owned()).await?;
    let mut customers = console.store.customers(actor.scope.clone()).await?;
    customers.sort_by_key(|customer| customer.name.to_lowercase());
    customers.truncate(ROWS_MAX);
    let filter =
        IncidentFilter { scope: actor.scope.clone(), customer: None, host: None, state: Some("live".to_owned()) };
    let live = console.store.incidents(filter, PageRequest { cursor: None, limit: 1_000 }).await?.items;
    let mut rows = Vec::with_capacity(customers.len());
    for customer in customers {
        let contract = console.store.contract(customer.id).await?;
        let sites = console.store.sites(customer.id).await?;
        let first = contract.as_ref().and_then(|contract| term::describe(contract).into_iter().next());
        rows.push(Row {
            id: customer.id.to_string(),
            contract: first.map_or_else(|| frame.t("console-contract-none"), |line| frame.say(&line)),
            has_rmm: contract.as_ref().is_some_and(|contract| contract.rmm.is_some()),
            has_notice: contract.as_ref().is_some_and(|contract| contract.notice.is_some()),
            sites: sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", "),
            incidents: live.iter().filter(|incident| incident.customer == customer.id).count() as u64,
            name: customer.name,
        });
    }
    fault::html(&CustomersPage { frame, rows })
}
