//! A table that somebody brings along, against what is declared: each row is new, changed, unchanged or refused with its
//! line, column and reason. The preview has a digest; what is applied is exactly what was previewed, or nothing.

use super::edit::{Edit, Hand, Refused, add};
use super::field::TYPED;
use super::table::{FREE, LEADING};
use crate::export::csv::plain;
use crate::model::{Ci, CiClass, CustomerId, DeclaredClass, ItemId, LifeState, Site, SiteId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Rows of a table.
const ROWS_MAX: usize = 5_000;
/// Bytes of a table.
const BYTES_MAX: usize = 1 << 20;
/// Items of one customer, machines too.
const ITEMS_MAX: usize = 50_000;
/// Columns of a table.
const COLUMNS_MAX: usize = 200;

/// What is there already.
pub struct Books<'a> {
    /// Whose.
    pub customer: CustomerId,
    /// Every item that a table may name.
    pub cis: &'a [Ci],
    /// The customer's sites.
    pub sites: &'a [Site],
    /// Where an item stands.
    pub place: &'a dyn Fn(&Ci) -> Option<SiteId>,
}

/// What a row comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// An item that is not there yet.
    New,
    /// One that changes.
    Changed,
    /// One that stays as it is.
    Unchanged,
    /// It cannot be; then nothing of the table is applied.
    Refused,
}

/// One field of a row that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// Which.
    pub field: String,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
}

/// One row of the preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewRow {
    /// Line of the table on which it begins; the header stands on line 1.
    pub line: u64,
    /// What it comes to.
    pub kind: RowKind,
    /// Id of the item that it is about; null = new or not found.
    pub id: Option<uuid::Uuid>,
    /// Name in the table.
    pub name: String,
    /// What changes.
    pub changes: Vec<FieldChange>,
    /// The column at fault.
    pub column: Option<String>,
    /// What is wrong with it.
    pub reason: Option<String>,
}

/// What a table would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Each row, in order.
    pub rows: Vec<PreviewRow>,
    /// Give it back to apply exactly this.
    pub digest: String,
    /// The changes themselves, for the one who applies them.
    pub edits: Vec<Edit>,
}

impl Preview {
    /// How many rows come to this.
    pub fn count(&self, kind: RowKind) -> usize {
        self.rows.iter().filter(|row| row.kind == kind).count()
    }
}

/// Compares a table with what is there. An error is about the table as a whole.
pub fn plan(text: &str, books: &Books<'_>, hand: &Hand) -> Result<Preview, Refused> {
    if text.len() > BYTES_MAX {
        return Err(Refused::invalid(format!("a table has at most {BYTES_MAX} bytes")));
    }
    // The reader begins a row before the second half of a line's end and would count one line too few.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(&text)).flexible(true).from_reader(text.as_bytes());
    let header = header(&mut reader)?;
    let mut turn = Turn::new(books, hand, header);
    for record in reader.records() {
        let record = record.map_err(|error| Refused::invalid(format!("the table cannot be read: {error}")))?;
        // Spreadsheets leave rows of nothing behind.
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if turn.rows.len() >= ROWS_MAX {
            return Err(Refused::invalid(format!("a table has at most {ROWS_MAX} rows")));
        }
        turn.take(&record);
    }
    Ok(turn.finish())
}

/// Spreadsheets of half of Europe save with semicolons.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    if count(';') > count(',') { b';' } else { b',' }
}

fn header(reader: &mut csv::Reader<&[u8]>) -> Result<Vec<String>, Refused> {
    let header = reader.headers().map_err(|error| Refused::invalid(format!("the header cannot be read: {error}")))?;
    let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    if names.len() > COLUMNS_MAX {
        return Err(Refused::invalid(format!("a table has at most {COLUMNS_MAX} columns")));
    }
    let is_typed = |name: &str| TYPED.iter().any(|(typed, _)| *typed == name);
    let is_free = |name: &str| name.strip_prefix(FREE).is_some_and(|free| !is_typed(free));
    let known = |name: &str| LEADING.contains(&name) || is_typed(name) || is_free(name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let typed: Vec<&str> = TYPED.iter().map(|(name, _)| *name).collect();
        let known = format!("{}, {}, and {FREE}something for fields of your own", LEADING.join(", "), typed.join(", "));
        return Err(Refused::invalid(format!("no column is named {name:?}; there are {known}")));
    }
    let unique: HashSet<&String> = names.iter().collect();
    if unique.len() != names.len() || !(names.iter().any(|name| name == "id" || name == "name")) {
        return Err(Refused::invalid("each column stands once, and one of them is id or name".to_owned()));
    }
    Ok(names)
}

/// What a row says of where its item stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The table has no such column.
    Unsaid,
    /// An empty cell.
    Nowhere,
    /// A site of the customer.
    At(SiteId),
}

