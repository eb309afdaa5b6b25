//! Which machine is which, on the page of hosts: one entry a pair, one a host whose identity has two holders, each with
//! what speaks for and against it, and the acts that decide it.

use crate::console::Console;
use crate::console::act::act;
use crate::console::fault::{Fault, Result};
use crate::console::view::{Frame, Speech};
use crate::model::{
    Actor, CloneSign, Command, DuplicateFilter, DuplicateId, DuplicateKind, DuplicateRow, DuplicateState, HostName,
    MarkKind, PageRequest,
};
use crate::store;
use axum::extract::{Path, State};
use axum::response::Redirect;
use std::sync::Arc;

/// Entries that the page shows; the rest follow when these are decided.
const ENTRIES_MAX: usize = 20;

/// A task as text.
pub struct Entry {
    pub id: String,
    pub what: String,
    pub newer: Named,
    pub older: Option<Named>,
    pub matched: String,
    pub contradicting: String,
    pub found: String,
    /// What to do before deciding.
    pub advice_key: &'static str,
    pub dismiss_key: &'static str,
    pub may_merge: bool,
}

/// A host as text.
pub struct Named {
    pub id: String,
    pub name: String,
    pub place: String,
    pub enrolled: String,
    pub heard: String,
}

/// What waits for a decision.
pub async fn entries(console: &Console, frame: &Frame) -> store::Result<Vec<Entry>> {
    let filter = DuplicateFilter { scope: frame.actor.scope.clone(), state: Some(DuplicateState::Open) };
    let found = console.store.duplicates(filter, PageRequest { cursor: None, limit: ENTRIES_MAX }).await?;
    Ok(found.items.into_iter().map(|row| entry(frame, row)).collect())
}

/// They are two machines, or the host is given back.
pub async fn dismiss(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Redirect> {
    let duplicate: DuplicateId = id.parse().map_err(|_| Fault::NotFound)?;
    act(&console, &actor, Command::DuplicateDismiss { duplicate }).await?;
    Ok(Redirect::to("/hosts"))
}

/// They are one machine.
pub async fn merge(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Redirect> {
    let duplicate: DuplicateId = id.parse().map_err(|_| Fault::NotFound)?;
    act(&console, &actor, Command::DuplicateMerge { duplicate }).await?;
    Ok(Redirect::to("/hosts"))
}

fn entry(speech: &Speech, row: DuplicateRow) -> Entry {
    let task = row.duplicate;
    let kinds = |kinds: &[MarkKind]| kinds.iter().map(|kind| speech.t(mark_key(*kind))).collect::<Vec<_>>().join(", ");
    Entry {
        id: task.id.to_string(),
        what: speech.t(task.sign.map_or_else(|| kind_key(task.kind), sign_key)),
        newer: named(speech, task.newer.to_string(), row.newer),
        older: task.older.zip(row.older).map(|(id, name)| named(speech, id.to_string(), name)),
        matched: kinds(&task.resemblance.matched),
        contradicting: kinds(&task.resemblance.contradicting),
        found: speech.time(&task.found_at),
        advice_key: match task.kind {
            DuplicateKind::SameMachine => "console-duplicate-advice-same-machine",
            DuplicateKind::Moved => "console-duplicate-advice-moved",
            DuplicateKind::Clone => "console-duplicate-advice-clone",
        },
        dismiss_key: match task.kind {
            DuplicateKind::SameMachine => "console-duplicate-dismiss",
            DuplicateKind::Moved => "console-duplicate-seen",
            DuplicateKind::Clone => "console-duplicate-give-back",
        },
        may_merge: task.kind == DuplicateKind::SameMachine,
    }
}

fn named(speech: &Speech, id: String, host: HostName) -> Named {
    Named {
        id,
        name: host.name,
        place: format!("{}, {}", host.customer, host.site),
        enrolled: speech.time(&host.enrolled_at),
        heard: speech.moment(host.last_heard_at),
    }
}

fn kind_key(kind: DuplicateKind) -> &'static str {
    match kind {
        DuplicateKind::SameMachine => "console-duplicate-same-machine",
        DuplicateKind::Moved => "console-duplicate-moved",
        DuplicateKind::Clone => "console-duplicate-clone",
    }
}

fn sign_key(sign: CloneSign) -> &'static str {
    match sign {
        CloneSign::Generation => "console-duplicate-clone",
        CloneSign::RewoundSpool => "console-duplicate-rewound-spool",
        CloneSign::TwoContents => "console-duplicate-two-contents",
        CloneSign::ReplacedKey => "console-duplicate-replaced-key",
    }
}

fn mark_key(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Uuid => "console-mark-uuid",
        MarkKind::Serial => "console-mark-serial",
        MarkKind::BoardSerial => "console-mark-board-serial",
        MarkKind::ChassisSerial => "console-mark-chassis-serial",
        MarkKind::DiskSerial => "console-mark-disk-serial",
        MarkKind::Product => "console-mark-product",
        MarkKind::BoardProduct => "console-mark-board-product",
        MarkKind::Mac => "console-mark-mac",
        MarkKind::MachineId => "console-mark-machine-id",
        MarkKind::Name => "console-mark-name",
        MarkKind::Container => "console-mark-container",
    }
}
