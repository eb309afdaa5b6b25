//! A site's baseline as a paper to print and sign, and what drifted from it since.

use super::change::sign;
use super::declared::class_key;
use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, Speech, clip, link};
use crate::console::{Console, survey};
use crate::declare::{self, Counted, DriftRow, LISTED};
use crate::model::{Actor, Baseline, BaselineItem, CiClass, Class, Command, DeclaredWish, HostId, Site, SiteId, Value};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Facts printed of one component.
const FACTS_MAX: usize = 8;
/// Components printed of one host.
const PRINTED_MAX: usize = 200;
/// Rows of drift on the page; the API gives all.
const DRIFT_MAX: usize = 150;
/// Counts of drift on the page.
const COUNTED_MAX: usize = 150;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    baseline: String,
}

struct Sheet {
    name: String,
    rows: Vec<(String, String, String)>,
    counts: Vec<(String, u64)>,
    left_out: u64,
}

/// What both pages show above themselves.
struct Head {
    site: String,
    site_id: String,
    customer: (String, String),
    fixed: Option<(String, String)>,
    others: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "baseline.html")]
struct BaselinePage {
    frame: Frame,
    head: Head,
    sheets: Vec<Sheet>,
}

struct DriftLine {
    sign: &'static str,
    sign_key: &'static str,
    class_key: String,
    href: String,
    name: String,
    host: String,
    detail: String,
}

struct CountedLine {
    host: String,
    class_key: String,
    numbers: [u64; 3],
    names: String,
}

#[derive(Template)]
#[template(path = "drift.html")]
struct DriftPage {
    frame: Frame,
    head: Head,
    rows: Vec<DriftLine>,
    left_out: u64,
    counted: Vec<CountedLine>,
    counted_left_out: u64,
    unchanged: u64,
}

/// The paper; without a baseline, the form that fixes one.
pub async fn page(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let (frame, head, baseline, names) = open(&console, &actor, &id, &wish, "baseline").await?;
    let sheets = match &baseline {
        Some(baseline) => sheets(&console, &frame, baseline, &names).await?,
        None => Vec::new(),
    };
    fault::html(&BaselinePage { frame, head, sheets })
}

