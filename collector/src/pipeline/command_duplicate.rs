//! Commands about machines that may be one: dismiss and merge. A merge retires the older host into the newer: what people
//! said of it goes over, its changes, incidents and series are read under the newer from then on, and what it has open
//! ends with it.

use super::Pipeline;
use super::command::{Obeyed, Refusal, conflict, invalid, not_found};
use super::command_declared::{done, refused};
use crate::declare;
use crate::model::{
    Actor, Admission, Command, Duplicate, DuplicateKind, DuplicateState, Host, HostId, Presence, RefusalKind, Relation,
    RelationKind,
};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// A host that reported within this time runs.
const LIVE: SignedDuration = SignedDuration::from_mins(5);

impl Pipeline {
    /// Decides a task. One of which the actor may not see both hosts is as absent as none.
    pub(super) async fn decide_duplicate(&mut self, actor: &Actor, command: Command, now: Timestamp) -> Result<Obeyed> {
        let (Command::DuplicateDismiss { duplicate: id } | Command::DuplicateMerge { duplicate: id }) = command else {
            return Ok(Err(invalid("not a command about a duplicate".to_owned())));
        };
        let visible = |row: &crate::model::DuplicateRow| {
            let customers = [Some(row.newer.customer_id), row.older.as_ref().map(|older| older.customer_id)];
            customers.into_iter().flatten().all(|customer| actor.scope.covers(customer))
        };
        let Some(row) = self.store.duplicate(id).await?.filter(visible) else {
            return Ok(Err(not_found(format!("no duplicate {id}"))));
        };
        if row.duplicate.state != DuplicateState::Open {
            return Ok(Err(conflict("it is decided already".to_owned())));
        }
        let decided = Duplicate { decided: Some((actor.name.clone(), now)), ..row.duplicate };
        let admissions = match command {
            Command::DuplicateMerge { .. } => self.merge(&decided, now),
            _ => self.dismiss(&decided),
        };
        let (state, admissions) = match admissions {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut effects = match (state, decided.older) {
            (DuplicateState::Merged, Some(older)) => match self.unite(actor, decided.newer, older, now).await? {
                Ok(effects) => effects,
                Err(refusal) => return Ok(Err(refusal)),
            },
            _ => Effects::default(),
        };
        effects.duplicates = vec![Duplicate { state, ..decided }];
        effects.admissions = admissions;
        Ok(Ok((effects, json!({ "duplicate": id }))))
    }

    /// The machine of the newer host takes over what people said of the older's. A host that never sent an inventory has
    /// no machine yet: of an older one nothing was said, a newer one has nothing to take over with.
    async fn unite(
        &self,
        actor: &Actor,
        newer: HostId,
        older: HostId,
        now: Timestamp,
    ) -> Result<std::result::Result<Effects, Refusal>> {
        let (newer, older) = (self.store.ci(newer.0).await?, self.store.ci(older.0).await?);
        let (newer, older) = match (newer, older) {
            (_, None) => return Ok(Ok(Effects::default())),
            (None, Some(_)) => {
                return Ok(Err(conflict("the newer host has sent no inventory yet: try again in a minute".to_owned())));
            }
            (Some(newer), Some(older)) => (newer, older),
        };
        let hand = self.hand(actor, newer.declared.customer, now);
        Ok(declare::merge(&older, &newer, &hand).map_err(refused).map(|edits| {
            let mut effects = done(edits);
            let (from, to) = (newer.declared.item, older.declared.item);
            effects.relations.push(Relation { from, kind: RelationKind::Supersedes, to, since: now, until: None });
            effects
        }))
    }

    /// They are two machines. Of a clone: the next holder of the identity is the right one.
    fn dismiss(&self, task: &Duplicate) -> Decision {
        let host = self.known(task.newer)?;
        let is_held = task.kind == DuplicateKind::Clone && host.admission == Admission::Quarantined;
        let admissions = is_held.then_some((task.newer, Admission::Active));
        Ok((DuplicateState::Dismissed, admissions.into_iter().collect()))
    }

    fn merge(&self, task: &Duplicate, now: Timestamp) -> Decision {
        let (DuplicateKind::SameMachine, Some(older)) = (task.kind, task.older) else {
            let reason = "only two hosts of one customer can be merged: dismiss it, or revoke a host";
            return Err(conflict(reason.to_owned()));
        };
        let (newer, older) = (self.known(task.newer)?, self.known(older)?);
        if newer.admission != Admission::Active {
            return Err(conflict("the newer host may not report: approve it first".to_owned()));
        }
        let is_heard = older.last_heard_at.is_some_and(|heard| now.duration_since(heard) < LIVE);
        if older.admission == Admission::Active && older.presence == Presence::Online && is_heard {
            return Err(conflict("the older host reports: they are two machines, or stop its agent first".to_owned()));
        }
        let admissions = (older.admission != Admission::Revoked).then_some((older.id, Admission::Revoked));
        Ok((DuplicateState::Merged, admissions.into_iter().collect()))
    }

    fn known(&self, host: HostId) -> std::result::Result<&Host, Refusal> {
        let found = self.world.hosts.get(&host);
        found.ok_or_else(|| Refusal(RefusalKind::NotFound, format!("no host {host}")))
    }
}

/// How a task ends, and which hosts are admitted or revoked by it.
type Decision = std::result::Result<(DuplicateState, Vec<(HostId, Admission)>), Refusal>;
