//! Facts of the running machine that are neither figures nor inventory: its name, and whether it is going down.

use std::path::Path;

/// The kernel's host name, at most 64 bytes; empty where it cannot be read. A claim, never an identity.
pub fn hostname() -> String {
    let name = std::fs::read("/proc/sys/kernel/hostname").unwrap_or_default();
    String::from_utf8_lossy(&name).trim().to_owned()
}

/// Whether the system is going down, or a shutdown is scheduled. Before log-ins are opened at start it also says yes.
pub fn is_shutting_down() -> bool {
    going_down(Path::new("/run"))
}

fn going_down(run: &Path) -> bool {
    run.join("nologin").exists() || run.join("systemd/shutdown/scheduled").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_a_name() {
        let name = hostname();
        assert!(!name.is_empty());
        assert_eq!(name, name.trim());
    }

    #[test]
    fn a_scheduled_shutdown_and_closed_log_ins_both_mean_going_down() {
        let run = tempfile::tempdir().unwrap();
        assert!(!going_down(run.path()));
        std::fs::create_dir_all(run.path().join("systemd/shutdown")).unwrap();
        std::fs::write(run.path().join("systemd/shutdown/scheduled"), "").unwrap();
        assert!(going_down(run.path()));
        let run = tempfile::tempdir().unwrap();
        std::fs::write(run.path().join("nologin"), "").unwrap();
        assert!(going_down(run.path()));
    }
}
