#!/usr/bin/env bash
# An emergency always cuts: whatever is wrong with the ledger, the configuration, the terminal or
# another process, traffic stops in the same time, and what happened is on the record afterwards:
# in the ledger, or in the spool from which the next command takes it in, once and in order.
# Usage: emergency.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: emergency.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
# shellcheck source-path=SCRIPTDIR source=lib/stand.sh
source "$here/lib/stand.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
mounts=() spools=()
clean_up() {
  local one
  for one in "${mounts[@]}"; do umount -l "$one" 2>/dev/null || true; done
  stand_end
  rm -rf "$work"
  rm -f "${spools[@]}"
}
trap clean_up EXIT
stand_begin "$work" "$binary"
stand_up first

ledger() { printf '%s' "$stand_migration/hal9.db"; }

# A new migration at half of the traffic, in $work/NAME or in a folder that is there already.
begin_case() {
  stand_lines_fit || not_ok 'what the case before recorded fits its JSON Schema'
  printf '# %s\n' "$1"
  stand_ask "set map $stand_router/kill.map all 0; set server hierarchical/s1 state ready; \
set server shadow/s1 state ready" >"$work/ignored"
  local map key
  for map in share mirror; do
    for key in $(stand_map "$map" | awk '{ print $1 }'); do
      printf 'set map %s/%s.map %s 0\n' "$stand_router" "$map" "$key"
    done | paste -sd ';' | socat -t5 - "UNIX-CONNECT:$stand_socket" >"$work/ignored"
  done
  stand_wait 'hierarchical' stand_is_up
  stand_migration=${2:-$work/$1}
  stand_init case >"$work/ignored"
  hal9 migrate --phase shadow --yes >"$work/forward.log" 2>&1
  hal9 migrate --phase canary --percentage 50 --yes >>"$work/forward.log" 2>&1
  same 5000 "$(stand_values share)" 'half of the traffic is at hierarchical'
}

# run_emergency [OPTIONS OF watch_cut.py]: runs the emergency and looks at HAProxy all the while: its exit code goes to $run_code, what it
# prints to $said, and the time until traffic was cut, in milliseconds, to $cut_after.
cut_after=''
run_emergency() {
  run_code=0
  python3 "$here/lib/watch_cut.py" --socket "$stand_socket" --kill "$stand_router/kill.map" \
    --folder "$stand_migration" --output "$work/said" --time "$work/cut_after" "$@" \
    -- "$binary" rollback --emergency --force || run_code=$?
  said=$(cat "$work/said")
  cut_after=$(cat "$work/cut_after")
}

# emergency CODES WHAT: runs it, and looks at what has to hold in every case.
emergency() {
  run_emergency
  if [[ ",$1," == *",$run_code,"* ]]; then
    ok "$2: exit $run_code"
  else
    not_ok "$2: exit $run_code, not $1" "$said"
  fi
  traffic_is_cut "$2"
}

# The bound is wide since machines are busy; what it holds apart is a cut that waits for a ledger
# (a second and more) from one that does not.
traffic_is_cut() {
  if stand_halted; then ok "$1: the kill switch is on"; else not_ok "$1: no kill switch"; fi
  same 0 "$(stand_values share)" "$1: HAProxy's shares are 0"
  says 'Flat: 100%, Hierarchical: 0%' "$1: and it says so"
  between 0 "$cut_bound" "$cut_after" "$1: traffic was cut within $cut_bound ms"
}

