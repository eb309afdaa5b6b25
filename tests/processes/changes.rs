//! The CMDB of a whole booted system: two hundred scans without a change write nothing, and each of a hundred changes
//! writes exactly its own rows.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use wacht_tests::container::Container;
use wacht_tests::house::{House, Options};
use wacht_tests::wait::wait_until;

const SCANS: usize = 200;
const CHANGES: usize = 100;
/// An interface of the proof's own; the container shares the machine's network.
const LINK: &str = "wproof0";

/// A row of history: class, name of the item, kind, field.
type Row = (String, String, String, String);

#[test]
#[ignore = "long proof: builds and boots a container, about ten minutes"]
fn two_hundred_scans_write_nothing_and_a_hundred_changes_exactly_their_rows() {
    let Some(container) = Container::boot() else { return };
    let Some(house) = House::start(Options::default()) else { return };
    let link = Link::add();
    let desk = Desk::set_up(&house, &container);
    let at_rest = desk.rows();
    desk.wait_for_scans(SCANS);
    assert_eq!(desk.rows(), at_rest, "scans without a change");
    let seed = std::env::var("WACHT_PROOF_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_125);
    wacht_tests::tell(&format!("{} scans without a row; seed {seed}", desk.scans()));
    let mut system = System { random: seed, ..System::default() };
    let mut expected = Vec::new();
    for number in 0..CHANGES {
        let rows = system.change(&container, number);
        expected.extend(rows);
        desk.wait_for_scans(2);
    }
    // The last report may still be on its way; what is wrong is shown as a difference, not as a wait in vain.
    let late = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while desk.rows().len() != at_rest.len() + expected.len() && std::time::Instant::now() < late {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    let count = expected.len();
    let (found, expected) = (counted(desk.rows().split_off(at_rest.len())), counted(expected));
    let differing = |one: &BTreeMap<Row, usize>, other: &BTreeMap<Row, usize>| -> Vec<(Row, usize)> {
        one.iter().filter(|(row, n)| other.get(*row) != Some(*n)).map(|(row, n)| (row.clone(), *n)).collect()
    };
    let nothing: Vec<(Row, usize)> = Vec::new();
    assert_eq!(
        (differing(&found, &expected), differing(&expected, &found)),
        (nothing.clone(), nothing),
        "found, expected"
    );
    wacht_tests::tell(&format!("{CHANGES} changes: {count} rows, as expected"));
    drop(link);
}

fn counted(rows: Vec<Row>) -> BTreeMap<Row, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row).or_default() += 1;
    }
    counts
}

/// The collector and the agent inside the container.
struct Desk<'a> {
    house: &'a House,
    container: &'a Container,
    host: String,
}

impl<'a> Desk<'a> {
    fn set_up(house: &'a House, container: &'a Container) -> Self {
        let bin = wacht_tests::house::executables().expect("the executables");
        std::fs::copy(bin.join("wacht-agent"), container.path("/usr/bin/wacht-agent")).expect("a copy");
        let config = "state_dir = \"/var/lib/wacht-agent\"\nreport_interval_s = 1\ninventory_interval_s = 1\n";
        std::fs::create_dir_all(container.path("/etc/wacht")).expect("a folder");
        std::fs::write(container.path("/etc/wacht/agent.toml"), config).expect("a configuration");
        let unit = "[Service]\nExecStart=/usr/bin/wacht-agent run\nEnvironment=WACHT_LOG=warn,wacht_agent=debug\n\
                    StandardError=append:/var/log/wacht-agent.log\n";
        std::fs::write(container.path("/etc/systemd/system/wacht-agent.service"), unit).expect("a unit");
        let (enroll, token) = (&house.addresses.enroll, house.token());
        container.run(&format!("wacht-agent enroll --collector https://{enroll} --token {token}"));
        container.run("systemctl daemon-reload && systemctl start wacht-agent");
        let host = house.api.list("/api/v1/hosts")[0]["id"].as_str().expect("an id").to_owned();
        let desk = Self { house, container, host };
        for class in ["software", "user", "interface", "service"] {
            let path = format!("/api/v1/hosts/{}/items?class={class}", desk.host);
            wait_until(&format!("the section {class} arrives"), 60, || !house.api.list(&path).is_empty());
        }
        // What a start of the system still settles by itself is no change of the proof.
        desk.wait_for_scans(10);
        desk
    }

    fn scans(&self) -> usize {
        let log = std::fs::read_to_string(self.container.path("/var/log/wacht-agent.log")).unwrap_or_default();
        log.lines().filter(|line| line.contains("inventory taken")).count()
    }

    fn wait_for_scans(&self, more: usize) {
        let goal = self.scans() + more;
        wait_until(&format!("{more} more scans are done"), 30 + 5 * more as u64, || self.scans() >= goal);
        // The report that carries the last one is on its way.
        std::thread::sleep(std::time::Duration::from_millis(1_500));
    }

    /// The history of the host, oldest first, without its ports: the network is the machine's, where others listen.
    fn rows(&self) -> Vec<Row> {
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let mut rows = self.house.api.list(&format!("/api/v1/hosts/{}/changes", self.host));
        rows.reverse();
        rows.retain(|row| row["class"] != "port");
        let row = |row: &Value| (text(row, "class"), text(row, "name"), text(row, "kind"), text(row, "field"));
        rows.iter().map(row).collect()
    }
}

