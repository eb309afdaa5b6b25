#!/usr/bin/env bash
# Feeds altered inputs to every parser of the agent: tests/fuzz.sh [INPUTS]      (1,000,000 inputs a parser without it)
# Reports for each parser its inputs, panics, answers beyond bounds, seconds and slowest input; fails where one broke off.
#
#   WACHT_FUZZ_SEED=7 tests/fuzz.sh          other inputs; the same seed repeats a run
#   WACHT_FUZZ_PARSER=smbios tests/fuzz.sh   one parser alone
#   WACHT_RECORDINGS=DIR tests/fuzz.sh       starts from recordings too, besides the inputs of our own
set -euo pipefail
cd "$(dirname "$0")/.."
inputs=${1:-1000000}
case $inputs in '' | *[!0-9]*) echo "usage: tests/fuzz.sh [INPUTS]" >&2; exit 2 ;; esac

# With the optimizations of a release, since a million inputs take the plain build an hour.
export WACHT_FUZZ_INPUTS=$inputs
exec cargo test --release --locked -p wacht-agent --lib -- \
  --ignored --exact --nocapture inventory::tests::fuzz::no_parser_breaks_off_over_a_million_altered_inputs
