//! Shows the inventory as JSON for people and for the export of a captured machine: the machine's own words first, then
//! every section under its name. Nothing of the agent reads it back.

use serde_json::{Map, Value, json};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind};

use super::root::Root;
use super::{read_all, registry};

/// `{"system":{"vendor","model","serial","uuid","type"},"sections":{…},"notes":{…}}`; groups stand beside users, and under
/// `notes` by section what could not be read. Sections in `off` are not read.
pub fn to_json(root: &Root, off: &[SectionKind]) -> Value {
    let mut sections = Map::new();
    let mut notes = Map::new();
    let mut system = Value::Null;
    for (kind, body) in read_all(root, off) {
        let name = name_of(kind);
        if !body.notes.is_empty() {
            notes.insert(name.clone(), json!(body.notes));
        }
        if let Some(Kind::System(s)) = &body.kind {
            system = json!({
                "vendor": s.manufacturer, "model": s.product, "serial": s.serial, "uuid": s.uuid, "type": s.chassis_type,
            });
        }
        for (name, value) in shown(name, &body) {
            sections.insert(name, value);
        }
    }
    json!({ "system": system, "sections": sections, "notes": notes })
}

/// The section of a word as it stands in that JSON: `disk_health`.
pub fn section_of(word: &str) -> Option<SectionKind> {
    registry().iter().map(|section| section.kind()).find(|kind| name_of(*kind) == word)
}

/// A section's content: a lone list stands for itself, further lists beside it under their own names.
fn shown(name: String, body: &SectionBody) -> Vec<(String, Value)> {
    let content = match serde_json::to_value(&body.kind) {
        Ok(Value::Object(kind)) => kind.into_iter().next().map(|(_, content)| content),
        _ => None,
    };
    match content {
        Some(Value::Object(fields)) if fields.values().all(Value::is_array) => {
            let alone = fields.len() == 1;
            let named = |list: String| if alone { name.clone() } else { singular(&list) };
            fields.into_iter().map(|(list, rows)| (named(list), rows)).collect()
        }
        content => vec![(name, content.unwrap_or_default())],
    }
}

/// `users` as `user`, as the classes of the CMDB are named.
fn singular(list: &str) -> String {
    list.strip_suffix('s').unwrap_or(list).to_owned()
}

/// `disk_health` for `SECTION_KIND_DISK_HEALTH`.
pub fn name_of(kind: SectionKind) -> String {
    kind.as_str_name().trim_start_matches("SECTION_KIND_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::v1::{Group, Service, ServiceSection, ServiceState, User, UserSection};

    #[test]
    fn the_machine_comes_first_and_every_section_stands_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let json = to_json(&Root::at(folder.path()), &[]);
        assert_eq!(json["system"]["vendor"], "");
        for name in ["cpu", "disk", "group", "memory", "operating_system", "software", "system", "user", "volume"] {
            assert!(!json["sections"][name].is_null(), "{name}");
        }
        assert_eq!(json["sections"]["memory"]["total_bytes"], 0);
        assert_eq!(json["notes"], json!({}));
    }

    #[test]
    fn users_and_groups_stand_beside_each_other_and_a_lone_list_for_itself() {
        let users = UserSection { users: vec![User::default()], groups: vec![Group::default()] };
        let body = SectionBody { kind: Some(Kind::User(users)), notes: vec![], ..Default::default() };
        let names: Vec<String> = shown("user".into(), &body).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["group", "user"]);
        let service = Service { state: ServiceState::Failed.into(), ..Default::default() };
        let body = SectionBody {
            kind: Some(Kind::Service(ServiceSection { services: vec![service] })),
            notes: vec![],
            partial: false,
        };
        let (name, rows) = shown("service".into(), &body).remove(0);
        assert_eq!((name.as_str(), &rows[0]["state"]), ("service", &json!("failed")));
    }
}