impl Place {
    fn at(self) -> Option<SiteId> {
        if let Place::At(site) = self { Some(site) } else { None }
    }
}

/// The column at fault, and why.
type Fault = (String, String);

struct Turn<'a> {
    books: &'a Books<'a>,
    hand: &'a Hand,
    header: Vec<String>,
    by_id: HashMap<ItemId, &'a Ci>,
    by_name: HashMap<(CiClass, String), Vec<&'a Ci>>,
    site_names: HashMap<SiteId, &'a str>,
    taken: HashSet<ItemId>,
    made: HashSet<(CiClass, String, Option<SiteId>)>,
    rows: Vec<PreviewRow>,
    edits: Vec<Edit>,
}

impl<'a> Turn<'a> {
    fn new(books: &'a Books<'a>, hand: &'a Hand, header: Vec<String>) -> Self {
        let mut by_name: HashMap<_, Vec<&Ci>> = HashMap::new();
        for ci in books.cis {
            by_name.entry((ci.declared.class, ci.name().trim().to_lowercase())).or_default().push(ci);
        }
        Self {
            books,
            hand,
            header,
            by_id: books.cis.iter().map(|ci| (ci.declared.item, ci)).collect(),
            by_name,
            site_names: books.sites.iter().map(|site| (site.id, site.name.as_str())).collect(),
            taken: HashSet::new(),
            made: HashSet::new(),
            rows: Vec::new(),
            edits: Vec::new(),
        }
    }

    fn take(&mut self, record: &csv::StringRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        let cells: BTreeMap<String, String> =
            self.header.iter().cloned().zip(record.iter().map(|cell| plain(cell.trim()).trim().to_owned())).collect();
        let name = cells.get("name").cloned().unwrap_or_default();
        let mut row = PreviewRow {
            line,
            kind: RowKind::Refused,
            id: None,
            name,
            changes: Vec::new(),
            column: None,
            reason: None,
        };
        let outcome = if record.len() == self.header.len() {
            self.row(&cells)
        } else {
            Err(fault("", format!("it has {} cells and the header {}", record.len(), self.header.len())))
        };
        match outcome {
            Ok((edit, is_new)) => {
                row.kind = match (is_new, edit.changes.is_empty()) {
                    (true, _) => RowKind::New,
                    (false, false) => RowKind::Changed,
                    (false, true) => RowKind::Unchanged,
                };
                row.id = (!is_new).then_some(edit.declared.item.0);
                row.changes = edit.changes.iter().map(FieldChange::from).collect();
                if !edit.changes.is_empty() {
                    self.edits.push(edit);
                }
            }
            Err((column, reason)) => {
                row.column = Some(column).filter(|column| !column.is_empty());
                row.reason = Some(reason);
            }
        }
        self.rows.push(row);
    }

    fn row(&mut self, cells: &BTreeMap<String, String>) -> Result<(Edit, bool), Fault> {
        let site = self.site(cells)?;
        match self.find(cells, site)? {
            Some(ci) => {
                if !self.taken.insert(ci.declared.item) {
                    return Err(fault("id", "the table names this item twice"));
                }
                self.change(ci, cells, site).map(|edit| (edit, false))
            }
            None => self.make(cells, site.at()).map(|edit| (edit, true)),
        }
    }

    fn site(&self, cells: &BTreeMap<String, String>) -> Result<Place, Fault> {
        let Some(name) = cells.get("site") else { return Ok(Place::Unsaid) };
        if name.is_empty() {
            return Ok(Place::Nowhere);
        }
        let found = self.books.sites.iter().find(|site| site.name.eq_ignore_ascii_case(name));
        let absent = || fault("site", format!("this customer has no site named {name:?}"));
        found.map(|site| Place::At(site.id)).ok_or_else(absent)
    }

