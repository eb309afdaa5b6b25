//! Products that are known by files and commands of their own.

use super::*;

#[test]
fn each_configuration_of_borgmatic_is_a_job_in_both_of_its_forms() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let new =
        "source_directories:\n    - /etc # settings\n    - /home\nrepositories:\n    - path: ssh://u:pw@box.example/./a
      label: box\n    - path: /mnt/b\nencryption_passphrase: hunter2\n";
    put(root, "etc/borgmatic/config.yaml", new);
    let old = "location:\n    source_directories:\n        - /srv\n    repositories:\n        - backup@nas:repo\nstorage:\n    - /no\n";
    put(root, "etc/borgmatic.d/srv.yaml", old);
    unit(root, "borgmatic", "[Service]\nExecStart=systemd-inhibit borgmatic --verbosity -1\n", "daily");
    shown(root, "borgmatic.service", "failed", "exit-code", 1);
    let shown: Vec<_> = jobs(root)
        .into_iter()
        .map(|j| (j.result(), format!("{} [{}] > {} @ {}", j.name, j.protects, j.target, j.schedule)))
        .collect();
    let expected = [
        (BackupResult::Warning, "config [/etc /home] > ssh://box.example/./a /mnt/b @ daily".to_owned()),
        (BackupResult::Warning, "srv [/srv] > nas:repo @ daily".to_owned()),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_job_of_proxmox_is_told_by_the_tasks_that_saved_the_same_guests() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let text =
        "vzdump: backup-1\n\tschedule 21:00\n\tall 1\n\texclude 105\n\tenabled 1\n\tstorage pbs\n\tmailto x@example.nl
\nvzdump: backup-2\n\tschedule sun 01:00\n\tvmid 101,100\n\tstorage nas\n\tenabled 0
\nvzdump: backup-3\n\tvmid 200\n\tstorage nas\n\tnode other\n\nrealm-sync: x\n\tschedule daily\n";
    put(root, "etc/pve/jobs.cfg", text);
    put(
        root,
        "etc/pve/storage.cfg",
        "pbs: pbs\n\tdatastore main\n\tserver 10.0.0.5\n\tusername u@pbs\n\nnfs: nas\n\texport /srv\n\tserver nas\n",
    );
    put(root, "proc/sys/kernel/hostname", "pve1\n");
    let id = |began: &str| format!("UPID:pve1:0000C530:001C9BEC:{began}:vzdump::root@pam:");
    let index = [("65920080", "65920100 OK"), ("65921080", "65921100 job errors"), ("65922081", "65922101 OK")];
    let lines: String = index.iter().map(|(began, rest)| format!("{} {rest}\n", id(began))).collect();
    put(root, "var/log/pve/tasks/index", &lines);
    let log = |words: &str| {
        format!(
            "INFO: starting new backup job: vzdump {words}\nINFO: archive file size: 1.50GB\nINFO: archive file size: 512MB\n"
        )
    };
    let first = log("--exclude 105 --all 1 --storage pbs --mode snapshot --notes-template '{{guestname}}'");
    for began in ["65920080", "65921080"] {
        put(root, &format!("var/log/pve/tasks/0/{}", id(began)), &first);
    }
    put(root, &format!("var/log/pve/tasks/1/{}", id("65922081")), &log("100 101 --quiet 1 --storage nas"));
    let found = jobs(root);
    let expected = [
        BackupJob {
            product: "proxmox".into(),
            name: "backup-1".into(),
            protects: "all exclude 105".into(),
            target: "pbs pbs 10.0.0.5 main".into(),
            last_good_at: "2024-01-01T00:02:08Z".into(),
            last_run_at: "2024-01-01T01:08:16Z".into(),
            result: BackupResult::Failed.into(),
            size_bytes: 2 << 30,
            schedule: "21:00".into(),
            enabled: true,
        },
        BackupJob {
            product: "proxmox".into(),
            name: "backup-2".into(),
            protects: "100,101".into(),
            target: "nas nfs nas /srv".into(),
            last_good_at: "2024-01-01T02:18:41Z".into(),
            last_run_at: "2024-01-01T02:16:33Z".into(),
            result: BackupResult::Succeeded.into(),
            size_bytes: 2 << 30,
            schedule: "sun 01:00".into(),
            enabled: false,
        },
    ];
    assert_eq!(found, expected);
    put(root, "var/log/pve/tasks/active", &format!("{} 0\n", id("65923080")));
    put(root, &format!("var/log/pve/tasks/0/{}", id("65923080")), &first);
    assert_eq!(jobs(root)[0].result(), BackupResult::Running);
}

