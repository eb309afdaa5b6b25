//! The column block: the values of one report, by position in a dictionary of series. Bytes <-> f64 only; no
//! generated type, no meaning. A value is kept as an exact decimal where it is one (mantissa and exponent), so that
//! counters and rounded ratios take few bytes and come back bit for bit. A missing value is NaN.
//!
//! Whole block: varint count, then per value a varint `mantissa << 2 | kind`.
//! Delta block: varint count, change bitmap, then per changed value the same varint, kind 0 being a difference.

use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

/// The most values that a block may hold.
pub const SERIES_MAX: usize = 2_000;

const KIND_DELTA: u64 = 0;
const KIND_DECIMAL: u64 = 1;
const KIND_RAW: u64 = 2;
const KIND_MISSING: u64 = 3;
const EXPONENT_MAX: u8 = 6;
const POWERS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

/// Why bytes are not a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The bytes end in the middle of a value, or go on after the last.
    Length,
    /// More values than a block may hold, or another number than its base has.
    Count,
    /// A value's code is not one of ours.
    Code,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Error::Length => "block has the wrong length",
            Error::Count => "block has the wrong number of values",
            Error::Code => "block holds an unknown code",
        })
    }
}

impl std::error::Error for Error {}

/// Encodes all values, appended to `out`.
pub fn encode_whole(values: &[f64], out: &mut Vec<u8>) {
    put_varint(out, values.len() as u64);
    for value in values {
        put_value(out, *value);
    }
}

/// Decodes a whole block; the result has as many values as the block names, at most [`SERIES_MAX`].
pub fn decode_whole(bytes: &[u8]) -> Result<Vec<f64>, Error> {
    let mut reader = Reader { bytes };
    let count = reader.count()?;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        values.push(reader.value(None)?);
    }
    reader.finish(values)
}

/// Encodes `values` as the difference to `base`, appended to `out`. Both have the same length.
pub fn encode_delta(base: &[f64], values: &[f64], out: &mut Vec<u8>) {
    put_varint(out, values.len() as u64);
    let bitmap = out.len();
    out.resize(bitmap + values.len().div_ceil(8), 0);
    for (index, (old, new)) in base.iter().zip(values).enumerate() {
        if old.to_bits() == new.to_bits() || (old.is_nan() && new.is_nan()) {
            continue;
        }
        out[bitmap + index / 8] |= 1 << (index % 8);
        match difference(*old, *new) {
            Some(delta) => put_varint(out, (zigzag(delta) << 2) | KIND_DELTA),
            None => put_value(out, *new),
        }
    }
}

/// Restores the values that `encode_delta` took against the same `base`.
pub fn decode_delta(base: &[f64], bytes: &[u8]) -> Result<Vec<f64>, Error> {
    let mut reader = Reader { bytes };
    let count = reader.count()?;
    if count != base.len() {
        return Err(Error::Count);
    }
    let bitmap = reader.take(count.div_ceil(8))?;
    let mut values = Vec::with_capacity(count);
    for (index, old) in base.iter().enumerate() {
        let changed = bitmap[index / 8] & (1 << (index % 8)) != 0;
        values.push(if changed { reader.value(Some(*old))? } else { *old });
    }
    reader.finish(values)
}

/// Names a dictionary by its content: entries in order as (metric number, object). Stable over builds and machines.
pub fn dictionary_digest<'a>(entries: impl IntoIterator<Item = (u32, &'a str)>) -> u64 {
    let mut hasher = BuildHasherDefault::<Fnv>::default().build_hasher();
    for (metric, object) in entries {
        hasher.write(&metric.to_le_bytes());
        hasher.write(&(object.len() as u32).to_le_bytes());
        hasher.write(object.as_bytes());
    }
    // 0 means "no block" on the wire.
    hasher.finish().max(1)
}

/// A 64-bit content digest (FNV-1a with a final mix), for change detection, never for trust.
pub fn content_digest(bytes: &[u8]) -> u64 {
    let mut hasher = Fnv::default();
    hasher.write(bytes);
    hasher.finish()
}

struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

/// A value as `mantissa / 10^exponent`, where that is exact and small enough for a varint.
fn decimal(value: f64) -> Option<(i64, u8)> {
    if !value.is_finite() || value.abs() >= 9.0e15 || (value == 0.0 && value.is_sign_negative()) {
        return None;
    }
    (0..=EXPONENT_MAX).find_map(|exponent| {
        let mantissa = (value * POWERS[usize::from(exponent)]).round();
        let exact = mantissa.abs() < 9.0e15 && mantissa / POWERS[usize::from(exponent)] == value;
        exact.then_some((mantissa as i64, exponent))
    })
}

