//! A chart as SVG: grid, levels, lines, prediction and marks, in classes for the style sheet. A small script can show
//! a cursor from the data attributes; nothing here moves.

use super::axis::{Scale, moment, reading, times};
use super::curve::{Curve, Dot};
use super::frame::Frame;
use super::markup::{coordinate, escaped, label, value};
use super::{Chart, Line, PARTS_MAX, cone};
use crate::words::figure;
use std::fmt::Write;

/// Width that the label of a moment takes, in pixels.
const TIME_LABEL_PX: u32 = 62;
/// Width of one character of a label, in pixels, roughly.
const CHARACTER_PX: f64 = 6.2;
/// Height that the reading of a value takes with its surroundings, in pixels.
const READING_PX: u32 = 40;

/// The chart as one `<svg>` element of the given size in pixels, valid for any input.
///
/// Attributes for a script: on the `svg` `data-from`, `data-to` (Unix seconds), `data-min`, `data-max` (values at the
/// bottom and the top of the plot) and `data-plot` (left, top, right, bottom in pixels of the view box); on each line
/// `data-points`, JSON pairs of Unix seconds and value, and on a thinned line `data-range`, JSON pairs of lowest and
/// highest value, one for each point.
pub fn svg(chart: &Chart, width: u32, height: u32) -> String {
    let chart = &ordered(chart);
    let lines = || chart.lines.iter().take(PARTS_MAX);
    let curves: Vec<Curve> = lines().map(|line| Curve::new(&line.points, chart.from, chart.to)).collect();
    let scale = Scale::new(drawn_values(chart, &curves), chart.unit, (height / READING_PX).clamp(2, 6) as usize);
    let frame = Frame::new((width, height), (chart.from, chart.to), scale, chart.lines.len() > 1);
    let mut body = grid(chart, &frame);
    body.push_str(&levels(chart, &frame));
    if let Some(cone) = cone::drawable(chart) {
        body.push_str(&cone::svg(&cone, &frame));
    }
    for (line, curve) in lines().zip(&curves) {
        body.push_str(&drawn_line(line, curve, &frame));
    }
    body.push_str(&marks(chart, &frame));
    body.push_str(&names(chart, &frame));
    format!("{}{body}</svg>", head(chart, &curves, &frame))
}

/// The same chart with a time axis that runs forward within representable time.
fn ordered(chart: &Chart) -> Chart {
    let from = moment(chart.from).as_second();
    let to = moment(chart.to).as_second().max(from.saturating_add(1));
    Chart { from, to, ..chart.clone() }
}

fn drawn_values(chart: &Chart, curves: &[Curve]) -> Vec<f64> {
    let extents = curves.iter().filter_map(Curve::extent).flat_map(|extent| [extent.low, extent.high]);
    let levels = chart.levels.iter().take(PARTS_MAX).map(|(_, level)| *level);
    let cone = cone::drawable(chart).into_iter().flat_map(|cone| [cone.from.1, cone.level]);
    extents.chain(levels).chain(cone).collect()
}

fn head(chart: &Chart, curves: &[Curve], frame: &Frame) -> String {
    let Frame { width, height, .. } = frame;
    let plot = [frame.left, frame.top, frame.right, frame.bottom].map(coordinate).join(" ");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{}\" data-from=\"{}\" data-to=\"{}\" data-min=\"{}\" \
         data-max=\"{}\" data-plot=\"{plot}\">",
        spoken(chart, curves),
        chart.from,
        chart.to,
        value(frame.scale.low),
        value(frame.scale.high),
    )
}

/// The picture for those who do not see it: title, span of each line, span of time. Already escaped.
fn spoken(chart: &Chart, curves: &[Curve]) -> String {
    let read = |value: f64| reading(value, chart.unit, chart.language);
    let lines = chart.lines.iter().zip(curves).map(|(line, curve)| {
        let span = curve.extent().map_or_else(
            || figure::UNKNOWN.to_owned(),
            |extent| format!("{} – {}", read(extent.low), read(extent.high)),
        );
        format!("{} {span}", label(&line.name))
    });
    let lines: Vec<String> = lines.collect();
    let clock = |at: i64| figure::time(moment(at), chart.language, &chart.zone);
    format!("{}: {}; {} – {}", escaped(&chart.title), lines.join(", "), clock(chart.from), clock(chart.to))
}

fn grid(chart: &Chart, frame: &Frame) -> String {
    let mut svg = String::new();
    let (left, right) = (coordinate(frame.left), coordinate(frame.right));
    let mut rows = String::new();
    for tick in &frame.scale.ticks {
        let y = frame.y(*tick);
        let _ = write!(rows, "M{left} {}H{right}", coordinate(y));
        let text = reading(*tick, chart.unit, chart.language);
        svg.push_str(&text_at("axis", (frame.left - 5.0, y + 3.5), "end", &escaped(&text)));
    }
    let labels = ((frame.right - frame.left) as u32 / TIME_LABEL_PX).max(1) as usize;
    for (at, text) in times(chart, labels) {
        let x = frame.x(at);
        let anchor = anchor(x, frame, text.len());
        svg.push_str(&text_at("axis", (x, frame.bottom + 15.0), anchor, &escaped(&text)));
    }
    format!("<path class=\"grid\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\".2\" d=\"{rows}\"/>{svg}")
}

