#!/usr/bin/env bash
# Several balancers, two of them on other machines (network namespaces), and what happens to them:
# restarts, reloads under load, a machine that swallows every packet, map files edited by hand.
# Usage: balancers.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: balancers.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
# shellcheck source-path=SCRIPTDIR source=lib/stand.sh
source "$here/lib/stand.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
spaces=()
clean_up() {
  local space
  for space in "${spaces[@]}"; do ip netns pids "$space" 2>/dev/null | xargs -r kill -9 || true; done
  for space in "${spaces[@]}"; do ip netns del "$space" 2>/dev/null || true; done
  stand_end
  rm -rf "$work"
}
trap clean_up EXIT

# ---- other machines ------------------------------------------------------------------------------

net="10.$((RANDOM % 200 + 20)).$((RANDOM % 250))" # this run's own

# machine NAME NUMBER: a namespace with an address, and ours on the other end of its cable.
machine() {
  local space=hal9-$1-$$ cable=h9$2x$$
  ip netns add "$space" || return 1
  spaces+=("$space")
  ip link add "$cable" type veth peer name eth0 netns "$space" &&
    ip addr add "$net.$(($2 * 4 + 1))/30" dev "$cable" && ip link set "$cable" up &&
    ip -n "$space" addr add "$net.$(($2 * 4 + 2))/30" dev eth0 &&
    ip -n "$space" link set eth0 up && ip -n "$space" link set lo up
}
address() { printf '%s.%d:9999' "$net" "$(($1 * 4 + 2))"; }
inside() {
  local space=hal9-$1-$$
  shift
  ip netns exec "$space" "$@"
}
ask_far() { printf '%s\n' "$2" | socat -t5 - "TCP:$(address "$1")"; }
far_values() {
  ask_far "$1" "show map $work/lb$1/maps/share.map" | awk '$1 ~ /^0x/ { print $3 }' | sort -rnu |
    paste -sd ' '
}
far_halted() { [[ $(ask_far "$1" "show map $work/lb$1/maps/kill.map") == *' all 1'* ]]; }

# The printed lines and maps of lb$1, brought to its machine, with services of its own behind it.
start_far() {
  local name=lb$1 system
  mkdir -p "$work/$name"
  cp -r "$stand_router/$name" "$work/$name/maps"
  for system in flat hierarchical; do
    stand_start "$name-$system" ip netns exec "hal9-$name-$$" python3 \
      "$stand_services/echo_service.py" --name "$system" --port "${stand_port[$system]}"
  done
  start_far_haproxy "$1"
}
start_far_haproxy() {
  stand_start "lb$1" ip netns exec "hal9-lb$1-$$" haproxy -db -f "$work/lb$1/maps/hal9-haproxy.cfg"
  stand_wait "HAProxy of lb$1" far_is_up "$1"
}
far_is_up() {
  ask_far "$1" 'show servers state' | awk '
    $1 ~ /^[0-9]+$/ && NF > 6 { n++; up += $6 == 2 }
    END { exit !(n > 0 && up == n) }'
}
far_yaml() {
  printf '    - name: lb%d\n      address: %s\n      files: none\n      maps: %s\n' \
    "$1" "$(address "$1")" "$work/lb$1/maps"
}

# interrupted SECONDS WORDS...: as `hal9`, and Ctrl-C after so long.
interrupted() {
  local after=$1
  shift
  (cd "$stand_migration" && timeout --foreground --preserve-status -s INT "$after" "$stand_binary" "$@")
}

