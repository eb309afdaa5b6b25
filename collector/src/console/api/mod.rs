//! The JSON API: everything that the console shows, as documents for programs. Its shapes are its own, so that neither
//! secrets nor the model's changes leak out; it judges nothing and changes things by Commands alone.

mod act;
mod answer;
mod ask;
mod audit;
mod baseline;
mod contract;
mod coverage;
mod customer;
mod declared;
mod declared_table;
#[cfg(test)]
mod declared_test;
mod delivery;
mod diff;
mod document;
mod duplicate;
mod evidence;
mod export;
#[cfg(test)]
mod export_test;
mod history;
mod host;
mod incident;
mod item;
mod item_one;
#[cfg(test)]
mod past_test;
mod search;
#[cfg(test)]
mod tests;

use super::route::Routes;
use crate::model::Permission::{Administer, Handle, Public, Read};

/// The routes below `/api`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/openapi.json", Public, document::openapi)
        .get("/api/v1/hosts", Read, host::list)
        .get("/api/v1/hosts/{id}", Read, host::one)
        .get("/api/v1/hosts/{id}/items", Read, item::items)
        .get("/api/v1/hosts/{id}/changes", Read, item::changes)
        .get("/api/v1/hosts/{id}/diff", Read, diff::diff)
        .get("/api/v1/items/{id}", Read, item_one::one)
        .get("/api/v1/items/{id}/changes", Read, item_one::changes)
        .get("/api/v1/items/{id}/relations", Read, item_one::relations)
        .get("/api/v1/search", Read, search::search)
        .get("/api/v1/hosts/{id}/ledger", Read, history::ledger)
        .get("/api/v1/hosts/{id}/series", Read, history::series)
        .get("/api/v1/hosts/{id}/series-names", Read, history::series_names)
        .get("/api/v1/hosts/{id}/export/glpi", Read, export::glpi)
        .get("/api/v1/hosts/{id}/export/cyclonedx", Read, export::cyclonedx)
        .get("/api/v1/export/{table}", Read, export::table)
        .get("/api/v1/duplicates", Read, duplicate::list)
        .post("/api/v1/duplicates/{id}/dismiss", Administer, duplicate::dismiss)
        .post("/api/v1/duplicates/{id}/merge", Administer, duplicate::merge)
        .get("/api/v1/incidents", Read, incident::list)
        .get("/api/v1/incidents/{id}", Read, incident::one)
        .post("/api/v1/incidents/{id}/acknowledge", Handle, act::acknowledge)
        .post("/api/v1/incidents/{id}/close", Handle, act::close)
        .post("/api/v1/incidents/{id}/silence", Handle, act::silence)
        .post("/api/v1/incidents/{id}/judge", Handle, act::judge)
        .get("/api/v1/customers", Read, customer::list)
        .get("/api/v1/customers/{id}", Read, customer::one)
        .get("/api/v1/customers/{id}/contract", Read, contract::one)
        .get("/api/v1/customers/{id}/sites", Read, customer::sites)
        .get("/api/v1/deliveries", Read, delivery::list)
        .get("/api/v1/declared", Read, declared::list)
        .post("/api/v1/declared", Handle, declared::add)
        .get("/api/v1/declared/export", Read, declared_table::table)
        .post("/api/v1/declared/import", Handle, declared_table::import)
        .get("/api/v1/declared/{id}", Read, declared::one)
        .post("/api/v1/declared/{id}", Handle, declared::set)
        .post("/api/v1/declared/{id}/state", Handle, declared::go)
        .post("/api/v1/declared/{id}/replace", Handle, declared::replace)
        .get("/api/v1/declared/{id}/history", Read, declared::history)
        .get("/api/v1/coverage", Read, coverage::coverage)
        .get("/api/v1/sites/{id}/baselines", Read, baseline::list)
        .get("/api/v1/sites/{id}/baseline", Read, baseline::one)
        .post("/api/v1/sites/{id}/baseline", Handle, baseline::fix)
        .delete("/api/v1/sites/{id}/baseline", Handle, baseline::remove)
        .get("/api/v1/sites/{id}/drift", Read, baseline::drift)
        .get("/api/v1/audit", Administer, audit::list)
        .get("/api/v1/totals", Read, audit::totals)
        .get("/api/{*rest}", Read, answer::nowhere)
        .post("/api/{*rest}", Read, answer::nowhere)
}
