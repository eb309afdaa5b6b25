//! A whole collector of its own for one test: scratch folder, free ports, a customer with site and contract, an API
//! token, short holds, and a signed destination. Everything in it ends with it.

use crate::agent::Agent;
use crate::api::{Answer, Api};
use crate::process::Process;
use crate::wait::wait_for;
use crate::webhook::Webhook;
use crate::{runtime, tell};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The customer of every house.
pub const CUSTOMER: &str = "Proef BV";
/// Its site.
pub const SITE: &str = "Hoofdkantoor";

/// What a house is to be like.
pub struct Options {
    /// The RMM add-on: with it, hosts are sampled and judged.
    pub rmm: bool,
    /// What agents are asked for, in seconds.
    pub report_interval_s: u32,
    /// Overrides of the shipped monitors.
    pub overrides: String,
    /// Where the data folder is; in the scratch folder when absent.
    pub data: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        let overrides = "[[override]]\nmonitor = \"disk_space\"\nhold_s = 3\nclear_hold_s = 3\n\n\
                         [[override]]\nmonitor = \"host_silent\"\nsilent_s = 10\nclear_hold_s = 2\n";
        Self { rmm: true, report_interval_s: 10, overrides: overrides.to_owned(), data: None }
    }
}

/// A running collector and what belongs to it.
pub struct House {
    /// The destination that gets every message.
    pub webhook: Webhook,
    /// The JSON API.
    pub api: Api,
    /// Where enrolment, reports and console are.
    pub addresses: Addresses,
    collector: Process,
    data: PathBuf,
    bin: PathBuf,
    folder: TempDir,
}

/// Where a collector listens.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Reports, `host:port`.
    pub grpc: String,
    /// Enrolment.
    pub enroll: String,
    /// Console and API.
    pub console: String,
}

impl House {
    /// Builds a house; `None`, with a word, when the executables were not built.
    pub fn start(options: Options) -> Option<Self> {
        let bin = executables()?;
        runtime();
        let folder = tempfile::Builder::new().prefix("wacht-house-").tempdir().expect("a scratch folder");
        let data = options.data.clone().unwrap_or_else(|| folder.path().join("data"));
        let webhook = Webhook::listen();
        let free =
            Addresses { grpc: "127.0.0.1:0".into(), enroll: "127.0.0.1:0".into(), console: "127.0.0.1:0".into() };
        init(&bin, &data);
        write_files(&data, &options, &webhook, &free);
        let (collector, addresses) = run(&bin, &data, folder.path());
        // The same ports after a restart, as agents expect of a real collector.
        write_files(&data, &options, &webhook, &addresses);
        let token = settle(&bin, &data, options.rmm);
        let api = Api::new(format!("https://{}", addresses.console), &data.join("authority/root.pem"), token);
        Some(Self { webhook, api, addresses, collector, data, bin, folder })
    }

    /// Runs `wacht-collector` with a verb; answers what it printed. Panics when it fails.
    pub fn cli(&self, arguments: &[&str]) -> String {
        cli(&self.bin, &self.data, arguments)
    }

    /// A document of the API.
    pub fn get(&self, path: &str) -> Value {
        self.api.get(path)
    }

    /// Posts to the API.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.api.post(path, body)
    }

    /// A fresh enrolment token for the house's customer.
    pub fn token(&self) -> String {
        self.cli(&["token", "create", "--customer", CUSTOMER, "--site", SITE])
    }

    /// A fresh enrolment token for as many machines.
    pub fn token_for(&self, machines: usize) -> String {
        self.cli(&["token", "create", "--customer", CUSTOMER, "--site", SITE, "--uses", &machines.to_string()])
    }

    /// Enrols a real agent in a state folder of its own and starts it, reporting each second.
    pub fn agent(&self, name: &str) -> Agent {
        self.agent_in(name, &self.folder.path().join(name).join("state"))
    }

    /// The same, in a given state folder.
    pub fn agent_in(&self, name: &str, state: &Path) -> Agent {
        let mut agent = self.agent_to_be(name, state);
        agent.enrol(&self.addresses.enroll, &self.token()).expect("enrolment");
        agent.host = self
            .api
            .list("/api/v1/hosts")
            .iter()
            .map(|host| host["id"].as_str().unwrap_or_default().to_owned())
            .max()
            .unwrap_or_default();
        agent.start();
        agent
    }

    /// A real agent that is neither enrolled nor started.
    pub fn agent_to_be(&self, name: &str, state: &Path) -> Agent {
        Agent::new(name, &self.bin, state, &self.folder.path().join(name))
    }

    /// SIGKILL to the collector.
    pub fn kill9_collector(&mut self) {
        self.collector.kill9();
    }

    /// SIGTERM to the collector; it has 5 seconds.
    pub fn stop_collector(&mut self) {
        self.collector.terminate(5);
    }

    /// Starts it again on the same ports and waits until it is ready.
    pub fn start_collector(&mut self) {
        let (collector, addresses) = run(&self.bin, &self.data, self.folder.path());
        (self.collector, self.addresses) = (collector, addresses);
    }

    /// Does the collector still run?
    pub fn collector_runs(&mut self) -> bool {
        self.collector.runs()
    }

    /// What the collector has logged.
    pub fn collector_log(&self) -> String {
        self.collector.log()
    }

    /// The collector's data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The scratch folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if std::thread::panicking() && std::env::var_os("WACHT_PROOF_KEEP").is_some() {
            self.folder.disable_cleanup(true);
            tell(&format!("kept for a look: {}", self.folder.path().display()));
        }
    }
}

