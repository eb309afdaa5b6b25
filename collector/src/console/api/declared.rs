//! What people declare, as documents: items without an agent, fields on any item, their life and history. Every change
//! is a Command; tables stand in `declared_table`.

use super::act::refused;
use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, Wish, one_of, page};
use crate::console::Console;
use crate::console::survey::{self, Past};
use crate::declare::Conflict;
use crate::model::{
    Actor, ChangeKind, Ci, CiClass, Command, CustomerId, DeclaredClass, DeclaredFields, DeclaredFilter, DeclaredWish,
    LifeState, Outcome, SiteId, Value,
};
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which declarations.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeclaredQuery {
    /// Only this customer's.
    customer: Option<Uuid>,
    /// Only at this site.
    site: Option<Uuid>,
    /// Only this class, declared (`firewall`, `internet_line`, …) or observed (`computer`, …).
    class: Option<String>,
    /// `ordered`, `spare`, `active`, `missing`, `retired` or `disposed`.
    state: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// A configuration item with what people and agents say of it.
#[derive(Serialize, ToSchema)]
pub struct CiView {
    /// Id.
    id: Uuid,
    /// Whose.
    customer_id: Uuid,
    /// Declared or observed class.
    #[schema(value_type = String)]
    class: CiClass,
    /// The host on which an agent sees it; null = people alone know of it.
    host_id: Option<Uuid>,
    /// Where it is declared to stand.
    site_id: Option<Uuid>,
    /// Name; the agent's where there is one.
    name: String,
    /// Where it is in its life.
    state: LifeState,
    /// Since when.
    #[schema(value_type = Option<String>, format = Date)]
    state_since: Option<Date>,
    /// Changes with what people say; give it back with a change, so that nobody else's is overwritten.
    version: String,
    /// What people say. These are theirs.
    fields: BTreeMap<String, String>,
    /// What the agent sees. These are the agent's.
    observed: BTreeMap<String, Value>,
    /// Where the two state the same fact and differ.
    conflicts: Vec<ConflictView>,
}

/// The two sides of one fact.
#[derive(Serialize, ToSchema)]
pub struct ConflictView {
    /// Which field.
    field: String,
    /// What people say.
    declared: String,
    /// What the agent sees.
    observed: String,
}

/// A configuration item with what stands around it.
#[derive(Serialize, ToSchema)]
pub struct CiDetail {
    /// The item.
    #[serde(flatten)]
    item: CiView,
    /// Those whose place it took, nearest first.
    supersedes: Vec<KinView>,
    /// Those that took its place.
    superseded_by: Vec<KinView>,
    /// Its live incidents.
    incident_ids: Vec<Uuid>,
}

/// An item as another one names it.
#[derive(Serialize, ToSchema)]
pub struct KinView {
    /// Id.
    id: Uuid,
    /// Class.
    #[schema(value_type = String)]
    class: CiClass,
    /// Name.
    name: String,
}

/// One line of history.
#[derive(Serialize, ToSchema)]
pub struct PastView {
    /// Its place in its own history.
    id: String,
    /// Which item: this one, or one whose place it took.
    item_id: Uuid,
    /// `people` or `agent`.
    source: &'static str,
    /// Who, where it was a person.
    actor: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened.
    kind: ChangeKind,
    /// Which field.
    field: Option<String>,
    /// Before.
    old: Option<Value>,
    /// After.
    new: Option<Value>,
}

/// Adds an item that no agent sees.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddWish {
    /// Id of the customer.
    customer: Uuid,
    /// Class.
    class: DeclaredClass,
    /// Name.
    name: String,
    /// Id of the site.
    #[serde(default)]
    site: Option<Uuid>,
    /// Where it is in its life; active when absent.
    #[serde(default)]
    state: Option<LifeState>,
    /// Since when; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    state_since: Option<Date>,
    /// The rest.
    #[serde(default)]
    fields: DeclaredFields,
}

/// Changes what people say; only what is given changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetWish {
    /// New name, of an item that no agent sees.
    #[serde(default)]
    name: Option<String>,
    /// New site by id, of an item that no agent sees; an empty text = none.
    #[serde(default)]
    site: Option<String>,
    /// Fields; an empty text takes one away.
    #[serde(default)]
    fields: DeclaredFields,
    /// Version that was seen; refused when it is another one now.
    #[serde(default)]
    version: Option<String>,
}

