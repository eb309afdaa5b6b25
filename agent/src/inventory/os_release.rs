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
}

/// The machine's release file.
pub fn release(root: &Root, notes: &mut Notes) -> Release {
    let text = root.text("etc/os-release", notes).or_else(|| root.text("usr/lib/os-release", notes));
    parse_release(&text.unwrap_or_default())
}

fn parse_release(text: &str) -> Release {
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
    }
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
        };
        assert_eq!(parse_release(text), expected);
        let old = parse_release("NAME='CentOS Linux'\nVERSION=\"7 (Core)\"\nID=\"centos\"\nVERSION_ID=\"7\"\n");
        assert_eq!((old.name.as_str(), old.codename.as_str()), ("CentOS Linux", "Core"));
    }

    #[test]
    fn escapes_are_undone_and_an_empty_file_is_plain_linux() {
        assert_eq!(unquoted(r#""a\"b\\c""#), r#"a"b\c"#);
        assert_eq!(unquoted("\""), "\"");
        assert_eq!(parse_release("").id, "linux");
    }
}
