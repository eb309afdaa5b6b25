//! Cuts accounts, passwords and keys out of a printer's address. It errs on the side of cutting too much.

use crate::inventory::address::without_account;

/// Names of settings in an address that hold a secret or an account.
const SECRETS: [&str; 11] =
    ["user", "username", "account", "password", "passwd", "pass", "pwd", "pin", "token", "key", "secret"];

/// The address without what stands before `@` and without secret settings.
pub fn without_secrets(uri: &str) -> String {
    let (scheme, rest) = without_account(uri);
    let (place, settings) = rest.split_once('?').unwrap_or((rest, ""));
    let kept: Vec<&str> = settings.split('&').filter(|setting| !setting.is_empty() && !is_secret(setting)).collect();
    let settings = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    format!("{scheme}{place}{settings}")
}

fn is_secret(setting: &str) -> bool {
    let name = setting.split('=').next().unwrap_or_default().to_lowercase();
    SECRETS
        .iter()
        .any(|secret| name == *secret || name.ends_with(&format!("_{secret}")) || name.ends_with(&format!("-{secret}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_passwords_are_cut_out_wherever_they_stand() {
        for (uri, left) in [
            ("smb://user:secret@server/queue", "smb://server/queue"),
            ("smb://GROUP/user:se/c?ret@server/queue", "smb://server/queue"),
            ("ipps://me%40example.net:p@10.1.1.8:631/ipp", "ipps://10.1.1.8:631/ipp"),
            ("http://10.1.1.8/p?user=a&queue=b&API_key=c", "http://10.1.1.8/p?queue=b"),
            ("usb://Maker/Model%205?serial=7&interface=1", "usb://Maker/Model%205?serial=7&interface=1"),
            ("socket://10.1.1.9:9100", "socket://10.1.1.9:9100"),
            ("file:/dev/null", "file:/dev/null"),
            ("ipp://10.1.1.8/p?mail=a@b&password=c", "ipp://"),
            ("a:b@", ""),
            ("", ""),
        ] {
            assert_eq!(without_secrets(uri), left, "{uri}");
        }
    }
}
