//! The shape of the store while its workings are being written.
use crate::model::*;
use jiff::Timestamp;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine failed.
    #[error("store failed: {0}")]
    Engine(String),
    /// A cursor that this store did not give.
    #[error("the cursor is not one that this list gave")]
    Cursor,
}
/// Result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// The handle; cheap to clone.
#[derive(Clone)]
pub struct Store {}

/// How one try of a delivery ended.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// Delivered.
    Delivered,
    /// Try again at this time.
    Retry { not_before: Timestamp, error: String },
    /// Given up.
    Dead { error: String },
}

#[allow(unused_variables, clippy::unused_async, missing_docs)]
impl Store {
    pub async fn hosts(&self, filter: HostFilter, page: PageRequest) -> Result<Page<HostRow>> { unreachable!() }
    pub async fn host(&self, id: HostId) -> Result<Option<HostRow>> { unreachable!() }
    pub async fn items(&self, filter: ItemFilter, page: PageRequest) -> Result<Page<Item>> { unreachable!() }
    /// Newest first; the i64 is the change's row number, its id in the API.
    pub async fn changes(&self, host: HostId, since: Option<Timestamp>, page: PageRequest) -> Result<Page<(i64, Change)>> { unreachable!() }
    pub async fn ledger(&self, host: HostId) -> Result<Vec<LedgerView>> { unreachable!() }
    /// (metric, object) pairs that the host has reported.
    pub async fn series_names(&self, host: HostId) -> Result<Vec<(String, String)>> { unreachable!() }
    pub async fn series(&self, query: SeriesQuery) -> Result<Vec<Series>> { unreachable!() }
    /// Live ones by severity then age, else newest first.
    pub async fn incidents(&self, filter: IncidentFilter, page: PageRequest) -> Result<Page<Incident>> { unreachable!() }
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Incident>> { unreachable!() }
    pub async fn customers(&self, scope: Scope) -> Result<Vec<Customer>> { unreachable!() }
    pub async fn sites(&self, customer: CustomerId) -> Result<Vec<Site>> { unreachable!() }
    pub async fn contract(&self, customer: CustomerId) -> Result<Option<Contract>> { unreachable!() }
    pub async fn deliveries(&self, scope: Scope, state: Option<DeliveryState>, page: PageRequest) -> Result<Page<OutboxMessage>> { unreachable!() }
    pub async fn deliveries_of(&self, incident: IncidentId) -> Result<Vec<OutboxMessage>> { unreachable!() }
    pub async fn totals(&self, scope: Scope) -> Result<Totals> { unreachable!() }

    /// Waiting messages whose time has come, oldest first.
    pub async fn due_messages(&self, now: Timestamp, limit: usize) -> Result<Vec<OutboxMessage>> { unreachable!() }
    pub async fn record_attempt(&self, message: MessageId, attempt: Attempt, now: Timestamp) -> Result<()> { unreachable!() }

    pub async fn user_by_name(&self, name: &str) -> Result<Option<User>> { unreachable!() }
    pub async fn session_create(&self, token_hash: String, user: UserId, expires_at: Timestamp) -> Result<()> { unreachable!() }
    /// The user of a session that has not expired.
    pub async fn session_user(&self, token_hash: &str, now: Timestamp) -> Result<Option<User>> { unreachable!() }
    pub async fn session_end(&self, token_hash: &str) -> Result<()> { unreachable!() }
    /// An API token that has not expired.
    pub async fn api_token(&self, secret_hash: &str, now: Timestamp) -> Result<Option<ApiToken>> { unreachable!() }
    pub async fn audit(&self, entry: AuditEntry) -> Result<()> { unreachable!() }
    pub async fn audit_entries(&self, page: PageRequest) -> Result<Page<(i64, AuditEntry)>> { unreachable!() }
}
