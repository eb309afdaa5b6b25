//! The pools of ZFS, from `zpool status -P` and `zpool list -Hp`. A pool is one array: it may lose what its weakest group
//! of disks may lose. Logs and caches hold nothing that only they have.

use wacht_proto::v1::{Array, ArrayState};

use super::redundancy::{Member, array, tolerance};
use crate::inventory::child::Program;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

const ROWS_MAX: usize = 10_000;

/// The pools of this machine. The program is asked only where the kernel has ZFS loaded: asking would load it.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Array> {
    if root.is_real() && !root.exists("proc/spl/kstat/zfs") {
        return Vec::new();
    }
    let Some(status) = root.output(Program::Zpool, &["status", "-P"], notes) else { return Vec::new() };
    let mut pools = parse(&status, notes);
    let list = root.output(Program::Zpool, &["list", "-Hp"], notes).unwrap_or_default();
    for pool in &mut pools {
        pool.size_bytes = size_bytes(&list, &pool.name);
    }
    pools
}

/// The pools of a status text; their sizes stand elsewhere.
pub fn parse(status: &str, notes: &mut Notes) -> Vec<Array> {
    let mut pools: Vec<Pool> = Vec::new();
    let mut in_table = false;
    for line in status.lines() {
        let words: Vec<&str> = line.split_whitespace().take(16).collect();
        match (words.as_slice(), pools.last_mut()) {
            (["pool:", name], _) => {
                pools.push(Pool { name: (*name).to_owned(), ..Pool::default() });
                in_table = false;
            }
            (["state:", state], Some(pool)) => (*state).clone_into(&mut pool.state),
            (["NAME", "STATE", ..], Some(_)) => in_table = true,
            // Only the table is indented by a tab or eight blanks; it ends with the list of errors.
            (["errors:", ..], _) => in_table = false,
            ([name, rest @ ..], Some(pool)) if in_table && pool.rows.len() < ROWS_MAX => {
                pool.rows.push(row(line, name, rest));
            }
            (_, Some(pool)) => pool.resilvers |= line.contains("resilver in progress"),
            _ => {}
        }
    }
    pools.iter().map(|pool| judged(pool, notes)).collect()
}

/// The second column of `zpool list -Hp`.
fn size_bytes(list: &str, pool: &str) -> u64 {
    let mut rows = list.lines().map(|line| line.split('\t'));
    let size = rows.find_map(|mut row| (row.next()? == pool).then(|| row.next())?);
    size.and_then(|size| size.parse().ok()).unwrap_or(0)
}

#[derive(Default)]
struct Pool {
    name: String,
    state: String,
    resilvers: bool,
    rows: Vec<Row>,
}

/// A line of the table.
struct Row {
    indent: usize,
    name: String,
    /// `ONLINE`; empty for a heading.
    state: String,
    resilvers: bool,
}

fn row(line: &str, name: &str, rest: &[&str]) -> Row {
    let blanks = line.chars().take_while(|c| c.is_whitespace());
    // A disk that is gone goes by a number and what it was.
    let was = rest.iter().position(|word| *word == "was").and_then(|at| rest.get(at + 1));
    Row {
        indent: blanks.map(|c| if c == '\t' { 8 } else { 1 }).sum(),
        name: was.unwrap_or(&name).rsplit('/').next().unwrap_or_default().to_owned(),
        state: rest.first().map(|state| (*state).to_owned()).unwrap_or_default(),
        resilvers: rest.contains(&"(resilvering)"),
    }
}

