//! Machines that are guests of other machines: joined across the hosts of a customer after its inventories changed, and
//! ended when the carrier no longer lists them.

use super::Pipeline;
use crate::cmdb::{self, Machine};
use crate::model::{Class, CustomerId, ItemId, Relation, RelationKind};
use crate::store::{Carriers, Effects, Result};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Classes in which a virtual machine or what it is known by can change.
const JOINING: &[Class] = &[Class::VirtualMachine, Class::Computer, Class::Interface];

/// Can a change in these classes make or end a guest?
pub fn is_joining(classes: &[Class]) -> bool {
    classes.iter().any(|class| JOINING.contains(class))
}

impl Pipeline {
    /// Joins the guests of the customers whose inventories changed. Times are those of the finding: no scan says when a
    /// machine moved.
    pub(super) async fn join_guests(&mut self, effects: &mut Effects, now: Timestamp) -> Result<()> {
        let customers: Vec<CustomerId> = self.world.to_join.iter().copied().collect();
        for customer in customers {
            if let Some(carriers) = self.store.carriers(customer).await? {
                effects.relations.extend(difference(&carriers, now));
            }
            self.world.to_join.remove(&customer);
        }
        Ok(())
    }
}

/// What began and ended since the relations that are known were found.
pub(super) fn difference(carriers: &Carriers, now: Timestamp) -> Vec<Relation> {
    let machine = |((host, computer), marks): (&(_, ItemId), &_)| Machine {
        host: *host,
        computer: *computer,
        marks: Clone::clone(marks),
    };
    let machines: Vec<Machine> = carriers.machines.iter().map(machine).collect();
    let found = cmdb::guests(&carriers.virtual_machines, &machines, &carriers.shared);
    let known: BTreeSet<(ItemId, ItemId)> = carriers.guests.iter().map(|one| (one.from, one.to)).collect();
    let relation = |until: Option<Timestamp>| {
        move |(from, to): &(ItemId, ItemId)| Relation {
            from: *from,
            kind: RelationKind::RunsOn,
            to: *to,
            since: now,
            until,
        }
    };
    let ended = known.difference(&found).map(relation(Some(now)));
    ended.chain(found.difference(&known).map(relation(None))).collect()
}
