//! Who has what: present items of one class over all hosts of the caller's customers, by name. What a value or a version
//! is compared with is the caller's predicate; rows are read in the order of names until a page is full.

use super::hosts::scope_json;
use super::items::{ITEM_COLUMNS, item};
use super::row::column;
use super::{Result, Store, cursor};
use crate::model::{Item, ItemRow, ItemSearch, Page, PageRequest};
use rusqlite::{Connection, Row, params};

/// Rows that one page looks at, those that the caller may not see too; a page that found little by then ends early and
/// its cursor goes on.
const LOOKED_AT_MAX: usize = 100_000;
/// After every name that begins with what stands before it.
const LAST: char = '\u{10ffff}';

/// Is a row of [`SEARCH`] the caller's to see? A column and no condition, so that what is left out counts as looked at.
pub(super) const IS_SEEN: &str = "coalesce(h.admission <> 'revoked'
  AND (?6 IS NULL OR h.customer IN (SELECT value FROM json_each(?6))) AND (?7 IS NULL OR h.customer = ?7), 0)";
/// Beginning and end of the names, both inclusive; the index gives the order.
pub(super) const SEARCH: &str = "FROM item i INDEXED BY item_by_name
  LEFT JOIN host h ON h.id = i.host LEFT JOIN customer c ON c.id = h.customer LEFT JOIN site s ON s.id = h.site
  WHERE i.class = ?1 AND i.gone_ms IS NULL AND i.name >= ?2 COLLATE NOCASE AND i.name <= ?3 COLLATE NOCASE
    AND (i.name COLLATE NOCASE, i.id) > (?4, ?5)
  ORDER BY i.name COLLATE NOCASE, i.id";

impl Store {
    /// Present items of a search that the predicate keeps, by name and id. A page may be short or empty and still have a
    /// next one. Revoked hosts have nothing.
    pub async fn search<F>(&self, search: ItemSearch, page: PageRequest, keep: F) -> Result<Page<ItemRow>>
    where
        F: Fn(&Item) -> bool + Send + 'static,
    {
        self.cmdb.read(move |db| find(db, &search, &page, &keep)).await
    }
}

fn find(
    db: &Connection,
    search: &ItemSearch,
    page: &PageRequest,
    keep: &dyn Fn(&Item) -> bool,
) -> Result<Page<ItemRow>> {
    let (from, to) = bounds(search);
    let (name, id) = cursor::start(page)?.unwrap_or_else(|| (from.clone(), String::new()));
    let columns: Vec<String> = ITEM_COLUMNS.split(", ").map(|column| format!("i.{column}")).collect();
    let sql = format!(
        "SELECT {}, h.name, h.customer, coalesce(c.name, ''), coalesce(s.name, ''), {IS_SEEN} {SEARCH}",
        columns.join(", ")
    );
    let customer = search.customer.map(|customer| customer.to_string());
    let values = params![search.class.word(), from, to, name, id, scope_json(&search.scope)?, customer];
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let limit = (cursor::fetch(page) - 1).unsigned_abs() as usize;
    let (mut found, mut last) = (Vec::new(), None);
    for _ in 0..LOOKED_AT_MAX {
        let Some(row) = rows.next()? else { return Ok(Page { items: found, next_cursor: None }) };
        let place = (row.get(5)?, row.get(0)?);
        let one = if row.get(13)? { Some(item_row(row)?) } else { None };
        if let Some(one) = one.filter(|one| keep(&one.item)) {
            if found.len() == limit {
                break;
            }
            found.push(one);
        }
        last = Some(place);
    }
    Ok(Page { items: found, next_cursor: last.as_ref().and_then(cursor::after) })
}

fn bounds(search: &ItemSearch) -> (String, String) {
    match &search.name {
        None => (String::new(), LAST.to_string()),
        Some(name) if search.is_prefix => (name.clone(), format!("{name}{LAST}")),
        Some(name) => (name.clone(), name.clone()),
    }
}

fn item_row(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        item: item(row)?,
        host_name: row.get(9)?,
        customer: column(row, 10)?,
        customer_name: row.get(11)?,
        site_name: row.get(12)?,
    })
}
