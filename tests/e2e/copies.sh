#!/usr/bin/env bash
# A ledger's copies: a backup taken while others write, an export brought back, evidence on a folder
# that cannot be written, snapshots made again.
# Usage: copies.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: copies.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }
root() { hal9 ledger verify --json "$@" | jq -r .root; }

cd "$work"
hal9 init payments >/dev/null
cd payments
for phase in shadow canary; do hal9 migrate --phase "$phase" --yes >/dev/null; done
hal9 rollback --reason 'p99 rises' >/dev/null
for n in {1..140}; do hal9 annotate "note $n" >/dev/null; done
hal9 ledger seal >/dev/null

case_backup() {
  (for n in {1..20}; do hal9 annotate "meanwhile $n" >/dev/null; done) &
  local writer=$!
  expect 0 'a backup while somebody writes' hal9 ledger backup "$work/copy"
  wait "$writer"
  says '^it holds: [0-9]+ events, [1-9][0-9]* seals, 0 objects, views for sqlite3 and Grafana; [0-9]+ bytes$' 'it says what it holds'
  says 'it does not hold: the key that signs' 'and what not'
  says '^next: hal9-migrate ledger open --immutable --ledger ' 'and what to type'
  local events
  events=$(hal9 ledger verify --json --immutable --ledger "$work/copy/hal9.db" | jq .events)
  hal9 ledger export | head -n "$events" >first.jsonl
  same "$(python3 "$here/lib/stranger.py" root first.jsonl)" \
    "$(root --immutable --ledger "$work/copy/hal9.db")" 'its root is the ledger'"'"'s at that many events'
  same 'hal9.db hal9.db.seals hal9.db.verifier' "$(find "$work/copy" -mindepth 1 -maxdepth 1 -printf '%f\n' |
    sort | paste -sd' ')" 'nothing else is there, above all no key'
  same '700 600' "$(stat -c %a "$work/copy" "$work/copy/hal9.db" | paste -sd' ')" 'for its owner alone'
  expect 1,2,3,4,5,6,7,8,9 'a second one over it' hal9 ledger backup "$work/copy"
  says 'is there already' 'is refused'
  sqlite3 "file:$work/copy/hal9.db?immutable=1" "SELECT count(*) FROM events" >/dev/null && ok 'its views are there'
  expect 1,2,3,4,5,6,7,8,9 'a place that is not there' hal9 ledger backup "$work/nowhere/copy"
  same '' "$(find "$work" -maxdepth 1 -name '*.new-*')" 'what was not made leaves nothing behind'
}

case_damaged() {
  cp -r "$work/payments" "$work/damaged"
  sqlite3 "$work/damaged/hal9.db" 'DROP TRIGGER event_keeps_lines' \
    "UPDATE event SET line = replace(line, 'os:', 'xs:') WHERE sequence = 4"
  cd "$work/damaged"
  expect 3 'a damaged ledger' hal9 ledger backup "$work/bad"
  says 'the copy does not verify' 'is no backup'
  same '' "$(find "$work" -maxdepth 1 -name 'bad*')" 'nothing was made'
  cd "$work/payments"
}

# What is wrong besides the lines is no reason to have no copy of them.
case_not_all_right() {
  cp -r "$work/payments" "$work/odd"
  cd "$work/odd"
  sqlite3 hal9.db 'CREATE INDEX mine ON event (recorded)'
  expect 8 'a ledger with an index of its own' hal9 ledger backup "$work/odd_copy" --ledger hal9.db
  says 'something else is wrong, here as there: .*index mine' 'says what'
  says 'backed up to ' 'and is copied'
  same "$(hal9 ledger export --ledger hal9.db | sha256sum)" \
    "$(hal9 ledger export --immutable --ledger "$work/odd_copy/hal9.db" | sha256sum)" 'with every line'
  cd "$work/payments"
}

case_no_space() {
  mkdir "$work/small"
  if ! mount -t tmpfs -o size=96k none "$work/small" 2>/dev/null; then
    skipped 'a backup to a full disk: this machine lets nobody mount'
    return
  fi
  expect 1,5,6,7,8,9 'a backup to a full disk' hal9 ledger backup "$work/small/copy"
  umount "$work/small"
  says 'no space left' 'says so'
  says 'nothing was made' 'and what state things are in'
  says 'df -h' 'and what to type'
}

case_evidence() {
  chmod -R a-w "$work/copy"
  cd "$work"
  local as=()
  # Root writes where nobody may; as somebody else it is a medium that cannot be written.
  ((EUID == 0)) && as=(env)
  local verb
  for verb in 'ledger open' 'ledger verify' 'status' 'timeline' 'rollback list' 'ledger prove 3' \
    'ledger seals' 'feature list'; do
    # shellcheck disable=SC2086 # the words of a verb
    expect 0 "$verb without a configuration" "${as[@]}" "$binary" $verb --immutable --ledger copy/hal9.db
  done
  same '3' "$(find copy -mindepth 1 -maxdepth 1 | wc -l)" 'nothing was made beside it'
  for verb in 'rollback' 'annotate x' 'migrate --phase shadow' 'ledger seal' 'rollback --emergency' \
    'ledger rebuild'; do
    # shellcheck disable=SC2086
    expect 2 "$verb" "$binary" $verb --immutable --ledger copy/hal9.db
    says 'has no option --immutable' 'it says why'
  done
  expect 0 'a look at it' hal9 status --immutable --ledger copy/hal9.db
  says_not 'next: hal9-migrate (migrate|rollback|ledger seal)' 'suggests nothing that acts on the one here'
  expect 0 'and a verify' hal9 ledger verify --immutable --ledger copy/hal9.db
  says '^next: hal9-migrate timeline --ledger copy/hal9.db --immutable$' 'goes on with the evidence'
  expect 2 'a mistyped word' hal9 rollback --emergency --force --immutabel
  says_not 'immutable' 'is never told one that stops an emergency'
  expect 2 'a backup to nowhere' hal9 ledger backup
  says 'next: hal9-migrate ledger backup /' 'is told a folder'
  cp -r payments waiting
  hal9 --config waiting/hal9.yaml --ledger waiting/hal9.db annotate 'in the WAL' >/dev/null
  if [[ -s waiting/hal9.db-wal ]]; then
    expect 1,2,3,4,5,6,7,8,9 'a file whose newest events are in a WAL' \
      hal9 ledger open --immutable --ledger waiting/hal9.db
    says 'is not the whole ledger' 'is not taken for the whole'
    bash -c "$(grep -o 'sqlite3 .*' <<<"$said" | tail -n 1)"
    expect 0 'what its line makes of it' hal9 ledger verify --immutable --ledger waiting/hal9.db.whole
  fi
  cd "$work/payments"
}

