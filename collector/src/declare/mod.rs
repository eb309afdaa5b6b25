//! The rules of what people declare: which fields there are, who has authority over which, the life of an item, one
//! item replacing another, tables in and out, coverage, and what a site has drifted from its baseline. Pure: no store,
//! no clock.

mod authority;
mod coverage;
mod drift;
mod edit;
mod field;
mod import;
mod life;
mod paper;
mod replace;
mod stranger;
mod table;
#[cfg(test)]
mod tests;
mod version;

pub use authority::{Conflict, conflicts};
pub use coverage::{COMPONENTS, Coverage, Covered, Ground, Standing, coverage};
pub use drift::{Counted, Drift, DriftRow, LISTED, drift, is_lasting, may_drift};
pub use edit::{Edit, Hand, NAME_CHARACTERS_MAX, Refused, add};
pub use field::{Form, TYPED, mac_addresses};
pub use import::{Books, FieldChange, Preview, PreviewRow, RowKind, plan};
pub use life::may_become;
pub use paper::{Sheet, facts, sheets};
pub use replace::{merge, replace};
pub use stranger::Stranger;
pub use table::{SiteNames, export};
pub use version::{unchanged_since, version};
