//! Sizes as storage tools write them for people. The tools count in powers of two, whatever the letters say.

/// `1.089 TB`, `<931.51g`, `3221225472B` or a bare number of bytes, in bytes; 0 where it is no size.
pub fn bytes(text: &str, unit_factor: u64) -> u64 {
    let text = text.trim().trim_start_matches('<');
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let Ok(number) = text[..end].parse::<f64>() else { return 0 };
    let power = match text[end..].trim_start().chars().next().map(|c| c.to_ascii_lowercase()) {
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        Some('t') => 4,
        Some('p') => 5,
        _ => 0,
    };
    (number * (unit_factor as f64).powi(power)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_nonsense_is_nothing() {
        assert_eq!(bytes("<1.50g", 1024), 3 << 29);
        assert_eq!((bytes("3221225472B", 1024), bytes("12", 1024)), (3221225472, 12));
        assert_eq!((bytes("558.9 GB", 1000), bytes("", 1024), bytes("-", 1024)), (558_900_000_000, 0, 0));
        assert_eq!(bytes(&"9".repeat(400), 1024), u64::MAX);
    }
}
