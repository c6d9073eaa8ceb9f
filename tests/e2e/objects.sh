#!/usr/bin/env bash
# Long texts, kept whole beside the ledger: put, read, named without being told, copied, lost.
# Usage: objects.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: objects.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }
from_stdin() { "$binary" annotate - "${@:2}" <"$1"; }
text() { python3 -c 'import sys; sys.stdout.write(sys.argv[1] * int(sys.argv[2]))' "$1" "$2"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
newest_object() { hal9 timeline --json --type object.kept --limit 1 | jq -r '.. | .object? // empty' | head -n 1; }
file_of() { echo "hal9.db.objects/${1:0:2}/${1:2}.zst"; }

cd "$work"
hal9 init payments >/dev/null
cd payments
hal9 migrate --phase shadow --yes >/dev/null
hal9 migrate --phase canary --yes >/dev/null

case_notes() {
  hal9 annotate 'a short one' >/dev/null
  same '' "$(find . -name '*.objects')" 'a short note is in its line, and nowhere else'
  { text 'the log of that night\n' 5000; text $'\u00fc\n' 2000; } >"$work/log.txt"
  expect 0 'a long note from stdin' from_stdin "$work/log.txt" --source grafana
  local name
  name=$(newest_object)
  same 64 "${#name}" 'the timeline names what holds the whole'
  run hal9 timeline --limit 2
  says "\(the whole annotation, [0-9]+ bytes: hal9-migrate ledger object $name\)" 'and the line to type'
  hal9 ledger object "$name" >"$work/again.txt"
  expect 0 'what comes back is what was given, but for the last line feed' \
    cmp <(head -c -1 "$work/log.txt") "$work/again.txt"
  hal9 ledger object "$name" --output "$work/third.txt" >/dev/null
  expect 0 'into a file as well' cmp "$work/again.txt" "$work/third.txt"
  same "$(wc -c <"$work/again.txt")" "$(hal9 ledger object "$name" --json | jq '.bytes')" 'JSON says how long it is'
  zstd -qdc "$(file_of "$name")" >"$work/fourth.txt"
  expect 0 'zstd alone reads it' cmp "$work/again.txt" "$work/fourth.txt"
  same "$name" "$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(hex <hal9.db.objects/key)" \
    -r "$work/again.txt" | cut -d' ' -f1)" 'and openssl gives it its name'
  same '700 600 600' "$(stat -c %a hal9.db.objects hal9.db.objects/key "$(file_of "$name")" |
    paste -sd' ')" 'for its owner alone'
  from_stdin "$work/log.txt" >/dev/null
  same 1 "$(find hal9.db.objects -name '*.zst' | wc -l)" 'the same text again is the same object'
  text x 1048577 >"$work/over.txt"
  expect 2 'more than 1 MiB' from_stdin "$work/over.txt"
  says 'has 1 MiB at most' 'is refused, with the reason'
  printf '\xff\xfe' >"$work/bytes"
  expect 2 'bytes that are no text' from_stdin "$work/bytes"
  says 'are not UTF-8' 'are not changed into one'
  expect 2 'nothing on stdin' hal9 annotate -
  says 'there is no text on stdin' 'is no note'
  text $'\e[2J<b>' 1200 >"$work/hostile.txt"
  expect 0 'control sequences' from_stdin "$work/hostile.txt"
  local hostile
  hostile=$(newest_object)
  run script -qec "$binary ledger object $hostile" /dev/null
  says_not $'\e' 'reach no terminal'
  expect 2 'a name that is none' hal9 ledger object 12
  says 'a name has 64 hexadecimal digits' 'it says what a name is'
  expect 3 'one that nobody has' hal9 ledger object "$(text 0 64)"
  says 'is not there' 'is not there'
  for place in "$(file_of "$name")" hal9.db.objects/key hal9.db.objects; do
    expect 2 "a result over $place" hal9 status --output "$place"
  done
  expect 0 'all of it verifies' hal9 ledger verify
  says '^objects read again: 3$' 'with each object'
}

case_reasons() {
  local reason
  reason=$(text 'r' 6000)
  expect 0 'a rollback with a long reason' hal9 rollback --reason "$reason"
  local name
  name=$(newest_object)
  same "$reason" "$(hal9 ledger object "$name")" 'its reason is kept whole'
  for phase in shadow canary; do hal9 migrate --phase "$phase" --yes >/dev/null; done
  expect 0,8 'an emergency with one' hal9 rollback --emergency --reason "$(text e 6000)"
  says 'its end is cut off there' 'waits for no object, and says so'
  same "$name" "$(newest_object)" 'nothing more is kept'
  expect 0 'keys' hal9 ledger keys rotate --reason "$(text k 6000)"
  same "$(text k 6000)" "$(hal9 ledger object "$(newest_object)")" 'the reason of a rotation too'
}

