//! Plug-ins: siblings never meet, and each one stands in its registry.

use crate::rooms::{module, paths};
use crate::source::{Fault, Source, files, read, words};

/// A folder of plug-ins.
struct Shelf {
    folder: &'static str,
    /// The trait that makes a file a plug-in. Where no file of the folder has it, each file that is not a fixture is one.
    trait_name: &'static str,
    /// Files of the folder that are not plug-ins, when the trait cannot tell.
    fixtures: &'static [&'static str],
}

const SHELVES: &[Shelf] = &[
    Shelf { folder: "agent/src/sample", trait_name: "Sampler", fixtures: &["mod", "registry", "schedule", "cycle"] },
    Shelf {
        folder: "agent/src/inventory",
        trait_name: "Section",
        fixtures: &["mod", "registry", "schedule", "digest"],
    },
    Shelf {
        folder: "collector/src/deliver",
        trait_name: "Destination",
        fixtures: &["mod", "registry", "worker", "retry", "sign", "event", "config", "body", "error"],
    },
];

/// Plug-ins that import a sibling plug-in.
pub fn siblings_that_meet(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for shelf in SHELVES {
        let plugs = plugins(shelf, sources);
        for plug in &plugs {
            let here = module(&plug.path);
            for (offset, path) in paths(plug) {
                let meets = path.len() > 1 && path[0] == here[0] && path[1] != here[1];
                if let Some(sibling) = plugs.iter().find(|other| meets && other.stem() == path[1]) {
                    let what = format!(
                        "plug-ins never import each other (`{}`): put what both need in the room below",
                        sibling.stem()
                    );
                    faults.push(Fault::at(&plug.path, plug.line(offset), what));
                }
            }
        }
    }
    faults
}

/// Plug-ins that nobody runs.
pub fn unregistered(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for shelf in SHELVES {
        let registry: Vec<&Source> = sources
            .iter()
            .filter(|source| {
                ["mod", "registry", "schedule", "worker"]
                    .map(|f| format!("{}/{f}.rs", shelf.folder))
                    .contains(&source.path)
            })
            .collect();
        for plug in plugins(shelf, sources) {
            let used = registry.iter().any(|file| {
                words(&file.code, plug.stem()).iter().any(|at| file.code[at + plug.stem().len()..].starts_with("::"))
            });
            if !used {
                let what = format!("`{}::` stands in no registry of {}: add its line there", plug.stem(), shelf.folder);
                faults.push(Fault::at(&plug.path, 0, what));
            }
        }
    }
    faults
}

/// Shipped files that no code takes in: monitors and catalogues.
pub fn unshipped(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (folder, ending, room) in
        [("collector/monitors", "toml", "collector/src/evaluate"), ("collector/words", "ftl", "collector/src/words")]
    {
        let code: String = sources.iter().filter(|s| s.path.starts_with(room)).map(|s| s.text.as_str()).collect();
        for path in files(&[folder], ending) {
            let stem = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".ftl").trim_end_matches(".toml");
            let pair = stem.split('.').next().unwrap_or(stem);
            let written = code.len() > 200;
            if written && words(&code, stem).is_empty() && words(&code, pair).is_empty() {
                faults.push(Fault::at(&path, 0, format!("{room} does not take it in: name it there")));
            }
        }
    }
    faults
}

/// Migrations are numbered without a hole.
pub fn loose_migrations() -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut folders: Vec<String> = files(&["collector/migrations"], "sql")
        .iter()
        .filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned()))
        .collect();
    folders.dedup();
    for folder in folders {
        let paths = files(&[&folder], "sql");
        let mut numbers: Vec<(usize, &String)> = paths
            .iter()
            .filter(|path| path.rsplit_once('/').is_some_and(|(parent, _)| parent == folder))
            .map(|path| {
                let name = path.rsplit('/').next().unwrap_or_default().trim_start_matches('V');
                (name.split('_').next().unwrap_or_default().parse().unwrap_or(0), path)
            })
            .collect();
        numbers.sort_unstable();
        for (place, (number, path)) in numbers.iter().enumerate() {
            if *number != place + 1 {
                faults.push(Fault::at(
                    path,
                    0,
                    format!("expected migration V{}__…: number them without a hole", place + 1),
                ));
            }
        }
    }
    faults
}

fn plugins<'a>(shelf: &Shelf, sources: &'a [Source]) -> Vec<&'a Source> {
    let prefix = format!("{}/", shelf.folder);
    let here: Vec<&Source> = sources
        .iter()
        .filter(|source| !source.test_only)
        .filter(|source| source.path.strip_prefix(&prefix).is_some_and(|name| name != "mod.rs" && !is_inner(name)))
        .collect();
    let marked = |source: &&&Source| {
        words(&source.code, shelf.trait_name).iter().any(|at| {
            let before = source.code[..*at].trim_end_matches("super::").trim_end();
            let after = source.code[at + shelf.trait_name.len()..].trim_start();
            before.ends_with("impl") && after.starts_with("for ")
        })
    };
    let with_trait: Vec<&Source> = here.iter().filter(marked).copied().collect();
    if with_trait.is_empty() {
        return here.into_iter().filter(|source| !shelf.fixtures.contains(&source.stem())).collect();
    }
    with_trait
}

/// `disk/parse.rs` belongs to the plug-in `disk`; `disk/mod.rs` is the plug-in.
fn is_inner(name: &str) -> bool {
    name.contains('/') && !(name.ends_with("/mod.rs") && name.matches('/').count() == 1)
}

/// Examples of the configuration that nobody would notice to be broken: each key of them is known to the code.
pub fn unknown_example_keys(sources: &[Source]) -> Vec<Fault> {
    let code: String = sources.iter().filter(|s| s.path.contains("/src/")).map(|s| s.text.as_str()).collect();
    let mut faults = Vec::new();
    for path in files(&["deploy/config"], "toml") {
        let text = read(&path).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_start_matches(['#', ' ']);
            let Some((key, _)) = line.split_once(" = ") else { continue };
            let is_key = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if is_key && words(&code, key).is_empty() {
                faults.push(Fault::at(&path, number + 1, format!("no code knows the key `{key}`")));
            }
        }
    }
    faults
}
