#!/usr/bin/env bash
# Forward step by step over a real HAProxy, under load: the gates at each step, the pause, the way
# back when the new system fails, what a second person does meanwhile, and parts of a migration that
# are raised, halted and cleared by themselves.
# Usage: forward.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: forward.sh HAL9-MIGRATE}")
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
stand_up forward

# In the background, in the migration's folder: its output in $work/NAME.out, its code in NAME.code.
in_background() {
  local name=$1
  shift
  rm -f "$work/$name.code"
  (
    code=0
    cd "$stand_migration" || exit 1
    "$binary" "$@" >"$work/$name.out" 2>&1 </dev/null || code=$?
    echo "$code" >"$work/$name.code"
  ) &
}
ended() { [[ -s $work/$1.code ]]; }
share_reaches() { (($(stand_values share | cut -d' ' -f1) >= $1)); }
raise_is() { [[ $(hal9 status --json | jq -r '.raise.status // "none"') == "$1" ]]; }
after_said() { said=$(cat "$work/$1.out"); run_code=$(cat "$work/$1.code"); }

expect 0 'the phase shadow' hal9 migrate --phase shadow --yes
expect 0 'a dry run of a gradual canary' hal9 migrate --phase canary --gradual --duration 10m --dry-run
says '^- would run: forward from shadow to canary on 15 routes over 10m' 'says what would run'
says '^30s +0\.25%' 'has its first step'
says '^10m +5%' 'and its last one'
says '^✓ gate health +passed: hierarchical: 1 of 1 servers up' 'looks at the gates'
same 0 "$(stand_values share)" 'and has moved nothing'

printf '# step by step, a pause, and on\n'
expect 0 'canary in 2 s, with a pause at 3%' \
  hal9 migrate --phase canary --gradual --duration 2s --pause-after 3 --yes
says '^✓ paused at Flat: 97%, Hierarchical: 3%' 'pauses at 3%'
says '^next: hal9-migrate migrate resume' 'and says how it goes on'
same 300 "$(stand_values share)" 'HAProxy has 3% everywhere'
same 0 "$(stand_values mirror)" 'and mirrors nothing any more'
expect 0 'status' hal9 status
says 'gradual move forward is paused' 'status says that it is paused'
expect 5 'the next phase before it is through' hal9 migrate --phase state-migration --yes
says 'migrate resume' 'is told what comes first'
expect 0 'resume' hal9 migrate resume --yes
same 500 "$(stand_values share)" 'and goes on to 5%'
expect 0 'state migration' hal9 migrate --phase state-migration --yes
expect 0 'ramp-up' hal9 migrate --phase ramp-up --percentage 10 --yes

printf '# the new system fails on the way\n'
stand_start_load 40 60 120
in_background failing migrate --phase ramp-up --percentage 90 --gradual --duration 20s --yes
wait_for 20 share_reaches 2000 || not_ok 'it rises'
stand_stop hierarchical
wait_for 30 ended failing || not_ok 'it ends by itself'
after_said failing
same 3 "$run_code" 'it exits 3'
says 'it went back: the gate health has failed: hierarchical: 0 of 1 servers up' 'says why'
same 1000 "$(stand_values share)" 'HAProxy is back where it began'
stand_start_service hierarchical
stand_wait 'hierarchical' stand_is_up
expect 0 'timeline' hal9 timeline --limit 40
says 'gradual move forward failed: the gate health has failed' 'the ledger has the gate'
says 'system:executor +immediate rollback from ramp-up started' 'and who went back'

printf '# flat fails on the way: nothing goes back to it, and nothing rises\n'
in_background holding migrate --phase ramp-up --percentage 90 --gradual --duration 20s --yes
wait_for 20 share_reaches 2000 || not_ok 'it rises'
stand_stop flat
wait_for 30 ended holding || not_ok 'it ends by itself'
after_said holding
same 3 "$run_code" 'it exits 3'
says 'held at .*the gate flat has failed' 'says that it holds'
between 2000 8999 "$(stand_values share)" 'traffic stays where it is'
stand_start_service flat
stand_wait 'flat' stand_is_up
expect 0 'abort brings it back to where it began' hal9 migrate abort --yes --reason 'flat was down'
same 1000 "$(stand_values share)" 'HAProxy has 10%'

printf '# a second person meanwhile\n'
in_background overtaken migrate --phase ramp-up --percentage 90 --gradual --duration 20s --yes
wait_for 20 share_reaches 2000 || not_ok 'it rises'
expect 5 'a second move forward is refused' \
  hal9 migrate --phase ramp-up --percentage 95 --gradual --yes
