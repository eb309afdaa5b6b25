//! Hosts: who they are, what they are for, and whether they are there.

use super::{CustomerId, HostId, SiteId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// A machine with an agent. Customer and site come from its certificate; the name is a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// Id, from the certificate.
    pub id: HostId,
    /// From the certificate.
    pub customer: CustomerId,
    /// From the enrolment token.
    pub site: SiteId,
    /// Hostname as claimed, <= 256 bytes; hostile text.
    pub name: String,
    /// What it is for; unknown counts as a server.
    pub role: Role,
    /// May it report?
    pub admission: Admission,
    /// Is it there?
    pub presence: Presence,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// Event time of its newest report.
    pub last_report_at: Option<Timestamp>,
    /// When the collector last heard anything of it.
    pub last_heard_at: Option<Timestamp>,
    /// Agent version as claimed.
    pub agent_version: String,
    /// The interval that the agent last reported in.
    pub interval_s: u32,
}

/// What a host is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Someone else depends on it.
    #[default]
    Server,
    /// One person works on it.
    Workstation,
}

/// Whether a host may report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Beyond the token's expected number: a person must approve it.
    Pending,
    /// Reports are taken.
    #[default]
    Active,
    /// Two holders of one identity: a person must decide.
    Quarantined,
    /// Its certificate is revoked.
    Revoked,
}

/// Presence, in four words with quarantine (see [`Admission`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Presence {
    /// Never heard yet.
    #[default]
    Unseen,
    /// Reports.
    Online,
    /// Said goodbye.
    Goodbye {
        /// Why.
        reason: GoodbyeReason,
        /// When.
        at: Timestamp,
        /// When it meant to be back.
        expected_return_at: Option<Timestamp>,
    },
    /// Should report and does not.
    Silent {
        /// Since when.
        since: Timestamp,
    },
}

/// Why a host went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodbyeReason {
    /// Only the agent was stopped.
    ServiceStop,
    /// The machine went down.
    Shutdown,
    /// It sleeps.
    Sleep,
    /// It restarts for updates.
    UpdateReboot,
}

/// What the contract makes of a customer's agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentPolicy {
    /// Off = inventory only: no purpose, no data.
    pub health_sampling: bool,
    /// 10..=300.
    pub report_interval_s: u32,
    /// 300..=86,400.
    pub inventory_interval_s: u32,
}

/// Policies by customer: the pipeline publishes them, agents get them with the next answer.
pub type Policies = Arc<HashMap<CustomerId, AgentPolicy>>;

/// What an agent reports in its newest ledger, against what is stored. All counts since the incarnation began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LedgerView {
    /// The incarnation, 32 hex digits.
    pub id: String,
    /// Counted by the agent at its spool's commit.
    pub collected: Counts,
    /// Rows in history.
    pub stored: Counts,
    /// On the agent, not yet here.
    pub spooled: Counts,
    /// Given up, with the reason.
    pub dropped: Vec<DroppedView>,
    /// Sequences that are neither stored, spooled nor covered by a gap record. Zero, or data was lost.
    pub unexplained_reports: u64,
    /// collected = stored + spooled + dropped, and nothing unexplained.
    pub balanced: bool,
    /// Highest sequence seen.
    pub last_sequence: u64,
    /// When the newest ledger came.
    #[schema(value_type = String)]
    pub as_of: Timestamp,
}

/// Counts of one ledger line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Reports.
    pub reports: u64,
    /// Samples.
    pub samples: u64,
    /// Inventory sections.
    pub sections: u64,
    /// Events.
    pub events: u64,
}

/// What was dropped for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DroppedView {
    /// `thinned`, `cap`, `damaged`, `disk_full`, `refused`, `clipped:<why>`.
    pub reason: String,
    /// How much.
    pub counts: Counts,
}
