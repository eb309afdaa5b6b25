//! Decodes the first block of an EDID, by which a display names itself (VESA E-EDID, release A2). Extensions tell of
//! pictures and sound and are left alone.

use wacht_proto::v1::Display;

use crate::inventory::notes::Notes;
use crate::inventory::placeholder::real;

const BLOCK_BYTES: usize = 128;
const HEADER: [u8; 8] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0];
/// Where the four descriptors begin, and how long each is.
const DESCRIPTORS: (usize, usize) = (54, 18);
const SERIAL: u8 = 0xFF;
const NAME: u8 = 0xFC;
/// Free text; built-in panels have their part number here and no name.
const TEXT: u8 = 0xFE;

/// The display, without its connector; `None` where header or checksum are wrong.
pub fn display(bytes: &[u8], notes: &mut Notes) -> Option<Display> {
    let block: &[u8; BLOCK_BYTES] = bytes.first_chunk()?;
    let sum = block.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    if !block.starts_with(&HEADER) || sum != 0 {
        return None;
    }
    let mut text = |kind: u8| {
        // A long text goes on in a second descriptor of its kind; what is no text at all is left out.
        let told = descriptors(block).filter(|d| d.starts_with(&[0, 0, 0, kind])).filter_map(|d| line(&d[5..]));
        let told = told.collect::<Vec<_>>().join(" ");
        notes.text("edid", real(&told).unwrap_or_default())
    };
    let [name, panel, serial] = [NAME, TEXT, SERIAL].map(&mut text);
    let number = |at: usize, bytes: usize| {
        block[at..at + bytes].iter().rev().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte))
    };
    let (width_mm, height_mm) = size_mm(block);
    Some(Display {
        connector: String::new(),
        manufacturer: maker(u16::from_be_bytes([block[8], block[9]])),
        model: [name, panel].into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| code(number(10, 2))),
        serial: if serial.is_empty() { serial_of_number(number(12, 4)) } else { serial },
        // A year of zero would be 1990, before there was an EDID.
        year: if block[17] == 0 { 0 } else { 1990 + u32::from(block[17]) },
        width_mm,
        height_mm,
    })
}

/// The maker's own number of the model, where it gave one.
fn code(number: u32) -> String {
    if number == 0 { String::new() } else { format!("{number:04X}") }
}

fn descriptors(block: &[u8; BLOCK_BYTES]) -> impl Iterator<Item = &[u8]> {
    let (start, length) = DESCRIPTORS;
    block[start..start + 4 * length].chunks_exact(length)
}

/// Up to the line's end; blanks fill what is left of it. `None` where it is empty or holds more than plain characters.
fn line(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | 0)).unwrap_or(bytes.len());
    let text = str::from_utf8(&bytes[..end]).ok()?.trim();
    (!text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))).then_some(text)
}

/// Three letters of five bits each, 1 for A; empty where one is no letter.
fn maker(packed: u16) -> String {
    let letters = [10, 5, 0].map(|shift| (packed >> shift & 0x1F) as u8);
    let is_named = packed & 0x8000 == 0 && letters.iter().all(|letter| (1..=26).contains(letter));
    if is_named { letters.iter().map(|letter| char::from(b'A' + letter - 1)).collect() } else { String::new() }
}

/// Makers without a number of their own write one that is the same in every piece.
fn serial_of_number(number: u32) -> String {
    let told = number.to_string();
    let is_filler = matches!(number, 0..=1 | 0x0101_0101 | u32::MAX) || real(&told).is_none();
    if is_filler { String::new() } else { told }
}

