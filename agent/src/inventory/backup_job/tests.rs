//! Backups of every product, from laid-out files and recorded answers, and from hostile ones.

use std::path::Path;

use super::*;
use prost::Message;
use wacht_proto::v1::{BackupResult, NoteReason};

mod files;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn rows(body: SectionBody) -> Vec<BackupJob> {
    let Some(Kind::BackupJob(section)) = body.kind else { panic!("not a backup section") };
    section.jobs
}

fn jobs(root: &Path) -> Vec<BackupJob> {
    rows(BackupJobs.read(&Root::at(root)))
}

/// A unit with its timer, switched on.
fn unit(root: &Path, stem: &str, service: &str, calendar: &str) {
    put(root, &format!("etc/systemd/system/{stem}.service"), service);
    put(root, &format!("etc/systemd/system/{stem}.timer"), &format!("[Timer]\nOnCalendar={calendar}\n"));
    put(root, &format!("etc/systemd/system/timers.target.wants/{stem}.timer"), "");
}

/// What the service manager was recorded to say of one unit.
fn shown(root: &Path, unit: &str, state: &str, result: &str, code: u32) {
    let slug = "show_--no-pager_--property_Id_ActiveState_Result_ExecMainCode_ExecMainStatus_ExecMainStartTimestamp_ExecMainExitTimestamp_--";
    let text = format!(
        "Id={unit}\nActiveState={state}\nResult={result}\nExecMainCode=1\nExecMainStatus={code}
ExecMainStartTimestamp=Thu 2026-01-01 02:00:00 UTC\nExecMainExitTimestamp=Thu 2026-01-01 02:10:00 UTC\n"
    );
    put(root, &format!("commands/systemctl/{slug}_{unit}"), &text);
}

#[test]
fn restic_in_a_unit_tells_what_where_when_and_how_it_went_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let service = "[Service]\nEnvironment=RESTIC_PASSWORD=hunter2\nEnvironmentFile=/etc/restic.env
ExecStart=/usr/bin/restic backup --tag nightly --exclude /etc/skip /etc /home\nExecStartPost=/usr/bin/restic forget --prune\n";
    unit(root, "restic-home", service, "*-*-* 02:00");
    put(
        root,
        "etc/restic.env",
        "RESTIC_REPOSITORY=rest:https://web:hunter2@nas.example:8000/web\nRESTIC_PASSWORD=hunter2\n",
    );
    shown(root, "restic-home.service", "inactive", "success", 0);
    let said = "commands/journalctl/--no-pager_--quiet_--output_cat_--lines_60__SYSTEMD_UNIT_restic-home.service";
    put(
        root,
        said,
        "processed 9 files, 1 B in 0:01\nprocessed 1234 files, 1.500 GiB in 0:10\nsnapshot 1a2b3c4d saved\n",
    );
    let found = jobs(root);
    let expected = BackupJob {
        product: "restic".into(),
        name: "restic-home".into(),
        protects: "/etc /home".into(),
        target: "rest:https://nas.example:8000/web".into(),
        last_good_at: "2026-01-01T02:10:00Z".into(),
        last_run_at: "2026-01-01T02:00:00Z".into(),
        result: BackupResult::Succeeded.into(),
        size_bytes: 3 << 29,
        schedule: "*-*-* 02:00".into(),
        enabled: true,
    };
    assert_eq!(found, [expected]);
    // Code 3: a snapshot without some files.
    shown(root, "restic-home.service", "failed", "exit-code", 3);
    assert_eq!(jobs(root)[0].result(), BackupResult::Warning);
    shown(root, "restic-home.service", "failed", "exit-code", 1);
    let failed = &jobs(root)[0];
    assert_eq!((failed.result(), failed.last_good_at.as_str()), (BackupResult::Failed, ""));
    let journal = "--no-pager_--quiet_--output_json_--lines_20_MESSAGE_ID_7ad2d189f7e94e70a38c781354912448_MESSAGE_ID_d9b373ed55a64feb8242e02dbe79a49c_UNIT_restic-home.service";
    let entry = "{\"__REALTIME_TIMESTAMP\":\"1767146400000000\",\"MESSAGE_ID\":\"7ad2d189f7e94e70a38c781354912448\"}\n";
    put(root, &format!("commands/journalctl/{journal}"), entry);
    let failed = &jobs(root)[0];
    assert_eq!((failed.result(), failed.last_good_at.as_str()), (BackupResult::Failed, "2025-12-31T02:00:00Z"));
}

