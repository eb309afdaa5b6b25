//! Figures, moments and foreign text as people read them, by language. Pure; knows no catalogue. Units are SI.

use crate::model::Language;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Longest foreign text in a sentence.
pub const TEXT_CHARACTERS_MAX: usize = 512;
/// What stands for a figure that is none (NaN, infinite).
pub const UNKNOWN: &str = "–";

const WEEKDAYS: [[&str; 7]; 2] =
    [["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], ["ma", "di", "wo", "do", "vr", "za", "zo"]];
const MONTHS: [[&str; 12]; 2] = [
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
];
const BYTE_UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];

/// A moment: `Wed 2 Dec 14:00`, `wo 2 dec 14:00`.
pub fn time(at: Timestamp, language: Language, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    format!("{} {} {}", weekday(local.date(), language), day_month(local.date(), language), clock(local))
}

/// A day: `Wed 2 Dec 2026`, `wo 2 dec 2026`.
pub fn date(on: Date, language: Language) -> String {
    format!("{} {} {}", weekday(on, language), day_month(on, language), on.year())
}

/// A day without its weekday and year: `2 Dec`.
pub fn day_month(on: Date, language: Language) -> String {
    let month = usize::from(on.month().unsigned_abs()).saturating_sub(1);
    format!("{} {}", on.day(), MONTHS[index(language)].get(month).unwrap_or(&UNKNOWN))
}

/// A time of day: `14:00`.
pub fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// A plain number, at most two decimals, grouped from five digits on: `0.25`, `1284`, `12,840`.
pub fn number(value: f64, language: Language) -> String {
    decimals(value, 2, language)
}

/// A share of 0..1 in per cent, at most one decimal.
pub fn ratio(ratio: f64, language: Language) -> String {
    with_unit(decimals(ratio * 100.0, 1, language), "%")
}

/// Bytes in a decimal unit that fits, at most one decimal.
pub fn bytes(bytes: f64, language: Language) -> String {
    let (mut size, mut unit) = (bytes, 0);
    // 999.95 would read as 1000.0 of the smaller unit.
    while size.abs() >= 999.95 && unit + 1 < BYTE_UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    with_unit(decimals(size, i32::from(size.abs() < 100.0), language), BYTE_UNITS[unit])
}

/// Bytes a second.
pub fn bytes_per_second(rate: f64, language: Language) -> String {
    if rate.is_finite() { format!("{}/s", bytes(rate, language)) } else { UNKNOWN.to_owned() }
}

/// Seconds in a unit that fits, at most one decimal: `250 ms`, `45 s`, `5 min`, `1.5 h`, `3 days`.
pub fn seconds(seconds: f64, language: Language) -> String {
    let dutch = language == Language::Nl;
    let size = seconds.abs();
    let (divisor, unit) = match size {
        _ if size > 0.0 && size < 1.0 => (0.001, "ms"),
        _ if size < 120.0 => (1.0, "s"),
        _ if size < 7200.0 => (60.0, "min"),
        _ if size < 172_800.0 => (3600.0, if dutch { "uur" } else { "h" }),
        _ => (86_400.0, if dutch { "dagen" } else { "days" }),
    };
    with_unit(decimals(seconds / divisor, 1, language), unit)
}

/// Foreign text made fit for a line: control characters become spaces, direction controls go, length is capped.
pub fn clean(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_direction_control(*c)).take(TEXT_CHARACTERS_MAX);
    kept.map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn weekday(on: Date, language: Language) -> &'static str {
    let day = on.weekday().to_monday_zero_offset().unsigned_abs();
    WEEKDAYS[index(language)].get(usize::from(day)).copied().unwrap_or(UNKNOWN)
}

fn index(language: Language) -> usize {
    usize::from(language == Language::Nl)
}

fn with_unit(figure: String, unit: &str) -> String {
    if figure == UNKNOWN { figure } else { format!("{figure} {unit}") }
}