case_import() {
  hal9 ledger export --output "$work/all.jsonl" >/dev/null
  hal9 ledger export --redact --output "$work/redacted.jsonl" >/dev/null
  mkdir "$work/elsewhere"
  cd "$work/elsewhere"
  local kept
  kept=$(python3 "$here/lib/stranger.py" root "$work/all.jsonl")
  expect 0 'an export' hal9 ledger import "$work/all.jsonl" --ledger new.db --root "$kept"
  says "^root of [0-9]+: $kept$" 'has the same root'
  hal9 ledger export --immutable --ledger new.db >again.jsonl
  expect 0 'and the same bytes' cmp "$work/all.jsonl" again.jsonl
  expect 3 'with another root than was kept' \
    hal9 ledger import "$work/all.jsonl" --ledger b.db --root "$(printf '0%.0s' {1..64})"
  expect 1,2,3,4,5,6,7,8,9 'over a ledger' hal9 ledger import "$work/all.jsonl" --ledger new.db
  says 'an import makes a ledger and changes none' 'it says so'
  says "next: hal9-migrate ledger import $work/all.jsonl --ledger imported.db" 'and a line that works'
  expect 1,2,3,4,5,6,7,8,9 'a redacted one' hal9 ledger import "$work/redacted.jsonl" --ledger c.db
  says 'cannot be brought back' 'it says why'
  sed 's/p99 rises/p98 rises/' "$work/all.jsonl" >changed.jsonl
  expect 3 'a changed one is another ledger' hal9 ledger import changed.jsonl --ledger d.db --root "$kept"
  sed 7d "$work/all.jsonl" >short.jsonl
  expect 1,2,3,4,5,6,7,8,9 'one without a line' hal9 ledger import short.jsonl --ledger e.db
  head -c -20 "$work/all.jsonl" >cut.jsonl
  expect 1,2,3,4,5,6,7,8,9 'one that was cut off' hal9 ledger import cut.jsonl --ledger f.db
  endless() { yes | timeout 20 "$binary" ledger import - --ledger h.db; }
  expect 3 'what never ends' endless
  says_not 'next: .*ledger.jsonl' 'names no file that nobody typed'
  mkfifo pipe
  expect 2 'a pipe without a writer' timeout 20 "$binary" ledger import pipe --ledger i.db
  : >nothing.jsonl
  expect 3 'an empty file' hal9 ledger verify --from nothing.jsonl
  says 'it holds no event' 'is no export'
  expect 3 'an empty one' hal9 ledger import nothing.jsonl --ledger g.db
  same 'new.db' "$(find . -name '*.db*' -printf '%f\n' | grep -v -- '-wal\|-shm\|lock' | sort | paste -sd' ')" \
    'of what was refused nothing is left'
  cp "$work/payments/hal9.yaml" .
  expect 0 'it goes on from there' hal9 annotate 'here again' --ledger new.db
  expect 0 'and verifies' hal9 ledger verify --ledger new.db
  cd "$work/payments"
}

case_rebuild() {
  sqlite3 hal9.db "UPDATE snapshot SET state = x'00'"
  expect 3 'a wrong snapshot' hal9 ledger verify
  says 'snapshot' 'is found'
  expect 0 'made again' hal9 ledger rebuild
  says '^✓ [1-9][0-9]* snapshots made again from' 'it says how many'
  expect 0 'it is right' hal9 ledger verify
}

# Its names survive a power cut that comes behind "backed up".
case_synced() {
  strace -f -y -e trace=rename,fsync -o "$work/calls" "$binary" ledger backup "$work/synced" >/dev/null
  local folder place
  place=$(grep -n "rename(.*\"$work/synced\"" "$work/calls" | cut -d: -f1)
  for folder in 'synced\.new-[0-9]+' 'synced\.new-[0-9]+/hal9\.db\.seals'; do
    between 1 "$place" "$(grep -nE "fsync\([0-9]+<$work/$folder>" "$work/calls" | cut -d: -f1 | head -n 1)" \
      "$folder is synced before it has its name"
  done
  between "$place" 1000000 "$(grep -nE "fsync\([0-9]+<$work>" "$work/calls" | cut -d: -f1 | tail -n 1)" \
    'and the name behind it'
}

case_backup
case_synced
case_damaged
case_not_all_right
case_no_space
case_evidence
case_import
case_rebuild
finish