# The next mutation takes the spool in: once, in order, as facts of then.
spool_is_taken_in() {
  says 'spool' "$1: where the record is, is said"
  local began_before
  sleep 1.1 # so that whole seconds tell then from now
  began_before=$(date -u +%Y-%m-%dT%H:%M:%S)
  expect 0 "$1: the next command works" hal9 annotate 'the ledger is back'
  local entries
  entries=$(hal9 timeline --format jsonl)
  same 1 "$(jq -s '[.[] | select(.type | test("spool.taken"))] | length' <<<"$entries")" \
    "$1: it takes the spool in"
  same "${2:-1}" "$(jq -s '[.[] | select(.via == "spool" and (.type | test("rollback.started")))]
    | length' <<<"$entries")" "$1: the timeline shows the cut, once, via spool"
  run hal9 timeline
  says 'emergency rollback.*via spool' "$1: and says so to whoever reads it"
  same true "$(jq -s --arg since "$began_before" 'all(.[] | select(.via == "spool"); .time < $since
    and .recorded >= $since)' <<<"$entries")" "$1: as facts of then, recorded now"
  state_is_right "$1"
  expect 0 "$1: a command after that" hal9 annotate 'once more'
  same "${2:-1}" "$(hal9 timeline --format jsonl | jq -s '[.[] | select(.via == "spool" and
    (.type | test("rollback.started")))] | length')" "$1: nothing is taken in twice"
}

state_is_right() {
  expect 0 "$1: ledger verify" hal9 ledger verify
  expect 0 "$1: traffic --verify" hal9 traffic --verify
  expect 0 "$1: status" hal9 status
  says 'Phase: none' "$1: the phase is none"
}

case_healthy() {
  begin_case healthy
  cut_bound=2000
  emergency 0 'a healthy ledger'
  # The others may take twenty times as long and half a second more.
  cut_bound=$(awk -v base="$cut_after" 'BEGIN { print int(20 * base + 500) }')
  state_is_right 'a healthy ledger'
}

case_locked() {
  begin_case locked
  stand_start holder flock --no-fork "$(ledger).lock" sleep 30
  wait_for 2 lock_is_taken
  emergency 9 'a locked ledger'
  stand_stop holder
  spool_is_taken_in 'a locked ledger'
}

lock_is_taken() { ! flock -n "$(ledger).lock" true; }

# Root writes through any mode: only a file system that refuses is read-only.
case_read_only() {
  local folder=$work/read_only_disk
  mkdir "$folder"
  if ! mount -t tmpfs -o size=16m none "$folder" 2>/dev/null; then
    skipped 'a read-only ledger: this machine lets nobody mount'
    return
  fi
  mounts+=("$folder")
  begin_case read_only "$folder/migration"
  # The folder is read-only as a whole, the prepared spool in it too.
  mount -o remount,ro "$folder"
  # As it is typed that night: by a link, and the record is found by its own path in the morning.
  ln -s "$stand_migration" "$work/by_link"
  HAL9_CONFIG=$work/by_link/hal9.yaml emergency 9 'a read-only disk'
  says_not 'raise' 'a read-only disk: nobody is said to raise'
  # Its spool is elsewhere then, and nobody else's: it goes when this script ends.
  spools+=("$(grep -oE '/var/tmp/[^ )]*\.spool' <<<"$said" || true)")
  mount -o remount,rw "$folder"
  spool_is_taken_in 'a read-only disk'

  begin_case read_only_file "$folder/file"
  # The ledger alone is read-only.
  mount --bind "$(ledger)" "$(ledger)"
  mounts+=("$(ledger)")
  mount -o remount,bind,ro "$(ledger)"
  emergency 9 'a read-only ledger'
  umount "$(ledger)"
  spool_is_taken_in 'a read-only ledger'
}

# Where users are sent is what matters at night; only what is on record is unknown.
router_is_read_without_ledger() {
  expect 3 'a ledger that is garbage: traffic --verify' hal9 traffic --verify
  says '^Flat: 100%, Hierarchical: 0%$' 'it reads the router all the same'
  says 'no record to compare with' 'and says what it cannot say'
  says_not 'observed is what is recorded' 'and nothing more'
  expect 6 'a ledger that is garbage: status' hal9 status
  says 'next: hal9-migrate traffic --verify$' 'it names the line that looks without it'
  stand_ask "set map $stand_router/share.map us-west-2.substrate 700" >"$work/ignored"
  expect 6 'a ledger that is garbage: traffic' hal9 traffic
  says 'Hierarchical: 0-7%' 'what is up is seen'
  says 'next: hal9-migrate rollback$' 'and the line that lowers it'
  stand_ask "set map $stand_router/share.map us-west-2.substrate 0" >"$work/ignored"
}

