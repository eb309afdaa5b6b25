//! Services of systemd: how each starts, whether it runs, and how its last run ended. A machine without systemd has
//! none.

use super::child::{Program, run};
use super::text::{bound, name, note};
use super::{Root, Section};
use std::collections::BTreeMap;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, Service as Unit, ServiceSection, ServiceState};

const SERVICES_MAX: usize = 2_000;

/// The section.
pub struct Service;

impl Section for Service {
    fn kind(&self) -> SectionKind {
        SectionKind::Service
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let mut services = Vec::new();
        if root.is_real() && root.path("run/systemd/system").exists() && Program::Systemctl.is_there() {
            let lists = ["list-unit-files", "list-units"].map(|verb| {
                run(Program::Systemctl, &[verb, "--type=service", "--all", "--no-legend", "--no-pager", "--plain", "--full"])
            });
            match lists {
                [Ok(files), Ok(units)] => services = merged(&String::from_utf8_lossy(&files), &String::from_utf8_lossy(&units)),
                [Err(error), _] | [_, Err(error)] => notes.extend(note("services", &error)),
            }
        }
        bound(&mut services, SERVICES_MAX, "services", &mut notes);
        SectionBody { kind: Some(Kind::Service(ServiceSection { services })), notes }
    }
}

/// Unit files tell how a service starts, units how it stands.
fn merged(files: &str, units: &str) -> Vec<Unit> {
    let starts: BTreeMap<&str, &str> = files.lines().filter_map(|line| two_words(line)).collect();
    let mut services = BTreeMap::new();
    for line in units.lines() {
        let mut words = line.split_whitespace();
        let (Some(unit), Some(load), Some(active), Some(sub)) = (words.next(), words.next(), words.next(), words.next()) else { continue };
        let Some(service) = unit.strip_suffix(".service").filter(|_| load == "loaded" || load == "masked") else { continue };
        let description = words.collect::<Vec<_>>().join(" ");
        services.insert(service, entry(service, &description, start_type(starts.get(unit).copied(), unit), state(active, sub)));
    }
    for (unit, start) in &starts {
        if let Some(service) = unit.strip_suffix(".service").filter(|service| !service.ends_with('@')) {
            services.entry(service).or_insert_with(|| entry(service, "", start_type(Some(start), unit), ServiceState::Stopped));
        }
    }
    services.into_values().collect()
}

fn two_words(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?))
}

fn entry(service: &str, description: &str, start_type: &str, state: ServiceState) -> Unit {
    let result = if state == ServiceState::Failed { "failed" } else { "" };
    Unit {
        name: name(service),
        description: name(description),
        start_type: start_type.to_owned(),
        state: state.into(),
        result: result.to_owned(),
    }
}

fn start_type(file: Option<&str>, unit: &str) -> &'static str {
    match file {
        Some("enabled" | "enabled-runtime") => "automatic",
        Some("disabled") => "disabled",
        Some("masked" | "masked-runtime") => "masked",
        Some("static" | "indirect" | "alias") => "static",
        Some(_) => "manual",
        // An instance of a template has no file of its own.
        None if unit.contains('@') => "triggered",
        None => "manual",
    }
}

fn state(active: &str, sub: &str) -> ServiceState {
    match (active, sub) {
        ("failed", _) => ServiceState::Failed,
        ("active", "exited") => ServiceState::Finished,
        ("active" | "reloading", _) => ServiceState::Running,
        ("activating", _) => ServiceState::Starting,
        _ => ServiceState::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_units_become_one_list() {
        let files = "cron.service enabled enabled\nold.service disabled enabled\ngetty@.service enabled enabled\n";
        let units = "cron.service loaded active running Regular background program\nbroken.service loaded failed failed Broken thing\ngone.service not-found inactive dead gone.service\nnet.service loaded active exited Network\n";
        let found: Vec<_> = merged(files, units).into_iter().map(|unit| (unit.name.clone(), unit.start_type.clone(), unit.state())).collect();
        let wanted = [
            ("broken", "manual", ServiceState::Failed),
            ("cron", "automatic", ServiceState::Running),
            ("net", "manual", ServiceState::Finished),
            ("old", "disabled", ServiceState::Stopped),
        ];
        assert_eq!(found, wanted.map(|(name, start, state)| (name.to_owned(), start.to_owned(), state)));
    }
}
