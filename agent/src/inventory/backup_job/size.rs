//! Sizes as programs write them for people, in bytes.

/// The bytes of `1.51 GiB` or `512MB`; `base` is what the program means by the letter of a unit without an `i`, 1000 or
/// 1024. `None` where it is no size.
pub fn bytes(written: &str, base: u32) -> Option<u64> {
    let written = written.trim();
    let (number, unit) = written.split_at(written.find(|c: char| !c.is_ascii_digit() && c != '.')?);
    let unit = unit.trim();
    let power = "BKMGTP".find(unit.chars().next()?.to_ascii_uppercase())?;
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
        for wrong in ["", "GB", "1", "1.2.3 MB", "1 XB", "-1 B", "\u{e9}"] {
            assert_eq!(bytes(wrong, 1000), None, "{wrong}");
        }
        assert_eq!(bytes(&format!("{} TB", "9".repeat(400)), 1024), Some(u64::MAX));
    }
}
