//! Writes package URLs, the names by which vulnerability data and bills of material know a package.

use std::fmt::Write;

/// Longest package URL, in bytes; a longer one is left out, because a cut one names something else.
const PURL_BYTES_MAX: usize = 512;

/// `pkg:deb/debian/bash@5.2?arch=amd64`; empty qualifiers and namespaces are left out. Empty where it would be too long.
pub fn purl(kind: &str, namespace: &str, name: &str, version: &str, qualifiers: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(32 + name.len() + version.len() + namespace.len());
    text.push_str("pkg:");
    text.push_str(kind);
    text.push('/');
    if !namespace.is_empty() {
        push_encoded(&mut text, namespace);
        text.push('/');
    }
    push_encoded(&mut text, name);
    if !version.is_empty() {
        text.push('@');
        push_encoded(&mut text, version);
    }
    let mut separator = '?';
    for (key, value) in qualifiers.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(separator);
        separator = '&';
        text.push_str(key);
        text.push('=');
        push_encoded(&mut text, value);
    }
    if text.len() > PURL_BYTES_MAX { String::new() } else { text }
}

fn push_encoded(text: &mut String, part: &str) {
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                text.push(byte as char);
            }
            // Writing to a string cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_and_encoded() {
        assert_eq!(
            purl("deb", "debian", "bash", "5.2.15-2+b7", &[("arch", "amd64")]),
            "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64"
        );
        assert_eq!(purl("deb", "debian", "g++", "4:12.2.0-3", &[("arch", "")]), "pkg:deb/debian/g%2B%2B@4:12.2.0-3");
        assert_eq!(purl("snap", "", "a b/é", "", &[]), "pkg:snap/a%20b%2F%C3%A9");
        assert_eq!(
            purl("rpm", "fedora", "x", "1-2", &[("arch", "i386"), ("epoch", "1")]),
            "pkg:rpm/fedora/x@1-2?arch=i386&epoch=1"
        );
    }

    #[test]
    fn an_endless_one_is_left_out() {
        assert_eq!(purl("deb", "debian", &"x".repeat(600), "1", &[]), "");
    }
}
