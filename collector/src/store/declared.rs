//! What people declare: written with the pipeline's effects, read by pages and by Commands.

use super::hosts::scope_json;
use super::items::{CHANGE_COLUMNS, ITEM_COLUMNS, change, item};
use super::row::{column, document, json, millis, moment};
use super::{Effects, Result, Store, cursor};
use crate::model::{
    Change, Ci, CustomerId, Declared, DeclaredChange, DeclaredFilter, HostId, Incident, Item, ItemId, Page,
    PageRequest, Site, SiteId,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of a history.
const HISTORY_MAX: i64 = 1_000;

impl Store {
    /// Declarations of a filter, by name.
    pub async fn declared(&self, filter: DeclaredFilter, page: PageRequest) -> Result<Page<Ci>> {
        self.cmdb.read(move |db| list(db, &filter, &page)).await
    }

    /// The item of an id, or the machine of a host's id, with what both sides say of it.
    pub async fn ci(&self, id: Uuid) -> Result<Option<Ci>> {
        self.cmdb.read(move |db| ci(db, id)).await
    }

    /// All that a table of a customer holds: every declared item, every item of which something is declared, and every
    /// machine. By class, name and id.
    pub async fn cis(&self, customer: CustomerId) -> Result<Vec<Ci>> {
        self.cmdb.read(move |db| cis(db, customer)).await
    }

    /// History of what is declared of these items, newest first.
    pub async fn declared_history(&self, items: Vec<ItemId>) -> Result<Vec<(i64, DeclaredChange)>> {
        self.cmdb.read(move |db| history(db, &items)).await
    }

    /// What agents saw change of these items, newest first.
    pub async fn observed_history(&self, items: Vec<ItemId>) -> Result<Vec<(i64, Change)>> {
        self.cmdb
            .read(move |db| {
                let sql = format!(
                    "SELECT {CHANGE_COLUMNS} FROM change WHERE item IN (SELECT value FROM json_each(?1))
                     ORDER BY row DESC LIMIT ?2"
                );
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![document(&items)?, HISTORY_MAX], change)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Live incidents about an item, those that came over from a predecessor too.
    pub async fn incidents_of_item(&self, item: ItemId) -> Result<Vec<Incident>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT doc FROM incident WHERE live = 1 AND json_extract(doc, '$.item') = ?1 ORDER BY urgency LIMIT 100",
                )?;
                Ok(statement.query_map(params![item.to_string()], |row| json(row, 0))?.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// One site.
    pub async fn site(&self, id: SiteId) -> Result<Option<Site>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM site WHERE id = ?1")?;
                Ok(statement.query_row(params![id.to_string()], |row| json(row, 0)).optional()?)
            })
            .await
    }

    /// The items whose place this one took, nearest first, this one before them.
    pub async fn predecessors(&self, id: ItemId) -> Result<Vec<ItemId>> {
        self.cmdb.read(move |db| chain(db, id, "source", "target")).await
    }

    /// The items that took the place of this one, this one before them.
    pub async fn successors(&self, id: ItemId) -> Result<Vec<ItemId>> {
        self.cmdb.read(move |db| chain(db, id, "target", "source")).await
    }

    /// Items of these classes on all hosts of a customer; of interfaces and guests gone ones too, since their
    /// hardware addresses are still no stranger's.
    pub async fn items_of_classes(&self, customer: CustomerId, classes: Vec<&'static str>) -> Result<Vec<Item>> {
        self.cmdb
            .read(move |db| {
                let sql = format!(
                    "SELECT {ITEM_COLUMNS} FROM item WHERE host IN (SELECT id FROM host WHERE customer = ?1)
                       AND class IN (SELECT value FROM json_each(?2)) AND (gone_ms IS NULL OR class IN ('interface', 'virtual_machine'))"
                );
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![customer.to_string(), document(&classes)?], item)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

/// Writes what a step of the pipeline declares.
pub(super) fn commit(db: &Connection, effects: &Effects) -> Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO declared (item, customer, site, host, class, name, state, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (item) DO UPDATE SET site = ?3, name = ?6, state = ?7, doc = ?8",
    )?;
    for declared in &effects.declared {
        upsert.execute(params![
            declared.item.to_string(),
            declared.customer.to_string(),
            declared.site.map(|site| site.to_string()),
            declared.host.map(|host| host.to_string()),
            declared.class.word(),
            declared.name,
            declared.state.word(),
            document(declared)?
        ])?;
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO declared_change (item, at_ms, actor, field, old, new) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for change in &effects.declared_changes {
        let (item, at_ms) = (change.item.to_string(), millis(change.at));
        insert.execute(params![item, at_ms, change.actor, change.field, change.old, change.new])?;
    }
    Ok(())
}

/// Hosts whose machine is out of service by the word of people: nobody waits for their reports.
pub(super) fn hosts_out_of_service(db: &Connection) -> Result<Vec<HostId>> {
    let mut statement = db.prepare(
        "SELECT host FROM declared WHERE class = 'computer' AND host IS NOT NULL AND state NOT IN ('active', 'missing')",
    )?;
    Ok(statement.query_map([], |row| column(row, 0))?.collect::<rusqlite::Result<_>>()?)
}

fn list(db: &Connection, filter: &DeclaredFilter, page: &PageRequest) -> Result<Page<Ci>> {
    let (name, id) = cursor::start(page)?.unzip();
    let mut statement = db.prepare_cached(
        "SELECT doc FROM declared
         WHERE (?1 IS NULL OR customer IN (SELECT value FROM json_each(?1)))
           AND (?2 IS NULL OR customer = ?2)
           AND (?3 IS NULL OR coalesce(site, (SELECT h.site FROM host h WHERE h.id = declared.host)) = ?3)
           AND (?4 IS NULL OR class = ?4) AND (?5 IS NULL OR state = ?5)
           AND (?6 IS NULL OR (name, item) > (?6, ?7))
         ORDER BY name, item LIMIT ?8",
    )?;
    let values = params![
        scope_json(&filter.scope)?,
        filter.customer.map(|customer| customer.to_string()),
        filter.site.map(|site| site.to_string()),
        filter.class.map(crate::model::CiClass::word),
        filter.state.map(crate::model::LifeState::word),
        name,
        id,
        cursor::fetch(page)
    ];
    let rows = statement.query_map(values, declared)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let page = cursor::page(rows, page, |row| (row.name.clone(), row.item.to_string()));
    let items = page.items.into_iter().map(|declared| with_observed(db, declared)).collect::<Result<_>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

fn declared(row: &Row<'_>) -> rusqlite::Result<Declared> {
    json(row, 0)
}

fn with_observed(db: &Connection, declared: Declared) -> Result<Ci> {
    let observed = if declared.host.is_some() { observed(db, declared.item)? } else { None };
    Ok(Ci { declared, observed })
}

fn observed(db: &Connection, id: ItemId) -> Result<Option<Item>> {
    let sql = format!("SELECT {ITEM_COLUMNS} FROM item WHERE id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row(params![id.to_string()], item).optional()?)
}

fn ci(db: &Connection, id: Uuid) -> Result<Option<Ci>> {
    let mut one = db.prepare_cached("SELECT doc FROM declared WHERE item = ?1")?;
    if let Some(declared) = one.query_row(params![id.to_string()], declared).optional()? {
        return with_observed(db, declared).map(Some);
    }
    if let Some(item) = observed(db, ItemId(id))? {
        return Ok(Some(Ci::silent(item)));
    }
    let mut machine =
        db.prepare_cached("SELECT id FROM item WHERE host = ?1 AND class = 'computer' AND key = 'computer'")?;
    let machine: Option<ItemId> = machine.query_row(params![id.to_string()], |row| column(row, 0)).optional()?;
    match machine {
        Some(machine) => ci(db, machine.0),
        None => Ok(None),
    }
}

fn cis(db: &Connection, customer: CustomerId) -> Result<Vec<Ci>> {
    let customer = customer.to_string();
    let mut own = db.prepare_cached("SELECT doc FROM declared WHERE customer = ?1")?;
    let declared = own.query_map(params![customer], declared)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut observed = observed_of(db, &customer)?;
    let join = |declared: Declared| Ci { observed: observed.remove(&declared.item), declared };
    let mut found: Vec<Ci> = declared.into_iter().map(join).collect();
    let sql = format!(
        "SELECT {ITEM_COLUMNS} FROM item WHERE host IN (SELECT id FROM host WHERE customer = ?1 AND admission <> 'revoked')
           AND class = 'computer' AND gone_ms IS NULL AND id NOT IN (SELECT item FROM declared WHERE customer = ?1)"
    );
    let mut machines = db.prepare_cached(&sql)?;
    let silent = machines.query_map(params![customer], item)?.collect::<rusqlite::Result<Vec<_>>>()?;
    found.extend(silent.into_iter().map(Ci::silent));
    found.sort_by_cached_key(|ci| (ci.declared.class.word(), ci.name().to_lowercase(), ci.declared.item));
    Ok(found)
}

/// The observed side of all that is declared of a customer, in one question.
fn observed_of(db: &Connection, customer: &str) -> Result<HashMap<ItemId, Item>> {
    let sql = format!(
        "SELECT {ITEM_COLUMNS} FROM item WHERE id IN (SELECT item FROM declared WHERE customer = ?1 AND host IS NOT NULL)"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let items = statement.query_map(params![customer], item)?.map(|item| item.map(|item| (item.id, item)));
    Ok(items.collect::<rusqlite::Result<_>>()?)
}

fn history(db: &Connection, items: &[ItemId]) -> Result<Vec<(i64, DeclaredChange)>> {
    let mut statement = db.prepare_cached(
        "SELECT row, item, at_ms, actor, field, old, new FROM declared_change
         WHERE item IN (SELECT value FROM json_each(?1)) ORDER BY row DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![document(&items)?, HISTORY_MAX], |row| {
        let change = DeclaredChange {
            item: column(row, 1)?,
            at: moment(row.get(2)?),
            actor: row.get(3)?,
            field: row.get(4)?,
            old: row.get(5)?,
            new: row.get(6)?,
        };
        Ok((row.get(0)?, change))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// UNION and not UNION ALL: two machines may have taken each other's place in turn.
fn chain(db: &Connection, id: ItemId, from: &str, to: &str) -> Result<Vec<ItemId>> {
    let sql = format!(
        "WITH RECURSIVE chain(item) AS (
           VALUES (?1) UNION SELECT {to} FROM relation JOIN chain ON {from} = chain.item WHERE kind = 'supersedes'
         ) SELECT item FROM chain LIMIT 100"
    );
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_map(params![id.to_string()], |row| column(row, 0))?.collect::<rusqlite::Result<_>>()?)
}
