//! Baselines of sites: copied from what is there in the commit that fixes them, and never changed afterwards.

use super::row::{column, document, json, millis, moment};
use super::{Result, Store, cursor};
use crate::model::{
    Baseline, BaselineId, BaselineItem, CiClass, CustomerId, Declared, Fields, HostId, Page, PageRequest, SiteId, Value,
};
use rusqlite::types::Null;
use rusqlite::{Connection, Row, params};

/// Facts of `item i` that are written down: of a package its version, of all else what is known.
const FACTS: &str =
    "CASE i.class WHEN 'software' THEN json_object('version', json_extract(i.fields, '$.version')) ELSE i.fields END";
/// Which items of `item i` are written down of site ?2.
const WRITTEN: &str = "i.host IN (SELECT id FROM host WHERE site = ?2 AND admission <> 'revoked')
    AND i.gone_ms IS NULL AND i.class NOT IN ('neighbour', 'pending_update')";

/// Which declarations are written down of site ?2.
const DECLARED: &str = "coalesce(site, (SELECT h.site FROM host h WHERE h.id = declared.host)) = ?2";
/// A page of a baseline.
pub(super) const ITEMS: &str = "SELECT host, class, item, name, facts FROM baseline_item
    WHERE baseline = ?1 AND (host, class, item) > (?2, ?3, ?4) ORDER BY host, class, item LIMIT ?5";

impl Store {
    /// The baselines of a site, newest first.
    pub async fn baselines(&self, site: SiteId) -> Result<Vec<Baseline>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT id, customer, site, fixed_ms, actor FROM baseline WHERE site = ?1
                     ORDER BY fixed_ms DESC, id DESC LIMIT 1000",
                )?;
                Ok(statement.query_map(params![site.to_string()], baseline)?.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// How many items the baselines of a customer hold, and how many a new one of this site would.
    pub async fn baseline_sizes(&self, customer: CustomerId, site: SiteId) -> Result<(u64, u64)> {
        self.cmdb.read(move |db| sizes(db, customer, site)).await
    }

    /// Items of a baseline, by host, class and id.
    pub async fn baseline_items(&self, id: BaselineId, page: PageRequest) -> Result<Page<BaselineItem>> {
        self.cmdb.read(move |db| items(db, id, &page)).await
    }

    /// How many items of each class a baseline holds, host by host.
    pub async fn baseline_counts(&self, id: BaselineId) -> Result<Vec<(Option<HostId>, CiClass, u64)>> {
        self.cmdb.read(move |db| counts(db, id)).await
    }

    /// What a baseline holds of these classes of observed items, and all that is declared, by host and class.
    pub async fn baseline_of_classes(&self, id: BaselineId, classes: Vec<&'static str>) -> Result<Vec<BaselineItem>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT host, class, item, name, facts FROM baseline_item
                     WHERE baseline = ?1 AND (host = '' OR class IN (SELECT value FROM json_each(?2)))
                     ORDER BY host, class, item",
                )?;
                let rows = statement.query_map(params![id.to_string(), document(&classes)?], item)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// What a baseline holds and what its site has now, without what is equal on both sides.
    pub async fn baseline_differences(
        &self,
        id: BaselineId,
        site: SiteId,
    ) -> Result<(Vec<BaselineItem>, Vec<BaselineItem>)> {
        self.cmdb
            .read(move |db| {
                let (mut before, mut now) = differing(db, id, site)?;
                before.extend(fixed_of_people(db, id)?);
                now.extend(added(db, id, site)?);
                now.extend(declared(db, site)?);
                Ok((before, now))
            })
            .await
    }
}

/// Copies what is there: the whole site in one statement a kind, so that no change falls between two hosts.
pub(super) fn fix(db: &Connection, baseline: &Baseline) -> Result<()> {
    let (id, site) = (baseline.id.to_string(), baseline.site.to_string());
    db.prepare_cached("INSERT INTO baseline (id, customer, site, fixed_ms, actor) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![id, baseline.customer.to_string(), site, millis(baseline.fixed_at), baseline.actor])?;
    let sql = format!(
        "INSERT INTO baseline_item (baseline, host, class, item, name, facts)
         SELECT ?1, i.host, i.class, i.id, i.name, {FACTS} FROM item i WHERE {WRITTEN}"
    );
    db.prepare_cached(&sql)?.execute(params![id, site])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO baseline_item (baseline, host, class, item, name, facts) VALUES (?1, '', ?2, ?3, ?4, ?5)",
    )?;
    for item in declared(db, baseline.site)? {
        let facts = document(&item.facts)?;
        insert.execute(params![id, item.class.word(), item.item.to_string(), item.name, facts])?;
    }
    let count = "UPDATE baseline SET items = (SELECT count(*) FROM baseline_item WHERE baseline = ?1) WHERE id = ?1";
    db.prepare_cached(count)?.execute(params![id])?;
    Ok(())
}

/// Forgets a baseline with all that it holds.
pub(super) fn remove(db: &Connection, id: BaselineId) -> Result<()> {
    db.prepare_cached("DELETE FROM baseline_item WHERE baseline = ?1")?.execute(params![id.to_string()])?;
    db.prepare_cached("DELETE FROM baseline WHERE id = ?1")?.execute(params![id.to_string()])?;
    Ok(())
}

