//! Pages for people, one file each. A page loads what the actor may see, turns it into rows of text, and its template
//! in `collector/templates/` does the rest.

mod audit;
mod baseline;
mod change;
mod coverage;
mod customer;
mod customers;
mod declared;
mod declared_import;
mod declared_one;
mod deliveries;
mod duplicates;
mod host;
mod host_charts;
mod host_diff;
mod host_tabs;
mod hosts;
mod incident;
mod incident_acts;
mod incident_picture;
mod incidents;
mod item;
mod relation;
mod row;
mod search;
mod sign_in;
#[cfg(test)]
mod tests;
mod wall;

use super::route::Routes;
use crate::model::Permission::{Administer, Handle, Public, Read};
use axum::response::Redirect;

/// All pages and forms.
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Read, || async { Redirect::to("/incidents") })
        .get("/sign-in", Public, sign_in::form)
        .post("/sign-in", Public, sign_in::enter)
        .post("/sign-out", Read, sign_in::leave)
        .get("/incidents", Read, incidents::page)
        .get("/incidents/list", Read, incidents::list)
        .get("/incidents/{id}", Read, incident::page)
        .post("/incidents/{id}/acknowledge", Handle, incident_acts::acknowledge)
        .post("/incidents/{id}/silence", Handle, incident_acts::silence)
        .post("/incidents/{id}/close", Handle, incident_acts::close)
        .post("/incidents/{id}/judge", Handle, incident_acts::judge)
        .get("/hosts", Read, hosts::page)
        .get("/hosts/{id}", Read, host::page)
        .get("/hosts/{id}/inventory", Read, host_tabs::inventory)
        .get("/hosts/{id}/changes", Read, host_tabs::changes)
        .get("/hosts/{id}/diff", Read, host_diff::page)
        .get("/items/{id}", Read, item::page)
        .get("/search", Read, search::page)
        .get("/hosts/{id}/incidents", Read, host_tabs::incidents)
        .get("/hosts/{id}/ledger", Read, host_tabs::ledger)
        .post("/hosts/{id}/approve", Administer, host::approve)
        .post("/duplicates/{id}/dismiss", Administer, duplicates::dismiss)
        .post("/duplicates/{id}/merge", Administer, duplicates::merge)
        .get("/customers", Read, customers::page)
        .get("/customers/{id}", Read, customer::page)
        .get("/declared", Read, declared::page)
        .post("/declared", Handle, declared::add)
        .get("/declared/import", Handle, declared_import::page)
        .post("/declared/import", Handle, declared_import::preview)
        .post("/declared/import/apply", Handle, declared_import::apply)
        .get("/declared/{id}", Read, declared_one::page)
        .post("/declared/{id}", Handle, declared_one::set)
        .post("/declared/{id}/state", Handle, declared_one::go)
        .post("/declared/{id}/replace", Handle, declared_one::replace)
        .get("/coverage", Read, coverage::page)
        .get("/sites/{id}/baseline", Read, baseline::page)
        .post("/sites/{id}/baseline", Handle, baseline::fix)
        .get("/sites/{id}/drift", Read, baseline::drift)
        .get("/deliveries", Read, deliveries::page)
        .post("/deliveries/{id}/redeliver", Handle, deliveries::redeliver)
        .get("/wall", Read, wall::page)
        .get("/audit", Administer, audit::page)
}
