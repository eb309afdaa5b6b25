//! `wacht-agent prepare-image`: makes a machine fit to be copied. It refuses while the agent runs, wipes what makes the
//! agent itself, and says what it did. The configuration stays; a token never stood in it.

use super::{CONFIGURATION, Failure, TEMPORARY};
use crate::config::Config;
use crate::transport::identity::{State, StateError};
use std::io::Write;

/// Wipes the state folder of `config` and tells on `out` what is gone and what is left to do.
pub fn run(config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let folder = config.state_dir.display();
    if !config.state_dir.exists() {
        writeln!(out, "nothing to wipe: there is no {folder}")?;
        return told(out);
    }
    let state = State::open(&config.state_dir, false).map_err(|error| Failure(CONFIGURATION, error.into()))?;
    let unlocked = || anyhow::anyhow!("{folder} cannot be locked, so nobody knows whether an agent runs with it");
    let _lock = state.lock().map_err(refusal)?.ok_or_else(|| Failure(TEMPORARY, unlocked()))?;
    let wiped = state.wipe().map_err(|error| {
        Failure(TEMPORARY, anyhow::anyhow!("{folder} is wiped in part only ({error}): do not copy this machine yet"))
    })?;
    if wiped.is_doubtful() {
        let found = wiped.foreign.join(", ");
        let error = anyhow::anyhow!(
            "{folder} is no agent's state folder, so nothing was wiped (there is: {found}); look at state_dir"
        );
        return Err(Failure(CONFIGURATION, error));
    }
    if wiped.gone.is_empty() {
        writeln!(out, "nothing to wipe in {folder}")?;
    } else {
        writeln!(out, "wiped from {folder}: {}", wiped.gone.join(", "))?;
    }
    if !wiped.foreign.is_empty() {
        writeln!(out, "left there, not the agent's: {}", wiped.foreign.join(", "))?;
    }
    told(out)
}

fn refusal(error: StateError) -> Failure {
    let error = anyhow::Error::from(error);
    Failure(TEMPORARY, error.context("not wiped: an image is made of a machine whose agent is stopped"))
}

fn told(out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "the configuration is kept; it holds no token")?;
    writeln!(
        out,
        "next: copy the machine before the agent is enrolled again, and run `wacht-agent enroll` on each copy"
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn enrolled() -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { state_dir: folder.path().join("state"), ..Config::default() };
        State::open(&config.state_dir, true).unwrap();
        for name in ["identity.json", "key.pem", "certificate.pem", "next-key.partial", "generation", "sections.json"] {
            fs::write(config.state_dir.join(name), "x").unwrap();
        }
        fs::create_dir_all(config.state_dir.join("spool/life-1")).unwrap();
        fs::write(config.state_dir.join("spool/life-1/segment"), "x").unwrap();
        (folder, config)
    }

    #[test]
    fn a_folder_that_was_never_an_agents_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("spool/cron")).unwrap();
        let config = Config { state_dir: folder.path().to_owned(), ..Config::default() };
        let Err(Failure(code, error)) = run(&config, &mut Vec::new()) else { panic!("it was wiped") };
        assert!(code == CONFIGURATION && error.to_string().contains("look at state_dir"), "{error}");
        assert!(folder.path().join("spool/cron").exists());
    }

    fn wiped(config: &Config) -> String {
        let mut out = Vec::new();
        run(config, &mut out).map_err(|Failure(code, error)| format!("{code}: {error:#}")).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn names(config: &Config) -> Vec<String> {
        let entries = fs::read_dir(&config.state_dir).unwrap().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_image_keeps_nothing_by_which_its_copies_would_be_one_agent() {
        let (_folder, config) = enrolled();
        fs::write(config.state_dir.join("notes-of-an-administrator.txt"), "x").unwrap();
        let said = wiped(&config);
        assert_eq!(names(&config), ["lock", "notes-of-an-administrator.txt"]);
        for word in ["key.pem", "generation", "spool", "notes-of-an-administrator.txt", "wacht-agent enroll"] {
            assert!(said.contains(word), "{word} in {said}");
        }
        assert!(wiped(&config).contains("nothing to wipe"), "a second time changes nothing");
    }

    #[test]
    fn nothing_is_wiped_below_an_agent_that_runs() {
        let (_folder, config) = enrolled();
        let before = names(&config);
        let state = State::open(&config.state_dir, false).unwrap();
        let running = state.lock().unwrap();
        let Err(Failure(code, error)) = run(&config, &mut Vec::new()) else { panic!("it wiped below an agent") };
        assert!(code == TEMPORARY && format!("{error:#}").contains("another agent runs"), "{error:#}");
        drop(running);
        assert_eq!(
            names(&config).iter().filter(|name| *name != "lock").collect::<Vec<_>>(),
            before.iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_machine_that_never_had_an_agent_is_fit_already() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { state_dir: folder.path().join("none"), ..Config::default() };
        assert!(wiped(&config).contains("nothing to wipe"));
        assert!(!config.state_dir.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_spool_that_is_a_link_takes_nothing_else_along() {
        let (folder, config) = enrolled();
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("kept"), "x").unwrap();
        fs::remove_dir_all(config.state_dir.join("spool")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, config.state_dir.join("spool")).unwrap();
        wiped(&config);
        assert!(elsewhere.join("kept").exists() && !names(&config).contains(&"spool".to_owned()));
    }
}
