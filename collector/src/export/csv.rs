//! Lists as CSV (RFC 4180, UTF-8, a header row), safe to open in a spreadsheet. No byte order mark: it would be part of the
//! first column's name for every program that is not a spreadsheet.

use crate::model::{Admission, Fields, HostRow, Item, Presence, Role, Value};
use jiff::Timestamp;

/// Characters that make a spreadsheet calculate, in their wide forms too.
const FORMULA: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What a spreadsheet of another locale takes for the end of a cell, wherever it stands.
const FOREIGN_SEPARATORS: &[char] = &[';', '\t', '\r', '\n'];

const HOST_COLUMNS: &[&str] = &[
    "host",
    "host_id",
    "customer",
    "site",
    "role",
    "state",
    "manufacturer",
    "product",
    "serial",
    "operating_system",
    "agent_version",
    "enrolled_at",
    "last_report_at",
    "last_heard_at",
    "live_incidents",
    "merged_into",
];
const ITEM_COLUMNS: &[&str] = &["customer", "site", "host", "host_id", "item", "item_id", "first_seen_at"];

/// The header of the list of hosts.
pub fn host_header() -> Result<String, ::csv::Error> {
    line(HOST_COLUMNS.iter().map(|column| (*column).to_owned()))
}

/// One host as a line.
pub fn host_line(row: &HostRow) -> Result<String, ::csv::Error> {
    let host = &row.host;
    let fact = |field: &str| row.computer.get(field).map(cell).unwrap_or_default();
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    line([
        safe(&host.name),
        host.id.to_string(),
        safe(&row.customer_name),
        safe(&row.site_name),
        role(host.role).to_owned(),
        state(host.admission, &host.presence).to_owned(),
        fact("manufacturer"),
        fact("product"),
        fact("serial"),
        safe(&row.operating_system),
        safe(&host.agent_version),
        host.enrolled_at.to_string(),
        moment(host.last_report_at),
        moment(host.last_heard_at),
        row.live_incidents.to_string(),
        row.merged_into.map(|host| host.to_string()).unwrap_or_default(),
    ])
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Server => "server",
        Role::Workstation => "workstation",
    }
}

fn state(admission: Admission, presence: &Presence) -> &'static str {
    match (admission, presence) {
        (Admission::Pending, _) => "pending",
        (Admission::Quarantined, _) => "quarantined",
        (Admission::Revoked, _) => "revoked",
        (Admission::Active, Presence::Unseen) => "unseen",
        (Admission::Active, Presence::Online) => "online",
        (Admission::Active, Presence::Goodbye { .. }) => "goodbye",
        (Admission::Active, Presence::Silent { .. }) => "silent",
    }
}

/// The header of a list of items that have these fields.
pub fn item_header(fields: &[String]) -> Result<String, ::csv::Error> {
    line(ITEM_COLUMNS.iter().map(|column| (*column).to_owned()).chain(fields.iter().map(|field| safe(field))))
}

/// One item of a host as a line: a cell for each of the header's fields, empty where the fact is absent.
pub fn item_line(row: &HostRow, item: &Item, fields: &[String]) -> Result<String, ::csv::Error> {
    let leading = [
        safe(&row.customer_name),
        safe(&row.site_name),
        safe(&row.host.name),
        item.host.to_string(),
        safe(&item.name),
        item.id.to_string(),
        item.first_seen_at.to_string(),
    ];
    line(leading.into_iter().chain(facts(&item.fields, fields)))
}

fn facts<'a>(known: &'a Fields, fields: &'a [String]) -> impl Iterator<Item = String> + 'a {
    fields.iter().map(|field| known.get(field).map(cell).unwrap_or_default())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => safe(text),
        Value::List(list) => safe(&list.join(" | ")),
    }
}

/// A cell that is shown as it is, also where the file is opened with another separator than ours: a Dutch spreadsheet
/// splits at `;`, and what follows would be a cell of its own. [`plain`] gives the value back.
pub fn safe(value: &str) -> String {
    let mut safe = String::with_capacity(value.len() + 1);
    for (is_first, part) in parts(value) {
        if is_formula(is_first, part.trim_start_matches(['\'', '"', ' '])) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

/// The value of a cell.
pub fn plain(cell: &str) -> String {
    let value = |(is_first, part): (bool, &str)| match part.strip_prefix('\'') {
        Some(rest) if is_formula(is_first, rest.trim_start_matches(['\'', '"', ' '])) => rest.to_owned(),
        _ => part.to_owned(),
    };
    parts(cell).map(value).collect()
}

/// What some spreadsheet may take for a cell of its own, each with the separator that ends it; the first begins the cell.
fn parts(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split_inclusive(FOREIGN_SEPARATORS).enumerate().map(|(number, part)| (number == 0, part))
}

/// Blanks at the beginning of a cell are part of a formula for some spreadsheets; within a text they are its lines.
fn is_formula(is_first: bool, part: &str) -> bool {
    part.starts_with(FORMULA) || (is_first && part.starts_with(['\t', '\r', '\n']))
}

fn line(cells: impl IntoIterator<Item = String>) -> Result<String, ::csv::Error> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells)?;
    let bytes = writer.into_inner().map_err(|error| ::csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
