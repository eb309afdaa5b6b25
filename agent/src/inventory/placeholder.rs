//! Tells a real SMBIOS text from the filler that boards ship with. It judges single values; which field falls back to
//! which other one is the system section's matter.

/// Whole values, lower case, without blanks and full stops at the edges.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "0123456789ab", "123abc", "all", "all series", "asset tag", "assettagnum0", "base board asset tag",
    "base board serial number", "base board version", "baseboard", "bad index", "board", "board serial number",
    "chassis", "chassis asset tag", "chassis manufacture", "chassis manufacturer", "chassis serial number", "chassis sku",
    "chassis version", "custom", "defaultstring", "empty", "eval", "evaluation", "generic", "invalid", "mainboard",
    "manufacturer", "manufacturer00", "n/a", "na", "no asset", "no asset information", "no asset tag", "no dpk",
    "no enclosure", "nil", "none", "none provided", "not applicable", "not available", "not defined", "not present",
    "not provided", "not set", "not settable", "not specified", "not-specified", "notapplicable", "nothing", "null", "oem",
    "oem_product", "out of spec", "partnum0", "product", "product name", "product version", "rev x.0x", "serial",
    "serial number", "sernum0", "serial0", "serialnumber", "servername", "sku", "sku number", "sku1", "standard",
    "standard pc name", "sys", "system", "system name", "system skunumber", "system sku", "system sku number", "system uuid",
    "system version", "test", "type1family", "type1productconfigid", "type1sku0", "undefined", "unknow", "unknown",
    "unknown manufacturer", "unknown product", "unspecified", "version", "x.x", "xx", "super server", "tbd",
];

/// Beginnings that no real value has, lower case.
#[rustfmt::skip]
const FILLER_BEGINNINGS: &[&str] = &[
    "to be filled", "to be filed", "tobefilled", "default string", "o.e.m", "oem string", "oem_", "oem-", "system manufacturer",
    "system product", "system serial", "system sku", "system asset", "system enclosure", "system mfg", "system family",
    "base board", "chassis serial", "chassis mfg", "sku=", "tbd by", "oem chassis", "oem board",
    "not specified", "no asset", "asset-1234567890", "$(default", "xxxxxxx", "type1 ", "type2 ", "type3 ", "<out of",
    "<bad index", "please fill", "fill by oem", "filled by oem", "serial number xx", "serial number:", "unknown ",
];

/// UUIDs that whole product lines share, lower case without dashes.
const SHARED_UUIDS: &[&str] = &[
    "03000200040005000006000700080009",
    "00020003000400050006000700080009",
    "02000300040005000006000700080009",
    "6ab5b300453711da8c6d00000000000a",
    "0101010101010101010101010101010f",
    "01010101010101010101010101010101",
    "12345678123456781234567890abcdef",
    "12345678123412341234123456789012",
    "0123456789abcdef0123456789abcdef",
    "00112233445566778899aabbccddeeff",
    "78563412341278561234123456789abc",
    "4c4c4544000020108020202020202020",
];

/// The value, or nothing where it is filler: a known phrase, one character repeated, or counted-up digits.
pub fn real(value: &str) -> Option<&str> {
    let value = value.trim();
    (!is_placeholder(value)).then_some(value)
}

/// The UUID in lower case with dashes, or nothing where it is malformed, uniform or shared by a product line.
pub fn real_uuid(value: &str) -> Option<String> {
    let hex: String = value.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect();
    let malformed = hex.len() != 32 || value.len() > 40;
    if malformed || is_uniform(&hex) || SHARED_UUIDS.contains(&hex.as_str()) {
        return None;
    }
    Some(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

/// Whether a text is filler.
pub fn is_placeholder(value: &str) -> bool {
    let edges = |c: char| {
        c.is_whitespace() || matches!(c, '.' | '<' | '>' | '[' | ']' | '(' | ')' | '"' | '\'' | '#' | '_' | '-')
    };
    let lower = value.trim().to_lowercase();
    let core = lower.trim_matches(edges);
    core.is_empty()
        || FILLERS.contains(&core)
        || FILLER_BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning) || core.starts_with(beginning))
        || core.strip_prefix("sku").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        || is_repeated_filler(core)
        || is_counted_up(core)
}

/// Zeros, Xs and the like; a lone digit or letter such as version "1" is real.
fn is_repeated_filler(core: &str) -> bool {
    let always = core.chars().all(|c| matches!(c, '0' | 'x' | '?' | '*' | '-' | '.' | ' ' | ',' | '/'));
    always || (core.len() >= 4 && is_uniform(core))
}

fn is_uniform(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next();
    letters.all(|c| Some(c) == first)
}

/// `123456`, `0123456789`, `1234567890123`: at least five digits, each one more than the last; or `9876543210`, each one less.
fn is_counted_up(core: &str) -> bool {
    let digits = core.strip_suffix("ab").unwrap_or(core).as_bytes();
    let step = |pair: &[u8]| pair.iter().all(u8::is_ascii_digit).then(|| (pair[1] + 10 - pair[0]) % 10);
    let goes_by = |by: u8| digits.windows(2).all(|pair| step(pair) == Some(by));
    digits.len() >= 5 && ((matches!(digits[0], b'0' | b'1') && goes_by(1)) || (matches!(digits[0], b'9') && goes_by(9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_is_dropped_in_every_spelling() {
        for filler in [
            "To Be Filled By O.E.M.",
            "To be filled by O.E.M. ",
            "Default string",
            "System Serial Number",
            "None",
            "Not Specified",
            "0123456789",
            "1234567890.",
            "123456789",
            "9876543210",
            "System Mfg",
            "TBD by OEM",
            "SKU5",
            "SKU=NotProvided;ModelName=",
            "Chassis Mfg",
            "........",
            "x.x",
            "NULL",
            "OEM",
            "0000000000",
            "00000000-0000",
            "FFFFFFFF",
            "xxxxxxxx",
            "System Product Name",
            "",
            "   ",
            "-",
            ".",
            "INVALID",
            "<BAD INDEX>",
            "<OUT OF SPEC>",
            "Rev X.0x",
            "Chassis Manufacture",
            "System SKU#",
            "Super Server",
            "empty",
            "N/A",
            "Type1Sku0",
            "01234567890123456789AB",
            "$(DEFAULT_STRING)",
            "Unknown Product",
            "0",
        ] {
            assert_eq!(real(filler), None, "{filler:?}");
        }
    }

    #[test]
    fn real_values_are_kept() {
        for value in [
            "X10DRi",
            "1",
            "1.0",
            "A00",
            "PowerEdge R740",
            "5CD1234XYZ",
            "CZC1234567",
            "NUC8BEB",
            "20L7001VRT",
            "H61",
            "10000",
            "GTR",
            "ProLiant DL360 Gen9",
            "SER",
            "MS-7C91",
            "System x3650 M5",
            "Standard PC (Q35 + ICH9, 2009)",
        ] {
            assert_eq!(real(value), Some(value));
        }
    }

    #[test]
    fn uuids_are_normalised_and_shared_ones_dropped() {
        assert_eq!(real_uuid("B26849EF-4FB0-4E03-A9D1-1A165A40C8D7").unwrap(), "b26849ef-4fb0-4e03-a9d1-1a165a40c8d7");
        for shared in ["03000200-0400-0500-0006-000700080009", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "0", "", "ééé"]
        {
            assert_eq!(real_uuid(shared), None);
        }
    }
}
