//! The cone of a prediction: what may come between the earliest and the latest moment, and the likely way.

use super::frame::Frame;
use super::markup::coordinate;
use super::{Chart, Cone};

/// The prediction of a chart where it can be drawn: finite, and not behind its own start.
pub(super) fn drawable(chart: &Chart) -> Option<Cone> {
    let cone = chart.cone?;
    let finite = cone.from.1.is_finite() && cone.level.is_finite();
    if !finite || cone.from.0 >= chart.to {
        return None;
    }
    // A harm that is due already is drawn as a step, not backwards.
    let soonest = cone.from.0.saturating_add(1);
    let earliest = cone.earliest.max(soonest);
    let likely = cone.likely.max(earliest);
    Some(Cone { earliest, likely, latest: cone.latest.map(|latest| latest.max(likely)), ..cone })
}

/// Area, likely way and starting point, cut off at the end of the time axis.
pub(super) fn svg(cone: &Cone, frame: &Frame) -> String {
    let point = |(at, value): (i64, f64)| format!("{} {}", coordinate(frame.x(at)), coordinate(frame.y(value)));
    let corners: Vec<String> = corners(cone, frame.to).into_iter().map(point).collect();
    let (start, likely) = (point(cone.from), point(reached(cone, Some(cone.likely), frame.to)));
    format!(
        "<path class=\"cone\" fill=\"currentColor\" fill-opacity=\".18\" d=\"M{}Z\"/>\
         <path class=\"cone-line\" fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"5 3\" d=\"M{start}L{likely}\"/>\
         <circle class=\"cone-from\" fill=\"currentColor\" cx=\"{}\" cy=\"{}\" r=\"3\"/>",
        corners.join("L"),
        coordinate(frame.x(cone.from.0)),
        coordinate(frame.y(cone.from.1)),
    )
}

fn corners(cone: &Cone, end: i64) -> Vec<(i64, f64)> {
    let soon = reached(cone, Some(cone.earliest), end);
    let late = reached(cone, cone.latest, end);
    let mut corners = vec![cone.from, soon];
    // Where only the late way is cut off, the level runs along to the end of the axis.
    if cone.earliest <= end && cone.latest.is_none_or(|latest| latest > end) {
        corners.push((end, cone.level));
    }
    corners.push(late);
    corners
}

/// How far a way to the level gets before the axis ends; without a moment it never rises.
fn reached(cone: &Cone, at: Option<i64>, end: i64) -> (i64, f64) {
    match at {
        None => (end, cone.from.1),
        Some(at) if at <= end => (at, cone.level),
        Some(at) => {
            let start = cone.from.0 as f64;
            let share = (end as f64 - start) / (at as f64 - start).max(1.0);
            (end, cone.from.1 + share * (cone.level - cone.from.1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONE: Cone = Cone { from: (100, 0.5), earliest: 150, likely: 200, latest: Some(300), level: 1.0 };

    #[test]
    fn a_cone_within_the_axis_is_a_triangle() {
        assert_eq!(corners(&CONE, 400), [(100, 0.5), (150, 1.0), (300, 1.0)]);
    }

    #[test]
    fn a_late_way_beyond_the_axis_is_cut_off() {
        assert_eq!(corners(&CONE, 200), [(100, 0.5), (150, 1.0), (200, 1.0), (200, 0.75)]);
        assert_eq!(corners(&CONE, 110), [(100, 0.5), (110, 0.6), (110, 0.525)]);
    }

    #[test]
    fn a_latest_moment_that_cannot_be_said_never_rises() {
        let open = Cone { latest: None, ..CONE };
        assert_eq!(corners(&open, 400), [(100, 0.5), (150, 1.0), (400, 1.0), (400, 0.5)]);
    }
}
