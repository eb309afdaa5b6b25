//! Sizes as programs write them for people, in bytes.

/// The bytes of `1.51 GiB`, `512MB`, `<931.51g` or of a bare number of bytes; `base` is what the program means by the letter
/// of a unit without an `i`, 1000 or 1024. `None` where it is no size; the highest count where it is too large.
pub fn bytes(written: &str, base: u32) -> Option<u64> {
    // LVM marks what it rounded up.
    let written = written.trim().trim_start_matches('<');
    let end = written.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(written.len());
    let (number, unit) = written.split_at(end);
    let unit = unit.trim();
    let power = "BKMGTP".find(unit.chars().next().unwrap_or('B').to_ascii_uppercase())?;
    let base = if unit.get(1..2) == Some("i") { 1024 } else { base };
    Some((number.parse::<f64>().ok()? * f64::from(base).powi(power as i32)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_of_a_unit_is_what_the_program_means_by_it() {
        assert_eq!(bytes("1.50GB", 1024), Some(1_610_612_736));
        assert_eq!((bytes("1.5 kB", 1000), bytes("1.5 KiB", 1000)), (Some(1_500), Some(1_536)));
        assert_eq!((bytes("<1.50g", 1024), bytes("558.9 GB", 1000)), (Some(3 << 29), Some(558_900_000_000)));
        assert_eq!((bytes("3221225472B", 1024), bytes("12", 1024)), (Some(3_221_225_472), Some(12)));
    }

    #[test]
    fn nonsense_is_no_size_and_too_much_the_highest() {
        for wrong in ["", "GB", "-", "1.2.3 MB", "1 XB", "-1 B", "\u{e9}", "1 \u{e9}"] {
            assert_eq!(bytes(wrong, 1000), None, "{wrong}");
        }
        assert_eq!(bytes(&format!("{} TB", "9".repeat(400)), 1024), Some(u64::MAX));
        assert_eq!(bytes(&"9".repeat(400), 1024), Some(u64::MAX));
    }
}
