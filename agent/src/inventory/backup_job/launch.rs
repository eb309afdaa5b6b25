//! What this machine starts by itself, by units and cron tables, directly or through a script, as far as it is the program
//! of a backup. What the program's words mean is its product's matter.

use std::rc::Rc;

use wacht_proto::v1::BackupJob;
use zeroize::Zeroizing;

use super::run::{Run, runs};
use super::shell_words::{commands, option, variable};
use super::target::without_secrets;
use super::unit_file;
use crate::inventory::child::Program;
use crate::inventory::cron_table;
use crate::inventory::far_path::FarPaths;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// Launches of one machine; jobs are 500 at most.
const LAUNCHES_MAX: usize = 1_000;
/// Longest script that is looked into, in bytes, and scripts of one command line.
const SCRIPT_BYTES_MAX: usize = 256 << 10;
const SCRIPTS_MAX: usize = 3;
/// Words before which a program's name is only spoken of.
const SPEAKERS: [&str; 9] = ["echo", "printf", "logger", "which", "command", "test", "[", "pgrep", "pkill"];

/// One program that is started, with its words.
#[derive(Clone)]
pub struct Launch {
    /// The program's name without its folder.
    pub program: String,
    /// The words behind it.
    pub words: Vec<String>,
    /// Of the unit without its kind, or of the script or table.
    pub name: String,
    /// When, as written.
    pub schedule: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// How the unit last ran; nothing is known of what cron starts.
    pub run: Option<Run>,
    /// Lines with variables, the nearest last, and files of such; they may hold secrets.
    variables: Vec<Rc<Zeroizing<String>>>,
    variable_files: Rc<Vec<String>>,
}

/// Every launch of one of the programs.
pub fn launches(root: &Root, programs: &[&str], notes: &mut Notes) -> Vec<Launch> {
    let mut found = Vec::new();
    let mut units = Vec::new();
    let far = FarPaths::of(root);
    for unit in unit_file::units(root, &["restic", "borg", "backup", "rsnapshot", "dupli", "timeshift"], notes) {
        let start = Start {
            name: unit.name.trim_end_matches(".service"),
            schedule: &unit.schedule,
            enabled: unit.enabled,
            variables: Rc::new(unit.variables),
            variable_files: Rc::new(unit.variable_files),
        };
        let before = found.len();
        unit.commands.iter().for_each(|command| start.follow((root, &far), command, programs, &mut found));
        units.extend((before..found.len()).map(|at| (at, unit.name.clone())));
    }
    let states = runs(root, units.iter().map(|(_, unit)| unit.as_str()), notes);
    for (at, unit) in &units {
        found[*at].run = states.get(unit).cloned();
    }
    for line in cron_table::lines(root, notes) {
        let name = line.file.rsplit('/').next().unwrap_or_default();
        let start = Start {
            name,
            schedule: &line.schedule,
            enabled: line.enabled,
            variables: line.variables,
            variable_files: Rc::default(),
        };
        start.follow((root, &far), &line.command, programs, &mut found);
    }
    found.truncate(LAUNCHES_MAX);
    found
}

impl Launch {
    /// A variable as the program will see it.
    pub fn variable(&self, root: &Root, name: &str) -> Option<String> {
        let near = self.variables.iter().rev().find_map(|text| variable(text, name));
        near.or_else(|| {
            let text = |file: &String| Some(Zeroizing::new(root.text(file, &mut Notes::default())?));
            let far = FarPaths::of(root);
            self.variable_files
                .iter()
                .rev()
                .filter(|file| !far.hold(root, file))
                .find_map(|file| variable(&text(file)?, name))
        })
    }

    /// The address in one of the options, else in the variable, without what opens it.
    pub fn target(&self, root: &Root, options: &[&str], name: &str) -> String {
        let written = option(&self.words, options).map(str::to_owned).or_else(|| self.variable(root, name));
        self.address(root, &written.unwrap_or_default())
    }

