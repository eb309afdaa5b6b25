//! What a host is for, read from its chassis, its operating system and whether it has a desktop. Where these do not
//! say it, nobody guesses: an unknown host is watched as a server.

use crate::model::{Class, Item, Role, Value};

const MOBILE: &[&str] =
    &["portable", "laptop", "notebook", "handheld", "subnotebook", "convertible", "detachable", "tablet", "allinone"];
const DESK: &[&str] =
    &["desktop", "lowprofiledesktop", "minitower", "tower", "spacesaving", "minipc", "stickpc", "pizzabox"];
const RACK: &[&str] =
    &["rackmountchassis", "rackmount", "mainserverchassis", "blade", "bladeenclosure", "multisystemchassis"];
/// Packages without which nobody sits in front of a Linux machine.
const DESKTOPS: &[&str] = &[
    "gnome-shell",
    "plasma-desktop",
    "plasma-workspace",
    "xfce4-session",
    "cinnamon",
    "mate-session-manager",
    "lxqt-session",
    "lxsession",
    "budgie-desktop",
    "gdm3",
    "gdm",
    "sddm",
    "lightdm",
    "sway",
];

/// The role that the items show; `None` = unknown, which means server. Gone items do not count.
pub fn role_of(items: &[Item]) -> Option<Role> {
    let items: Vec<&Item> = items.iter().filter(|item| item.gone_at.is_none()).collect();
    edition(&items).or_else(|| chassis(&items))
}

/// An operating system that says what it is for.
fn edition(items: &[&Item]) -> Option<Role> {
    let system = items.iter().find(|item| item.class == Class::OperatingSystem)?;
    let name = field(system, "name").unwrap_or(&system.name).to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    if words.contains(&"server") {
        return Some(Role::Server);
    }
    words.iter().any(|word| matches!(*word, "workstation" | "desktop" | "silverblue")).then_some(Role::Workstation)
}

fn chassis(items: &[&Item]) -> Option<Role> {
    let computer = items.iter().find(|item| item.class == Class::Computer)?;
    let desktop = has_desktop(items);
    if field(computer, "virtualization").is_some() {
        // A virtual machine has the chassis that its hypervisor made up.
        return (desktop == Some(false)).then_some(Role::Server);
    }
    let chassis: String =
        field(computer, "chassis_type")?.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    match chassis.as_str() {
        shape if MOBILE.contains(&shape) => Some(Role::Workstation),
        shape if RACK.contains(&shape) => Some(Role::Server),
        // Small offices run their server on a desktop's board.
        shape if DESK.contains(&shape) && desktop == Some(false) => Some(Role::Server),
        // The cheapest servers are towers, so a tower alone says nothing.
        shape if shape.ends_with("tower") && desktop.is_none() => None,
        shape if DESK.contains(&shape) => Some(Role::Workstation),
        _ => None,
    }
}

/// Has it a desktop? `None` where no packages are known.
fn has_desktop(items: &[&Item]) -> Option<bool> {
    let mut software = items.iter().filter(|item| item.class == Class::Software).peekable();
    software.peek()?;
    Some(software.any(|item| DESKTOPS.contains(&item.name.as_str())))
}

fn field<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.fields.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdb::reconcile::tests::{item, text};

    fn machine(chassis: &str, virtualization: &str, packages: &[&str]) -> Vec<Item> {
        let mut fields = vec![("chassis_type", text(chassis))];
        if !virtualization.is_empty() {
            fields.push(("virtualization", text(virtualization)));
        }
        let mut items = vec![item(Class::Computer, "computer", &fields)];
        items.extend(packages.iter().map(|package| item(Class::Software, package, &[])));
        items
    }

    #[test]
    fn a_notebook_is_a_workstation_and_a_rack_machine_a_server() {
        assert_eq!(role_of(&machine("Notebook", "", &["bash"])), Some(Role::Workstation));
        assert_eq!(role_of(&machine("All in One", "", &[])), Some(Role::Workstation));
        assert_eq!(role_of(&machine("Rack Mount Chassis", "", &["gnome-shell"])), Some(Role::Server));
    }

    #[test]
    fn a_desktop_case_without_a_desktop_is_a_server() {
        assert_eq!(role_of(&machine("Desktop", "", &["bash", "gdm3"])), Some(Role::Workstation));
        assert_eq!(role_of(&machine("Desktop", "", &["bash"])), Some(Role::Server));
        assert_eq!(role_of(&machine("Desktop", "", &[])), Some(Role::Workstation));
    }

    #[test]
    fn a_virtual_machine_without_a_desktop_is_a_server_and_one_with_it_is_unknown() {
        assert_eq!(role_of(&machine("Other", "kvm", &["bash"])), Some(Role::Server));
        assert_eq!(role_of(&machine("Notebook", "kvm", &["gdm3"])), None);
    }

    #[test]
    fn the_edition_of_the_operating_system_goes_first() {
        let system = |name: &str| item(Class::OperatingSystem, "os", &[("name", text(name))]);
        assert_eq!(role_of(&[system("Fedora Linux 43 (Workstation Edition)")]), Some(Role::Workstation));
        let mut tower = machine("Tower", "", &[]);
        assert_eq!(role_of(&tower), None);
        tower.push(system("Windows Server 2025"));
        assert_eq!(role_of(&tower), Some(Role::Server));
    }

    #[test]
    fn a_host_of_which_nothing_is_known_has_no_role() {
        assert_eq!(role_of(&[]), None);
    }
}
