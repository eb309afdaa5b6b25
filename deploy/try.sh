#!/usr/bin/env bash
# Wacht on this machine, without installing anything.
#   deploy/try.sh          collector and agent in a data folder of your own, until Ctrl-C
#   deploy/try.sh --check  the same in a temporary folder, with a real problem from its beginning to its end
# WACHT_TRY_DIR names the data folder, CARGO_TARGET_DIR the build folder; try.json in the data folder says where all is.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
mode=try
case "${1-}" in
  '') ;;
  --check) mode=check ;;
  *) echo "usage: deploy/try.sh [--check]" >&2; exit 2 ;;
esac

# ---- build
target=${CARGO_TARGET_DIR:-$root/target}
case $target in /*) ;; *) target=$PWD/$target ;; esac
bin=$target/debug
if [ -z "${WACHT_TRY_BUILT-}" ]; then
  command -v cargo >/dev/null || PATH="$HOME/.cargo/bin:$PATH"
  command -v cargo >/dev/null || { echo "deploy/try.sh needs Rust: install it with rustup (rust-lang.org)" >&2; exit 69; }
  command -v cc >/dev/null || { echo "deploy/try.sh needs a C compiler: install the package gcc" >&2; exit 69; }
  (cd "$root" && cargo build --locked -p wacht-agent -p wacht-collector -p wacht-tests --bins)
fi

# The problem of --check is a full file system of our own. Who may not mount gets a user namespace, all of it inside.
may_mount() {
  local probe; probe=$(mktemp -d) || return 1
  if mount -t tmpfs -o size=64k wacht-probe "$probe" 2>/dev/null; then
    umount "$probe"; rmdir "$probe"; return 0
  fi
  rmdir "$probe"; return 1
}
if [ $mode = check ] && ! may_mount; then
  [ -z "${WACHT_TRY_BUILT-}" ] || { echo "a file system cannot be mounted, not even inside unshare -Urm" >&2; exit 77; }
  export WACHT_TRY_BUILT=1 CARGO_TARGET_DIR=$target
  exec unshare -Urm "$0" --check
fi

# ---- what must not outlive us
agent= collector= sink= mounted= dir=
alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }
ended() { # tenths of a second, pids
  local tenths=$1 pid; shift
  for pid in "$@"; do
    while alive "$pid"; do
      [ $((tenths--)) -gt 0 ] || return 1
      sleep 0.1
    done
  done
}
stop_both() { # the agent first, so that its goodbye arrives; both within 3 seconds
  if alive "$agent"; then kill -TERM "$agent"; ended 12 "$agent" || true; fi
  if alive "$collector"; then kill -TERM "$collector"; fi
  ended 15 "$agent" "$collector" && return 0
  for pid in "$agent" "$collector"; do if alive "$pid"; then kill -KILL "$pid"; fi; done
  return 1
}
clean() {
  trap '' INT TERM
  stop_both || true
  if alive "$sink"; then kill -TERM "$sink" 2>/dev/null || true; fi
  [ -z "$mounted" ] || umount "$mounted" 2>/dev/null || umount -l "$mounted" 2>/dev/null || true
  [ -z "$dir" ] || rm -f "$dir/try.json" "$dir/try.json.new" "$dir/last-error"
  if [ $mode = check ] && [ -n "$dir" ]; then rm -rf "$dir"; fi
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- words and waiting
now_ms() { local at=${EPOCHREALTIME/[.,]/}; echo $((at / 1000)); }
began=$(now_ms)
row() { # what, seen
  local past=$(($(now_ms) - began))
  [ $mode = check ] || return 0
  printf '%-26s  %-76s  %3d.%d s\n' "$1" "$2" $((past / 1000)) $((past % 1000 / 100))
}
fail() {
  echo "deploy/try.sh: $1" >&2
  for log in collector agent; do
    [ -s "$dir/$log.log" ] || continue
    echo "--- last lines of $log.log" >&2
    tail -n 15 "$dir/$log.log" >&2
  done
  exit 1
}
until_seen() { # seconds, what is waited for, command…; its output is left in $seen
  local limit=$(($(now_ms) + $1 * 1000)) what=$2; shift 2
  until seen=$("$@" 2>"$dir/last-error"); do
    if [ -n "$collector" ] && ! alive "$collector"; then fail "the collector ended while waiting for: $what"; fi
    if [ -n "$agent" ] && ! alive "$agent"; then fail "the agent ended while waiting for: $what"; fi
    [ "$(now_ms)" -lt $limit ] || fail "not seen in time: $what $(head -c 300 "$dir/last-error")"
    sleep 0.3
  done
}
ours() { "$bin/wacht-collector" --config "$config" "$@"; }
ask() { "$bin/wacht-ask" --console "$console" --ca "$ca" --token-file "$dir/api.token" "$@"; }
random() { head -c 18 /dev/urandom | base64 | tr '+/' '-_'; }
json() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }
free_port() { local port=$1; while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done; echo "$port"; }
address() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$dir/collector/addresses.json" | tr -d '\n'; }

# ---- the data folder
umask 077
if [ $mode = check ]; then
  dir=$(mktemp -d "${TMPDIR:-/tmp}/wacht-check.XXXXXX")
  ports=(0 0 0)
else
  dir=${WACHT_TRY_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/wacht-try}
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  # What belongs to a running one is not ours to clean.
  if held=$(sed -n 's/.*"pids":{"collector":\([0-9]*\).*/\1/p' "$dir/try.json" 2>/dev/null) && alive "$held"; then
    running=$dir dir=
    echo "deploy/try.sh: it runs already in $running (collector is process $held): see $running/try.json" >&2
    exit 1
  fi
  ports=("$(free_port 7443)" "$(free_port 7444)" "$(free_port 8443)")
