//! Alters inputs: bits, cuts, splices, repeats, words that parsers look for. Plain arithmetic from a seed, so that a run can
//! be repeated on any machine.

/// Longest input, in bytes; a repeat alone would make it endless.
const INPUT_BYTES_MAX: usize = 16 << 10;
/// Most alterations of one input.
const STEPS_MAX: usize = 6;
/// What stands at the edges of numbers.
const EDGES: [u8; 8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF, b'0', b'\n'];

/// Signs and words that parsers look for, and what breaks those that trust them.
#[rustfmt::skip]
const WORDS: &[&[u8]] = &[
    b"\n", b"\r\n", b"\n\n", b"\0", b"\t", b" ", b":", b": ", b"=", b",", b";", b"\"", b"'", b"\\", b"/", b"%", b"-1", b"0", b"1", b"255",
    b"256", b"65535", b"65536", b"4294967295", b"4294967296", b"18446744073709551615", b"18446744073709551616", b"-9223372036854775808",
    b"1e309", b"NaN", b"0x", b"0xFFFFFFFF", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"{", b"}", b"[", b"]", b"{}", b"[]",
    b"null", b"true", b"{\"", b"\":", b"<", b">", b"</", b"<!--", b"(", b")", b"$", b"Package: ", b"Status: install ok installed", b"Version: ",
    b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----", b"\x30\x82", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80", b"_SM3_", b"_SM_", b"\x7f\x04\0\0\0\0",
    b"POWER_SUPPLY_", b"<Printer ", b"DeviceURI ", b"device for ", b"9999-99-99", b"1970-01-01T00:00:00Z",
];

/// A source of altered inputs.
pub struct Mutator(u64);

impl Mutator {
    /// Any seed will do; zero, from which nothing could come, counts as one.
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// One of `seeds`, altered.
    pub fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(seeds).clone();
        for _ in 0..=self.below(STEPS_MAX) {
            self.alter(&mut input, seeds);
            input.truncate(INPUT_BYTES_MAX);
        }
        input
    }

    fn alter(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        match self.below(10) {
            0 => input.truncate(at),
            1 => drop(input.drain(..at)),
            2 => self.cut_out(input, at),
            3 => self.splice(input, at, seeds),
            4 => self.repeat(input, at),
            5 | 6 => self.insert_word(input, at),
            7 => self.overwrite(input, at),
            _ => self.flip(input, at),
        }
    }

    fn cut_out(&mut self, input: &mut Vec<u8>, at: usize) {
        let end = (at + self.below(32)).min(input.len());
        input.drain(at..end);
    }

    /// Goes on as another seed does.
    fn splice(&mut self, input: &mut Vec<u8>, at: usize, seeds: &[Vec<u8>]) {
        let other = self.pick(seeds);
        input.truncate(at);
        input.extend_from_slice(&other[self.below(other.len() + 1)..]);
    }

    fn repeat(&mut self, input: &mut Vec<u8>, at: usize) {
        let end = (at + 1 + self.below(64)).min(input.len());
        let piece = input[at.min(end)..end].to_vec();
        let times = [2, 3, 17, 300][self.below(4)];
        let repeated = piece.repeat(times);
        input.splice(at..at, repeated);
    }

    /// A word once, or nested deep.
    fn insert_word(&mut self, input: &mut Vec<u8>, at: usize) {
        let times = if self.below(16) == 0 { 1_000 } else { 1 };
        let words = self.pick(WORDS).repeat(times);
        input.splice(at..at, words);
    }

    fn overwrite(&mut self, input: &mut [u8], at: usize) {
        let value = *self.pick(&EDGES);
        let length = 1 + self.below(8);
        input.iter_mut().skip(at).take(length).for_each(|byte| *byte = value);
    }

    fn flip(&mut self, input: &mut [u8], at: usize) {
        let bit = self.below(8);
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// Less than `limit`, which is not zero.
    fn below(&mut self, limit: usize) -> usize {
        (self.random() % limit as u64) as usize
    }

    /// Marsaglia's xorshift with Vigna's multiplication.
    fn random(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
