//! Who may import whom: the table of the design, and the reading of imports that checks it.

use crate::source::{Fault, Source, words};

/// What one room may and may not touch.
pub struct Room {
    package: &'static str,
    name: &'static str,
    /// Rooms of the same package; `*` = every one that may be imported at all.
    may: &'static [&'static str],
    /// May it see the generated messages?
    wire: bool,
    /// Libraries and functions that it never uses.
    never: &'static [&'static str],
}

const NO_IO: &[&str] = &["tokio", "tonic", "axum", "hyper", "reqwest", "lettre", "rusqlite"];
const WEB: &[&str] = &["axum", "hyper", "reqwest", "lettre", "tonic", "http"];
const NO_SQL: &[&str] = &["rusqlite", "refinery"];
const NO_TONIC: &[&str] = &["tonic", "rusqlite", "refinery"];
const AGENT_PLAIN: &[&str] = &["tokio", "tonic", "rustls", "hyper"];

const fn room(
    package: &'static str,
    name: &'static str,
    may: &'static [&'static str],
    wire: bool,
    never: &'static [&'static str],
) -> Room {
    Room { package, name, may, wire, never }
}

/// The table. A new room is a new line here, and a reason in the design.
const ROOMS: &[Room] = &[
    // its signals are awaited, so it may know tokio
    room("agent", "platform", &[], false, &["tonic", "rustls", "hyper"]),
    room("agent", "clock", &["platform"], false, AGENT_PLAIN),
    room("agent", "sample", &["platform"], false, AGENT_PLAIN),
    room("agent", "inventory", &["platform", "sample"], true, AGENT_PLAIN),
    room("agent", "report", &["platform", "sample", "inventory", "clock"], true, AGENT_PLAIN),
    room("agent", "spool", &[], false, AGENT_PLAIN),
    // private files are the system's matter: keys are written through the wall
    room("agent", "transport", &["spool", "clock", "platform"], true, &[]),
    room("agent", "pipeline", &["*"], true, &["tonic", "rustls", "hyper"]),
    room("agent", "config", &["*"], false, AGENT_PLAIN),
    room("agent", "cli", &["*"], true, &["tonic"]),
    room("agent", "lib", &["*"], true, &["tonic"]),
    room("agent", "main", &["*"], false, &["tonic"]),
    room("collector", "model", &[], false, NO_IO),
    room("collector", "contract", &["model"], false, NO_IO),
    // figures by locale come from `words`, which is as pure as the picture itself
    room("collector", "picture", &["model", "words"], false, NO_IO),
    room("collector", "export", &["model"], false, NO_IO),
    room("collector", "words", &["model"], false, NO_IO),
    room("collector", "cmdb", &["model"], false, NO_IO),
    // what people declare is judged by the contract and told apart by the CMDB's own kinds of fields; its cells are made
    // safe for spreadsheets by the one function of `export`
    room("collector", "declare", &["model", "cmdb", "contract", "export"], false, NO_IO),
    room("collector", "evaluate", &["model"], false, NO_IO),
    room("collector", "incident", &["model", "contract"], false, NO_IO),
    room("collector", "store", &["model"], false, &["tonic", "axum"]),
    room("collector", "ingest", &["model", "store"], true, &["axum", "reqwest", "rusqlite"]),
    room("collector", "port", &["model"], false, WEB),
    room("collector", "control", &["model", "port", "store"], false, NO_TONIC),
    room(
        "collector",
        "pipeline",
        &["model", "store", "cmdb", "declare", "evaluate", "incident", "contract", "picture", "words", "port", "clock"],
        false,
        WEB,
    ),
    room("collector", "clock", &[], false, NO_IO),
    room("collector", "deliver", &["model", "picture", "store", "words"], false, NO_TONIC),
    room(
        "collector",
        "console",
        // an item's past is found by the CMDB's own rules
        &["model", "cmdb", "contract", "declare", "picture", "export", "store", "words", "port"],
        false,
        &["tonic", "rusqlite", "refinery", "lettre"],
    ),
    room("collector", "metrics", &["model", "store", "ingest"], false, NO_TONIC),
    room("collector", "serve", &[], false, NO_TONIC),
    room("collector", "upkeep", &["model", "store", "ingest"], false, NO_TONIC),
    room("collector", "config", &["*"], false, NO_SQL),
    room("collector", "cli", &["*"], true, NO_SQL),
    room("collector", "lib", &["*"], true, NO_SQL),
    room("collector", "main", &["*"], false, NO_SQL),
];

