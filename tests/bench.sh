#!/usr/bin/env bash
# The agent beside node_exporter, zabbix_agent2, collectd and sadc, in the same run on this machine: CPU of a cycle,
# memory, threads, bytes, size. The inventory has its own: tests/bench/inventory.sh.
# It prints a table with ratios and goals and asserts nothing. Everything is on loopback, in a scratch folder, and ends
# with the script; what is not installed is unpacked there.
#
#   tests/bench.sh                     120 cycles, one a second
#   WACHT_BENCH_CYCLES=600 tests/bench.sh
#   WACHT_BIN_DIR=target/release tests/bench.sh    measures executables that are there already
set -euo pipefail
cd "$(dirname "$0")/.."

cycles=${WACHT_BENCH_CYCLES:-120}
interval=${WACHT_BENCH_INTERVAL:-1}
settle=${WACHT_BENCH_SETTLE:-20}
say() { printf '%s\n' "$*" >&2; }
skip() { say "benchmark skipped: $*"; exit 0; }

[ -r /proc/self/smaps_rollup ] || skip "it reads /proc, which is Linux's"
command -v curl >/dev/null || skip "it needs curl (apt-get install curl)"

work=$(mktemp -d "${TMPDIR:-/tmp}/wacht-bench.XXXXXX")
pids=()
clean() {
    trap - EXIT INT TERM
    # Only what this script started.
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

# shellcheck source=tests/bench/peers.sh
. tests/bench/peers.sh
# shellcheck source=tests/bench/others.sh
. tests/bench/others.sh
exporter=$(peer prometheus-node-exporter /usr/bin/prometheus-node-exporter)
[ -n "$exporter" ] || skip "no node_exporter here, and no apt to fetch it with"

# --- our executables, as they are released
if [ -n "${WACHT_BIN_DIR:-}" ]; then
    bin=$WACHT_BIN_DIR
else
    say "building (release)"
    cargo build --release --quiet -p wacht-collector -p wacht-tests --bin wacht-collector --bin relay --bin zabbix_desk
    cargo build --profile agent --quiet -p wacht-agent
    bin=$work/bin
    mkdir "$bin"
    cp "${CARGO_TARGET_DIR:-target}"/release/{wacht-collector,relay,zabbix_desk} "${CARGO_TARGET_DIR:-target}/agent/wacht-agent" "$bin"
fi
for name in wacht-agent wacht-collector relay; do
    [ -x "$bin/$name" ] || skip "$bin/$name is missing: build it, or unset WACHT_BIN_DIR"
done

# --- helpers that only read
wait_for() { # file
    local left=150
    until [ -s "$1" ]; do
        sleep 0.1
        left=$((left - 1))
        [ "$left" -gt 0 ] || { say "waited in vain for $1"; cat "$work"/*.log >&2 || true; exit 1; }
    done
}
address() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/data/addresses.json"; }
start_relay() { # target name
    "$bin/relay" "$1" "$work/$2.counts" &
    pids+=($!)
    wait_for "$work/$2.counts"
}
relay_port() { cut -d' ' -f1 "$work/$1.counts"; }
relay_bytes() { cut -d' ' -f"$2" "$work/$1.counts"; }
# CPU time of all threads in microseconds, from the scheduler where it counts, else in ticks.
cpu_us() {
    local sum
    sum=$(cat /proc/"$1"/task/*/schedstat 2>/dev/null | awk '{ s += $1 } END { printf "%d", s / 1000 }')
    if [ "${sum:-0}" -gt 0 ]; then echo "$sum"; else
        sed 's/.*) //' /proc/"$1"/stat | awk -v hz="$(getconf CLK_TCK)" '{ printf "%d", ($12 + $13) * 1000000 / hz }'
    fi
}
memory_kb() { awk -v key="$2:" '$1 == key { print $2 }' /proc/"$1"/smaps_rollup; }
threads() { awk '$1 == "Threads:" { print $2 }' /proc/"$1"/status; }
collector() { "$bin/wacht-collector" --config "$work/data/collector.toml" "$@"; }
api() { curl -sS --cacert "$work/data/authority/root.pem" -H "authorization: Bearer $token" "https://$console$1"; }
counted() { # reports|samples that the agent says it collected
    api "/api/v1/hosts/$host/ledger" | grep -o '"collected":{[^}]*}' | grep -o "\"$1\":[0-9]*" | cut -d: -f2 | awk '{ s += $1 } END { print s + 0 }'
}
start_collector() {
    rm -f "$work/data/addresses.json"
    # Not through a function: $! must be the collector itself.
    "$bin/wacht-collector" --config "$work/data/collector.toml" run 2>>"$work/collector.log" &
    collector_pid=$!
    pids+=("$collector_pid")
    wait_for "$work/data/addresses.json"
}

# --- a collector with a relay before its gRPC port
"$bin/wacht-collector" init --data "$work/data" --name 127.0.0.1 --grpc 127.0.0.1:0 --enroll 127.0.0.1:0 --console 127.0.0.1:0 >/dev/null
start_collector
start_relay "$(address grpc)" agent
sed -i "s/^grpc = .*/grpc = \"$(address grpc)\"/; s/^names = .*/&\npublic_grpc = \"127.0.0.1:$(relay_port agent)\"/" "$work/data/collector.toml"
kill "$collector_pid"
wait "$collector_pid" || true
start_collector
console=$(address console)
collector customer add Bench >/dev/null
collector site add Bench Here >/dev/null
collector contract set Bench --rmm at_once --hours always >/dev/null
token=$(collector api-token create bench --duty viewer)
enrolment=$(collector token create --customer Bench --site Here)

# --- the agent
"$bin/wacht-agent" enroll --collector "https://$(address enroll)" --token "$enrolment" --state "$work/state" >/dev/null
printf 'state_dir = "%s"\nreport_interval_s = %s\ninventory_interval_s = 3600\n' "$work/state" "$interval" >"$work/agent.toml"
"$bin/wacht-agent" run --config "$work/agent.toml" 2>"$work/agent.log" &
agent_pid=$!
pids+=("$agent_pid")
sleep 1
host=$(api "/api/v1/hosts" | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)

# --- node_exporter, scraped over one connection that is kept open, as Prometheus does
"$exporter" --web.listen-address=127.0.0.1:0 --log.level=info 2>"$work/exporter.log" &
exporter_pid=$!
pids+=("$exporter_pid")
exporter_address=
for _ in $(seq 50); do
    sleep 0.1
    exporter_address=$(grep -o 'address=127.0.0.1:[0-9]*' "$work/exporter.log" | head -1 | cut -d= -f2 || true)
    [ -n "$exporter_address" ] && [ "${exporter_address##*:}" != 0 ] && break
    # Older ones log the address as it was asked for: look at the socket.
    exporter_address=$(ss -Hltnp 2>/dev/null | grep "pid=$exporter_pid," | awk '{ print $4 }' | head -1 || true)
    [ -n "$exporter_address" ] && break
done
[ -n "$exporter_address" ] || skip "node_exporter does not say where it listens"
start_relay "$exporter_address" exporter
scrape() { # times
    curl -sS --compressed --rate "$((60 / interval))/m" -o /dev/null "http://127.0.0.1:$(relay_port exporter)/metrics?n=[1-$1]" 2>>"$work/curl.log"
}

start_others "$cycles"
say "settling for $settle s"
scrape "$((settle / interval))"

# --- the measured window
say "measuring $cycles cycles of $interval s"
reports=$(counted reports) samples=$(counted samples)
agent_cpu=$(cpu_us "$agent_pid") exporter_cpu=$(cpu_us "$exporter_pid")
agent_up=$(relay_bytes agent 2) agent_down=$(relay_bytes agent 3)
exporter_up=$(relay_bytes exporter 2) exporter_down=$(relay_bytes exporter 3)
note_others
scrape "$cycles"
sleep 0.5
agent_cpu=$(($(cpu_us "$agent_pid") - agent_cpu)) exporter_cpu=$(($(cpu_us "$exporter_pid") - exporter_cpu))
agent_up=$(($(relay_bytes agent 2) - agent_up)) agent_down=$(($(relay_bytes agent 3) - agent_down))
exporter_up=$(($(relay_bytes exporter 2) - exporter_up)) exporter_down=$(($(relay_bytes exporter 3) - exporter_down))
reports=$(($(counted reports) - reports)) samples=$(($(counted samples) - samples))
values=$(curl -sS "http://$exporter_address/metrics" | grep -vc '^#')
[ "$reports" -gt 0 ] || { say "the agent reported nothing:"; tail -20 "$work/agent.log" >&2; exit 1; }

row() { # what, ours, theirs, goal as a ratio ("" = none), unit
    awk -v what="$1" -v ours="$2" -v theirs="$3" -v goal="$4" -v unit="$5" 'BEGIN {
        ratio = theirs > 0 ? sprintf("%.2f x", ours / theirs) : "-"
        aim = goal == "" ? "-" : sprintf("<= %.2f x", goal)
        stands = goal == "" || theirs <= 0 ? "" : (ours / theirs <= goal ? "met" : "not met")
        printf "%-30s %12.2f %14.2f %10s %12s  %-8s %s\n", what, ours, theirs, ratio, aim, stands, unit
    }'
}
size_mb() { stat -L -c %s "$1" | awk '{ print $1 / 1e6 }'; }
mb() { awk -v kb="$1" 'BEGIN { print kb / 1000 }'; }
each() { awk -v sum="$1" -v n="$2" 'BEGIN { print sum / n }'; }

