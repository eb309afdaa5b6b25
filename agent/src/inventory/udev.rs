//! Looks a block device up in udev's database, which knows what sysfs cuts short or leaves out.
//! Machines without udev have no such file; every caller has another source.

use super::root::Root;

/// The properties that udev keeps for one device.
#[derive(Debug, Default)]
pub struct Properties(String);

impl Properties {
    /// For the block device with this `major:minor` number; empty where udev knows none.
    pub fn of_block(root: &Root, device_number: &str) -> Self {
        if !device_number.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
            return Self::default();
        }
        Self(
            root.text(&format!("run/udev/data/b{device_number}"), &mut super::notes::Notes::default())
                .unwrap_or_default(),
        )
    }

    /// For the PCI device at this address, such as `0000:02:00.0`; empty where udev knows none.
    pub fn of_pci(root: &Root, address: &str) -> Self {
        if !address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.') {
            return Self::default();
        }
        let file = format!("run/udev/data/+pci:{address}");
        Self(root.text(&file, &mut super::notes::Notes::default()).unwrap_or_default())
    }

    /// One property, such as `ID_SERIAL_SHORT`, with udev's escapes undone.
    pub fn get(&self, key: &str) -> Option<String> {
        let raw = self.0.lines().find_map(|line| line.strip_prefix("E:")?.strip_prefix(key)?.strip_prefix('='))?;
        let value = unescaped(raw.trim());
        (!value.is_empty()).then_some(value)
    }
}

/// Undoes `\x20` and the like, as udev and the kernel's link names write them.
pub fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        bytes.extend(&rest.as_bytes()[..at]);
        if let Some(byte) = rest.get(at + 2..at + 4).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &rest[at + 4..];
        } else {
            bytes.extend(b"\\x");
            rest = &rest[at + 2..];
        }
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_by_their_whole_name() {
        let properties = Properties("S:disk/by-id/x\nE:ID_MODEL_ENC=WDC\\x20WD40\\x20\\x20\nE:ID_SERIAL=a\n".into());
        assert_eq!(properties.get("ID_MODEL_ENC").as_deref(), Some("WDC WD40"));
        assert_eq!(properties.get("ID_SERIAL").as_deref(), Some("a"));
        assert_eq!(properties.get("ID_SER"), None);
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        assert_eq!(unescaped("a\\x2"), "a\\x2");
        assert_eq!(unescaped("\\x\\xzzé\\x41"), "\\x\\xzzéA");
    }
}
