//! One processor of the SMBIOS table, for tables that were recorded without the kernel's own list. It judges nothing.

use smbioslib::UndefinedStruct;
use wacht_proto::v1::Cpu;

use super::string;
use crate::inventory::notes::Notes;

/// Bit of the status that says whether the socket is in use.
const POPULATED: u8 = 0x40;

/// The processor in a socket; `None` where the socket is empty.
pub fn cpu(socket: &UndefinedStruct, notes: &mut Notes) -> Option<Cpu> {
    if socket.get_field_byte(0x18)? & POPULATED == 0 {
        return None;
    }
    let mut text = |offset| notes.text("smbios processor", &string(socket, offset));
    Some(Cpu {
        socket: text(0x04),
        manufacturer: text(0x07),
        model: text(0x10),
        cores: count(socket, 0x23, 0x2A),
        threads: count(socket, 0x25, 0x2E),
        speed_mhz_max: u32::from(socket.get_field_word(0x14).unwrap_or(0)),
        ..Default::default()
    })
}

/// A byte, or the word that newer tables have for more than 254.
fn count(socket: &UndefinedStruct, offset: usize, wide_offset: usize) -> u32 {
    match socket.get_field_byte(offset) {
        Some(0xFF) => socket.get_field_word(wide_offset).map_or(0xFF, u32::from),
        narrow => u32::from(narrow.unwrap_or(0)),
    }
}
