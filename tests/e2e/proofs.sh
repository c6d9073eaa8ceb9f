#!/usr/bin/env bash
# What the ledger proves, checked by a stranger with sha256 alone (lib/stranger.py), and what is said
# of an export that is not what it was.
# Usage: proofs.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: proofs.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/migration"
cd "$work/migration"
hal9() { "$binary" "$@"; }
stranger() { python3 "$here/lib/stranger.py" "$@"; }

hal9 init >/dev/null
for phase in shadow canary state-migration; do hal9 migrate --phase "$phase" --yes >/dev/null; done
kept=$(hal9 ledger verify --json | jq -r .events)
kept_root=$(hal9 ledger verify --json | jq -r .root)
hal9 rollback --reason 'p99 rises, "<&>" in Zürich' >/dev/null
hal9 ledger export --output ledger.jsonl >/dev/null
size=$(wc -l <ledger.jsonl)

case_inclusion() {
  local n
  for ((n = 1; n <= size; n += 3)); do
    expect 0 "event $n" hal9 ledger prove "$n" --json --output proof.json
    expect 0 "event $n: the stranger agrees" stranger proof proof.json
    same "$(stranger root ledger.jsonl)" "$(jq -r .root proof.json)" "event $n: the export's root"
  done
  hal9 ledger prove 2 --size 5 --json --output proof.json >/dev/null
  expect 0 'event 2 of the first 5' stranger proof proof.json
  same "$(stranger root ledger.jsonl 5)" "$(jq -r .root proof.json)" 'the root of the first 5'
  jq '.line |= sub("os:"; "xs:")' proof.json >forged.json
  expect 1 'another line is not proven' stranger proof forged.json
  expect 0 'as text' hal9 ledger prove 2
  says "^✓ event 2 is one of the first $size$" 'it says what is proven'
  says '^next: hal9-migrate ledger prove 2 --size' 'and how to keep it'
}

# Whoever wrote down a size and a root yesterday sees that today's ledger goes on from there.
case_consistency() {
  hal9 ledger prove --consistency "$kept" --json --output proof.json >/dev/null
  same "$kept_root" "$(jq -r .old_root proof.json)" 'the root that was kept is the older one'
  same "$(stranger root ledger.jsonl)" "$(jq -r .new_root proof.json)" 'the newer one is of today'
  expect 0 'the stranger agrees' stranger proof proof.json
  jq '.old_root |= ((if .[:1] == "0" then "1" else "0" end) + .[1:])' proof.json >forged.json
  expect 1 'another root that was kept is not proven' stranger proof forged.json
  hal9 ledger prove --consistency 3 7 --json --output proof.json >/dev/null
  expect 0 'between any two sizes' stranger proof proof.json
}

case_refused() {
  expect 2 'no such event' hal9 ledger prove 4711
  says "the ledger has events 1 to $size" 'it says which there are'
  says "next: hal9-migrate ledger prove $size$" 'and what to type'
  expect 2 'no number' hal9 ledger prove twelve
  says 'next: hal9-migrate ledger prove 1$' 'a line that works'
  expect 2 'nothing' hal9 ledger prove
  expect 2 'backwards' hal9 ledger prove --consistency 7 3
  says 'next: hal9-migrate ledger prove --consistency 3 7$' 'the two sizes in their order'
  expect 2 'an event that came later' hal9 ledger prove 7 --size 3
  says 'next: hal9-migrate ledger prove 7 --size 7$' 'the least ledger that holds it'
  expect 2 'two kinds at once' hal9 ledger prove --consistency 3 7 --size 5
}

case_export() {
  expect 0 'every line fits its JSON Schema' python3 -B "$here/lib/lines_fit.py" ledger.jsonl
  expect 0 'an export as it is' hal9 ledger verify --from ledger.jsonl
  says "^root computed: $(stranger root ledger.jsonl)$" 'its root is the one that a stranger computes'
  says '^✓ .* has this root at that many events$' 'the ledger agrees'
  says '^next: hal9-migrate ledger verify --from ledger.jsonl --json' 'and how to keep what was found'
  head -n 5 ledger.jsonl >older.jsonl
  expect 0 'an older one' hal9 ledger verify --from older.jsonl
  sed '4s/os:/xs:/' ledger.jsonl >changed.jsonl
  expect 3 'one with a changed line' hal9 ledger verify --from changed.jsonl
  says 'has another root' 'which only the root shows'
  sed '4d' ledger.jsonl >short.jsonl
  expect 3 'one without a line' hal9 ledger verify --from short.jsonl
  says '✗ line 4: the line has another sequence than its place' 'the place is named'
  head -c -5 ledger.jsonl >cut.jsonl
  expect 3 'one that was cut off' hal9 ledger verify --from cut.jsonl
  says "✗ line $size: cut off" 'the place is named'
  head -c 3000000 /dev/zero >zeros
  expect 3 'garbage' hal9 ledger verify --from zeros
  says 'longer than any event' 'it is read no further'
  expect 0 'through a pipe' bash -c "'$binary' ledger export | '$binary' ledger verify --from -"
  hal9 annotate later >/dev/null
  expect 0 'after the ledger went on' hal9 ledger verify --from ledger.jsonl
  expect 6 'a file that is not there' hal9 ledger verify --from nothing.jsonl
  says 'next: hal9-migrate ledger export' 'and the line that makes one'
}

# For those who may check it and not read everything.
case_redacted() {
  grep -q Zürich ledger.jsonl || not_ok 'the reason is in the ledger'
  expect 0 'an export that others may have' hal9 ledger export --redact --output redacted.jsonl
  same 0 "$(grep -c 'Zürich' redacted.jsonl)" 'the reason is not in it'
  expect 0 'it still verifies' hal9 ledger verify --from redacted.jsonl
  says "^- of $(grep -c '^{"leaf"' redacted.jsonl) only the hash is there" 'how much is hidden is said'
  says '^✓ .* has this root at that many events$' 'and the root is the ledger'"'"'s'
  sed '0,/"leaf":"./s//"leaf":"0/' redacted.jsonl >forged.jsonl
  cmp -s redacted.jsonl forged.jsonl && sed -i '0,/"leaf":"./s//"leaf":"1/' forged.jsonl
  expect 3 'with another hash it is another ledger' hal9 ledger verify --from forged.jsonl
}

# Where nothing of ours is there but the program.
case_stranger() {
  mkdir "$work/elsewhere"
  cp ledger.jsonl changed.jsonl "$work/elsewhere/"
  cd "$work/elsewhere"
  expect 0 'without a ledger' hal9 ledger verify --from ledger.jsonl
  says 'compared with no ledger' 'it says that there was none'
  says "$(stranger root ledger.jsonl)" 'and the root'
  expect 0 'a change that keeps the form is seen in the root alone' \
    hal9 ledger verify --from changed.jsonl
  says_not "$(stranger root ledger.jsonl)" 'it is another one'
  cd "$work/migration"
}

# No proof is given of what is not what was hashed.
case_tampered() {
  sqlite3 hal9.db 'DROP TRIGGER event_keeps_lines' \
    "UPDATE event SET line = replace(line, 'os:', 'xs:') WHERE sequence = 4"
  expect 3 'of a changed line' hal9 ledger prove 4
  says "do not lead to the head's root" 'there is no proof'
  says 'next: hal9-migrate ledger verify' 'and the line that finds the place'
  expect 3 'an export of then' hal9 ledger verify --from ledger.jsonl
}

case_inclusion
case_consistency
case_refused
case_export
case_redacted
case_stranger
case_tampered
finish
