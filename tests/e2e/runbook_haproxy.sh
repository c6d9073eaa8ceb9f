#!/usr/bin/env bash
# Types the runbook's lines against a real HAProxy under load. What a line claims is held against
# what HAProxy has in its maps and against what the two services have counted themselves.
# Usage: runbook_haproxy.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: runbook_haproxy.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
# shellcheck source-path=SCRIPTDIR source=lib/stand.sh
source "$here/lib/stand.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'stand_end; rm -rf "$work"' EXIT
stand_begin "$work" "$binary"
stand_up runbook

# type CODES LINE: a line as it stands in the runbook, typed in the migration's folder.
type_line() {
  local codes=$1 line=$2
  local -a words
  read -ra words <<<"${line#hal9-migrate }"
  expect "$codes" "$line" hal9 "${words[@]}"
}

shares_are() { same "$1" "$(stand_values share)" "HAProxy's share map holds $1"; }
mirrors_are() { same "$1" "$(stand_values mirror)" "HAProxy's mirror map holds $1"; }

# What arrived at a system during SECONDS: "requests mirrored".
arrivals() {
  local first second
  first=$(stand_counts "$1")
  sleep "$2"
  second=$(stand_counts "$1")
  echo $((${second% *} - ${first% *})) $((${second#* } - ${first#* }))
}

nothing_arrives() {
  same '0 0' "$(arrivals hierarchical 0.7)" "no request arrives at hierarchical $1"
}

forward_to_canary() {
  type_line 0 'hal9-migrate migrate --phase shadow --yes'
  type_line 0 "hal9-migrate migrate --phase canary --percentage $1 --yes"
}

scenario_shadow() {
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'a new migration is in phase none'
  nothing_arrives 'before it begins'
  type_line 2,5 'hal9-migrate migrate --phase canary --yes'
  says 'shadow' 'the refusal of a skip names the next phase'
  type_line 2 'hal9-migrate migrate --phase shadow'
  says '--yes' 'without a terminal the yes is asked for by name'
  type_line 0 'hal9-migrate migrate --phase shadow --yes'
  says 'gate router +passed' 'the gate of the router is passed'
  says 'gate flat +passed' 'the gate of flat is passed'
  says 'not checked' 'what nobody configured is not claimed'
  shares_are 0
  mirrors_are 10000
  local -a came
  read -ra came < <(arrivals hierarchical 1)
  between 50 100000 "${came[1]}" 'copies arrive at hierarchical'
  same 0 "${came[0]}" 'and nothing but copies'
  type_line 0 'hal9-migrate rollback --from-phase shadow'
  mirrors_are 0
  sleep 0.2 # copies that were under way
  nothing_arrives 'after shadow was rolled back'
  type_line 0 'hal9-migrate migrate --phase shadow --yes'
  type_line 0 'hal9-migrate feature disable shadow_mode'
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'disabling shadow_mode ends the phase'
  mirrors_are 0
}

scenario_canary() {
  forward_to_canary 5
  type_line 0 'hal9-migrate status'
  says 'Phase: canary \(5%\)' 'status shows the phase and its share'
  type_line 0 'hal9-migrate traffic --show-split'
  says 'Flat: 95%, Hierarchical: 5%' 'the split is 95 to 5'
  shares_are 500
  local report
  report=$(stand_load 200 0 4)
  between 0.03 0.07 "$(jq '.hierarchical / .requests' <<<"$report")" \
    'about 5% of the requests arrive at hierarchical'
  between 2 1000 "$(jq '.requests / (2 * .users)' <<<"$report")" 'every user came back'
  same 0 "$(jq .flips <<<"$report")" 'every user stays at the same system'
  same 0 "$(jq .errors <<<"$report")" 'no request fails'
  type_line 5 'hal9-migrate rollback --from-phase shadow'
  says 'canary' 'the guard names the phase that it is'
  says 'rollback --from-phase canary' 'and the line for it'
  shares_are 500
  scenario_verify
  type_line 0 'hal9-migrate rollback --from-phase canary --percentage 0'
  nothing_arrives 'after the rollback returned'
  shares_are 0
  type_line 0 'hal9-migrate traffic --verify'
  says 'Flat: 100%, Hierarchical: 0%' 'all traffic is at flat'
  type_line 0 'hal9-migrate monitor --system hierarchical'
  says 'No active requests' 'hierarchical is idle'
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'a whole rollback ends in phase none'
  type_line 0 'hal9-migrate rollback --from-phase canary'
  says 'nothing' 'rolling back again has nothing to do'
}

# A map that somebody edited by hand, and a HAProxy that was started anew.
scenario_verify() {
  type_line 0 'hal9-migrate traffic --verify'
  stand_ask "set map $stand_router/share.map us-west-2.substrate 900" >"$work/ignored"
  type_line 3 'hal9-migrate traffic --verify'
  says 'us-west-2\.substrate' 'a map edited by hand is named by its route'
  type_line 0 'hal9-migrate status'
  says 'us-west-2\.substrate share: recorded 5%, observed 9%' 'status names it too'
  says '^next: hal9-migrate rollback --percentage 5$' 'and the line that puts it down'
  type_line 3 'hal9-migrate monitor --system hierarchical --duration 1s'
  says_not 'No active requests' 'a busy system is not called idle'
  stand_stop_haproxy
  type_line 3 'hal9-migrate traffic --verify'
  stand_start_haproxy
  type_line 0 'hal9-migrate traffic --verify'
  says 'Hierarchical: 5%' 'a HAProxy that starts anew has the recorded shares from its files'
}

scenario_gradual() {
  forward_to_canary 25
  stand_ask "show map $stand_router/share.map" >"$work/before"
  (
    while :; do
      stand_values share
      sleep 0.05
    done
  ) >"$work/samples" &
  local sampler=$!
  type_line 0 'hal9-migrate rollback --from-phase canary --gradual --duration 3s'
  kill "$sampler"
  wait "$sampler" 2>/dev/null || true
  says '^gradual rollback: share 25% to 0% on [0-9]+ routes over 3s, from .*Z to .*Z$' \
    'the plan and its end are said at the start'
  says '^Ctrl-C leaves traffic where it is' 'and what Ctrl-C does'
  says 'share +[0-9.]+%' 'the way down is shown'
  says_not $'[\r\x1b]' 'off a terminal it is nothing but text'
  # Routes come down one after the other, so that a look may see two values: the highest counts.
  if sort -c -s -k1,1rn "$work/samples" 2>"$work/ignored"; then
    ok "the share never rises on the way down ($(sort -u "$work/samples" | wc -l) values seen)"
  else
    not_ok 'the share rises on the way down' "$(cat "$work/samples")"
  fi
  between 4 1000 "$(sort -u "$work/samples" | wc -l)" 'it comes down in steps'
  shares_are 0
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'a gradual rollback to 0 ends in phase none'
  scenario_interrupted
  forward_to_canary 5
  type_line 0 'hal9-migrate rollback --from-phase canary --immediate'
  shares_are 0
  nothing_arrives 'after an immediate rollback'
}

# A region comes down at once beside a gradual rollback of everything, and neither disturbs the other.
scenario_selected() {
  local first
  forward_to_canary 25
  first=$(stand_map share | awk 'NR == 1 { sub(/[.].*/, "", $1); print $1 }')
  hal9 rollback --gradual --duration 10s >"$work/gradual.log" 2>&1 &
  local running=$!
  sleep 1.5
  type_line 0 "hal9-migrate rollback --regions $first"
  says 'another rollback goes on: gradual of 15 routes to 0%' 'the other one is said to go on'
  same '0' "$(stand_map share | grep "^${first}[.]" | awk '{ print $2 }' | sort -u)" 'its routes are at 0'
  between 1 2500 "$(stand_map share | grep -v "^${first}[.]" | awk '{ print $2 }' | sort -nu | tail -n 1)" \
    'the others come down step by step'
  local code=0
  wait "$running" || code=$?
  same 0 "$code" 'the gradual one comes to its own end'
  shares_are 0
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'and ends the phase'
  type_line 0 'hal9-migrate ledger verify'
}

# Ctrl-C in the middle: it says how it goes on, and it goes on like that.
scenario_interrupted() {
  forward_to_canary 25
  run_code=0
  python3 "$here/lib/watch_cut.py" --socket "$stand_socket" --kill "$stand_router/kill.map" \
    --folder "$stand_migration" --output "$work/said" --time "$work/ignored" \
    --interrupt-after 1.2 -- "$binary" rollback --gradual --duration 4s || run_code=$?
  said=$(cat "$work/said")
  same 130 "$run_code" 'Ctrl-C in a gradual rollback: exit 130'
  says 'rollback resume' 'it names the line that goes on'
  between 1 2400 "$(stand_values share)" 'the share stays where it was'
  type_line 0 'hal9-migrate status'
  says 'is open, and nobody executes it' 'status shows a rollback that is open, and that nobody is at it'
  type_line 0 'hal9-migrate rollback resume'
  shares_are 0
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'resumed, it ends in phase none'
}

scenario_ramp() {
  forward_to_canary 5
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  shares_are 500
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 50 --yes'
  between 0.45 0.55 "$(stand_load 1000 0 3 | jq '.hierarchical / .requests')" \
    'about half of the requests arrive at hierarchical'
  type_line 0 'hal9-migrate migrate --phase canary --percentage 5'
  says 'annotate' 'a way back asks for its reason afterwards'
  type_line 0 'hal9-migrate status'
  says 'Phase: canary \(5%\)' 'migrate goes back to canary, and does not ask'
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 50 --yes'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 0 --immediate'
  type_line 0 'hal9-migrate status'
  says 'Phase: ramp-up \(0%\)' 'a way back by migrate holds in its phase'
  nothing_arrives 'at share 0 of the ramp'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 60 --yes'
  shares_are 6000
  type_line 0 'hal9-migrate rollback --from-phase ramp-up --target-percentage 0'
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'the ramp is rolled back'
}

scenario_full() {
  forward_to_canary 5
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 80 --yes'
  type_line 0 'hal9-migrate migrate --phase full --yes'
  shares_are 10000
  local -a at_flat
  read -ra at_flat < <(arrivals flat 0.5)
  same 0 "${at_flat[0]}" 'in phase full nothing arrives at flat'
  type_line 0 'hal9-migrate rollback --complete --preserve-data'
  says 'traffic 100% flat: passed' 'the first fact of section 2.5 is checked'
  says 'feature flags kept: passed' 'and the third'
  says 'hierarchical state untouched: not checked' 'what nobody can check is not claimed'
  nothing_arrives 'after a complete rollback'
}

scenario_features() {
  type_line 0 'hal9-migrate feature enable meta_cognition --percentage 40 --yes'
  same 4000 "$(stand_map feature | awk '$1 == "meta_cognition" { print $2 }')" \
    "HAProxy's feature map holds 4000"
  type_line 0 'hal9-migrate feature disable meta_cognition'
  type_line 0 'hal9-migrate feature disable hierarchical_learning'
  same 0 "$(stand_map feature | awk '$1 == "meta_cognition" { print $2 }')" \
    'and 0 when it is disabled'
  stand_ask "set map $stand_router/feature.map meta_cognition 9900" >"$work/ignored"
  type_line 3 'hal9-migrate traffic --verify'
  says 'next: hal9-migrate feature disable meta_cognition$' 'a hand that has switched it on is seen'
  type_line 0 'hal9-migrate feature disable meta_cognition'
  same 0 "$(stand_map feature | awk '$1 == "meta_cognition" { print $2 }')" \
    'and switched off, though the record had it off'
  type_line 0 'hal9-migrate feature list'
  says 'meta_cognition' 'the features are listed'
}

scenario_emergency() {
  forward_to_canary 50
  type_line 0 'hal9-migrate rollback --emergency --force'
  says 'Flat: 100%, Hierarchical: 0%' 'the emergency says what is observed'
  nothing_arrives 'after an emergency'
  if stand_halted; then ok 'the kill switch is on'; else not_ok 'the kill switch is off'; fi
  shares_are 0
  local admin
  admin=$(stand_ask 'show servers state hierarchical' | awk '$2 == "hierarchical" { print $7 }')
  same 1 "$admin" 'the hierarchical server is in maintenance'
  type_line 0 'hal9-migrate traffic --verify'
  says 'Flat: 100%, Hierarchical: 0%' 'and traffic --verify agrees'
  type_line 0 'hal9-migrate status'
  says 'Phase: none' 'an emergency ends in phase none'
  stand_ask "set map $stand_router/share.map us-west-2.substrate 10000" >"$work/ignored"
  nothing_arrives 'behind the kill switch, whatever the share map says'
  type_line 3 'hal9-migrate traffic --verify'
  stand_ask "set map $stand_router/share.map us-west-2.substrate 0" >"$work/ignored"
  stand_stop_haproxy
  stand_start haproxy haproxy -db -f "$stand_config"
  stand_wait 'HAProxy' stand_answers "${stand_port[front]}"
  nothing_arrives 'after a HAProxy that was halted starts anew'
  type_line 0 'hal9-migrate rollback --emergency'
  says 'Flat: 100%, Hierarchical: 0%' 'a second emergency is as good as the first'
  forward_to_canary 5
  if stand_halted; then not_ok 'the halt is still on'; else ok 'a forward move clears the halt'; fi
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  type_line 8 'hal9-migrate rollback --from-phase state-migration --restore-checkpoint'
  says 'not in this version' 'restoring is said to be missing'
  shares_are 0
}

scenario_record() {
  type_line 0 'hal9-migrate timeline'
  says 'rollback' 'the timeline tells of the rollbacks'
  type_line 0 'hal9-migrate rollback list --format json'
  if jq -e 'length > 5' <<<"$said" >"$work/ignored"; then
    ok 'the rollbacks are listed as JSON'
  else
    not_ok 'the list of rollbacks is not what it should be' "$said"
  fi
  type_line 0 'hal9-migrate ledger verify'
  type_line 0 'hal9-migrate traffic --verify'
}

stand_start_load 200 200 170
stand_wait 'load' stand_is_up
scenario_shadow
scenario_canary
scenario_gradual
scenario_selected
scenario_ramp
scenario_full
scenario_features
scenario_emergency
scenario_record
finish
