//! Children that behave, hang, flood, fail and leave children of their own.

use super::*;
use std::time::Instant;

fn shell(script: &str, deadline: Duration) -> Result<String, ChildError> {
    run(Path::new("/bin/sh"), &["-c", script], deadline).map(|(_, text)| text)
}

#[test]
fn the_environment_is_bare_and_input_empty() {
    let text = shell("env; cat", Duration::from_secs(5)).unwrap();
    assert!(text.contains("LC_ALL=C") && text.contains("TZ=UTC") && !text.contains("HOME="), "{text}");
}

#[test]
fn a_child_that_hangs_is_killed_at_the_deadline() {
    let start = Instant::now();
    let error = shell("exec sleep 60", Duration::from_millis(100)).unwrap_err();
    assert!(matches!(error, ChildError::TimedOut) && start.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_a_child_started_dies_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("lived");
    // The child ends at once; its own child keeps the pipe and would write the mark after the deadline.
    let script = format!("(sleep 0.6; echo lived > '{}') & exit 0", mark.display());
    assert!(matches!(shell(&script, Duration::from_millis(100)), Err(ChildError::TimedOut)));
    thread::sleep(Duration::from_millis(900));
    assert!(!mark.exists());
}

#[test]
fn a_child_that_cannot_die_is_left_and_reaped_once_it_did() {
    let mut command = Command::new("/bin/sh");
    let child = process_group::lead(command.args(["-c", "exit 0"])).spawn().unwrap();
    STUCK.lock().unwrap().push(child);
    assert!((0..500).any(|_| {
        thread::sleep(Duration::from_millis(2));
        stuck() == 0
    }));
}

#[test]
fn a_child_that_never_stops_writing_is_cut_off() {
    assert!(matches!(shell("exec yes", Duration::from_secs(30)), Err(ChildError::TooLong)));
}

#[test]
fn failure_and_absence_are_told_apart() {
    let shell = Path::new("/bin/sh");
    assert!(matches!(output(shell, &["-c", "exit 3"]), Err(ChildError::Failed(Some(3)))));
    assert_eq!(output_of_any_code(shell, &["-c", "echo found; exit 3"]).unwrap(), "found\n");
    assert_eq!(output_of_packages(shell, &["-c", "echo some; exit 100"], 100).unwrap(), "some\n");
    assert!(matches!(output_of_packages(shell, &["-c", "exit 1"], 100), Err(ChildError::Failed(Some(1)))));
    assert!(matches!(output(Path::new("/nonexistent"), &[]), Err(ChildError::Io(_))));
}