case_elsewhere() {
  if ! machine lb2 2 2>"$work/denied" || ! machine lb3 3 2>>"$work/denied"; then
    skipped "balancers on other machines: no network namespace ($(tail -n 1 "$work/denied"))"
    return
  fi
  stand_begin "$work/far" "$binary"
  stand_balancers_yaml="$(far_yaml 2)
$(far_yaml 3)"
  stand_up far
  start_far 2
  start_far 3
  expect 0 'config check with balancers by TCP' hal9 config check
  says "balancer lb2 is reached by TCP .*whoever reaches it can move traffic" 'warns of the socket'
  if far_halted 2; then ok 'lb2 starts halted'; else not_ok 'lb2 does not start halted'; fi
  expect 0 'what was never raised is no difference' hal9 traffic --verify

  hal9 migrate --phase shadow --yes >"$work/forward.log" 2>&1 || not_ok 'shadow' "$(cat "$work/forward.log")"
  expect 0 'all three go forward' hal9 migrate --phase canary --percentage 50 --yes
  same '5000 5000 5000' "$(stand_values share) $(far_values 2) $(far_values 3)" 'each has the share'
  if far_halted 2; then not_ok 'lb2 is still halted'; else ok 'lb2 takes traffic'; fi
  expect 0 'traffic --verify reads all of them' hal9 traffic --verify
  same '0' "$(awk '!/^#/ { print $2 }' "$work/lb2/maps/share.map" | sort -rnu | paste -sd ' ')" \
    'the share file of lb2 is as installed'
  same 'all 1' "$(grep '^all ' "$work/lb2/maps/kill.map")" 'and its kill file'

  stand_stop lb2
  start_far_haproxy 2
  expect 3 'a restart of lb2 is a difference' hal9 traffic --verify
  says 'balancer lb2: recorded follows, observed restarted' 'which is said'
  says 'next: hal9-migrate migrate --phase canary --percentage 50$' 'with the line that raises it'
  expect 0 'that line' hal9 migrate --phase canary --percentage 50 --yes
  says 'lb2 follows again' 'says what it did'
  same 5000 "$(far_values 2)" 'lb2 has its share again'
  expect 0 'and nothing differs' hal9 traffic --verify

  case_black_hole
}

# Every packet from lb2 to us is swallowed: our SYN is never answered.
case_black_hole() {
  ip -n "hal9-lb2-$$" route add blackhole "$net.9/32"
  ip -n "hal9-lb2-$$" route flush cache
  run interrupted 6 rollback --emergency --force
  same 8 "$run_code" 'an emergency with a machine that swallows everything: exit 8'
  says 'NOT observed: lb2 does not answer' 'it is named'
  says "echo 'set map $work/lb2/maps/kill.map all 1' \| socat -t5 - TCP:$(address 2),connect-timeout=1" 'with its line'
  says_not '# balancer lb[13]' 'and no line for the others'
  says_not 'Hierarchical: 0%' 'nothing is claimed'
  if stand_halted && far_halted 3; then
    ok 'the two others are halted'
  else
    not_ok 'the two others are not halted'
  fi
  same '0 0' "$(stand_values share) $(far_values 3)" 'at 0'
  ip -n "hal9-lb2-$$" route del blackhole "$net.9/32"
  expect 0 'once it answers' hal9 rollback --emergency --force
  same 0 "$(far_values 2)" 'lb2 is at 0'
  expect 0 'and nothing differs' hal9 traffic --verify

  case_late
}

# It hears the emergency when that has ended, and perhaps not to its end: no restart, and a halt.
case_late() {
  local pid
  hal9 migrate --phase shadow --yes >"$work/forward.log" 2>&1
  hal9 migrate --phase canary --percentage 30 --yes >>"$work/forward.log" 2>&1
  same 3000 "$(far_values 2)" 'up again' "$(cat "$work/forward.log")"
  for pid in $(ip netns pids "hal9-lb2-$$"); do
    [[ $(<"/proc/$pid/comm") == haproxy ]] && kill -STOP "$pid"
  done
  run interrupted 6 rollback --emergency --force
  same 8 "$run_code" 'an emergency with a balancer that hangs: exit 8'
  for pid in $(ip netns pids "hal9-lb2-$$"); do kill -CONT "$pid"; done
  expect 0 'what was left' hal9 rollback resume
  expect 0 'nothing differs' hal9 traffic --verify
  expect 0 'status' hal9 status
  says 'halted' 'the halt is on record'
  says_not 'does not know of it' 'and known'
  expect 0 'forward again' hal9 migrate --phase shadow --yes
  says 'gate halt +passed: halt of event [0-9]+ is cleared by this command' 'its gate has seen the halt'
  says_not 'restarted' 'nobody is said to have restarted'
  expect 0 'and nothing differs then' hal9 traffic --verify
}

