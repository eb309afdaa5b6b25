//! Updates that DNF or YUM would install, from their own words about the repositories' data in the cache. Nothing is
//! fetched.

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::{PendingUpdate, Software};

use crate::inventory::child::Program;
use crate::inventory::date::day;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::software::rpm;

/// Where the descriptions of the repositories lie, of DNF 5, DNF 4 and YUM.
const CACHES: [&str; 3] = ["var/cache/libdnf5", "var/cache/dnf", "var/cache/yum"];
/// YUM keeps a folder for the architecture and one for the release.
const DEPTH_MAX: usize = 4;
const REPOSITORIES_MAX: usize = 256;
/// The code by which `check-update` says that there are some.
const SOME: i32 = 100;

/// Whether this machine's packages are DNF's.
pub fn is_here(root: &Root) -> bool {
    (!root.is_real() || rpm::has_database(root)) && root.has_program(Program::Dnf)
}

/// What waits; empty, with a note, where there is no answer, as without a cache.
pub fn pending(root: &Root, notes: &mut Notes) -> Vec<PendingUpdate> {
    let mut ask = |arguments: &[&str]| root.output_of_packages((Program::Dnf, SOME), arguments, notes);
    let Some(listed) = ask(&["-q", "--cacheonly", "check-update"]) else {
        return Vec::new();
    };
    if listed.trim().is_empty() {
        return Vec::new();
    }
    let advisories = ask(&["-q", "--cacheonly", "updateinfo", "list", "--security"]).unwrap_or_default();
    let installed = rpm::read(root, "", notes);
    let mut rows = parse(&listed, notes);
    let security = with_advisory(&advisories);
    let installed = installed_once(&installed);
    for row in &mut rows {
        let key = (row.name.as_str(), row.architecture.as_str());
        row.security = security.contains(&key);
        row.installed = installed.get(&key).copied().unwrap_or_default().to_owned();
    }
    rows
}

/// The day of the newest description of a repository.
pub fn checked_at(root: &Root) -> String {
    let mut left = REPOSITORIES_MAX;
    let newest = CACHES.iter().filter_map(|cache| newest_description(root, cache, DEPTH_MAX, &mut left)).max();
    newest.map(day).unwrap_or_default()
}

fn newest_description(root: &Root, folder: &str, depth: usize, left: &mut usize) -> Option<i64> {
    if let Some((_, written)) = root.size_and_date(&format!("{folder}/repomd.xml")) {
        return Some(written);
    }
    let mut newest = None;
    if depth > 0 {
        for name in root.names(folder) {
            *left = left.checked_sub(1)?;
            newest = newest.max(newest_description(root, &format!("{folder}/{name}"), depth - 1, left));
        }
    }
    newest
}

/// The rows of `check-update`, without what is installed and without security.
pub fn parse(listed: &str, notes: &mut Notes) -> Vec<PendingUpdate> {
    let mut rows = Vec::new();
    // A long name makes the rest of its row wrap to the next line.
    let mut words: Vec<&str> = Vec::new();
    for line in listed.lines() {
        // What follows is replaced by other packages, and listed above already.
        if line.starts_with("Obsoleting") {
            break;
        }
        if !line.starts_with(char::is_whitespace) || words.len() >= 3 {
            words.clear();
        }
        words.extend(line.split_ascii_whitespace().take(4));
        rows.extend(update(&words, notes));
    }
    rows
}

/// `bash.x86_64  5.1.8-9.el9  baseos`
fn update(words: &[&str], notes: &mut Notes) -> Option<PendingUpdate> {
    let [package, version, _repository] = words else {
        return None;
    };
    let (name, architecture) = package.rsplit_once('.')?;
    let is_version = version.contains('-') && version.starts_with(|c: char| c.is_ascii_alphanumeric());
    (is_version && !name.is_empty() && !architecture.is_empty()).then(|| PendingUpdate {
        name: notes.text("dnf", name),
        architecture: notes.text("dnf", architecture),
        candidate: notes.text("dnf", version),
        source: "rpm".to_owned(),
        ..Default::default()
    })
}

