//! Writes an export to standard output. It reads the store beside the collector that may be running on it: an export
//! changes nothing, and a list of a whole estate would keep the pipeline from its work.

use super::args::ExportVerb;
use super::say;
use crate::config::Config;
use crate::console::export::{self, List, Table};
use crate::model::{Customer, HostFilter, HostId, HostRow, PageRequest, Scope};
use crate::store::Store;
use anyhow::{Context as _, bail};
use std::process::ExitCode;

/// Prints the document or the list.
pub async fn export(config: &Config, wish: ExportVerb) -> anyhow::Result<ExitCode> {
    let store = Store::open_to_read(&config.data_dir()).context("cannot read the store")?;
    match wish {
        ExportVerb::Glpi { host } => {
            let row = host_of(&store, &host).await?;
            say(&serde_json::to_string_pretty(&export::glpi(&store, &row, jiff::Timestamp::now()).await?)?)?;
        }
        ExportVerb::Cyclonedx { host } => {
            let row = host_of(&store, &host).await?;
            say(&serde_json::to_string_pretty(&export::cyclonedx(&store, &row).await?)?)?;
        }
        ExportVerb::Csv { class, customer } => return table(store, &class, customer.as_deref()).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn table(store: Store, class: &str, customer: Option<&str>) -> anyhow::Result<ExitCode> {
    let Some(list) = List::from_word(class) else {
        super::complain(&format!("{class:?} is no list: one of {}", List::words()));
        return Ok(ExitCode::from(2));
    };
    let customer = match customer {
        Some(name) => Some(customer_of(&store, name).await?.id),
        None => None,
    };
    let mut table = Table::new(store, list, Scope::All, customer);
    while let Some(lines) = table.next().await? {
        // Each line ends with CRLF; `say` adds the last line feed itself.
        say(lines.strip_suffix('\n').unwrap_or(&lines))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The customer of an id or a name.
pub async fn customer_of(store: &Store, text: &str) -> anyhow::Result<Customer> {
    let is_it = |customer: &Customer| customer.name.eq_ignore_ascii_case(text) || customer.id.to_string() == text;
    let found = store.customers(Scope::All).await?.into_iter().find(is_it);
    found.with_context(|| format!("no customer {text:?}"))
}

/// The host of an id, or of a name that only one host has.
async fn host_of(store: &Store, text: &str) -> anyhow::Result<HostRow> {
    if let Ok(id) = text.parse::<HostId>() {
        return store.host(id).await?.with_context(|| format!("no host {text}"));
    }
    let filter = HostFilter { scope: Scope::All, customer: None, search: Some(text.to_owned()), presence: None };
    let mut named: Vec<HostRow> = Vec::new();
    let mut from = Some(PageRequest { cursor: None, limit: 1_000 });
    while let Some(page) = from {
        let found = store.hosts(filter.clone(), page).await?;
        named.extend(found.items.into_iter().filter(|row| row.host.name == text));
        from = found.next_cursor.map(|cursor| PageRequest { cursor: Some(cursor), limit: 1_000 });
    }
    match named.len() {
        1 => Ok(named.remove(0)),
        0 => bail!("no host named {text:?}"),
        count => bail!("{count} hosts are named {text:?}: give the id instead"),
    }
}
