//! Compares kernel releases for one question: is a newer kernel of the running one's flavour installed.

/// The newest of `installed` that is newer than `running` and of its flavour.
pub fn newer_installed<'a>(running: &str, installed: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (running_version, flavour) = split(running);
    let same_flavour = installed.filter(|release| split(release).1 == flavour);
    let newest = same_flavour.max_by_key(|release| parts(split(release).0))?;
    (parts(split(newest).0) > parts(running_version)).then_some(newest)
}

/// `6.1.0-18-cloud-amd64` is version `6.1.0-18` of flavour `cloud-amd64`; `5.14.0-362.el9.x86_64` is one of `x86_64`.
fn split(release: &str) -> (&str, &str) {
    let starts_with_digit = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let mut end = release.len();
    while let Some(at) = release[..end].rfind('-').filter(|at| !starts_with_digit(&release[at + 1..end])) {
        end = at;
    }
    if end < release.len() {
        return (&release[..end], &release[end + 1..]);
    }
    match release.rsplit_once('.') {
        Some((version, flavour)) if !starts_with_digit(flavour) => (version, flavour),
        _ => (release, ""),
    }
}

/// A run of letters goes before a number, as package managers order them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Letters(String),
    Number(u64),
}

fn parts(version: &str) -> Vec<Part> {
    let words = version.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.flat_map(parts_of_word).collect()
}

fn parts_of_word(word: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.bytes().next() {
        let digits = first.is_ascii_digit();
        let end = rest.bytes().position(|byte| byte.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(if digits {
            Part::Number(part.parse().unwrap_or(u64::MAX))
        } else {
            Part::Letters(part.to_owned())
        });
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newer<'a>(running: &str, installed: &[&'a str]) -> Option<&'a str> {
        newer_installed(running, installed.iter().copied())
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert_eq!(newer("6.1.0-9-amd64", &["6.1.0-9-amd64", "6.1.0-18-amd64"]), Some("6.1.0-18-amd64"));
        assert_eq!(newer("6.1.0-18-amd64", &["6.1.0-9-amd64", "6.1.0-18-amd64"]), None);
        assert_eq!(
            newer("5.14.0-362.8.1.el9_3.x86_64", &["5.14.0-362.13.1.el9_3.x86_64"]),
            Some("5.14.0-362.13.1.el9_3.x86_64")
        );
        assert_eq!(newer("6.6.7-arch1-1", &["6.6.8-arch1-1"]), Some("6.6.8-arch1-1"));
    }

    #[test]
    fn another_flavour_does_not_count() {
        assert_eq!(newer("6.1.0-9-amd64", &["6.1.0-18-cloud-amd64", "6.1.0-18-rt-amd64"]), None);
        assert_eq!(newer("6.18.44", &["6.1.0-18-amd64", "6.99.0-1-amd64"]), None);
        assert_eq!(newer("5.14.0-1.el9.x86_64", &["0-rescue-0a1b", "5.14.0-2.el9.x86_64+debug"]), None);
    }

    #[test]
    fn nonsense_is_ordered_without_panic() {
        for odd in ["", "-", "--", ".", "é-é", "99999999999999999999999-x", "-amd64"] {
            newer(odd, &["", "-", "é", "6.1-é"]);
        }
    }
}
