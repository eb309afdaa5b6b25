//! What people do with an incident, as plain forms: acknowledge, silence, close, not useful. Each is a Command; the
//! pipeline decides, and the reader goes back to where they came from.

use crate::console::Console;
use crate::console::act::act;
use crate::console::fault::{Fault, Result};
use crate::console::view::own_path;
use crate::model::{Actor, Command, IncidentId, Judgement};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct Wish {
    #[serde(default)]
    back: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    hours: String,
    #[serde(default)]
    judgement: Option<Judgement>,
}

/// Takes it.
pub async fn acknowledge(
    state: State<Arc<Console>>,
    actor: Actor,
    path: Path<String>,
    Form(wish): Form<Wish>,
) -> Result<Redirect> {
    let incident = id(&path)?;
    done(state, actor, incident, Command::Acknowledge { incident, assignee: None }, wish).await
}

/// Keeps it quiet until a moment, by default the next opening.
pub async fn silence(
    state: State<Arc<Console>>,
    actor: Actor,
    path: Path<String>,
    Form(wish): Form<Wish>,
) -> Result<Redirect> {
    let incident = id(&path)?;
    let reason = reason(&wish)?;
    let until = until(&wish.hours, Timestamp::now())?;
    done(state, actor, incident, Command::Silence { incident, reason, until }, wish).await
}

/// Ends it by hand.
pub async fn close(
    state: State<Arc<Console>>,
    actor: Actor,
    path: Path<String>,
    Form(wish): Form<Wish>,
) -> Result<Redirect> {
    let incident = id(&path)?;
    let reason = reason(&wish)?;
    done(state, actor, incident, Command::Close { incident, reason }, wish).await
}

/// Says that it was not useful.
pub async fn judge(
    state: State<Arc<Console>>,
    actor: Actor,
    path: Path<String>,
    Form(wish): Form<Wish>,
) -> Result<Redirect> {
    let incident = id(&path)?;
    let judgement = wish.judgement.ok_or(Fault::Invalid("one of the four answers is needed"))?;
    done(state, actor, incident, Command::Judge { incident, judgement }, wish).await
}

async fn done(
    State(console): State<Arc<Console>>,
    actor: Actor,
    incident: IncidentId,
    command: Command,
    wish: Wish,
) -> Result<Redirect> {
    let known = console.store.incident(incident).await?;
    if !known.is_some_and(|known| actor.scope.covers(known.customer)) {
        return Err(Fault::NotFound);
    }
    act(&console, &actor, command).await?;
    match own_path(&wish.back) {
        "/" => Ok(Redirect::to(&format!("/incidents/{incident}"))),
        back => Ok(Redirect::to(back)),
    }
}

fn id(path: &Path<String>) -> Result<IncidentId> {
    path.parse().map_err(|_| Fault::NotFound)
}

fn reason(wish: &Wish) -> Result<String> {
    let reason: String = wish.reason.trim().chars().filter(|c| !c.is_control()).take(500).collect();
    if reason.is_empty() { Err(Fault::Invalid("a reason is needed")) } else { Ok(reason) }
}

/// Hours from now, at most 14 days; nothing means the next opening, which the pipeline knows.
fn until(hours: &str, now: Timestamp) -> Result<Option<Timestamp>> {
    if hours.is_empty() {
        return Ok(None);
    }
    let hours: i64 = hours.parse().map_err(|_| Fault::Invalid("hours are a whole number"))?;
    if !(1..=14 * 24).contains(&hours) {
        return Err(Fault::Invalid("at most 14 days"));
    }
    Ok(now.checked_add(hours.hours()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_ends_within_fourteen_days() {
        let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        assert_eq!(until("", now).unwrap(), None);
        assert_eq!(until("24", now).unwrap(), Some("2026-11-26T10:00:00Z".parse().unwrap()));
        assert!(until("337", now).is_err());
        assert!(until("0", now).is_err());
        assert!(until("soon", now).is_err());
    }

    #[test]
    fn an_empty_reason_is_refused_and_control_characters_go() {
        let wish =
            |reason: &str| Wish { back: String::new(), reason: reason.into(), hours: String::new(), judgement: None };
        assert!(reason(&wish("  \n ")).is_err());
        assert_eq!(reason(&wish(" cleaning\u{1b}[2J up ")).unwrap(), "cleaning[2J up");
    }
}
