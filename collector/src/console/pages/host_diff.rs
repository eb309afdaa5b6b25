//! What differs of a host between two days, as a tab.

use super::change;
use super::host::{self, Head};
use super::host_tabs::class_key;
use crate::cmdb::past::Difference;
use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::past::{self, Edge, Unanswered};
use crate::console::view::{Frame, Speech, clip, link};
use crate::model::{Actor, Class};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Arc;

const ROWS_MAX: usize = 200;
/// The days looked back where none is asked for.
const DAYS: i64 = 7;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    from: String,
    to: String,
    class: String,
    /// Rows to leave out.
    after: usize,
}

struct Line {
    sign: &'static str,
    sign_key: &'static str,
    class_key: String,
    name: String,
    href: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "host_diff.html")]
struct DiffPage {
    frame: Frame,
    head: Head,
    wish: Wish,
    today: String,
    classes: Vec<(&'static str, String, bool)>,
    is_too_long: bool,
    counts: [(&'static str, usize); 3],
    lines: Vec<Line>,
    next: Option<String>,
}

/// The page.
pub async fn page(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(mut wish): Query<Wish>,
) -> Result<Response> {
    let (frame, head, found) = host::open(&console, &actor, &id, "diff").await?;
    let now = Timestamp::now();
    if wish.from.is_empty() {
        wish.from = past::today(&console, now.saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(now));
    }
    let from = past::day_of_page(&console, &wish.from, Edge::Start)?.unwrap_or(now);
    let to = past::day_of_page(&console, &wish.to, Edge::End)?.unwrap_or(now).max(from);
    let class = Class::from_word(&wish.class);
    let (all, is_too_long) = match past::differences(&console, found.host.id, class, (from, to)).await {
        Err(Unanswered::TooMuch) => (Vec::new(), true),
        found => (found?, false),
    };
    let shown = all.iter().skip(wish.after).take(ROWS_MAX);
    let end = wish.after.saturating_add(ROWS_MAX);
    let next = (end < all.len()).then(|| wish.url(&frame.here, end));
    let page = DiffPage {
        classes: Class::ALL.iter().map(|one| (one.word(), class_key(*one), Some(*one) == class)).collect(),
        counts: ["console-change-added", "console-change-removed", "console-change-changed"]
            .map(|key| (key, all.iter().filter(|one| change::sign(one.kind).1 == key).count())),
        lines: shown.map(|one| line(&frame, one)).collect(),
        today: past::today(&console, now),
        is_too_long,
        next,
        wish,
        head,
        frame,
    };
    fault::html(&page)
}

impl Wish {
    fn url(&self, path: &str, after: usize) -> String {
        let after = after.to_string();
        link(path, &[("from", &self.from), ("to", &self.to), ("class", &self.class), ("after", &after)])
    }
}

fn line(speech: &Speech, one: &Difference) -> Line {
    let (sign, sign_key) = change::sign(one.kind);
    Line {
        sign,
        sign_key,
        class_key: class_key(one.item.class),
        name: clip(&one.item.name, 120),
        href: format!("/items/{}", one.item.id),
        detail: change::detail(speech, one.field.as_deref(), one.old.as_ref(), one.new.as_ref()),
    }
}
