//! The local control socket: the command line's way to a running collector. One JSON line in, one out; the socket is
//! open to its owner alone.

use crate::model::{Actor, Command, Duty, Language, Outcome, Scope};
use crate::port::Port;
use anyhow::Context as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// Room for a whole table of declared items and its preview.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Where the socket is.
pub fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}

/// Answers commands until `stop` turns true.
pub async fn serve(data_dir: &Path, port: Port, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let path = socket_path(data_dir);
    // The data folder's lock is ours, so a socket that is there was left by a collector that was killed.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of descriptors: the collector goes on, the next command is heard.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                };
                let port = port.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, port).await {
                        tracing::warn!(%error, "control connection");
                    }
                });
            }
            () = stopped(&mut stop) => {
                let _ = std::fs::remove_file(&path);
                return Ok(());
            }
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn converse(stream: UnixStream, port: Port) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LINE_BYTES_MAX)).read_line(&mut line).await?;
    let command: Command = serde_json::from_str(&line).context("not a command")?;
    let outcome = port.ask(operator(), command).await;
    write.write_all(serde_json::to_string(&outcome)?.as_bytes()).await?;
    write.write_all(b"\n").await?;
    Ok(())
}

/// Asks a running collector; `None` when none listens.
pub async fn ask(data_dir: &Path, command: &Command) -> anyhow::Result<Option<Outcome>> {
    let Ok(mut stream) = UnixStream::connect(socket_path(data_dir)).await else { return Ok(None) };
    stream.write_all(serde_json::to_string(command)?.as_bytes()).await?;
    stream.write_all(b"\n").await?;
    let mut answer = String::new();
    BufReader::new(stream.take(LINE_BYTES_MAX)).read_line(&mut answer).await?;
    Ok(Some(serde_json::from_str(&answer).context("the collector broke the conversation off")?))
}

/// Who acts at the command line: the owner of the data folder may do everything.
pub fn operator() -> Actor {
    let name = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "local".to_owned());
    Actor {
        name: format!("{name} (command line)"),
        duty: Duty::Administrator,
        scope: Scope::All,
        language: Language::En,
    }
}
