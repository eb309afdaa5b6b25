//! One SQLite file: a writer thread that commits all waiting writes together, and a pool of read connections.

use super::{Error, Result};
use rusqlite::{Connection, OpenFlags, Savepoint, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// The most writes that share one commit.
const GROUP_MAX: usize = 512;
/// Writes that may wait; beyond, callers wait.
const QUEUE_MAX: usize = 4_096;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_READERS_MAX: usize = 4;

/// A write: whether its statements are to stay, and how to answer its caller.
type Write = Box<dyn FnOnce(&Savepoint<'_>) -> (bool, Answer) + Send>;
/// Tells the caller how its write ended, once the group's commit did.
type Answer = Box<dyn FnOnce(std::result::Result<(), Error>) + Send>;

/// One file.
pub struct Engine {
    path: PathBuf,
    queue: mpsc::SyncSender<Write>,
    readers: Mutex<Vec<Connection>>,
    #[cfg(test)]
    pub(super) reads: std::sync::atomic::AtomicU64,
}

impl Engine {
    /// Opens, migrates and starts the writer.
    pub fn open(path: &Path, migrations: refinery::Runner) -> Result<Engine> {
        let open = |error: &dyn std::fmt::Display| Error::Open { path: path.to_owned(), reason: error.to_string() };
        let mut writer = Connection::open(path).map_err(|error| open(&error))?;
        prepare(&writer).map_err(|error| open(&error))?;
        migrations.run(&mut writer).map_err(|error| open(&error))?;
        let (queue, jobs) = mpsc::sync_channel(QUEUE_MAX);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_loop(&mut writer, &jobs))
            .map_err(|error| open(&error))?;
        Ok(Engine {
            path: path.to_owned(),
            queue,
            readers: Mutex::new(Vec::new()),
            #[cfg(test)]
            reads: std::sync::atomic::AtomicU64::new(0),
        })
    }

    /// Opens a file of this version to read it alone; each write answers [`Error::Closed`].
    pub fn open_to_read(path: &Path, migrations: &refinery::Runner) -> Result<Engine> {
        let open = |reason: String| Error::Open { path: path.to_owned(), reason };
        let reader = open_reader(path).map_err(|error| open(error.to_string()))?;
        let sql = "SELECT max(version) FROM refinery_schema_history";
        let version: i64 = reader.query_row(sql, [], |row| row.get(0)).map_err(|error| open(error.to_string()))?;
        let known = migrations.get_migrations().iter().map(|migration| i64::from(migration.version())).max();
        if known != Some(version) {
            return Err(open(format!(
                "it is of version {version}, and this program reads {}",
                known.unwrap_or_default()
            )));
        }
        let (queue, _) = mpsc::sync_channel(0);
        Ok(Engine {
            path: path.to_owned(),
            queue,
            readers: Mutex::new(vec![reader]),
            #[cfg(test)]
            reads: std::sync::atomic::AtomicU64::new(0),
        })
    }

    /// Runs one write; answers after its commit. A failed write undoes only itself.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let (answer, reply) = oneshot::channel();
        let job: Write = Box::new(move |savepoint| {
            let outcome = work(savepoint);
            let keep = outcome.is_ok();
            let answer: Answer = Box::new(move |commit| {
                let _ = answer.send(match (outcome, commit) {
                    (Ok(value), Ok(())) => Ok(value),
                    (Err(error), _) | (Ok(_), Err(error)) => Err(error),
                });
            });
            (keep, answer)
        });
        let queue = self.queue.clone();
        // A full queue is back-pressure on this caller alone.
        match queue.try_send(job) {
            Ok(()) => {}
            Err(mpsc::TrySendError::Full(job)) => {
                tokio::task::spawn_blocking(move || queue.send(job))
                    .await
                    .map_err(|_| Error::Closed)?
                    .map_err(|_| Error::Closed)?;
            }
            Err(mpsc::TrySendError::Disconnected(_)) => return Err(Error::Closed),
        }
        reply.await.map_err(|_| Error::Closed)?
    }

    /// Runs one read on a connection of its own.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        #[cfg(test)]
        self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let reader = match self.idle_reader() {
            Some(reader) => reader,
            None => open_reader(&self.path)?,
        };
        let (outcome, reader) =
            tokio::task::spawn_blocking(move || (work(&reader), reader)).await.map_err(|_| Error::Closed)?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS_MAX {
            readers.push(reader);
        }
        outcome
    }

    fn idle_reader(&self) -> Option<Connection> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: an acknowledged report survives power loss.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

fn write_loop(writer: &mut Connection, jobs: &mpsc::Receiver<Write>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX {
            match jobs.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        commit_group(writer, group);
    }
}

fn commit_group(writer: &mut Connection, group: Vec<Write>) {
    let mut transaction = match writer.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            tracing::error!(%error, "the store cannot begin a transaction");
            // Dropping the jobs answers each caller with Closed; none of them ran.
            return;
        }
    };
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        match transaction.savepoint() {
            Ok(savepoint) => {
                // A job that fails leaves nothing: dropping its savepoint undoes its statements.
                let (keep, answer) = job(&savepoint);
                answers.push((answer, if keep { savepoint.commit() } else { savepoint.finish() }));
            }
            Err(error) => tracing::error!(%error, "the store cannot begin a write"),
        }
    }
    let committed = transaction.commit();
    for (answer, own) in answers {
        answer(match (&committed, own) {
            (Ok(()), Ok(())) => Ok(()),
            (Ok(()), Err(error)) => Err(Error::Engine(error)),
            (Err(error), _) => Err(Error::Engine(copy(error))),
        });
    }
}

/// The same failure for every caller of a group.
fn copy(error: &rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqliteFailure(code, text) => rusqlite::Error::SqliteFailure(*code, text.clone()),
        other => rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR),
            Some(other.to_string()),
        ),
    }
}