fi
config=$dir/collector/collector.toml
ca=$dir/collector/authority/root.pem
[ -f "$config" ] || fresh=1
if [ -n "${fresh-}" ]; then
  "$bin/wacht-collector" init --data "$dir/collector" --name 127.0.0.1 --name localhost \
    --grpc "127.0.0.1:${ports[0]}" --enroll "127.0.0.1:${ports[1]}" --console "127.0.0.1:${ports[2]}" >"$dir/init.log"
  random >"$dir/password"
fi

if [ $mode = check ]; then
  random >"$dir/collector/webhook.secret"
  "$bin/wacht-sink" --dir "$dir" --secret-file "$dir/collector/webhook.secret" 2>"$dir/sink.log" &
  sink=$!
  until_seen 5 "the webhook's receiver" cat "$dir/sink.port"
  sed -i 's/^names = .*/&\nmonitor_overrides = "overrides.toml"/' "$config"
  cat >>"$config" <<TOML

[policy]
report_interval_s = 10
inventory_interval_s = 300

[[destination]]
name = "check"
kind = "webhook"
url = "http://127.0.0.1:$seen/wacht"
secret_file = "webhook.secret"
TOML
  cat >"$dir/collector/overrides.toml" <<'TOML'
[[override]]
monitor = "disk_space"
hold_s = 10
clear_hold_s = 10
TOML
fi

# ---- the collector
start_collector() {
  rm -f "$dir/collector/addresses.json" "$dir/try.json"
  setsid "$bin/wacht-collector" run --config "$config" </dev/null >/dev/null 2>>"$dir/collector.log" &
  collector=$!
  until_seen 20 "the collector's listeners" test -s "$dir/collector/addresses.json"
  console=https://$(address console) grpc=$(address grpc) enroll=https://$(address enroll)
}
printf '%-26s  %-76s  %s\n' WHAT SEEN TIME | { [ $mode = check ] && cat || cat >/dev/null; }
start_collector
if [ -n "${fresh-}" ]; then
  ours customer add "Try" >/dev/null
  ours site add "Try" "Here" >/dev/null
  if [ $mode = check ]; then
    ours contract set "Try" --rmm at_once --hours always >/dev/null
  else
    ours contract set "Try" --rmm p1_at_once >/dev/null
  fi
  ours user add try --duty administrator --password-file "$dir/password" >/dev/null
  ours api-token create try --duty administrator >"$dir/api.token"
fi
until_seen 20 "the console's answer" ask /api/v1/totals
row "console answers" "$console"
[ $mode = try ] || row "holds shortened by" "overrides.toml: disk_space hold 10 s, clear 10 s; reports each 10 s"

# ---- the agent
state=$dir/agent
if [ ! -d "$state" ] || [ -z "$(ls -A "$state" 2>/dev/null)" ]; then
  token=$(ours token create --customer "Try" --site "Here")
  "$bin/wacht-agent" enroll --collector "$enroll" --token "$token" --state "$state" >>"$dir/agent.log" 2>&1 ||
    fail "the agent could not enrol"