# ---- here: reloads, restarts, hands --------------------------------------------------------------

at_hierarchical() { stand_counts hierarchical | awk '{ print $1 }'; }
reload() { kill -USR2 "${stand_pid[haproxy]}"; }
pid_of_worker() { stand_ask 'show info' | sed -n 's/^Pid: //p'; }
is_other_worker() { [[ $(pid_of_worker) != "$1" ]]; }

begin_here() {
  stand_lines_fit || not_ok 'what the case before recorded fits its JSON Schema'
  local name
  for name in "${!stand_pid[@]}"; do stand_stop "$name"; done
  stand_balancers_yaml=''
  stand_begin "$work/here" "$binary"
  stand_lb1_yaml="      master: $stand/master.sock"
  stand_haproxy_options=(-W -S "$stand/master.sock")
  stand_up here
  hal9 migrate --phase shadow --yes >"$work/forward.log" 2>&1
  hal9 migrate --phase canary --percentage 100 --yes >>"$work/forward.log" 2>&1
  same 10000 "$(stand_values share)" 'everything is at hierarchical'
}

case_reload_under_load() {
  begin_here
  stand_start_load 20 300 40
  wait_for 5 arrived_more_than 100
  local before worker
  expect 0 'a rollback under load' hal9 rollback
  before=$(at_hierarchical)
  worker=$(pid_of_worker)
  reload
  wait_for 5 is_other_worker "$worker" || not_ok 'no reload'
  sleep 2
  same "$before" "$(at_hierarchical)" 'a reload brings nobody back'
  expect 0 'verify behind the reload' hal9 traffic --verify
  stand_stop haproxy
  stand_start_haproxy
  sleep 2
  same "$before" "$(at_hierarchical)" 'nor does a restart'
  expect 0 'verify behind the restart' hal9 traffic --verify
  stand_stop load
}
arrived_more_than() { (($(at_hierarchical) > $1)); }

# An old worker with a tunnel: seen by verify and monitor, and ended by an emergency.
case_old_worker() {
  hal9 migrate --phase shadow --yes >"$work/forward.log" 2>&1
  hal9 migrate --phase canary --percentage 100 --yes >>"$work/forward.log" 2>&1
  stand_start tunnel python3 -B "$here/lib/tunnel.py" "127.0.0.1:${stand_port[front]}" \
    /us-west-2/substrate/tunnel
  wait_for 5 grep -q '^open hierarchical' "$stand/tunnel.log" || not_ok 'no tunnel'
  local worker
  worker=$(pid_of_worker)
  reload
  wait_for 5 is_other_worker "$worker" || not_ok 'no reload'
  run hal9 rollback
  same 0 "$run_code" 'a rollback with an old worker'
  expect 0 'verify' hal9 traffic --verify
  says "lb1: old worker $worker still serves 1 session at hierarchical" 'sees the tunnel'
  expect 3 'monitor' hal9 monitor --system hierarchical --duration 1s
  expect 0 'an emergency' hal9 rollback --emergency --force
  says '1 sessions? to hierarchical ended' 'ends it'
  wait_for 5 grep -q '^closed' "$stand/tunnel.log" || not_ok 'the tunnel lives on'
  expect 0 'monitor behind it' hal9 monitor --system hierarchical --duration 1s
  says 'No active requests' 'and the system is quiet'
  stand_stop tunnel
}

