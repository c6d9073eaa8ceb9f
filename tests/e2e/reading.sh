#!/usr/bin/env bash
# Reading a ledger: explain, the grouped timeline, following it, watching the status, every form of every
# listing.
# Usage: reading.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: reading.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }

cd "$work"
hal9 init payments >/dev/null
cd payments
for phase in shadow canary; do hal9 migrate --phase "$phase" --yes >/dev/null; done
hal9 rollback --regions us-west-2 --reason 'p99 rises, "very" =1+1' >/dev/null
hal9 annotate 'between the two' >/dev/null
hal9 annotate '=1+1 is no formula' >/dev/null
hal9 rollback >/dev/null
hal9 annotate --rollback latest 'because of the cache' >/dev/null
head -c 6000 /dev/zero | tr '\0' x | hal9 annotate - >/dev/null
hal9 ledger seal >/dev/null

# The sequence of the newest event of a type.
newest() { hal9 timeline --type "$1" --limit 1 --format jsonl | jq .sequence; }

case_explain() {
  local started completed
  started=$(newest rollback.started)
  completed=$(newest rollback.completed)
  expect 0 'explain of an end' hal9 explain "$completed"
  says "^Event $completed: rollback .* completed" 'it says what it is'
  says 'the rollback that it ends:' 'and of what it is the end'
  says "^    .* $started  os:.* immediate rollback from canary started" 'and leads to its beginning'
  says '^next: hal9-migrate ledger prove '"$completed"'$' 'and to its proof'
  expect 0 'explain of a beginning' hal9 explain "$started"
  says '^What it led to:' 'it says what it led to'
  says 'note: because of the cache' 'the note on it among that'
  says_not 'between the two' 'and nothing that is of no rollback'
  expect 0 'explain of what was read back' hal9 explain "$(newest traffic.recorded)"
  says 'share observed 5% -> 0%' 'it says what it changed'
  hal9 ledger backup "$work/copy" >/dev/null
  expect 0 'explain of evidence' hal9 explain "$started" --immutable --ledger "$work/copy/hal9.db"
  says 'next: hal9-migrate ledger prove .* --immutable' 'goes on as evidence'
  expect 2 'explain of an event that is not there' hal9 explain 9999
  says 'next: hal9-migrate explain [0-9]+$' 'names the last one'
  expect 2 'explain of nothing' hal9 explain
  expect 2 'explain of a word' hal9 explain twelve
  same "$started" "$(hal9 explain "$completed" --json | jq '.causes[-1].event.sequence')" 'the same as JSON'
  local proof
  proof=$(hal9 explain "$completed" --json | jq -r .leaf)
  same "$proof" "$(printf '\0%s' "$(hal9 ledger export | sed -n "${completed}p")" | sha256sum | cut -d' ' -f1)" \
    'its leaf hash is that of the exported line'
}

case_groups() {
  expect 0 'a grouped timeline' hal9 timeline --group
  says '^Rollback .*: immediate of 5 of 15 routes, share 5% to 0%, phase canary to canary, of incident [0-9]+$' 'a selection says how many routes'
  says '^Rollback .*: immediate of all 15 routes, ' 'one of all says so too'
  says '^Between rollbacks$' 'what is between stands apart'
  says '^ +T\+0:00\.[0-9]{3} +[0-9]+  ' 'with the time since it began'
  same "$(hal9 timeline --format jsonl | wc -l)" "$(hal9 timeline --group --json | jq '[.[].events[]] | length')" \
    'no event is lost or doubled'
  same "$(hal9 timeline --format jsonl | jq .sequence)" \
    "$(hal9 timeline --group --json | jq '[.[].events[].sequence] | sort | .[]')" 'each is there once'
  same 1 "$(hal9 timeline --group --limit 1 --json | jq '[.[] | select(.rollback)] | length')" 'the newest one alone'
  expect 0 'one rollback' hal9 timeline --group --rollback latest
  says_not 'Between' 'and nothing else'
  expect 2 'groups, newest first' hal9 timeline --group --reverse
  says 'next: hal9-migrate timeline --group$' 'are refused with the line without'
  expect 0 'rollback show' hal9 rollback show latest
  says '^ +T\+0:00\.[0-9]{3} .*completed' 'has its own timeline'
  expect 0 'rollback list' hal9 rollback list
  says ' 5 of 15 ' 'says how many of how many routes'
  expect 0 'the flat timeline' hal9 timeline --type rollback.started
  says 'started: 5% to 0%, 5 of 15 routes "p99' 'too'
  says 'started: 5% to 0%$' 'and has its old words for all routes'
}

