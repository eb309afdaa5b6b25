//! Where an administrator puts certificates, and which server uses each. The public authorities of the distribution are
//! not listed, and no path into a folder of private keys is followed.

use std::collections::BTreeMap;

use wacht_proto::v1::{Certificate, NoteReason};
use zeroize::Zeroizing;

use super::setting::named;
use super::x509::{certificate, encoded};
use crate::inventory::far_path::FarPaths;
use crate::inventory::notes::Notes;
use crate::inventory::pattern::expand;
use crate::inventory::root::Root;

/// Files that are looked into.
const FILES_MAX: usize = 2_000;
/// A file of more certificates is a collection of public authorities.
const OWN_MAX: usize = 10;

/// Folders of certificates that somebody put there, with the server that reads them by itself.
const FOLDERS: &[(&str, &str)] = &[
    ("etc/ssl/certs/*", ""),
    ("etc/pki/tls/certs/*", ""),
    ("etc/pki/ca-trust/source/anchors/*", ""),
    ("etc/pki/trust/anchors/*", ""),
    ("etc/ca-certificates/trust-source/anchors/*", ""),
    ("usr/local/share/ca-certificates/*", ""),
    ("usr/local/share/ca-certificates/*/*", ""),
    ("etc/letsencrypt/live/*/cert.pem", ""),
    ("etc/cockpit/ws-certs.d/*", "cockpit"),
    ("etc/kubernetes/pki/*.crt", "kubernetes"),
    ("etc/pve/local/pve*-ssl.pem", "pveproxy"),
];
/// Folders of which a whole distribution's authorities are a part; only what stands there as a file of its own counts.
const SHARED: [&str; 2] = ["etc/ssl/certs", "etc/pki/tls/certs"];
/// Folders of private keys.
const PRIVATE: [&str; 3] = ["etc/ssl/private", "etc/pki/tls/private", "etc/pki/private"];

/// The certificates in files of this machine.
pub fn in_files(root: &Root, notes: &mut Notes) -> Vec<Certificate> {
    let mut rows = Vec::new();
    for (path, users) in files(root, notes) {
        // Of a file that a server is set up with only its own certificate counts, which stands first.
        let most = if users.is_empty() { OWN_MAX + 1 } else { 1 };
        for mut row in in_file(root, &path, most, notes) {
            row.store = notes.text("store", &format!("/{path}"));
            row.used_by = notes.text("used by", &users.join(", "));
            rows.push(row);
        }
    }
    without_copies(rows)
}

/// Every file to look into with its users.
fn files(root: &Root, notes: &mut Notes) -> BTreeMap<String, Vec<&'static str>> {
    let mut files: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for (pattern, user) in FOLDERS {
        // On some distributions the one folder is a link to the other, or to that of all authorities.
        let folder = pattern.rsplit_once('/').map_or("", |(folder, _)| folder);
        if root.link(folder).is_none() {
            for path in expand(root, pattern, notes) {
                files.entry(path).or_default().extend(Some(*user).filter(|user| !user.is_empty()));
            }
        }
    }
    files.retain(|path, _| is_own(root, path));
    let far = FarPaths::of(root);
    for (path, users) in named(root, notes) {
        if far.hold(root, &path) {
            notes.add(&format!("/{} (network)", path.trim_start_matches('/')), NoteReason::Failed);
            continue;
        }
        let inside = root.names(&path);
        let paths =
            if inside.is_empty() { vec![path] } else { inside.iter().map(|name| format!("{path}/{name}")).collect() };
        for path in paths {
            files.entry(path).or_default().extend(&users);
        }
    }
    files.retain(|path, _| is_certificate_file(path));
    if files.len() > FILES_MAX {
        notes.add("certificate files", NoteReason::TooLong);
    }
    files.into_iter().take(FILES_MAX).collect()
}

/// In a shared folder the distribution's own are links, or copies of links under the name of a hash or of an authority.
fn is_own(root: &Root, path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/').filter(|(folder, _)| SHARED.contains(folder)) else {
        return true;
    };
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_hash = stem.len() == 8 && stem.bytes().all(|b| b.is_ascii_hexdigit()) && ending.parse::<u8>().is_ok();
    let of_distribution = || root.exists(&format!("usr/share/ca-certificates/mozilla/{stem}.crt"));
    root.link(&format!("{folder}/{name}")).is_none() && !is_hash && !of_distribution()
}

fn is_certificate_file(path: &str) -> bool {
    const OTHER_ENDINGS: [&str; 12] =
        [".key", ".csr", ".crl", ".p12", ".pfx", ".p7b", ".jks", ".ocsp", ".sctl", ".issuer", ".sh", ".cnf"];
    let private = PRIVATE.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
    !private && !OTHER_ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// The certificates of one file. A key may stand beside them, so what was read is wiped.
fn in_file(root: &Root, path: &str, most: usize, notes: &mut Notes) -> Vec<Certificate> {
    let bytes = Zeroizing::new(root.bytes(path, notes).unwrap_or_default());
    let encoded = encoded(&bytes, most);
    if encoded.len() > OWN_MAX {
        return Vec::new();
    }
    let rows: Vec<Certificate> = encoded.iter().filter_map(|bytes| certificate(bytes, notes)).collect();
    if rows.is_empty() && !encoded.is_empty() {
        notes.add(path, NoteReason::Malformed);
    }
    rows
}

/// One certificate may stand in several files of one folder, alone and with its chain; the one that is used counts.
fn without_copies(mut rows: Vec<Certificate>) -> Vec<Certificate> {
    let folder = |row: &Certificate| row.store.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    rows.sort_by_cached_key(|row| (folder(row), row.fingerprint.clone(), row.used_by.is_empty(), row.store.clone()));
    rows.dedup_by(|later, first| {
        let copy = later.fingerprint == first.fingerprint && folder(later) == folder(first);
        copy && (later.used_by.is_empty() || later.store == first.store)
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn in_a_shared_folder_only_files_of_their_own_count() {
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("etc/ssl/certs");
        std::fs::create_dir_all(&shared).unwrap();
        std::fs::write(shared.join("own.pem"), "").unwrap();
        std::os::unix::fs::symlink("/usr/share/ca-certificates/firm.crt", shared.join("firm.pem")).unwrap();
        let (root, mut notes) = (Root::at(folder.path()), Notes::default());
        assert_eq!(files(&root, &mut notes).into_keys().collect::<Vec<_>>(), ["etc/ssl/certs/own.pem"]);
        // Where the folder itself leads to the distribution's, nothing in it is anybody's own.
        std::fs::rename(&shared, folder.path().join("etc/ssl/all")).unwrap();
        std::os::unix::fs::symlink("all", &shared).unwrap();
        assert!(files(&root, &mut notes).is_empty());
    }

    #[test]
    fn keys_and_requests_are_not_opened() {
        for path in ["etc/ssl/private/a.pem", "etc/pki/tls/private/a.crt", "etc/a/site.key", "etc/a/site.csr"] {
            assert!(!is_certificate_file(path), "{path}");
        }
        assert!(is_certificate_file("etc/ssl/privateer/a.pem") && is_certificate_file("etc/nginx/cert"));
    }
}
