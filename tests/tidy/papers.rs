//! What stands beside the code and rots unseen: README, manifests, the contract's comments.

use crate::source::{Fault, files, read, root};
use std::collections::BTreeSet;

const MEMBERS: [&str; 4] = ["proto", "agent", "collector", "tests"];

/// Manifests that go their own way.
pub fn own_ways() -> Vec<Fault> {
    let mut faults = Vec::new();
    for member in MEMBERS {
        let path = format!("{member}/Cargo.toml");
        let text = read(&path).unwrap_or_default();
        if !text.contains("[lints]\nworkspace = true") {
            faults.push(Fault::at(&path, 0, "inherit the workspace's lints: `[lints]` with `workspace = true`"));
        }
        let mut section = "";
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('[') {
                section = line;
                continue;
            }
            let is_dependency = section.contains("dependencies") && line.contains('=') && !line.starts_with('#');
            if is_dependency && !line.contains("workspace = true") {
                faults.push(Fault::at(
                    &path,
                    number + 1,
                    "versions stand in the root Cargo.toml: use `workspace = true`",
                ));
            }
            let other = if member == "agent" { "wacht-collector" } else { "wacht-agent" };
            if is_dependency && member != "tests" && line.starts_with(other) {
                faults.push(Fault::at(&path, number + 1, "agent and collector share wacht-proto alone"));
            }
        }
    }
    faults
}

/// Dependencies without a reason.
pub fn reasonless() -> Vec<Fault> {
    let text = read("Cargo.toml").unwrap_or_default();
    let mut faults = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        }
        let is_dependency = inside && line.contains(" = ") && !line.trim_start().starts_with('#');
        if is_dependency
            && !line.contains("path = ")
            && line.rsplit_once('#').is_none_or(|(_, why)| why.trim().len() < 4)
        {
            faults.push(Fault::at("Cargo.toml", number + 1, "say in a `#` comment what this dependency is for"));
        }
    }
    faults
}

/// Fields of the contract whose bound or data class is not said.
pub fn unbounded_fields() -> Vec<Fault> {
    let texts: Vec<(String, String)> =
        files(&["proto"], "proto").into_iter().filter_map(|path| read(&path).map(|text| (path, text))).collect();
    let enums: BTreeSet<String> = texts.iter().flat_map(|(_, text)| declared(text, "enum ")).collect();
    texts.iter().flat_map(|(path, text)| fields_of(path, text, &enums)).collect()
}

fn declared<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = String> + 'a {
    text.lines().filter_map(move |line| Some(line.strip_prefix(word)?.split_whitespace().next()?.to_owned()))
}

/// A number, a flag and an enum bound themselves; texts, bytes and lists need `<=` beside them, or above all of them.
fn fields_of(path: &str, text: &str, enums: &BTreeSet<String>) -> Vec<Fault> {
    let header: String = text.lines().take_while(|line| line.starts_with("//")).collect();
    let mut faults = Vec::new();
    let (mut above, mut message) = (String::new(), String::new());
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if !line.starts_with(' ') && trimmed.starts_with("//") {
            above.push_str(trimmed);
            continue;
        }
        if let Some(name) = line.strip_prefix("message ") {
            message = std::mem::take(&mut above);
            message.push_str(name);
        }
        above.clear();
        let Some((declaration, comment)) = trimmed.split_once(';') else { continue };
        let repeated = declaration.strip_prefix("repeated ");
        let kind = repeated.unwrap_or(declaration).split_whitespace().next().unwrap_or_default();
        let is_text = kind == "string" || kind == "bytes";
        let is_list = repeated.is_some() && !enums.contains(kind);
        if !declaration.contains(" = ") || !(is_text || is_list) {
            continue;
        }
        let bounded =
            comment.contains("<=") || message.contains("<=") || (is_text && !is_list && header.contains("<="));
        if !bounded {
            faults.push(Fault::at(path, number + 1, "write its bound beside it: `// <= 256 B; technical`"));
        }
        let classes = ["technical", "personal", "sensitive"];
        let classed = classes.iter().any(|class| comment.contains(class)) || header.to_lowercase().contains("class");
        if !classed && !message.contains("Reply") {
            faults.push(Fault::at(
                path,
                number + 1,
                "write its data class beside it: technical, personal or sensitive",
            ));
        }
    }
    faults
}

