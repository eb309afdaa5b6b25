#!/usr/bin/env bash
# The agent's inventory beside fusioninventory-agent, lshw and dpkg-query, in the same run on this machine: CPU with
# children, peak memory, bytes. It prints a table with ratios and goals and asserts nothing. Peers that are not installed
# are unpacked into a scratch folder; nothing is sent anywhere.
#
#   tests/bench/inventory.sh           best of 5
#   WACHT_BIN_DIR=target/agent tests/bench/inventory.sh    measures an executable that is there already
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=${WACHT_BENCH_RUNS:-5}
say() { printf '%s\n' "$*" >&2; }
skip() { say "benchmark skipped: $*"; exit 0; }
[ -r /proc/self/smaps_rollup ] || skip "it reads /proc, which is Linux's"
work=$(mktemp -d "${TMPDIR:-/tmp}/wacht-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/bench/peers.sh
. tests/bench/peers.sh

bin=${WACHT_BIN_DIR:-}
if [ -z "$bin" ]; then
    say "building (agent profile)"
    cargo build --profile agent --quiet -p wacht-agent
    bin=${CARGO_TARGET_DIR:-target}/agent
fi
[ -x "$bin/wacht-agent" ] || skip "$bin/wacht-agent is missing: build it, or unset WACHT_BIN_DIR"

# cpu_ms COMMAND...: CPU of one run with all children, in milliseconds.
cpu_ms() {
    local TIMEFORMAT='%3U %3S'
    { time "$@" >"$work/out" 2>/dev/null </dev/null; } 2>&1 | tail -1 | awk '{ printf "%d", ($1 + $2) * 1000 + 0.5 }'
}
# best COMMAND...: the least of so many runs after one that warms the caches.
best() {
    local least='' now
    "$@" >/dev/null 2>&1 </dev/null || true
    for _ in $(seq "$runs"); do
        now=$(cpu_ms "$@")
        if [ -z "$least" ] || [ "$now" -lt "$least" ]; then least=$now; fi
    done
    echo "$least"
}
# peak_kb COMMAND...: the highest resident size of the process itself, looked at every few milliseconds.
peak_kb() {
    local peak=0 now
    "$@" >/dev/null 2>&1 </dev/null &
    while now=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$!/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        sleep 0.002
    done
    wait $! || true
    echo "$peak"
}
row() { # what, value, unit, ratio to, goal
    awk -v what="$1" -v value="$2" -v unit="$3" -v base="${4:-0}" -v goal="${5:-}" 'BEGIN {
        ratio = base > 0 ? sprintf("%.3f x", value / base) : "-"
        stands = goal == "" || base <= 0 ? "" : (value / base <= goal ? "<= " goal " x: met" : "<= " goal " x: not met")
        printf "%-44s %10s %-4s %10s  %s\n", what, value, unit, ratio, stands }'
}

agent=("$bin/wacht-agent" inventory --json)
find_fusioninventory
lshw=$(peer lshw /usr/bin/lshw)
ours=$(best "${agent[@]}")
# What starting the executable costs, which a running agent does not pay.
start=$(best "$bin/wacht-agent" --version)
packages=$(dpkg-query -W 2>/dev/null | wc -l || echo 0)

printf '\nOne inventory of this machine, %s packages, best of %s runs, %s CPUs\n\n' "$packages" "$runs" "$(nproc)"
fusion=0
if [ "${#fusioninventory[@]}" -gt 0 ]; then
    fusion=$(best "${fusioninventory[@]}")
    row "fusioninventory-agent --local" "$fusion" ms
    row "  peak memory" "$(peak_kb "${fusioninventory[@]}")" kB
    row "  output" "$(stat -c %s "$work"/fusion/*.ocs 2>/dev/null | tail -1)" B
else
    say "no fusioninventory-agent here, and none to fetch: its ratios are left out"
fi
[ -z "$lshw" ] || row "lshw -json" "$(best "$lshw" -json -quiet)" ms "$fusion"
if command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2016 # dpkg-query fills these in
    format='${Package}\t${Version}\t${Architecture}\t${Installed-Size}\t${Maintainer}\n'
    dpkg=$(best dpkg-query -W -f "$format")
    row "dpkg-query -W, five fields" "$dpkg" ms "$fusion"
fi
# The pending updates are the package manager's own simulation; it is run only when its lists or packages were touched,
# and none of the peers tells them.
own=$(best "${agent[@]}" --without update)
row "wacht-agent inventory --json" "$own" ms "$fusion" 0.05
row "  with the simulation of pending updates" "$ours" ms "$fusion"
row "  starting it alone" "$start" ms
row "  peak memory" "$(peak_kb "${agent[@]}" --without update)" kB
"${agent[@]}" >"$work/inventory.json" 2>/dev/null
row "  output as JSON" "$(stat -c %s "$work/inventory.json")" B "$(stat -c %s "$work"/fusion/*.ocs 2>/dev/null | tail -1)"
printf '\nPeers: %s. Nothing here is asserted.\n' "${fusioninventory[*]:+fusioninventory-agent }${lshw:+lshw }${dpkg:+dpkg-query}"