case_damaged() {
  begin_case damaged
  cp "$(ledger)" "$work/good.db"
  dd if=/dev/urandom of="$(ledger)" bs=4096 count=4 conv=notrunc status=none
  emergency 9 'a ledger that is garbage'
  says 'next: hal9-migrate traffic --verify$' 'and the line that looks without it'
  router_is_read_without_ledger
  cat "$work/good.db" >"$(ledger)"
  spool_is_taken_in 'a ledger that is garbage'

  begin_case cut_off
  cp "$(ledger)" "$work/good.db"
  truncate -s 5000 "$(ledger)"
  emergency 9 'a ledger that is cut off'
  cat "$work/good.db" >"$(ledger)"
  spool_is_taken_in 'a ledger that is cut off'
}

case_missing() {
  begin_case missing
  mkdir "$work/aside"
  mv "$(ledger)"* "$work/aside/"
  mv "$work/aside/hal9.db.spool" "$(ledger).spool"
  emergency 9 'a missing ledger'
  if [[ -e $(ledger) ]]; then
    not_ok 'a missing ledger: a new one was made in its place'
  else
    ok 'a missing ledger: none is made in its place'
  fi
  mv "$work/aside/"* "$stand_migration/"
  spool_is_taken_in 'a missing ledger'
}

case_full() {
  local folder=$work/small_disk
  mkdir "$folder"
  if ! mount -t tmpfs -o size=4m none "$folder" 2>/dev/null; then
    skipped 'a full disk: this machine lets nobody mount'
    return
  fi
  mounts+=("$folder")
  begin_case full "$folder/migration"
  dd if=/dev/zero of="$folder/filler" bs=64k status=none 2>"$work/ignored" || true
  dd if=/dev/zero of="$folder/filler2" bs=1k status=none 2>"$work/ignored" || true
  emergency 9 'a full disk'
  rm "$folder/filler" "$folder/filler2"
  spool_is_taken_in 'a full disk'
}

case_broken_configuration() {
  begin_case broken_configuration
  cp "$stand_migration/hal9.yaml" "$work/good.yaml"
  printf '\tnonsense: [\n' >>"$stand_migration/hal9.yaml"
  emergency 0 'a broken configuration'
  says 'accepted last' 'a broken configuration: it says which one it uses'
  cat "$work/good.yaml" >"$stand_migration/hal9.yaml"
  state_is_right 'a broken configuration'

  # Somebody whose folder it is not accepted another configuration since: the ledger knows it.
  begin_case stale_copy
  sed -i "s|$stand_socket|$work/nobody.sock|" "$stand_migration/.hal9-accepted.json"
  expect 0 'a stale copy of the configuration' hal9 config check
  says 'is not a copy of it' 'a stale copy: config check says so'
  cp "$stand_migration/hal9.yaml" "$work/good.yaml"
  printf '\tnonsense: [\n' >>"$stand_migration/hal9.yaml"
  emergency 0 'a stale copy'
  says 'accepted last is used' 'a stale copy: what the ledger accepted last is used'
  cat "$work/good.yaml" >"$stand_migration/hal9.yaml"
  state_is_right 'a stale copy'

  # What lies in a folder that was copied is of the first one's traffic.
  begin_case copied_folder
  cp -r "$stand_migration" "$work/copied"
  printf '\tnonsense: [\n' >>"$work/copied/hal9.yaml"
  expect 2 'an emergency in a copied folder' "$binary" rollback --emergency --force \
    --config "$work/copied/hal9.yaml"
  says "made of $stand_migration/hal9.yaml" 'a copied folder: it says whose the copy is'
  same 5000 "$(stand_values share)" 'a copied folder: the first one is left alone'

  begin_case no_configuration
  mv "$stand_migration/hal9.yaml" "$work/good.yaml"
  emergency 0 'no configuration'
  mv "$work/good.yaml" "$stand_migration/hal9.yaml"
  state_is_right 'no configuration'
}

