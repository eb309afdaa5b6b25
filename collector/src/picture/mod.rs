//! Pictures of measured values: SVG for pages, plain text for tickets and mails, and a strip of presence. Pure text in,
//! text out; carries classes and no styles, so that a strict content policy holds. Judges nothing.

mod axis;
mod cone;
mod curve;
mod frame;
mod incident;
mod markup;
mod plain;
mod strip;
mod svg;

use crate::model::Language;
use jiff::tz::TimeZone;

pub use incident::{of_incident, unit_of};
pub use plain::plain;
pub use strip::strip;
pub use svg::svg;

/// Most lines, levels and marks that a picture draws; what is over is left out.
pub const PARTS_MAX: usize = 24;
/// Most points of a line after thinning.
pub const POINTS_MAX: usize = 600;

/// What a picture shows.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it is about, already in the reader's language.
    pub title: String,
    /// Measured series.
    pub lines: Vec<Line>,
    /// Start of the time axis, Unix seconds.
    pub from: i64,
    /// End of the time axis, Unix seconds.
    pub to: i64,
    /// What the values are.
    pub unit: Unit,
    /// Levels to draw across: name and value.
    pub levels: Vec<(String, f64)>,
    /// Moments to point at: Unix seconds and name.
    pub marks: Vec<(i64, String)>,
    /// A prediction.
    pub cone: Option<Cone>,
    /// Zone of the time axis.
    pub zone: TimeZone,
    /// Language of figures and months.
    pub language: Language,
}

/// One measured series.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name, already in the reader's language.
    pub name: String,
    /// Unix seconds and value, in any order; values that are no figures are left out.
    pub points: Vec<(i64, f64)>,
    /// Which colour.
    pub tone: Tone,
}

/// A colour by its place in the palette of the style sheet; the class of the line is its letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// First.
    #[default]
    A,
    /// Second.
    B,
    /// Third.
    C,
    /// Fourth.
    D,
}

impl Tone {
    /// The tone of the n-th line, beginning again after the last.
    pub fn nth(n: usize) -> Tone {
        [Tone::A, Tone::B, Tone::C, Tone::D][n % 4]
    }

    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Tone::A => "a",
            Tone::B => "b",
            Tone::C => "c",
            Tone::D => "d",
        }
    }
}

/// What values are, and so how they read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// 0..1, in per cent.
    Ratio,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Plain numbers.
    #[default]
    Count,
    /// Bytes a second.
    BytesPerSecond,
}

/// A prediction: from the last value to a level, between two moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cone {
    /// Where it starts: Unix seconds and value.
    pub from: (i64, f64),
    /// The level is not reached before.
    pub earliest: i64,
    /// Most likely.
    pub likely: i64,
    /// Not after; `None` when it cannot be said.
    pub latest: Option<i64>,
    /// The level that is reached.
    pub level: f64,
}
