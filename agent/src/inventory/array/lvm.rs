//! Logical volumes that LVM keeps on several disks, from `lvs` in JSON. Volumes without redundancy of LVM's own (linear,
//! striped, thin) are no arrays.

use std::collections::BTreeMap;

use serde_json::Value;
use wacht_proto::v1::{Array, ArrayState};

use super::redundancy::{Member, array, tolerance};
use crate::inventory::child::Program;
use crate::inventory::document::{self, list};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::size;

const COLUMNS: &str = "vg_name,lv_name,segtype,lv_size,lv_attr,copy_percent,raid_sync_action,lv_health_status,devices";
const ROWS_MAX: usize = 20_000;

/// The arrays of LVM. The program is asked only where the kernel has mapped a volume of it.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Array> {
    let mapped =
        |name: &String| root.value(&format!("sys/block/{name}/dm/uuid")).is_some_and(|id| id.starts_with("LVM-"));
    if root.is_real() && !root.names("sys/block").iter().any(mapped) {
        return Vec::new();
    }
    let plain = ["--reportformat", "json", "-a", "-o", COLUMNS];
    let exact = [&plain[..], &["--units", "b"]].concat();
    let asked = if root.is_real() { exact } else { plain.to_vec() };
    let Some(text) = root.output(Program::Lvs, &asked, notes) else { return Vec::new() };
    parse(&text, notes).unwrap_or_else(|| {
        notes.add("lvs", document::fault(&text));
        Vec::new()
    })
}

/// The arrays of a report; nothing where it is no report.
pub fn parse(text: &str, notes: &mut Notes) -> Option<Vec<Array>> {
    let document = document::parse(text)?;
    let reports = document.get("report")?.as_array()?;
    let rows: Vec<Row> = reports.iter().flat_map(|report| list(report, "/lv")).take(ROWS_MAX).filter_map(row).collect();
    let mut volumes: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        volumes.entry((&row.group, &row.name)).or_default().push(row);
    }
    let arrays = volumes.iter().filter(|(_, segments)| is_array(&segments[0].kind));
    Some(arrays.map(|((group, _), segments)| judged(segments[0], &volumes, group, notes)).collect())
}

/// One segment of a volume.
struct Row {
    group: String,
    name: String,
    kind: String,
    size_bytes: u64,
    attributes: String,
    action: String,
    health: String,
    devices: String,
}

fn row(value: &Value) -> Option<Row> {
    let of = |key: &str| document::text(value, &format!("/{key}")).unwrap_or_default();
    let row = Row {
        group: of("vg_name"),
        // Parts of a volume stand in brackets.
        name: of("lv_name").trim_matches(['[', ']']).to_owned(),
        kind: of("segtype"),
        size_bytes: size::bytes(&of("lv_size"), 1024).unwrap_or(0),
        attributes: of("lv_attr"),
        action: of("raid_sync_action"),
        health: of("lv_health_status"),
        devices: of("devices"),
    };
    (!row.name.is_empty()).then_some(row)
}

fn is_array(kind: &str) -> bool {
    kind == "mirror" || kind.starts_with("raid")
}

fn judged(row: &Row, volumes: &BTreeMap<(&str, &str), Vec<&Row>>, group: &str, notes: &mut Notes) -> Array {
    let images = devices(&row.devices);
    let members: Vec<Member> = images.filter_map(|image| member(image, volumes.get(&(group, image)))).collect();
    let level = level(&row.kind);
    let missing = members.iter().filter(|member| !member.active).count() as u32;
    let state = if is_beyond(&level, &members) {
        ArrayState::Failed
    } else if matches!(row.action.as_str(), "recover" | "resync" | "reshape") {
        ArrayState::Rebuilding
    } else if missing > 0 || row.health.contains("partial") || row.health.contains("refresh") {
        ArrayState::Degraded
    } else {
        ArrayState::Clean
    };
    Array {
        name: notes.text("array", &format!("{}/{}", row.group, row.name)),
        size_bytes: row.size_bytes,
        source: "lvm".to_owned(),
        ..array(&level, Some(state), 0, &members, notes)
    }
}

/// Whether more is gone than the level can do without; a striped mirror lives while each of its pairs does.
fn is_beyond(level: &str, members: &[Member]) -> bool {
    if level == "raid10" {
        return members.chunks(2).any(|pair| pair.iter().all(|member| member.failed));
    }
    members.iter().filter(|member| member.failed).count() as u32 > tolerance(level, members.len() as u32)
}

/// `raid5_ls` and `raid6_zr` differ in layout alone.
fn level(kind: &str) -> String {
    kind.split('_').next().unwrap_or_default().to_owned()
}

/// `/dev/sda1(0),/dev/sdb1(0)` without the offsets.
fn devices(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(|device| device.split('(').next().unwrap_or_default().trim())
        .filter(|device| !device.is_empty())
}