fn levels(chart: &Chart, frame: &Frame) -> String {
    let mut svg = String::new();
    for (name, level) in chart.levels.iter().take(PARTS_MAX).filter(|(_, level)| level.is_finite()) {
        let y = frame.y(*level);
        let _ = write!(
            svg,
            "<path class=\"level\" fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"4 3\" d=\"M{} {}H{}\"/>",
            coordinate(frame.left),
            coordinate(y),
            coordinate(frame.right),
        );
        // Below the line where the top of the picture leaves no room above it.
        let below = if y < frame.top + 10.0 { 12.0 } else { -4.0 };
        svg.push_str(&text_at("level-name", (frame.left + 4.0, y + below), "start", &label(name)));
    }
    svg
}

fn drawn_line(line: &Line, curve: &Curve, frame: &Frame) -> String {
    let tone = line.tone.class();
    let mut svg = String::new();
    if curve.thinned {
        let bands: String = curve.runs.iter().map(|run| band(run, frame)).collect();
        let _ = write!(svg, "<path class=\"band {tone}\" fill=\"currentColor\" fill-opacity=\".15\" d=\"{bands}\"/>");
    }
    let path: String = curve.runs.iter().map(|run| way(run.iter().map(|dot| (dot.at, dot.mean)), frame)).collect();
    let points = json(curve.dots().map(|dot| (dot.at.to_string(), value(dot.mean))));
    let range = if curve.thinned {
        format!(" data-range=\"{}\"", json(curve.dots().map(|dot| (value(dot.low), value(dot.high)))))
    } else {
        String::new()
    };
    let _ = write!(
        svg,
        "<path class=\"line {tone}\" fill=\"none\" stroke=\"currentColor\" data-name=\"{}\" data-points=\"{points}\"\
         {range} d=\"{path}\"/>",
        label(&line.name),
    );
    for dot in curve.runs.iter().filter(|run| run.len() == 1).flatten() {
        let (x, y) = (coordinate(frame.x(dot.at)), coordinate(frame.y(dot.mean)));
        let _ = write!(svg, "<circle class=\"dot {tone}\" fill=\"currentColor\" cx=\"{x}\" cy=\"{y}\" r=\"1.6\"/>");
    }
    svg
}

fn band(run: &[Dot], frame: &Frame) -> String {
    let high = run.iter().map(|dot| (dot.at, dot.high));
    let low = run.iter().rev().map(|dot| (dot.at, dot.low));
    format!("{}Z", way(high.chain(low), frame))
}

fn way(points: impl Iterator<Item = (i64, f64)>, frame: &Frame) -> String {
    let mut path = String::new();
    for (at, value) in points {
        let start = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{start}{} {}", coordinate(frame.x(at)), coordinate(frame.y(value)));
    }
    path
}

/// Only digits, signs and brackets: nothing to escape in an attribute.
fn json(pairs: impl Iterator<Item = (String, String)>) -> String {
    let pairs: Vec<String> = pairs.map(|(first, second)| format!("[{first},{second}]")).collect();
    format!("[{}]", pairs.join(","))
}

fn marks(chart: &Chart, frame: &Frame) -> String {
    let mut svg = String::new();
    let inside = chart.marks.iter().filter(|(at, _)| (chart.from..=chart.to).contains(at));
    for (place, (at, name)) in inside.take(PARTS_MAX).enumerate() {
        let x = frame.x(*at);
        let _ = write!(
            svg,
            "<path class=\"mark\" fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"2 3\" d=\"M{} {}V{}\"/>",
            coordinate(x),
            coordinate(frame.top),
            coordinate(frame.bottom),
        );
        let anchor = if x > f64::midpoint(frame.left, frame.right) { "end" } else { "start" };
        let aside = if anchor == "end" { -4.0 } else { 4.0 };
        // Neighbours stand on three heights, so that their names do not run into each other.
        let y = (frame.top + 22.0 + 13.0 * (place % 3) as f64).min(frame.bottom - 2.0);
        svg.push_str(&text_at("mark-name", (x + aside, y), anchor, &label(name)));
    }
    svg
}

fn names(chart: &Chart, frame: &Frame) -> String {
    if chart.lines.len() < 2 {
        return String::new();
    }
    let (mut svg, mut x) = (String::new(), frame.left);
    for line in chart.lines.iter().take(PARTS_MAX) {
        let width = line.name.chars().count().min(80) as f64 * CHARACTER_PX + 14.0;
        if x + width > f64::from(frame.width) {
            break;
        }
        svg.push_str(&text_at(&format!("name {}", line.tone.class()), (x, 12.0), "start", &label(&line.name)));
        x += width;
    }
    svg
}

fn anchor(x: f64, frame: &Frame, characters: usize) -> &'static str {
    let half = characters as f64 * CHARACTER_PX / 2.0;
    if x - half < frame.left {
        "start"
    } else if x + half > f64::from(frame.width) {
        "end"
    } else {
        "middle"
    }
}

fn text_at(class: &str, at: (f64, f64), anchor: &str, escaped: &str) -> String {
    let (x, y) = (coordinate(at.0), coordinate(at.1));
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{escaped}</text>")
}

#[cfg(test)]
mod tests;
