//! Baselines of a site as documents: the state that was written down, and what drifted since.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, page};
use super::declared::ask;
use crate::console::{Console, survey};
use crate::declare::{Counted, Drift, DriftRow};
use crate::model::{
    Actor, Baseline, BaselineId, BaselineItem, ChangeKind, CiClass, Class, DeclaredWish, Site, SiteId, Value,
};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which baseline.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BaselineQuery {
    /// Id of the baseline; the newest when absent.
    baseline: Option<Uuid>,
    /// Where the last page of its items ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// Drift since which baseline.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DriftQuery {
    /// Id of the baseline; the newest when absent.
    baseline: Option<Uuid>,
}

/// Which baseline is to be removed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemoveQuery {
    /// Id of the baseline.
    baseline: Uuid,
}

/// A baseline without its items.
#[derive(Serialize, ToSchema)]
pub struct BaselineView {
    /// Id.
    id: Uuid,
    /// Of which site.
    site_id: Uuid,
    /// When it was fixed.
    #[schema(value_type = String, format = DateTime)]
    fixed_at: Timestamp,
    /// Who fixed it.
    actor: String,
}

/// A baseline with a page of its items.
#[derive(Serialize, ToSchema)]
pub struct BaselineDetail {
    /// The baseline.
    #[serde(flatten)]
    baseline: BaselineView,
    /// How many items of each class it holds.
    counts: BTreeMap<String, u64>,
    /// The items of this page.
    items: Vec<BaselineItemView>,
    /// Give it as `cursor` to get the next page; null = this was the last.
    next_cursor: Option<String>,
}

/// One item as it was.
#[derive(Serialize, ToSchema)]
pub struct BaselineItemView {
    /// Id of the item.
    id: Uuid,
    /// On which host; null = declared.
    host_id: Option<Uuid>,
    /// Class.
    #[schema(value_type = String)]
    class: CiClass,
    /// Name at that time.
    name: String,
    /// Facts at that time.
    facts: BTreeMap<String, Value>,
}

/// What drifted since a baseline.
#[derive(Serialize, ToSchema)]
pub struct DriftView {
    /// The baseline.
    baseline: BaselineView,
    /// Components that are new, gone or changed.
    items: Vec<DriftRowView>,
    /// What goes by itself, as packages, services and patch levels, in numbers for each host and class where it drifted.
    counted: Vec<CountedView>,
    /// Items of the baseline that are as they were.
    unchanged: u64,
}

/// One component that drifted.
#[derive(Serialize, ToSchema)]
pub struct DriftRowView {
    /// `added` = new, `removed` = gone, `changed`.
    kind: ChangeKind,
    /// Id of the item.
    id: Uuid,
    /// On which host; null = declared.
    host_id: Option<Uuid>,
    /// Class.
    #[schema(value_type = String)]
    class: CiClass,
    /// Name.
    name: String,
    /// What changed.
    fields: Vec<DriftFieldView>,
    /// Components that came or went with a whole machine and are not listed one by one.
    with_components: u64,
}

/// One field that drifted.
#[derive(Serialize, ToSchema)]
pub struct DriftFieldView {
    /// Which.
    field: String,
    /// In the baseline.
    old: Option<Value>,
    /// Now.
    new: Option<Value>,
}

/// What drifted of one class on one host.
#[derive(Serialize, ToSchema)]
pub struct CountedView {
    /// Id of the host.
    host_id: Uuid,
    /// Class.
    class: Class,
    /// How many came.
    added: u64,
    /// How many went.
    removed: u64,
    /// How many changed.
    changed: u64,
    /// Some of their names.
    names: Vec<String>,
}

/// The baselines of a site, newest first.
#[utoipa::path(get, path = "/api/v1/sites/{id}/baselines", tag = "declared",
    params(("id" = Uuid, Path, description = "of the site")),
    responses((status = 200, description = "all of them", body = List<BaselineView>)))]
pub async fn list(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<List<BaselineView>> {
    let site = visible(&console, &actor, id).await?;
    let all = console.store.baselines(site.id).await?;
    Ok(Document(List::whole(all.into_iter().map(BaselineView::from).collect())))
}

/// A baseline of a site with its items.
#[utoipa::path(get, path = "/api/v1/sites/{id}/baseline", tag = "declared",
    params(("id" = Uuid, Path, description = "of the site"), BaselineQuery),
    responses((status = 200, description = "the baseline", body = BaselineDetail)))]
pub async fn one(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<BaselineQuery>,
) -> Answer<BaselineDetail> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let baseline = wanted(&console, &actor, id, asked.baseline).await?;
    detail(&console, baseline, page).await
}

