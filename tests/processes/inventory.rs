//! The inventory in the API is this machine's, and a scan without a change writes nothing.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use wacht_tests::agent::Agent;
use wacht_tests::books::{sections_at_rest, stored};
use wacht_tests::house::{House, Options};
use wacht_tests::wait::wait_until;

/// Items of a class, by their fields.
fn items(house: &House, agent: &Agent, class: &str) -> Vec<Value> {
    house.api.list(&format!("/api/v1/hosts/{}/items?class={class}", agent.host))
}

/// The first of these fields that an item has, at the top or below `fields`.
fn field<'a>(item: &'a Value, names: &[&str]) -> &'a Value {
    let found =
        names.iter().find_map(|name| [&item[*name], &item["fields"][*name]].into_iter().find(|value| !value.is_null()));
    found.unwrap_or(&Value::Null)
}

fn names(items: &[Value]) -> BTreeSet<String> {
    items.iter().filter_map(|item| field(item, &["name"]).as_str().map(str::to_owned)).collect()
}

fn surveyed() -> Option<(House, Agent)> {
    let house = House::start(Options::default())?;
    let agent = house.agent("survey");
    for class in ["computer", "cpu", "memory", "interface", "user", "group"] {
        wait_until(&format!("the section {class} arrives"), 60, || !items(&house, &agent, class).is_empty());
    }
    Some((house, agent))
}

#[test]
fn the_inventory_is_this_machines() {
    let _alone = PACKAGES.lock();
    let Some((house, agent)) = surveyed() else { return };
    software(&house, &agent);
    processor_and_memory(&house, &agent);
    let interfaces = names(&items(&house, &agent, "interface"));
    for name in folder("/sys/class/net").iter().filter(|name| *name != "lo" && *name != "bonding_masters") {
        assert!(interfaces.contains(name), "interface {name} is missing in {interfaces:?}");
    }
    let disks = names(&items(&house, &agent, "disk"));
    for name in folder("/sys/block").iter().filter(|name| Path::new("/sys/block").join(name).join("device").exists()) {
        assert!(
            disks.iter().any(|disk| disk.trim_start_matches("/dev/") == name),
            "disk {name} is missing in {disks:?}"
        );
    }
    let users = names(&items(&house, &agent, "user"));
    let passwd = std::fs::read_to_string("/etc/passwd").expect("users");
    let expected: BTreeSet<String> = passwd
        .lines()
        .filter_map(|line| line.split(':').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = expected.difference(&users).collect();
    assert!(missing.is_empty(), "users {missing:?} are missing");
}

fn software(house: &House, agent: &Agent) {
    let Ok(output) = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Abbrev}\n"]).output() else { return };
    let expected = String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with("ii")).count();
    wait_until("the software arrives", 60, || !items(house, agent, "software").is_empty());
    assert_eq!(items(house, agent, "software").len(), expected, "software items against installed packages");
}

fn processor_and_memory(house: &House, agent: &Agent) {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").expect("processors");
    if let Some(model) =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(':'))
    {
        let cpus = items(house, agent, "cpu");
        assert!(cpus.iter().any(|cpu| cpu.to_string().contains(model.1.trim())), "{} in {cpus:?}", model.1.trim());
    }
    let meminfo = std::fs::read_to_string("/proc/meminfo").expect("memory");
    let total_kb: u64 = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok())
        .expect("MemTotal");
    let memory = items(house, agent, "memory");
    let sizes: Vec<u64> =
        memory.iter().filter_map(|item| field(item, &["total_bytes", "size_bytes"]).as_u64()).collect();
    let fits = |size: &u64| size.abs_diff(total_kb * 1024) * 10 <= total_kb * 1024;
    assert!(sizes.iter().any(fits) || fits(&sizes.iter().sum()), "{total_kb} kB in {memory:?}");
}