case_follow() {
  "$binary" timeline --follow --limit 1 --format jsonl >followed.jsonl 2>followed.err &
  local follower=$!
  has_lines() { [[ $(wc -l <followed.jsonl) -ge $1 ]]; }
  wait_for 10 has_lines 1 || not_ok 'the newest event comes at once'
  hal9 annotate 'while somebody follows' >/dev/null
  hal9 annotate 'and again' >/dev/null
  if wait_for 10 has_lines 3; then ok 'new events come as they are recorded'; else
    not_ok 'new events come as they are recorded' "$(cat followed.jsonl followed.err)"
  fi
  # Nobody can write for a while: whoever looks waits it out.
  sqlite3 hal9.db 'BEGIN EXCLUSIVE; SELECT 1; ROLLBACK;' >/dev/null
  hal9 annotate 'after it was locked' >/dev/null
  if wait_for 10 has_lines 4; then ok 'also after the ledger was locked'; else not_ok 'after a lock'; fi
  kill -TERM "$follower" # bash starts what is in the background with SIGINT ignored
  local code=0
  wait "$follower" || code=$?
  same 0 "$code" 'Ctrl-C ends it with 0'
  same "$(hal9 timeline --limit 4 --format jsonl | jq -c .)" "$(jq -c . followed.jsonl)" 'nothing is left out or doubled'
  expect 2 'to follow evidence' hal9 timeline --follow --immutable --ledger hal9.db
  expect 2 'to follow into a document' hal9 timeline --follow --json
  says 'next: hal9-migrate timeline --follow --format jsonl$' 'names the form that has no end'
}

case_watch() {
  hal9 migrate --phase shadow --yes >/dev/null
  hal9 migrate --phase canary --percentage 40 --yes --include-held >/dev/null
  "$binary" rollback --gradual --duration 4s >/dev/null 2>&1 &
  local runs=$!
  running() { hal9 status --json | jq -e '.executed and (.running | length > 0)'; }
  wait_for 5 running || not_ok 'the rollback runs'
  expect 0 'status --watch ends when it is over' timeout 60 "$binary" status --watch
  says '; rollback .* runs$' 'it said that it runs'
  says '; nothing runs$' 'and that it is over'
  if grep -q $'\x1b' <<<"$said"; then not_ok 'no screen control where there is no screen'; else
    ok 'no screen control where there is no screen'
  fi
  wait "$runs"
  hal9 migrate --phase shadow --yes >/dev/null
  hal9 migrate --phase canary --percentage 40 --yes --include-held >/dev/null
  "$binary" rollback --gradual --duration 10m >/dev/null 2>&1 &
  runs=$!
  wait_for 5 running || not_ok 'the second one runs'
  kill -KILL "$runs"
  wait "$runs" 2>/dev/null || true
  expect 3 'status --watch of what nobody is at' timeout 60 "$binary" status --watch
  says 'next: hal9-migrate rollback resume$' 'names the line'
  hal9 rollback --immediate >/dev/null
  "$binary" status --watch >watched.txt 2>&1 &
  local watcher=$!
  nothing() { grep -q 'nothing runs' watched.txt; }
  wait_for 10 nothing || not_ok 'it says that nothing runs' "$(cat watched.txt)"
  kill -TERM "$watcher"
  local code=0
  wait "$watcher" || code=$?
  same 130 "$code" 'Ctrl-C ends it'
  expect 2 'to watch what was' hal9 status --watch --at 1
}

case_formats() {
  expect 0 'every listing in every form' python3 "$here/lib/formats.py" "$binary"
  says '^ok - timeline in 6 forms$' 'as other readers parse it'
  hal9 init "$work/empty" >/dev/null
  (cd "$work/empty" && "$binary" rollback list --format csv) >empty.csv
  if grep -q '^id,kind,status,' empty.csv; then ok 'a list without rows has its header'; else
    not_ok 'a list without rows has its header' "$(cat empty.csv)"
  fi
}

case_explain
case_groups
case_follow
case_formats
case_watch
finish
