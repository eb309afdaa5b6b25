//! What people do to an incident. Each act is a Command, answered after its commit with the incident as it now
//! stands; the pipeline writes it to the audit log, whatever the outcome.

use super::answer::{Answer, Problem};
use super::ask::{Named, Wish};
use super::incident::{IncidentDetail, detail, visible};
use crate::console::Console;
use crate::model::{Actor, Command, IncidentId, Judgement, Outcome, RefusalKind};
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The most characters of a reason or a name.
const TEXT_CHARACTERS_MAX: usize = 500;

/// How far ahead a silence may reach.
const SILENCE_MAX: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Takes an incident.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeWish {
    /// In whose name; the caller's when absent.
    #[serde(default)]
    assignee: Option<String>,
}

/// Ends an incident by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseWish {
    /// Why.
    reason: String,
}

/// Keeps an incident quiet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SilenceWish {
    /// Why.
    reason: String,
    /// At most 14 days ahead; the desk's next opening when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Says that an incident was not useful.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgeWish {
    /// How.
    judgement: Judgement,
}

/// Takes an incident.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/acknowledge", tag = "incidents",
    params(("id" = Uuid, Path, description = "of the incident")), request_body = AcknowledgeWish,
    responses((status = 200, description = "the incident as it now stands", body = IncidentDetail)))]
pub async fn acknowledge(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<AcknowledgeWish>,
) -> Answer<IncidentDetail> {
    let assignee = wish.assignee.map(|name| text("assignee", &name)).transpose()?;
    act(&console, &actor, Command::Acknowledge { incident: IncidentId(id), assignee }).await
}

/// Ends an incident by hand.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/close", tag = "incidents",
    params(("id" = Uuid, Path, description = "of the incident")), request_body = CloseWish,
    responses((status = 200, description = "the incident as it now stands", body = IncidentDetail)))]
pub async fn close(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<CloseWish>,
) -> Answer<IncidentDetail> {
    let reason = text("reason", &wish.reason)?;
    act(&console, &actor, Command::Close { incident: IncidentId(id), reason }).await
}

/// Keeps an incident quiet for a time.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/silence", tag = "incidents",
    params(("id" = Uuid, Path, description = "of the incident")), request_body = SilenceWish,
    responses((status = 200, description = "the incident as it now stands", body = IncidentDetail)))]
pub async fn silence(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<SilenceWish>,
) -> Answer<IncidentDetail> {
    let reason = text("reason", &wish.reason)?;
    let until = quiet_until(wish.until, Timestamp::now())?;
    act(&console, &actor, Command::Silence { incident: IncidentId(id), reason, until }).await
}

/// Says that an incident was not useful, and how.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/judge", tag = "incidents",
    params(("id" = Uuid, Path, description = "of the incident")), request_body = JudgeWish,
    responses((status = 200, description = "the incident as it now stands", body = IncidentDetail)))]
pub async fn judge(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Wish(wish): Wish<JudgeWish>,
) -> Answer<IncidentDetail> {
    let command = Command::Judge { incident: IncidentId(id), judgement: wish.judgement };
    act(&console, &actor, command).await
}

async fn act(console: &Console, actor: &Actor, command: Command) -> Answer<IncidentDetail> {
    let id = match &command {
        Command::Acknowledge { incident, .. }
        | Command::Close { incident, .. }
        | Command::Silence { incident, .. }
        | Command::Judge { incident, .. } => *incident,
        _ => return Err(Problem::failed(&"an act on no incident")),
    };
    visible(console, actor, id).await?;
    let outcome = console.port.ask(actor.clone(), command).await;
    match outcome {
        Outcome::Done { .. } => detail(console, actor, visible(console, actor, id).await?).await,
        Outcome::Refused { kind, reason } => Err(refused(kind, reason)),
    }
}

/// A refusal as a problem.
pub fn refused(kind: RefusalKind, reason: String) -> Problem {
    match kind {
        RefusalKind::NotFound => Problem::absent(),
        RefusalKind::Conflict => Problem::conflict(reason),
        RefusalKind::Invalid => Problem::invalid(reason),
        RefusalKind::Forbidden => Problem::forbidden(reason),
        RefusalKind::Failed => Problem::failed(&reason),
    }
}

fn text(key: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let fits = (1..=TEXT_CHARACTERS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !fits {
        return Err(Problem::invalid(format!("{key}: 1 to {TEXT_CHARACTERS_MAX} characters on one line")));
    }
    Ok(text.to_owned())
}

fn quiet_until(until: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    match until {
        Some(until) if until <= now || until.duration_since(now) > SILENCE_MAX => {
            Err(Problem::invalid("until: a time from now to 14 days ahead"))
        }
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(text("reason", " disk swapped ").unwrap(), "disk swapped");
        for wrong in ["", "   ", "two\nlines", &"x".repeat(501)] {
            assert!(text("reason", wrong).is_err());
        }
    }

    #[test]
    fn a_silence_ends_within_two_weeks() {
        let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
        assert!(quiet_until(None, now).unwrap().is_none());
        assert!(quiet_until(Some("2026-12-15T12:00:00Z".parse().unwrap()), now).is_ok());
        assert!(quiet_until(Some("2026-12-15T12:00:01Z".parse().unwrap()), now).is_err());
        assert!(quiet_until(Some(now), now).is_err());
    }
}
