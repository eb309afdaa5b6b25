//! Updates that APT would install, from the words of its own simulation. Nothing is fetched: it weighs the package lists
//! that the machine fetched last.

use wacht_proto::v1::PendingUpdate;

use crate::inventory::child::Program;
use crate::inventory::date::day;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

const LISTS: &str = "var/lib/apt/lists";
/// Without a lock, because another program may hold it and this one changes nothing.
const SIMULATION: [&str; 3] = ["-s", "-oDebug::NoLocking=1", "dist-upgrade"];

/// Whether this machine's packages are APT's.
pub fn is_here(root: &Root) -> bool {
    root.exists("var/lib/dpkg/status") && root.has_program(Program::AptGet)
}

/// What waits, in APT's order; empty, with a note, where APT gives no answer.
pub fn pending(root: &Root, notes: &mut Notes) -> Vec<PendingUpdate> {
    let text = root.output_of_packages((Program::AptGet, 0), &SIMULATION, notes).unwrap_or_default();
    parse(&text, notes)
}

/// The day of the last fetch that succeeded; by the newest list where APT left no mark of it.
pub fn checked_at(root: &Root) -> String {
    let mark = root.size_and_date("var/lib/apt/periodic/update-success-stamp").map(|(_, written)| written);
    let newest = || {
        let lists =
            root.names(LISTS).into_iter().filter(|name| !matches!(name.as_str(), "lock" | "partial" | "auxfiles"));
        lists.filter_map(|name| Some(root.size_and_date(&format!("{LISTS}/{name}"))?.1)).max()
    };
    mark.max(newest()).map(day).unwrap_or_default()
}

/// The `Inst` lines of a simulation.
pub fn parse(simulation: &str, notes: &mut Notes) -> Vec<PendingUpdate> {
    simulation.lines().filter_map(|line| update(line, notes)).collect()
}

/// `Inst dpkg [1.21.22] (1.21.23 Debian:12.15/oldstable [amd64])`; a package that comes along anew has no first bracket.
fn update(line: &str, notes: &mut Notes) -> Option<PendingUpdate> {
    let (name, rest) = line.strip_prefix("Inst ")?.split_once(' ')?;
    let (before, offer) = rest.split_once('(')?;
    let offer = offer.split_once(')')?.0;
    let (candidate, origins) = offer.split_once(' ').unwrap_or((offer, ""));
    let (origins, architecture) = origins.rsplit_once('[').unwrap_or((origins, ""));
    if candidate.is_empty() {
        return None;
    }
    Some(PendingUpdate {
        // A foreign architecture stands behind the name too.
        name: notes.text("apt", name.split(':').next().unwrap_or_default()),
        architecture: notes.text("apt", architecture.trim_end_matches(']')),
        installed: notes.text("apt", before.trim().trim_start_matches('[').trim_end_matches(']')),
        candidate: notes.text("apt", candidate),
        security: origins.split(',').any(is_security),
        source: "dpkg".to_owned(),
    })
}

/// `Debian-Security:12/oldstable-security`, `Ubuntu:22.04/jammy-security`: the label or the archive says it.
fn is_security(origin: &str) -> bool {
    let (label, release) = origin.trim().split_once(':').unwrap_or_default();
    label.ends_with("-Security") || release.ends_with("-security")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIMULATED: &str = "NOTE: This is only a simulation!
Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Inst libgcrypt20-dev [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst libc6:i386 [2.35-0ubuntu3.1] (2.35-0ubuntu3.8 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [i386])
Inst linux-image-6.1.0-44-amd64 (6.1.170-1 Debian-Security:10/stable [amd64])
Conf bash (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Remv old [1]
";

    #[test]
    fn updates_new_packages_and_security_are_told_apart() {
        let rows = parse(SIMULATED, &mut Notes::default());
        let facts: Vec<_> =
            rows.iter().map(|row| (row.name.as_str(), row.architecture.as_str(), row.security)).collect();
        let expected = [
            ("bash", "amd64", false),
            ("libgcrypt20-dev", "amd64", true),
            ("libc6", "i386", true),
            ("linux-image-6.1.0-44-amd64", "amd64", true),
        ];
        assert_eq!(facts, expected);
        assert_eq!((rows[0].installed.as_str(), rows[0].candidate.as_str()), ("5.2.15-2+b8", "5.2.15-2+b13"));
        assert_eq!(rows[3].installed, "");
    }

    #[test]
    fn a_simulation_cut_anywhere_never_panics() {
        for end in 0..SIMULATED.len() {
            assert!(parse(&SIMULATED[..end], &mut Notes::default()).len() <= 4);
        }
        for line in ["Inst ", "Inst x", "Inst x (", "Inst x ()", "Inst x (1)", "Inst ( ( ) ]["] {
            parse(line, &mut Notes::default());
        }
    }

    #[test]
    fn the_mark_of_success_or_the_newest_list_tells_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        assert_eq!(checked_at(&root), "");
        std::fs::create_dir_all(folder.path().join(LISTS).join("partial")).unwrap();
        assert_eq!(checked_at(&root), "");
        let list = std::fs::File::create(folder.path().join(LISTS).join("x_InRelease")).unwrap();
        list.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(951_782_400)).unwrap();
        assert_eq!(checked_at(&root), "2000-02-29");
    }
}
