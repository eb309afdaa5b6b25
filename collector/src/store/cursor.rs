//! Where a page of a list ended: the sort key and the id of its last row, as URL-safe text.

use super::{Error, Result};
use crate::model::{Page, PageRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The most rows of one page.
const LIMIT_MAX: usize = 1_000;

/// Key and id of the row after which the page starts; empty texts start the list.
pub fn start(request: &PageRequest) -> Result<Option<(String, String)>> {
    let Some(cursor) = &request.cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::Cursor)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|_| Error::Cursor)
}

/// How many rows to read: one more than asked tells whether there is a next page.
pub fn fetch(request: &PageRequest) -> i64 {
    request.limit.clamp(1, LIMIT_MAX) as i64 + 1
}

/// Cuts the surplus row off and names where the next page starts.
pub fn page<T>(mut rows: Vec<T>, request: &PageRequest, key: impl Fn(&T) -> (String, String)) -> Page<T> {
    let limit = request.limit.clamp(1, LIMIT_MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).and_then(|last| after(&key(last)));
    Page { items: rows, next_cursor }
}

/// The cursor that goes on after this key and id.
pub fn after(last: &(String, String)) -> Option<String> {
    serde_json::to_vec(last).ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}
