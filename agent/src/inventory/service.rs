//! The services that systemd knows: how they start, whether they run, how their last run ended. Machines without systemd
//! have none. Whether a stopped service matters is judged elsewhere.

use std::collections::BTreeMap;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, Service, ServiceSection, ServiceState};

use super::Section;
use super::child::Program;
use super::notes::Notes;
use super::root::Root;
use super::unit_table::{Unit, file_states, is_lasting, loaded, start_type};

const SERVICES_MAX: usize = 2_000;
/// Units that are asked about one by one; each costs the service manager a little.
const ASKED_MAX: usize = 64;

/// The section of the services.
pub struct Services;

impl Section for Services {
    fn kind(&self) -> SectionKind {
        SectionKind::Service
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut services =
            if !root.is_real() || root.exists("run/systemd/system") { ask(root, &mut notes) } else { Vec::new() };
        services.sort_by(|a, b| a.name.cmp(&b.name));
        notes.bound("services", &mut services, SERVICES_MAX);
        notes.into_body(Kind::Service(ServiceSection { services }))
    }
}

fn ask(root: &Root, notes: &mut Notes) -> Vec<Service> {
    let mut output = |arguments: &[&str]| root.output(Program::Systemctl, arguments, notes).unwrap_or_default();
    let units = output(&["list-units", "--type=service", "--all", "--no-legend", "--plain", "--full", "--no-pager"]);
    let files = output(&["list-unit-files", "--type=service,timer,socket,path", "--no-legend", "--full", "--no-pager"]);
    if units.is_empty() {
        // Unit files alone would make every service look stopped.
        return Vec::new();
    }
    let asked = units_to_ask(&units, &files);
    let mut arguments = vec!["show", "--no-pager", "--property=Id,Type,Result,ExecMainStartTimestampMonotonic", "--"];
    arguments.extend(asked.iter().map(String::as_str));
    let shown = if asked.is_empty() { String::new() } else { output(&arguments) };
    services(&units, &files, &shown, |name| is_alias(root, name), notes)
}

/// Older systemd lists a second name of a unit as a unit file of its own; it is a link to a file of another name.
fn is_alias(root: &Root, name: &str) -> bool {
    let folders = ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];
    let target = folders.iter().find_map(|folder| root.link(&format!("{folder}/{name}")));
    target.is_some_and(|target| !target.ends_with("/dev/null") && target.rsplit('/').next() != Some(name))
}

/// Failed units, and automatic ones that do not run: of these it counts how their last run ended.
fn units_to_ask(units: &str, files: &str) -> Vec<String> {
    let states = file_states(files);
    let wanted = |(name, unit): &(&str, Unit<'_>)| {
        let safe = name.bytes().all(|byte| byte.is_ascii_graphic()) && !name.starts_with('-');
        safe && (unit.active == "failed" || (unit.active == "inactive" && start_type(&states, name) == "automatic"))
    };
    loaded(units).into_iter().filter(wanted).take(ASKED_MAX).map(|(name, _)| name.to_owned()).collect()
}

/// All services: the loaded ones, and those whose file is installed but which are not loaded, so that the list does not
/// change when systemd forgets an idle unit.
pub(super) fn services(
    units: &str,
    files: &str,
    shown: &str,
    is_alias: impl Fn(&str) -> bool,
    notes: &mut Notes,
) -> Vec<Service> {
    let states = file_states(files);
    let loaded = loaded(units);
    let shown: BTreeMap<String, BTreeMap<&str, &str>> = shown.split("\n\n").filter_map(properties).collect();
    let idle = states.iter().filter(|(name, state)| {
        let service =
            name.ends_with(".service") && !name.contains("@.") && is_lasting(name) && !loaded.contains_key(*name);
        service && !matches!(**state, "alias" | "bad" | "transient") && !is_alias(name)
    });
    let idle = idle.map(|(name, _)| (*name, &Unit { active: "inactive", sub: "dead", description: "" }));
    let all = loaded.iter().map(|(name, unit)| (*name, unit)).chain(idle);
    all.map(|(name, unit)| {
        let properties = shown.get(name);
        let result = properties.and_then(|p| p.get("Result")).filter(|result| **result != "success").copied();
        Service {
            name: notes.text("service", name),
            description: notes.text("description", unit.description),
            start_type: start_type(&states, name).to_owned(),
            state: state(unit, properties).into(),
            result: notes.text("result", result.unwrap_or_default()),
        }
    })
    .collect()
}