/// Moves an item on in its life.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveWish {
    /// Where to.
    state: LifeState,
    /// Since when; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Date>,
    /// Version that was seen; refused when it is another one now.
    #[serde(default)]
    version: Option<String>,
}

/// Lets another item take the place of this one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceWish {
    /// Id of the item, or of the host, that comes.
    by: Uuid,
}

/// What people declare, by name: items without an agent, and observed items of which people say something.
#[utoipa::path(get, path = "/api/v1/declared", tag = "declared", params(DeclaredQuery),
    responses((status = 200, description = "a page of items", body = List<CiView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<DeclaredQuery>,
) -> Answer<List<CiView>> {
    let states: Vec<&str> = LifeState::ALL.iter().map(|state| state.word()).collect();
    let state = one_of("state", asked.state, &states)?;
    let class = asked.class.map(|word| class(&word)).transpose()?;
    let filter = DeclaredFilter {
        scope: actor.scope,
        customer: asked.customer.map(CustomerId),
        site: asked.site.map(SiteId),
        class,
        state: state.as_deref().and_then(LifeState::from_word),
    };
    let found = console.store.declared(filter, page(asked.cursor, asked.limit.as_deref())?).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for ci in found.items {
        let conflicts = survey::conflicts(&console, &ci).await?;
        items.push(CiView::new(ci, conflicts));
    }
    Ok(Document(List { items, next_cursor: found.next_cursor }))
}

/// One item, or the machine of a host, with what people and agents say of it.
#[utoipa::path(get, path = "/api/v1/declared/{id}", tag = "declared",
    params(("id" = Uuid, Path, description = "of the item or of a host")),
    responses((status = 200, description = "the item", body = CiDetail)))]
pub async fn one(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<CiDetail> {
    detail(&console, &actor, id).await
}

/// The history of an item and of those whose place it took, newest first.
#[utoipa::path(get, path = "/api/v1/declared/{id}/history", tag = "declared",
    params(("id" = Uuid, Path, description = "of the item or of a host")),
    responses((status = 200, description = "the newest lines", body = List<PastView>)))]
pub async fn history(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<List<PastView>> {
    let ci = survey::visible_ci(&console, &actor, id).await?.ok_or_else(Problem::absent)?;
    let past = survey::history(&console, ci.declared.item).await?;
    Ok(Document(List::whole(past.into_iter().map(PastView::from).collect())))
}

/// Adds an item that no agent sees.
#[utoipa::path(post, path = "/api/v1/declared", tag = "declared", request_body = AddWish,
    responses((status = 200, description = "the new item", body = CiDetail)))]
pub async fn add(State(console): State<Arc<Console>>, actor: Actor, Wish(wish): Wish<AddWish>) -> Answer<CiDetail> {
    let wish = DeclaredWish::Add {
        customer: wish.customer.to_string(),
        class: wish.class,
        name: wish.name,
        site: wish.site.map(|site| site.to_string()),
        state: wish.state.unwrap_or(LifeState::Active),
        since: wish.state_since,
        fields: wish.fields,
    };
    let id = ask(&console, &actor, wish).await?;
    let id = id.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| Problem::failed(&"no id was answered"))?;
    detail(&console, &actor, id).await
}

/// Changes what people say of an item.
#[utoipa::path(post, path = "/api/v1/declared/{id}", tag = "declared",
    params(("id" = Uuid, Path, description = "of the item or of a host")), request_body = SetWish,
    responses((status = 200, description = "the item as it now stands", body = CiDetail)))]
pub async fn set(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<SetWish>,
) -> Answer<CiDetail> {
    let SetWish { name, site, fields, version } = wish;
    let wish = DeclaredWish::Set { item: id.to_string(), name, site, fields, version };
    ask(&console, &actor, wish).await?;
    detail(&console, &actor, id).await
}

/// Moves an item on in its life.
#[utoipa::path(post, path = "/api/v1/declared/{id}/state", tag = "declared",
    params(("id" = Uuid, Path, description = "of the item or of a host")), request_body = MoveWish,
    responses((status = 200, description = "the item as it now stands", body = CiDetail)))]
