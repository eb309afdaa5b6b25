//! Relations of items in time: written with the pipeline's effects, read from both ends.

use super::items::{ITEM_COLUMNS, item};
use super::row::{column, from_word, millis, moment, word};
use super::{Result, Store, cursor};
use crate::model::{CustomerId, HostId, Item, ItemId, Mark, Marks, Page, PageRequest, Relation, RelationRow};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

/// The virtual machines of a customer, and the machines with an agent that they may be.
#[derive(Clone, Debug, Default)]
pub struct Carriers {
    /// Virtual machines as their carriers list them; present ones.
    pub virtual_machines: Vec<Item>,
    /// (host, computer item) of hosts that are not revoked, and by what each is known.
    pub machines: BTreeMap<(HostId, ItemId), Marks>,
    /// Values that identify nobody.
    pub shared: Marks,
    /// Machines that are guests now.
    pub guests: Vec<Relation>,
}

impl Store {
    /// Relations that begin or end at an item: those that hold first, then by kind and name of the other. With a
    /// moment, only those that held then.
    pub async fn relations(&self, id: ItemId, at: Option<Timestamp>, page: PageRequest) -> Result<Page<RelationRow>> {
        self.cmdb.read(move |db| relations(db, id, at, &page)).await
    }

    /// Relations that hold of the items of a host, as their source.
    pub async fn open_relations_of_host(&self, host: HostId) -> Result<Vec<Relation>> {
        self.cmdb
            .read(move |db| {
                let sql = "SELECT r.source, r.kind, r.target, r.since_ms FROM relation r JOIN item i ON i.id = r.source
                    WHERE i.host = ?1 AND r.until_ms IS NULL";
                let mut statement = db.prepare_cached(sql)?;
                let rows = statement.query_map(params![host.to_string()], |row| {
                    let (from, kind, to) = (column(row, 0)?, from_word(row, 1)?, column(row, 2)?);
                    Ok(Relation { from, kind, to, since: moment(row.get(3)?), until: None })
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// What is known of a customer's virtual machines; `None` where nothing joins or is joined.
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

/// What ended sorts after what holds.
const ROW_KEY: &str = "(r.until_ms IS NOT NULL) || ' ' || r.kind || ' ' || coalesce(i.name, d.name, '')";
const ROW_ID: &str = "r.other || ' ' || r.since_ms";

fn relations(db: &Connection, id: ItemId, at: Option<Timestamp>, page: &PageRequest) -> Result<Page<RelationRow>> {
    let (key, place) = cursor::start(page)?.unzip();
    let sql = format!(
        "WITH r AS (
           SELECT source, kind, target, since_ms, until_ms, target AS other FROM relation WHERE source = ?1
           UNION ALL SELECT source, kind, target, since_ms, until_ms, source FROM relation WHERE target = ?1
         )
         SELECT r.source, r.kind, r.target, r.since_ms, r.until_ms, i.class, coalesce(i.name, d.name, ''), i.host,
           {ROW_KEY}, {ROW_ID}
         FROM r LEFT JOIN item i ON i.id = r.other LEFT JOIN declared d ON d.item = r.other
         WHERE (?2 IS NULL OR (r.since_ms <= ?2 AND (r.until_ms IS NULL OR r.until_ms > ?2)))
           AND (?3 IS NULL OR ({ROW_KEY}, {ROW_ID}) > (?3, ?4))
         ORDER BY {ROW_KEY}, {ROW_ID} LIMIT ?5"
    );
    let values = params![id.to_string(), at.map(millis), key, place, cursor::fetch(page)];
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| Ok((relation_row(row)?, (row.get(8)?, row.get(9)?))))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let found = cursor::page(rows, page, |(_, place): &(RelationRow, (String, String))| place.clone());
    Ok(Page { items: found.items.into_iter().map(|(row, _)| row).collect(), next_cursor: found.next_cursor })
}

fn relation_row(row: &Row<'_>) -> rusqlite::Result<RelationRow> {
    let is_observed = row.get_ref(5)? != rusqlite::types::ValueRef::Null;
    Ok(RelationRow {
        relation: relation(row)?,
        class: is_observed.then(|| from_word(row, 5)).transpose()?,
        name: row.get(6)?,
        host: is_observed.then(|| column(row, 7)).transpose()?,
    })
}

/// Reads source, kind, target, since and until.
fn relation(row: &Row<'_>) -> rusqlite::Result<Relation> {
    Ok(Relation {
        from: column(row, 0)?,
        kind: from_word(row, 1)?,
        to: column(row, 2)?,
        since: moment(row.get(3)?),
        until: row.get::<_, Option<i64>>(4)?.map(moment),
    })
}

fn carriers(db: &Connection, customer: CustomerId) -> Result<Option<Carriers>> {
    let customer = customer.to_string();
    let sql = format!(
        "SELECT {ITEM_COLUMNS} FROM item WHERE class = 'virtual_machine' AND gone_ms IS NULL
           AND host IN (SELECT id FROM host WHERE customer = ?1 AND admission <> 'revoked')"
    );
    let mut listed = db.prepare_cached(&sql)?;
    let virtual_machines = listed.query_map(params![customer], item)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut open = db.prepare_cached(
        "SELECT r.source, r.kind, r.target, r.since_ms, r.until_ms FROM host h
         JOIN item i ON i.host = h.id AND i.class = 'computer' JOIN relation r ON r.source = i.id
         WHERE h.customer = ?1 AND r.kind = 'runs_on' AND r.until_ms IS NULL",
    )?;
    let guests = open.query_map(params![customer], relation)?.collect::<rusqlite::Result<Vec<_>>>()?;
    if virtual_machines.is_empty() && guests.is_empty() {
        return Ok(None);
    }
    let mut shared = db
        .prepare_cached("SELECT kind, value FROM shared_mark WHERE kind IN ('uuid', 'mac') AND customer IN ('', ?1)")?;
    let shared =
        shared.query_map(params![customer], |row| Ok(Mark { kind: from_word(row, 0)?, value: row.get(1)? }))?;
    let shared = shared.collect::<rusqlite::Result<_>>()?;
    Ok(Some(Carriers { virtual_machines, machines: machines(db, &customer)?, shared, guests }))
}

fn machines(db: &Connection, customer: &str) -> Result<BTreeMap<(HostId, ItemId), Marks>> {
    let mut statement = db.prepare_cached(
        "SELECT h.id, i.id, m.kind, m.value FROM host h
         JOIN item i ON i.host = h.id AND i.class = 'computer' AND i.gone_ms IS NULL
         LEFT JOIN mark m ON m.host = h.id AND m.kind IN ('uuid', 'mac')
         WHERE h.customer = ?1 AND h.admission <> 'revoked'",
    )?;
    let mut found: BTreeMap<(HostId, ItemId), Marks> = BTreeMap::new();
    let mut rows = statement.query(params![customer])?;
    while let Some(row) = rows.next()? {
        let marks = found.entry((column(row, 0)?, column(row, 1)?)).or_default();
        if row.get_ref(2)? != rusqlite::types::ValueRef::Null {
            marks.insert(Mark { kind: from_word(row, 2)?, value: row.get(3)? });
        }
    }
    Ok(found)
}
