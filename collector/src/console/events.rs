//! `/events`: tells live pages that something was committed. It carries a number and no data, so it needs no scope;
//! pages fetch what they may see. Ends by itself so that a revoked session does not listen for ever.

use super::Console;
use super::route::Routes;
use crate::model::Permission;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use futures_util::stream::{Stream, StreamExt as _, unfold};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A sign of life comes at least so often; the wall is hatched when three are missing.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Between two versions, however fast commits come.
const PAUSE: Duration = Duration::from_secs(1);

/// After this a browser connects again, and is asked again who it is.
const LIFE: Duration = Duration::from_mins(20);

/// The route of events.
pub fn routes() -> Routes {
    Routes::new().get("/events", Permission::Read, events)
}

async fn events(State(console): State<Arc<Console>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let end = tokio::time::sleep(LIFE);
    let versions = versions(console.version.clone()).take_until(end);
    Sse::new(versions.map(|version| Ok(Event::default().event("version").data(version.to_string()))))
}

/// The version now, then each later one, and the same again as a heartbeat. Ends with the collector.
fn versions(receiver: watch::Receiver<u64>) -> impl Stream<Item = u64> {
    unfold((receiver, true), |(mut receiver, first)| async move {
        if !first {
            tokio::time::sleep(PAUSE).await;
            if let Ok(Err(_)) = tokio::time::timeout(HEARTBEAT, receiver.changed()).await {
                return None;
            }
        }
        let version = *receiver.borrow_and_update();
        Some((version, (receiver, false)))
    })
}
