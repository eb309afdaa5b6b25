//! Parses `/proc/mdstat`: which software arrays there are, who takes part and who failed. It does not judge them.

/// One array as the kernel lists it.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct ListedArray {
    /// `md0`
    pub name: String,
    /// Assembled and started.
    pub active: bool,
    /// `raid1`; empty while inactive.
    pub level: String,
    /// Device names in the kernel's order, with their marks.
    pub members: Vec<Member>,
    /// Members that the array wants, and that are in sync; from `[2/1]`.
    pub expected_and_in_sync: Option<(u32, u32)>,
    /// In KiB.
    pub size_kib: u64,
    /// A set of disks that the firmware manages: it holds arrays and is none.
    pub container: bool,
    /// `recovery`, `resync`, `reshape`, `check`, while one runs or waits.
    pub action: String,
}

/// A device of an array.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Member {
    /// `sda1`
    pub name: String,
    /// Marked `(F)`.
    pub failed: bool,
    /// Marked `(S)`.
    pub spare: bool,
}

/// All arrays of the file, in its order. Lines that fit no array are skipped.
pub fn parse(text: &str) -> Vec<ListedArray> {
    let mut arrays: Vec<ListedArray> = Vec::new();
    for line in text.lines() {
        match (headline(line), arrays.last_mut()) {
            (Some(array), _) => arrays.push(array),
            (None, Some(array)) if line.starts_with([' ', '\t']) => detail(line, array),
            _ => {}
        }
    }
    arrays
}

/// `md0 : active raid1 sdb1[1] sda1[0](F)`
fn headline(line: &str) -> Option<ListedArray> {
    let (name, rest) = line.split_once(" : ")?;
    if !name.starts_with("md") || name.contains([' ', '/']) {
        return None;
    }
    let mut words = rest.split_ascii_whitespace().peekable();
    let active = words.next()? == "active";
    while words.next_if(|word| word.starts_with('(')).is_some() {}
    let level = words.next_if(|word| !word.contains('[')).unwrap_or_default().to_owned();
    Some(ListedArray {
        name: name.to_owned(),
        active,
        level,
        members: words.filter_map(member).collect(),
        ..Default::default()
    })
}

fn member(word: &str) -> Option<Member> {
    let (name, marks) = word.split_once('[')?;
    Some(Member { name: name.to_owned(), failed: marks.contains("(F)"), spare: marks.contains("(S)") })
}

/// The lines under a headline: size and `[n/m]`, or the action under way.
fn detail(line: &str, array: &mut ListedArray) {
    const ACTIONS: [&str; 4] = ["recovery", "resync", "reshape", "check"];
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    if let [size, "blocks", ..] = words.as_slice() {
        array.size_kib = size.parse().unwrap_or(0);
        array.expected_and_in_sync = words.iter().find_map(|word| counts(word));
        array.container = words.iter().any(|word| word.starts_with("external:") && !word.starts_with("external:/"));
        return;
    }
    let start = |word: &&str| {
        ACTIONS.iter().find(|action| word.strip_prefix(**action).is_some_and(|r| r.is_empty() || r.starts_with('=')))
    };
    // PENDING waits for the first write, which may never come.
    let pending = words.iter().any(|word| word.contains("PENDING"));
    if let Some(action) = words.iter().find_map(start).filter(|_| !pending) {
        (*action).clone_into(&mut array.action);
    }
}

/// `[2/1]`
fn counts(word: &str) -> Option<(u32, u32)> {
    let (expected, in_sync) = word.strip_prefix('[')?.strip_suffix(']')?.split_once('/')?;
    Some((expected.parse().ok()?, in_sync.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Personalities : [raid1] [raid6] [raid5] [raid4]
md0 : active raid1 sdb1[1](F) sda1[0]
      1048512 blocks super 1.2 [2/1] [U_]

md1 : active (auto-read-only) raid5 sdf1[4](S) sde1[3] sdd1[1] sdc1[0]
      2097024 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/3] [UUU]
      [==>..................]  recovery = 12.6% (132096/1048512) finish=0.1min speed=132096K/sec
      bitmap: 0/1 pages [0KB], 65536KB chunk

md127 : inactive sdg[1](S) sdh[0](S)
      5928 blocks super external:imsm

unused devices: <none>
";

    #[test]
    fn arrays_members_and_actions_are_read() {
        let arrays = parse(TEXT);
        assert_eq!(arrays.iter().map(|array| array.name.as_str()).collect::<Vec<_>>(), ["md0", "md1", "md127"]);
        assert_eq!(arrays[0].expected_and_in_sync, Some((2, 1)));
        assert!(arrays[0].members[0].failed && !arrays[0].members[1].failed);
        assert_eq!(
            (arrays[1].level.as_str(), arrays[1].action.as_str(), arrays[1].size_kib),
            ("raid5", "recovery", 2097024)
        );
        assert!(arrays[1].members[0].spare);
        assert!(arrays[2].container && !arrays[2].active && arrays[2].level.is_empty());
    }

    #[test]
    fn nonsense_and_cut_files_never_panic() {
        for end in 0..TEXT.len() {
            parse(TEXT.get(..end).unwrap_or_default());
        }
        assert!(parse("md : \n : active\nmd0 : \n   [/] blocks\n").is_empty());
    }
}