case_nobody_listens() {
  begin_case stdout_closed
  run_code=0
  (cd "$stand_migration" && "$binary" rollback --emergency --force >&- 2>&-) || run_code=$?
  same 0 "$run_code" 'closed stdout and stderr: exit 0'
  state_is_right 'closed stdout and stderr'

  begin_case pipe_closed
  local -a codes
  (cd "$stand_migration" && "$binary" rollback --emergency --force 2>&1) | true
  codes=("${PIPESTATUS[@]}")
  same 0 "${codes[0]}" 'a pipe that nobody reads: exit 0'
  state_is_right 'a pipe that nobody reads'
}

case_overtakes() {
  begin_case overtakes
  hal9 rollback --gradual --duration 30s >"$work/gradual.log" 2>&1 &
  local gradual=$!
  stand_pid[gradual]=$gradual
  if wait_for 5 has_come_down; then ok 'a gradual rollback runs'; else not_ok 'it does not run'; fi
  emergency 0 'a gradual rollback of another process'
  local code=0
  wait "$gradual" || code=$?
  unset 'stand_pid[gradual]'
  same 0 "$code" 'the gradual one ends by itself: what it was to do is observed'
  said=$(cat "$work/gradual.log")
  says 'superseded by the emergency rollback' 'it says by whom it was overtaken'
  says_not 'annotate' 'and asks for no reason: it is over'
  expect 0 'a gradual rollback of another process: list' hal9 rollback list --format json
  same 'completed superseded' "$(jq -r '[.[].status] | sort | join(" ")' <<<"$said")" \
    'the emergency is completed, the gradual one superseded'
  state_is_right 'a gradual rollback of another process'
}

has_come_down() {
  local now
  now=$(stand_values share)
  ((${now%% *} < 5000 && ${now%% *} > 0))
}

# What HAProxy reads at its next start cannot be written: that stops no cut, and is said.
case_files_read_only() {
  begin_case files_read_only
  if ! mount --bind "$stand_router" "$stand_router" 2>/dev/null; then
    skipped 'read-only map files: this machine lets nobody mount'
    return
  fi
  mounts+=("$stand_router")
  mount -o remount,bind,ro "$stand_router"
  emergency 8 'read-only map files'
  says 'share\.map' 'read-only map files: what could not be written is said'
  umount "$stand_router"
  expect 0 'read-only map files: an emergency afterwards' hal9 rollback --emergency --force
  state_is_right 'read-only map files'
}

case_no_haproxy() {
  begin_case no_haproxy
  stand_stop_haproxy
  local began=$SECONDS
  run_emergency --interrupt-after 1.5
  same 8 "$run_code" 'a HAProxy that is not there: exit 8'
  between 0 10 $((SECONDS - began)) 'Ctrl-C ends the waiting (seconds)'
  says 'socat' 'a HAProxy that is not there: break-glass lines are printed'
  says 'lb1' 'a HAProxy that is not there: it is named'
  same 0 "$(grep -v '^#' "$stand_router/share.map" | awk '{ print $2 }' | sort -u)" \
    'its file says 0, so that it falls to flat when it starts'
  stand_start haproxy haproxy -db -f "$stand_config"
  stand_wait 'HAProxy' stand_answers "${stand_port[front]}"
  same 0 "$(stand_values share)" 'and so it does'
  if stand_halted; then ok 'halted'; else not_ok 'it started without the kill switch'; fi
  expect 0 'an emergency afterwards' hal9 rollback --emergency --force
  state_is_right 'a HAProxy that is back'
}

