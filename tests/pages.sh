#!/usr/bin/env bash
# Walks every page of the console in headless Chromium and leaves pictures in target/pages: tests/pages.sh
# Needs Debian's chromium and Node.js; installs them and the browser driver through the package managers, or says what
# to install. Part of the long proofs: not run by tests/run.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
out=$target/pages
mkdir -p "$out"

for pair in chromium:chromium node:nodejs npm:npm; do
  command -v "${pair%%:*}" >/dev/null && continue
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${pair##*:}" >&2
  else
    echo "tests/pages.sh needs \`${pair%%:*}\`: install the package ${pair##*:} and run again" >&2
    exit 69
  fi
done
[ -d "$out/driver/node_modules/playwright-core" ] || npm install --silent --prefix "$out/driver" playwright-core@1 >&2

house=$(mktemp -d)
full=$house/full
cleanup() {
  [ -z "${try:-}" ] || { kill -TERM "$try" 2>/dev/null || true; wait "$try" 2>/dev/null || true; }
  mountpoint -q "$full" && umount "$full"
  rm -rf "$house"
}
trap cleanup EXIT

# Short holds and a full file system, where one may be mounted, so that there is an incident to look at.
mkdir -p "$full" "$house/try"
walk=()
if mount -t tmpfs -o size=16m tmpfs "$full" 2>/dev/null; then
  head -c 16300000 /dev/zero >"$full/filler"
  walk=(--with-incident)
else
  echo "no file system may be mounted here: the page of an incident is not walked" >&2
fi
start_try() {
  WACHT_TRY_DIR=$house/try deploy/try.sh >"$out/try.log" 2>&1 &
  try=$!
  for _ in $(seq 600); do
    [ -f "$house/try/try.json" ] && return
    kill -0 "$try" 2>/dev/null || break
    sleep 1
  done
  cat "$out/try.log" >&2
  exit 1
}
stop_try() { kill -TERM "$try" && wait "$try" || true; }

start_try
stop_try
cat >"$house/try/collector/overrides.toml" <<'TOML'
[[override]]
monitor = "disk_space"
hold_s = 5
clear_hold_s = 5
TOML
sed -i 's/^names = .*/&\nmonitor_overrides = "overrides.toml"/' "$house/try/collector/collector.toml"
start_try

PLAYWRIGHT=$out/driver/node_modules/playwright-core node --no-warnings tests/pages/pages.mjs "$house/try/try.json" "$house/try/password" "$out" "${walk[@]}"