/// Rooms that none imports but the ones named.
const PRIVATE: &[(&str, &[&str])] = &[
    ("cli", &["lib", "main"]),
    ("main", &[]),
    // the crank reads its settings anew on SIGHUP
    ("config", &["cli", "lib", "main", "control", "pipeline"]),
    ("control", &["cli", "lib", "main"]),
    ("metrics", &["lib"]),
    ("serve", &["lib"]),
    ("upkeep", &["lib"]),
];

/// Rooms that take `now` as an argument.
const TIMELESS: &[&str] =
    &["model", "contract", "picture", "words", "cmdb", "declare", "evaluate", "incident", "export"];
const CLOCKS: &[&str] = &["Timestamp::now", "Zoned::now", "SystemTime::now", "Instant::now"];

/// Every import that the table does not allow, over all files.
pub fn faults(sources: &[Source]) -> Vec<Fault> {
    sources.iter().filter(|source| !source.test_only).flat_map(of_file).collect()
}

/// Package and room of a file; `None` outside the two programs.
pub fn place(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.split('/');
    let (package, src, first) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = (package == "agent" || package == "collector") && src == "src";
    ours.then(|| (package, first.trim_end_matches(".rs")))
}

fn of_file(source: &Source) -> Vec<Fault> {
    let Some((package, name)) = place(&source.path) else { return Vec::new() };
    let Some(room) = ROOMS.iter().find(|room| room.package == package && room.name == name) else {
        let what = format!("the room `{name}` is not in the table: say in tests/tidy/rooms.rs what it may import");
        return vec![Fault::at(&source.path, 0, what)];
    };
    let mut faults = imports(source, room);
    faults.extend(wire(source, room));
    faults.extend(libraries(source, room));
    faults.extend(clocks(source, room));
    faults
}

fn imports(source: &Source, room: &Room) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (offset, path) in paths(source) {
        let Some(target) = path.first().map(String::as_str) else { continue };
        let known = ROOMS.iter().any(|other| other.package == room.package && other.name == target);
        if target == room.name || !known || room.name == "lib" {
            continue;
        }
        let listed = room.may.contains(&"*") || room.may.contains(&target);
        let open = PRIVATE.iter().all(|(name, importers)| *name != target || importers.contains(&room.name));
        if !(listed && open) {
            let what = format!(
                "`{}` must not import `{target}` (it may: {}); pass the value in as an argument",
                room.name,
                if room.may.is_empty() { "nothing of ours".to_owned() } else { room.may.join(", ") }
            );
            faults.push(Fault::at(&source.path, source.line(offset), what));
        }
    }
    faults.dedup();
    faults
}

fn wire(source: &Source, room: &Room) -> Vec<Fault> {
    let other = if room.package == "agent" { "wacht_collector" } else { "wacht_agent" };
    let mut faults = Vec::new();
    for offset in words(&source.code, other) {
        let what = format!("{} must not import {other}: they deploy at different versions", room.package);
        faults.push(Fault::at(&source.path, source.line(offset), what));
    }
    if room.wire {
        return faults;
    }
    for offset in words(&source.code, "wacht_proto") {
        let mut found = Vec::new();
        tree(source.code.as_bytes(), offset + "wacht_proto".len(), Vec::new(), &mut found);
        for path in found {
            let part = path.first().map_or("", String::as_str);
            if !matches!(part, "catalog" | "block") {
                let what = format!("`{}` must not see `wacht_proto::{part}`: only catalog and block", room.name);
                faults.push(Fault::at(&source.path, source.line(offset), what));
            }
        }
    }
    faults
}

