//! What goes out: messages in the outbox and where they go.

use super::{CustomerId, IncidentId, MessageId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A message in the outbox, for one destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Id.
    pub id: MessageId,
    /// Whose incident.
    pub customer: CustomerId,
    /// Which incident; none for a courtesy notice or a test.
    pub incident: Option<IncidentId>,
    /// Idempotency key: incident id, change number, kind, destination.
    pub key: String,
    /// Name of the destination in the configuration; `account` for the customer's own contact.
    pub destination: String,
    /// What it tells.
    pub kind: MessageKind,
    /// CloudEvents `data`: all that a destination needs, rendered in the customer's language.
    pub body: serde_json::Value,
    /// Not sent before.
    pub not_before: Timestamp,
    /// When it was put in.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: u32,
    /// The last failure, without secrets.
    pub last_error: Option<String>,
    /// Delivered or given up.
    pub ended_at: Option<Timestamp>,
}

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// An incident opened: the ticket.
    Opened,
    /// Its severity, deadline or sentence changed.
    Updated,
    /// Somebody has it.
    Acknowledged,
    /// The condition is gone.
    Resolved,
    /// A person closed it.
    Closed,
    /// An engineer is called.
    Page,
    /// A courtesy notice to a customer without RMM.
    Courtesy,
}

impl MessageKind {
    /// CloudEvents type.
    pub fn event_type(self) -> &'static str {
        match self {
            MessageKind::Opened => "wacht.incident.opened.v1",
            MessageKind::Updated => "wacht.incident.updated.v1",
            MessageKind::Acknowledged => "wacht.incident.acknowledged.v1",
            MessageKind::Resolved => "wacht.incident.resolved.v1",
            MessageKind::Closed => "wacht.incident.closed.v1",
            MessageKind::Page => "wacht.page.v1",
            MessageKind::Courtesy => "wacht.courtesy.v1",
        }
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its time or the next try.
    Waiting,
    /// Done.
    Delivered,
    /// Given up: a person must look.
    Dead,
    /// No longer needed (a page of an incident that resolved).
    Cancelled,
}

/// A destination of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Unique name.
    pub name: String,
    /// What goes there: `ticket`, `page`; both by default.
    #[serde(default = "both")]
    pub purposes: Vec<Purpose>,
    /// Only these customers, by name; empty = all.
    #[serde(default)]
    pub customers: Vec<String>,
    /// How.
    #[serde(flatten)]
    pub via: Via,
}

fn both() -> Vec<Purpose> {
    vec![Purpose::Ticket, Purpose::Page]
}

/// What a destination is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Opened, updated, resolved.
    Ticket,
    /// An engineer is called.
    Page,
    /// Courtesy notices to customers (mail only).
    Courtesy,
}

/// How a destination is reached. Secrets stand in files of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Via {
    /// CloudEvents over HTTPS, signed with HMAC-SHA256.
    Webhook {
        /// `https://…`; `http://` only to loopback.
        url: String,
        /// File with the signing secret.
        secret_file: Option<String>,
        /// PEM of a private authority to trust.
        #[serde(default)]
        ca_file: Option<String>,
    },
    /// Mail over SMTP with STARTTLS.
    Email {
        /// Host name or address.
        host: String,
        /// 587 by default.
        #[serde(default = "submission_port")]
        port: u16,
        /// Sender address.
        from: String,
        /// Recipients; a courtesy notice goes to the customer's own contact instead.
        to: Vec<String>,
        /// Account.
        #[serde(default)]
        username: Option<String>,
        /// File with the password.
        #[serde(default)]
        password_file: Option<String>,
        /// PEM of a private authority to trust.
        #[serde(default)]
        ca_file: Option<String>,
    },
}

fn submission_port() -> u16 {
    587
}