fn sizes(db: &Connection, customer: CustomerId, site: SiteId) -> Result<(u64, u64)> {
    let sql = format!(
        "SELECT (SELECT coalesce(sum(items), 0) FROM baseline WHERE customer = ?1),
           (SELECT count(*) FROM item i WHERE {WRITTEN}) + (SELECT count(*) FROM declared WHERE {DECLARED})"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let values = params![customer.to_string(), site.to_string()];
    let (held, coming): (i64, i64) = statement.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((held.unsigned_abs(), coming.unsigned_abs()))
}

/// Rows of the baseline to which nothing present is equal, and beside them what is present in their stead. A package
/// whose version stands in its fields as it was written down needs no reading of JSON, and most are such.
fn differing(db: &Connection, id: BaselineId, site: SiteId) -> Result<(Vec<BaselineItem>, Vec<BaselineItem>)> {
    let sql = format!(
        "SELECT b.host, b.class, b.item, b.name, b.facts, i.name, {FACTS} FROM baseline_item b
         LEFT JOIN item i ON i.id = b.item AND i.host = b.host AND {WRITTEN}
         WHERE b.baseline = ?1 AND b.host <> '' AND (i.id IS NULL OR i.name <> b.name
           OR CASE b.class WHEN 'software'
                THEN instr(i.fields, substr(b.facts, 2, length(b.facts) - 2)) = 0 AND {FACTS} <> b.facts
                ELSE i.fields <> b.facts END)"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id.to_string(), site.to_string()])?;
    let (mut before, mut now) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let old = item(row)?;
        if let Some(name) = row.get(5)? {
            now.push(BaselineItem { name, facts: json(row, 6)?, ..old.clone() });
        }
        before.push(old);
    }
    Ok((before, now))
}

/// What is present and stands in no row of the baseline.
fn added(db: &Connection, id: BaselineId, site: SiteId) -> Result<Vec<BaselineItem>> {
    let sql = format!(
        "SELECT i.host, i.class, i.id, i.name, {FACTS} FROM item i WHERE {WRITTEN} AND NOT EXISTS (
           SELECT 1 FROM baseline_item b
           WHERE b.baseline = ?1 AND b.host = i.host AND b.class = i.class AND b.item = i.id)"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![id.to_string(), site.to_string()], item)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn fixed_of_people(db: &Connection, id: BaselineId) -> Result<Vec<BaselineItem>> {
    let mut statement = db
        .prepare_cached("SELECT host, class, item, name, facts FROM baseline_item WHERE baseline = ?1 AND host = ''")?;
    let rows = statement.query_map(params![id.to_string()], item)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What people declare at a site, their words about observed items too.
fn declared(db: &Connection, site: SiteId) -> Result<Vec<BaselineItem>> {
    let mut statement = db.prepare_cached(&format!("SELECT doc FROM declared WHERE {DECLARED}"))?;
    let rows = statement.query_map(params![Null, site.to_string()], |row| json::<Declared>(row, 0))?;
    rows.map(|row| Ok(written(row?))).collect()
}

fn written(declared: Declared) -> BaselineItem {
    let text = |value: String| Value::Text(value);
    let mut facts: Fields = declared.fields.into_iter().map(|(name, value)| (name, text(value))).collect();
    facts.insert("state".to_owned(), text(declared.state.word().to_owned()));
    facts.extend(declared.state_since.map(|since| ("state_since".to_owned(), text(since.to_string()))));
    BaselineItem { item: declared.item, host: None, class: declared.class, name: declared.name, facts }
}

fn items(db: &Connection, id: BaselineId, page: &PageRequest) -> Result<Page<BaselineItem>> {
    let (key, item_id) = cursor::start(page)?.unwrap_or_default();
    // Key by key of the primary key, as its rows lie; before all of them stand three empty texts.
    let (host, class) = key.split_once(' ').unwrap_or_default();
    let mut statement = db.prepare_cached(ITEMS)?;
    let values = params![id.to_string(), host, class, item_id, cursor::fetch(page)];
    let rows = statement.query_map(values, item)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let key = |row: &BaselineItem| format!("{} {}", host_word(row.host), row.class.word());
    Ok(cursor::page(rows, page, |row| (key(row), row.item.to_string())))
}

fn counts(db: &Connection, id: BaselineId) -> Result<Vec<(Option<HostId>, CiClass, u64)>> {
    let mut statement = db.prepare_cached(
        "SELECT host, class, count(*) FROM baseline_item WHERE baseline = ?1 GROUP BY host, class ORDER BY host, class",
    )?;
    let rows = statement.query_map(params![id.to_string()], |row| {
        Ok((host(row, 0)?, super::row::from_word(row, 1)?, row.get::<_, i64>(2)?.unsigned_abs()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn baseline(row: &Row<'_>) -> rusqlite::Result<Baseline> {
    Ok(Baseline {
        id: column(row, 0)?,
        customer: column(row, 1)?,
        site: column(row, 2)?,
        fixed_at: moment(row.get(3)?),
        actor: row.get(4)?,
    })
}

fn item(row: &Row<'_>) -> rusqlite::Result<BaselineItem> {
    Ok(BaselineItem {
        host: host(row, 0)?,
        class: super::row::from_word(row, 1)?,
        item: column(row, 2)?,
        name: row.get(3)?,
        facts: json(row, 4)?,
    })
}

fn host(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<HostId>> {
    let text: String = row.get(index)?;
    if text.is_empty() { Ok(None) } else { column(row, index).map(Some) }
}

fn host_word(host: Option<HostId>) -> String {
    host.map(|host| host.to_string()).unwrap_or_default()
}
