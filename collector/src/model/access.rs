//! Who may do what: users, permissions, API tokens, audit.

use super::{CredentialId, CustomerId, Language, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Sign-in name, unique.
    pub name: String,
    /// argon2id hash.
    pub password_hash: String,
    /// What they may do.
    pub duty: Duty,
    /// Whose data they may see.
    pub scope: Scope,
    /// Language of their console.
    pub language: Language,
    /// May no longer sign in.
    pub disabled: bool,
}

/// What a user or token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// See.
    Viewer,
    /// See and handle incidents.
    Operator,
    /// Everything.
    Administrator,
}

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// No sign-in needed (`/livez`, sign-in page, assets).
    Public,
    /// See.
    Read,
    /// Handle incidents.
    Handle,
    /// Change customers, contracts, users, tokens.
    Administer,
}

impl Duty {
    /// Does this duty include the permission?
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::Public | Permission::Read => true,
            Permission::Handle => self != Duty::Viewer,
            Permission::Administer => self == Duty::Administrator,
        }
    }
}

/// Whose data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All customers.
    All,
    /// Only these.
    Customers(Vec<CustomerId>),
}

impl Scope {
    /// May it see this customer?
    pub fn covers(&self, customer: CustomerId) -> bool {
        match self {
            Scope::All => true,
            Scope::Customers(list) => list.contains(&customer),
        }
    }
}

/// Who acts: a signed-in user, an API token, or the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// For the audit log and timelines.
    pub name: String,
    /// What they may do.
    pub duty: Duty,
    /// Whose data.
    pub scope: Scope,
    /// Their language.
    pub language: Language,
}

/// An API token; only the hash of its secret is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Id.
    pub id: CredentialId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the secret, hex.
    pub secret_hash: String,
    /// What it may do.
    pub duty: Duty,
    /// Whose data.
    pub scope: Scope,
    /// Not valid from then on.
    pub expires_at: Option<Timestamp>,
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, one word: `sign_in`, `acknowledge`, `customer_add`.
    pub act: String,
    /// On what.
    pub subject: String,
    /// `done`, or why not.
    pub outcome: String,
}
