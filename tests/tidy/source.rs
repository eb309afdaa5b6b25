//! Reads the project's files as text and blanks what is not code. It knows Rust's lexis just well enough for house
//! rules; it is not a parser.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A broken rule, at a place, with what to do about it.
#[derive(Debug, PartialEq)]
pub struct Fault {
    /// Path from the project's root.
    pub path: String,
    /// From 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Fault {
    /// A fault at a line.
    pub fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

/// Fails the test with one line a fault.
pub fn none(faults: &[Fault]) {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "  {}:{}: {}", fault.path, fault.line, fault.what);
    }
    assert!(faults.is_empty(), "{} broken:\n{text}", faults.len());
}

/// A Rust file.
pub struct Source {
    /// Path from the project's root, with `/`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// The same length and lines, with comments, literals and test modules blanked.
    pub code: String,
    /// Only tests compile it.
    pub test_only: bool,
}

impl Source {
    /// From its text.
    pub fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&blank_literals(text));
        let test_only = path.split('/').any(|part| part == "tests" || part == "tests.rs");
        Self { path: path.to_owned(), text: text.to_owned(), code, test_only }
    }

    /// Line of a byte offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        line_of(&self.text, offset)
    }

    /// File name without its ending; the folder's name for `mod.rs`.
    pub fn stem(&self) -> &str {
        let path = self.path.strip_suffix("/mod.rs").unwrap_or(&self.path);
        path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs")
    }
}

/// Line of a byte offset, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset.min(text.len())).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Text of a file, by its path from the root; `None` where there is none.
pub fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

/// All Rust files of the four packages, sorted.
pub fn rust() -> Vec<Source> {
    let mut all = Vec::new();
    for path in files(&["proto", "agent", "collector", "tests"], "rs") {
        if let Some(text) = read(&path) {
            all.push(Source::new(&path, &text));
        }
    }
    mark_tests(&mut all);
    assert!(all.len() > 20, "only {} Rust files found under {}", all.len(), root().display());
    all
}

/// Marks what stands under `#[cfg(test)] mod name;`, whatever the name.
fn mark_tests(all: &mut [Source]) {
    let mut children = Vec::new();
    for source in all.iter() {
        let (folder, file) = source.path.rsplit_once('/').unwrap_or_default();
        let own = matches!(file, "mod.rs" | "lib.rs" | "main.rs");
        let folder = if own { folder.to_owned() } else { format!("{folder}/{}", file.trim_end_matches(".rs")) };
        for rest in source.text.split("#[cfg(test)]").skip(1) {
            let name = rest.trim_start().strip_prefix("mod ").and_then(|rest| rest.split(';').next());
            children
                .extend(name.filter(|name| !name.contains(char::is_whitespace)).map(|name| format!("{folder}/{name}")));
        }
    }
    for source in all {
        let stem = source.path.trim_end_matches(".rs");
        source.test_only |= children.iter().any(|child| stem == child || stem.starts_with(&format!("{child}/")));
    }
}

/// Files below these folders with this ending, sorted, as paths from the root; an empty ending takes all.
pub fn files(folders: &[&str], ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&root().join(folder), &mut found);
    }
    let root = root();
    let mut paths: Vec<String> = found
        .iter()
        .filter(|path| ending.is_empty() || path.extension().is_some_and(|e| e == ending))
        .filter_map(|path| Some(path.strip_prefix(&root).ok()?.to_string_lossy().replace('\\', "/")))
        .collect();
    paths.sort();
    paths
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Blanks comments and the inside of text and character literals; lengths and lines stay.
pub fn blank_literals(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut i = 0;
    while i < bytes.len() {
        let end = literal_end(bytes, i);
        if end == i {
            i += 1;
            continue;
        }
        blank(&mut out[i..end]);
        i = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where the comment or literal that starts here ends; `start` itself when none does.
fn literal_end(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    let after_name = start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b'_');
    match rest {
        [b'/', b'/', ..] => find(bytes, start, b"\n").unwrap_or(bytes.len()),
        [b'/', b'*', ..] => comment_end(bytes, start),
        [b'"', ..] => text_end(bytes, start + 1),
        [b'b', b'"', ..] if !after_name => text_end(bytes, start + 2),
        [b'r', b'"' | b'#', ..] if !after_name => raw_end(bytes, start, start + 1),
        [b'b', b'r', b'"' | b'#', ..] if !after_name => raw_end(bytes, start, start + 2),
        [b'\'', ..] => character_end(bytes, start),
        _ => start,
    }
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut i) = (0_usize, start);
    while i + 1 < bytes.len() {
        match &bytes[i..i + 2] {
            b"/*" => (depth, i) = (depth + 1, i + 2),
            b"*/" if depth == 1 => return i + 2,
            b"*/" => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    bytes.len()
}

fn text_end(bytes: &[u8], mut i: usize) -> usize {
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    bytes.len()
}

fn raw_end(bytes: &[u8], start: usize, mut i: usize) -> usize {
    let mut closing = vec![b'"'];
    while bytes.get(i) == Some(&b'#') {
        closing.push(b'#');
        i += 1;
    }
    if bytes.get(i) != Some(&b'"') {
        return start; // `r#name`
    }
    find(bytes, i + 1, &closing).map_or(bytes.len(), |at| at + closing.len())
}

fn character_end(bytes: &[u8], start: usize) -> usize {
    if bytes.get(start + 1) == Some(&b'\\') {
        return find(bytes, start + 3, b"'").map_or(bytes.len(), |at| at + 1);
    }
    // a character is at most four bytes; without a closing quote it is a lifetime
    (start + 2..=start + 5).find(|i| bytes.get(*i) == Some(&b'\'')).map_or(start, |at| {
        let inside = std::str::from_utf8(&bytes[start + 1..at]).map_or(0, |text| text.chars().count());
        if inside == 1 { at + 1 } else { start }
    })
}

fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// Blanks each item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    let mut from = 0;
    while let Some(at) = code[from..].find("#[cfg(test)]").map(|at| from + at) {
        let end = item_end(code.as_bytes(), at);
        blank(&mut out[at..end]);
        from = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn item_end(code: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    for (i, byte) in code.iter().enumerate().skip(start) {
        match byte {
            b';' if depth == 0 => return i + 1,
            b'{' => depth += 1,
            b'}' if depth <= 1 => return i + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Offsets at which a word stands by itself.
pub fn words(code: &str, word: &str) -> Vec<usize> {
    let is_name = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let bytes = code.as_bytes();
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| !is_name(at.checked_sub(1).and_then(|before| bytes.get(before))))
        .filter(|at| !is_name(bytes.get(at + word.len())))
        .collect()
}