#[test]
fn the_tables_of_veeam_give_jobs_with_their_last_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let list = "Name           Type    ID                                      Repository
Whole machine  Backup  {2495911e-58db-4452-b4d1-f53dcfbc600e}  [NAS] main\nIdle  Backup  {3495911e-58db-4452-b4d1-f53dcfbc600e}  local\n\nTotal amount: 2\n";
    put(root, "commands/veeamconfig/job_list", list);
    let sessions = "Job name       Type     ID        State    Started at        Finished at
Whole machine  Restore  {a-4}  Success  2026-01-04 02:00  2026-01-04 02:20
Whole machine  Backup   {a-3}  Failed   2026-01-03 02:00  2026-01-03 02:01
Whole machine  Backup   {a-1}  Success  2026-01-01 02:00  2026-01-01 02:20
Whole machine  Backup   {a-2}  Warning  2026-01-02 02:00  2026-01-02 02:20\nTotal amount: 4\n";
    put(root, "commands/veeamconfig/session_list", sessions);
    let shown: Vec<_> =
        jobs(root).into_iter().map(|j| (j.name.clone(), j.result(), j.last_run_at, j.last_good_at, j.target)).collect();
    let text = str::to_owned;
    let expected = [
        (text("Idle"), BackupResult::Unspecified, text(""), text(""), text("local")),
        (
            text("Whole machine"),
            BackupResult::Failed,
            text("2026-01-03T02:00:00Z"),
            text("2026-01-02T02:20:00Z"),
            text("[NAS] main"),
        ),
    ];
    assert_eq!(shown, expected);
    for at in 0..sessions.len() {
        assert!(rows(of_veeam_sessions(&sessions[..at])).len() <= 1);
    }
}

#[test]
fn rsnapshot_is_told_by_its_log_and_dated_by_its_newest_copy() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let text = "# comment\nconfig_version\t1.2\nsnapshot_root\t/srv/snap/\nretain\tdaily\t7\nretain\tweekly\t4
logfile\t/var/log/rsnapshot\nbackup\t/etc/\tlocalhost/\nbackup\troot@web:/srv/\tweb/\n";
    put(root, "etc/rsnapshot.conf", text);
    put(root, "etc/cron.d/rsnapshot", "0 3 * * 1 root rsnapshot weekly\n30 3 * * * root /usr/bin/rsnapshot daily\n");
    put(root, "srv/snap/daily.0/localhost/etc/passwd", "");
    let log = "[2026-01-01T03:30:01] /usr/bin/rsnapshot daily: started\n[2026-01-01T03:31:00] /usr/bin/rsnapshot daily: completed successfully\n";
    put(root, "var/log/rsnapshot", log);
    let good = jobs(root).remove(0);
    assert_eq!((good.name.as_str(), good.schedule.as_str(), good.enabled), ("rsnapshot", "30 3 * * *", true));
    assert_eq!((good.protects.as_str(), good.target.as_str()), ("/etc/ web:/srv/", "/srv/snap/"));
    assert!(good.result() == BackupResult::Succeeded && !good.last_good_at.is_empty());
    put(
        root,
        "var/log/rsnapshot",
        &format!("{log}[2026-01-02T03:30:01] /usr/bin/rsnapshot daily: ERROR: rsync returned 255\n"),
    );
    let failed = jobs(root).remove(0);
    assert!(
        failed.result() == BackupResult::Failed && failed.last_good_at.is_empty() && !failed.last_run_at.is_empty()
    );
    assert!(rows(of_rsnapshot("snapshot_root\t/srv\nretain\tdaily\t7\n")).is_empty());
}

#[test]
fn of_a_script_of_rsnapshot_only_the_programs_name_is_told() {
    let text = "snapshot_root\t/srv\nretain\tdaily\t7\nbackup\t/etc/\tlocalhost/
backup_script\t/usr/bin/mysqldump -uroot -pSECRET --all-databases\tmysql/\n";
    assert_eq!(rows(of_rsnapshot(text))[0].protects, "/etc/ mysqldump");
}