#[test]
fn a_second_inventory_without_a_change_adds_no_change_row() {
    let _alone = PACKAGES.lock();
    let Some((house, mut agent)) = surveyed() else { return };
    let path = format!("/api/v1/hosts/{}/changes", agent.host);
    // The network is the whole machine's: what other tests open and add there is a change, and not of this one.
    let rows = || -> Vec<Value> {
        let rows = house.api.list(&path);
        rows.into_iter()
            .filter(|row| !["port", "interface"].contains(&row["class"].as_str().unwrap_or_default()))
            .collect()
    };
    // Two rounds, so that sections which come late are in.
    std::thread::sleep(std::time::Duration::from_secs(11));
    let before = rows();
    let sent = sections_at_rest(&house, &agent.host);
    std::thread::sleep(std::time::Duration::from_secs(11));
    let again = rows();
    assert_eq!(again.len(), before.len(), "changes without a change: {:?}", &again[..again.len().min(5)]);
    assert_eq!(sections_at_rest(&house, &agent.host), sent, "a section without a change is not even sent");
    // A restart of the agent sends everything anew, and that changes nothing either.
    agent.kill9();
    agent.start();
    let reports = stored(&house, &agent.host);
    wait_until("it reports again", 30, || stored(&house, &agent.host) > reports + 8);
    let after = rows();
    assert_eq!(after.len(), before.len(), "changes after a restart: {:?}", &after[..after.len().min(5)]);
}

#[test]
fn one_new_package_adds_exactly_its_own_rows() {
    let _alone = PACKAGES.lock();
    let Some(package) = NewPackage::built() else { return };
    let Some((house, agent)) = surveyed() else { return };
    std::thread::sleep(std::time::Duration::from_secs(11));
    let path = format!("/api/v1/hosts/{}/changes", agent.host);
    let before = house.api.list(&path).len();
    package.install();
    wait_until("the package arrives", 40, || names(&items(&house, &agent, "software")).contains(NewPackage::NAME));
    let after = house.api.list(&path);
    let fresh = after.iter().filter(|change| change.to_string().contains(NewPackage::NAME)).count();
    assert!(fresh > 0, "the change is written");
    assert_eq!(after.len() - before, fresh, "and nothing else is: {:?}", &after[..after.len().min(6)]);
}

/// The tests that count packages must not meet the one that installs one.
static PACKAGES: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// An empty package, installed for the length of a test.
struct NewPackage(tempfile::TempDir);

impl NewPackage {
    const NAME: &'static str = "wacht-proof-empty";

    /// Only where `WACHT_PROOF_PACKAGES` is set: a test does not change a developer's machine unasked.
    fn built() -> Option<Self> {
        if std::env::var_os("WACHT_PROOF_PACKAGES").is_none() {
            wacht_tests::tell(
                "skipped: this test installs an empty package for a moment; set WACHT_PROOF_PACKAGES=1 to allow it",
            );
            return None;
        }
        let folder = tempfile::tempdir().expect("a scratch folder");
        let control = format!(
            "Package: {}\nVersion: 1.0\nArchitecture: all\nMaintainer: Proof <proof@example.invalid>\nDescription: empty\n",
            Self::NAME
        );
        std::fs::create_dir_all(folder.path().join("tree/DEBIAN")).expect("a folder");
        std::fs::write(folder.path().join("tree/DEBIAN/control"), control).expect("a file");
        let built = Command::new("dpkg-deb").args(["--build", "tree", "empty.deb"]).current_dir(folder.path()).output();
        built.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn install(&self) {
        let installed = Command::new("dpkg").arg("-i").arg(self.0.path().join("empty.deb")).output();
        assert!(installed.is_ok_and(|output| output.status.success()), "dpkg -i works here");
    }
}

impl Drop for NewPackage {
    fn drop(&mut self) {
        let _ = Command::new("dpkg").args(["--purge", Self::NAME]).output();
    }
}

fn folder(path: &str) -> Vec<String> {
    std::fs::read_dir(path)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default()
}