/// Fixes the present state as the newest baseline.
pub async fn fix(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Redirect> {
    let site = visible(&console, &actor, &id).await?;
    let wish = DeclaredWish::Baseline { customer: site.customer.to_string(), site: site.id.to_string() };
    act(&console, &actor, Command::Declared { wish: Box::new(wish) }).await?;
    Ok(Redirect::to(&format!("/sites/{}/baseline", site.id)))
}

/// What drifted since.
pub async fn drift(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let (frame, head, baseline, names) = open(&console, &actor, &id, &wish, "drift").await?;
    let Some(baseline) = baseline else {
        return fault::html(&DriftPage {
            frame,
            head,
            rows: Vec::new(),
            left_out: 0,
            counted: Vec::new(),
            counted_left_out: 0,
            unchanged: 0,
        });
    };
    let found = survey::drift(&console, &baseline).await?;
    let page = DriftPage {
        left_out: found.rows.len().saturating_sub(DRIFT_MAX) as u64,
        unchanged: found.unchanged as u64,
        counted_left_out: found.counted.len().saturating_sub(COUNTED_MAX) as u64,
        counted: found.counted.iter().take(COUNTED_MAX).map(|one| counted_line(one, &names)).collect(),
        rows: found.rows.iter().take(DRIFT_MAX).map(|row| drift_line(&frame, row, &names)).collect(),
        frame,
        head,
    };
    fault::html(&page)
}

async fn visible(console: &Console, actor: &Actor, id: &str) -> Result<Site> {
    let id: SiteId = id.parse().map_err(|_| Fault::NotFound)?;
    survey::visible_site(console, actor, id).await?.ok_or(Fault::NotFound)
}

type HostNames = HashMap<HostId, String>;

async fn open(
    console: &Console,
    actor: &Actor,
    id: &str,
    wish: &Wish,
    tab: &str,
) -> Result<(Frame, Head, Option<Baseline>, HostNames)> {
    let site = visible(console, actor, id).await?;
    let path = format!("/sites/{}/{tab}", site.id);
    let frame = Frame::open(console, actor, "customers", path.clone()).await?;
    let customers = console.store.customers(actor.scope.clone()).await?;
    let customer = customers.into_iter().find(|customer| customer.id == site.customer).ok_or(Fault::NotFound)?;
    let baseline = survey::baseline(console, site.id, wish.baseline.parse().ok()).await?;
    let current = baseline.as_ref().map(|baseline| baseline.id);
    let others = console.store.baselines(site.id).await?;
    let other = |one: &Baseline| {
        (link(&path, &[("baseline", &one.id.to_string())]), frame.time(&one.fixed_at), Some(one.id) == current)
    };
    let head = Head {
        site: site.name,
        site_id: site.id.to_string(),
        customer: (customer.id.to_string(), customer.name),
        fixed: baseline.as_ref().map(|one| (fixed(&frame, one), one.actor.clone())),
        others: others.iter().map(other).collect(),
    };
    let hosts = survey::hosts(console, site.customer).await?;
    let names = hosts.into_iter().map(|host| (host.id, clip(&host.name, 80))).collect();
    Ok((frame, head, baseline, names))
}

/// The year is part of it: a paper is read later.
fn fixed(frame: &Frame, baseline: &Baseline) -> String {
    let day = baseline.fixed_at.to_zoned(frame.zone.clone()).date();
    format!("{} ({})", frame.date(day), frame.time(&baseline.fixed_at))
}

async fn sheets(console: &Console, frame: &Frame, baseline: &Baseline, names: &HostNames) -> Result<Vec<Sheet>> {
    let listed = LISTED.iter().map(|class| class.word()).collect();
    let mut items: BTreeMap<Option<HostId>, Vec<BaselineItem>> = BTreeMap::new();
    for item in console.store.baseline_of_classes(baseline.id, listed).await? {
        items.entry(item.host).or_default().push(item);
    }
    let mut counts: BTreeMap<Option<HostId>, Vec<(CiClass, u64)>> = BTreeMap::new();
    for (host, class, count) in console.store.baseline_counts(baseline.id).await? {
        counts.entry(host).or_default().push((class, count));
    }
    let mut sheets: Vec<(bool, Sheet)> = Vec::with_capacity(counts.len());
    for (host, counts) in counts {
        let items = items.remove(&host).unwrap_or_default();
        let machine = items.iter().find(|item| item.class == CiClass::Observed(Class::Computer));
        let name = match host {
            None => frame.t("declare-by-people"),
            Some(host) => {
                machine.map_or_else(|| names.get(&host).cloned(), |item| Some(clip(&item.name, 80))).unwrap_or_default()
            }
        };
        sheets.push((host.is_none(), sheet(frame, name, host.is_none(), items, counts)));
    }
    // The machines first, by name; what people declare after them.
    sheets.sort_by_cached_key(|(is_declared, sheet)| (*is_declared, sheet.name.to_lowercase()));
    Ok(sheets.into_iter().map(|(_, sheet)| sheet).collect())
}

fn sheet(
    speech: &Speech,
    name: String,
    is_declared: bool,
    mut shown: Vec<BaselineItem>,
    counts: Vec<(CiClass, u64)>,
) -> Sheet {
    let place = |class: CiClass| match class {
        CiClass::Observed(class) => LISTED.iter().position(|listed| *listed == class),
        CiClass::Declared(_) => Some(0),
    };
    shown.sort_by(|a, b| (place(a.class), a.class, &a.name).cmp(&(place(b.class), b.class, &b.name)));
    let row = |item: &BaselineItem| (speech.t(&class_key(item.class)), clip(&item.name, 80), facts(speech, item));
    let counted = counts.into_iter().filter(|(class, _)| !is_declared && place(*class).is_none());
    Sheet {
        name,
        left_out: shown.len().saturating_sub(PRINTED_MAX) as u64,
        rows: shown.iter().take(PRINTED_MAX).map(row).collect(),
        counts: counted.map(|(class, count)| (speech.t(&class_key(class)), count)).collect(),
    }
}

/// Facts that tell one thing from another come first.
const FIRST: &[&str] =
    &["manufacturer", "product", "model", "serial", "version", "size_bytes", "mac", "addresses", "state"];

fn facts(speech: &Speech, item: &BaselineItem) -> String {
    let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let lasting = item.facts.iter().filter(|(name, _)| declare::is_lasting(item.class, name));
    let mut facts: Vec<(&String, &Value)> = lasting.collect();
    facts.sort_by_key(|(name, _)| (rank(name), name.as_str()));
    let told = facts.iter().take(FACTS_MAX);
    let text = |name: &str, value: &Value| {
        format!("{} {}", name.trim_end_matches("_bytes").replace('_', " "), clip(&speech.value(name, value), 60))
    };
    told.map(|(name, value)| text(name, value)).collect::<Vec<_>>().join(" · ")
}

fn drift_line(speech: &Speech, row: &DriftRow, names: &HostNames) -> DriftLine {
    let (sign, sign_key) = sign(row.kind);
    let side = |field: &str, value: &Option<Value>| {
        value.as_ref().map_or_else(|| "–".to_owned(), |value| speech.value(field, value))
    };
    let fields = row
        .fields
        .iter()
        .map(|(field, old, new)| format!("{}: {} → {}", field.replace('_', " "), side(field, old), side(field, new)));
    let mut detail: Vec<String> = fields.collect();
    if row.with > 0 {
        detail.push(speech.count("declare-drift-with", &(row.with as u64)));
    }
    DriftLine {
        sign,
        sign_key,
        class_key: class_key(row.class),
        href: format!("/declared/{}", row.item),
        name: clip(&row.name, 120),
        host: row.host.and_then(|host| names.get(&host).cloned()).unwrap_or_else(|| speech.t("declare-by-people")),
        detail: clip(&detail.join("; "), 400),
    }
}

fn counted_line(one: &Counted, names: &HostNames) -> CountedLine {
    CountedLine {
        host: names.get(&one.host).cloned().unwrap_or_else(|| one.host.to_string()),
        class_key: class_key(CiClass::Observed(one.class)),
        numbers: [one.added, one.removed, one.changed].map(|count| count as u64),
        names: clip(&one.names.join(", "), 200),
    }
}