fn properties(block: &str) -> Option<(String, BTreeMap<&str, &str>)> {
    let properties: BTreeMap<&str, &str> = block.lines().filter_map(|line| line.split_once('=')).collect();
    Some(((*properties.get("Id")?).to_owned(), properties))
}

fn state(unit: &Unit<'_>, properties: Option<&BTreeMap<&str, &str>>) -> ServiceState {
    let is = |key: &str, value: &str| properties.and_then(|p| p.get(key)).is_some_and(|found| *found == value);
    let ran = properties
        .and_then(|p| p.get("ExecMainStartTimestampMonotonic"))
        .is_some_and(|at| *at != "0" && !at.is_empty());
    match (unit.active, unit.sub) {
        ("active", "exited") => ServiceState::Finished,
        ("active" | "reloading" | "refreshing", _) => ServiceState::Running,
        ("activating", _) => ServiceState::Starting,
        ("failed", _) => ServiceState::Failed,
        ("inactive", _) if is("Type", "oneshot") && is("Result", "success") && ran => ServiceState::Finished,
        _ => ServiceState::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: &str = "cron.service loaded active running Regular background program processing daemon
● nginx.service loaded failed failed A web server
  keyboard-setup.service loaded active exited Set the console keyboard layout
ghost.service not-found inactive dead ghost.service
getty@tty1.service loaded active running Getty on tty1
reap.service loaded inactive dead Reap once
user@1000.service loaded active running User Manager for UID 1000
apt-daily.service loaded inactive dead Daily apt download activities
";
    const FILES: &str = "cron.service enabled enabled\nnginx.service enabled enabled\nkeyboard-setup.service enabled enabled\ngetty@.service enabled enabled
reap.service enabled enabled\napt-daily.service static -\napt-daily.timer enabled enabled\nrsync.service disabled enabled\nsshd.service enabled enabled
hwclock.service masked enabled\nx.service alias -\n";
    const SHOWN: &str = "Id=nginx.service\nType=forking\nResult=exit-code\n\nId=reap.service\nType=oneshot\nResult=success\nExecMainStartTimestampMonotonic=512\n";

    fn listed() -> BTreeMap<String, Service> {
        let rows = services(UNITS, FILES, SHOWN, |name| name == "sshd.service", &mut Notes::default());
        rows.into_iter().map(|service| (service.name.clone(), service)).collect()
    }

    #[test]
    fn loaded_and_idle_services_are_listed_once_without_passing_ones() {
        let names: Vec<String> = listed().into_keys().collect();
        let expected = [
            "apt-daily.service",
            "cron.service",
            "getty@tty1.service",
            "hwclock.service",
            "keyboard-setup.service",
            "nginx.service",
            "reap.service",
            "rsync.service",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn states_start_types_and_results_are_told() {
        let services = listed();
        let facts =
            |name: &str| (services[name].state(), services[name].start_type.as_str(), services[name].result.as_str());
        assert_eq!(facts("cron.service"), (ServiceState::Running, "automatic", ""));
        assert_eq!(facts("nginx.service"), (ServiceState::Failed, "automatic", "exit-code"));
        assert_eq!(facts("keyboard-setup.service"), (ServiceState::Finished, "automatic", ""));
        assert_eq!(facts("reap.service"), (ServiceState::Finished, "automatic", ""));
        assert_eq!(facts("apt-daily.service"), (ServiceState::Stopped, "triggered", ""));
        assert_eq!(facts("rsync.service"), (ServiceState::Stopped, "disabled", ""));
        assert_eq!(facts("hwclock.service"), (ServiceState::Stopped, "masked", ""));
        assert_eq!(services["cron.service"].description, "Regular background program processing daemon");
    }

    #[test]
    fn only_failed_and_stopped_automatic_units_are_asked_about() {
        assert_eq!(units_to_ask(UNITS, FILES), ["nginx.service", "reap.service"]);
    }

    #[test]
    fn nonsense_lines_are_skipped() {
        assert!(
            services("a\n\u{25cf}\nb.service\n x y z w\n", "q\n\n", "=\n\nId\n", |_| false, &mut Notes::default())
                .is_empty()
        );
    }
}
