//! The inventory as JSON, for people at the machine: `wacht-agent inventory --json`. What it shows is what is sent.

use super::{Root, read_all};
use serde_json::{Map, Value, json};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::SectionBody;

/// Every section by its name, and the notes.
pub fn to_json(root: &Root) -> Value {
    let mut all = Map::new();
    let mut notes = Vec::new();
    for (kind, body) in read_all(root, &[]) {
        let word = kind.as_str_name().trim_start_matches("SECTION_KIND_").to_lowercase();
        notes.extend(body.notes.iter().map(|note| {
            let reason = note.reason().as_str_name().trim_start_matches("NOTE_REASON_").to_lowercase();
            json!({ "section": word, "subject": note.subject, "reason": reason })
        }));
        all.insert(word, section(body));
    }
    all.insert("notes".to_owned(), Value::Array(notes));
    Value::Object(all)
}

fn section(body: SectionBody) -> Value {
    match body.kind {
        Some(Kind::System(s)) => json!({
            "hostname": s.hostname, "fqdn": s.fqdn, "machine_id": s.machine_id, "manufacturer": s.manufacturer, "product": s.product,
            "version": s.version, "serial": s.serial, "uuid": s.uuid, "sku": s.sku, "asset_tag": s.asset_tag,
            "board_manufacturer": s.board_manufacturer, "board_product": s.board_product, "board_serial": s.board_serial,
            "board_version": s.board_version, "chassis_type": s.chassis_type, "chassis_serial": s.chassis_serial,
            "bios_vendor": s.bios_vendor, "bios_version": s.bios_version, "bios_date": s.bios_date, "virtualization": s.virtualization,
        }),
        Some(Kind::Cpu(s)) => list(s.cpus, |c| json!({
            "socket": c.socket, "model": c.model, "manufacturer": c.manufacturer, "cores": c.cores, "threads": c.threads,
            "architecture": c.architecture, "speed_mhz_max": c.speed_mhz_max,
        })),
        Some(Kind::Memory(s)) => json!({
            "total_bytes": s.total_bytes, "swap_bytes": s.swap_bytes, "slots": s.slots,
            "modules": list(s.modules, |m| json!({
                "slot": m.slot, "size_bytes": m.size_bytes, "type": m.r#type, "speed_mts": m.speed_mts,
                "manufacturer": m.manufacturer, "part_number": m.part_number, "serial": m.serial,
            })),
        }),
        Some(Kind::Disk(s)) => list(s.disks, |d| json!({
            "name": d.name, "model": d.model, "serial": d.serial, "firmware": d.firmware, "wwn": d.wwn, "bus": d.bus,
            "size_bytes": d.size_bytes, "rotational": d.rotational, "removable": d.removable,
        })),
        Some(Kind::Volume(s)) => list(s.volumes, |v| json!({
            "mount": v.mount, "device": v.device, "type": v.r#type, "size_bytes": v.size_bytes, "uuid": v.uuid, "label": v.label,
            "read_only": v.read_only, "network": v.network,
        })),
        Some(Kind::Software(s)) => list(s.software, |p| json!({
            "name": p.name, "version": p.version, "architecture": p.architecture, "publisher": p.publisher, "purl": p.purl,
            "source": p.source().as_str_name().trim_start_matches("SOFTWARE_SOURCE_").to_lowercase(),
        })),
        Some(other) => rest(other),
        None => Value::Null,
    }
}

fn rest(kind: Kind) -> Value {
    match kind {
        Kind::Array(s) => list(s.arrays, |a| json!({
            "name": a.name, "level": a.level, "members_expected": a.members_expected, "members_active": a.members_active,
            "members": a.members, "members_failed": a.members_failed, "spares": a.spares, "size_bytes": a.size_bytes,
            "redundancy_left": a.redundancy_left,
            "state": a.state().as_str_name().trim_start_matches("ARRAY_STATE_").to_lowercase(),
        })),
        Kind::OperatingSystem(s) => json!({
            "name": s.name, "version": s.version, "id": s.id, "codename": s.codename, "kernel": s.kernel,
            "architecture": s.architecture, "time_zone": s.time_zone,
        }),
        Kind::Interface(s) => list(s.interfaces, |i| json!({
            "name": i.name, "mac": i.mac, "addresses": i.addresses, "mtu": i.mtu, "speed_bits_per_s": i.speed_bits_per_s, "up": i.up,
            "kind": i.kind, "gateway": i.gateway,
        })),
        Kind::User(s) => json!({
            "users": list(s.users, |u| json!({
                "name": u.name, "uid": u.uid, "can_sign_in": u.can_sign_in, "administrator": u.administrator,
                "admin_reason": u.admin_reason, "system_account": u.system_account,
            })),
            "groups": list(s.groups, |g| json!({ "name": g.name, "gid": g.gid, "members": g.members, "administrators": g.administrators })),
        }),
        Kind::Service(s) => list(s.services, |u| json!({
            "name": u.name, "description": u.description, "start_type": u.start_type, "result": u.result,
            "state": u.state().as_str_name().trim_start_matches("SERVICE_STATE_").to_lowercase(),
        })),
        Kind::Update(s) => json!({ "reboot_pending": s.reboot_pending, "reboot_reason": s.reboot_reason, "packages": s.packages }),
        _ => Value::Null,
    }
}

fn list<T>(items: Vec<T>, shape: impl Fn(T) -> Value) -> Value {
    Value::Array(items.into_iter().map(shape).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::v1::SectionKind;

    #[test]
    fn every_section_has_its_name() {
        let all = to_json(&Root::real());
        for kind in 1..=12 {
            let kind = SectionKind::try_from(kind).unwrap();
            let word = kind.as_str_name().trim_start_matches("SECTION_KIND_").to_lowercase();
            assert!(all.get(&word).is_some_and(|section| !section.is_null()), "{word}");
        }
    }
}