/// Names and architectures for which `updateinfo list` knows a security advisory that is not installed.
fn with_advisory(advisories: &str) -> BTreeSet<(&str, &str)> {
    let is_security = |line: &&str| {
        line.split_ascii_whitespace().any(|word| word.ends_with("/Sec.") || word.eq_ignore_ascii_case("security"))
    };
    let words = advisories.lines().filter(is_security).flat_map(|line| line.split_ascii_whitespace().skip(1));
    words.filter_map(name_and_architecture).collect()
}

/// `bash-5.1.8-9.el9.x86_64`
fn name_and_architecture(word: &str) -> Option<(&str, &str)> {
    let (rest, architecture) = word.rsplit_once('.')?;
    let (rest, _release) = rest.rsplit_once('-')?;
    let (name, _version) = rest.rsplit_once('-')?;
    Some((name, architecture))
}

/// Versions by name and architecture; a package of which several versions stay installed, as kernels do, has none.
fn installed_once(installed: &[Software]) -> BTreeMap<(&str, &str), &str> {
    let mut versions = BTreeMap::new();
    for row in installed {
        let version = versions.entry((row.name.as_str(), row.architecture.as_str())).or_insert(row.version.as_str());
        if *version != row.version {
            *version = "";
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const LISTED: &str = "\nbash.x86_64                     5.1.8-9.el9          baseos
a-package-with-an-endless-name-that-wraps.noarch
                                1:2.0-1.el9          appstream
kernel.x86_64                   5.14.0-503.el9       baseos
Obsoleting Packages
old.x86_64                      1-1                  baseos
    new.x86_64                  1-1                  @System
";
    const ADVISORIES: &str = "RHSA-2026:1 Important/Sec. bash-5.1.8-8.el9.x86_64
RHBA-2026:2 bugfix kernel-5.14.0-503.el9.x86_64
FEDORA-2026-1a security Moderate a-package-with-an-endless-name-that-wraps-1:2.0-1.el9.noarch 2026-01-01 00:00:00
";
    const INSTALLED: &str = "bash\t(none)\t5.1.8\t6.el9\tx86_64\tx\nkernel\t(none)\t5.14.0\t1.el9\tx86_64\tx\nkernel\t(none)\t5.14.0\t2.el9\tx86_64\tx\n";

    #[test]
    fn rows_that_wrap_are_read_and_what_is_replaced_is_not() {
        let rows = parse(LISTED, &mut Notes::default());
        let facts: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.candidate.as_str())).collect();
        let long = "a-package-with-an-endless-name-that-wraps";
        assert_eq!(facts, [("bash", "5.1.8-9.el9"), (long, "1:2.0-1.el9"), ("kernel", "5.14.0-503.el9")]);
    }

    #[test]
    fn a_recorded_machine_gives_versions_security_and_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("commands/dnf/-q_--cacheonly_check-update", LISTED);
        write("commands/dnf/-q_--cacheonly_updateinfo_list_--security", ADVISORIES);
        let format = "-qa_--qf___NAME__t__EPOCH__t__VERSION__t__RELEASE__t__ARCH__t__VENDOR__n";
        write(&format!("commands/rpm/{format}"), INSTALLED);
        write("var/cache/dnf/baseos-1a/repodata/repomd.xml", "<repomd/>");
        let root = Root::at(folder.path());
        assert!(is_here(&root));
        let rows = pending(&root, &mut Notes::default());
        let facts: Vec<_> = rows.iter().map(|row| (row.installed.as_str(), row.security)).collect();
        assert_eq!(facts, [("5.1.8-6.el9", true), ("", true), ("", false)]);
        assert_eq!(checked_at(&root).len(), 10);
    }

    #[test]
    fn nonsense_gives_no_rows() {
        for text in ["", "\u{0}", " a b c d", "a.b c d", ". 1-1 x", "a. 1-1 x", "x\n y\n z\n", "Obsoleting"] {
            assert!(parse(text, &mut Notes::default()).is_empty(), "{text}");
        }
        assert!(with_advisory("security\nx security a-b\nx/Sec. y security -.").is_empty());
    }
}
