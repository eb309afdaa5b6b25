//! The store: two SQLite files behind async methods. No judgement; no wire types.

mod api_shape;
pub use api_shape::*;
