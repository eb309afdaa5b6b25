//! Passwords: argon2id, and the same work for a name that does not exist. Callers run `check` off the async threads.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::OnceLock;

/// Fewest characters of a password.
pub const LENGTH_MIN: usize = 12;

/// Most bytes of a password: more is work for an attacker to give us.
const BYTES_MAX: usize = 1_024;

/// Why a password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too short.
    #[error("a password needs at least {LENGTH_MIN} characters")]
    Short,
    /// Too long.
    #[error("a password has at most {BYTES_MAX} bytes")]
    Long,
    /// The hash could not be made.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// The argon2id hash of a new password, as a PHC string.
pub fn hash_password(text: &str) -> Result<String, Error> {
    if text.chars().count() < LENGTH_MIN {
        return Err(Error::Short);
    }
    if text.len() > BYTES_MAX {
        return Err(Error::Long);
    }
    let hash = Argon2::default().hash_password(text.as_bytes()).map_err(|error| Error::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

/// Is it the password? `None` = no such user: the same work is done and the answer is no. Takes tens of milliseconds.
pub fn check(text: &str, stored: Option<&str>) -> bool {
    let known = stored.is_some();
    let text = if text.len() > BYTES_MAX { "" } else { text };
    let hash = stored.unwrap_or_else(|| nobody());
    let matches =
        PasswordHash::new(hash).is_ok_and(|parsed| Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok());
    matches && known
}

/// A hash that no password is checked against in earnest.
fn nobody() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password("nobody has this password").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let hash = hash_password("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m="));
        assert!(check("correct horse battery", Some(&hash)));
        assert!(!check("correct horse batterz", Some(&hash)));
    }

    #[test]
    fn an_unknown_user_never_passes() {
        assert!(!check("nobody has this password", None));
        assert!(!check("anything", Some("not a hash")));
    }

    #[test]
    fn a_short_password_is_refused() {
        assert!(matches!(hash_password("elf letters"), Err(Error::Short)));
        assert!(matches!(hash_password(&"x".repeat(2_000)), Err(Error::Long)));
    }
}