/// The member behind an image of the volume, by the disks of the image; without a row of its own it is a disk itself.
fn member(image: &str, segments: Option<&Vec<&Row>>) -> Option<Member> {
    let Some(segments) = segments else {
        let failed = is_unknown(image);
        return Some(Member { name: disk(image), active: !failed, failed });
    };
    let disks: Vec<&str> = segments.iter().flat_map(|row| devices(&row.devices)).collect();
    let partial = segments.iter().any(|row| row.attributes.chars().nth(8) == Some('p'));
    let failed = partial || disks.iter().any(|disk| is_unknown(disk));
    // A capital I marks an image that is not in sync.
    let in_sync = !segments.iter().any(|row| row.attributes.starts_with('I'));
    Some(Member { name: disk(disks.first()?), active: in_sync && !failed, failed })
}

/// A disk that is gone has no name left.
fn is_unknown(device: &str) -> bool {
    device.contains("unknown")
}

fn disk(device: &str) -> String {
    device.trim_start_matches("/dev/").trim_matches(['[', ']']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"report":[{"lv":[
      {"vg_name":"vg0","lv_name":"root","segtype":"linear","lv_size":"20.00g","lv_attr":"-wi-ao----","copy_percent":"","raid_sync_action":"","lv_health_status":"","devices":"/dev/sda2(0)"},
      {"vg_name":"vg0","lv_name":"data","segtype":"raid1","lv_size":"<10.00g","lv_attr":"rwi-aor---","copy_percent":"100.00","raid_sync_action":"idle","lv_health_status":"","devices":"data_rimage_0(0),data_rimage_1(0)"},
      {"vg_name":"vg0","lv_name":"[data_rimage_0]","segtype":"linear","lv_size":"10.00g","lv_attr":"iwi-aor---","devices":"/dev/sda3(1)"},
      {"vg_name":"vg0","lv_name":"[data_rimage_1]","segtype":"linear","lv_size":"10.00g","lv_attr":"iwi-aor---","devices":"/dev/sdb3(1)"},
      {"vg_name":"vg0","lv_name":"[data_rmeta_0]","segtype":"linear","lv_size":"4.00m","lv_attr":"ewi-aor---","devices":"/dev/sda3(0)"}]}]}"#;

    fn facts(text: &str) -> Vec<(String, ArrayState, u32, u32, Vec<String>)> {
        let arrays = parse(text, &mut Notes::default()).unwrap();
        let fact = |array: Array| {
            (array.name.clone(), array.state(), array.members_active, array.redundancy_left, array.members_failed)
        };
        arrays.into_iter().map(fact).collect()
    }

    #[test]
    fn a_mirrored_volume_is_an_array_of_its_disks_and_a_linear_one_is_none() {
        assert_eq!(facts(REPORT), [("vg0/data".to_owned(), ArrayState::Clean, 2, 1, vec![])]);
        let array = parse(REPORT, &mut Notes::default()).unwrap().remove(0);
        assert_eq!((array.members, array.size_bytes), (vec!["sda3".to_owned(), "sdb3".to_owned()], 10 << 30));
    }

    #[test]
    fn a_disk_that_is_gone_leaves_no_redundancy_and_a_second_one_no_array() {
        let gone = REPORT.replace("iwi-aor---\",\"devices\":\"/dev/sdb3(1)", "iwi-aor-p-\",\"devices\":\"[unknown](1)");
        assert_eq!(facts(&gone), [("vg0/data".to_owned(), ArrayState::Degraded, 1, 0, vec!["unknown".to_owned()])]);
        let both = gone.replace("iwi-aor---\",\"devices\":\"/dev/sda3(1)", "iwi-aor-p-\",\"devices\":\"[unknown](1)");
        assert_eq!(facts(&both)[0].1, ArrayState::Failed);
    }

    #[test]
    fn an_image_that_is_not_in_sync_is_being_rebuilt() {
        let text = REPORT
            .replace("idle", "recover")
            .replace("iwi-aor---\",\"devices\":\"/dev/sdb3", "Iwi-aor---\",\"devices\":\"/dev/sdb3");
        assert_eq!(facts(&text), [("vg0/data".to_owned(), ArrayState::Rebuilding, 1, 0, vec![])]);
    }

    #[test]
    fn a_striped_mirror_lives_while_each_of_its_pairs_does() {
        let member = |failed: bool| Member { name: String::new(), active: !failed, failed };
        let beyond = |failed: [bool; 4]| is_beyond("raid10", &failed.map(member));
        assert!(!beyond([true, false, false, true]) && beyond([true, true, false, false]));
    }

    #[test]
    fn a_cut_report_is_none_and_levels_lose_their_layout() {
        for end in 0..REPORT.len() {
            assert!(parse(REPORT.get(..end).unwrap_or_default(), &mut Notes::default()).is_none());
        }
        assert!(parse("{\"report\":7}", &mut Notes::default()).is_none());
        assert_eq!((level("raid5_ls").as_str(), level("raid10").as_str()), ("raid5", "raid10"));
    }
}
