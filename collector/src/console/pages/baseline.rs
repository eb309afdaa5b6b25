//! A site's baseline as a paper to print and sign, and what drifted from it since.

use super::change::sign;
use super::declared::class_key;
use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, Speech, clip, link};
use crate::console::{Console, survey};
use crate::declare::{self, Counted, DriftRow, LISTED};
use crate::model::{Actor, Baseline, BaselineItem, CiClass, Command, DeclaredWish, HostId, Site, SiteId, Value};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

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
    let found = survey::drift(&console.store, &baseline).await?;
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
    let items = console.store.baseline_of_classes(baseline.id, listed).await?;
    let counts = console.store.baseline_counts(baseline.id).await?;
    Ok(declare::sheets(items, counts).into_iter().map(|sheet| shown(frame, sheet, names)).collect())
}

fn shown(speech: &Speech, sheet: declare::Sheet, names: &HostNames) -> Sheet {
    let of_host = |host| sheet.machine.as_deref().map(|name| clip(name, 80)).or_else(|| names.get(&host).cloned());
    let row = |item: &BaselineItem| (speech.t(&class_key(item.class)), clip(&item.name, 80), facts(speech, item));
    Sheet {
        name: sheet.host.map_or_else(|| speech.t("declare-by-people"), |host| of_host(host).unwrap_or_default()),
        left_out: sheet.left_out as u64,
        rows: sheet.rows.iter().map(row).collect(),
        counts: sheet.counts.iter().map(|(class, count)| (speech.t(&class_key(*class)), *count)).collect(),
    }
}

fn facts(speech: &Speech, item: &BaselineItem) -> String {
    let text = |(name, value): (&str, &Value)| {
        format!("{} {}", name.trim_end_matches("_bytes").replace('_', " "), clip(&speech.value(name, value), 60))
    };
    declare::facts(item).into_iter().map(text).collect::<Vec<_>>().join(" · ")
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