fn difference(old: f64, new: f64) -> Option<i64> {
    let (old_mantissa, old_exponent) = decimal(old)?;
    // The new value on the old scale, so that one more digit does not cost a whole value.
    let scaled = (new * POWERS[usize::from(old_exponent)]).round();
    let exact = scaled.abs() < 9.0e15 && scaled / POWERS[usize::from(old_exponent)] == new;
    (exact && new.is_finite() && !(new == 0.0 && new.is_sign_negative())).then(|| scaled as i64 - old_mantissa)
}

fn put_value(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.push(KIND_MISSING as u8);
    } else if let Some((mantissa, exponent)) = decimal(value) {
        // The exponent shares the varint: 7 exponents need 3 bits.
        put_varint(out, (zigzag(mantissa) << 5) | (u64::from(exponent) << 2) | KIND_DECIMAL);
    } else {
        out.push(KIND_RAW as u8);
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn count(&mut self) -> Result<usize, Error> {
        let count = self.varint()?;
        if count > SERIES_MAX as u64 { Err(Error::Count) } else { Ok(count as usize) }
    }

    fn value(&mut self, base: Option<f64>) -> Result<f64, Error> {
        let code = self.varint()?;
        match code & 3 {
            KIND_DECIMAL => {
                let exponent = (code >> 2) & 7;
                let power = POWERS.get(exponent as usize).ok_or(Error::Code)?;
                Ok(unzigzag(code >> 5) as f64 / power)
            }
            KIND_RAW if code == KIND_RAW => {
                let raw: [u8; 8] = self.take(8)?.try_into().map_err(|_| Error::Length)?;
                Ok(f64::from_le_bytes(raw))
            }
            KIND_MISSING if code == KIND_MISSING => Ok(f64::NAN),
            KIND_DELTA => {
                let (mantissa, exponent) = base.and_then(decimal).ok_or(Error::Code)?;
                let sum = mantissa.checked_add(unzigzag(code >> 2)).ok_or(Error::Code)?;
                Ok(sum as f64 / POWERS[usize::from(exponent)])
            }
            _ => Err(Error::Code),
        }
    }

    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(Error::Code);
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::Code)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.bytes.split_at_checked(count).ok_or(Error::Length)?;
        self.bytes = rest;
        Ok(head)
    }

    fn finish(self, values: Vec<f64>) -> Result<Vec<f64>, Error> {
        if self.bytes.is_empty() { Ok(values) } else { Err(Error::Length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(left: &[f64], right: &[f64]) -> bool {
        left.len() == right.len()
            && left.iter().zip(right).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
    }

    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            (-1_000_000_000_000i64..1_000_000_000_000).prop_map(|v| v as f64),
            (0i64..10_000).prop_map(|v| v as f64 / 10_000.0),
            Just(f64::NAN),
            Just(-0.0),
            Just(f64::INFINITY),
        ]
    }

    proptest! {
        #[test]
        fn a_whole_block_comes_back_bit_for_bit(values in prop::collection::vec(any_value(), 0..300)) {
            let mut bytes = Vec::new();
            encode_whole(&values, &mut bytes);
            prop_assert!(same(&decode_whole(&bytes).unwrap(), &values));
        }

        #[test]
        fn a_delta_block_comes_back_bit_for_bit(pairs in prop::collection::vec((any_value(), any_value()), 0..300)) {
            let (base, values): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let mut bytes = Vec::new();
            encode_delta(&base, &values, &mut bytes);
            prop_assert!(same(&decode_delta(&base, &bytes).unwrap(), &values));
        }

        #[test]
        fn hostile_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_whole(&bytes);
            let _ = decode_delta(&[1.0, f64::NAN, 0.25], &bytes);
        }
    }

    #[test]
    fn golden_bytes_of_a_block_stay_as_released() {
        let mut bytes = Vec::new();
        encode_whole(&[0.0, 1.0, 0.25, 123_456.0, f64::NAN, std::f64::consts::PI], &mut bytes);
        let golden = [6, 1, 65, 201, 12, 129, 160, 226, 3, 3, 2, 24, 45, 68, 84, 251, 33, 9, 64];
        assert_eq!(bytes, golden);
        assert!(same(&decode_whole(&bytes).unwrap(), &[0.0, 1.0, 0.25, 123_456.0, f64::NAN, std::f64::consts::PI]));
    }

    #[test]
    fn an_unchanged_report_costs_a_bitmap() {
        let values = vec![42.5; 150];
        let mut bytes = Vec::new();
        encode_delta(&values, &values, &mut bytes);
        assert_eq!(bytes.len(), 2 + 19);
    }

    #[test]
    fn a_block_that_names_too_many_values_is_refused_before_it_is_allocated() {
        assert_eq!(decode_whole(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Err(Error::Count));
    }
}