/// At most so many decimals, none that are zero, grouped, with the language's marks.
fn decimals(value: f64, digits: i32, language: Language) -> String {
    // Beyond this a double is no whole number any more and its digits say nothing.
    if !value.is_finite() || value.abs() > 1e15 {
        return if value.is_finite() { format!("{value:e}") } else { UNKNOWN.to_owned() };
    }
    let (point, group) = if language == Language::Nl { (',', '.') } else { ('.', ',') };
    let fixed = format!("{:.*}", digits.max(0) as usize, value.abs());
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut text = grouped(whole, group);
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    if value < 0.0 && text != "0" { format!("-{text}") } else { text }
}

fn grouped(whole: &str, mark: char) -> String {
    if whole.len() < 5 {
        return whole.to_owned();
    }
    let mut text = String::with_capacity(whole.len() + whole.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Nl};

    #[test]
    fn moments_read_by_language_and_zone() {
        let at: Timestamp = "2026-12-02T13:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        assert_eq!(time(at, En, &zone), "Wed 2 Dec 14:00");
        assert_eq!(time(at, Nl, &zone), "wo 2 dec 14:00");
        assert_eq!(date(jiff::civil::date(2027, 3, 1), Nl), "ma 1 mrt 2027");
        let _ = (time(Timestamp::MIN, En, &zone), time(Timestamp::MAX, Nl, &zone), date(Date::MIN, En));
    }

    #[test]
    fn bytes_take_a_unit_that_fits() {
        assert_eq!((bytes(3.1e9, En), bytes(3.1e9, Nl)), ("3.1 GB".to_owned(), "3,1 GB".to_owned()));
        assert_eq!((bytes(220e9, En), bytes(999_999.0, En)), ("220 GB".to_owned(), "1 MB".to_owned()));
        assert_eq!((bytes(0.0, En), bytes(-4.4e8, En)), ("0 B".to_owned(), "-440 MB".to_owned()));
        assert_eq!(bytes_per_second(3.14e6, Nl), "3,1 MB/s");
    }

    #[test]
    fn shares_seconds_and_numbers_read_by_language() {
        assert_eq!(
            (ratio(0.905, En), ratio(0.905, Nl), ratio(0.91, Nl)),
            ("90.5 %".into(), "90,5 %".into(), "91 %".into())
        );
        assert_eq!(
            (seconds(45.0, En), seconds(300.0, En), seconds(0.25, En)),
            ("45 s".into(), "5 min".into(), "250 ms".into())
        );
        assert_eq!((seconds(9000.0, En), seconds(9000.0, Nl)), ("2.5 h".into(), "2,5 uur".into()));
        assert_eq!((seconds(259_200.0, En), seconds(259_200.0, Nl)), ("3 days".into(), "3 dagen".into()));
        assert_eq!(
            (number(1284.0, En), number(12_840.5, En), number(12_840.5, Nl)),
            ("1284".into(), "12,840.5".into(), "12.840,5".into())
        );
        assert_eq!((number(-0.001, En), number(-1.5, Nl)), ("0".into(), "-1,5".into()));
    }

    #[test]
    fn figures_that_are_none_read_as_a_dash() {
        for none in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for read in
                [number(none, En), ratio(none, En), bytes(none, Nl), bytes_per_second(none, Nl), seconds(none, En)]
            {
                assert_eq!(read, UNKNOWN);
            }
        }
        let _ = (bytes(f64::MAX, En), seconds(f64::MAX, Nl), number(f64::MIN, En), ratio(f64::MAX, En));
    }

    #[test]
    fn foreign_text_keeps_no_control_characters_and_no_direction_controls() {
        assert_eq!(clean("a\r\nBcc: b\u{202e}c\u{1b}[0m\u{2028}d"), "a  Bcc: bc [0m d");
        assert_eq!(clean(&"é".repeat(2000)).chars().count(), TEXT_CHARACTERS_MAX);
    }
}
