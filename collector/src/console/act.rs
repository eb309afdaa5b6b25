//! Acts of people: a Command to the pipeline, which writes its own line in the audit log. What the console does itself,
//! signing in and out, is written here.

use super::Console;
use super::fault::{Fault, Result};
use crate::model::{Actor, AuditEntry, Command, Outcome};
use jiff::Timestamp;

/// Asks the pipeline in the actor's name; answers what the command promised, after its commit.
pub async fn act(console: &Console, actor: &Actor, command: Command) -> Result<serde_json::Value> {
    match console.port.ask(actor.clone(), command).await {
        Outcome::Done { result } => Ok(result),
        Outcome::Refused { kind, reason } => Err(Fault::Refused(kind, reason)),
    }
}

/// Writes an audit line of the console's own. What was done stays done when the line cannot be written, so that is logged instead.
pub async fn audit(console: &Console, actor: &str, act: &str, subject: &str, outcome: &str) {
    let entry = AuditEntry {
        at: Timestamp::now(),
        actor: plain(actor),
        act: act.to_owned(),
        subject: plain(subject),
        outcome: plain(outcome),
    };
    if let Err(error) = console.store.audit(entry).await {
        tracing::error!(%error, act, "the audit line could not be written");
    }
}

/// Names come from strangers: one line, bounded.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