fn judged(pool: &Pool, notes: &mut Notes) -> Array {
    let base = pool.rows.first().map_or(0, |row| row.indent);
    let sections = pool.rows.split(|row| row.indent <= base).zip(headings(&pool.rows, base));
    let mut groups: Vec<Group> = Vec::new();
    let mut spares = 0;
    for (rows, heading) in sections {
        match heading {
            "logs" | "cache" | "" => {}
            "spares" => spares = rows.iter().filter(|row| row.state == "AVAIL").count() as u32,
            _ => groups.extend(self::groups(rows, base)),
        }
    }
    let members: Vec<Member> = groups.iter().flat_map(|group| group.members.clone()).collect();
    let left = groups.iter().map(Group::redundancy_left).min().unwrap_or(0);
    let state = match pool.state.as_str() {
        "ONLINE" | "DEGRADED" if pool.resilvers => ArrayState::Rebuilding,
        "ONLINE" => ArrayState::Clean,
        "DEGRADED" => ArrayState::Degraded,
        "" => ArrayState::Unspecified,
        _ => ArrayState::Failed,
    };
    Array {
        name: notes.text("array", &pool.name),
        spares,
        redundancy_left: if state == ArrayState::Failed { 0 } else { left },
        source: "zfs".to_owned(),
        ..array(&levels(&groups), Some(state), 0, &members, notes)
    }
}

/// What heads each part of the table: nothing before the first line, then the pool itself, `logs`, `spares`, … A pool may
/// be named like a heading, but it has a state.
fn headings(rows: &[Row], base: usize) -> impl Iterator<Item = &str> {
    let heading = |row: &'_ Row| row.state.is_empty();
    let names = rows.iter().filter(move |row| row.indent <= base);
    std::iter::once("").chain(names.map(move |row| if heading(row) { row.name.as_str() } else { "pool" }))
}

/// Disks that stand in for each other.
struct Group {
    level: String,
    members: Vec<Member>,
}

impl Group {
    fn redundancy_left(&self) -> u32 {
        let missing = self.members.iter().filter(|member| !member.active).count() as u32;
        tolerance(&self.level, self.members.len() as u32).saturating_sub(missing)
    }
}

/// The groups below one heading: one step in is a group or a lone disk, two steps a member, three what replaces it.
fn groups(rows: &[Row], base: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut replacing = false;
    // What was taken out of a pool leaves a line behind.
    for row in rows.iter().filter(|row| !row.name.starts_with("indirect-")) {
        let depth = (row.indent - base) / 2;
        match (depth, groups.last_mut()) {
            (0 | 1, _) | (_, None) => {
                let level = level(&row.name);
                let members = if level == "stripe" { vec![member(row)] } else { Vec::new() };
                groups.push(Group { level: level.to_owned(), members });
            }
            (2, Some(group)) => {
                replacing = row.name.starts_with("replacing-") || row.name.starts_with("spare-");
                group.members.push(member(row));
            }
            (_, Some(group)) if replacing => {
                // One of them serves as long as it holds everything.
                if let Some(place) = group.members.last_mut() {
                    replace(place, row);
                }
            }
            _ => {}
        }
    }
    groups
}

/// A place with several disks is active by any of them and goes by the name of the first.
fn replace(place: &mut Member, row: &Row) {
    let disk = member(row);
    let first = place.name.starts_with("replacing-") || place.name.starts_with("spare-");
    let active = if first { disk.active } else { place.active || disk.active };
    let name = if first { disk.name } else { place.name.clone() };
    *place = Member { name, active, failed: if first { disk.failed } else { place.failed && !active } };
}

fn member(row: &Row) -> Member {
    let failed = matches!(row.state.as_str(), "FAULTED" | "UNAVAIL" | "REMOVED" | "OFFLINE");
    Member { name: row.name.clone(), active: !failed && !row.resilvers, failed }
}

/// `raidz2-0` without its number, `draid2:4d:8c:1s-0` as the RAID-Z that survives as much; a lone disk is a stripe.
fn level(group: &str) -> &str {
    let kind = group.rsplit_once('-').map_or(group, |(kind, _)| kind);
    match kind.split(':').next().unwrap_or_default() {
        "mirror" => "mirror",
        "raidz" | "raidz1" | "draid" | "draid1" => "raidz1",
        "raidz2" | "draid2" => "raidz2",
        "raidz3" | "draid3" => "raidz3",
        _ => "stripe",
    }
}

/// The levels of a pool, each once: nearly always one.
fn levels(groups: &[Group]) -> String {
    let mut levels: Vec<&str> = groups.iter().map(|group| group.level.as_str()).collect();
    levels.sort_unstable();
    levels.dedup();
    levels.join("+")
}

#[cfg(test)]
mod tests;