fi
interval=60; [ $mode = try ] || interval=10
printf 'state_dir = %s\nreport_interval_s = %s\ninventory_interval_s = 300\n' "$(json "$state")" $interval >"$dir/agent.toml"
if [ $mode = check ]; then
  volume=$dir/volume
  mkdir "$volume"
  mount -t tmpfs -o size=64m wacht-check "$volume"
  mounted=$volume
fi
setsid "$bin/wacht-agent" run --config "$dir/agent.toml" </dev/null >/dev/null 2>>"$dir/agent.log" &
agent=$!
until_seen 20 "the enrolled host" ask /api/v1/hosts /id
host=$seen
row "agent enrolled" "host $host"
cat >"$dir/try.json.new" <<JSON
{"console":$(json "$console"),"api_token":$(json "$(cat "$dir/api.token")"),"ca_file":$(json "$ca"),"grpc":$(json "$grpc"),"pids":{"collector":$collector,"agent":$agent}}
JSON
mv "$dir/try.json.new" "$dir/try.json"

if [ $mode = try ]; then
  cat <<TEXT

Wacht runs on this machine.
  console      $console   (its certificate is signed by $ca)
  sign in      try / $(cat "$dir/password")
  data folder  $dir
  logs         $dir/collector.log, $dir/agent.log

Ctrl-C stops both.
TEXT
  while alive "$collector" && alive "$agent"; do wait -n "$collector" "$agent" || true; done
  fail "collector or agent ended by itself"
fi

# ---- --check: a real problem, from its beginning to its end
count_items() { local n; n=$(ask "/api/v1/hosts/$host/items?class=$1&limit=1000" --count) && [ "$n" -gt 0 ] && echo "$n"; }
until_seen 60 "this machine in the CMDB" count_items cpu
cpus=$seen
until_seen 30 "its volumes in the CMDB" count_items volume
until_seen 30 "its name" ask "/api/v1/hosts/$host" /name
software=$(count_items software || echo 0)
row "machine in the CMDB" "$seen: $cpus CPU, $software software items"

encoded=${volume//\//%2F}
until_seen 60 "the small file system's history" ask \
  "/api/v1/hosts/$host/series?metric=system.filesystem.utilization&object=$encoded" "object=$volume" /points/0/1
row "history has begun" "system.filesystem.utilization of $volume: ${seen:0:5}"

head -c 62M /dev/zero >"$volume/fill"
row "problem made" "$(df -h "$volume" | awk 'NR == 2 { print $3 " of " $2 " used (" $5 ")" }') on $volume"

until_seen 60 "the incident" ask "/api/v1/incidents?state=live" monitor=disk_space "object=$volume" /id
incident=$seen
until_seen 5 "its sentence" ask "/api/v1/incidents/$incident" /title
title=$seen
row "incident opened" "$(ask "/api/v1/incidents/$incident" /severity) $title"

signed() { # CloudEvents type: a line of the receiver with this type, this incident and a valid signature
  grep -F '"signature":"valid"' "$dir/sink.jsonl" | grep -F "$1" | grep -F "$incident" | head -n 1 | grep -o '"webhook-id":"[^"]*"'
}
until_seen 30 "the signed webhook of the ticket" signed wacht.incident.opened.v1
row "ticket sent" "wacht.incident.opened.v1, signature valid"
until_seen 30 "the signed webhook of the page" signed wacht.page.v1
row "engineer paged" "wacht.page.v1, signature valid (contract: RMM, pages at once, round the clock)"

rm "$volume/fill"
row "problem ended" "the space is free again"
resolved() { [ "$(ask "/api/v1/incidents/$incident" /state)" = resolved ]; }
until_seen 60 "the resolution" resolved
row "incident resolved" "by itself, when the level was clear for 10 s"
until_seen 30 "the signed webhook of the resolution" signed wacht.incident.resolved.v1
row "ticket told" "wacht.incident.resolved.v1, signature valid"

stopping=$(now_ms)
stop_both || fail "collector and agent did not stop within 3 seconds"
row "both stopped" "cleanly, in $(($(now_ms) - stopping)) ms"
agent= collector=
echo "all seen, in $((($(now_ms) - began) / 1000)) s"
