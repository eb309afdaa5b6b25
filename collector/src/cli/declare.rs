//! Verbs about what people declare and about baselines. A table is previewed and, unless that is all that was asked,
//! applied whole. What changes nothing is read beside the collector that may be running.

use super::export::customer_of;
use super::{ask, say};
use crate::config::Config;
use crate::console::baseline_text::Writer;
use crate::console::export;
use crate::model::{Baseline, Command, DeclaredWish, Outcome, Site};
use crate::store::Store;
use crate::words::Words;
use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bytes of a table; the rules refuse more.
const TABLE_BYTES_MAX: u64 = 1 << 20;

#[derive(Subcommand)]
pub enum DeclareVerb {
    /// Bring a table in as CSV; all of it is applied, or nothing. `declare export` prints one to start from. Columns: id,
    /// class, name, site, state, state_since, owner, criticality, solvable_remotely, manufacturer, model, serial, mac,
    /// address, reference, supplier, purchased_on, warranty_ends_on, note, and field.ANYTHING for fields of your own. A row
    /// without id is new and needs class and name.
    Import {
        /// File of the table, UTF-8, its cells separated by commas or semicolons.
        file: PathBuf,
        /// Name of the customer.
        #[arg(long)]
        customer: String,
        /// Only say what it would do.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the table of a customer as CSV.
    Export {
        #[arg(long)]
        customer: String,
    },
}

#[derive(Subcommand)]
pub enum BaselineVerb {
    /// Write the present state of a site down as its newest baseline.
    Fix {
        site: String,
        #[arg(long)]
        customer: String,
    },
    /// List the baselines of a site with their numbers; 1 is the newest.
    List {
        site: String,
        #[arg(long)]
        customer: String,
    },
    /// Print the newest baseline of a site.
    Print {
        site: String,
        #[arg(long)]
        customer: String,
    },
    /// Print what is new, gone or changed since the newest baseline of a site.
    Drift {
        site: String,
        #[arg(long)]
        customer: String,
    },
    /// Remove a baseline of a site for good.
    Remove {
        site: String,
        /// As `baseline list` numbers it now.
        number: usize,
        #[arg(long)]
        customer: String,
    },
}

/// Carries a verb about declared items out.
pub async fn declare(config: &Config, verb: DeclareVerb) -> anyhow::Result<ExitCode> {
    match verb {
        DeclareVerb::Import { file, customer, dry_run } => import(config, &file, customer, dry_run).await,
        DeclareVerb::Export { customer } => {
            let store = read(config)?;
            let customer = customer_of(&store, &customer).await?.id;
            let table = export::declared(&store, customer).await?;
            // Each line ends with CRLF; `say` adds the last line feed itself.
            say(table.strip_suffix('\n').unwrap_or(&table))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Carries a verb about baselines out.
pub async fn baseline(config: &Config, verb: BaselineVerb) -> anyhow::Result<ExitCode> {
    match verb {
        BaselineVerb::Fix { site, customer } => {
            ask::ask(config, command(DeclaredWish::Baseline { customer, site })).await
        }
        BaselineVerb::List { site, customer } => {
            let (writer, baselines) = texts(config, &site, &customer).await?;
            tell(&writer.list(&baselines))
        }
        BaselineVerb::Print { site, customer } => {
            let (writer, baselines) = texts(config, &site, &customer).await?;
            tell(&writer.paper(numbered(&baselines, 1)?).await?)
        }
        BaselineVerb::Drift { site, customer } => {
            let (writer, baselines) = texts(config, &site, &customer).await?;
            tell(&writer.drift(numbered(&baselines, 1)?).await?)
        }
        BaselineVerb::Remove { site, number, customer } => {
            let (_, baselines) = texts(config, &site, &customer).await?;
            // By its id: the numbers move when another is fixed meanwhile.
            let baseline = numbered(&baselines, number)?.id;
            ask::ask(config, command(DeclaredWish::BaselineRemove { customer, site, baseline })).await
        }
    }
}

/// Who writes the texts of a site, and its baselines, newest first.
async fn texts(config: &Config, site: &str, customer: &str) -> anyhow::Result<(Writer, Vec<Baseline>)> {
    let store = read(config)?;
    let customer = customer_of(&store, customer).await?;
    let is_it = |one: &Site| one.name.eq_ignore_ascii_case(site) || one.id.to_string() == site;
    let found = store.sites(customer.id).await?.into_iter().find(is_it);
    let site = found.with_context(|| format!("this customer has no site {site:?}"))?;
    let baselines = store.baselines(site.id).await?;
    let words = (Words::load()?, crate::control::operator().language);
    let zone = jiff::tz::TimeZone::get(&config.zone)?;
    Ok((Writer::new(store, words, zone, (customer, site)).await?, baselines))
}

/// The newest baseline is number 1.
fn numbered(baselines: &[Baseline], number: usize) -> anyhow::Result<&Baseline> {
    if baselines.is_empty() {
        bail!("no baseline of this site was fixed yet");
    }
    let found = number.checked_sub(1).and_then(|index| baselines.get(index));
    found.with_context(|| format!("there is no baseline {number}: 1 is the newest, {} the oldest", baselines.len()))
}

fn read(config: &Config) -> anyhow::Result<Store> {
    Store::open_to_read(&config.data_dir()).context("cannot read the store")
}

fn tell(text: &str) -> anyhow::Result<ExitCode> {
    say(text)?;
    Ok(ExitCode::SUCCESS)
}

async fn import(config: &Config, file: &Path, customer: String, dry_run: bool) -> anyhow::Result<ExitCode> {
    let text = table(file)?;
    let wish = |digest| command(DeclaredWish::Import { customer: customer.clone(), text: text.clone(), digest });
    let preview = match ask::outcome(config, wish(None)).await? {
        Outcome::Done { result } => result,
        refused @ Outcome::Refused { .. } => return ask::answer(refused),
    };
    for line in lines(&preview) {
        say(&line)?;
    }
    if preview["refused"] != 0 {
        super::complain("nothing is applied: mend the refused rows first");
        return Ok(ExitCode::from(2));
    }
    if dry_run {
        say("nothing is applied: this was a dry run")?;
        return Ok(ExitCode::SUCCESS);
    }
    let digest = preview["digest"].as_str().map(str::to_owned);
    match ask::outcome(config, wish(digest)).await? {
        Outcome::Done { .. } => {
            say("applied")?;
            Ok(ExitCode::SUCCESS)
        }
        refused @ Outcome::Refused { .. } => ask::answer(refused),
    }
}

fn table(file: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", file.display());
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).with_context(cannot)?;
    opened.take(TABLE_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(cannot)?;
    if bytes.len() as u64 > TABLE_BYTES_MAX {
        bail!("{}: a table has at most {TABLE_BYTES_MAX} bytes", file.display());
    }
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", file.display()))
}

fn command(wish: DeclaredWish) -> Command {
    Command::Declared { wish: Box::new(wish) }
}

/// A line for each row that is not as it was, and one with the numbers. What a table holds must not steer a terminal.
fn lines(preview: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let rows = preview["rows"].as_array().into_iter().flatten().filter(|row| row["kind"] != "unchanged");
    let row = |row: &Value| {
        let changes = row["changes"].as_array().into_iter().flatten();
        let changes: Vec<String> = changes
            .map(|one| format!("{}: {} → {}", text(&one["field"]), text(&one["old"]), text(&one["new"])))
            .collect();
        let fault = match (row["column"].as_str(), row["reason"].as_str()) {
            (Some(column), Some(reason)) => format!("{column}: {reason}"),
            (None, Some(reason)) => reason.to_owned(),
            _ => changes.join("; "),
        };
        format!(
            "{:>5}  {:<9}  {}  {fault}",
            row["line"].as_u64().unwrap_or_default(),
            text(&row["kind"]),
            text(&row["name"])
        )
    };
    let count = |kind: &str| format!("{} {kind}", preview[kind]);
    let numbers = ["new", "changed", "unchanged", "refused"].map(count).join(", ");
    let plain = |line: String| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    rows.map(row).chain([numbers]).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_preview_is_a_line_a_row_and_its_numbers_and_steers_no_terminal() {
        let change = json!({"field": "owner", "old": null, "new": "Joris"});
        let preview = json!({"new": 1, "changed": 0, "unchanged": 1, "refused": 1, "rows": [
            {"line": 2, "kind": "new", "name": "ups\u{1b}[2J", "changes": [change], "column": null, "reason": null},
            {"line": 3, "kind": "unchanged", "name": "fw", "changes": [], "column": null, "reason": null},
            {"line": 4, "kind": "refused", "name": "x", "changes": [], "column": "class", "reason": "none"},
        ]});
        let wanted = [
            "    2  new        ups [2J  owner: – → Joris",
            "    4  refused    x  class: none",
            "1 new, 0 changed, 1 unchanged, 1 refused",
        ];
        assert_eq!(lines(&preview), wanted);
    }

    #[test]
    fn a_table_that_is_too_large_or_no_text_is_refused_before_it_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        std::fs::write(&file, vec![b'x'; (1 << 20) + 1]).unwrap();
        assert!(table(&file).unwrap_err().to_string().contains("at most"));
        std::fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
        assert!(table(&file).unwrap_err().to_string().contains("not UTF-8"));
        std::fs::write(&file, "class,name\nups,u\n").unwrap();
        assert_eq!(table(&file).unwrap(), "class,name\nups,u\n");
        assert!(table(&folder.path().join("absent")).is_err());
    }
}