    /// The item of a row, by its id or else by class, name and site.
    fn find(&self, cells: &BTreeMap<String, String>, site: Place) -> Result<Option<&'a Ci>, Fault> {
        if let Some(id) = cells.get("id").filter(|id| !id.is_empty()) {
            let id: ItemId = id.parse().map_err(|_| fault("id", format!("{id:?} is not an id")))?;
            let found = self.by_id.get(&id).copied();
            return found.map(Some).ok_or_else(|| fault("id", "this customer has no such item"));
        }
        let class = class(cells)?.ok_or_else(|| fault("class", "a row without an id needs its class"))?;
        let key = (class, cells.get("name").map(|name| name.to_lowercase()).unwrap_or_default());
        let named = self.by_name.get(&key).map(Vec::as_slice).unwrap_or_default();
        // A table without sites means the one of that name, wherever it stands.
        let mut found = named.iter().filter(|ci| site == Place::Unsaid || site.at() == (self.books.place)(ci));
        match (found.next(), found.next()) {
            (found, None) => Ok(found.copied()),
            _ => Err(fault("name", "several items have this class, name and site: give the id")),
        }
    }

    fn make(&mut self, cells: &BTreeMap<String, String>, site: Option<SiteId>) -> Result<Edit, Fault> {
        if self.books.cis.len() + self.made.len() >= ITEMS_MAX {
            return Err(fault("id", format!("a customer has at most {ITEMS_MAX} declared items")));
        }
        let Some(CiClass::Declared(class)) = class(cells)? else {
            return Err(fault("class", format!("what people add is one of {}", words())));
        };
        let name = cells.get("name").map(String::as_str).unwrap_or_default();
        if !self.made.insert((CiClass::Declared(class), name.to_lowercase(), site)) {
            return Err(fault("name", "the table adds this item twice"));
        }
        let state = state(cells)?.unwrap_or(LifeState::Active);
        let since = since(cells)?.unwrap_or(self.hand.today);
        let place = site.and_then(|site| Some((site, *self.site_names.get(&site)?)));
        let ids = (ItemId::new(), self.books.customer);
        let mut edit = add(ids, class, name, place, (state, since), self.hand).map_err(of("name"))?;
        put(&mut edit, cells)?;
        Ok(edit)
    }

    fn change(&self, ci: &Ci, cells: &BTreeMap<String, String>, site: Place) -> Result<Edit, Fault> {
        if class(cells)?.is_some_and(|class| class != ci.declared.class) {
            return Err(fault("class", format!("it is a {}, and an item keeps its class", ci.declared.class.word())));
        }
        let mut edit = Edit::new(ci.declared.clone(), self.hand);
        if let Some(name) = cells.get("name").filter(|name| *name != ci.name().trim()) {
            edit.rename(name).map_err(of("name"))?;
        }
        let present = (self.books.place)(ci);
        let wanted = site.at();
        if site != Place::Unsaid && wanted != present {
            let named = |site: SiteId| self.site_names.get(&site).copied();
            let place = wanted.and_then(|site| Some((site, named(site)?)));
            edit.place(place, present.and_then(named)).map_err(of("site"))?;
        }
        let (state, day) = (state(cells)?.unwrap_or(ci.declared.state), since(cells)?);
        if state != ci.declared.state || day.is_some_and(|day| Some(day) != ci.declared.state_since) {
            // A day that was left as it stood is that of the state before.
            let day = day.filter(|day| state == ci.declared.state || Some(*day) != ci.declared.state_since);
            edit.go(state, day.unwrap_or(self.hand.today)).map_err(of("state"))?;
        }
        put(&mut edit, cells)?;
        Ok(edit)
    }

    fn finish(self) -> Preview {
        let rows = serde_json::to_vec(&(self.books.customer, &self.rows)).unwrap_or_default();
        let digest = ring::digest::digest(&ring::digest::SHA256, &rows);
        let digest = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Preview { rows: self.rows, digest, edits: self.edits }
    }
}

fn put(edit: &mut Edit, cells: &BTreeMap<String, String>) -> Result<(), Fault> {
    let fields = cells.iter().filter(|(column, _)| !LEADING.contains(&column.as_str()));
    for (column, value) in fields {
        edit.put(column.strip_prefix(FREE).unwrap_or(column), value).map_err(of(column))?;
    }
    Ok(())
}

fn class(cells: &BTreeMap<String, String>) -> Result<Option<CiClass>, Fault> {
    let Some(word) = cells.get("class").filter(|word| !word.is_empty()) else { return Ok(None) };
    let class = CiClass::from_word(word).ok_or_else(|| fault("class", format!("one of {}", words())))?;
    Ok(Some(class))
}

fn words() -> String {
    DeclaredClass::ALL.iter().map(|class| class.word()).collect::<Vec<_>>().join(", ")
}

fn state(cells: &BTreeMap<String, String>) -> Result<Option<LifeState>, Fault> {
    let Some(word) = cells.get("state").filter(|word| !word.is_empty()) else { return Ok(None) };
    let words = || LifeState::ALL.iter().map(|state| state.word()).collect::<Vec<_>>().join(", ");
    LifeState::from_word(word).map(Some).ok_or_else(|| fault("state", format!("one of {}", words())))
}

fn since(cells: &BTreeMap<String, String>) -> Result<Option<Date>, Fault> {
    let Some(text) = cells.get("state_since").filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| fault("state_since", "a day as 2026-12-31"))
}

fn fault(column: &str, reason: impl Into<String>) -> Fault {
    (column.to_owned(), reason.into())
}

/// The fault of a column that a rule refused.
fn of(column: &str) -> impl FnOnce(Refused) -> Fault {
    let column = column.to_owned();
    |refused| (column, refused.reason)
}

impl From<&crate::model::DeclaredChange> for FieldChange {
    fn from(change: &crate::model::DeclaredChange) -> Self {
        Self { field: change.field.clone(), old: change.old.clone(), new: change.new.clone() }
    }
}
