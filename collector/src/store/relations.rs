//! Relations of items in time: written with the pipeline's effects, read from both ends.

use super::row::{column, from_word, json, millis, moment, word};
use super::{Result, Store};
use crate::model::{Class, CustomerId, Item, ItemId, MarkKind, Marks, Relation, RelationKind, RelationRow};
use crate::model::{HostId, Mark};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// Relations of one item that are shown: the software of one machine.
const RELATIONS_MAX: i64 = 25_000;

/// The virtual machines of a customer, and the machines with an agent that they may be.
#[derive(Clone, Debug, Default)]
pub struct Carriers {
    /// Virtual machines as their carriers list them; present ones.
    pub virtual_machines: Vec<Item>,
    /// (host, computer item, by what it is known) of hosts that are not revoked.
    pub machines: Vec<(HostId, ItemId, Marks)>,
    /// Values that identify nobody.
    pub shared: Marks,
    /// Machines that are guests now.
    pub guests: Vec<Relation>,
}

impl Store {
    /// Relations of an item that begin at it or end at it, those that hold first, ended ones newest first. With a class,
    /// only those with items of that class.
    pub async fn relations(&self, id: ItemId, but: Option<Class>) -> Result<Vec<RelationRow>> {
        self.cmdb.read(move |db| relations(db, id, but)).await
    }

    /// How many items of each class relate to this one now.
    pub async fn relation_counts(&self, id: ItemId) -> Result<Vec<(RelationKind, Class, u64)>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT r.kind, i.class, count(*) FROM relation r JOIN item i ON i.id = r.source
                     WHERE r.target = ?1 AND r.until_ms IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
                )?;
                let rows = statement.query_map(params![id.to_string()], |row| {
                    Ok((from_word(row, 0)?, from_word(row, 1)?, row.get::<_, i64>(2)?.unsigned_abs()))
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// What is known of a customer's virtual machines; `None` where it has none and had none.
    pub async fn carriers(&self, customer: CustomerId) -> Result<Option<Carriers>> {
        self.cmdb.read(move |db| carriers(db, customer)).await
    }
}

/// Writes relations that began, once while they hold, and ends those that ended.
pub(super) fn commit(db: &Connection, relations: &[Relation]) -> Result<()> {
    let mut begin = db.prepare_cached(
        "INSERT INTO relation (source, kind, target, since_ms) SELECT ?1, ?2, ?3, ?4
         WHERE NOT EXISTS (SELECT 1 FROM relation WHERE source = ?1 AND kind = ?2 AND target = ?3 AND until_ms IS NULL)
         ON CONFLICT (source, kind, target, since_ms) DO UPDATE SET until_ms = NULL",
    )?;
    let mut end = db.prepare_cached(
        "UPDATE relation SET until_ms = ?4 WHERE source = ?1 AND kind = ?2 AND target = ?3 AND until_ms IS NULL",
    )?;
    for relation in relations {
        let (from, kind, to) = (relation.from.to_string(), word(&relation.kind)?, relation.to.to_string());
        match relation.until {
            None => begin.execute(params![from, kind, to, millis(relation.since)])?,
            Some(until) => end.execute(params![from, kind, to, millis(until)])?,
        };
    }
    Ok(())
}
