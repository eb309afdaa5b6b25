//! The store: two SQLite files behind async methods, `history` (reports as received, written by ingest) and `cmdb`
//! (everything else). No judgement and no wire types; a second engine would stand behind the same methods.

mod access;
mod baselines;
#[cfg(test)]
mod contract_test;
mod cursor;
mod customers;
mod declared;
mod effects;
mod engine;
mod enrolment;
mod history;
mod hosts;
mod identity;
mod incidents;
mod items;
mod ledger;
mod outbox;
#[cfg(test)]
mod past_test;
mod recognition;
#[cfg(test)]
mod recognition_test;
mod relations;
mod reports;
mod row;
mod search;
#[cfg(test)]
mod search_test;
mod series;
mod shared_marks;

pub use effects::{Effects, HostUpdate, MonitorState, Snapshot};
pub use enrolment::{Enrolment, EnrolmentToken, TokenUse};
pub use history::{Appended, Claim, NewGap, NewReport, NewSection};
pub use identity::{Identity, Trade};
pub use outbox::Attempt;
pub use relations::Carriers;

use engine::Engine;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine failed: disk full, file damaged, permission.
    #[error("store failed")]
    Engine(#[from] rusqlite::Error),
    /// A file could not be opened or brought to this version.
    #[error("cannot open {path}: {reason}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
    /// A row does not read as what it should be.
    #[error("a stored row is not readable")]
    Row(#[from] serde_json::Error),
    /// A cursor that this list did not give.
    #[error("the cursor is not one that this list gave")]
    Cursor,
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
}

/// Result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// The handle; cheap to clone.
#[derive(Clone)]
pub struct Store {
    history: Arc<Engine>,
    cmdb: Arc<Engine>,
}

mod migrations {
    pub mod history {
        refinery::embed_migrations!("migrations/sqlite/history");
    }
    pub mod cmdb {
        refinery::embed_migrations!("migrations/sqlite/cmdb");
    }
}

impl Store {
    /// Opens both files below `folder`, made and migrated when needed.
    pub fn open(folder: &Path) -> Result<Store> {
        let history = Engine::open(&folder.join("history.db"), migrations::history::migrations::runner())?;
        let cmdb = Engine::open(&folder.join("cmdb.db"), migrations::cmdb::migrations::runner())?;
        Ok(Store { history: Arc::new(history), cmdb: Arc::new(cmdb) })
    }

    /// How often the CMDB was read.
    #[cfg(test)]
    pub fn reads(&self) -> u64 {
        self.cmdb.reads.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Opens both files beside a collector that may be running: every write fails, nothing is made or migrated.
    pub fn open_to_read(folder: &Path) -> Result<Store> {
        let history = Engine::open_to_read(&folder.join("history.db"), &migrations::history::migrations::runner())?;
        let cmdb = Engine::open_to_read(&folder.join("cmdb.db"), &migrations::cmdb::migrations::runner())?;
        Ok(Store { history: Arc::new(history), cmdb: Arc::new(cmdb) })
    }

    /// Answers when both files can be read.
    pub async fn ready(&self) -> Result<()> {
        self.history.read(|db| Ok(db.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))?)).await?;
        self.cmdb.read(|db| Ok(db.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))?)).await
    }
}