pub async fn go(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<MoveWish>,
) -> Answer<CiDetail> {
    let MoveWish { state, since, version } = wish;
    ask(&console, &actor, DeclaredWish::Move { item: id.to_string(), state, since, version }).await?;
    detail(&console, &actor, id).await
}

/// Lets another item take the place of this one: person, criticality, notes and live incidents go over, this one is
/// retired, and both keep their history.
#[utoipa::path(post, path = "/api/v1/declared/{id}/replace", tag = "declared",
    params(("id" = Uuid, Path, description = "of the item, or of the host, that goes")), request_body = ReplaceWish,
    responses((status = 200, description = "the item that came, as it now stands", body = CiDetail)))]
pub async fn replace(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<ReplaceWish>,
) -> Answer<CiDetail> {
    let by = wish.by;
    ask(&console, &actor, DeclaredWish::Replace { old: id.to_string(), new: by.to_string() }).await?;
    detail(&console, &actor, by).await
}

/// Puts a wish to the pipeline and answers what it promised.
pub async fn ask(console: &Console, actor: &Actor, wish: DeclaredWish) -> Result<serde_json::Value, Problem> {
    match console.port.ask(actor.clone(), Command::Declared { wish: Box::new(wish) }).await {
        Outcome::Done { result } => Ok(result),
        Outcome::Refused { kind, reason } => Err(refused(kind, reason)),
    }
}

async fn detail(console: &Console, actor: &Actor, id: Uuid) -> Answer<CiDetail> {
    let ci = survey::visible_ci(console, actor, id).await?.ok_or_else(Problem::absent)?;
    let conflicts = survey::conflicts(console, &ci).await?;
    let kin = survey::kin(console, &ci).await?;
    Ok(Document(CiDetail {
        item: CiView::new(ci, conflicts),
        supersedes: kin.supersedes.iter().map(KinView::from).collect(),
        superseded_by: kin.superseded_by.iter().map(KinView::from).collect(),
        incident_ids: kin.incidents.iter().map(|incident| incident.id.0).collect(),
    }))
}

fn class(word: &str) -> Result<CiClass, Problem> {
    let words = || DeclaredClass::ALL.iter().map(|class| class.word()).collect::<Vec<_>>().join(", ");
    CiClass::from_word(word)
        .ok_or_else(|| Problem::question(format!("class: one of {}, or a class that agents see", words())))
}

impl CiView {
    fn new(ci: Ci, conflicts: Vec<Conflict>) -> Self {
        let name = ci.name().to_owned();
        let declared = ci.declared;
        Self {
            version: crate::declare::version(&declared),
            id: declared.item.0,
            customer_id: declared.customer.0,
            class: declared.class,
            host_id: declared.host.map(|host| host.0),
            site_id: declared.site.map(|site| site.0),
            name,
            state: declared.state,
            state_since: declared.state_since,
            fields: declared.fields,
            observed: ci.observed.map(|item| item.fields).unwrap_or_default(),
            conflicts: conflicts.into_iter().map(ConflictView::from).collect(),
        }
    }
}

impl From<Conflict> for ConflictView {
    fn from(conflict: Conflict) -> Self {
        Self { field: conflict.field, declared: conflict.declared, observed: conflict.observed }
    }
}

impl From<&Ci> for KinView {
    fn from(ci: &Ci) -> Self {
        Self { id: ci.declared.item.0, class: ci.declared.class, name: ci.name().to_owned() }
    }
}

impl From<Past> for PastView {
    fn from(past: Past) -> Self {
        match past {
            Past::Declared(row, change) => Self {
                id: format!("people-{row}"),
                item_id: change.item.0,
                source: "people",
                actor: Some(change.actor),
                at: change.at,
                kind: ChangeKind::Changed,
                field: Some(change.field),
                old: change.old.map(Value::Text),
                new: change.new.map(Value::Text),
            },
            Past::Observed(row, change) => Self {
                id: format!("agent-{row}"),
                item_id: change.item.0,
                source: "agent",
                actor: None,
                at: change.observed_at,
                kind: change.kind,
                field: change.field,
                old: change.old,
                new: change.new,
            },
        }
    }
}
