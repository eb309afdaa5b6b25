//! How this machine starts: kind of firmware, secure boot and the trusted module. It reads the kernel's words alone.

use wacht_proto::v1::SystemSection;

use super::super::notes::Notes;
use super::super::root::Root;

/// The variable's name ends in the fixed id of the firmware's own variables.
const SECURE_BOOT: &str = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// Makers by the four letters under which the trade body keeps them, blanks and zeros cut off.
const TPM_MAKERS: &[(&str, &str)] = &[
    ("AMD", "AMD"),
    ("ATML", "Atmel"),
    ("BRCM", "Broadcom"),
    ("GOOG", "Google"),
    ("HPE", "HPE"),
    ("HPI", "HP"),
    ("IBM", "IBM"),
    ("IFX", "Infineon"),
    ("INTC", "Intel"),
    ("LEN", "Lenovo"),
    ("MSFT", "Microsoft"),
    ("NTC", "Nuvoton"),
    ("NTZ", "Nationz"),
    ("QCOM", "Qualcomm"),
    ("SMSC", "SMSC"),
    ("STM", "STMicroelectronics"),
];

/// Fills in kind of firmware, secure boot and trusted module.
pub fn read(root: &Root, system: &mut SystemSection, notes: &mut Notes) {
    let is_uefi = root.exists("sys/firmware/efi");
    let has_bios = root.exists("sys/firmware") && root.exists("sys/class/dmi/id");
    let kind = if is_uefi {
        "uefi"
    } else if has_bios {
        "bios"
    } else {
        ""
    };
    kind.clone_into(&mut system.firmware_kind);
    if is_uefi {
        let variable = root.bytes(&format!("sys/firmware/efi/efivars/{SECURE_BOOT}"), notes).unwrap_or_default();
        let mut older = || root.bytes(&format!("sys/firmware/efi/vars/{SECURE_BOOT}/data"), notes).unwrap_or_default();
        // Four bytes of attributes stand before the value.
        let value = variable.get(4).copied().or_else(|| older().first().copied());
        on_off(value).clone_into(&mut system.secure_boot);
    }
    let tpm = "sys/class/tpm/tpm0";
    if root.exists(tpm) {
        let value = |name: &str| root.value(&format!("{tpm}/{name}")).unwrap_or_default();
        let caps = [value("caps"), value("device/caps")].join("\n");
        let hardware = value("device/firmware_node/hid");
        let description = value("device/description");
        version(&value("tpm_version_major"), &caps, &description).clone_into(&mut system.tpm_version);
        maker(&caps, &hardware).clone_into(&mut system.tpm_manufacturer);
    }
}

fn on_off(value: Option<u8>) -> &'static str {
    match value {
        Some(0) => "off",
        Some(1) => "on",
        _ => "",
    }
}

fn version(major: &str, caps: &str, description: &str) -> &'static str {
    match major {
        "2" => "2.0",
        "1" => "1.2",
        _ if caps.contains("TCG version: 1.2") || description.contains("1.2") => "1.2",
        _ if description.contains("2.0") => "2.0",
        _ => "",
    }
}

/// From the number that modules of version 1.2 tell, else from the name that the firmware gives the hardware.
fn maker(caps: &str, hardware: &str) -> &'static str {
    let number = caps.lines().find_map(|line| line.strip_prefix("Manufacturer: 0x"));
    let letters = number.and_then(|hex| u32::from_str_radix(hex.trim(), 16).ok()).map(u32::to_be_bytes);
    let told = letters.and_then(|letters| named(&String::from_utf8_lossy(&letters)));
    // The common driver's own name says nothing about the hardware.
    let by_hardware =
        || (!hardware.starts_with("MSFT0101")).then(|| named(hardware.get(..3).unwrap_or_default())).flatten();
    told.or_else(by_hardware).unwrap_or_default()
}

fn named(letters: &str) -> Option<&'static str> {
    let letters = letters.trim_matches(|c: char| c == '\0' || c == ' ');
    TPM_MAKERS.iter().find(|(known, _)| *known == letters).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn put(root: &std::path::Path, path: &str, bytes: &[u8]) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read_at(root: &std::path::Path) -> SystemSection {
        let (mut system, mut notes) = (SystemSection::default(), Notes::default());
        read(&Root::at(root), &mut system, &mut notes);
        assert!(notes.into_list().is_empty());
        system
    }

    #[test]
    fn secure_boot_is_the_fifth_byte_and_absent_without_the_variable() {
        let folder = tempfile::tempdir().unwrap();
        let variable = format!("sys/firmware/efi/efivars/{SECURE_BOOT}");
        assert_eq!(read_at(folder.path()), SystemSection::default());
        fs::create_dir_all(folder.path().join("sys/firmware/efi")).unwrap();
        assert_eq!(
            (read_at(folder.path()).firmware_kind.as_str(), read_at(folder.path()).secure_boot.as_str()),
            ("uefi", "")
        );
        for (bytes, word) in
            [(&b"\x06\0\0\0\x01"[..], "on"), (b"\x06\0\0\0\0", "off"), (b"\x06\0\0", ""), (b"\0\0\0\0\x07", "")]
        {
            put(folder.path(), &variable, bytes);
            assert_eq!(read_at(folder.path()).secure_boot, word);
        }
    }

    #[test]
    fn the_module_tells_version_and_maker() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "sys/class/tpm/tpm0/tpm_version_major", b"2\n");
        put(folder.path(), "sys/class/tpm/tpm0/device/firmware_node/hid", b"MSFT0101\n");
        let system = read_at(folder.path());
        assert_eq!((system.tpm_version.as_str(), system.tpm_manufacturer.as_str()), ("2.0", ""));
        assert_eq!(maker("Manufacturer: 0x49465800\nTCG version: 1.2\n", ""), "Infineon");
        assert_eq!(maker("Manufacturer: 0xzz", "STM7308"), "STMicroelectronics");
        assert_eq!(version("", "Manufacturer: 0x0\nTCG version: 1.2", ""), "1.2");
        assert_eq!(version("", "", "TPM 2.0 Device"), "2.0");
    }
}