case_drift() {
  hal9 migrate --phase shadow --yes >"$work/forward.log" 2>&1
  hal9 migrate --phase canary --percentage 40 --yes >>"$work/forward.log" 2>&1
  (cd "$stand_migration" && exec "$stand_binary" traffic --verify --watch) >"$stand/watch.log" 2>&1 &
  local watch=$! code=0
  wait_for 5 grep -q 'observed is what is recorded' "$stand/watch.log" || not_ok 'no first look'
  stand_ask "set map $stand_router/share.map us-west-2.substrate 9000" >"$work/ignored"
  if wait_for 6 grep -q 'us-west-2.substrate share: recorded 40%, observed 90%' "$stand/watch.log"; then
    ok 'the watch sees a map that was edited by hand'
  else
    not_ok 'the watch is blind' "$(cat "$stand/watch.log")"
  fi
  reload
  if wait_for 8 grep -q 'restarted or reloaded: pid' "$stand/watch.log"; then
    ok 'and a reload'
  else
    not_ok 'the watch sees no reload' "$(cat "$stand/watch.log")"
  fi
  wait_for 6 grep -q 'no longer: us-west-2.substrate share' "$stand/watch.log" ||
    not_ok 'the watch does not say that it is over' "$(cat "$stand/watch.log")"
  stand_ask "set map $stand_router/share.map us-west-2.substrate 9000" >"$work/ignored"
  sleep 3
  kill -INT "$watch"
  wait "$watch" || code=$?
  same 3 "$code" 'Ctrl-C while it differs: exit 3'

  # A gradual rollback puts it down on its way, and it is on record.
  (cd "$stand_migration" && exec "$stand_binary" rollback --gradual --duration 12s) \
    >"$stand/gradual.log" 2>&1 &
  local gradual=$!
  sleep 2
  stand_ask "set map $stand_router/share.map eu-west-1.cognitive 10000" >"$work/ignored"
  if wait_for 4 is_below eu-west-1.cognitive 4100; then
    ok 'a ramp puts down what a hand has raised'
  else
    not_ok 'a ramp leaves it up' "$(cat "$stand/gradual.log")"
  fi
  code=0
  wait "$gradual" || code=$?
  same 0 "$code" 'and ends at 0'
  same 0 "$(stand_values share)" 'observed'
  expect 0 'verify behind it' hal9 traffic --verify
}
is_below() { (($(stand_map share | awk -v key="$1" '$1 == key { print $2 }') < $2)); }

# What a restart would bring back is refused before it does.
case_files() {
  local file=$stand_router/share.map
  expect 0 'config check' hal9 config check
  cp "$file" "$work/share.map"
  sed -i 's/^us-west-2.substrate .*/us-west-2.substrate 700/' "$file"
  expect 3 'a share file above the ledger' hal9 config check
  says 'share.map would put traffic back after a restart: us-west-2.substrate is at 7%' 'is named'
  cp "$work/share.map" "$file"
  cp "$stand_router/kill.map" "$work/kill.map"
  sed -i '/^all /d' "$stand_router/kill.map"
  expect 3 'a kill file without its line' hal9 config check
  says 'kill.map has no line' 'is named'
  cp "$work/kill.map" "$stand_router/kill.map"
  rm "$file" && mkdir "$file"
  expect 3 'a share file that cannot be read' hal9 config check
  rmdir "$file" && cp "$work/share.map" "$file"
  expect 0 'mended' hal9 config check
  sed 's/^  files: /  backends: {hierarchical: hierarchcal}\n&/' "$stand_migration/hal9.yaml" \
    >"$stand_migration/wrong.yaml"
  expect 3 'a backend that this HAProxy does not have' hal9 config check --config wrong.yaml
  says 'has no backend hierarchcal' 'is named'
  sed 's,socket: .*,socket: nobody.sock,' "$stand_migration/hal9.yaml" >"$stand_migration/wrong.yaml"
  expect 0 'a socket that is not there now' hal9 config check --config wrong.yaml
  says 'nobody.sock\) does not answer now' 'is named'
  rm "$stand_migration/wrong.yaml"
}

case_elsewhere
case_reload_under_load
case_old_worker
case_drift
case_files
finish
