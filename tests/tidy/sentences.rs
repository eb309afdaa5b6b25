//! Sentences for people stand in the catalogues: the languages say the same things, code asks only for keys that
//! exist, and templates hold no sentence of their own.

use crate::source::{Fault, Source, files, line_of, read};
use std::collections::{BTreeMap, BTreeSet};

/// Key (with attribute) -> line and the variables that it uses.
type Catalogue = BTreeMap<String, (usize, BTreeSet<String>)>;

const LANGUAGES: [&str; 2] = ["en", "nl"];

/// Keys or variables that one language has and the other has not.
pub fn holes() -> Vec<Fault> {
    let mut faults = Vec::new();
    for path in files(&["collector/words"], "ftl") {
        let Some((ours, theirs)) = twin(&path) else {
            faults.push(Fault::at(&path, 0, "a catalogue is named <room>.<language>.ftl"));
            continue;
        };
        let Some(other) = read(&theirs) else {
            faults.push(Fault::at(&path, 0, format!("{theirs} is missing")));
            continue;
        };
        let (here, there) = (catalogue(&read(&path).unwrap_or_default()), catalogue(&other));
        for (key, (line, variables)) in &here {
            match there.get(key) {
                None => faults.push(Fault::at(&path, *line, format!("`{key}` is missing in {theirs}"))),
                Some((_, others)) if others != variables && ours == LANGUAGES[0] => {
                    let what = format!("`{key}` uses {variables:?} here and {others:?} in {theirs}");
                    faults.push(Fault::at(&path, *line, what));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

fn twin(path: &str) -> Option<(&'static str, String)> {
    let stem = path.strip_suffix(".ftl")?;
    let ours = LANGUAGES.into_iter().find(|language| stem.ends_with(&format!(".{language}")))?;
    let theirs = if ours == LANGUAGES[0] { LANGUAGES[1] } else { LANGUAGES[0] };
    Some((ours, format!("{}{theirs}.ftl", &stem[..stem.len() - ours.len()])))
}

/// Reads messages, attributes and the variables in them.
pub fn catalogue(text: &str) -> Catalogue {
    let mut found = Catalogue::new();
    let mut message = String::new();
    let mut current = String::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let name = line.split('=').next().unwrap_or_default().trim();
        let is_name = line.contains('=') && !name.is_empty();
        let is_name = is_name && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if is_name && !line.starts_with([' ', '\t']) {
            name.clone_into(&mut message);
            name.clone_into(&mut current);
        } else if is_name && name.starts_with('.') {
            current = format!("{message}{name}");
        }
        if !current.is_empty() {
            let entry = found.entry(current.clone()).or_insert_with(|| (number + 1, BTreeSet::new()));
            entry.1.extend(variables(line));
        }
    }
    found
}

fn variables(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect())
}

/// Keys that code or a monitor asks for and no catalogue has.
pub fn unknown_keys(sources: &[Source]) -> Vec<Fault> {
    let paths = files(&["collector/words"], "ftl");
    if paths.is_empty() {
        return Vec::new();
    }
    let known: BTreeSet<String> =
        paths.iter().filter_map(|p| read(p)).flat_map(|text| catalogue(&text).into_keys()).collect();
    let rooms: BTreeSet<&str> = paths.iter().filter_map(|p| p.rsplit('/').next()?.split('.').next()).collect();
    let mut asked = Vec::new();
    for source in sources.iter().filter(|s| s.path.starts_with("collector/src/") && !s.code.is_empty()) {
        let end = source.text.find("#[cfg(test)]").unwrap_or(source.text.len());
        collect(&source.path, &source.text[..end], "Message::new(\"", &mut asked);
    }
    for path in files(&["collector/monitors"], "toml") {
        collect(&path, &read(&path).unwrap_or_default(), "runbook = \"", &mut asked);
    }
    let unknown = asked
        .into_iter()
        .filter(|(_, _, key)| rooms.contains(key.split('-').next().unwrap_or_default()) && !known.contains(key));
    unknown
        .map(|(path, line, key)| Fault::at(&path, line, format!("no catalogue has `{key}`: add it in each language")))
        .collect()
}

fn collect(path: &str, text: &str, opening: &str, asked: &mut Vec<(String, usize, String)>) {
    for (at, _) in text.match_indices(opening) {
        let key = text[at + opening.len()..].split('"').next().unwrap_or_default();
        asked.push((path.to_owned(), line_of(text, at), key.to_owned()));
    }
}

/// Sentences that stand in templates.
pub fn in_templates() -> Vec<Fault> {
    let mut faults = Vec::new();
    for path in files(&["collector/templates"], "html") {
        let text = read(&path).unwrap_or_default();
        for (offset, sentence) in sentences(&text) {
            let what = format!("\"{sentence}\" is a sentence for people: give it a key in collector/words");
            faults.push(Fault::at(&path, line_of(&text, offset), what));
        }
    }
    faults
}

/// Runs of three words or more outside tags, expressions, scripts, commands and comments, and those in attributes that are read out.
pub fn sentences(template: &str) -> Vec<(usize, String)> {
    let mut text = template.to_owned();
    for (open, close) in [
        ("{#", "#}"),
        ("<!--", "-->"),
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<svg", "</svg>"),
        ("<code", "</code>"),
    ] {
        text = erase(&text, open, close);
    }
    text = erase(&erase(&text, "{%", "%}"), "{{", "}}");
    let mut found = Vec::new();
    for attribute in ["title=\"", "placeholder=\"", "aria-label=\"", "alt=\""] {
        for (at, _) in text.match_indices(attribute) {
            let start = at + attribute.len();
            let value = text[start..].split('"').next().unwrap_or_default();
            found.push((start, value.to_owned()));
        }
    }
    let bare = erase(&text, "<", ">");
    let mut offset = 0;
    for run in bare.split('\u{1}') {
        found.push((offset, run.to_owned()));
        offset += run.len() + 1;
    }
    found.retain(|(_, run)| run.split_whitespace().filter(|word| is_word(word)).count() >= 3);
    found
        .iter()
        .map(|(at, run)| {
            (at + run.len() - run.trim_start().len(), run.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect()
}

fn is_word(word: &str) -> bool {
    word.trim_matches(|c: char| c.is_ascii_punctuation()).chars().filter(|c| c.is_alphabetic()).count() > 1
}

/// Puts `\u{1}` in the place of each byte between two marks, and keeps lines and lengths.
fn erase(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        let end = rest[at + open.len()..].find(close).map_or(rest.len(), |end| at + open.len() + end + close.len());
        out.push_str(&rest[..at]);
        for byte in rest[at..end].bytes() {
            out.push(if byte == b'\n' { '\n' } else { '\u{1}' });
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