/// The size in millimetres of the first timing, where it agrees with the whole centimetres before it: some makers write the
/// ratio of the sides there.
fn size_mm(block: &[u8; BLOCK_BYTES]) -> (u32, u32) {
    let rough = (u32::from(block[21]) * 10, u32::from(block[22]) * 10);
    let timing = descriptors(block).next().filter(|timing| timing[..2] != [0, 0]);
    let fine = timing.map(|timing| {
        let high = u32::from(timing[14]);
        (u32::from(timing[12]) | (high & 0xF0) << 4, u32::from(timing[13]) | (high & 0x0F) << 8)
    });
    let agrees =
        |fine: (u32, u32)| rough == (0, 0) || (fine.0.abs_diff(rough.0) <= 10 && fine.1.abs_diff(rough.1) <= 10);
    // One of them alone is a ratio, not a size.
    let rough = if rough.0 == 0 || rough.1 == 0 { (0, 0) } else { rough };
    fine.filter(|fine| *fine != (0, 0) && agrees(*fine)).unwrap_or(rough)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A display of 598 x 336 mm with name and serial.
    pub fn whole() -> Vec<u8> {
        let mut block = vec![0; BLOCK_BYTES];
        block[..8].copy_from_slice(&HEADER);
        block[8..10].copy_from_slice(&0x10ACu16.to_be_bytes());
        block[10..16].copy_from_slice(&[0x34, 0x12, 0x4C, 0x50, 0x33, 0x30]);
        block[16..18].copy_from_slice(&[20, 31]);
        block[21..23].copy_from_slice(&[60, 34]);
        block[54..56].copy_from_slice(&[0x02, 0x3A]);
        block[66..69].copy_from_slice(&[0x56, 0x50, 0x21]);
        block[72..77].copy_from_slice(&[0, 0, 0, SERIAL, 0]);
        block[77..90].copy_from_slice(b"7K7X18AB\n    ");
        block[90..95].copy_from_slice(&[0, 0, 0, NAME, 0]);
        block[95..108].copy_from_slice(b"Model 27Q\n   ");
        sealed(block)
    }

    fn sealed(mut block: Vec<u8>) -> Vec<u8> {
        block[127] = 0;
        block[127] = block.iter().fold(0u8, |sum, byte| sum.wrapping_sub(*byte));
        block
    }

    fn read(block: &[u8]) -> Option<Display> {
        display(block, &mut Notes::default())
    }

    #[test]
    fn a_display_names_its_maker_model_serial_year_and_size() {
        let found = read(&whole()).unwrap();
        assert_eq!(
            (found.manufacturer.as_str(), found.model.as_str(), found.serial.as_str()),
            ("DEL", "Model 27Q", "7K7X18AB")
        );
        assert_eq!((found.year, found.width_mm, found.height_mm), (2021, 598, 336));
    }

    #[test]
    fn a_panel_without_texts_goes_by_its_numbers() {
        let mut block = whole();
        block[72..108].fill(0);
        let found = read(&sealed(block.clone())).unwrap();
        assert_eq!((found.model.as_str(), found.serial.as_str()), ("1234", "808669260"));
        block[12..16].copy_from_slice(&[1, 1, 1, 1]);
        block[72..77].copy_from_slice(&[0, 0, 0, TEXT, 0]);
        block[77..90].copy_from_slice(b"PN156-A1\n    ");
        let found = read(&sealed(block)).unwrap();
        assert_eq!((found.model.as_str(), found.serial.as_str()), ("PN156-A1", ""));
    }

    #[test]
    fn a_ratio_is_no_size() {
        let mut block = whole();
        block[66..69].copy_from_slice(&[160, 90, 0]);
        assert_eq!(read(&sealed(block.clone())).map(|found| (found.width_mm, found.height_mm)), Some((600, 340)));
        block[21..23].copy_from_slice(&[0, 0]);
        block[54..56].copy_from_slice(&[0, 0]);
        assert_eq!(read(&sealed(block)).map(|found| (found.width_mm, found.height_mm)), Some((0, 0)));
    }

    #[test]
    fn a_cut_or_altered_block_is_refused() {
        let block = whole();
        assert!((0..BLOCK_BYTES).all(|end| read(&block[..end]).is_none()));
        let mut altered = block.clone();
        altered[60] ^= 1;
        assert!(read(&altered).is_none() && read(&[0; BLOCK_BYTES]).is_none() && read(&block).is_some());
    }
}
