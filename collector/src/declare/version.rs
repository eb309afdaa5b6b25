//! A word for how an item is declared at present. Who changes it gives the word of what they saw, so that nobody writes
//! over what another said meanwhile.

use super::edit::Refused;
use crate::model::{CiClass, Declared};

/// Sixteen hex digits that change with what people say of an item; what its agent says is no part of it.
pub fn version(declared: &Declared) -> String {
    let own = matches!(declared.class, CiClass::Declared(_)).then_some((&declared.name, declared.site));
    let said = serde_json::to_vec(&(own, declared.state, declared.state_since, &declared.fields)).unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, &said);
    digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses a change that was made looking at something else; none = whoever asks looked at nothing.
pub fn unchanged_since(seen: Option<&str>, declared: &Declared) -> Result<(), Refused> {
    if seen.is_none_or(|seen| seen == version(declared)) {
        return Ok(());
    }
    Err(Refused::conflict("somebody changed it meanwhile: look at it again".to_owned()))
}
