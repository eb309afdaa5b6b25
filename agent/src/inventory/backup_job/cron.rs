//! The lines of cron tables and the scripts of its daily folders: what each starts, and when. Cron keeps no results.

use std::rc::Rc;

use zeroize::Zeroizing;

use crate::inventory::notes::{Notes, cut};
use crate::inventory::root::Root;

const TABLES_MAX: usize = 500;
const LINES_MAX: usize = 2_000;

/// One line of a table, or one script of a folder.
pub struct CronLine {
    /// The table or script, as a path from the root.
    pub file: String,
    /// When, as written: `0 2 * * *`, `@daily`, `daily`.
    pub schedule: String,
    /// What; for a script its own path.
    pub command: Zeroizing<String>,
    /// The variables of the table as lines; they may hold secrets.
    pub variables: Rc<Zeroizing<String>>,
}

/// Every line of every table that can be read.
pub fn lines(root: &Root, notes: &mut Notes) -> Vec<CronLine> {
    let mut lines = of_table(root, "etc/crontab", true, notes);
    for (folder, has_account) in [("etc/cron.d", true), ("var/spool/cron/crontabs", false), ("var/spool/cron", false)] {
        for name in root.names_noted(folder, notes).iter().filter(|name| runs(name)).take(TABLES_MAX) {
            lines.extend(of_table(root, &format!("{folder}/{name}"), has_account, notes));
        }
    }
    for period in ["hourly", "daily", "weekly", "monthly"] {
        let folder = format!("etc/cron.{period}");
        for name in root.names_noted(&folder, notes).iter().filter(|name| runs(name)).take(TABLES_MAX) {
            lines.push(CronLine {
                file: format!("{folder}/{name}"),
                schedule: period.to_owned(),
                command: Zeroizing::new(format!("/{folder}/{name}")),
                variables: Rc::default(),
            });
        }
    }
    lines.truncate(LINES_MAX);
    lines
}

/// Cron passes over leftovers of package and text programs.
fn runs(name: &str) -> bool {
    !name.starts_with('.') && !name.ends_with('~') && !name.contains(".dpkg-") && !name.contains(".rpm")
}

fn of_table(root: &Root, file: &str, has_account: bool, notes: &mut Notes) -> Vec<CronLine> {
    let text = Zeroizing::new(root.text(file, notes).unwrap_or_default());
    let mut variables = Zeroizing::new(String::new());
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((schedule, command)) = entry(line, has_account) {
            lines.push(CronLine {
                file: file.to_owned(),
                schedule,
                // A percent sign ends the command unless it is marked.
                command: Zeroizing::new(cut(command, 8 << 10).replace("\\%", "%")),
                variables: Rc::default(),
            });
        } else if variables.len() < 64 << 10 {
            variables.push_str(line);
            variables.push('\n');
        }
        if lines.len() == LINES_MAX {
            break;
        }
    }
    let variables = Rc::new(variables);
    for line in &mut lines {
        line.variables = Rc::clone(&variables);
    }
    lines
}

/// Schedule and command of a line; `None` for a variable and for nonsense.
fn entry(line: &str, has_account: bool) -> Option<(String, &str)> {
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    let mut schedule = Vec::new();
    for _ in 0..fields {
        let (field, after) = rest.split_once(char::is_whitespace)?;
        schedule.push(field);
        rest = after.trim_start();
    }
    let is_time = |field: &&str| field.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '@' | '~'));
    if !is_time(schedule.first()?) || schedule.iter().any(|field| field.contains('=')) {
        return None;
    }
    let command = if has_account { rest.split_once(char::is_whitespace)?.1.trim_start() } else { rest };
    (!command.is_empty()).then(|| (schedule.join(" "), command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_into_schedule_and_command() {
        assert_eq!(entry("0 2 * * 1-5  root /usr/bin/x -a", true), Some(("0 2 * * 1-5".into(), "/usr/bin/x -a")));
        assert_eq!(entry("@daily\tx", false), Some(("@daily".into(), "x")));
        for wrong in ["PATH=/usr/bin:/bin", "MAILTO = a b c d e f", "0 2 * * *", "0 2 * * * root", "@daily root", "x"] {
            assert_eq!(entry(wrong, true), None, "{wrong}");
        }
    }

    #[test]
    fn variables_of_a_table_go_with_its_lines_and_endless_tables_are_cut() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("etc/cron.d")).unwrap();
        std::fs::create_dir_all(folder.path().join("etc/cron.daily")).unwrap();
        std::fs::write(folder.path().join("etc/cron.d/b"), "R=/srv\n0 1 * * * root x\n# c\n").unwrap();
        std::fs::write(folder.path().join("etc/cron.d/b~"), "0 1 * * * root y\n").unwrap();
        std::fs::write(folder.path().join("etc/cron.daily/job"), "#!/bin/sh\n").unwrap();
        let root = Root::at(folder.path());
        let shown: Vec<_> = lines(&root, &mut Notes::default())
            .into_iter()
            .map(|line| format!("{} {} {} {}", line.file, line.schedule, *line.command, line.variables.trim()))
            .collect();
        assert_eq!(shown, ["etc/cron.d/b 0 1 * * * x R=/srv", "etc/cron.daily/job daily /etc/cron.daily/job "]);
        std::fs::write(folder.path().join("etc/crontab"), "* * * * * root x\n".repeat(10_000)).unwrap();
        assert_eq!(lines(&root, &mut Notes::default()).len(), LINES_MAX);
    }
}
