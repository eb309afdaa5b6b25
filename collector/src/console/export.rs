//! Exports out of the store, for the API and for the command line: one host as a document, lists row by row, so that a list
//! of a million rows takes no more memory than a page of it. What the files look like is `crate::export`.

use crate::declare::{self, SiteNames};
use crate::export::{self, csv};
use crate::model::{
    Admission, Ci, Class, CustomerId, HostFilter, HostId, HostRow, ItemFilter, PageRequest, Scope, SiteId,
};
use crate::store::{self, Store};
use ::csv::Error as LineError;
use jiff::Timestamp;
use serde_json::Value as Json;
use std::collections::{HashMap, VecDeque};

/// Rows that are read at once.
const PAGE_ROWS: usize = 1_000;

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A row could not be written.
    #[error("a row could not be written")]
    Line(#[from] LineError),
}

/// The host as GLPI inventory.
pub async fn glpi(store: &Store, row: &HostRow, now: Timestamp) -> store::Result<Json> {
    Ok(export::glpi(row, &store.all_items(row.host.id).await?, now))
}

/// The host as a CycloneDX bill of materials.
pub async fn cyclonedx(store: &Store, row: &HostRow) -> store::Result<Json> {
    let newest = store.changes(row.host.id, None, PageRequest { cursor: None, limit: 1 }).await?;
    let changed_at = newest.items.first().map(|(_, change)| change.observed_at);
    Ok(export::cyclonedx(row, &store.all_items(row.host.id).await?, changed_at))
}

/// The table of what is declared of a customer, as CSV.
pub async fn declared(store: &Store, customer: CustomerId) -> Result<String, Error> {
    let (cis, sites) = (store.cis(customer).await?, store.sites(customer).await?);
    let names: SiteNames<'_> = sites.iter().map(|site| (site.id, site.name.as_str())).collect();
    let hosts: HashMap<HostId, SiteId> =
        store.host_list().await?.into_iter().map(|host| (host.id, host.site)).collect();
    let place = |ci: &Ci| ci.declared.site.or_else(|| hosts.get(&ci.declared.host?).copied());
    Ok(declare::export(&cis, &names, &place)?)
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Every host.
    Hosts,
    /// Present items of a class, of every host that was neither revoked nor merged into another.
    Items(Class),
}

impl List {
    /// `hosts`, or the word of a class.
    pub fn from_word(word: &str) -> Option<List> {
        if word == "hosts" { Some(List::Hosts) } else { Class::from_word(word).map(List::Items) }
    }

    /// The words, for refusals.
    pub fn words() -> String {
        let classes = Class::ALL.iter().map(|class| class.word());
        std::iter::once("hosts").chain(classes).collect::<Vec<_>>().join(", ")
    }
}

/// A list on its way out.
pub struct Table {
    store: Store,
    list: List,
    filter: HostFilter,
    /// Columns beside those of every item; `None` = the header is still to come.
    fields: Option<Vec<String>>,
    hosts: VecDeque<HostRow>,
    /// Where the next page of hosts starts; `None` = there is none.
    hosts_from: Option<PageRequest>,
    /// Where the next page of the first host's items starts.
    items_from: Option<String>,
}

impl Table {
    /// Of the customers of a scope, or of one of them. Nothing is read yet: on a large estate even the header takes a while.
    pub fn new(store: Store, list: List, scope: Scope, customer: Option<CustomerId>) -> Table {
        Table {
            store,
            list,
            filter: HostFilter { scope, customer, search: None, presence: None },
            fields: None,
            hosts: VecDeque::new(),
            hosts_from: Some(PageRequest { cursor: None, limit: PAGE_ROWS }),
            items_from: None,
        }
    }

    /// The next lines, each with its end; `None` = that was all.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        if self.fields.is_none() {
            return self.header().await.map(Some);
        }
        loop {
            let lines = match (self.list, self.hosts.front()) {
                (List::Items(class), Some(host)) => self.items(class, host.clone()).await?,
                (_, None) if self.hosts_from.is_none() => return Ok(None),
                _ => self.next_hosts().await?,
            };
            if !lines.is_empty() {
                return Ok(Some(lines));
            }
        }
    }

    async fn header(&mut self) -> Result<String, Error> {
        let List::Items(class) = self.list else {
            self.fields = Some(Vec::new());
            return Ok(csv::host_header()?);
        };
        let fields = self.store.field_names(class, self.filter.scope.clone(), self.filter.customer).await?;
        let header = csv::item_header(&fields)?;
        self.fields = Some(fields);
        Ok(header)
    }

    /// Reads a page of hosts: as lines where hosts are the list, else as those whose items come next.
    async fn next_hosts(&mut self) -> Result<String, Error> {
        let Some(from) = self.hosts_from.take() else { return Ok(String::new()) };
        let page = self.store.hosts(self.filter.clone(), from).await?;
        self.hosts_from = page.next_cursor.map(|cursor| PageRequest { cursor: Some(cursor), limit: PAGE_ROWS });
        if self.list == List::Hosts {
            return Ok(page.items.iter().map(csv::host_line).collect::<Result<String, _>>()?);
        }
        let is_counted = |row: &HostRow| row.host.admission != Admission::Revoked && row.merged_into.is_none();
        self.hosts = page.items.into_iter().filter(is_counted).collect();
        Ok(String::new())
    }

    async fn items(&mut self, class: Class, row: HostRow) -> Result<String, Error> {
        let filter = ItemFilter { host: row.host.id, class: Some(class), gone_too: false };
        let from = PageRequest { cursor: self.items_from.take(), limit: PAGE_ROWS };
        let page = self.store.items(filter, from).await?;
        self.items_from = page.next_cursor;
        if self.items_from.is_none() {
            self.hosts.pop_front();
        }
        let fields = self.fields.as_deref().unwrap_or_default();
        Ok(page.items.iter().map(|item| csv::item_line(&row, item, fields)).collect::<Result<String, _>>()?)
    }
}
