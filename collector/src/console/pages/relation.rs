//! A relation of an item as a line: what it is to the other, the other, and from when until when.

use super::host_tabs::class_key;
use crate::console::view::{Speech, clip};
use crate::model::{Class, HostRow, Item, ItemId, RelationKind, RelationRow};
use jiff::Timestamp;

/// A line of text.
pub struct RelationLine {
    /// What this item is to the other, a key of the catalogue.
    pub kind_key: &'static str,
    /// Class of the other, a key of the catalogue; empty where people declared it, or it is a site.
    pub class_key: String,
    /// Name of the other.
    pub name: String,
    /// Its page; empty where it has none.
    pub href: String,
    /// From when until when.
    pub span: String,
    /// It holds no longer.
    pub is_ended: bool,
}

/// The line of a relation, as this item sees it.
pub fn line(speech: &Speech, of: ItemId, row: &RelationRow) -> RelationLine {
    let relation = &row.relation;
    let is_out = relation.from == of;
    let other = if is_out { relation.to } else { relation.from };
    let since = speech.dated(&relation.since);
    RelationLine {
        kind_key: key(relation.kind, is_out),
        class_key: row.class.map(class_key).unwrap_or_default(),
        name: clip(&row.name, 80),
        href: if row.class.is_some() { format!("/items/{other}") } else { format!("/declared/{other}") },
        span: match &relation.until {
            Some(until) => format!("{since} – {}", speech.dated(until)),
            None => speech.name("console-since", &since),
        },
        is_ended: relation.until.is_some(),
    }
}

/// Where a machine is; nothing for all else, and before it was enrolled.
pub fn site(speech: &Speech, item: &Item, host: &HostRow, at: Option<Timestamp>) -> Option<RelationLine> {
    let enrolled_at = host.host.enrolled_at;
    let is_told = item.class == Class::Computer && at.is_none_or(|at| at >= enrolled_at);
    is_told.then(|| RelationLine {
        kind_key: key(RelationKind::LocatedAt, true),
        class_key: String::new(),
        name: clip(&host.site_name, 80),
        href: format!("/customers/{}", host.host.customer),
        span: speech.name("console-since", &speech.dated(&enrolled_at)),
        is_ended: false,
    })
}

fn key(kind: RelationKind, is_out: bool) -> &'static str {
    match (kind, is_out) {
        (RelationKind::LocatedAt, true) => "console-relation-located-at",
        (RelationKind::LocatedAt, false) => "console-relation-location-of",
        (RelationKind::ComponentOf, true) => "console-relation-component-of",
        (RelationKind::ComponentOf, false) => "console-relation-has-component",
        (RelationKind::InstalledOn, true) => "console-relation-installed-on",
        (RelationKind::InstalledOn, false) => "console-relation-has-installed",
        (RelationKind::MemberOf, true) => "console-relation-member-of",
        (RelationKind::MemberOf, false) => "console-relation-has-member",
        (RelationKind::RunsOn, true) => "console-relation-runs-on",
        (RelationKind::RunsOn, false) => "console-relation-carries",
        (RelationKind::ConnectedTo, true) => "console-relation-connected-to",
        (RelationKind::ConnectedTo, false) => "console-relation-has-connected",
        (RelationKind::Supersedes, true) => "console-relation-supersedes",
        (RelationKind::Supersedes, false) => "console-relation-superseded-by",
    }
}
