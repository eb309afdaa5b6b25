//! Monitors: rules as data, and the findings that they yield.

use super::{Class, Message, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Severity; P1 is worst and sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Severity {
    /// Someone is needed now.
    P1,
    /// Within the same service window.
    P2,
    /// A ticket for the next business day.
    P3,
    /// Digest or report.
    P4,
}

/// A monitor as its TOML file says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// Unique name, snake case.
    pub name: String,
    /// Raised with each change of its meaning.
    pub version: u32,
    /// Which roles it watches; empty = all.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Severity where the condition does not say otherwise.
    pub severity: Severity,
    /// Is it on?
    #[serde(default = "yes")]
    pub enabled: bool,
    /// A fact that threatens data: without RMM it becomes a courtesy notice.
    #[serde(default)]
    pub data_loss: bool,
    /// A prediction: pages and due times follow its deadline.
    #[serde(default)]
    pub forecast: bool,
    /// How long the condition must hold before a finding alarms, in seconds.
    #[serde(default)]
    pub hold_s: u64,
    /// How long it must be clear before the incident resolves, in seconds.
    #[serde(default)]
    pub clear_hold_s: u64,
    /// Catalogue key of the next step.
    pub runbook: String,
    /// Metrics drawn in the incident's picture, best first.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// The rule.
    pub condition: Condition,
}

fn yes() -> bool {
    true
}

/// The closed set of rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Condition {
    /// Levels of metrics of one object, all of which must hold.
    Threshold {
        /// Steps, mildest first; the worst that holds gives the severity.
        steps: Vec<Step>,
        /// Objects never judged, by prefix (`/snap/`).
        #[serde(default)]
        ignore_objects: Vec<String>,
    },
    /// A share that will reach 1 by its robust slope.
    Forecast {
        /// A utilization metric, 0..1.
        metric: String,
        /// Its size metric in bytes.
        limit_metric: String,
        /// How far back the slope looks, in hours.
        window_h: u32,
        /// Shortest history that may predict, in hours.
        history_h_min: u32,
        /// Alarm when full within this many hours, with the severity.
        horizons: Vec<Horizon>,
        /// Resolves when the slope is not positive for this long, in hours.
        calm_h: u32,
        /// Objects never judged, by prefix.
        #[serde(default)]
        ignore_objects: Vec<String>,
    },
    /// No report and no goodbye.
    Absence {
        /// Seconds without a report.
        silent_s: u64,
        /// Share of a site's hosts lost together that makes it one incident of the site.
        site_share: f64,
        /// Fewest lost hosts for that.
        site_hosts_min: usize,
        /// Lost within this many seconds of each other.
        site_window_s: u64,
    },
    /// A field of configuration items has a certain value.
    State {
        /// Class of item.
        class: Class,
        /// All must match.
        #[serde(default)]
        matches: Vec<Match>,
        /// And, where it is not empty, at least one of these.
        #[serde(default)]
        matches_any: Vec<Match>,
        /// Seconds after boot in which it is not judged.
        #[serde(default)]
        boot_grace_s: u64,
        /// Only items that were in the wanted state before (services that ran).
        #[serde(default)]
        seen_well_first: bool,
        /// Items never judged, by name or `prefix*`.
        #[serde(default)]
        ignore_names: Vec<String>,
        /// A field whose value 0 raises the severity to P1 (`redundancy_left`).
        #[serde(default)]
        worst_when_zero: Option<String>,
    },
}

/// One step of a threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Severity when this step holds.
    pub severity: Severity,
    /// Levels that must all hold.
    pub all: Vec<Level>,
}

/// A level of one metric of the object, with its own clear level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Metric name; its object is the judged object, or "" for a host-wide one.
    pub metric: String,
    /// Divide by this host-wide metric first (load per processor).
    #[serde(default)]
    pub per: Option<String>,
    /// Holds at or above.
    #[serde(default)]
    pub above: Option<f64>,
    /// Holds at or below.
    #[serde(default)]
    pub below: Option<f64>,
    /// Once alarming, clears only beyond this level.
    #[serde(default)]
    pub clear: Option<f64>,
}

/// A field's wanted value: exactly one of the three.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Field name.
    pub field: String,
    /// Any of these texts; flags read `true` and `false`.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// A number of at least so much.
    #[serde(default)]
    pub above: Option<i64>,
    /// A list or text that holds anything at all.
    #[serde(default)]
    pub filled: bool,
}

/// A horizon of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Horizon {
    /// Full within this many hours.
    pub within_h: f64,
    /// Then this severity.
    pub severity: Severity,
}

/// What a monitor judged of one object at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Monitor name.
    pub monitor: String,
    /// Its version.
    pub monitor_version: u32,
    /// Object: mount point, service, array; empty for the host itself.
    pub object: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Event time.
    pub at: Timestamp,
}

/// A verdict.
#[expect(clippy::large_enum_variant, reason = "a verdict is handed on at once and never kept in lists")]
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All is well, or no longer alarming for `clear_hold_s`.
    Clear {
        /// Why, for the timeline.
        reason: Message,
    },
    /// It alarms: the condition held for `hold_s`.
    Alarm(Alarm),
}

/// What an alarm says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// How bad.
    pub severity: Severity,
    /// One sentence: what, with the object and the deadline.
    pub title: Message,
    /// The reason in plain words.
    pub reason: Message,
    /// The next step.
    pub next_step: Message,
    /// What would make it wrong, for predictions.
    pub caveat: Option<Message>,
    /// When the harm comes, for predictions.
    pub deadline: Option<Deadline>,
    /// When the condition first held.
    pub since: Timestamp,
    /// Levels to draw: (metric, level).
    pub levels: Vec<(String, f64)>,
}

/// When a predicted harm comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deadline {
    /// Not before.
    #[schema(value_type = String)]
    pub earliest: Timestamp,
    /// Most likely.
    #[schema(value_type = String)]
    pub likely: Timestamp,
    /// Not after; `None` when it cannot be said.
    #[schema(value_type = Option<String>)]
    pub latest: Option<Timestamp>,
}
