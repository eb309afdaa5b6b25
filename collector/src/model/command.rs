//! What people ask of the pipeline. Everything that changes more than users, sign-ins and audit is a Command,
//! answered after its commit. The command line sends the same ones over the local socket.

use super::{Contract, DeclaredWish, DuplicateId, Duty, HostId, IncidentId, Judgement, Language, Role, SiteCard};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A wish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// Adds a customer; answers with its id.
    CustomerAdd {
        /// Unique name.
        name: String,
        /// Language of mails and tickets.
        language: Language,
    },
    /// Adds a site; answers with its id.
    SiteAdd {
        /// Customer name.
        customer: String,
        /// Unique within the customer.
        name: String,
        /// Its card.
        card: SiteCard,
    },
    /// Ends a site's intake.
    IntakeEnd {
        /// Customer name.
        customer: String,
        /// Site name.
        site: String,
    },
    /// Sets the contract of a customer.
    ContractSet {
        /// Customer name.
        customer: String,
        /// The whole contract; its `customer` is ignored.
        contract: Box<Contract>,
    },
    /// Records a notice; answers with the computed dates.
    NoticeGive {
        /// Customer name.
        customer: String,
        /// When it was received.
        received_on: Date,
    },
    /// A person agrees with the computed end.
    NoticeConfirm {
        /// Customer name.
        customer: String,
        /// The date that was shown.
        end_on: Date,
    },
    /// Adds a console user.
    UserAdd {
        /// Sign-in name.
        name: String,
        /// argon2id hash.
        password_hash: String,
        /// What they may do.
        duty: Duty,
        /// Customer names; empty = all.
        customers: Vec<String>,
        /// Language.
        language: Language,
    },
    /// Makes an API token; answers with its text, once.
    ApiTokenCreate {
        /// What it is for.
        name: String,
        /// What it may do.
        duty: Duty,
        /// Customer names; empty = all.
        customers: Vec<String>,
    },
    /// Makes an enrolment token; answers with its text, once.
    TokenCreate {
        /// Customer name.
        customer: String,
        /// Site name.
        site: String,
        /// How many hosts are expected; further ones are pending.
        uses: u32,
        /// Seconds of life.
        ttl_s: u64,
        /// Only from this network.
        cidr: Option<String>,
    },
    /// Takes a pending host in.
    HostApprove {
        /// Host id or name.
        host: String,
    },
    /// Revokes a host's certificate and cuts its stream.
    HostRevoke {
        /// Host id or name.
        host: String,
    },
    /// Sets what a host is for.
    HostRole {
        /// Host.
        host: HostId,
        /// Role.
        role: Role,
    },
    /// Two hosts are two machines; of a clone: the next holder of its identity is the right one.
    DuplicateDismiss {
        /// Which task.
        duplicate: DuplicateId,
    },
    /// Two hosts are one machine: the older is retired into the newer.
    DuplicateMerge {
        /// Which task.
        duplicate: DuplicateId,
    },
    /// Takes an incident.
    Acknowledge {
        /// Which.
        incident: IncidentId,
        /// In whose name; the actor's when absent.
        #[serde(default)]
        assignee: Option<String>,
    },
    /// Ends an incident by hand.
    Close {
        /// Which.
        incident: IncidentId,
        /// Why; required.
        reason: String,
    },
    /// Keeps an incident quiet.
    Silence {
        /// Which.
        incident: IncidentId,
        /// Why; required.
        reason: String,
        /// At most 14 days ahead; next opening when absent.
        until: Option<Timestamp>,
    },
    /// Says that an incident was not useful.
    Judge {
        /// Which.
        incident: IncidentId,
        /// How.
        judgement: Judgement,
    },
    /// Sends a dead letter again.
    Redeliver {
        /// Outbox message id.
        message: String,
    },
    /// About what people declare.
    Declared {
        /// What.
        wish: Box<DeclaredWish>,
    },
}

/// The answer to a Command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Committed.
    Done {
        /// Id or text that the command promised.
        #[serde(default)]
        result: serde_json::Value,
    },
    /// Not done.
    Refused {
        /// Which kind of refusal.
        kind: RefusalKind,
        /// What, where and what to do.
        reason: String,
    },
}

/// Kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The thing does not exist, or is not the actor's to see.
    NotFound,
    /// It exists already, or is in another state.
    Conflict,
    /// The wish is malformed.
    Invalid,
    /// The actor may not.
    Forbidden,
    /// The collector failed; nothing was changed.
    Failed,
}
