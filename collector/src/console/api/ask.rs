//! What callers ask, made strict at the door: ids in paths, queries without unknown keys, small JSON bodies. Nothing
//! here looks anything up.

use super::answer::{List, Problem};
use crate::console::Console;
use crate::console::past::{self, Edge};
use crate::model::PageRequest;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

/// The most bytes of a body.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Rows of a page when the caller does not say.
const LIMIT_DEFAULT: usize = 100;

/// The most rows of a page.
const LIMIT_MAX: usize = 1_000;

/// The `{id}` of the path; text that is no id names nothing.
pub struct Named(pub Uuid);

impl FromRequestParts<Arc<Console>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Console>) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::absent())?;
        Uuid::parse_str(&id).map(Named).map_err(|_| Problem::absent())
    }
}

/// A query whose keys are all known.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Console>> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Console>) -> Result<Self, Problem> {
        let parsed = Query::<T>::try_from_uri(&parts.uri);
        parsed.map(|Query(asked)| Asked(asked)).map_err(|refusal| Problem::question(refusal.body_text()))
    }
}

/// A small JSON body; an empty one reads as `{}`.
pub struct Wish<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Console>> for Wish<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Console>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == "application/json");
        let body = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await;
        let body = body.map_err(|_| Problem::too_large(format!("a body has at most {BODY_BYTES_MAX} bytes")))?;
        if body.is_empty() {
            return read(b"{}");
        }
        if is_json { read(&body) } else { Err(Problem::media_type("application/json")) }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Wish<T>, Problem> {
    serde_json::from_slice(body).map(Wish).map_err(|error| {
        let what = error.to_string();
        if error.is_data() { Problem::invalid(what) } else { Problem::question(what) }
    })
}

/// The page that `cursor` and `limit` name.
pub fn page(cursor: Option<String>, limit: Option<&str>) -> Result<PageRequest, Problem> {
    let wrong = || Problem::question(format!("limit: a whole number from 1 to {LIMIT_MAX}"));
    let limit = match limit {
        None => LIMIT_DEFAULT,
        Some(text) => text.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n)).ok_or_else(wrong)?,
    };
    Ok(PageRequest { cursor: cursor.filter(|text| !text.is_empty()), limit })
}

/// Cuts a list that the store gives whole; its cursor is the id of the page's last row.
pub fn cut<T>(rows: Vec<T>, asked: &PageRequest, id: impl Fn(&T) -> String) -> Result<List<T>, Problem> {
    let start = match &asked.cursor {
        None => 0,
        Some(cursor) => {
            let last = rows.iter().position(|row| id(row) == *cursor);
            last.ok_or_else(|| Problem::question("cursor: not one that this list gave"))? + 1
        }
    };
    let more = rows.len() > start + asked.limit;
    let items: Vec<T> = rows.into_iter().skip(start).take(asked.limit).collect();
    let next_cursor = items.last().filter(|_| more).map(id);
    Ok(List { items, next_cursor })
}

/// One of some words; `None` where the caller did not say.
pub fn one_of(key: &str, text: Option<String>, words: &[&str]) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if !words.contains(&text.as_str()) => {
            Err(Problem::question(format!("{key}: one of {}", words.join(", "))))
        }
        other => Ok(other),
    }
}

/// A moment as RFC 3339 or unix seconds. A plus sign that was not encoded arrives as a space.
pub fn moment(key: &str, text: Option<&str>) -> Result<Option<jiff::Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let parsed = match i64::from_str(text) {
        Ok(seconds) => jiff::Timestamp::from_second(seconds).ok(),
        Err(_) => text.replace(' ', "+").parse().ok(),
    };
    parsed.map(Some).ok_or_else(|| Problem::question(format!("{key}: a time as RFC 3339 or unix seconds")))
}

/// A day in the desk's zone, or a moment.
pub fn day_or_moment(
    console: &Console,
    key: &str,
    text: Option<&str>,
    edge: Edge,
) -> Result<Option<jiff::Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match past::day(console, text, edge) {
        Some(day) => Ok(Some(day)),
        None => moment(key, Some(text)).map_err(|_| {
            Problem::question(format!("{key}: a day as 2026-03-01, or a time as RFC 3339 or unix seconds"))
        }),
    }
}

/// A whole number within bounds.
pub fn number<N>(key: &str, text: Option<&str>, least: N, most: N) -> Result<Option<N>, Problem>
where
    N: FromStr + PartialOrd + Display + Copy,
{
    let Some(text) = text else { return Ok(None) };
    let within = text.parse().ok().filter(|n: &N| *n >= least && *n <= most);
    within.map(Some).ok_or_else(|| Problem::question(format!("{key}: a whole number from {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_list_is_cut_and_continued() {
        let rows = vec![1, 2, 3, 4, 5];
        let first = cut(rows.clone(), &page(None, Some("2")).unwrap(), i32::to_string).unwrap();
        assert_eq!((first.items, first.next_cursor.as_deref()), (vec![1, 2], Some("2")));
        let last = cut(rows.clone(), &page(Some("4".into()), Some("2")).unwrap(), i32::to_string).unwrap();
        assert_eq!((last.items, last.next_cursor), (vec![5], None));
        assert!(cut(rows, &page(Some("9".into()), None).unwrap(), i32::to_string).is_err());
    }

    #[test]
    fn limits_are_from_one_to_a_thousand() {
        assert_eq!(page(None, None).unwrap().limit, 100);
        assert_eq!(page(None, Some("1000")).unwrap().limit, 1_000);
        for wrong in ["0", "1001", "-1", "ten", "", "1.5"] {
            assert!(page(None, Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_read_in_both_spellings() {
        let wanted = moment("from", Some("1800000000")).unwrap();
        assert_eq!(moment("from", Some("2027-01-15T08:00:00Z")).unwrap(), wanted);
        assert_eq!(moment("from", Some("2027-01-15T09:00:00 01:00")).unwrap(), wanted);
        assert!(moment("from", Some("yesterday")).is_err());
        assert!(moment("from", Some("99999999999999999")).is_err());
    }
}
