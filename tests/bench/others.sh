# Further agents beside which ours is measured in the same window: zabbix_agent2 (active, 60 checks), collectd (its usual
# plugins, sent to loopback), sadc (into a file). Sourced by tests/bench.sh, which defines `say`, `work`, `pids`, `bin`,
# `interval`, `cpu_us`, `memory_kb` and `wait_for`. One that cannot be had is left out with a word.

others=()
declare -A other_pid other_cpu

start_others() { # cycles
    start_zabbix
    start_collectd
    start_sadc "$1"
    say "others in this run: ${others[*]:-none}"
}

began() { # name pid
    others+=("$1")
    other_pid[$1]=$2
    pids+=("$2")
}

start_zabbix() {
    local agent
    agent=$(peer zabbix-agent2 /usr/sbin/zabbix_agent2)
    [ -n "$agent" ] && [ -x "$bin/zabbix_desk" ] || { say "without zabbix_agent2"; return; }
    "$bin/zabbix_desk" "$work/zabbix.counts" "$interval" &
    pids+=($!)
    wait_for "$work/zabbix.counts"
    cat >"$work/zabbix.conf" <<END
LogType=file
LogFile=$work/zabbix.log
PidFile=$work/zabbix.pid
ControlSocket=$work/zabbix.sock
PluginSocket=$work/zabbix.plugin
Server=127.0.0.1
ListenIP=127.0.0.1
ListenPort=$(free_port)
ServerActive=127.0.0.1:$(cut -d' ' -f1 "$work/zabbix.counts")
Hostname=bench
BufferSend=$interval
END
    "$agent" -c "$work/zabbix.conf" >/dev/null 2>&1 &
    began zabbix_agent2 $!
}

start_collectd() {
    local daemon plugins=/usr/lib/collectd types=/usr/share/collectd/types.db name
    daemon=$(peer collectd-core /usr/sbin/collectd)
    [ -n "$daemon" ] || { say "without collectd"; return; }
    [ -d "$plugins" ] || plugins=$work/peers/root$plugins types=$work/peers/root$types
    {
        printf 'Hostname "bench"\nFQDNLookup false\nInterval %s\nPIDFile "%s/collectd.pid"\nTypesDB "%s"\nPluginDir "%s"\n' \
            "$interval" "$work" "$types" "$plugins"
        for name in cpu df disk entropy interface irq load memory processes swap users network; do echo "LoadPlugin $name"; done
        # Nobody reads there: what is measured is what sending costs.
        printf '<Plugin network>\n  Server "127.0.0.1" "%s"\n</Plugin>\n' "$(free_port)"
    } >"$work/collectd.conf"
    "$daemon" -f -C "$work/collectd.conf" >"$work/collectd.log" 2>&1 &
    began collectd $!
}

start_sadc() { # cycles
    local collector
    collector=$(peer sysstat /usr/lib/sysstat/sadc)
    [ -n "$collector" ] || { say "without sadc"; return; }
    "$collector" -S XALL "$interval" "$(($1 + 300))" "$work/sadc.data" >/dev/null 2>&1 &
    began sadc $!
}

free_port() { # one that nothing listens on just now
    local port
    for port in $(shuf -i 20000-29999 -n 20); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

note_others() { # remembers the CPU time so far
    local name
    for name in "${others[@]}"; do other_cpu[$name]=$(cpu_us "${other_pid[$name]}"); done
}

print_others() { # our CPU of a cycle in ms, cycles
    local name cpu
    [ "${#others[@]}" -gt 0 ] || return 0
    printf '\n%-16s %14s %16s %14s %10s\n' "others, this run" "CPU/cycle, ms" "ours to theirs" "anonymous, MB" "threads"
    for name in "${others[@]}"; do
        cpu=$(($(cpu_us "${other_pid[$name]}") - other_cpu[$name]))
        awk -v name="$name" -v cpu="$cpu" -v n="$2" -v ours="$1" -v kb="$(memory_kb "${other_pid[$name]}" Anonymous)" \
            -v threads="$(threads "${other_pid[$name]}")" 'BEGIN {
            each = cpu / n / 1000
            printf "%-16s %14.2f %14s x %14.2f %10s\n", name, each, (each > 0 ? sprintf("%.2f", ours / each) : "-"), kb / 1000, threads }'
    done
}
