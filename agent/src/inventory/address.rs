//! Addresses that may hold an account and a password: parts them from the rest for every section that shows an address. It
//! errs on the side of cutting too much. Which settings behind an address may be shown is its section's matter.

/// Words of backup programs that stand before an address, or before another scheme.
const SHORT_SCHEMES: [&str; 5] = ["sftp:", "rest:", "s3:", "swift:", "rclone:"];

/// The scheme of an address with its mark (`ssh://`, `rest:https://`, `sftp:` or nothing), and what stands behind its
/// account. Nothing but the scheme is left where account and settings cannot be told apart.
pub fn without_account(written: &str) -> (&str, &str) {
    let (scheme, rest) = written.split_at(scheme_bytes(written));
    // A password may hold a slash, a question mark or a number sign that nobody escaped, so the last mark counts.
    match rest.rsplit_once('@') {
        None => (scheme, rest),
        Some((before, _)) if has_setting(before) => (scheme, ""),
        Some((_, place)) => (scheme, place),
    }
}

/// `?token=`: the mark behind it may belong to the value of a setting.
fn has_setting(before: &str) -> bool {
    before.split_once(['?', '#', ';', ',', '&']).is_some_and(|(_, settings)| settings.contains('='))
}

/// What looks like a scheme but has other signs may be an account with its password.
fn scheme_bytes(written: &str) -> usize {
    let short = SHORT_SCHEMES.into_iter().find(|short| written.starts_with(short)).unwrap_or_default();
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    match written.split_once("://") {
        Some((name, _)) if name.strip_prefix(short).unwrap_or(name).bytes().all(is_sign) => name.len() + "://".len(),
        _ => short.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_cut_off_whatever_signs_its_password_holds() {
        for (written, parts) in [
            ("rest:https://backup:p#ss@nas:8000/", ("rest:https://", "nas:8000/")),
            ("smb://GROUP/user:se/c?ret@server/queue", ("smb://", "server/queue")),
            ("sftp://me@nas/srv", ("sftp://", "nas/srv")),
            ("sftp:me:a,b;c@nas:/srv", ("sftp:", "nas:/srv")),
            ("backup:p://w@nas", ("", "nas")),
            ("s3:https://s3.example/bucket", ("s3:https://", "s3.example/bucket")),
            ("usb://Maker/Model?serial=7", ("usb://", "Maker/Model?serial=7")),
            ("a:b@", ("", "")),
            ("", ("", "")),
        ] {
            assert_eq!(without_account(written), parts, "{written}");
        }
    }

    #[test]
    fn where_the_mark_may_stand_in_a_secret_setting_only_the_scheme_is_left() {
        for written in ["ipp://host/p?password=a@b&queue=c", "ipp://host/p?mail=a@b&password=c", "ipp://u:p?=x@host"] {
            assert_eq!(without_account(written), ("ipp://", ""), "{written}");
        }
    }
}