#[test]
fn timeshift_is_a_job_once_a_disk_was_chosen_and_dated_by_its_copies() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "etc/timeshift/timeshift.json", "{\"backup_device_uuid\":\"\",\"schedule_daily\":\"true\"}");
    assert!(jobs(root).is_empty());
    put(
        root,
        "etc/timeshift/timeshift.json",
        "{\"backup_device_uuid\":\"ab-1\",\"schedule_daily\":\"true\",\"btrfs_mode\":\"false\"}",
    );
    let silent = jobs(root).remove(0);
    assert_eq!((silent.schedule.as_str(), silent.target.as_str(), silent.enabled), ("daily", "UUID=ab-1", true));
    assert_eq!((silent.result(), silent.last_good_at.as_str()), (BackupResult::Unspecified, ""));
    for (name, created) in [("2026-01-01_02-00-01", "1767232801"), ("2026-01-02_02-00-01", "1767319201"), ("bad", "x")]
    {
        put(
            root,
            &format!("timeshift/snapshots/{name}/info.json"),
            &format!("{{\"created\":\"{created}\",\"tags\":\"daily\"}}"),
        );
    }
    assert_eq!(jobs(root)[0].last_good_at, "2026-01-02T02:00:01Z");
    put(root, "etc/timeshift/timeshift.json", "{\"backup_device_uuid\":");
    let body = BackupJobs.read(&Root::at(root));
    assert_eq!(body.notes[0].reason(), NoteReason::Malformed);
}

#[test]
fn the_newest_dump_that_holds_something_is_the_last_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(
        root,
        "etc/cron.daily/automysqlbackup",
        "#!/bin/sh\ntest -x /usr/sbin/automysqlbackup || exit 0\n/usr/sbin/automysqlbackup\n",
    );
    put(root, "etc/default/automysqlbackup", "USERNAME=root\nPASSWORD=hunter2\nBACKUPDIR=\"/srv/dumps\"\n");
    put(root, "srv/dumps/daily/shop/shop_2026.sql.gz", "");
    let empty = jobs(root).remove(0);
    assert_eq!(
        (empty.name.as_str(), empty.target.as_str(), empty.last_good_at.as_str()),
        ("automysqlbackup", "/srv/dumps", "")
    );
    put(root, "srv/dumps/daily/shop/shop_2027.sql.gz", &"x".repeat(100));
    let dumped = jobs(root).remove(0);
    assert!(dumped.size_bytes == 100 && !dumped.last_good_at.is_empty());
    assert!(!format!("{dumped:?}").contains("hunter2"));
}

#[test]
fn copies_dumps_and_scripts_on_another_machine_are_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "etc/rsnapshot.conf", "snapshot_root\t/far/snap\nretain\tdaily\t7\nbackup\t/etc/\tlocalhost/\n");
    put(root, "far/snap/daily.0/localhost/etc/passwd", "");
    put(root, "etc/default/automysqlbackup", "BACKUPDIR=/far/dumps\n");
    put(root, "etc/cron.daily/automysqlbackup", "#!/bin/sh\n/usr/sbin/automysqlbackup\n");
    put(root, "far/dumps/daily/shop/shop.sql.gz", &"x".repeat(100));
    put(root, "etc/cron.d/far", "0 1 * * * root /far/backup.sh\n");
    put(root, "far/backup.sh", "#!/bin/sh\nrestic -r /srv backup /home\n");
    let seen = |kind: &str| {
        put(root, "proc/self/mountinfo", &format!("32 27 0:50 / /far rw - {kind} nas:/export rw\n"));
        let body = BackupJobs.read(&Root::at(root));
        let notes = body.notes.iter().map(|note| note.subject.clone()).collect::<Vec<_>>();
        assert!(!body.partial);
        (rows(body).into_iter().map(|job| (job.product, !job.last_run_at.is_empty() || job.size_bytes > 0)), notes)
    };
    let (near, notes) = seen("ext4");
    let known = ["database dump", "restic", "rsnapshot"].map(str::to_owned);
    assert_eq!((near.map(|(product, _)| product).collect::<Vec<_>>(), notes.len()), (known.to_vec(), 0));
    let (far, notes) = seen("nfs4");
    assert_eq!(far.collect::<Vec<_>>(), [(known[0].clone(), false), (known[2].clone(), false)]);
    assert_eq!(notes, ["/far/dumps (network)", "/far/snap/daily.0 (network)"]);
}
