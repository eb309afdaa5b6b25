//! Looks whether known products are on this machine, by the signs that each leaves: packages, services, files and running
//! processes. Which products matter stands with the sections that ask.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::notes::Notes;
use super::pattern::expand;
use super::root::Root;
use super::software::rpm;
use super::stamp::stamp;

const DPKG_STATUS: &str = "var/lib/dpkg/status";
/// Processes of which the name is looked at.
const PROCESSES_MAX: usize = 20_000;
/// The kernel cuts the names of processes at this many bytes.
const PROCESS_NAME_BYTES_MAX: usize = 15;

/// A product and the signs of its presence.
#[derive(Debug)]
pub struct Product {
    /// As its maker writes it.
    pub name: &'static str,
    /// Its packages; their version is its own.
    pub packages: &'static [&'static str],
    /// Its units of systemd, without `.service`.
    pub services: &'static [&'static str],
    /// Its files, with a `*` where a part of the name differs.
    pub files: &'static [&'static str],
    /// What its processes call themselves.
    pub processes: &'static [&'static str],
}

/// How a product is present.
#[derive(Debug, PartialEq, Eq)]
pub struct Presence {
    /// Of its package; empty where it came without one.
    pub version: String,
    /// The strongest sign: `package`, `service` or `file`.
    pub found_by: &'static str,
    /// Whether one of its processes runs; `None` where this cannot be told.
    pub running: Option<bool>,
}

/// The products of `asked` that are present, in that order.
pub fn present<'a>(
    root: &Root,
    asked: impl IntoIterator<Item = &'a Product>,
    notes: &mut Notes,
) -> Vec<(&'a Product, Presence)> {
    let signs: Vec<_> = asked.into_iter().map(|product| (product, sign(root, product, notes))).collect();
    // Asking RPM takes a second, so on the machine itself it is asked only of a product that left another sign.
    let ask_rpm = !root.is_real() || signs.iter().any(|(_, sign)| sign.is_some());
    let mut lists = vec![packages(Source::Dpkg, root, notes)];
    lists.extend(ask_rpm.then(|| packages(Source::Rpm, root, notes)));
    let found = signs.into_iter().filter_map(|(product, sign)| {
        let version = product.packages.iter().find_map(|name| lists.iter().find_map(|list| list.get(*name)));
        let found_by = if version.is_some() { "package" } else { sign? };
        Some((product, version.map(|version| notes.text("version", version)).unwrap_or_default(), found_by))
    });
    let found: Vec<_> = found.collect();
    let processes = if found.is_empty() { BTreeSet::new() } else { process_names(root) };
    let running = |product: &Product| {
        let runs = product.processes.iter().any(|name| processes.contains(short(name)));
        (!processes.is_empty() && !product.processes.is_empty()).then_some(runs)
    };
    let with_state = found
        .into_iter()
        .map(|(product, version, found_by)| (product, Presence { version, found_by, running: running(product) }));
    with_state.collect()
}

fn sign(root: &Root, product: &Product, notes: &mut Notes) -> Option<&'static str> {
    const UNITS: [&str; 3] = ["etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];
    let is_unit = |name: &str| UNITS.iter().any(|folder| root.exists(&format!("{folder}/{name}.service")));
    if product.services.iter().any(|name| is_unit(name)) {
        return Some("service");
    }
    product.files.iter().any(|pattern| !expand(root, pattern, notes).is_empty()).then_some("file")
}

/// Versions by the names of the installed packages.
type Packages = BTreeMap<String, String>;

thread_local! {
    /// What the thread of this survey last listed of each source, and the mark of its files then: several sections ask,
    /// and a list takes up to a second. It goes with the thread.
    static LISTS: RefCell<BTreeMap<Source, (u64, Rc<Packages>)>> = const { RefCell::new(BTreeMap::new()) };
}

/// Where packages come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Dpkg,
    Rpm,
}

impl Source {
    fn files(self) -> &'static [&'static str] {
        match self {
            Self::Dpkg => &[DPKG_STATUS],
            Self::Rpm => &rpm::DATABASES,
        }
    }

    /// The installed packages; `None` where there are none or, with a note, where they cannot be listed.
    fn list(self, root: &Root, notes: &mut Notes) -> Option<Packages> {
        let owned = |(name, version): (&str, String)| (name.to_owned(), version);
        match self {
            Self::Dpkg => Some(root.text(DPKG_STATUS, notes)?.split("\n\n").filter_map(of_dpkg).map(owned).collect()),
            Self::Rpm => Some(rpm::list(root, notes)?.lines().filter_map(of_rpm).map(owned).collect()),
        }
    }
}

