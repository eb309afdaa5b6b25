//! What leaves as a file: a host as GLPI inventory or as a CycloneDX bill of materials, and lists as CSV. Pure: it is
//! given what the store holds and judges nothing; an absent fact is absent in the file too.

pub mod csv;
mod cyclonedx;
mod glpi;
mod inventory;
#[cfg(test)]
mod tests;

pub use cyclonedx::cyclonedx;
pub use glpi::glpi;
