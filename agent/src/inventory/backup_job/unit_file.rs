//! The units of systemd that an administrator or a backup program brought along: what each starts, in which variables,
//! and by which timer. Whether one ran is asked elsewhere.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// Where administrators put units, and where packages do.
const FOLDERS: [&str; 3] = ["etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];
const WANTS: [&str; 3] = ["timers.target.wants", "multi-user.target.wants", "default.target.wants"];
const UNITS_MAX: usize = 2_000;

/// A service, one instance of it where it is a template.
pub struct UnitFile {
    /// `backup@home.service`
    pub name: String,
    /// Its command lines.
    pub commands: Vec<String>,
    /// Its variables as lines; they may hold secrets.
    pub variables: Zeroizing<String>,
    /// The files of its variables, paths from the root.
    pub variable_files: Vec<String>,
    /// When its timer starts it, as written; empty without a timer.
    pub schedule: String,
    /// Whether its timer is switched on.
    pub enabled: bool,
}

/// Every service of an administrator, and those of packages of which the name holds one of the words.
pub fn units(root: &Root, words: &[&str], notes: &mut Notes) -> Vec<UnitFile> {
    let wanted: BTreeSet<String> =
        WANTS.iter().flat_map(|wants| root.names(&format!("{}/{wants}", FOLDERS[0]))).collect();
    let mut seen = BTreeSet::new();
    let mut units = Vec::new();
    for (place, folder) in FOLDERS.iter().enumerate() {
        for name in root.names_noted(folder, notes) {
            let named = place == 0 || words.iter().any(|word| name.contains(word));
            if !named || !name.ends_with(".service") || units.len() >= UNITS_MAX || !seen.insert(name.clone()) {
                continue;
            }
            let Some(text) = root.text(&format!("{folder}/{name}"), notes).map(Zeroizing::new) else { continue };
            units.extend(instances(&name, &wanted).iter().map(|instance| unit(root, instance, &name, &text, &wanted)));
        }
    }
    units
}

/// A template stands for the instances that are switched on.
fn instances(name: &str, wanted: &BTreeSet<String>) -> Vec<String> {
    let Some((stem, "service")) = name.split_once("@.") else {
        return vec![name.to_owned()];
    };
    let start = format!("{stem}@");
    let instance = |wanted: &String| {
        let (stem, kind) = wanted.rsplit_once('.')?;
        (wanted.starts_with(&start) && matches!(kind, "timer" | "service")).then(|| format!("{stem}.service"))
    };
    let instances: BTreeSet<String> = wanted.iter().filter_map(instance).collect();
    instances.into_iter().collect()
}

fn unit(root: &Root, instance: &str, file: &str, text: &str, wanted: &BTreeSet<String>) -> UnitFile {
    let stem = instance.trim_end_matches(".service");
    let parameter = stem.split_once('@').map_or("", |(_, parameter)| parameter);
    let filled = |value: &str| value.replace("%i", parameter).replace("%I", parameter);
    let starts = values(text, "ExecStart").map(|line| filled(line.trim_start_matches(['-', '@', '+', '!', ':'])));
    let files = values(text, "EnvironmentFile").map(|path| filled(path.trim_start_matches('-')));
    let assigned = values(text, "Environment").flat_map(super::shell_words::commands).flatten();
    let (timer, timer_text) = timer(root, stem, file);
    UnitFile {
        name: instance.to_owned(),
        commands: starts.collect(),
        variables: Zeroizing::new(assigned.map(|line| format!("{line}\n")).collect()),
        variable_files: files.collect(),
        schedule: timer_text.map_or(String::new(), |text| schedule(&text)),
        enabled: wanted.contains(&timer),
    }
}

/// The name and the text of the timer that starts a service; a timer with another name is not looked for.
fn timer(root: &Root, stem: &str, file: &str) -> (String, Option<String>) {
    let names = [stem, file.trim_end_matches(".service")].map(|stem| format!("{stem}.timer"));
    let text = names.iter().find_map(|name| {
        FOLDERS.iter().find_map(|folder| root.text(&format!("{folder}/{name}"), &mut Notes::default()))
    });
    let [name, _] = names;
    (name, text)
}

/// `OnCalendar=daily` as `daily`, anything else as it is written.
fn schedule(timer: &str) -> String {
    let starts = timer.lines().map(str::trim).filter(|line| line.starts_with("On") && !line.starts_with("OnFailure"));
    let starts: Vec<&str> = starts.map(|line| line.strip_prefix("OnCalendar=").unwrap_or(line)).collect();
    starts.join("; ")
}

fn values<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &std::path::Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn a_template_stands_for_each_instance_that_is_switched_on() {
        let folder = tempfile::tempdir().unwrap();
        let etc = |name: &str| format!("etc/systemd/system/{name}");
        let service = "[Service]\nEnvironment=\"A=1 2\" B=3\nEnvironmentFile=-/etc/backup/%i.env\nExecStart=-/usr/bin/restic backup %I\n";
        put(folder.path(), &etc("backup@.service"), service);
        put(folder.path(), &etc("backup@.timer"), "[Timer]\nOnCalendar=*-*-* 02:00\nPersistent=true\n");
        put(folder.path(), &etc("timers.target.wants/backup@home.timer"), "");
        put(folder.path(), "usr/lib/systemd/system/borgmatic.service", "[Service]\nExecStart=borgmatic\n");
        put(folder.path(), "usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=sshd\n");
        let units = units(&Root::at(folder.path()), &["borg"], &mut Notes::default());
        let shown: Vec<_> = units.iter().map(|u| (u.name.as_str(), u.schedule.as_str(), u.enabled)).collect();
        assert_eq!(shown, [("backup@home.service", "*-*-* 02:00", true), ("borgmatic.service", "", false)]);
        assert_eq!(units[0].commands, ["/usr/bin/restic backup home"]);
        assert_eq!(
            (units[0].variables.as_str(), &units[0].variable_files[0][..]),
            ("A=1 2\nB=3\n", "/etc/backup/home.env")
        );
    }
}
