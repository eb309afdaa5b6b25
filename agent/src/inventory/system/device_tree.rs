//! Names small machines that have no SMBIOS table of their own by the device tree that they were started with.

use wacht_proto::v1::SystemSection;

use super::maker::maker;
use crate::inventory::notes::Notes;
use crate::inventory::placeholder::real;
use crate::inventory::root::Root;

const BASE: &str = "sys/firmware/devicetree/base";

/// Fills in what the tree says; its model outdoes what a boot loader made up.
pub fn read(root: &Root, system: &mut SystemSection, notes: &mut Notes) {
    let value = |name: &str| root.value(&format!("{BASE}/{name}")).unwrap_or_default();
    let model = value("model");
    if model.is_empty() {
        return;
    }
    system.product = notes.text("model", &model);
    if system.serial.is_empty() {
        system.serial = notes.text("serial", real(&value("serial-number")).unwrap_or_default());
    }
    if system.manufacturer.is_empty() {
        // `maker,model`, most telling first, each ended by a zero.
        let compatible = value("compatible");
        let prefix = compatible.split(',').next().filter(|prefix| prefix.len() < compatible.len());
        system.manufacturer = notes.text("manufacturer", &maker(prefix.unwrap_or_default()));
    }
    if system.chassis_type.is_empty() {
        chassis(&value("chassis-type")).clone_into(&mut system.chassis_type);
    }
}

/// SMBIOS's word for a chassis of the device tree (Devicetree Specification, root node).
fn chassis(word: &str) -> &'static str {
    match word {
        "desktop" => "Desktop",
        "laptop" => "Laptop",
        "convertible" => "Convertible",
        "server" => "Main Server Chassis",
        "all-in-one" => "All In One",
        "tablet" => "Tablet",
        "handset" | "watch" => "Hand Held",
        "embedded" => "Embedded PC",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_board_goes_by_its_tree_and_one_without_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let (root, mut notes) = (Root::at(folder.path()), Notes::default());
        let mut system = SystemSection { product: "Board".into(), ..Default::default() };
        read(&root, &mut system, &mut notes);
        assert_eq!(system.product, "Board");
        let base = folder.path().join(BASE);
        fs::create_dir_all(&base).unwrap();
        fs::write(base.join("model"), "Raspberry Pi 4 Model B Rev 1.4\0").unwrap();
        fs::write(base.join("compatible"), "raspberrypi,4-model-b\0brcm,bcm2711\0").unwrap();
        fs::write(base.join("serial-number"), "0000000000000000\0").unwrap();
        fs::write(base.join("chassis-type"), "embedded\0").unwrap();
        read(&root, &mut system, &mut notes);
        let shown = [&system.product, &system.manufacturer, &system.serial, &system.chassis_type].map(String::as_str);
        assert_eq!(shown, ["Raspberry Pi 4 Model B Rev 1.4", "Raspberry Pi", "", "Embedded PC"]);
    }
}
