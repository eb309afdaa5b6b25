//! Finds files by a path in which a part may hold one `*`, such as `etc/nginx/sites-enabled/*`. It reads no file.

use super::notes::Notes;
use super::root::Root;

/// Paths that one pattern may give.
const PATHS_MAX: usize = 2_000;

/// The paths that fit, sorted; empty where there are none.
pub fn expand(root: &Root, pattern: &str, notes: &mut Notes) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in pattern.trim_start_matches('/').split('/') {
        paths = paths.iter().flat_map(|folder| children(root, folder, part, notes)).take(PATHS_MAX).collect();
    }
    paths.retain(|path| root.exists(path));
    paths
}

fn children(root: &Root, folder: &str, part: &str, notes: &mut Notes) -> Vec<String> {
    let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let Some((start, end)) = part.split_once('*') else {
        return vec![below(part)];
    };
    let fits = |name: &&String| name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end);
    root.names_noted(folder, notes).iter().filter(fits).map(|name| below(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_one_name() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["live/b/cert.pem", "live/a/cert.pem", "live/README", "opt/tool-1a/x"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let (root, mut notes) = (Root::at(folder.path()), Notes::default());
        let mut found = |pattern: &str| expand(&root, pattern, &mut notes);
        assert_eq!(found("/live/*/cert.pem"), ["live/a/cert.pem", "live/b/cert.pem"]);
        assert_eq!(found("opt/tool-*"), ["opt/tool-1a"]);
        assert!(found("absent/*").is_empty() && found("live/c/cert.pem").is_empty());
    }
}
