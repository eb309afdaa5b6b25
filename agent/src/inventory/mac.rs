//! Hardware addresses as the kernel writes them, brought into one form. It judges no vendor and no duplicate.

/// Lower-case colon form of a 48-bit address; `None` for anything else and for an address of zeros.
pub fn mac(written: &str) -> Option<String> {
    let lower = written.trim().to_ascii_lowercase();
    let right = |(place, byte): (usize, u8)| if place % 3 == 2 { byte == b':' } else { byte.is_ascii_hexdigit() };
    let is_mac = lower.len() == 17 && lower.bytes().enumerate().all(right);
    (is_mac && lower != "00:00:00:00:00:00").then_some(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_addresses_that_name_a_card_are_taken() {
        assert_eq!(mac(" 52:54:00:AA:bb:01\n").as_deref(), Some("52:54:00:aa:bb:01"));
        for wrong in
            ["", "00:00:00:00:00:00", "52:54:00:aa:bb", "52-54-00-aa-bb-01", "52:54:00:aa:bb:0é", "::::::::::::::::1"]
        {
            assert_eq!(mac(wrong), None, "{wrong}");
        }
    }
}