/// Paths, commands and options of the README that do not exist; `None` while there is no README.
pub fn stale_readme() -> Option<Vec<Fault>> {
    let text = read("README.md")?;
    let mut faults = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        for span in spans(line, fenced) {
            let stale = paths_of(span).chain(commands_of(span));
            faults.extend(stale.map(|what| Fault::at("README.md", number + 1, what)));
        }
    }
    Some(faults)
}

/// What is code in a line of Markdown, and what its links point to.
fn spans(line: &str, fenced: bool) -> Vec<&str> {
    if fenced {
        return vec![line];
    }
    let code = line.split('`').skip(1).step_by(2);
    let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    code.chain(links).collect()
}

fn paths_of(span: &str) -> impl Iterator<Item = String> + '_ {
    let tokens = span.split(|c: char| c.is_whitespace() || "()[]{}<>,;:'\"|=".contains(c));
    let tokens = tokens.map(|token| token.trim_start_matches("./").trim_end_matches('.'));
    let ours = tokens.filter(|token| {
        let first = token.split('/').next().unwrap_or_default();
        let folders = ["proto", "agent", "collector", "tests", "deploy", ".ci", "docs"];
        (token.contains('/') && folders.contains(&first))
            || matches!(*token, "Cargo.toml" | "clippy.toml" | "README.md")
    });
    ours.filter(|token| !exists(token)).map(|token| format!("`{token}` does not exist: mend the path"))
}

fn exists(token: &str) -> bool {
    let solid: Vec<&str> = token.split('/').take_while(|part| !part.contains('*') && !part.contains('…')).collect();
    root().join(solid.join("/")).exists()
}

fn commands_of(span: &str) -> impl Iterator<Item = String> + '_ {
    let words: Vec<&str> = span.split_whitespace().collect();
    let mut stale = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let next = words.get(place + 1).copied().unwrap_or_default();
        let command = word.rsplit('/').next().unwrap_or(word);
        if *word == "-p" && span.contains("cargo ") && !package_exists(next) {
            stale.push(format!("there is no package `{next}`"));
        }
        if *word == "--test" && read("tests/Cargo.toml").is_some_and(|text| !text.contains(&format!("\"{next}\""))) {
            stale.push(format!("there is no test `{next}` in tests/Cargo.toml"));
        }
        if command.split('.').next_back() == Some("sh") && next.starts_with("--") {
            let script = word.trim_start_matches("./");
            if read(script).is_some_and(|text| !text.contains(next)) {
                stale.push(format!("{script} has no option `{next}`"));
            }
        }
        let ours = matches!(command, "wacht-agent" | "wacht-collector") && is_subcommand(next);
        if ours && !knows(command.trim_start_matches("wacht-"), next) {
            stale.push(format!("`{command}` has no command `{next}`"));
        }
    }
    stale.into_iter()
}

fn is_subcommand(word: &str) -> bool {
    word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}

fn package_exists(name: &str) -> bool {
    MEMBERS
        .iter()
        .filter_map(|member| read(&format!("{member}/Cargo.toml")))
        .any(|text| text.contains(&format!("\"{name}\"")))
}

/// Does the command line of a package name this command? While it is not written, it knows all.
fn knows(package: &str, command: &str) -> bool {
    let folder = format!("{package}/src");
    let cli = files(&[&folder], "rs").into_iter().filter(|path| path.contains("/cli"));
    let text: String = cli.filter_map(|path| read(&path)).collect();
    let pascal: String = command.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
    text.len() < 500 || text.contains(&format!("\"{command}\"")) || text.contains(&pascal)
}
