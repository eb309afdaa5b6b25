//! What a stream remembers to restore a delta block: the last whole block of each dictionary that was sent on it.

use wacht_proto::block;

/// Dictionaries of one stream; more than this many in use at once is not an honest agent.
const DICTIONARIES_MAX: usize = 8;

/// A dictionary of the stream and the last values over it.
pub struct Entry {
    /// Its name.
    pub digest: u64,
    /// (metric number, object) by position.
    pub series: Vec<(u32, String)>,
    base: Option<(u64, Vec<f64>)>,
}

/// The dictionaries of one stream, oldest first.
#[derive(Default)]
pub struct Dictionaries(Vec<Entry>);

impl Dictionaries {
    /// Takes a dictionary in; the oldest goes when there are too many.
    pub fn insert(&mut self, digest: u64, series: Vec<(u32, String)>) {
        self.0.retain(|entry| entry.digest != digest);
        if self.0.len() == DICTIONARIES_MAX {
            self.0.remove(0);
        }
        self.0.push(Entry { digest, series, base: None });
    }

    /// The series of a digest.
    pub fn get(&self, digest: u64) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.digest == digest)
    }

    /// The values of a delivery: whole, or a delta against a report of this stream.
    pub fn restore(
        &mut self,
        digest: u64,
        sequence: u64,
        whole: &[u8],
        delta: &[u8],
        base_sequence: u64,
    ) -> Result<Vec<f64>, &'static str> {
        let entry = self.0.iter_mut().find(|entry| entry.digest == digest).ok_or("unknown_dictionary")?;
        let values = if delta.is_empty() {
            block::decode_whole(whole).map_err(|_| "malformed_block")?
        } else {
            let (_, base) =
                entry.base.as_ref().filter(|(sequence, _)| *sequence == base_sequence).ok_or("unknown_base")?;
            block::decode_delta(base, delta).map_err(|_| "malformed_block")?
        };
        if values.len() != entry.series.len() {
            return Err("malformed_block");
        }
        entry.base = Some((sequence, values.clone()));
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_restores_against_its_base_and_no_other() {
        let mut dictionaries = Dictionaries::default();
        dictionaries.insert(5, vec![(1, String::new()), (2, String::new())]);
        let mut whole = Vec::new();
        block::encode_whole(&[1.0, 2.0], &mut whole);
        assert_eq!(dictionaries.restore(5, 1, &whole, &[], 0), Ok(vec![1.0, 2.0]));
        let mut delta = Vec::new();
        block::encode_delta(&[1.0, 2.0], &[1.0, 3.0], &mut delta);
        assert_eq!(dictionaries.restore(5, 2, &[], &delta, 9), Err("unknown_base"));
        assert_eq!(dictionaries.restore(5, 2, &[], &delta, 1), Ok(vec![1.0, 3.0]));
        assert_eq!(dictionaries.restore(6, 3, &whole, &[], 0), Err("unknown_dictionary"));
    }
}