/// The folder of the executables: `WACHT_BIN_DIR`, else the one above the test executable's own.
pub fn executables() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("WACHT_BIN_DIR") {
        let folder = PathBuf::from(folder);
        assert!(complete(&folder), "WACHT_BIN_DIR={} lacks wacht-collector or wacht-agent", folder.display());
        return Some(folder);
    }
    let own = std::env::current_exe().expect("the path of this test");
    let folder = own.parent().and_then(Path::parent)?.to_owned();
    if !complete(&folder) {
        tell(&format!(
            "skipped: no wacht-collector and wacht-agent in {}; run `cargo build` first or set WACHT_BIN_DIR",
            folder.display()
        ));
        return None;
    }
    Some(folder)
}

fn complete(folder: &Path) -> bool {
    ["wacht-collector", "wacht-agent"].iter().all(|name| folder.join(name).is_file())
}

fn init(bin: &Path, data: &Path) {
    let mut command = Command::new(bin.join("wacht-collector"));
    command.arg("init").arg("--data").arg(data).args(["--name", "127.0.0.1"]);
    output(command, "init");
}

fn write_files(data: &Path, options: &Options, webhook: &Webhook, listen: &Addresses) {
    let config = format!(
        "data_dir = \".\"\nnames = [\"127.0.0.1\"]\ninstance = \"proof\"\nmonitor_overrides = \"overrides.toml\"\n\n\
         [listen]\ngrpc = \"{}\"\nenroll = \"{}\"\nconsole = \"{}\"\n\n\
         [policy]\nreport_interval_s = {}\ninventory_interval_s = 300\n\n\
         [[destination]]\nname = \"desk\"\nkind = \"webhook\"\nurl = \"http://{}/\"\nsecret_file = \"webhook.secret\"\n",
        listen.grpc, listen.enroll, listen.console, options.report_interval_s, webhook.address
    );
    for (name, text) in
        [("collector.toml", &config), ("overrides.toml", &options.overrides), ("webhook.secret", &webhook.secret)]
    {
        std::fs::write(data.join(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

fn run(bin: &Path, data: &Path, logs: &Path) -> (Process, Addresses) {
    let file = data.join("addresses.json");
    let _ = std::fs::remove_file(&file);
    let mut command = Command::new(bin.join("wacht-collector"));
    command.arg("--config").arg(data.join("collector.toml")).arg("run");
    let mut process = Process::start("collector", command, &logs.join("collector.log"));
    let document: Value = wait_for("the collector listens", 30, || {
        assert!(process.runs(), "the collector ended by itself");
        serde_json::from_slice(&std::fs::read(&file).ok()?).ok()
    });
    let address = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    (process, Addresses { grpc: address("grpc"), enroll: address("enroll"), console: address("console") })
}

/// Customer, site out of intake, contract; answers an API token.
fn settle(bin: &Path, data: &Path, rmm: bool) -> String {
    cli(bin, data, &["customer", "add", CUSTOMER]);
    cli(bin, data, &["site", "add", CUSTOMER, SITE]);
    cli(bin, data, &["site", "end-intake", CUSTOMER, SITE]);
    let mut contract = vec!["contract", "set", CUSTOMER, "--hours", "always"];
    if rmm {
        contract.extend(["--rmm", "at_once"]);
    }
    cli(bin, data, &contract);
    cli(bin, data, &["api-token", "create", "proof", "--duty", "administrator"])
}

fn cli(bin: &Path, data: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(bin.join("wacht-collector"));
    command.arg("--config").arg(data.join("collector.toml")).args(arguments);
    output(command, &arguments.join(" "))
}

fn output(mut command: Command, what: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("wacht-collector {what}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "wacht-collector {what}: {}: {out}{err}", output.status);
    out.trim().to_owned()
}