printf '\n%s reports of the agent (%s values each), %s scrapes of %s (%s values each), every %s s, %s\n\n' \
    "$reports" "$((samples / reports))" "$cycles" "$("$exporter" --version 2>&1 | head -1 | cut -d' ' -f1-3)" "$values" "$interval" "$(nproc) CPUs"
printf '%-30s %12s %14s %10s %12s\n' "" "wacht-agent" "node_exporter" "ratio" "goal"
row "CPU per cycle" "$(each "$agent_cpu" "$((reports * 1000))")" "$(each "$exporter_cpu" "$((cycles * 1000))")" 0.22 ms
row "anonymous memory" "$(mb "$(memory_kb "$agent_pid" Anonymous)")" "$(mb "$(memory_kb "$exporter_pid" Anonymous)")" 0.20 MB
row "resident memory" "$(mb "$(memory_kb "$agent_pid" Rss)")" "$(mb "$(memory_kb "$exporter_pid" Rss)")" 0.33 MB
row "threads" "$(threads "$agent_pid")" "$(threads "$exporter_pid")" "" ""
row "bytes sent per cycle" "$(each "$agent_up" "$reports")" "$(each "$exporter_down" "$cycles")" "" "B, TCP payload"
row "bytes both ways per value" "$(each "$((agent_up + agent_down))" "$((samples > 0 ? samples : 1))")" "$(each "$((exporter_up + exporter_down))" "$((cycles * values))")" 0.20 "B, TCP payload"
row "executable" "$(size_mb "$bin/wacht-agent")" "$(size_mb "$exporter")" 0.40 MB
print_others "$(each "$agent_cpu" "$((reports * 1000))")" "$cycles"
printf '\nThe CPU goal is that with a table of processes (2.0 ms); without one it is 0.10 x. The agent encrypts and keeps a\nspool on disk, node_exporter does neither. Nothing here is asserted: neighbours on this machine move the figures.\n'
