#!/usr/bin/env bash
# Runs every test of the project: tests/run.sh [--long]
# --long also runs the long proofs (tests marked `ignored`). CARGO_TARGET_DIR is honoured.
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS
long=0
for argument in "$@"; do
  case $argument in
    --long) long=1 ;;
    *) echo "usage: tests/run.sh [--long]" >&2; exit 2 ;;
  esac
done

# Puts a package in place, or says exactly what to install.
need() { # command, package
  command -v "$1" >/dev/null && return
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    echo "installing $2 for $1" >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2" >&2 ||
      { "${as_root[@]}" apt-get update >&2 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2" >&2; } || true
  fi
  command -v "$1" >/dev/null || { echo "tests/run.sh needs \`$1\`: install the package $2 and run again" >&2; exit 69; }
}

if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
command -v cargo >/dev/null ||
  { echo "tests/run.sh needs Rust $(sed -n 's/^rust-version = //p' Cargo.toml) or newer: install it with rustup (rust-lang.org)" >&2; exit 69; }
need cc gcc
# The pages are tested in a browser only where such tests stand.
if compgen -G 'tests/pages*' >/dev/null; then
  command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || need chromium chromium
fi

target=${CARGO_TARGET_DIR:-$PWD/target}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "== build" >&2
cargo build --workspace --locked
case $target in /*) ;; *) target=$PWD/$target ;; esac
export WACHT_BIN_DIR=$target/debug

if cargo clippy --version >/dev/null 2>&1; then
  echo "== lints" >&2
  cargo clippy --workspace --all-targets --locked -- -D warnings
else
  echo "== lints skipped: \`rustup component add clippy\` brings them" >&2
fi

echo "== tests" >&2
failed=0
if cargo nextest --version >/dev/null 2>&1; then
  arguments=(); [ $long = 1 ] && arguments=(--run-ignored all)
  # tests that skip themselves say so on their output, which nextest shows only when it is asked for
  set +e
  cargo nextest run --workspace --locked --no-fail-fast --success-output immediate "${arguments[@]}" 2>&1 |
    tee "$log" | grep -E --line-buffered '^ +(PASS|FAIL|SLOW|TIMEOUT|SIGNAL|Summary)|^ *skipped:'
  [ "${PIPESTATUS[0]}" = 0 ] || failed=1
  set -e
  [ $failed = 0 ] || cat "$log"
  count=$(sed -n 's/.*Summary.*\] *\([0-9]*\)\(\/[0-9]*\)\? tests\? run.*/\1/p' "$log" | tail -1)
else
  arguments=(); [ $long = 1 ] && arguments=(-- --include-ignored)
  cargo test --workspace --locked --no-fail-fast --lib --bins --tests "${arguments[@]}" 2>&1 | tee "$log" || failed=1
  count=$(awk '/^test result:/ { for (i = 1; i < NF; i++) if ($(i + 1) ~ /^(passed|failed)/) n += $i } END { print n + 0 }' "$log")
fi

skipped=$(grep -ci '^ *skipped:' "$log" || true)
echo "== ${count:-0} tests, $([ $failed = 0 ] && echo all passed || echo SOME FAILED), $((SECONDS - started)) s with the build"
[ "$skipped" = 0 ] || echo "   $skipped skipped themselves: see above"
exit $failed
