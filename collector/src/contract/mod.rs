//! What a contract says of a moment: is the desk open, is a problem raised, when is it due, when does service end.
//! Pure: time is an argument, nothing is stored, and every answer for people is a key of the catalogues.

pub mod calendar;
pub mod entitlement;
pub mod notice;
pub mod term;
