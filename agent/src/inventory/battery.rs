//! The batteries of the machine itself, and what is left of their capacity. Batteries of mice and headsets are no part of it,
//! nor is the charge of the moment.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Battery, BatterySection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::placeholder::real;
use super::root::Root;

const BATTERIES_MAX: usize = 16;
const SUPPLIES: &str = "sys/class/power_supply";

/// The section of the batteries.
pub struct Batteries;

impl Section for Batteries {
    fn kind(&self) -> SectionKind {
        SectionKind::Battery
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut batteries = Vec::new();
        for name in root.names_noted(SUPPLIES, &mut notes) {
            let event = root.value(&format!("{SUPPLIES}/{name}/uevent")).unwrap_or_default();
            let value = |key: &str| root.value(&format!("{SUPPLIES}/{name}/{key}")).or_else(|| of_event(&event, key));
            batteries.extend(battery(&name, value, &mut notes));
        }
        body(batteries, notes)
    }
}

/// The section of one recorded `uevent` of a power supply.
pub fn of_uevent(event: &str) -> SectionBody {
    let mut notes = Notes::default();
    let name = of_event(event, "name").unwrap_or_default();
    let batteries = battery(&name, |key| of_event(event, key), &mut notes).into_iter().collect();
    body(batteries, notes)
}

fn body(mut batteries: Vec<Battery>, mut notes: Notes) -> SectionBody {
    notes.bound("batteries", &mut batteries, BATTERIES_MAX);
    notes.into_body(Kind::Battery(BatterySection { batteries }))
}

/// `POWER_SUPPLY_ENERGY_FULL=…` for `energy_full`.
fn of_event(event: &str, key: &str) -> Option<String> {
    let key = key.to_uppercase();
    let line = event.lines().find_map(|line| line.strip_prefix("POWER_SUPPLY_")?.strip_prefix(&key)?.strip_prefix('='));
    line.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// One battery of the machine itself; `None` for other supplies and for empty bays.
fn battery(name: &str, value: impl Fn(&str) -> Option<String>, notes: &mut Notes) -> Option<Battery> {
    let is = |key: &str, word: &str| value(key).is_some_and(|value| value == word);
    if !is("type", "Battery") || is("scope", "Device") || is("present", "0") {
        return None;
    }
    let mut text = |key: &str| notes.text(key, real(&value(key).unwrap_or_default()).unwrap_or_default());
    let number = |key: &str| value(key).and_then(|value| value.parse::<u64>().ok());
    // Some count charge instead of energy; the voltage that they were designed for turns one into the other.
    let voltage_uv = number("voltage_min_design").or_else(|| number("voltage_max_design"));
    let capacity_mwh = |end: &str| {
        let energy_mwh = number(&format!("energy_{end}")).map(|uwh| uwh / 1_000);
        let charge_uah = number(&format!("charge_{end}"));
        energy_mwh.or_else(|| mwh_of_charge(charge_uah?, voltage_uv?)).unwrap_or(0)
    };
    Some(Battery {
        manufacturer: text("manufacturer"),
        model: text("model_name"),
        serial: text("serial_number"),
        technology: text("technology"),
        design_capacity_mwh: capacity_mwh("full_design"),
        full_capacity_mwh: capacity_mwh("full"),
        cycles: number("cycle_count").and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
        name: notes.text("battery", name),
    })
}

/// Millionths of ampere hours times millionths of volts are 10^-12 watt hours.
fn mwh_of_charge(charge_uah: u64, voltage_uv: u64) -> Option<u64> {
    u64::try_from(u128::from(charge_uah) * u128::from(voltage_uv) / 1_000_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const EVENT: &str = "POWER_SUPPLY_NAME=BAT0\nPOWER_SUPPLY_TYPE=Battery\nPOWER_SUPPLY_PRESENT=1\nPOWER_SUPPLY_TECHNOLOGY=Li-poly\n\
        POWER_SUPPLY_CYCLE_COUNT=213\nPOWER_SUPPLY_ENERGY_FULL_DESIGN=57000000\nPOWER_SUPPLY_ENERGY_FULL=41230000\n\
        POWER_SUPPLY_MODEL_NAME=Model 5\nPOWER_SUPPLY_MANUFACTURER=Maker\nPOWER_SUPPLY_SERIAL_NUMBER= 4711\n";

    fn batteries(body: SectionBody) -> Vec<Battery> {
        let Some(Kind::Battery(section)) = body.kind else { panic!("not a battery section") };
        section.batteries
    }

    #[test]
    fn a_battery_tells_its_serial_and_what_is_left_of_it() {
        let expected = Battery {
            name: "BAT0".into(),
            manufacturer: "Maker".into(),
            model: "Model 5".into(),
            serial: "4711".into(),
            technology: "Li-poly".into(),
            design_capacity_mwh: 57_000,
            full_capacity_mwh: 41_230,
            cycles: 213,
        };
        assert_eq!(batteries(of_uevent(EVENT)), std::slice::from_ref(&expected));
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join(SUPPLIES).join("BAT0");
        fs::create_dir_all(&at).unwrap();
        fs::write(at.join("uevent"), EVENT).unwrap();
        assert_eq!(batteries(Batteries.read(&Root::at(folder.path()))), [expected]);
    }

    #[test]
    fn charge_becomes_energy_by_the_voltage_of_the_design() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join(SUPPLIES).join("BAT1");
        fs::create_dir_all(&at).unwrap();
        let files = [
            ("type", "Battery"),
            ("charge_full_design", "5000000"),
            ("voltage_min_design", "11400000"),
            ("serial_number", "0000"),
        ];
        for (name, text) in files {
            fs::write(at.join(name), text).unwrap();
        }
        let found = batteries(Batteries.read(&Root::at(folder.path()))).remove(0);
        assert_eq!((found.design_capacity_mwh, found.full_capacity_mwh, found.serial.as_str()), (57_000, 0, ""));
    }

    #[test]
    fn mains_mice_and_empty_bays_are_no_batteries() {
        for other in [
            EVENT.replace("TYPE=Battery", "TYPE=Mains"),
            EVENT.replace("PRESENT=1", "PRESENT=0"),
            format!("{EVENT}POWER_SUPPLY_SCOPE=Device\n"),
            String::new(),
        ] {
            assert!(batteries(of_uevent(&other)).is_empty());
        }
        let huge = EVENT.replace("57000000", "99999999999999999999");
        assert_eq!(batteries(of_uevent(&huge))[0].design_capacity_mwh, 0);
    }
}