expect 5 'and resume of one that is steered' hal9 migrate resume --yes
expect 0 'a rollback of one component' hal9 rollback --components cognitive --reason 'wrong answers'
wait_for 30 ended overtaken || not_ok 'the move forward ends'
after_said overtaken
same 5 "$run_code" 'it exits 5'
says 'ended by the immediate rollback of .*: wrong answers' 'and says by whom'
at=$(stand_values share)
sleep 1.5
same "$at" "$(stand_values share)" 'nothing rises behind it'

printf '# killed: it stays, and only a person goes on\n'
in_background killed migrate --phase ramp-up --percentage 90 --gradual --duration 20s --include-held --yes
wait_for 20 raise_is running || not_ok 'it runs'
sleep 2.5
pkill -9 -f "$binary migrate --phase ramp-up --percentage 90 --gradual --duration 20s --include-held" || true
wait_for 10 ended killed || not_ok 'it is dead'
at=$(stand_values share)
expect 0 'rollback resume' hal9 rollback resume
same "$at" "$(stand_values share)" 'raises nothing'
expect 0 'status' hal9 status
says 'nobody steers it' 'status says that nobody is at it'
expect 2 'a pause behind its end' hal9 migrate resume --yes --pause-after 95
says 'not on the way' 'is refused'
expect 0 'migrate resume' hal9 migrate resume --yes
same 9000 "$(stand_values share)" 'goes on to 90%'

printf '# a rollback that is cancelled\n'
in_background cancelled rollback --gradual --duration 60s
wait_for 20 bash -c "[[ \$(cd '$stand_migration' && '$binary' status --json | jq '.running | length') == 1 ]]"
sleep 2
expect 0 'cancel' hal9 rollback cancel latest --yes --reason 'it was the wrong graph'
says '^✓ cancelled at Flat: ' 'says where it stopped'
wait_for 20 ended cancelled || not_ok 'the other process ends'
after_said cancelled
same 5 "$run_code" 'with exit 5'
says 'cancelled by somebody' 'and says so'
at=$(stand_values share)
sleep 1
same "$at" "$(stand_values share)" 'traffic stays where it stopped'
expect 5 'a second cancel has nothing to stop' hal9 rollback cancel latest --yes

expect 0 'a copy for other programs' hal9 ledger backup "$work/copy"
same 1 "$(sqlite3 -readonly "$work/copy/hal9.db" "SELECT count(*) FROM rollbacks WHERE status = 'cancelled'")" \
  'has it as cancelled'

printf '# an emergency of one region\n'
expect 0 'an emergency of one region' hal9 rollback --emergency --force --regions eu-west-1
says '^✓ traffic of 5 of 15 routes is cut' 'says how much was cut'
same 5 "$(stand_map kill | awk '$1 ~ /^eu-west-1/ && $2 == 1' | wc -l)" 'their kill keys are on'
same 0 "$(stand_map kill | awk '$1 == "all" { print $2 }')" 'the kill switch of everything is off'
same 5 "$(stand_map kill | awk '$2 == 1' | wc -l)" 'and no other key'
stand_stop load
before=$(stand_counts hierarchical | cut -d' ' -f1)
for ((i = 0; i < 20; i++)); do stand_get "${stand_port[front]}" /eu-west-1/cognitive/x >/dev/null; done
same "$before" "$(stand_counts hierarchical | cut -d' ' -f1)" 'not one of 20 requests of it reaches hierarchical'
expect 0 'verify' hal9 traffic --verify
expect 0 'another region is raised' \
  hal9 migrate --phase ramp-up --percentage 95 --regions us-west-2 --yes
same 5 "$(stand_map kill | awk '$2 == 1' | wc -l)" 'the halted one stays halted'
expect 5 'who leaves another region out names nobody' \
  hal9 migrate --phase ramp-up --percentage 20 --exclude-regions us-west-2,ap-southeast-1 --yes
says 'next: hal9-migrate migrate --phase ramp-up --percentage 5 --regions eu-west-1$' 'and is told how to name it'
expect 0 'the halted region is raised' \
  hal9 migrate --phase ramp-up --percentage 20 --regions eu-west-1 --yes
same 0 "$(stand_map kill | awk '$2 == 1' | wc -l)" 'and its kill keys are off'
same 5 "$(stand_map share | awk '$1 ~ /^eu-west-1/ && $2 == 2000' | wc -l)" 'at 20%'
expect 0 'the break-glass lines' hal9 rollback --emergency --print
stand_ask "set map $stand_router/kill.map us-west-2.substrate 1" >/dev/null
expect 3 'a kill key that was set by hand is a difference' hal9 traffic --verify
says 'us-west-2.substrate kill key' 'and is named'
expect 3 'and stops a move forward' hal9 migrate --phase ramp-up --percentage 96 --include-held --yes
expect 0 'an emergency of that route puts it on record' \
  hal9 rollback --emergency --regions us-west-2 --components substrate
expect 0 'verify' hal9 traffic --verify
expect 0 'ledger verify' hal9 ledger verify
finish
