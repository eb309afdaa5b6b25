//! The section over captured trees and recordings of real tools.

use super::*;
use std::fs;
use std::path::{Path, PathBuf};
use wacht_proto::v1::ArrayState;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn section(body: SectionBody) -> ArraySection {
    assert_eq!(body.notes, []);
    let Some(Kind::Array(section)) = body.kind else { panic!("not an array section") };
    section
}

#[test]
fn a_machine_with_arrays_of_every_kind_lists_them_all() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "proc/mdstat", "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n  100 blocks [2/2] [UU]\n");
    let pool = "  pool: tank\n state: ONLINE\nconfig:\n\n\tNAME  STATE\n\ttank  ONLINE\n\t  mirror-0  ONLINE\n\t    sdc  ONLINE\n\t    sdd  ONLINE\n";
    put(root, "commands/zpool/status_-P", pool);
    put(root, "commands/zpool/list_-Hp", "tank\t4096\t0\n");
    let columns = "vg_name_lv_name_segtype_lv_size_lv_attr_copy_percent_raid_sync_action_lv_health_status_devices";
    let volume = r#"{"report":[{"lv":[{"vg_name":"vg","lv_name":"r","segtype":"raid1","lv_size":"1g","devices":"/dev/sde(0),/dev/sdf(0)"}]}]}"#;
    put(root, &format!("commands/lvs/--reportformat_json_-a_-o_{columns}"), volume);
    let perc = r#"{"Controllers":[{"Command Status":{"Controller":0},"Response Data":{"Product Name":"PERC","VD LIST":[{"DG/VD":"0/0","TYPE":"RAID0","State":"Optl"}]}}]}"#;
    put(root, "commands/perccli64/_call_show_J", perc);
    put(root, "commands/ssacli/ctrl_all_show_config_detail", "Smart Array P410 in Slot 1   (sn: X)\n");
    let section = section(Arrays.read(&Root::at(root)));
    let told: Vec<_> = section.arrays.iter().map(|a| (a.name.as_str(), a.source.as_str(), a.redundancy_left)).collect();
    assert_eq!(told, [("c0/v0", "perccli", 0), ("md0", "md", 1), ("tank", "zfs", 1), ("vg/r", "lvm", 1)]);
    assert_eq!(section.arrays[2].size_bytes, 4096);
    let controllers: Vec<_> = section.controllers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(controllers, ["c0", "slot 1"]);
}

#[test]
fn a_controller_whose_tool_would_not_tell_is_left_open() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (address, driver) in [("0000:02:00.0", "megaraid_sas"), ("0000:03:00.0", "hpsa")] {
        let device = format!("sys/bus/pci/devices/{address}");
        put(root, &format!("{device}/class"), "0x010400\n");
        std::os::unix::fs::symlink(format!("../{driver}"), root.join(device).join("driver")).unwrap();
    }
    let told = || {
        let body = Arrays.read(&Root::at(root));
        let Some(Kind::Array(section)) = body.kind else { panic!("not an array section") };
        (section.controllers.iter().map(|one| one.name.clone()).collect::<Vec<_>>(), body.partial)
    };
    assert_eq!(told(), (vec!["0000:02:00.0".to_owned(), "0000:03:00.0".to_owned()], false));
    put(root, "commands/storcli64/_call_show_J", "Segmentation fault");
    assert_eq!(told(), (vec!["0000:03:00.0".to_owned()], true));
    put(root, "commands/ssacli/ctrl_all_show_config_detail", "Error: You need to have administrator rights");
    assert_eq!(told(), (vec![], true));
}

#[test]
fn what_is_not_a_tools_output_is_refused_with_a_sentence() {
    for parse in [of_mdstat, of_zpool, of_lvs, of_storcli, of_ssacli] {
        for other in ["", "\u{fffd}\0", "{}", "[1]", "Personality\n"] {
            assert!(parse(other).unwrap_err().starts_with("is not"), "{other:?}");
        }
    }
}

#[test]
fn recorded_pools_are_judged_by_their_state() {
    let root = std::env::var_os("WACHT_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    for (name, state, members, left) in [
        ("zpool-status-spares", ArrayState::Clean, 8, 1),
        ("zpool-status-v2", ArrayState::Degraded, 2, 0),
        ("zpool-status-v3", ArrayState::Failed, 2, 0),
    ] {
        let Ok(text) = fs::read_to_string(root.join(format!("jc/generic/{name}.out"))) else {
            println!("skipped: no recordings at {}", root.display());
            return;
        };
        let pool = section(of_zpool(&text).unwrap()).arrays.remove(0);
        assert_eq!((pool.state(), pool.members_expected, pool.redundancy_left), (state, members, left), "{name}");
    }
}
