//! The table of what people declare, as CSV (RFC 4180): which columns it has, and cells that no spreadsheet takes for a
//! formula. Reading a table as wishes is `import`.

use super::field::TYPED;
use crate::export::csv::safe;
use crate::model::{Ci, SiteId};
use std::collections::{BTreeSet, HashMap};

/// Columns before the typed fields.
pub(super) const LEADING: &[&str] = &["id", "class", "name", "site", "state", "state_since"];
/// Free fields are columns with this before their name, so that a misspelt column is not taken for one.
pub(super) const FREE: &str = "field.";

/// One site's name, where an item stands.
pub type SiteNames<'a> = HashMap<SiteId, &'a str>;

/// The table; `place` answers the site where an observed item's host stands.
pub fn export(cis: &[Ci], sites: &SiteNames<'_>, place: &dyn Fn(&Ci) -> Option<SiteId>) -> Result<String, csv::Error> {
    let free = free_fields(cis);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut header: Vec<String> = LEADING.iter().map(|name| (*name).to_owned()).collect();
    header.extend(TYPED.iter().map(|(name, _)| (*name).to_owned()));
    header.extend(free.iter().map(|name| format!("{FREE}{name}")));
    writer.write_record(&header)?;
    for ci in cis {
        let site = place(ci).and_then(|site| sites.get(&site).copied());
        writer.write_record(cells(ci, site.unwrap_or_default(), &free).iter().map(|cell| safe(cell)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

fn free_fields(cis: &[Ci]) -> Vec<String> {
    let names = cis.iter().flat_map(|ci| ci.declared.fields.keys());
    let free: BTreeSet<&String> = names.filter(|name| !TYPED.iter().any(|(typed, _)| typed == *name)).collect();
    free.into_iter().cloned().collect()
}

fn cells(ci: &Ci, site: &str, free: &[String]) -> Vec<String> {
    let declared = &ci.declared;
    let mut cells = vec![
        declared.item.to_string(),
        declared.class.word().to_owned(),
        ci.name().to_owned(),
        site.to_owned(),
        declared.state.word().to_owned(),
        declared.state_since.map(|since| since.to_string()).unwrap_or_default(),
    ];
    let names = TYPED.iter().map(|(name, _)| *name).chain(free.iter().map(String::as_str));
    cells.extend(names.map(|name| declared.fields.get(name).cloned().unwrap_or_default()));
    cells
}
