//! Finds the SMBIOS table inside a file: alone, behind its entry point or behind the header of Windows. It decodes nothing.

/// Length of the header that Windows puts before the table: four bytes of version, four of length.
const WINDOWS_HEADER_BYTES: usize = 8;

/// The entry point, empty where the file has none, and the structures.
pub fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, offset, table_bytes) = if bytes.starts_with(b"_SM3_") {
        (24, number(bytes, 0x10, 8), number(bytes, 0x0C, 4))
    } else if bytes.starts_with(b"_SM_") {
        (31, number(bytes, 0x18, 4), number(bytes, 0x16, 2))
    } else {
        let has_header = number(bytes, 4, 4) == Some(bytes.len().wrapping_sub(WINDOWS_HEADER_BYTES));
        let start = if has_header { WINDOWS_HEADER_BYTES } else { 0 };
        return (&[], bytes.get(start..).unwrap_or_default());
    };
    // A dump of memory names the address that the table had; in a file it then follows the entry point.
    let start = offset.filter(|offset| (length..bytes.len()).contains(offset)).unwrap_or(0x20);
    let table = bytes.get(start..).unwrap_or_default();
    let table = table_bytes.filter(|length| *length > 0).and_then(|length| table.get(..length)).unwrap_or(table);
    (bytes.get(..length).unwrap_or(bytes), table)
}

/// A number of `width` bytes, lowest first.
fn number(bytes: &[u8], offset: usize, width: usize) -> Option<usize> {
    let raw = bytes.get(offset..offset + width)?;
    raw.iter().rev().try_fold(0usize, |sum, byte| Some(sum.checked_mul(256)? + usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"\x01\x04\0\0\0\0";

    #[test]
    fn a_table_is_found_alone_and_behind_each_kind_of_header() {
        assert_eq!(split(TABLE), (&[][..], TABLE));
        let mut file = b"_SM3_..\x03\x03..".to_vec();
        file.resize(0x20, 0);
        file[0x10] = 0x20;
        file.extend(TABLE);
        let (entry_point, table) = split(&file);
        assert_eq!((entry_point.len(), table), (24, TABLE));
        file[0x10..0x18].fill(0xFF);
        assert_eq!(split(&file).1, TABLE);
        let windows = [&[0, 3, 3, 0, TABLE.len() as u8, 0, 0, 0], TABLE].concat();
        assert_eq!(split(&windows).1, TABLE);
    }

    #[test]
    fn a_header_cut_anywhere_gives_no_more_than_there_is() {
        let file = [&b"_SM_...\x02\x08"[..], &[0xFF; 40]].concat();
        for end in 0..file.len() {
            let (entry_point, table) = split(&file[..end]);
            assert!(entry_point.len() <= end && table.len() <= end);
        }
    }
}
