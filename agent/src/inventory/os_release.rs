//! Reads the release file and the machine type, which several sections need. It judges no release.

use super::notes::Notes;
use super::root::Root;

/// What `os-release` says.
#[derive(Debug, Default, PartialEq)]
pub struct Release {
    /// `Debian GNU/Linux`
    pub name: String,
    /// `12`; empty on rolling releases
    pub version: String,
    /// `debian`, lower case; `linux` where none is given
    pub id: String,
    /// `bookworm`
    pub codename: String,
    /// `Server Edition`, `Workstation Edition`
    pub edition: String,
    /// `2027-11-30`; empty where the system does not say it
    pub support_end: String,
}

/// The machine's release file.
pub fn release(root: &Root, notes: &mut Notes) -> Release {
    let text = root.text("etc/os-release", notes).or_else(|| root.text("usr/lib/os-release", notes));
    parse_release(&text.unwrap_or_default())
}

/// A release file's text.
pub fn parse_release(text: &str) -> Release {
    let value = |key: &str| {
        let raw = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
        unquoted(raw.unwrap_or_default())
    };
    let named = value("VERSION_CODENAME");
    let in_brackets = value("VERSION").split_once('(').map(|(_, rest)| rest.trim_end_matches(')').to_owned());
    let id = value("ID").to_lowercase();
    let version = value("VERSION_ID");
    Release {
        name: value("NAME"),
        version: if version.is_empty() { value("BUILD_ID") } else { version },
        id: if id.is_empty() { "linux".to_owned() } else { id },
        codename: if named.is_empty() { in_brackets.unwrap_or_default() } else { named },
        edition: value("VARIANT"),
        support_end: Some(value("SUPPORT_END")).filter(|day| is_day(day)).unwrap_or_default(),
    }
}

/// `YYYY-MM-DD`
fn is_day(text: &str) -> bool {
    let digit = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(digit)
}

/// A shell assignment's value: quotes off, backslash escapes undone.
fn unquoted(raw: &str) -> String {
    let raw = raw.trim();
    let inner = raw.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inner = inner.or_else(|| raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))).unwrap_or(raw);
    let mut escaped = false;
    let plain = inner.chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    plain.collect()
}

/// The kernel's word for the machine type, such as `x86_64`.
pub fn architecture(root: &Root) -> String {
    root.value("proc/sys/kernel/arch").unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_file_is_read_with_and_without_quotes() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        let expected = Release {
            name: "Debian GNU/Linux".into(),
            version: "12".into(),
            id: "debian".into(),
            codename: "bookworm".into(),
            ..Default::default()
        };
        assert_eq!(parse_release(text), expected);
        let old = parse_release("NAME='CentOS Linux'\nVERSION=\"7 (Core)\"\nID=\"centos\"\nVERSION_ID=\"7\"\n");
        assert_eq!((old.name.as_str(), old.codename.as_str()), ("CentOS Linux", "Core"));
    }

    #[test]
    fn an_edition_and_the_end_of_support_are_told_where_they_stand() {
        let fedora = parse_release("VARIANT=\"Server Edition\"\nSUPPORT_END=2026-12-02\n");
        assert_eq!((fedora.edition.as_str(), fedora.support_end.as_str()), ("Server Edition", "2026-12-02"));
        for wrong in ["soon", "2026-1-1", "2026/12/02", "20261-12-2", "é026-12-2"] {
            assert_eq!(parse_release(&format!("SUPPORT_END={wrong}\n")).support_end, "", "{wrong}");
        }
    }

    #[test]
    fn escapes_are_undone_and_an_empty_file_is_plain_linux() {
        assert_eq!(unquoted(r#""a\"b\\c""#), r#"a"b\c"#);
        assert_eq!(unquoted("\""), "\"");
        assert_eq!(parse_release("").id, "linux");
    }
}