/// What the proof has put into the system so far.
#[derive(Default)]
struct System {
    random: u64,
    packages: BTreeMap<String, u32>,
    users: BTreeSet<String>,
    administrators: BTreeSet<String>,
    addresses: BTreeSet<String>,
    units: BTreeMap<String, bool>,
}

impl System {
    fn pick(&mut self, choices: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % choices
    }

    /// Makes one change of any kind; the rows that it must write.
    fn change(&mut self, container: &Container, number: usize) -> Vec<Row> {
        match self.pick(4) {
            0 => self.package(container, number),
            1 => self.user(container, number),
            2 => self.address(container, number),
            _ => self.unit(container, number),
        }
    }

    /// One more package, a newer version of one, or one less.
    fn package(&mut self, container: &Container, number: usize) -> Vec<Row> {
        let known = self.packages.iter().next().map(|(name, version)| (name.clone(), *version));
        match (known, self.pick(3)) {
            (Some((name, version)), 1) => {
                install(container, &name, version + 1);
                self.packages.insert(name.clone(), version + 1);
                vec![row("software", &name, "changed", "version")]
            }
            (Some((name, _)), 2) => {
                container.run(&format!("dpkg --purge {name}"));
                self.packages.remove(&name);
                vec![row("software", &name, "removed", "")]
            }
            _ => {
                let name = format!("wproof-{number}");
                install(container, &name, 1);
                self.packages.insert(name.clone(), 1);
                vec![row("software", &name, "added", "")]
            }
        }
    }

    /// One more user, one that becomes an administrator, or one less.
    fn user(&mut self, container: &Container, number: usize) -> Vec<Row> {
        let plain = self.users.difference(&self.administrators).next().cloned();
        match (plain, self.pick(3)) {
            (Some(name), 1) => {
                container.run(&format!("usermod -aG sudo {name}"));
                self.administrators.insert(name.clone());
                let user = |field| row("user", &name, "changed", field);
                vec![user("administrator"), user("admin_reason"), row("group", "sudo", "changed", "members")]
            }
            (Some(name), 2) => {
                container.run(&format!("userdel {name}"));
                self.users.remove(&name);
                vec![row("user", &name, "removed", "")]
            }
            _ => {
                let name = format!("wproof{number}");
                container.run(&format!("useradd -N -M {name}"));
                self.users.insert(name.clone());
                vec![row("user", &name, "added", "")]
            }
        }
    }

    /// One more address, or one less.
    fn address(&mut self, container: &Container, number: usize) -> Vec<Row> {
        let known = self.addresses.iter().next().cloned();
        if let (Some(address), 1) = (known, self.pick(2)) {
            container.run(&format!("ip address del {address} dev {LINK}"));
            self.addresses.remove(&address);
        } else {
            let address = format!("198.51.100.{}/32", number + 1);
            container.run(&format!("ip address add {address} dev {LINK}"));
            self.addresses.insert(address);
        }
        vec![row("interface", LINK, "changed", "addresses")]
    }

    /// One more unit, one that is enabled, or one less.
    fn unit(&mut self, container: &Container, number: usize) -> Vec<Row> {
        let known = self.units.iter().next().map(|(name, enabled)| (name.clone(), *enabled));
        match (known, self.pick(3)) {
            (Some((name, false)), 1) => {
                container.run(&format!("systemctl enable {name}.service"));
                self.units.insert(name.clone(), true);
                vec![row("service", &format!("{name}.service"), "changed", "start_type")]
            }
            (Some((name, _)), 2) => {
                container.run(&format!("systemctl disable {name}.service; rm /etc/systemd/system/{name}.service"));
                container.run("systemctl daemon-reload");
                self.units.remove(&name);
                vec![row("service", &format!("{name}.service"), "removed", "")]
            }
            _ => {
                let name = format!("wproof-{number}");
                let unit = "[Unit]\nDescription=proof\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n";
                std::fs::write(container.path(&format!("/etc/systemd/system/{name}.service")), unit).expect("a unit");
                container.run("systemctl daemon-reload");
                self.units.insert(name.clone(), false);
                vec![row("service", &format!("{name}.service"), "added", "")]
            }
        }
    }
}

fn row(class: &str, name: &str, kind: &str, field: &str) -> Row {
    (class.to_owned(), name.to_owned(), kind.to_owned(), field.to_owned())
}

/// Installs an empty package of a version.
fn install(container: &Container, name: &str, version: u32) {
    let control = format!(
        "Package: {name}\nVersion: {version}.0\nArchitecture: all\nMaintainer: Proof <proof@example.invalid>\nDescription: empty\n"
    );
    let folder = container.path("/root/package/DEBIAN");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("control"), control).expect("a file");
    container.run("cd /root && dpkg-deb --build package package.deb && dpkg -i package.deb");
}

/// The proof's own interface, removed when dropped.
struct Link;

impl Link {
    fn add() -> Self {
        let added = std::process::Command::new("ip").args(["link", "add", LINK, "type", "bridge"]).status();
        assert!(added.is_ok_and(|status| status.success()), "ip link add {LINK} works here");
        Self
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = std::process::Command::new("ip").args(["link", "del", LINK]).status();
    }
}
