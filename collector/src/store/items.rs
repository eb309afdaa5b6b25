//! Configuration items and their history, read.

use super::cursor;
use super::hosts::scope_json;
use super::recognition::LIVES;
use super::row::{column, from_word, json, millis, moment};
use super::{Result, Store};
use crate::model::{Change, Class, CustomerId, HostId, Item, ItemFilter, ItemId, Page, PageRequest, Scope, Value};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Columns of [`item`].
pub(super) const ITEM_COLUMNS: &str = "id, customer, host, class, key, name, fields, first_seen_ms, gone_ms";
/// Columns of [`change`].
pub(super) const CHANGE_COLUMNS: &str =
    "row, item, host, class, name, kind, field, old, new, observed_ms, received_ms, scan";

/// Rows of one item's history.
const HISTORY_MAX: i64 = 100_000;
/// Changes of one host that are undone for one question.
const UNDONE_MAX: i64 = 100_000;

impl Store {
    /// Items of a host, by class, name and key.
    pub async fn items(&self, filter: ItemFilter, page: PageRequest) -> Result<Page<Item>> {
        self.cmdb.read(move |db| items(db, &filter, &page)).await
    }

    /// Every item of a host, gone ones too.
    pub async fn all_items(&self, host: HostId) -> Result<Vec<Item>> {
        self.cmdb
            .read(move |db| {
                let sql = format!("SELECT {ITEM_COLUMNS} FROM item WHERE host = ?1");
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![host.to_string()], item)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Names of the fields that the present items of a class have, over all hosts of a scope, sorted.
    pub async fn field_names(&self, class: Class, scope: Scope, customer: Option<CustomerId>) -> Result<Vec<String>> {
        self.cmdb
            .read(move |db| {
                let sql = "SELECT DISTINCT f.key FROM host h JOIN item i ON i.host = h.id AND i.class = ?1,
                    json_each(i.fields) f
                    WHERE i.gone_ms IS NULL AND (?2 IS NULL OR h.customer = ?2)
                      AND (?3 IS NULL OR h.customer IN (SELECT value FROM json_each(?3))) ORDER BY f.key";
                let customer = customer.map(|customer| customer.to_string());
                let values = params![class.word(), customer, scope_json(&scope)?];
                let mut statement = db.prepare_cached(sql)?;
                let names = statement.query_map(values, |row| row.get(0))?;
                Ok(names.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// One item.
    pub async fn item(&self, id: ItemId) -> Result<Option<Item>> {
        self.cmdb
            .read(move |db| {
                let sql = format!("SELECT {ITEM_COLUMNS} FROM item WHERE id = ?1");
                Ok(db.prepare_cached(&sql)?.query_row(params![id.to_string()], item).optional()?)
            })
            .await
    }

    /// Changes of an item, newest first, each with its row number.
    pub async fn changes_of_item(&self, id: ItemId, page: PageRequest) -> Result<Page<(i64, Change)>> {
        self.cmdb.read(move |db| changes_of_item(db, id, &page)).await
    }

    /// What an item was and became, newest first: at most the newest 100,000.
    pub async fn history_of_item(&self, id: ItemId) -> Result<Vec<Change>> {
        self.cmdb
            .read(move |db| {
                let sql = format!("SELECT {CHANGE_COLUMNS} FROM change WHERE item = ?1 ORDER BY row DESC LIMIT ?2");
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![id.to_string(), HISTORY_MAX], change)?;
                Ok(rows.map(|row| row.map(|(_, change)| change)).collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// All items of a host of one class or of all, gone ones too, with what changed of them after a moment, newest first,
    /// and of each what changed last before it: all as of one moment. `None` where more than 100,000 rows would have to
    /// be undone. Of a host's other lives it tells nothing.
    pub async fn past_of_host(
        &self,
        host: HostId,
        class: Option<Class>,
        after: Timestamp,
    ) -> Result<Option<(Vec<Item>, Vec<Change>)>> {
        self.cmdb.read(move |db| past_of_host(db, host, class, after)).await
    }

    /// Changes of a host and of those that were merged into it, newest first, each with its row number.
    pub async fn changes(
        &self,
        host: HostId,
        since: Option<Timestamp>,
        page: PageRequest,
    ) -> Result<Page<(i64, Change)>> {
        self.cmdb.read(move |db| changes(db, host, since, &page)).await
    }
}

fn items(db: &Connection, filter: &ItemFilter, page: &PageRequest) -> Result<Page<Item>> {
    let (key, id) = cursor::start(page)?.unzip();
    let sql = format!(
        "SELECT {ITEM_COLUMNS} FROM item
         WHERE host = ?1 AND (?2 IS NULL OR class = ?2) AND (?3 OR gone_ms IS NULL)
           AND (?4 IS NULL OR (class || ' ' || key, id) > (?4, ?5))
         ORDER BY class || ' ' || key, id LIMIT ?6"
    );
    let class = filter.class.map(Class::word);
    let values = params![filter.host.to_string(), class, filter.gone_too, key, id, cursor::fetch(page)];
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(values, item)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(cursor::page(rows, page, |item| (format!("{} {}", item.class.word(), item.key), item.id.to_string())))
}

/// Reads an item from [`ITEM_COLUMNS`].
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: column(row, 0)?,
        customer: column(row, 1)?,
        host: column(row, 2)?,
        class: from_word(row, 3)?,
        key: row.get(4)?,
        name: row.get(5)?,
        fields: json(row, 6)?,
        first_seen_at: moment(row.get(7)?),
        gone_at: row.get::<_, Option<i64>>(8)?.map(moment),
    })
}

fn changes(db: &Connection, host: HostId, since: Option<Timestamp>, page: &PageRequest) -> Result<Page<(i64, Change)>> {
    let before = row_before(page)?;
    let sql = format!(
        "SELECT {CHANGE_COLUMNS} FROM change
         WHERE host IN ({LIVES}) AND observed_ms >= ?2 AND (?3 IS NULL OR row < ?3) ORDER BY row DESC LIMIT ?4"
    );
    let since_ms = since.map_or(i64::MIN, jiff::Timestamp::as_millisecond);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![host.to_string(), since_ms, before, cursor::fetch(page)], change)?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(cursor::page(rows, page, |(row, _)| (row.to_string(), String::new())))
}

fn changes_of_item(db: &Connection, id: ItemId, page: &PageRequest) -> Result<Page<(i64, Change)>> {
    let before = row_before(page)?;
    let sql = format!(
        "SELECT {CHANGE_COLUMNS} FROM change WHERE item = ?1 AND (?2 IS NULL OR row < ?2) ORDER BY row DESC LIMIT ?3"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![id.to_string(), before, cursor::fetch(page)], change)?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(cursor::page(rows, page, |(row, _)| (row.to_string(), String::new())))
}

fn row_before(page: &PageRequest) -> Result<Option<i64>> {
    let start = cursor::start(page)?;
    start.map(|(row, _)| row.parse().map_err(|_| super::Error::Cursor)).transpose()
}

fn past_of_host(
    db: &Connection,
    host: HostId,
    class: Option<Class>,
    after: Timestamp,
) -> Result<Option<(Vec<Item>, Vec<Change>)>> {
    // One transaction: a scan between the questions would be undone without having been done.
    let whole = db.unchecked_transaction()?;
    let (host, after_ms, class) = (host.to_string(), millis(after), class.map(Class::word));
    let of_class = if class.is_some() { "AND class = ?3" } else { "AND ?3 IS NULL" };
    let later = format!(
        "SELECT {CHANGE_COLUMNS} FROM change WHERE host = ?1 {of_class} AND observed_ms > ?2 ORDER BY row DESC LIMIT {}",
        UNDONE_MAX + 1
    );
    let read = |sql: &str| -> Result<Vec<Change>> {
        let mut statement = whole.prepare_cached(sql)?;
        let rows = statement.query_map(params![host, after_ms, class], change)?;
        Ok(rows.map(|row| row.map(|(_, change)| change)).collect::<rusqlite::Result<_>>()?)
    };
    let mut changes = read(&later)?;
    if changes.len() as i64 > UNDONE_MAX {
        return Ok(None);
    }
    changes.extend(read(&format!(
        "SELECT {CHANGE_COLUMNS} FROM change WHERE row IN (
           SELECT (SELECT c.row FROM change c WHERE c.item = i.id AND c.observed_ms <= ?2 ORDER BY c.row DESC LIMIT 1)
           FROM item i WHERE host = ?1 {of_class})"
    ))?);
    let sql = format!("SELECT {ITEM_COLUMNS} FROM item WHERE host = ?1 AND (?2 IS NULL OR class = ?2)");
    let items = whole.prepare_cached(&sql)?.query_map(params![host, class], item)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some((items, changes)))
}

/// Reads a change from [`CHANGE_COLUMNS`], with its row number.
pub(super) fn change(row: &Row<'_>) -> rusqlite::Result<(i64, Change)> {
    let value = |index: usize| -> rusqlite::Result<Option<Value>> {
        if row.get_ref(index)? == rusqlite::types::ValueRef::Null { Ok(None) } else { json(row, index).map(Some) }
    };
    let change = Change {
        item: column(row, 1)?,
        host: column(row, 2)?,
        class: from_word(row, 3)?,
        name: row.get(4)?,
        kind: from_word(row, 5)?,
        field: row.get(6)?,
        old: value(7)?,
        new: value(8)?,
        observed_at: moment(row.get(9)?),
        received_at: moment(row.get(10)?),
        scan: row.get(11)?,
    };
    Ok((row.get(0)?, change))
}
