//! `init`: makes the data folder, the authority and a first configuration. It overwrites nothing.

use super::args::Init;
use super::say;
use crate::ingest::authority::Authority;
use anyhow::{Context as _, bail};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes everything that `run` needs.
pub fn init(wish: &Init) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&wish.data)
        .with_context(|| format!("cannot make {}", wish.data.display()))?;
    let config = wish.data.join("collector.toml");
    if config.exists() {
        bail!("{} is there already: init makes a new collector and overwrites nothing", config.display());
    }
    Authority::create(&wish.data.join("authority"), jiff::Timestamp::now())?;
    write_config(&config, wish)?;
    say(&format!("data folder    {}", wish.data.display()))?;
    say(&format!("configuration  {}", config.display()))?;
    say(&format!(
        "root key       {} (move it to a safe place: running does not need it)",
        wish.data.join("authority/root.key").display()
    ))?;
    say(&format!("next           wacht-collector --config {} run", config.display()))
}

fn write_config(path: &Path, wish: &Init) -> anyhow::Result<()> {
    let names: Vec<String> = wish.name.iter().map(|name| toml::Value::from(name.as_str()).to_string()).collect();
    let text = format!(
        "# Wacht collector. The README explains every key.\ndata_dir = \".\"\nnames = [{}]\n\n[listen]\ngrpc = \"{}\"\nenroll = \"{}\"\nconsole = \"{}\"\n",
        names.join(", "),
        wish.grpc,
        wish.enroll,
        wish.console
    );
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
