//! Rules for each file by itself: length, opening paragraph, names, and the wall around the operating system.

use crate::source::{Fault, Source, files, root, words};

/// A file longer than this is two files.
const LINES_MAX: usize = 500;
/// From here on a file is looked at.
const LINES_REVIEW: usize = 300;

const EMPTY_NAMES: &[&str] =
    &["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "shared", "base"];

/// Files that are too long.
pub fn too_long(sources: &[Source]) -> Vec<Fault> {
    let long = sources.iter().filter(|source| source.text.lines().count() > LINES_MAX);
    long.map(|source| {
        let what = format!("more than {LINES_MAX} lines: find the second file inside it");
        Fault::at(&source.path, source.text.lines().count(), what)
    })
    .collect()
}

/// One line a file that is worth a second look.
pub fn long(sources: &[Source]) -> Vec<String> {
    let long = sources.iter().map(|source| (source.text.lines().count(), &source.path));
    let mut long: Vec<_> = long.filter(|(lines, _)| *lines > LINES_REVIEW).collect();
    long.sort_by(|a, b| b.cmp(a));
    long.into_iter().map(|(lines, path)| format!("{lines:>4} lines  {path}")).collect()
}

/// Files that do not say what they are.
pub fn silent(sources: &[Source]) -> Vec<Fault> {
    let silent = sources.iter().filter(|source| {
        let opening = source.text.lines().next().unwrap_or_default().trim_start_matches("//!").trim();
        let says_little = opening.len() < 12 || opening == "Not yet written.";
        !source.text.starts_with("//!") || (says_little && !source.test_only)
    });
    silent.map(|source| Fault::at(&source.path, 1, "open with a `//!` paragraph: what it is, what it is not")).collect()
}

/// Files, folders and modules with a name that says nothing.
pub fn empty_names(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources {
        for part in source.path.split('/').map(|part| part.trim_end_matches(".rs")) {
            if EMPTY_NAMES.contains(&part) {
                faults.push(Fault::at(&source.path, 0, format!("`{part}` says nothing: name it by what it holds")));
            }
        }
        for offset in words(&source.code, "mod") {
            let name = source.code[offset + 3..].trim_start();
            let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            if EMPTY_NAMES.contains(&name) {
                let what = format!("module `{name}` says nothing: name it by what it holds");
                faults.push(Fault::at(&source.path, source.line(offset), what));
            }
        }
    }
    faults
}

/// Operating system switches and unsafe code outside the one room that is for them.
pub fn outside_the_wall(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !source.path.starts_with("agent/src/platform/")) {
        if source.path.starts_with("tests/") {
            continue;
        }
        for offset in words(&source.code, "unsafe") {
            let what = "`unsafe` stands in agent/src/platform alone: put the call there behind a safe function";
            faults.push(Fault::at(&source.path, source.line(offset), what));
        }
        for offset in system_switches(&source.code) {
            let what = "the operating system is chosen in agent/src/platform alone: move this behind its wall";
            faults.push(Fault::at(&source.path, source.line(offset), what));
        }
    }
    faults
}

fn system_switches(code: &str) -> Vec<usize> {
    let switches = ["cfg(", "cfg!(", "cfg_attr(", "cfg_select!"];
    let starts = switches.iter().flat_map(|switch| code.match_indices(switch));
    starts
        .filter(|(offset, _)| {
            let line = code[*offset..].lines().next().unwrap_or_default();
            ["target_os", "target_family", "windows", "unix"].iter().any(|word| !words(line, word).is_empty())
        })
        .map(|(offset, _)| offset)
        .collect()
}

/// The folders of the operating systems hold the same file names, as soon as there are two.
pub fn unequal_twins() -> Vec<Fault> {
    let names = |system: &str| -> Vec<String> {
        let folder = format!("agent/src/platform/{system}");
        let found = files(&[&folder], "rs");
        found.iter().map(|path| path.trim_start_matches(&folder).to_owned()).collect()
    };
    let (linux, windows) = (names("linux"), names("windows"));
    if linux.is_empty() || windows.is_empty() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (ours, theirs, system) in [(&linux, &windows, "windows"), (&windows, &linux, "linux")] {
        for name in ours.iter().filter(|name| !theirs.contains(name)) {
            let what = format!("the twin agent/src/platform/{system}{name} is missing");
            faults.push(Fault::at(&format!("agent/src/platform/*{name}"), 0, what));
        }
    }
    faults
}

/// Open ends without an issue number.
pub fn open_ends() -> Vec<Fault> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let mut faults = Vec::new();
    for path in files(&["proto", "agent", "collector", "tests", "deploy"], "") {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let marked = marks.iter().any(|mark| !words(line, mark).is_empty());
            let numbered = line.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if marked && !numbered {
                faults.push(Fault::at(&path, number + 1, "an open end names its issue (`#12`), or is done now"));
            }
        }
    }
    faults
}
