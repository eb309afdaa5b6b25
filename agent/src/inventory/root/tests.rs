//! Files, folders, links and programs below captured roots.

use super::*;

#[test]
fn files_are_read_below_the_root_and_absence_is_no_note() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    fs::write(folder.path().join("etc/hostname"), b" web\xff1\n").unwrap();
    let root = Root::at(folder.path());
    let mut notes = Notes::default();
    assert_eq!(root.value("etc/hostname").unwrap(), "web\u{fffd}1");
    assert_eq!(root.text("/etc/hostname", &mut notes).unwrap(), " web\u{fffd}1\n");
    assert_eq!(root.text("etc/absent", &mut notes), None);
    assert_eq!(root.text("etc", &mut notes), None);
    assert_eq!(root.names("etc"), ["hostname"]);
    assert!(notes.into_list().is_empty());
}

#[test]
fn the_links_of_a_captured_tree_stay_inside_it() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir_all(at("run/resolve")).unwrap();
    fs::create_dir_all(at("etc")).unwrap();
    fs::write(at("run/resolve/conf"), "inside").unwrap();
    symlink("/run", at("etc/absolute")).unwrap();
    symlink("../../../run/resolve", at("etc/relative")).unwrap();
    symlink("/etc/passwd", at("etc/resolv.conf")).unwrap();
    symlink("loop", at("etc/loop")).unwrap();
    let root = Root::at(folder.path());
    assert_eq!(root.value("etc/absolute/resolve/conf").as_deref(), Some("inside"));
    assert_eq!(root.value("etc/relative/conf").as_deref(), Some("inside"));
    assert_eq!((root.value("etc/resolv.conf"), root.value("etc/loop")), (None, None));
    assert_eq!(root.names("etc/absolute"), ["resolve"]);
    symlink("/bin", at("bin")).unwrap();
    symlink("/bin/sh", at("etc/shell")).unwrap();
    assert!(!root.exists("bin/sh") && !root.is_executable("etc/shell") && root.link("bin/sh").is_none());
    assert!(root.exists("bin") && root.exists("etc/loop") && root.exists("etc/absolute/resolve/conf"));
    assert_eq!(root.link("etc/absolute").as_deref(), Some("/run"));
    assert!(root.exists("") && root.exists("/") && root.exists("etc/../run"));
}

#[test]
fn a_folder_that_is_read_in_part_is_noted_where_its_names_are_rows() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("many");
    fs::create_dir(&at).unwrap();
    (0..=NAMES_MAX).for_each(|n| drop(File::create(at.join(n.to_string())).unwrap()));
    let (root, mut notes) = (Root::at(folder.path()), Notes::default());
    assert_eq!(root.names_noted("many", &mut notes).len(), NAMES_MAX);
    assert!(root.names_noted("absent", &mut notes).is_empty());
    let body = notes.into_list();
    assert_eq!((body.len(), body[0].reason()), (1, NoteReason::TooLong));
}

#[test]
fn the_task_of_root_runs_no_program_of_others() {
    let folder = tempfile::tempdir().unwrap();
    private::open_to_all(folder.path()).unwrap();
    let theirs = folder.path().join("storcli64");
    fs::write(&theirs, "").unwrap();
    let recording = Root { is_recording: true, ..Root::at("/") };
    assert_eq!(recording.may_run(&theirs), Err(NoteReason::Failed));
    assert_eq!(recording.may_run(Path::new("/bin/sh")), Ok(()));
    assert_eq!(Root::at("/").may_run(&theirs), Ok(()));
}

#[test]
fn a_captured_root_answers_for_its_programs_by_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("commands/smartctl")).unwrap();
    fs::write(folder.path().join("commands/smartctl/-x_-j__dev_sda"), "{}").unwrap();
    let (root, mut notes) = (Root::at(folder.path()), Notes::default());
    assert_eq!(root.output(Program::Smartctl, &["-x", "-j", "/dev/sda"], &mut notes).unwrap(), "{}");
    assert_eq!(root.output(Program::Smartctl, &["-x", "-j", "/dev/sdb"], &mut notes), None);
    assert!(root.has_program(Program::Smartctl) && !root.has_program(Program::Rpm));
    assert!(notes.into_list().is_empty());
}