# What cannot be kept stops nothing.
case_refused() {
  chmod 500 hal9.db.objects
  if [[ $EUID -eq 0 ]]; then
    chmod 700 hal9.db.objects
    mv hal9.db.objects kept
    ln -s "$work" hal9.db.objects
    expect 8 'a link in its place' hal9 annotate "$(text l 5000)"
    says 'could not be kept, its end is cut off' 'it says that the rest is lost'
    same '' "$(find "$work" -maxdepth 1 -name key)" 'nothing is written behind a link'
    expect 0 'and a rollback with a long reason' hal9 rollback --reason "$(text l 5000)"
    rm hal9.db.objects
    mv kept hal9.db.objects
  else
    expect 8 'a folder that cannot be written' hal9 annotate "$(text l 5000)"
    says 'could not be kept, its end is cut off' 'it says that the rest is lost'
    expect 0 'and a rollback with a long reason' hal9 rollback --reason "$(text l 5000)"
    chmod 700 hal9.db.objects
  fi
  chmod 644 hal9.db.objects/key
  expect 8 'a key that others can read' hal9 annotate "$(text o 5000)"
  says 'others than its owner can read it' 'names nothing more'
  expect 0 'and is good enough to read by' hal9 ledger verify
  chmod 600 hal9.db.objects/key
}

case_copies() {
  expect 0 'a backup' hal9 ledger backup "$work/copy"
  says '^it holds: .* 5 objects, ' 'says how many it holds'
  expect 0 'verifies with them' hal9 ledger verify --immutable --ledger "$work/copy/hal9.db"
  says '^objects read again: 6$' 'each time that one is named'
  same 0 "$(hal9 ledger export | grep -c "$(head -c 30 "$work/copy/hal9.db.objects/key" | hex)" || true)" \
    'no export has the key'
  hal9 ledger export --output "$work/all.jsonl" >/dev/null
  mkdir "$work/elsewhere"
  hal9 ledger import "$work/all.jsonl" --ledger "$work/elsewhere/hal9.db" >/dev/null
  expect 8 'an import has no objects' hal9 ledger verify --immutable --ledger "$work/elsewhere/hal9.db"
  says 'it is not there, and the ledger names 6' 'and says so'
  cp hal9.yaml "$work/elsewhere/"
  expect 8 'a backup of that' hal9 ledger backup "$work/again" --config "$work/elsewhere/hal9.yaml" \
    --ledger "$work/elsewhere/hal9.db"
  says 'here as there: objects: ' 'has the events, and says what is missing'
  for inside in hal9.db.objects/in hal9.db.seals; do
    expect 2 "a backup into $inside" hal9 ledger backup "$inside"
    says 'is a part of the ledger' 'is refused'
  done
}

case_damaged() {
  local name
  name=$(newest_object)
  cp "$(file_of "$name")" "$work/whole.zst"
  printf 'x' | dd of="$(file_of "$name")" bs=1 seek=20 conv=notrunc status=none
  expect 3 'an object that was changed' hal9 ledger verify
  says "object $name is damaged" 'is found and named'
  expect 8 'a backup of the events with it' hal9 ledger backup "$work/bad"
  says "something else is wrong, here as there: object $name is damaged" 'it says which'
  expect 3 'it is not handed out' hal9 ledger object "$name"
  rm "$(file_of "$name")"
  expect 3 'one that was taken away' hal9 ledger verify
  says "object $name is not there" 'is found and named'
  cp "$work/whole.zst" "$(file_of "$name")"
  expect 0 'put back' hal9 ledger verify
  mv hal9.db.objects/key "$work/key"
  expect 8,3 'without its key' hal9 ledger verify
  expect 8 'no other key is made' hal9 annotate "$(text n 5000)"
  same '' "$(find hal9.db.objects -name key)" 'over objects that are named by it'
  mv "$work/key" hal9.db.objects/key
}

# The object is there before the event that names it, whenever the program is killed.
case_killed() {
  local n
  for n in {1..40}; do
    text "$n " 3000 >"$work/killed.txt"
    # In a shell of its own, which alone tells of the kill.
    bash -c 'timeout -s KILL "$1" "$2" annotate - <"$3"; true' _ "0.$(printf '%03d' "$n")" "$binary" \
      "$work/killed.txt" >/dev/null 2>&1
  done
  expect 0 'after 40 kills' hal9 ledger verify
  says '^objects read again: [0-9]+$' 'every object that is named is there'
}

# Whatever kills it: the object has its name, synced, before anything of the event is written.
case_order() {
  text 'ordered ' 2000 >"$work/order.txt"
  strace -f -y -e trace=renameat,renameat2,fsync,pwrite64 -o "$work/calls" \
    "$binary" annotate - <"$work/order.txt" >/dev/null
  local renamed synced event
  renamed=$(grep -n 'rename.*\.zst"' "$work/calls" | cut -d: -f1 | head -n 1 || true)
  synced=$(grep -nE 'fsync\([0-9]+<.*hal9\.db\.objects/[0-9a-f]{2}>' "$work/calls" | cut -d: -f1 | tail -n 1 || true)
  event=$(grep -n 'pwrite64(.*hal9\.db-wal>' "$work/calls" | cut -d: -f1 | head -n 1 || true)
  between 1 "$synced" "$renamed" 'the object gets its name'
  between "$renamed" "$event" "$synced" 'which is synced'
  between "$synced" 1000000 "$event" 'before the event is written'
}

case_notes
case_order
case_reasons
case_refused
case_copies
case_damaged
case_killed
finish