# A dead balancer beside the living one: sessions at the living one end all the same.
case_one_of_two() {
  begin_case one_of_two
  cp "$stand_migration/hal9.yaml" "$work/one.yaml"
  sed -e "s|^    - name: lb1|    - name: lb2\\n      socket: $work/nobody.sock\\n&|" \
    "$work/one.yaml" >"$work/two.yaml"
  cat "$work/two.yaml" >"$stand_migration/hal9.yaml"
  stand_stop hierarchical
  stand_start hierarchical python3 "$stand_services/echo_service.py" \
    --name hierarchical --port "${stand_port[hierarchical]}" --delay-ms 20000
  stand_wait 'the slow hierarchical' stand_is_up
  printf 'set map %s/share.map us-west-2.substrate 10000\n' "$stand_router" |
    socat -t5 - "UNIX-CONNECT:$stand_socket" >"$work/ignored"
  # More than one try: an idle connection to the service that was stopped answers the first one.
  (for _ in 1 2 3 4 5; do
    stand_get "${stand_port[front]}" /us-west-2/substrate/slow || true
    sleep 0.2
  done) >"$work/slow" 2>&1 &
  local user=$!
  if ! wait_for 10 a_session_is_there; then not_ok 'a slow request is at hierarchical'; fi
  run_emergency --interrupt-after 1.5
  same 8 "$run_code" 'one of two balancers dead: exit 8'
  says 'lb2' 'one of two balancers dead: it is named'
  says '1 session to hierarchical ended' 'one of two balancers dead: the session has ended'
  same 0 "$(stand_values share)" 'one of two balancers dead: the living one is at 0'
  wait "$user"
  if a_session_is_there; then not_ok 'the session lives on'; else ok 'HAProxy has no session'; fi
  cat "$work/one.yaml" >"$stand_migration/hal9.yaml"
  stand_stop hierarchical
  stand_start_service hierarchical
  expect 0 'an emergency afterwards' hal9 rollback --emergency --force
  state_is_right 'one of two balancers dead'
}

a_session_is_there() {
  stand_ask 'show stat hierarchical 4 -1' | awk -F, '$2 == "s1" { n = $5 } END { exit !(n > 0) }'
}

# A key that the maps hold and the configuration does not: seen, and lowered with the rest.
case_key_of_no_route() {
  begin_case key_of_no_route
  local map=$stand_router/share.map
  stand_ask "add map $map old-1.substrate 700" >"$work/ignored"
  expect 3 'a key that is no configured route: traffic --verify' hal9 traffic --verify
  says 'old-1\.substrate is no configured route.* 7%' 'its key and share are named'
  says 'next: hal9-migrate rollback$' 'and the line that lowers it'
  stand_start holder flock --no-fork "$(ledger).lock" sleep 30
  wait_for 2 lock_is_taken
  expect 9 'a rollback with a locked ledger' hal9 rollback
  stand_stop holder
  same 0 "$(stand_values share)" 'it lowers that key too'
  for question in timeline 'rollback list'; do
    # shellcheck disable=SC2086 # a verb is two words
    expect 0 "$question, before that is taken in" hal9 $question
    says '1 records? waits? in the spool' "$question: what is not in the ledger yet is said"
  done
  expect 0 'the next command takes it in' hal9 annotate 'the ledger is back'
  state_is_right 'a key that is no configured route'
  stand_ask "set map $map old-1.substrate 700" >"$work/ignored"
  expect 0 'a rollback with a ledger' hal9 rollback
  same 0 "$(stand_values share)" 'it lowers that key too'
  state_is_right 'the same with a ledger'
  stand_ask "del map $map old-1.substrate" >"$work/ignored"
}

case_break_glass() {
  begin_case break_glass
  expect 0 'rollback --emergency --print' hal9 rollback --emergency --print
  says 'socat' 'it prints lines for socat'
  same 5000 "$(stand_values share)" 'and moves nothing'
  # The lines as a tired person pastes them.
  printf '%s\n' "$said" | sh >"$work/glass.log" 2>&1
  if stand_halted; then ok 'the lines set the kill switch'; else not_ok 'no kill switch'; fi
  same 0 "$(stand_values share)" 'the lines set the shares to 0'
  same 1 "$(stand_ask 'show servers state hierarchical' |
    awk '$2 == "hierarchical" { print $7 }')" 'the lines put the server into maintenance'
  same 0 "$(grep -v '^#' "$stand_router/share.map" | awk '{ print $2 }' | sort -u)" \
    'the lines set the files to 0'
  expect 3 'traffic --verify sees that this is not recorded' hal9 traffic --verify
  expect 0 'an emergency puts it on the record' hal9 rollback --emergency
  state_is_right 'break-glass lines'
}

case_healthy
case_locked
case_read_only
case_damaged
case_missing
case_full
case_broken_configuration
case_nobody_listens
case_overtakes
case_files_read_only
case_no_haproxy
case_one_of_two
case_key_of_no_route
case_break_glass
finish
