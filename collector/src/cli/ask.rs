//! Sends one command to the running collector, or carries it out on the store when none runs, and prints the answer.

use super::say;
use crate::config::Config;
use crate::control;
use crate::model::{Command, Outcome, RefusalKind};
use anyhow::{Context as _, bail};
use std::process::ExitCode;

/// Asks and prints: the result on standard output, a refusal on standard error.
pub async fn ask(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    answer(outcome(config, command).await?)
}

/// Asks.
pub async fn outcome(config: &Config, command: Command) -> anyhow::Result<Outcome> {
    match control::ask(&config.data_dir(), &command).await? {
        Some(outcome) => Ok(outcome),
        None => alone(config, command).await,
    }
}

/// Prints an outcome.
pub fn answer(outcome: Outcome) -> anyhow::Result<ExitCode> {
    match outcome {
        Outcome::Done { result } => {
            for line in lines(&result) {
                say(&line)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Refused { kind: RefusalKind::Invalid, reason } => {
            super::complain(&reason);
            Ok(ExitCode::from(2))
        }
        Outcome::Refused { reason, .. } => bail!("{reason}"),
    }
}

/// No collector runs: the lock on the data folder keeps one from starting meanwhile.
async fn alone(config: &Config, command: Command) -> anyhow::Result<Outcome> {
    let _lock = crate::lock(&config.data_dir())?;
    let mut pipeline = crate::lone_pipeline(config).await.context("cannot open the store")?;
    Ok(pipeline.command(&control::operator(), command, jiff::Timestamp::now()).await)
}

/// A result as lines: plain text as it is, an object as `name value`.
fn lines(result: &serde_json::Value) -> Vec<String> {
    match result {
        serde_json::Value::Null => vec!["done".to_owned()],
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                format!("{name:<24} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect(),
        other => vec![other.to_string()],
    }
}
