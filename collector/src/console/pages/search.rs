//! Who has what: packages by name and version, disks by model, administrators, and any field of any class, over all
//! hosts that the reader may see.

use super::host_tabs::class_key;
use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::find::{Unread, Wanted};
use crate::console::view::{Frame, Speech, clip, link};
use crate::model::{Actor, Class, CustomerId, ItemRow, PageRequest, Value};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

const ROWS_MAX: usize = 100;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// From the field in the header: a package, and a version after it.
    q: String,
    software: String,
    version: String,
    disk: String,
    administrators: bool,
    class: String,
    name: String,
    field: String,
    value: String,
    customer: String,
    cursor: String,
}

struct Line {
    id: String,
    name: String,
    fact: String,
    host: (String, String),
    customer: (String, String),
    site: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    wish: Wish,
    customers: Vec<(String, String)>,
    classes: Vec<(&'static str, String)>,
    is_asked: bool,
    unread_key: Option<&'static str>,
    lines: Vec<Line>,
    next: Option<String>,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(wish): Query<Wish>) -> Result<Response> {
    let wish = wish.told_apart();
    let mut frame = Frame::open(&console, &actor, "search", wish.url("")).await?;
    format!("{} {}", wish.software, wish.version).trim().clone_into(&mut frame.search);
    let customer = wish.customer.parse::<CustomerId>().ok();
    let read = wish.wanted().read(actor.scope.clone(), customer);
    let (mut lines, mut next, mut unread_key) = (Vec::new(), None, None);
    let is_asked = !matches!(read, Err(Unread::Empty));
    match read {
        Ok((search, query)) => {
            let cursor = Some(wish.cursor.clone()).filter(|cursor| !cursor.is_empty());
            let field = query.field.as_ref().map(|(field, _)| field.clone());
            let page = PageRequest { cursor, limit: ROWS_MAX };
            let found = console.store.search(search, page, move |item| query.is_met(item)).await?;
            lines = found.items.iter().map(|row| line(&frame, row, field.as_deref())).collect();
            next = found.next_cursor.map(|cursor| wish.url(&cursor));
        }
        Err(unread) => unread_key = key(unread),
    }
    let mut customers: Vec<_> =
        console.store.customers(actor.scope).await?.into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    customers.sort_by(|a, b| a.1.cmp(&b.1));
    let classes = Class::ALL.iter().map(|one| (one.word(), class_key(*one))).collect();
    fault::html(&SearchPage { frame, wish, customers, classes, is_asked, unread_key, lines, next })
}

impl Wish {
    /// `openssl <3.0.5` of the header's field as a package and a version.
    fn told_apart(mut self) -> Self {
        let said = std::mem::take(&mut self.q);
        if self.wanted_kinds() > 0 {
            return self;
        }
        let said = said.trim();
        let end = said.find([' ', '<', '>', '=']).unwrap_or(said.len());
        (self.software, self.version) = (said[..end].to_owned(), said[end..].trim().to_owned());
        self
    }

    fn wanted_kinds(&self) -> usize {
        let texts = [&self.software, &self.disk, &self.class];
        texts.iter().filter(|text| !text.is_empty()).count() + usize::from(self.administrators)
    }

    fn wanted(&self) -> Wanted {
        let text = |text: &String| text.trim().to_owned();
        Wanted {
            software: text(&self.software),
            version: text(&self.version),
            disk: text(&self.disk),
            administrators: self.administrators,
            class: text(&self.class),
            name: text(&self.name),
            field: text(&self.field),
            value: text(&self.value),
        }
    }

    fn url(&self, cursor: &str) -> String {
        let administrators = if self.administrators { "true" } else { "" };
        link(
            "/search",
            &[
                ("software", &self.software),
                ("version", &self.version),
                ("disk", &self.disk),
                ("administrators", administrators),
                ("class", &self.class),
                ("name", &self.name),
                ("field", &self.field),
                ("value", &self.value),
                ("customer", &self.customer),
                ("cursor", cursor),
            ],
        )
    }
}

fn key(unread: Unread) -> Option<&'static str> {
    match unread {
        Unread::Empty => None,
        Unread::Several => Some("console-find-several"),
        Unread::Long => Some("console-find-long"),
        Unread::Class => Some("console-find-class"),
        Unread::Version => Some("console-find-version-unread"),
        Unread::Field => Some("console-find-field-unread"),
    }
}

/// What was asked for is shown beside the name; else what tells most of its class.
fn line(speech: &Speech, row: &ItemRow, asked: Option<&str>) -> Line {
    let item = &row.item;
    let mut told = asked.into_iter().chain(["version", "model", "state"]);
    let fact = told.find_map(|field| Some((field, item.fields.get(field)?)));
    let fact = match fact {
        Some((field, value @ Value::Flag(_))) => format!("{}: {}", field.replace('_', " "), speech.value(field, value)),
        Some((field, value)) => speech.value(field, value),
        None => String::new(),
    };
    Line {
        id: item.id.to_string(),
        name: clip(&item.name, 80),
        fact,
        host: (item.host.to_string(), clip(&row.host_name, 80)),
        customer: (row.customer.to_string(), row.customer_name.clone()),
        site: row.site_name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(q: &str) -> (String, String) {
        let wish = Wish { q: q.into(), ..Wish::default() }.told_apart();
        (wish.software, wish.version)
    }

    #[test]
    fn a_version_may_follow_the_package_in_the_field_of_the_header() {
        assert_eq!(apart("openssl"), ("openssl".into(), String::new()));
        assert_eq!(apart(" openssl <3.0.5 "), ("openssl".into(), "<3.0.5".into()));
        assert_eq!(apart("openssl>= 3"), ("openssl".into(), ">= 3".into()));
        assert_eq!(apart("libré* 3.0*"), ("libré*".into(), "3.0*".into()));
    }
}