/// As [`Source::list`], once for all sections that ask about this machine. A list that failed is asked for again, so that
/// each of them notes it.
fn packages(source: Source, root: &Root, notes: &mut Notes) -> Rc<Packages> {
    if !root.is_real() {
        return Rc::new(source.list(root, notes).unwrap_or_default());
    }
    let mark = stamp(root, source.files());
    let known =
        LISTS.with_borrow(|lists| lists.get(&source).filter(|(was, _)| *was == mark).map(|(_, list)| list.clone()));
    known.unwrap_or_else(|| {
        let Some(list) = source.list(root, notes).map(Rc::new) else { return Rc::default() };
        LISTS.with_borrow_mut(|lists| lists.insert(source, (mark, Rc::clone(&list))));
        list
    })
}

/// `Package:`, `Status:` and `Version:` of one stanza.
fn of_dpkg(stanza: &str) -> Option<(&str, String)> {
    let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let installed = field("Status:")?.ends_with(" installed");
    Some((field("Package:")?, field("Version:")?.to_owned())).filter(|_| installed)
}

/// `name\tepoch\tversion\trelease\t…`
fn of_rpm(line: &str) -> Option<(&str, String)> {
    let mut fields = line.split('\t');
    let (name, _epoch, version, release) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    Some((name, format!("{version}-{release}")))
}

/// What the processes of this machine call themselves; empty where none can be seen.
fn process_names(root: &Root) -> BTreeSet<String> {
    let ids = root.names("proc").into_iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    ids.take(PROCESSES_MAX).filter_map(|id| root.value(&format!("proc/{id}/comm"))).collect()
}

fn short(name: &str) -> &str {
    name.get(..PROCESS_NAME_BYTES_MAX).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const AGENT: Product = Product {
        name: "Agent",
        packages: &["agent", "agent-host"],
        services: &["agentd"],
        files: &["opt/agent-*/run"],
        processes: &["agent-of-a-long-name"],
    };

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn found(root: &Path) -> Option<Presence> {
        present(&Root::at(root), [&AGENT], &mut Notes::default()).pop().map(|(_, presence)| presence)
    }

    #[test]
    fn the_strongest_sign_counts_and_running_is_unknown_without_processes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let presence =
            |found_by, version: &str, running| Some(Presence { version: version.to_owned(), found_by, running });
        assert_eq!(found(root), None);
        put(root, "opt/agent-7/run", "");
        assert_eq!(found(root), presence("file", "", None));
        put(root, "usr/lib/systemd/system/agentd.service", "");
        put(root, "proc/1/comm", "init\n");
        assert_eq!(found(root), presence("service", "", Some(false)));
        put(root, "proc/22/comm", "agent-of-a-long\n");
        put(
            root,
            "var/lib/dpkg/status",
            "Package: agent\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: agent-host\nStatus: install ok installed\nVersion: 2.1-1\n",
        );
        assert_eq!(found(root), presence("package", "2.1-1", Some(true)));
    }

    #[test]
    fn a_package_of_rpm_is_found_where_its_list_was_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let recorded = "commands/rpm/-qa_--qf___NAME__t__EPOCH__t__VERSION__t__RELEASE__t__ARCH__t__VENDOR__n";
        put(folder.path(), recorded, "agent\t(none)\t3\t1.el9\tx86_64\t(none)\nagent-other\n");
        let presence = found(folder.path());
        assert_eq!(presence.map(|presence| (presence.version, presence.found_by)), Some(("3-1.el9".into(), "package")));
    }
    #[test]
    fn this_machines_packages_are_listed_once_for_all_sections_that_ask() {
        let (root, mut notes) = (Root::real(), Notes::default());
        if !root.exists(DPKG_STATUS) {
            println!("skipped: this machine has no dpkg");
            return;
        }
        // Another program may install something between two looks, but not between all of them.
        let mut look = || packages(Source::Dpkg, &root, &mut notes);
        assert!((0..3).any(|_| Rc::ptr_eq(&look(), &look())));
        assert!(look().contains_key("dpkg"));
        let folder = tempfile::tempdir().unwrap();
        assert!(packages(Source::Dpkg, &Root::at(folder.path()), &mut Notes::default()).is_empty());
    }
}