#[test]
fn backups_in_scripts_of_cron_are_found_and_several_in_one_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "etc/cron.d/backup", "R=x\n30 1 * * * root /usr/local/sbin/backup.sh >/dev/null 2>&1\n");
    let script = "#!/bin/bash\nexport BORG_REPO='ssh://u1:pw@box.example:23/./repo' BORG_PASSPHRASE=hunter2
export BORG_REPO='ssh://u1:pw@box.example:23/./repo'\necho borg create ::no /no
nice -n 19 borg create --stats -C zstd --exclude '/srv/cache' ::'{hostname}-{now}' \\\n  /srv /root\nborg prune --keep-daily 7
borg create backup@nas:other::x /var/lib\nproxmox-backup-client backup root.pxar:/ --repository me@pam!t@pbs.example:store\n";
    put(root, "usr/local/sbin/backup.sh", script);
    put(root, "etc/cron.daily/etc-backup", "#!/bin/sh\nRESTIC_REPOSITORY=/mnt/usb restic backup /etc\nrestic check\n");
    let shown: Vec<String> = jobs(root)
        .into_iter()
        .map(|j| format!("{} {} [{}] > {} @ {}", j.product, j.name, j.protects, j.target, j.schedule))
        .collect();
    let expected = [
        "borg backup [/srv /root] > ssh://box.example:23/./repo @ 30 1 * * *",
        "borg backup (2) [/var/lib] > nas:other @ 30 1 * * *",
        "proxmox-backup backup [/] > pbs.example:store @ 30 1 * * *",
        "restic etc-backup [/etc] > /mnt/usb @ daily",
    ];
    assert_eq!(shown, expected);
    assert!(!format!("{:?}", jobs(root)).contains("hunter2"));
}

#[test]
fn profiles_of_resticprofile_and_duplicity_are_backups_and_their_other_commands_none() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let profile = "[Service]\nExecStart=/usr/local/bin/resticprofile --no-prio run-schedule backup@default\n";
    unit(root, "resticprofile-backup@profile-default", profile, "daily");
    let check = "[Service]\nExecStart=/usr/local/bin/resticprofile --no-prio run-schedule check@default\n";
    unit(root, "resticprofile-check@profile-default", check, "weekly");
    let table = "0 3 * * * root duplicity --full-if-older-than 1M /home sftp://me:pw@nas.example//srv
0 4 * * * root duplicity remove-older-than 2M --force sftp://nas.example//srv\n0 5 * * * root duply web backup\n";
    put(root, "etc/cron.d/dupl", table);
    put(root, "etc/duply/web/conf", "GPG_PW='hunter2'\nTARGET='scp://me:pw@nas.example/web'\nSOURCE='/var/www'\n");
    let shown: Vec<_> = jobs(root).into_iter().map(|j| (j.product, j.name, j.protects, j.target)).collect();
    let row = |product: &str, name: &str, protects: &str, target: &str| {
        (product.to_owned(), name.to_owned(), protects.to_owned(), target.to_owned())
    };
    let expected = [
        row("duplicity", "dupl", "/home", "sftp://nas.example//srv"),
        row("duplicity", "web", "/var/www", "scp://nas.example/web"),
        row("restic", "resticprofile-backup@profile-default", "", ""),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn hostile_tables_units_and_lists_never_panic_and_stay_within_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "etc/crontab", &"* * * * * root restic backup /x\n".repeat(10_000));
    put(root, "etc/cron.d/long", &format!("* * * * * root restic backup /{}\n", "x/".repeat(100_000)));
    put(root, "etc/systemd/system/r.service", "\u{0}ExecStart=\nExecStart=restic 'backup\nEnvironmentFile=\n");
    let body = BackupJobs.read(&Root::at(root));
    assert!(body.notes.iter().all(|note| note.reason() == NoteReason::TooLong) && body.encoded_len() < 1 << 20);
    assert_eq!(rows(body).len(), JOBS_MAX);
    let sessions: String = (0..10_000).map(|n| format!("j{n}  Backup  {{x}}  Success  2026-01-01 02:00\n")).collect();
    assert_eq!(rows(of_veeam_sessions(&sessions)).len(), JOBS_MAX);
    let sections: String = (0..10_000).map(|n| format!("vzdump: j{n}\n\tall 1\n")).collect();
    assert_eq!(rows(of_pve_jobs(&sections)).len(), JOBS_MAX);
}
