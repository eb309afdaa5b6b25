//! What the inventory of a host says of which machine it is: values that several running machines have are learned, and
//! a host that may be an older one becomes a task. Nothing is linked here.

use super::Pipeline;
use crate::cmdb;
use crate::model::{Duplicate, DuplicateId, DuplicateState, HostId, Marks};
use crate::store::{Effects, Result};
use jiff::Timestamp;

impl Pipeline {
    /// Compares a host whose identifying items changed with those that are known.
    pub(super) async fn look_alike(
        &mut self,
        host: HostId,
        marks: &Marks,
        effects: &mut Effects,
        now: Timestamp,
    ) -> Result<()> {
        let Some(customer) = self.world.hosts.get(&host).map(|host| host.customer) else { return Ok(()) };
        let (known, shared) = self.store.lookalikes(marks.clone()).await?;
        let found = cmdb::recognition::review(customer, host, marks, &known, &shared, now);
        effects.shared_marks.extend(found.shared);
        effects.duplicates.extend(found.possible.into_iter().map(|(older, kind, resemblance)| Duplicate {
            id: DuplicateId::new(),
            customer,
            kind,
            newer: host,
            older: Some(older),
            resemblance,
            sign: None,
            state: DuplicateState::Open,
            found_at: now,
            decided: None,
        }));
        Ok(())
    }
}
