//! The section on laid-out trees, on this machine and on recordings.

use std::fs;
use std::path::Path;

use super::*;
use crate::inventory::tests::recordings;

fn jobs(body: SectionBody) -> Vec<ScheduledJob> {
    let Some(Kind::ScheduledJob(section)) = body.kind else { panic!("not a section of jobs") };
    section.jobs
}

fn lay_out(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn every_source_gives_its_jobs_in_a_stable_order() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(
        folder.path(),
        &[
            ("usr/lib/systemd/system/trim.timer", "[Timer]\nOnCalendar=weekly\n"),
            ("usr/lib/systemd/system/trim.service", "[Service]\nExecStart=/sbin/fstrim --all\n"),
            ("usr/lib/systemd/system/dump@.timer", "[Timer]\nOnCalendar=daily\n"),
            ("etc/systemd/system/timers.target.wants/dump@main.timer", ""),
            ("etc/systemd/system/timers.target.wants/trim.timer", ""),
            ("etc/systemd/system/trim.timer.d/when.conf", "[Timer]\nOnCalendar=\nOnCalendar=monthly\n"),
            ("usr/lib/systemd/system/off.timer", "[Timer]\nOnBootSec=1h\n"),
            ("etc/cron.d/job", "1 2 * * * www-data /opt/a --x\n"),
            ("etc/cron.d/job.dpkg-old", "1 2 * * * root b\n"),
            ("etc/cron.d/.placeholder", "1 2 * * * root b\n"),
            ("etc/cron.daily/rotate", ""),
            ("var/spool/cron/crontabs/ann", "@daily thing\n"),
            ("var/spool/cron/atjobs/a0000801c8a5db", "#!/bin/sh\n# atrun uid=7 gid=7\n"),
        ],
    );
    let found = jobs(ScheduledJobs.read(&Root::at(folder.path())));
    let shown: Vec<String> = found
        .iter()
        .map(|job| {
            format!("{} {} {} {} {} {}", job.kind, job.name, job.schedule, job.account, job.program, job.enabled)
        })
        .collect();
    let expected = [
        "at a0000801c8a5db 2026-11-25 13:15 7  true",
        "cron /etc/cron.d/job 1 2 * * * www-data a 1 2 * * * www-data a true",
        "cron /etc/cron.daily/rotate daily root rotate false",
        "cron /var/spool/cron/crontabs/ann @daily ann thing @daily ann thing true",
        "timer dump@main.timer OnCalendar=daily   true",
        "timer off.timer OnBootSec=1h   false",
        "timer trim.timer OnCalendar=monthly root fstrim true",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn the_timers_of_this_machine_are_those_that_have_files() {
    let root = Root::real();
    let timers = root.names("usr/lib/systemd/system").into_iter();
    let timers: Vec<String> =
        timers.filter(|name| name.rsplit('.').next() == Some("timer") && !name.ends_with("@.timer")).collect();
    let found = jobs(ScheduledJobs.read(&root));
    for timer in timers {
        assert!(found.iter().any(|job| job.name == timer), "{timer}");
    }
    assert_eq!(found, jobs(ScheduledJobs.read(&root)));
}

#[test]
fn a_recorded_table_gives_as_many_jobs_as_it_has() {
    let Some(folder) = recordings("jc") else {
        return;
    };
    for file in ["centos-7.7/crontab", "generic/crontab-no-normal-entries"] {
        let table = fs::read_to_string(folder.join(format!("{file}.out"))).unwrap();
        let expected: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join(format!("{file}.json"))).unwrap()).unwrap();
        let schedule = expected["schedule"].as_array().unwrap();
        let found = crontab::of_table("t", &table, Account::Of("ann"), &mut Notes::default());
        assert_eq!(found.len(), schedule.len(), "{file}");
        // The recorder puts the shortcuts last.
        let first = |entry: &serde_json::Value| {
            let command = entry["command"].as_str().unwrap();
            command.split(' ').next().unwrap().rsplit('/').next().unwrap().to_owned()
        };
        let mut expected: Vec<String> = schedule.iter().map(first).collect();
        let mut programs: Vec<String> = found.into_iter().map(|job| job.program).collect();
        expected.sort();
        programs.sort();
        assert_eq!(programs, expected);
    }
    let with_account = fs::read_to_string(folder.join("generic/crontab-u-var-fix.out")).unwrap();
    let found = jobs(of_crontab(&with_account));
    assert_eq!((found[0].account.as_str(), found[0].program.as_str()), ("root", "bash"));
}