fn libraries(source: &Source, room: &Room) -> Vec<Fault> {
    let mut faults = Vec::new();
    for library in room.never {
        for offset in words(&source.code, library) {
            let before = source.code[..offset].trim_end();
            let after = source.code[offset + library.len()..].trim_start();
            if after.starts_with("::") && !before.ends_with("::") {
                let what = format!("`{}` never uses `{library}`: move this to the room whose door it is", room.name);
                faults.push(Fault::at(&source.path, source.line(offset), what));
            }
        }
    }
    faults
}

fn clocks(source: &Source, room: &Room) -> Vec<Fault> {
    if !TIMELESS.contains(&room.name) {
        return Vec::new();
    }
    let found = CLOCKS.iter().flat_map(|clock| source.code.match_indices(clock));
    found
        .map(|(offset, clock)| {
            let what = format!("`{}` reads `{clock}`: take `now` as an argument", room.name);
            Fault::at(&source.path, source.line(offset), what)
        })
        .collect()
}

/// The paths of our own modules that a file names, from the package's root: (offset, segments).
pub fn paths(source: &Source) -> Vec<(usize, Vec<String>)> {
    let here = module(&source.path);
    let mut found = Vec::new();
    for (word, is_root) in [("crate", true), ("super", false), ("self", false)] {
        for offset in words(&source.code, word) {
            let before = source.code[..offset].trim_end();
            if before.ends_with("::") || before.ends_with('.') {
                continue;
            }
            let (base, end) =
                if is_root { (Vec::new(), offset + word.len()) } else { climb(&source.code, offset, &here) };
            let mut ends = Vec::new();
            tree(source.code.as_bytes(), end, base, &mut ends);
            found.extend(ends.into_iter().map(|path| (offset, path)));
        }
    }
    found
}

/// Module path of a file: `agent/src/sample/cpu.rs` is `[sample, cpu]`.
pub fn module(path: &str) -> Vec<String> {
    let inner = path.split_once("/src/").map_or("", |(_, inner)| inner);
    let inner = inner.trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').filter(|part| !matches!(*part, "lib" | "main")).map(str::to_owned).collect()
}

fn climb(code: &str, mut offset: usize, here: &[String]) -> (Vec<String>, usize) {
    let mut base = here.to_vec();
    loop {
        let rest = &code[offset..];
        if rest.starts_with("super") {
            base.pop();
            offset += 5;
        } else {
            offset += 4; // self
        }
        let after = code[offset..].strip_prefix("::").map_or("", str::trim_start);
        if !(after.starts_with("super::") || after.starts_with("self::")) {
            return (base, offset);
        }
        offset += 2;
    }
}

/// The ends of a use tree that continues at `i` with `::`.
fn tree(code: &[u8], i: usize, base: Vec<String>, ends: &mut Vec<Vec<String>>) -> usize {
    let i = skip(code, i);
    if code.get(i..i + 2) != Some(b"::") {
        ends.push(base);
        return i;
    }
    let i = skip(code, i + 2);
    if code.get(i) != Some(&b'{') {
        return segment(code, i, base, ends);
    }
    let mut i = skip(code, i + 1);
    while i < code.len() && code[i] != b'}' {
        let next = segment(code, i, base.clone(), ends);
        i = skip(code, next.max(i + 1));
        while i < code.len() && !matches!(code[i], b',' | b'}') {
            i += 1; // `as name`
        }
        if code.get(i) == Some(&b',') {
            i = skip(code, i + 1);
        }
    }
    i + 1
}

fn segment(code: &[u8], i: usize, mut base: Vec<String>, ends: &mut Vec<Vec<String>>) -> usize {
    let len = code[i..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    if len == 0 {
        ends.push(base); // `*` or a generic argument
        return i;
    }
    base.push(String::from_utf8_lossy(&code[i..i + len]).into_owned());
    tree(code, i + len, base, ends)
}

fn skip(code: &[u8], i: usize) -> usize {
    i + code.get(i..).unwrap_or_default().iter().take_while(|b| b.is_ascii_whitespace()).count()
}
