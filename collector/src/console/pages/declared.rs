//! What people declare: the list with its filters, and the form that adds an item.

use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, Speech, clip, link};
use crate::console::{Console, survey};
use crate::model::{
    Actor, Ci, CiClass, Command, CustomerId, DeclaredClass, DeclaredFields, DeclaredFilter, DeclaredWish, LifeState,
    PageRequest, Site, SiteId,
};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    customer: String,
    site: String,
    class: String,
    state: String,
    cursor: String,
}

struct Row {
    id: String,
    name: String,
    class_key: String,
    customer: String,
    site: String,
    owner: String,
    criticality: String,
    state_key: String,
    conflicts: usize,
}

/// A choice of a form: value, text, chosen.
pub type Choices = Vec<(String, String, bool)>;

#[derive(Template)]
#[template(path = "declared.html")]
struct DeclaredPage {
    frame: Frame,
    filter: Filter,
    customers: Choices,
    sites: Choices,
    classes: Choices,
    states: Choices,
    rows: Vec<Row>,
    next: Option<String>,
}

/// The list.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(filter): Query<Filter>) -> Result<Response> {
    let here = link(
        "/declared",
        &[("customer", &filter.customer), ("site", &filter.site), ("class", &filter.class), ("state", &filter.state)],
    );
    let frame = Frame::open(&console, &actor, "declared", here).await?;
    let wanted = DeclaredFilter {
        scope: actor.scope.clone(),
        customer: filter.customer.parse().ok(),
        site: filter.site.parse().ok(),
        class: CiClass::from_word(&filter.class),
        state: LifeState::from_word(&filter.state),
    };
    let sites = sites_of(&console, &actor, wanted.customer).await?;
    let cursor = Some(filter.cursor.clone()).filter(|cursor| !cursor.is_empty());
    let found = console.store.declared(wanted, PageRequest { cursor, limit: 100 }).await?;
    let (names, places) = places(&console, &actor, &found.items).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for ci in &found.items {
        let conflicts = survey::conflicts(&console, ci).await?.len();
        rows.push(row(&frame, ci, &names, &places, conflicts));
    }
    let page = DeclaredPage {
        customers: chosen(&customers(&names), &filter.customer),
        sites: chosen(&sites, &filter.site),
        classes: classes(&frame, &filter.class),
        states: states(&frame, &filter.state),
        next: found.next_cursor.map(|cursor| link(&frame.here, &[("cursor", &cursor)])),
        rows,
        filter,
        frame,
    };
    fault::html(&page)
}

#[derive(Deserialize)]
pub struct AddForm {
    customer: String,
    class: String,
    name: String,
    #[serde(default)]
    site: String,
    state: String,
}

/// Adds an item; the rest is filled in on its own page.
pub async fn add(State(console): State<Arc<Console>>, actor: Actor, Form(form): Form<AddForm>) -> Result<Redirect> {
    let wish = DeclaredWish::Add {
        customer: form.customer,
        class: DeclaredClass::from_word(&form.class).ok_or(Fault::Invalid("a class is needed"))?,
        name: form.name,
        site: Some(form.site).filter(|site| !site.is_empty()),
        state: LifeState::from_word(&form.state).ok_or(Fault::Invalid("a state is needed"))?,
        since: None,
        fields: DeclaredFields::new(),
    };
    let id = act(&console, &actor, Command::Declared { wish: Box::new(wish) }).await?;
    Ok(Redirect::to(&format!("/declared/{}", id.as_str().unwrap_or_default())))
}

/// The word of a class for people.
pub fn class_key(class: CiClass) -> String {
    match class {
        CiClass::Declared(class) => format!("declare-class-{}", class.word().replace('_', "-")),
        CiClass::Observed(class) => format!("console-class-{}", class.word().replace('_', "-")),
    }
}

/// The states as choices.
pub fn states(speech: &Speech, chosen: &str) -> Choices {
    let choice = |state: &LifeState| {
        (state.word().to_owned(), speech.t(&format!("declare-state-{}", state.word())), state.word() == chosen)
    };
    LifeState::ALL.iter().map(choice).collect()
}

/// Customers and sites by name, of which one is chosen.
pub fn chosen(all: &[(String, String)], chosen: &str) -> Choices {
    all.iter().map(|(id, name)| (id.clone(), name.clone(), id == chosen)).collect()
}

/// (id, name) of the sites of a customer that the actor may see.
pub async fn sites_of(console: &Console, actor: &Actor, customer: Option<CustomerId>) -> Result<Vec<(String, String)>> {
    let Some(customer) = customer.filter(|customer| actor.scope.covers(*customer)) else { return Ok(Vec::new()) };
    let sites = console.store.sites(customer).await?;
    Ok(sites.into_iter().map(|site| (site.id.to_string(), site.name)).collect())
}

/// (id, name) of customers, by name.
pub fn customers(names: &HashMap<CustomerId, String>) -> Vec<(String, String)> {
    let mut all: Vec<_> = names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    all.sort_by_key(|(_, name)| name.to_lowercase());
    all
}

/// Names of the customers that the actor sees.
pub async fn customer_names(console: &Console, actor: &Actor) -> Result<HashMap<CustomerId, String>> {
    let all = console.store.customers(actor.scope.clone()).await?;
    Ok(all.into_iter().map(|customer| (customer.id, customer.name)).collect())
}

async fn places(
    console: &Console,
    actor: &Actor,
    cis: &[Ci],
) -> Result<(HashMap<CustomerId, String>, HashMap<SiteId, String>)> {
    let names = customer_names(console, actor).await?;
    let mut asked: Vec<CustomerId> = cis.iter().map(|ci| ci.declared.customer).collect();
    asked.sort_unstable();
    asked.dedup();
    let mut places = HashMap::new();
    for customer in asked {
        let sites: Vec<Site> = console.store.sites(customer).await?;
        places.extend(sites.into_iter().map(|site| (site.id, site.name)));
    }
    Ok((names, places))
}

fn row(
    speech: &Speech,
    ci: &Ci,
    names: &HashMap<CustomerId, String>,
    places: &HashMap<SiteId, String>,
    conflicts: usize,
) -> Row {
    let declared = &ci.declared;
    let field = |name: &str| declared.fields.get(name).map(|text| clip(text, 60)).unwrap_or_default();
    let criticality = field("criticality");
    Row {
        id: declared.item.to_string(),
        name: clip(ci.name(), 120),
        class_key: class_key(declared.class),
        customer: names.get(&declared.customer).cloned().unwrap_or_default(),
        site: declared.site.and_then(|site| places.get(&site).cloned()).unwrap_or_default(),
        owner: field("owner"),
        criticality: if criticality.is_empty() {
            criticality
        } else {
            speech.t(&format!("declare-choice-{criticality}"))
        },
        state_key: format!("declare-state-{}", declared.state.word()),
        conflicts,
    }
}

fn classes(speech: &Speech, chosen: &str) -> Choices {
    let choice = |class: &DeclaredClass| {
        let key = class_key(CiClass::Declared(*class));
        (class.word().to_owned(), speech.t(&key), class.word() == chosen)
    };
    DeclaredClass::ALL.iter().map(choice).collect()
}
