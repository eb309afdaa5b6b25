//! What the pages and the API ask of the CMDB's past: moments as people name them, items and hosts as they stood. What
//! stood is found by the rules of `cmdb`.

use super::Console;
use super::fault::Fault;
use crate::cmdb::past::{self, Difference};
use crate::model::{Actor, Change, Class, HostId, HostRow, Item, ItemId};
use crate::store::{self, Error};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a question about a host's past waits for the one before it.
const TURN_WAIT: Duration = Duration::from_secs(3);

/// Which end of a day is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its first moment.
    Start,
    /// Its last millisecond.
    End,
}

/// A day in the desk's zone, `2026-03-01`; `None` where the text is something else.
pub fn day(console: &Console, text: &str, edge: Edge) -> Option<Timestamp> {
    let zone = TimeZone::get(&console.settings.zone).unwrap_or(TimeZone::UTC);
    edge_of(text.parse().ok().filter(|_| text.len() == 10)?, edge, zone)
}

/// A day that a page's own field gives; none where it is empty.
pub fn day_of_page(console: &Console, text: &str, edge: Edge) -> std::result::Result<Option<Timestamp>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    day(console, text, edge).map(Some).ok_or(Fault::Invalid("not a day"))
}

/// The day of a moment in the desk's zone, as a page's field holds it.
pub fn today(console: &Console, now: Timestamp) -> String {
    let zone = TimeZone::get(&console.settings.zone).unwrap_or(TimeZone::UTC);
    zone.to_datetime(now).date().to_string()
}

/// An item that the actor may see, with its host.
pub async fn visible_item(console: &Console, actor: &Actor, id: ItemId) -> store::Result<Option<(Item, HostRow)>> {
    let Some(item) = console.store.item(id).await? else { return Ok(None) };
    let host = console.store.host(item.host).await?;
    Ok(host.filter(|row| actor.scope.covers(row.host.customer)).map(|row| (item, row)))
}

/// From and until, `None` = still; oldest first.
pub type Stretches = Vec<(Timestamp, Option<Timestamp>)>;

/// An item as it stood at a moment, or none; and when it was there at all. Without a moment, as it stands.
pub async fn item_at(console: &Console, item: Item, at: Option<Timestamp>) -> store::Result<(Option<Item>, Stretches)> {
    let changes: Vec<Change> = console.store.history_of_item(item.id).await?;
    let stretches = past::stretches(&item, changes.iter().rev());
    let then = match at {
        Some(at) => past::at(&item, changes.iter(), at),
        None => Some(item),
    };
    Ok((then, stretches))
}

/// Questions about the past of whole hosts, one after the other: each undoes up to 100,000 changes in memory.
pub struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Turns(Arc::new(Semaphore::new(1)))
    }
}

/// Why a question about the past of a host has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// More changed since then than is undone for one question.
    #[error("too much changed since then: ask for one class, or a later moment")]
    TooMuch,
    /// Another question is being answered.
    #[error("the past of a host is read for one question at a time, and another one takes long: ask again in a moment")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// All items of a host of one class or of all, as they stood; before the host was, those of the host that was merged
/// into it.
pub async fn host_at(
    console: &Console,
    host: HostId,
    class: Option<Class>,
    at: Timestamp,
) -> Result<Vec<Item>, Unanswered> {
    let store = console.store.clone();
    in_turn(&console.turns, async move {
        let life = store.life_at(host, at).await?;
        let (items, changes) = store.past_of_host(life, class, at).await?.ok_or(Unanswered::TooMuch)?;
        aside(move || past::all_at(&items, &changes, at)).await
    })
    .await
}

/// What differs of a host between two moments, those of the host that was merged into it too.
pub async fn differences(
    console: &Console,
    host: HostId,
    class: Option<Class>,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Difference>, Unanswered> {
    let store = console.store.clone();
    in_turn(&console.turns, async move {
        let (first, last) = (store.life_at(host, from).await?, store.life_at(host, to).await?);
        let before = store.past_of_host(first, class, from).await?.ok_or(Unanswered::TooMuch)?;
        let after = match first == last {
            true => None,
            false => Some(store.past_of_host(last, class, to).await?.ok_or(Unanswered::TooMuch)?),
        };
        aside(move || {
            let earlier = past::all_at(&before.0, &before.1, from);
            let (items, changes) = after.as_ref().unwrap_or(&before);
            past::differences(&earlier, &past::all_at(items, changes, to))
        })
        .await
    })
    .await
}

/// In a task of its own: whoever asks and goes away gives the turn up only when the reading has ended.
async fn in_turn<T: Send + 'static>(
    turns: &Turns,
    work: impl Future<Output = Result<T, Unanswered>> + Send + 'static,
) -> Result<T, Unanswered> {
    let turn = Arc::clone(&turns.0).acquire_owned();
    let turn = tokio::time::timeout(TURN_WAIT, turn).await.map_err(|_| Unanswered::Busy)?.map_err(|_| Error::Closed)?;
    let answer = tokio::spawn(async move {
        let answer = work.await;
        drop(turn);
        answer
    });
    answer.await.map_err(|_| Error::Closed)?
}

/// A host has thousands of items: the rest of the console goes on meanwhile.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unanswered> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?)
}

impl From<Unanswered> for Fault {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TooMuch => Fault::Invalid("too much changed since"),
            Unanswered::Busy => Fault::Busy,
            Unanswered::Store(error) => Fault::Store(error),
        }
    }
}

fn edge_of(day: Date, edge: Edge, zone: TimeZone) -> Option<Timestamp> {
    match edge {
        Edge::Start => day.to_zoned(zone).ok().map(|start| start.timestamp()),
        Edge::End => {
            let next = day.tomorrow().ok()?.to_zoned(zone).ok()?.timestamp();
            next.checked_sub(SignedDuration::from_millis(1)).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_the_length_that_its_zone_gives_it() {
        let zone = || TimeZone::get("Europe/Amsterdam").unwrap();
        let edge = |text: &str, edge| edge_of(text.parse().unwrap(), edge, zone()).unwrap().to_string();
        assert_eq!(edge("2026-03-01", Edge::Start), "2026-02-28T23:00:00Z");
        assert_eq!(edge("2026-03-01", Edge::End), "2026-03-01T22:59:59.999Z");
        assert_eq!(edge("2026-03-29", Edge::End), "2026-03-29T21:59:59.999Z");
        assert_eq!(edge_of(Date::MAX, Edge::End, zone()), None);
    }

    #[tokio::test]
    async fn a_second_question_waits_for_the_first_even_where_nobody_waits_for_that_any_more_and_is_refused_in_the_end()
    {
        let turns = Arc::new(Turns::default());
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let asked = Arc::clone(&turns);
        let first = tokio::spawn(async move {
            in_turn(&asked, async move {
                let _ = ended.await;
                Ok(())
            })
            .await
        });
        while turns.0.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert!(matches!(in_turn(&turns, async { Ok(2) }).await, Err(Unanswered::Busy)));
        end.send(()).unwrap();
        assert_eq!(in_turn(&turns, async { Ok(3) }).await.unwrap(), 3);
    }
}
