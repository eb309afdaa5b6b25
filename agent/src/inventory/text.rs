//! Text of a machine on its way into a section: clean, bounded, and never a placeholder.

use wacht_proto::v1::{Note, NoteReason};

/// Bytes of a name.
pub const NAME_BYTES_MAX: usize = 256;
const NOTES_MAX: usize = 32;

/// What firmware says when its maker had nothing to say; compared without case and punctuation.
const PLACEHOLDERS: [&str; 40] = [
    "tobefilledbyoem", "tobefilledbyoemtobefilledbyoem", "defaultstring", "systemserialnumber", "systemproductname",
    "systemmanufacturer", "systemversion", "baseboardserialnumber", "baseboardproductname", "baseboardmanufacturer",
    "chassisserialnumber", "chassismanufacturer", "chassisversion", "assettag", "assettagnumber", "noassettag", "noassetinformation",
    "notspecified", "notavailable", "notapplicable", "none", "na", "null", "unknown", "undefined", "empty", "oem", "sku", "serial",
    "serialnumber", "productname", "typenumber", "xxxxxxx", "0123456789", "123456789", "1234567890", "superserver", "invalid", "nodimm",
    "modulepartnumber",
];

/// Clean text: no control characters, trimmed, cut at a character before the bound.
pub fn clean(text: &str, bytes_max: usize) -> String {
    let mut clean: String = text.chars().filter(|c| !c.is_control()).collect();
    clean = clean.trim().to_owned();
    if clean.len() > bytes_max {
        clean.truncate(clean.floor_char_boundary(bytes_max));
    }
    clean
}

/// A clean name.
pub fn name(text: &str) -> String {
    clean(text, NAME_BYTES_MAX)
}

/// A fact of the firmware, or an empty text for a placeholder.
pub fn fact(text: &str) -> String {
    let text = name(text);
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let one_digit = bare.chars().all(|c| Some(c) == bare.chars().next());
    let nothing = bare.is_empty() || bare.len() > 1 && one_digit && bare.chars().all(|c| matches!(c, '0' | '1' | 'f' | 'x'));
    let brackets = text.starts_with("<BAD") || text.starts_with("[Empty]");
    if nothing || brackets || bare == "0" || PLACEHOLDERS.contains(&bare.as_str()) { String::new() } else { text }
}

/// A UUID of the firmware, lower case, or an empty text for one that many machines share.
pub fn uuid(text: &str) -> String {
    const SHARED: [&str; 4] = [
        "03000200-0400-0500-0006-000700080009",
        "6ab5b300-538d-1014-9fb5-b0684d007b53",
        "01010101-0101-0101-0101-010101010101",
        "00020003-0004-0005-0006-000700080009",
    ];
    let text = fact(text).to_lowercase();
    let shaped = text.len() == 36 && text.chars().enumerate().all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() });
    if shaped && !SHARED.contains(&text.as_str()) { text } else { String::new() }
}

/// A note for what could not be read; a file that is not there is no note, the fact is absent.
pub fn note(subject: &str, error: &std::io::Error) -> Option<Note> {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => return None,
        std::io::ErrorKind::PermissionDenied => NoteReason::NeedsPrivilege,
        std::io::ErrorKind::TimedOut => NoteReason::TimedOut,
        std::io::ErrorKind::InvalidData => NoteReason::Malformed,
        _ => NoteReason::Failed,
    };
    Some(Note { subject: name(subject), reason: reason.into() })
}

/// Cuts a list at its bound and says so.
pub fn bound<T>(list: &mut Vec<T>, max: usize, subject: &str, notes: &mut Vec<Note>) {
    if list.len() > max {
        list.truncate(max);
        if notes.len() < NOTES_MAX {
            notes.push(Note { subject: name(subject), reason: NoteReason::TooLong.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_facts() {
        for text in ["To Be Filled By O.E.M.", "Default string", "00000000", "FFFFFFFF", " ", "None", "0123456789", "System Product Name", "N/A", "xxxxxxxx"] {
            assert_eq!(fact(text), "", "{text}");
        }
        for text in ["OptiPlex 7090", "1", "PowerEdge R740", "X", "CZC1234567"] {
            assert_eq!(fact(text), text);
        }
    }

    #[test]
    fn a_shared_uuid_is_none() {
        assert_eq!(uuid("03000200-0400-0500-0006-000700080009"), "");
        assert_eq!(uuid("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"), "");
        assert_eq!(uuid("4C4C4544-0042-3010-8050-B7C04F4A3132"), "4c4c4544-0042-3010-8050-b7c04f4a3132");
        assert_eq!(uuid("not a uuid"), "");
    }

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(clean("a\u{1b}[31mb\n", 256), "a[31mb");
        assert_eq!(clean(&"é".repeat(200), 255).len(), 254);
    }
}
