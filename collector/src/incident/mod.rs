//! The life of incidents, from a finding to its end, and the guard against too many at once. Pure: a state goes in,
//! a state and what to tell come out. Knows neither monitors' workings nor where incidents are kept.

mod act;
pub mod lifecycle;
pub mod storm;
mod timeline;
mod update;
