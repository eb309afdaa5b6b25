//! Promises of the SVG: well formed and bounded for any input, hostile text stays text.

use super::*;
use crate::model::Language;
use crate::picture::{Cone, POINTS_MAX, Tone, Unit};
use jiff::tz::TimeZone;

const DAY: i64 = 86_400;
const START: i64 = 1_795_734_000;

fn line(name: &str, points: Vec<(i64, f64)>) -> Line {
    Line { name: name.to_owned(), points, tone: Tone::A }
}

fn chart(points: Vec<(i64, f64)>) -> Chart {
    Chart {
        title: "D: on srv-file1".to_owned(),
        lines: vec![line("used", points)],
        from: START,
        to: START + 36 * DAY,
        unit: Unit::Ratio,
        levels: vec![("full".to_owned(), 1.0)],
        marks: vec![(START + 9 * DAY, "growth starts".to_owned())],
        cone: Some(Cone {
            from: (START + 28 * DAY, 0.9),
            earliest: START + 31 * DAY,
            likely: START + 33 * DAY,
            latest: Some(START + 36 * DAY),
            level: 1.0,
        }),
        zone: TimeZone::get("Europe/Amsterdam").unwrap(),
        language: Language::Nl,
    }
}

fn hourly() -> Vec<(i64, f64)> {
    (0..14 * 24).map(|hour| (START + hour * 7200, 0.72 + hour as f64 * 0.00054)).collect()
}

/// Names of open elements must match and nothing may be left open; attributes must stand in quotes.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        assert!(["svg", "path", "text", "circle", "rect"].contains(&name), "{tag}");
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (false, false) => open.push(name),
            (false, true) => {}
        }
    }
    assert!(open.is_empty());
    assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("style="), "{svg}");
}

#[test]
fn a_forecast_shows_its_line_level_mark_and_cone() {
    let svg = svg(&chart(hourly()), 520, 178);
    assert_well_formed(&svg);
    for part in [
        "class=\"line a\"",
        "class=\"level\"",
        "class=\"mark\"",
        "class=\"cone\"",
        "class=\"grid\"",
        "class=\"axis\"",
        "role=\"img\"",
    ] {
        assert!(svg.contains(part), "{part}");
    }
    assert!(svg.contains(">full</text>") && svg.contains(">growth starts</text>") && svg.contains("90 %"));
    assert!(svg.contains(&format!("data-from=\"{START}\"")) && svg.contains("data-points=\"[[1795734000,0.72],["));
    assert!(svg.contains("aria-label=\"D: on srv-file1: used 72 % – 90,"), "{}", &svg[..300]);
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "\"><script>alert(1)</script>\u{0}\u{202e}'&";
    let mut chart = chart(hourly());
    chart.title = hostile.to_owned();
    chart.lines = vec![line(hostile, hourly()), line(&hostile.repeat(500), hourly())];
    chart.levels = vec![(hostile.to_owned(), 0.8)];
    chart.marks = vec![(START + DAY, hostile.to_owned())];
    let svg = svg(&chart, 520, 178);
    assert_well_formed(&svg);
    assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"));
}

#[test]
fn a_long_history_is_thinned_and_shows_its_range() {
    let points = (0..36 * 1440).map(|minute| (START + minute * 60, f64::from((minute % 97) as u32) / 97.0)).collect();
    let svg = svg(&chart(points), 520, 178);
    assert_well_formed(&svg);
    assert!(svg.contains("class=\"band a\"") && svg.contains("data-range="));
    assert!(svg.len() < 40_000, "{}", svg.len());
    let points = svg.split("data-points=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(points.matches('[').count() <= POINTS_MAX);
}

#[test]
fn a_gap_is_not_drawn_over() {
    let points = (0..20).map(|n| (START + n * 3600 + if n > 9 { 10 * DAY } else { 0 }, 0.5)).collect();
    let svg = svg(&chart(points), 520, 178);
    let path = svg.split("class=\"line a\"").nth(1).unwrap().split(" d=\"").nth(1).unwrap();
    assert_eq!(path.split('"').next().unwrap().matches('M').count(), 2);
}

#[test]
fn one_point_is_a_dot_and_none_is_an_empty_picture() {
    assert!(svg(&chart(vec![(START + DAY, 0.5)]), 520, 178).contains("class=\"dot a\""));
    let empty = svg(&Chart { lines: Vec::new(), ..chart(Vec::new()) }, 520, 178);
    assert_well_formed(&empty);
}

#[test]
fn any_numbers_make_a_valid_picture() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 0.0, -0.0, f64::MIN_POSITIVE];
    for unit in [Unit::Ratio, Unit::Bytes, Unit::Seconds, Unit::Count, Unit::BytesPerSecond] {
        for (from, to) in [(START, START + DAY), (5, 5), (9, 3), (i64::MIN, i64::MAX)] {
            for level in odd {
                let mut chart =
                    chart(odd.iter().enumerate().map(|(n, value)| (from.saturating_add(n as i64), *value)).collect());
                (chart.unit, chart.from, chart.to) = (unit, from, to);
                chart.levels = vec![("level".to_owned(), level)];
                chart.marks = vec![(i64::MIN, "a".to_owned()), (i64::MAX, "b".to_owned())];
                chart.cone =
                    Some(Cone { from: (from, level), earliest: i64::MIN, likely: 0, latest: None, level: 1.0 });
                assert_well_formed(&svg(&chart, 0, u32::MAX));
            }
        }
    }
}

#[test]
fn parts_beyond_the_limit_are_left_out() {
    let mut chart = chart(hourly());
    chart.marks = (0..1000).map(|n| (START + n, n.to_string())).collect();
    chart.levels = (0..1000).map(|n| (n.to_string(), 0.5)).collect();
    chart.lines = vec![line("x", vec![(START, 1.0)]); 1000];
    assert!(svg(&chart, 520, 178).len() < 40_000);
}
