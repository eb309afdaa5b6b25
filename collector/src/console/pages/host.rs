//! A host: the head that all its tabs share, and its charts of the last day with one time cursor.

use super::host_charts::{self, Figure};
use super::hosts::{self, Row};
use crate::console::Console;
use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, Speech};
use crate::model::{Actor, Admission, Command, HostId, HostRow, Presence, SeriesQuery};
use crate::picture;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;
use wacht_proto::catalog::Metric;

/// The strip of presence counts in steps of at least this; a step holds three reports, so that one late is no gap.
const STRIP_STEP_S_MIN: i64 = 300;

/// What all tabs show above themselves.
pub struct Head {
    pub row: Row,
    pub identity: Vec<(&'static str, String)>,
    pub is_pending: bool,
    pub merged_into: Option<String>,
    pub tab: &'static str,
    pub strip: String,
}

#[derive(Template)]
#[template(path = "host.html")]
struct HostPage {
    frame: Frame,
    head: Head,
    figures: Vec<Figure>,
}

/// The charts.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Response> {
    let (frame, head, found) = open(&console, &actor, &id, "charts").await?;
    let figures = host_charts::figures(&console, &frame, found.host.id, Timestamp::now()).await?;
    fault::html(&HostPage { frame, head, figures })
}

/// Takes a pending host in.
pub async fn approve(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Redirect> {
    let found = visible(&console, &actor, &id).await?;
    let host = found.host.id.to_string();
    act(&console, &actor, Command::HostApprove { host: host.clone() }).await?;
    Ok(Redirect::to(&format!("/hosts/{host}")))
}

/// Frame and head of a tab, for a host that the actor may see.
pub async fn open(console: &Console, actor: &Actor, id: &str, tab: &'static str) -> Result<(Frame, Head, HostRow)> {
    let found = visible(console, actor, id).await?;
    let path =
        if tab == "charts" { format!("/hosts/{}", found.host.id) } else { format!("/hosts/{}/{tab}", found.host.id) };
    let frame = Frame::open(console, actor, "hosts", path).await?;
    let now = Timestamp::now();
    let head = Head {
        row: hosts::row(&frame, &found, now),
        identity: identity(&frame, &found),
        merged_into: found.merged_into.map(|host| host.to_string()),
        is_pending: found.host.admission == Admission::Pending,
        tab,
        strip: strip(console, &found, now).await?,
    };
    Ok((frame, head, found))
}

async fn visible(console: &Console, actor: &Actor, id: &str) -> Result<HostRow> {
    let id: HostId = id.parse().map_err(|_| Fault::NotFound)?;
    let found = console.store.host(id).await?;
    found.filter(|found| actor.scope.covers(found.host.customer)).ok_or(Fault::NotFound)
}

fn identity(speech: &Speech, found: &HostRow) -> Vec<(&'static str, String)> {
    let host = &found.host;
    let lines = vec![
        ("console-host-model", hosts::field(found, "product")),
        ("console-host-serial", hosts::field(found, "serial")),
        ("console-host-system", found.operating_system.clone()),
        ("console-host-role", speech.t(hosts::role_key(host.role))),
        ("console-host-agent", host.agent_version.clone()),
        ("console-host-enrolled", speech.time(&host.enrolled_at)),
        ("console-host-report", speech.moment(host.last_report_at)),
        ("console-host-interval", speech.seconds(f64::from(host.interval_s))),
    ];
    lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// The last day in words of presence. The uptime is in every report, so where it has points the host was online; why it
/// was not is known of the present alone.
async fn strip(console: &Console, found: &HostRow, now: Timestamp) -> Result<String> {
    let from = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::UNIX_EPOCH);
    let metric = Metric::Uptime.name().to_owned();
    let step_s = STRIP_STEP_S_MIN.max(3 * i64::from(found.host.interval_s));
    let query = SeriesQuery { host: found.host.id, metric, object: None, from, to: now, step_s: step_s.unsigned_abs() };
    let series = console.store.series(query).await?;
    let points: Vec<i64> = series.iter().flat_map(|one| one.points.iter().map(|point| point.0)).collect();
    let stretches = stretches(&points, &found.host.presence, (from.as_second(), now.as_second()), step_s);
    Ok(picture::strip(&stretches, from.as_second(), now.as_second(), 1_000))
}

/// (from, to, word), gapless and in order.
fn stretches(
    points: &[i64],
    presence: &Presence,
    (from, to): (i64, i64),
    step_s: i64,
) -> Vec<(i64, i64, &'static str)> {
    let left = match presence {
        Presence::Goodbye { at, .. } => Some((at.as_second(), "goodbye")),
        Presence::Silent { since } => Some((since.as_second(), "silent")),
        Presence::Online | Presence::Unseen => None,
    };
    let slots: HashSet<i64> = points.iter().map(|at| (at - from).div_euclid(step_s)).collect();
    let word = |start: i64| match left {
        Some((since, word)) if start + step_s > since => word,
        _ if slots.contains(&((start - from) / step_s)) => "online",
        // The newest report of a host that is online may not be due yet.
        _ if start + step_s >= to && *presence == Presence::Online => "online",
        _ => "unseen",
    };
    let mut stretches: Vec<(i64, i64, &'static str)> = Vec::new();
    let mut start = from;
    while start < to {
        let end = (start + step_s).min(to);
        match (stretches.last_mut(), word(start)) {
            (Some(last), word) if last.2 == word => last.1 = end,
            (_, word) => stretches.push((start, end, word)),
        }
        start = end;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_becomes_stretches() {
        let silent = Presence::Silent { since: Timestamp::from_second(900).unwrap() };
        assert_eq!(stretches(&[10, 310, 620], &silent, (0, 1_200), 300), [(0, 900, "online"), (900, 1_200, "silent")]);
    }

    #[test]
    fn a_gap_of_the_past_is_not_called_silence() {
        let found = stretches(&[10, 700], &Presence::Online, (0, 1_200), 300);
        assert_eq!(found, [(0, 300, "online"), (300, 600, "unseen"), (600, 1_200, "online")]);
    }

    #[test]
    fn a_host_that_was_never_heard_has_one_stretch() {
        assert_eq!(stretches(&[], &Presence::Unseen, (0, 900), 300), [(0, 900, "unseen")]);
    }
}
