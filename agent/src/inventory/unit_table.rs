//! Parses the lists that systemctl prints: loaded units, unit files, and how a service starts by both.
//! It runs nothing and judges no state.

use std::collections::BTreeMap;

/// A line of `list-units`.
pub struct Unit<'a> {
    /// `active`, `inactive`, `failed`, …
    pub active: &'a str,
    /// `running`, `exited`, `dead`, …
    pub sub: &'a str,
    /// For people, in the unit's own words.
    pub description: &'a str,
}

/// The services of a `list-units` text that last, by name.
pub fn loaded(units: &str) -> BTreeMap<&str, Unit<'_>> {
    units.lines().filter_map(unit).filter(|(name, _)| is_lasting(name)).collect()
}

/// `cron.service loaded active running Regular background program`; a mark may stand in front.
fn unit(line: &str) -> Option<(&str, Unit<'_>)> {
    let mut rest = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '●' | '○' | '×' | '*'));
    let mut word = || {
        let (word, after) = rest.split_once(char::is_whitespace)?;
        rest = after.trim_start();
        Some(word)
    };
    let (name, load, active, sub) = (word()?, word()?, word()?, word().unwrap_or_default());
    let sub = if sub.is_empty() { rest } else { sub };
    let description = if sub == rest { "" } else { rest };
    // A unit that others mention but that is not installed is no service.
    (name.ends_with(".service") && load != "not-found").then_some((name, Unit { active, sub, description }))
}

/// Sessions, transient jobs and crash handlers come and go with their names.
pub fn is_lasting(name: &str) -> bool {
    const PASSING: [&str; 7] =
        ["user@", "user-runtime-dir@", "run-", "dbus-:", "systemd-coredump@", "session-", "podman-"];
    !PASSING.iter().any(|start| name.starts_with(start)) && !is_of_connection(name)
}

/// `ssh@3-10.0.0.5:22-203.0.113.9:50022.service`: a socket starts one for each connection, named by a count and both
/// addresses, which may be a person's, or by the other side's process and account. `postgresql@15-main` is none.
fn is_of_connection(name: &str) -> bool {
    let instance = name.split_once('@').map_or("", |(_, instance)| instance.trim_end_matches(".service"));
    let rest = instance.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(ends) = rest.strip_prefix('-').filter(|_| rest.len() < instance.len()) else { return false };
    let is_end = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '_');
    let both = ends.contains('-') && ends.split('-').all(|end| end.chars().all(is_end));
    ends == "unknown" || both && (ends.contains(':') || !ends.contains(|c: char| c.is_ascii_alphabetic()))
}

/// Unit files with their states.
pub fn file_states(files: &str) -> BTreeMap<&str, &str> {
    files.lines().filter_map(name_and_state).collect()
}

fn name_and_state(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_ascii_whitespace();
    Some((words.next()?, words.next()?))
}

/// The state of a unit's file, or of the template that it is an instance of.
fn file_state<'a>(states: &BTreeMap<&str, &'a str>, name: &str) -> &'a str {
    let template = || Some(format!("{}@.service", name.split_once('@')?.0));
    states.get(name).or_else(|| states.get(template()?.as_str())).copied().unwrap_or_default()
}

/// How a service starts, in the contract's words.
pub fn start_type(states: &BTreeMap<&str, &str>, name: &str) -> &'static str {
    let stem = name.trim_end_matches(".service");
    let triggered = || {
        let on = |kind: &str| {
            states
                .get(format!("{stem}.{kind}").as_str())
                .is_some_and(|state| !state.starts_with("masked") && *state != "disabled")
        };
        ["timer", "socket", "path"].into_iter().any(on)
    };
    match file_state(states, name) {
        "enabled" | "enabled-runtime" | "generated" => "automatic",
        "masked" | "masked-runtime" => "masked",
        _ if triggered() => "triggered",
        "disabled" => "disabled",
        "static" => "static",
        _ => "manual",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_a_timer_or_socket_starts_is_triggered() {
        let states = file_states(
            "a.service static\na.timer enabled\nb.service disabled\nb.socket disabled\nc.service enabled\nc.path enabled\n",
        );
        let types = ["a", "b", "c", "d"].map(|name| start_type(&states, &format!("{name}.service")));
        assert_eq!(types, ["triggered", "disabled", "automatic", "manual"]);
    }

    #[test]
    fn an_instance_for_one_connection_does_not_last_and_a_cluster_of_a_database_does() {
        for passing in [
            "ssh@3-10.0.0.5:22-203.0.113.9:50022",
            "ssh@12-fe80::1:22-2001:db8::7:50022",
            "x@0-812-1000",
            "x@7-unknown",
        ] {
            assert!(!is_lasting(&format!("{passing}.service")), "{passing}");
        }
        for lasting in
            ["postgresql@15-main", "postgresql@15-my-shop", "getty@tty1", "x@5", "x@5-", "x@-1:2-3:4", "5-1:2-3:4"]
        {
            assert!(is_lasting(&format!("{lasting}.service")), "{lasting}");
        }
    }

    #[test]
    fn an_instance_starts_as_its_template_does() {
        let states = file_states("getty@.service enabled enabled\n");
        assert_eq!(start_type(&states, "getty@tty1.service"), "automatic");
    }

    #[test]
    fn marks_in_front_and_missing_descriptions_are_no_obstacle() {
        let units = loaded("● a.service loaded failed failed\n  b.service loaded active running Two words\n");
        assert_eq!((units["a.service"].sub, units["a.service"].description), ("failed", ""));
        assert_eq!(units["b.service"].description, "Two words");
    }
}