    /// A written address, its variable in place, without what opens it; empty where it is not known.
    pub fn address(&self, root: &Root, written: &str) -> String {
        let resolved = match written.strip_prefix('$') {
            Some(name) => self.variable(root, name.trim_matches(['{', '}'])).unwrap_or_default(),
            None => written.to_owned(),
        };
        // What only a shell could fill in would tell nothing, or too much.
        if resolved.contains(['$', '`']) { String::new() } else { without_secrets(&resolved) }
    }

    /// The last lines that its unit wrote; empty for what cron starts.
    pub fn said(&self, root: &Root, notes: &mut Notes) -> String {
        if self.run.is_none() {
            return String::new();
        }
        let unit = format!("_SYSTEMD_UNIT={}.service", self.name);
        let arguments = ["--no-pager", "--quiet", "--output=cat", "--lines=60", &unit];
        root.output_of_any_code(Program::Journalctl, &arguments, notes).unwrap_or_default()
    }

    /// A job of this launch; `warns` says which codes of the program mean a backup with warnings.
    pub fn job(&self, product: &str, warns: fn(i32) -> bool) -> BackupJob {
        let mut job = BackupJob {
            product: product.to_owned(),
            name: self.name.clone(),
            schedule: self.schedule.clone(),
            enabled: self.enabled,
            ..Default::default()
        };
        if let Some(run) = &self.run {
            run.tell(&mut job, warns);
        }
        job
    }
}

/// Who starts a command line.
struct Start<'a> {
    name: &'a str,
    schedule: &'a str,
    enabled: bool,
    variables: Rc<Zeroizing<String>>,
    variable_files: Rc<Vec<String>>,
}

impl Start<'_> {
    /// The programs in a command line and in the scripts that it names.
    fn follow(&self, (root, far): (&Root, &FarPaths), line: &str, programs: &[&str], found: &mut Vec<Launch>) {
        let words = commands(line);
        self.launches_in(&words, None, programs, found);
        let texts = words.iter().flatten().filter_map(|word| script(root, far, word)).take(SCRIPTS_MAX);
        for text in texts.collect::<Vec<_>>() {
            self.launches_in(&commands(&text), Some(Rc::new(text)), programs, found);
        }
    }

    fn launches_in(
        &self,
        commands: &[Vec<String>],
        script: Option<Rc<Zeroizing<String>>>,
        programs: &[&str],
        found: &mut Vec<Launch>,
    ) {
        for words in commands {
            let name_of = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
            let Some(at) = words.iter().position(|word| programs.contains(&name_of(word).as_str())) else { continue };
            if found.len() >= LAUNCHES_MAX || words.first().is_some_and(|word| SPEAKERS.contains(&word.as_str())) {
                continue;
            }
            let assigned: String = words[..at].iter().map(|word| format!("{word}\n")).collect();
            let own = Rc::new(Zeroizing::new(assigned));
            found.push(Launch {
                program: name_of(&words[at]),
                words: words[at + 1..].to_vec(),
                name: self.name.to_owned(),
                schedule: self.schedule.to_owned(),
                enabled: self.enabled,
                run: None,
                variables: [Some(Rc::clone(&self.variables)), script.clone(), Some(own)]
                    .into_iter()
                    .flatten()
                    .collect(),
                variable_files: Rc::clone(&self.variable_files),
            });
        }
    }
}

/// The text of a script that a word names, or that a word is (`sh -c '…'`).
fn script(root: &Root, far: &FarPaths, word: &str) -> Option<Zeroizing<String>> {
    const SYSTEM: [&str; 4] = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"];
    if word.contains(char::is_whitespace) {
        return Some(Zeroizing::new(word.to_owned()));
    }
    if !word.starts_with('/') || SYSTEM.iter().any(|folder| word.starts_with(folder)) || far.hold(root, word) {
        return None;
    }
    // Programs may be large; their first bytes tell that they are no scripts.
    root.value(word)?.strip_prefix("#!")?;
    root.text(word, &mut Notes::default()).filter(|text| text.len() <= SCRIPT_BYTES_MAX).map(Zeroizing::new)
}
