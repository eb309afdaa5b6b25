//! The SMBIOS table: typed structures with their strings, walked by hand with every length checked, since the table
//! is the firmware's and may be wrong.

use super::Root;
use std::io;

const STRUCTURES_MAX: usize = 4_096;

/// A structure of the table.
#[derive(Clone, Debug)]
pub struct Structure<'a> {
    /// Its type: 0 BIOS, 1 system, 2 board, 3 chassis, 4 processor, 17 memory device.
    pub kind: u8,
    data: &'a [u8],
    strings: &'a [u8],
}

impl Structure<'_> {
    /// The string that the byte at `offset` numbers; empty when there is none.
    pub fn string(&self, offset: usize) -> String {
        match self.data.get(offset) {
            Some(0) | None => String::new(),
            Some(number) => {
                let text = self.strings.split(|byte| *byte == 0).nth(usize::from(*number) - 1).unwrap_or_default();
                String::from_utf8_lossy(text).into_owned()
            }
        }
    }

    /// The byte at `offset`.
    pub fn byte(&self, offset: usize) -> Option<u8> {
        self.data.get(offset).copied()
    }

    /// The little-endian number of two bytes at `offset`.
    pub fn word(&self, offset: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.data.get(offset..offset + 2)?.try_into().ok()?))
    }

    /// The little-endian number of four bytes at `offset`.
    pub fn double_word(&self, offset: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.data.get(offset..offset + 4)?.try_into().ok()?))
    }

    /// The UUID at `offset`, its first three parts little-endian as SMBIOS 2.6 says.
    pub fn uuid(&self, offset: usize) -> String {
        let Some(b) = self.data.get(offset..offset + 16) else { return String::new() };
        format!(
            "{:02x}{:02x}{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}",
            b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
        )
    }
}

/// The table of the machine.
pub fn table(root: &Root) -> io::Result<Vec<u8>> {
    root.bytes("sys/firmware/dmi/tables/DMI")
}

/// Its structures; a damaged table ends where it stops making sense.
pub fn structures(mut table: &[u8]) -> Vec<Structure<'_>> {
    let mut structures = Vec::new();
    while structures.len() < STRUCTURES_MAX {
        let Some([kind, length]) = table.get(..2).and_then(|head| <[u8; 2]>::try_from(head).ok()) else { break };
        let length = usize::from(length);
        if length < 4 || table.len() < length {
            break;
        }
        let (data, rest) = table.split_at(length);
        let Some(end) = rest.windows(2).position(|pair| pair == [0, 0]) else { break };
        structures.push(Structure { kind, data, strings: &rest[..end] });
        table = &rest[end + 2..];
        if kind == 127 {
            break;
        }
    }
    structures
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A structure with its strings, as firmware lays it out.
    pub fn structure(kind: u8, body: &[u8], strings: &[&str]) -> Vec<u8> {
        let mut bytes = vec![kind, body.len() as u8 + 4, 0, 0];
        bytes.extend_from_slice(body);
        for text in strings {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        }
        bytes.push(0);
        if strings.is_empty() {
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn strings_are_found_by_number_and_damage_ends_the_walk() {
        let mut table = structure(1, &[1, 2, 0, 9], &["Maker", "Model"]);
        table.extend(structure(127, &[], &[]));
        let found = structures(&table);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].string(4).as_str(), found[0].string(5).as_str()), ("Maker", "Model"));
        assert_eq!((found[0].string(6).as_str(), found[0].string(7).as_str(), found[0].string(99).as_str()), ("", "", ""));
        for cut in 0..table.len() {
            let _ = structures(&table[..cut]);
        }
        for at in 0..table.len() {
            let mut damaged = table.clone();
            damaged[at] ^= 0xff;
            for structure in structures(&damaged) {
                let _ = (structure.string(4), structure.uuid(8), structure.word(12), structure.double_word(200));
            }
        }
    }
}
