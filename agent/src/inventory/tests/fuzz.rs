//! Feeds altered inputs to every parser of the registry and looks for panics, answers beyond the contract's bounds and
//! inputs that take long. A short run is an ordinary test; `tests/fuzz.sh` runs the long one. The same seed gives the same
//! inputs.

mod mutate;
mod seed;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use prost::Message;

use crate::inventory::parse::{PARSERS, Parser};
use mutate::Mutator;

const SHORT_INPUTS: u64 = 2_000;
const LONG_INPUTS: u64 = 1_000_000;
const SEED: u64 = 0x5EED_0001;
/// Decompressed bytes that the contract allows a section, and its notes.
const SECTION_BYTES_MAX: usize = 4 << 20;
const NOTES_MAX: usize = 32;
/// An input of a few kilobytes that takes longer than this would hold up an agent.
const INPUT_MS_MAX: u128 = 1_000;
/// Failing inputs that are shown for one parser.
const SHOWN_MAX: usize = 3;

/// What one parser made of all its inputs.
#[derive(Default)]
struct Outcome {
    inputs: u64,
    panics: u64,
    beyond_bounds: u64,
    took: Duration,
    slowest: Duration,
    slowest_input: Vec<u8>,
    failing: Vec<Vec<u8>>,
}

impl Outcome {
    fn is_well(&self) -> bool {
        self.panics == 0 && self.beyond_bounds == 0 && self.slowest.as_millis() < INPUT_MS_MAX
    }
}

#[test]
fn no_parser_breaks_off_over_a_few_thousand_altered_inputs() {
    run_all(SHORT_INPUTS, SEED);
}

#[test]
#[ignore = "runs for minutes: tests/fuzz.sh"]
fn no_parser_breaks_off_over_a_million_altered_inputs() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    run_all(number("WACHT_FUZZ_INPUTS", LONG_INPUTS), number("WACHT_FUZZ_SEED", SEED));
}

fn run_all(inputs: u64, seed: u64) {
    let only = std::env::var("WACHT_FUZZ_PARSER").ok();
    println!("seed {seed} (WACHT_FUZZ_SEED), {inputs} inputs a parser (WACHT_FUZZ_INPUTS)");
    println!("{:<16} {:>9} {:>7} {:>7} {:>9} {:>10}", "parser", "inputs", "panics", "bounds", "seconds", "slowest ms");
    let mut broken = BTreeSet::new();
    for (word, _, parser) in PARSERS.iter().filter(|(word, _, _)| only.as_deref().is_none_or(|only| only == *word)) {
        let outcome = run(word, *parser, &seed::seeds(word, *parser), inputs, seed);
        println!("{}", row(word, &outcome));
        for (number, input) in outcome.failing.iter().enumerate() {
            println!("  {}", kept(word, &number.to_string(), input));
        }
        if !outcome.is_well() {
            println!("  slowest: {}", kept(word, "slowest", &outcome.slowest_input));
            broken.insert(*word);
        }
    }
    assert!(broken.is_empty(), "broken: {broken:?}");
}

fn run(word: &str, parser: Parser, seeds: &[Vec<u8>], inputs: u64, seed: u64) -> Outcome {
    // Each parser has its own inputs, so that running it alone repeats them.
    let own = word.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut mutator = Mutator::new(own);
    let mut outcome = Outcome::default();
    for number in 0..inputs {
        // The seeds themselves come first.
        let whole = usize::try_from(number).ok().and_then(|n| seeds.get(n).cloned());
        let input = whole.unwrap_or_else(|| seed::sealed(word, number, mutator.next(seeds)));
        let start = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| parser(&input)));
        let took = start.elapsed();
        outcome.inputs += 1;
        outcome.took += took;
        let is_beyond =
            answer.as_ref().is_ok_and(|answer| answer.as_ref().is_ok_and(|bodies| bodies.iter().any(is_beyond)));
        outcome.panics += u64::from(answer.is_err());
        outcome.beyond_bounds += u64::from(is_beyond);
        if (answer.is_err() || is_beyond) && outcome.failing.len() < SHOWN_MAX {
            outcome.failing.push(input.clone());
        }
        if took > outcome.slowest {
            outcome.slowest = took;
            outcome.slowest_input = input;
        }
    }
    outcome
}

fn is_beyond(body: &wacht_proto::v1::SectionBody) -> bool {
    body.encoded_len() > SECTION_BYTES_MAX || body.notes.len() > NOTES_MAX
}

fn row(word: &str, outcome: &Outcome) -> String {
    let Outcome { inputs, panics, beyond_bounds, took, slowest, .. } = outcome;
    let (took_s, slowest_ms) = (took.as_secs_f64(), slowest.as_secs_f64() * 1_000.0);
    format!("{word:<16} {inputs:>9} {panics:>7} {beyond_bounds:>7} {took_s:>9.2} {slowest_ms:>10.3}")
}

/// Keeps an input so that `wacht-agent parse` can repeat it, and shows its beginning.
fn kept(word: &str, number: &str, input: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("wacht-fuzz-{word}-{number}.bin"));
    let place = std::fs::write(&path, input).map_or_else(|error| error.to_string(), |()| path.display().to_string());
    let hex = input.iter().take(64).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("{} bytes, {hex}…: wacht-agent parse {word} {place}", input.len())
}

#[test]
fn the_same_seed_gives_the_same_inputs_and_another_one_others() {
    let seeds = vec![b"Package: a\n".to_vec(), b"{\"a\":[1]}".to_vec()];
    let inputs = |seed: u64| {
        let mut mutator = Mutator::new(seed);
        (0..200).map(|_| mutator.next(&seeds)).collect::<Vec<_>>()
    };
    assert_eq!(inputs(1), inputs(1));
    assert_ne!(inputs(1), inputs(2));
    assert!(inputs(1).iter().collect::<BTreeSet<_>>().len() > 100);
}

#[test]
fn a_parser_that_breaks_off_or_answers_without_bound_is_found() {
    let seeds = vec![b"Package: a\n".to_vec()];
    // Without a word on the test's output.
    let breaks: Parser =
        |bytes| if bytes.len() % 7 == 3 { std::panic::resume_unwind(Box::new("found")) } else { Ok(vec![]) };
    let outcome = run("dpkg", breaks, &seeds, 60, SEED);
    assert!(outcome.panics > 0 && !outcome.failing.is_empty() && !outcome.is_well());
    let grows: Parser = |_| {
        let note = wacht_proto::v1::Note { subject: "x".into(), reason: 0 };
        Ok(vec![wacht_proto::v1::SectionBody { kind: None, notes: vec![note; NOTES_MAX + 1], ..Default::default() }])
    };
    assert_eq!(run("dpkg", grows, &seeds, 20, SEED).beyond_bounds, 20);
}
