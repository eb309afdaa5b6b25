//! Where a backup goes, as people may read it: addresses without account, password and options. It rather takes away too
//! much than too little.

use crate::inventory::address::without_account;

/// The address without anything that opens it.
pub fn without_secrets(written: &str) -> String {
    let written = written.trim().trim_matches(['"', '\'']);
    if is_path(written) {
        return written.to_owned();
    }
    let (scheme, rest) = without_account(written);
    // Options may follow an address; those of rclone stand within it.
    format!("{scheme}{}", rest.split(['?', '#', ';', ',']).next().unwrap_or_default())
}

/// A path on this machine may hold any sign; only what has no scheme and begins as one is a path.
fn is_path(written: &str) -> bool {
    (written.starts_with(['/', '~']) || written.starts_with("./")) && !written.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_password_or_option_stays_in_an_address() {
        for (written, shown) in [
            ("/mnt/backup/@home", "/mnt/backup/@home"),
            ("rest:https://backup:s3cr3t@nas.example:8000/web", "rest:https://nas.example:8000/web"),
            ("rest:https://backup:s3/cr@3t@nas.example/web", "rest:https://nas.example/web"),
            ("sftp:backup@nas.example:/srv/restic", "sftp:nas.example:/srv/restic"),
            ("ssh://u123@u123.example:23/./repo", "ssh://u123.example:23/./repo"),
            ("backup@nas:repo", "nas:repo"),
            ("s3:https://s3.example/bucket?secret=x", "s3:https://s3.example/bucket"),
            ("rclone:remote,pass=s3cr3t:path", "rclone:remote"),
            ("root@pam!token@pbs.example:8007:store", "pbs.example:8007:store"),
            ("b2:bucket:path", "b2:bucket:path"),
            ("\"/srv/restic\"", "/srv/restic"),
            ("/x://user:pw@host", "host"),
            ("rest:https://backup:p#ss@nas:8000/", "rest:https://nas:8000/"),
            ("ssh://u:p?s,w;d@nas/repo?x=1", "ssh://nas/repo"),
            ("s3:https://s3.example/bucket?secret=x@y", "s3:https://"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(written), shown);
        }
    }
}