/// Fixes the present state of a site as its newest baseline; earlier ones are kept.
#[utoipa::path(post, path = "/api/v1/sites/{id}/baseline", tag = "declared",
    params(("id" = Uuid, Path, description = "of the site")),
    responses((status = 200, description = "the baseline", body = BaselineDetail)))]
pub async fn fix(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<BaselineDetail> {
    let site = visible(&console, &actor, id).await?;
    let wish = DeclaredWish::Baseline { customer: site.customer.to_string(), site: site.id.to_string() };
    let fixed = ask(&console, &actor, wish).await?;
    let fixed = fixed.as_str().and_then(|id| id.parse().ok());
    let baseline = wanted(&console, &actor, id, fixed).await?;
    detail(&console, baseline, page(None, None)?).await
}

/// Removes a baseline of a site for good; answers with those that are left, newest first.
#[utoipa::path(delete, path = "/api/v1/sites/{id}/baseline", tag = "declared",
    params(("id" = Uuid, Path, description = "of the site"), RemoveQuery),
    responses((status = 200, description = "those that are left", body = List<BaselineView>)))]
pub async fn remove(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<RemoveQuery>,
) -> Answer<List<BaselineView>> {
    let site = visible(&console, &actor, id).await?;
    let (customer, baseline) = (site.customer.to_string(), BaselineId(asked.baseline));
    let wish = DeclaredWish::BaselineRemove { customer, site: site.id.to_string(), baseline };
    ask(&console, &actor, wish).await?;
    list(State(console), actor, Named(id)).await
}

/// What of a site is new, gone or changed since its baseline.
#[utoipa::path(get, path = "/api/v1/sites/{id}/drift", tag = "declared",
    params(("id" = Uuid, Path, description = "of the site"), DriftQuery),
    responses((status = 200, description = "the drift", body = DriftView)))]
pub async fn drift(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<DriftQuery>,
) -> Answer<DriftView> {
    let baseline = wanted(&console, &actor, id, asked.baseline).await?;
    let found = survey::drift(&console.store, &baseline).await?;
    Ok(Document(DriftView::new(baseline, found)))
}

async fn visible(console: &Console, actor: &Actor, id: Uuid) -> Result<Site, Problem> {
    survey::visible_site(console, actor, SiteId(id)).await?.ok_or_else(Problem::absent)
}

async fn wanted(console: &Console, actor: &Actor, site: Uuid, id: Option<Uuid>) -> Result<Baseline, Problem> {
    let site = visible(console, actor, site).await?.id;
    survey::baseline(console, site, id.map(BaselineId)).await?.ok_or_else(Problem::absent)
}

async fn detail(console: &Console, baseline: Baseline, page: crate::model::PageRequest) -> Answer<BaselineDetail> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, class, count) in console.store.baseline_counts(baseline.id).await? {
        *counts.entry(class.word().to_owned()).or_default() += count;
    }
    let found = console.store.baseline_items(baseline.id, page).await?;
    Ok(Document(BaselineDetail {
        baseline: baseline.into(),
        counts,
        items: found.items.into_iter().map(BaselineItemView::from).collect(),
        next_cursor: found.next_cursor,
    }))
}

impl From<Baseline> for BaselineView {
    fn from(baseline: Baseline) -> Self {
        Self { id: baseline.id.0, site_id: baseline.site.0, fixed_at: baseline.fixed_at, actor: baseline.actor }
    }
}

impl From<BaselineItem> for BaselineItemView {
    fn from(item: BaselineItem) -> Self {
        let (id, host_id) = (item.item.0, item.host.map(|host| host.0));
        Self { id, host_id, class: item.class, name: item.name, facts: item.facts }
    }
}

impl DriftView {
    fn new(baseline: Baseline, drift: Drift) -> Self {
        Self {
            baseline: baseline.into(),
            items: drift.rows.into_iter().map(DriftRowView::from).collect(),
            counted: drift.counted.into_iter().map(CountedView::from).collect(),
            unchanged: drift.unchanged as u64,
        }
    }
}

impl From<Counted> for CountedView {
    fn from(one: Counted) -> Self {
        Self {
            host_id: one.host.0,
            class: one.class,
            added: one.added as u64,
            removed: one.removed as u64,
            changed: one.changed as u64,
            names: one.names,
        }
    }
}

impl From<DriftRow> for DriftRowView {
    fn from(row: DriftRow) -> Self {
        let fields = row.fields.into_iter().map(|(field, old, new)| DriftFieldView { field, old, new });
        Self {
            kind: row.kind,
            id: row.item.0,
            host_id: row.host.map(|host| host.0),
            class: row.class,
            name: row.name,
            fields: fields.collect(),
            with_components: row.with as u64,
        }
    }
}
