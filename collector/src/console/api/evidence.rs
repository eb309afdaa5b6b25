//! The evidence and the timeline of an incident as documents, and the voice that says its sentences.

use super::item::ChangeView;
use crate::console::Console;
use crate::model::{Evidence, Language, Message, TimelineEntry};
use crate::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Says messages in the caller's language and the console's zone.
pub struct Speaker<'a> {
    words: &'a Words,
    language: Language,
    zone: TimeZone,
}

impl<'a> Speaker<'a> {
    /// A voice for one answer.
    pub fn new(console: &'a Console, language: Language) -> Self {
        let zone = TimeZone::get(&console.settings.zone).unwrap_or(TimeZone::UTC);
        Self { words: &console.words, language, zone }
    }

    /// The sentence.
    pub fn say(&self, message: &Message) -> String {
        self.words.say(message, self.language, &self.zone)
    }
}

/// A level of a metric.
#[derive(Serialize, ToSchema)]
pub struct LevelView {
    /// Metric.
    pub metric: String,
    /// Level.
    pub level: f64,
}

/// What was gathered when an incident opened.
#[derive(Serialize, ToSchema)]
pub struct EvidenceView {
    /// The metric in the picture.
    metric: Option<String>,
    /// Its object.
    object: String,
    /// Unix seconds and value, up to the opening.
    points: Vec<(i64, f64)>,
    /// CMDB changes of the last 72 hours.
    changes: Vec<ChangeView>,
    /// The biggest processes.
    processes: Vec<ProcessView>,
    /// Other hosts of the site.
    peers: Vec<PeerView>,
    /// Other open incidents of the site.
    similar_incident_ids: Vec<Uuid>,
    /// Hosts folded into an incident of a site.
    hosts: Vec<FoldedHost>,
}

/// A big process.
#[derive(Serialize, ToSchema)]
pub struct ProcessView {
    /// Process id.
    pid: u32,
    /// Name of its executable.
    name: String,
    /// Resident bytes.
    memory_bytes: u64,
    /// 0 to the number of cores.
    cpu_utilization: f64,
}

/// Another host of the site.
#[derive(Serialize, ToSchema)]
pub struct PeerView {
    /// Its name.
    name: String,
    /// Does it report?
    reports: bool,
}

/// A host in an incident of a site.
#[derive(Serialize, ToSchema)]
pub struct FoldedHost {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
}

/// A line of the timeline.
#[derive(Serialize, ToSchema)]
pub struct TimelineView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What, in the caller's language.
    what: String,
    /// Who, where a person did it.
    who: Option<String>,
}

/// The timeline, said.
pub fn timeline(entries: Vec<TimelineEntry>, speaker: &Speaker<'_>) -> Vec<TimelineView> {
    let said = |entry: TimelineEntry| TimelineView { at: entry.at, what: speaker.say(&entry.what), who: entry.who };
    entries.into_iter().map(said).collect()
}

/// The evidence as a document.
pub fn evidence(evidence: Evidence) -> EvidenceView {
    let changes = evidence.changes.into_iter().enumerate();
    let processes = evidence.processes.into_iter().map(|process| ProcessView {
        pid: process.pid,
        name: process.name,
        memory_bytes: process.memory_bytes,
        cpu_utilization: process.cpu_utilization,
    });
    EvidenceView {
        metric: evidence.metric,
        object: evidence.object,
        points: evidence.points,
        changes: changes.map(|(place, change)| ChangeView::new(place.to_string(), change)).collect(),
        processes: processes.collect(),
        peers: evidence.peers.into_iter().map(|(name, reports)| PeerView { name, reports }).collect(),
        similar_incident_ids: evidence.similar.into_iter().map(|id| id.0).collect(),
        hosts: evidence.hosts.into_iter().map(|(id, name)| FoldedHost { id: id.0, name }).collect(),
    }
}
