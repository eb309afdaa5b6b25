//! A strip of presence: one bar over time, coloured by state. Says nothing in words; its page does that beside it.

use super::frame::Frame;
use super::markup::coordinate;
use super::{PARTS_MAX, axis::Scale};
use std::fmt::Write;

const HEIGHT_PX: u32 = 18;
/// Most spans that are drawn; shorter ones than a pixel could not be seen anyway.
const SPANS_MAX: usize = 2000;

/// Presence as an `<svg>` element: spans of Unix seconds with the word of their state, which becomes the class of the
/// bar (`online`, `goodbye`, `silent`, `quarantined`). What no span covers stays bare. Ticks stand on each sixth of the
/// time. Hidden from screen readers: the page says the same in words.
pub fn strip(presence: &[(i64, i64, &str)], from: i64, to: i64, width: u32) -> String {
    let scale = Scale { low: 0.0, high: 1.0, ticks: Vec::new() };
    let to = to.max(from.saturating_add(1));
    let frame = Frame {
        left: 0.0,
        right: f64::from(width.clamp(80, 8000)),
        ..Frame::new((width, 80), (from, to), scale, false)
    };
    let width = frame.width;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"strip\" viewBox=\"0 0 {width} {HEIGHT_PX}\" width=\"{width}\" \
         height=\"{HEIGHT_PX}\" aria-hidden=\"true\" data-from=\"{from}\" data-to=\"{to}\">\
         <rect class=\"bare\" fill=\"none\" x=\"0\" y=\"0\" width=\"{width}\" height=\"12\"/>"
    );
    let inside = |(start, end, _): &&(i64, i64, &str)| start < end && *end > from && *start < to;
    let mut visible: Vec<&(i64, i64, &str)> = presence.iter().filter(inside).collect();
    // Shortest last, on top: a bar of a pixel must not vanish under its long neighbours.
    visible.sort_by_key(|(start, end, _)| std::cmp::Reverse(end.saturating_sub(*start)));
    visible.truncate(SPANS_MAX);
    for (start, end, state) in visible {
        let (x, end) = (frame.x(*start), frame.x(*end));
        // At least a pixel: a short silence is what people look for.
        let (x, width) = (coordinate(x), coordinate((end - x).max(1.0)));
        let _ = write!(svg, "<rect class=\"{}\" x=\"{x}\" y=\"0\" width=\"{width}\" height=\"12\"/>", class(state));
    }
    svg.push_str(&ticks(&frame));
    svg.push_str("</svg>");
    svg
}

fn ticks(frame: &Frame) -> String {
    let mut path = String::new();
    for sixth in 0..=6 {
        let x = frame.left + (frame.right - frame.left) * f64::from(sixth) / 6.0;
        let _ = write!(path, "M{} 13V17", coordinate(x));
    }
    format!("<path class=\"tick\" fill=\"none\" stroke=\"currentColor\" d=\"{path}\"/>")
}

/// A state as a class name: letters and dashes alone.
fn class(state: &str) -> String {
    let kept = state.chars().filter(|c| c.is_ascii_alphabetic() || *c == '-').take(PARTS_MAX);
    let class: String = kept.collect();
    if class.is_empty() { "unknown".to_owned() } else { class.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_a_bar_of_its_class() {
        let svg = strip(&[(0, 600, "online"), (600, 1200, "silent"), (5000, 6000, "online")], 0, 1200, 600);
        assert_eq!(svg.matches("class=\"online\"").count(), 1);
        assert!(svg.contains("<rect class=\"silent\" x=\"300\" y=\"0\" width=\"300\""), "{svg}");
    }

    #[test]
    fn a_short_silence_is_seen() {
        let svg = strip(&[(0, 9, "online"), (50_000, 50_001, "silent"), (50_001, 86_400, "online")], 0, 86_400, 600);
        assert!(svg.contains("class=\"silent\" x=\"347.2\" y=\"0\" width=\"1\""), "{svg}");
        assert!(svg.rfind("online") < svg.rfind("silent"), "{svg}");
    }

    #[test]
    fn hostile_input_makes_a_valid_strip() {
        let svg = strip(&[(i64::MIN, i64::MAX, "\"><script>"), (5, 1, "online"), (0, 9, "")], i64::MIN, i64::MAX, 0);
        assert!(svg.contains("class=\"script\"") && !svg.contains("<script"), "{svg}");
        assert!(!strip(&[], 5, 5, u32::MAX).contains("NaN"));
        assert!(strip(&vec![(0, 9, "online"); 100_000], 0, 10, 600).len() < 200_000);
    }
}
