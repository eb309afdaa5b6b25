//! The frame of a picture: margins, and where a moment and a value stand in pixels. Draws nothing.

use super::axis::Scale;

/// Room for readings at the left, in pixels.
const LEFT_PX: f64 = 54.0;
const RIGHT_PX: f64 = 10.0;
const TOP_PX: f64 = 12.0;
/// Room for the names of several lines above the plot.
const NAMES_PX: f64 = 16.0;
/// Room for moments below the plot.
const BOTTOM_PX: f64 = 22.0;
/// Smallest and largest side of a picture.
const SIDE_PX: (u32, u32) = (80, 8000);

/// Where things stand.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub width: u32,
    pub height: u32,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub from: i64,
    pub to: i64,
    pub scale: Scale,
}

impl Frame {
    /// A frame around a time span and a scale; `named` leaves room for the names of lines.
    pub fn new(size: (u32, u32), span: (i64, i64), scale: Scale, named: bool) -> Frame {
        let width = size.0.clamp(SIDE_PX.0, SIDE_PX.1);
        let height = size.1.clamp(SIDE_PX.0, SIDE_PX.1);
        Frame {
            width,
            height,
            left: LEFT_PX.min(f64::from(width) / 3.0),
            right: f64::from(width) - RIGHT_PX,
            top: if named { TOP_PX + NAMES_PX } else { TOP_PX },
            bottom: f64::from(height) - BOTTOM_PX,
            from: span.0,
            to: span.1,
            scale,
        }
    }

    /// Pixels from the left, held within the plot.
    pub fn x(&self, at: i64) -> f64 {
        // As floating point, since the span of two hostile moments need not fit an integer.
        let share = (at as f64 - self.from as f64) / (self.to as f64 - self.from as f64).max(1.0);
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// Pixels from the top, held within the plot.
    pub fn y(&self, value: f64) -> f64 {
        self.bottom - self.scale.share(value) * (self.bottom - self.top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_values_stay_within_the_plot() {
        let scale = Scale { low: 0.0, high: 1.0, ticks: vec![0.0, 1.0] };
        let frame = Frame::new((520, 178), (i64::MIN, i64::MAX), scale, false);
        for at in [i64::MIN, 0, i64::MAX] {
            assert!((frame.left..=frame.right).contains(&frame.x(at)));
        }
        for value in [f64::NAN, f64::INFINITY, -5.0, 0.5] {
            assert!((frame.top..=frame.bottom).contains(&frame.y(value)));
        }
        assert!((frame.y(0.5) - f64::midpoint(frame.top, frame.bottom)).abs() < 1e-9);
    }

    #[test]
    fn a_frame_without_size_still_has_a_plot() {
        let scale = Scale { low: 0.0, high: 1.0, ticks: vec![] };
        let frame = Frame::new((0, 0), (5, 5), scale, true);
        assert!(frame.left < frame.right && frame.top < frame.bottom);
    }
}
