#!/usr/bin/env bash
# A HAProxy that splits by server weights, whose configuration gives hierarchical a weight of its own:
# canary, a ramp, a gradual way back under load, an emergency, and reloads that put nothing back.
# Usage: weights.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: weights.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
# shellcheck source-path=SCRIPTDIR source=lib/stand.sh
source "$here/lib/stand.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
clean_up() {
  stand_end
  rm -rf "$work"
}
trap clean_up EXIT
stand_begin "$work" "$binary"
stand_weights=1
stand_up weights

# The weights of flat and hierarchical, as HAProxy has them.
weights() { stand_ask 'show servers state web' | awk '$2 == "web" { print $8 }' | paste -sd ' '; }
there() { stand_counts hierarchical | cut -d ' ' -f 1; }
reload() {
  local before
  before=$(stand_ask 'show info' | awk '/^Pid:/ { print $2 }')
  printf 'reload\n' | socat -t1 - "UNIX-CONNECT:$stand/master.sock" >/dev/null
  # shellcheck disable=SC2016 # the inner shell's variables
  wait_for 10 bash -c '[[ $(printf "show info\n" | socat -t5 - "UNIX-CONNECT:$1" |
    awk "/^Pid:/ { print \$2 }") != "$2" ]]' _ "$stand_socket" "$before"
  # The master begins itself anew, too, and its socket is not there for a moment.
  # shellcheck disable=SC2016 # the inner shell's variable
  wait_for 10 bash -c 'printf "show proc\n" | socat -t5 - "UNIX-CONNECT:$1" | grep -q worker' \
    _ "$stand/master.sock" 2>/dev/null
}

printf '# before anything\n'
same '100 50' "$(weights)" 'the configuration gives hierarchical a third'
expect 0 'config check takes it, since a state file follows' hal9 config check
expect 0 'what is there already goes to flat' hal9 rollback --force
same '256 0' "$(weights)" 'at 0 flat has its full weight'
wrong=$stand_migration/wrong.yaml
sed 's/\(hierarchical:\) \[.*\]/\1 [h9]/' "$stand_migration/hal9.yaml" >"$wrong"
expect 3 'a server that HAProxy does not have' hal9 config check --config wrong.yaml
says "HAProxy's backend web has no server h9" 'is named'
says_not 'is right$' 'and nothing is called right'
sed 's/backend: web/backend: wbe/' "$stand_migration/hal9.yaml" >"$wrong"
expect 3 'a backend that HAProxy does not have' hal9 config check --config wrong.yaml
says 'HAProxy has no backend wbe' 'is named'
rm "$wrong"
sed -i '/state_file/d' "$stand_migration/hal9.yaml"
expect 2,3 'without the state file it is refused' hal9 config check
says 'a reload would put traffic back' 'and says why'
printf '  state_file: %s/state\n' "$stand" >>"$stand_migration/hal9.yaml"

printf '# forward\n'
expect 5 'weights mirror nothing' hal9 migrate --phase shadow --yes
expect 0 'shadow without a mirror' hal9 migrate --phase shadow --percentage 0 --yes
expect 5 'a share below the first step is refused' hal9 migrate --phase canary --percentage 0.2 --yes
says '0.39% is the smallest share' 'and the smallest is named'
expect 0 'canary' hal9 migrate --phase canary --yes
says '5% cannot be set by this router: 4.84%' 'what was rounded is said'
says 'Hierarchical: 4.84%' 'what is reachable is observed'
same '256 13' "$(weights)" 'HAProxy has these weights'
expect 5 'a part of the pool does not rise' hal9 migrate --phase canary --percentage 20 --yes \
  --regions us-west-2
expect 0 'state-migration' hal9 migrate --phase state-migration --yes
expect 0 'a ramp' hal9 migrate --phase ramp-up --percentage 50 --gradual --duration 3s --yes
same '256 256' "$(weights)" 'half is half'
expect 0 'verify' hal9 traffic --verify

printf '# back, under load\n'
stand_start_load 20 200 30
expect 0 'a gradual way back' hal9 rollback --gradual --duration 4s --percentage 1
says 'Hierarchical: 0.78%' 'ends at the step below'
expect 0 'verify' hal9 traffic --verify
expect 0 'a part of the pool takes all of it down' hal9 rollback --regions us-west-2
says '10 more routes share their servers' 'and says so'
same '256 0' "$(weights)" 'nobody goes to hierarchical'
before=$(there)
reload
expect 0 'a reload changes nothing' hal9 traffic --verify
sleep 1
same "$before" "$(there)" 'no request reached hierarchical after 0% was observed, nor by the reload'

printf '# an emergency, under load\n'
expect 0 'up again' hal9 migrate --phase ramp-up --percentage 100 --yes --include-held
same '0 256' "$(weights)" 'all of it'
expect 0 'emergency' hal9 rollback --emergency --force
says 'Flat: 100%, Hierarchical: 0%' 'it is cut'
says 'kill switch on, hierarchical servers in maintenance' 'by maint'
before=$(there)
reload
expect 0 'a reload leaves the halt' hal9 traffic --verify
says 'halted' 'and it is said'
sleep 1
same "$before" "$(there)" 'no request reached hierarchical behind the halt, nor by the reload'
stand_stop load
says_load=$(tail -n 1 "$stand/load.log")
printf '# load: %s\n' "$says_load"
expect 0 'forward again takes the halt off' hal9 migrate --phase shadow --percentage 0 --yes
expect 0 'canary again' hal9 migrate --phase canary --yes
expect 0 'the lines by hand are printed' hal9 rollback --emergency --print
printf '%s\n' "$said" >"$work/lines.sh"
expect 0 'and work' sh -e "$work/lines.sh"
same '256 0' "$(weights)" 'as the emergency does'

printf '# an emergency of a part, which is all of it here\n'
expect 0 'what was cut by hand is put on record' hal9 rollback
expect 0 'shadow' hal9 migrate --phase shadow --percentage 0 --yes
expect 0 'canary' hal9 migrate --phase canary --yes
expect 0 'an emergency of one region' hal9 rollback --emergency --force --regions us-west-2
same '256 0' "$(weights)" 'cuts its pool'
expect 0 'verify' hal9 traffic --verify
expect 0 'a new attempt' hal9 migrate --phase shadow --percentage 0 --yes
expect 0 'canary' hal9 migrate --phase canary --yes
same '256 13' "$(weights)" 'takes its servers out of maint'
expect 0 'verify' hal9 traffic --verify
expect 0 'ledger verify' hal9 ledger verify
finish
