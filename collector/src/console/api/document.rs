//! The OpenAPI 3.1 document of this API, made from the types and handlers themselves.

use super::answer::{Document, Problem};
use super::{
    act, audit, baseline, contract, coverage, customer, declared, declared_table, delivery, diff, duplicate, export,
    history, host, incident, item, item_one, search,
};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response as Described};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wacht",
        description = "Hosts with their CMDB and history, incidents, customers and contracts. Lists come in pages: \
            give next_cursor as cursor. Unknown query keys are refused. Times are RFC 3339 in UTC. Every error is an \
            RFC 9457 problem."
    ),
    paths(
        document, host::list, host::one, item::items, item::changes, diff::diff, item_one::one,
        item_one::changes, item_one::relations, search::search, history::ledger, history::series,
        history::series_names, duplicate::list, duplicate::dismiss, duplicate::merge, incident::list, incident::one, act::acknowledge, act::close, act::silence, act::judge,
        customer::list, customer::one, contract::one, customer::sites, delivery::list, audit::list, audit::totals,
        declared::list, declared::add, declared::one, declared::set, declared::go, declared::replace, declared::history,
        declared_table::table, declared_table::import, coverage::coverage, baseline::list, baseline::one,
        baseline::fix, baseline::remove, baseline::drift, export::glpi, export::cyclonedx, export::table
    ),
    components(schemas(Problem)),
    tags(
        (name = "hosts", description = "Machines with an agent."),
        (name = "cmdb", description = "Configuration items and their history."),
        (name = "declared", description = "What people declare, coverage, and baselines of sites."),
        (name = "exports", description = "Files for other systems."),
        (name = "history", description = "Series, and the ledger that accounts for every report."),
        (name = "incidents", description = "What people handle."),
        (name = "customers", description = "Customers, sites, contracts."),
        (name = "deliveries", description = "What went out."),
        (name = "audit", description = "Who did what, and the totals."),
        (name = "document", description = "This document.")
    ),
    modifiers(&Refusals)
)]
struct Api;

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "document", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
#[expect(dead_code, reason = "describes the handler `openapi`, whose answer is no typed document")]
fn document() {}

/// Answers the document; it is the same for everybody.
pub async fn openapi() -> Response {
    match serde_json::to_value(Api::openapi()) {
        Ok(document) => Document(document).into_response(),
        Err(error) => Problem::failed(&error).into_response(),
    }
}

/// Adds what every operation has: the bearer token and the problems.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", bearer);
        let none: [&str; 0] = [];
        document.security = Some(vec![SecurityRequirement::new("token", none)]);
        for path in document.paths.paths.values_mut() {
            let reading = path.get.iter_mut().map(|operation| (operation, READING));
            let acting = path.post.iter_mut().map(|operation| (operation, ACTING));
            let removing = path.delete.iter_mut().map(|operation| (operation, READING));
            reading.chain(acting).chain(removing).for_each(|(operation, problems)| refuse(operation, problems));
        }
    }
}

const READING: &[(&str, &str)] = &[
    ("400", "the question is wrong"),
    ("401", "no valid token"),
    ("403", "not permitted"),
    ("404", "absent, or not the caller's to see"),
    ("422", "well formed, but not possible"),
    ("429", "others are before it"),
    ("500", "the collector failed"),
];

const ACTING: &[(&str, &str)] = &[
    ("400", "the body is no JSON"),
    ("401", "no valid token"),
    ("403", "not permitted"),
    ("404", "absent, or not the caller's to see"),
    ("409", "it is in another state"),
    ("413", "the body is too large"),
    ("415", "the body is not JSON"),
    ("422", "well formed, but not possible"),
    ("500", "the collector failed"),
];

fn refuse(operation: &mut Operation, problems: &[(&str, &str)]) {
    for (status, meaning) in problems {
        let mut described = Described::new(*meaning);
        let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
        described.content.insert("application/problem+json".to_owned(), RefOr::T(Content::new(Some(schema))));
        operation.responses.responses.insert((*status).to_owned(), RefOr::T(described));
    }
}
