//! Customers and their sites as documents.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, cut, page};
use crate::console::Console;
use crate::model::{Actor, Contact, Customer, CustomerId, Language, Site};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    pub limit: Option<String>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
pub struct CustomerView {
    /// Id.
    id: Uuid,
    /// Unique name.
    name: String,
    /// Language of its mails and tickets.
    language: Language,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A place of a customer.
#[derive(Serialize, ToSchema)]
pub struct SiteView {
    /// Id.
    id: Uuid,
    /// Its customer.
    customer_id: Uuid,
    /// Unique within the customer.
    name: String,
    /// Street and town.
    address: String,
    /// Whom to call, in order.
    contacts: Vec<ContactView>,
    /// Internet line: provider and number.
    line: String,
    /// The provider's fault desk.
    fault_desk: String,
    /// How to get in.
    access: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a person ended its intake; null = still in intake.
    #[schema(value_type = Option<String>, format = DateTime)]
    intake_ended_at: Option<Timestamp>,
}

/// A person at a site.
#[derive(Serialize, ToSchema)]
pub struct ContactView {
    /// Name.
    name: String,
    /// What for.
    role: String,
    /// Phone.
    phone: String,
    /// Mail.
    email: String,
}

/// The customers that the caller may see.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(PageQuery),
    responses((status = 200, description = "a page of customers", body = List<CustomerView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<PageQuery>,
) -> Answer<List<CustomerView>> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let rows = console.store.customers(actor.scope).await?;
    Ok(Document(cut(rows.into_iter().map(CustomerView::from).collect(), &page, |row: &CustomerView| {
        row.id.to_string()
    })?))
}

/// One customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = Uuid, Path, description = "of the customer")),
    responses((status = 200, description = "the customer", body = CustomerView)))]
pub async fn one(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<CustomerView> {
    Ok(Document(CustomerView::from(visible(&console, &actor, CustomerId(id)).await?)))
}

/// The sites of a customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}/sites", tag = "customers",
    params(("id" = Uuid, Path, description = "of the customer"), PageQuery),
    responses((status = 200, description = "a page of sites", body = List<SiteView>)))]
pub async fn sites(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<PageQuery>,
) -> Answer<List<SiteView>> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let customer = visible(&console, &actor, CustomerId(id)).await?.id;
    let rows = console.store.sites(customer).await?;
    Ok(Document(cut(rows.into_iter().map(SiteView::from).collect(), &page, |row: &SiteView| row.id.to_string())?))
}

/// The customer, when the actor may see it; another one reads as absent.
pub async fn visible(console: &Console, actor: &Actor, id: CustomerId) -> Result<Customer, Problem> {
    let rows = console.store.customers(actor.scope.clone()).await?;
    rows.into_iter().find(|customer| customer.id == id).ok_or_else(Problem::absent)
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        Self { id: customer.id.0, name: customer.name, language: customer.language, created_at: customer.created_at }
    }
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        Self {
            id: site.id.0,
            customer_id: site.customer.0,
            name: site.name,
            address: site.card.address,
            contacts: site.card.contacts.into_iter().map(ContactView::from).collect(),
            line: site.card.line,
            fault_desk: site.card.fault_desk,
            access: site.card.access,
            created_at: site.created_at,
            intake_ended_at: site.intake_ended_at,
        }
    }
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        Self { name: contact.name, role: contact.role, phone: contact.phone, email: contact.email }
    }
}
