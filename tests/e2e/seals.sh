#!/usr/bin/env bash
# Seals from outside: a stranger checks them with openssl and sha256 alone; an end that was cut off, an
# older file and another ledger are found; nothing is signed that contradicts what a witness keeps.
# Usage: seals.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: seals.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }

# fresh NAME: a ledger with a witness, in a folder of its own, entered.
fresh() {
  cd "$work"
  hal9 init "$1" >/dev/null
  cd "$1"
  mkdir "$work/$1-witness"
  sed -i "s|  witnesses: \\[\\]|  witnesses: [$work/$1-witness]|" hal9.yaml
  hal9 migrate --phase shadow --yes >/dev/null
}

# The ledger as one file, whatever else lies beside it.
copy_ledger() { sqlite3 hal9.db ".backup '$1'"; }
put_back() {
  rm -f hal9.db hal9.db-wal hal9.db-shm
  install -m 600 "$1" hal9.db
}

# signed SEAL VERIFIER: whether this key signed it, by openssl alone (C2SP signed note).
signed() {
  local name=${2%%+*}
  printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00' >key.der
  cut -d+ -f3- <<<"$2" | base64 -d | tail -c 32 >>key.der
  sed '/^$/,$d' "$1" >text
  grep -F -- "— $name " "$1" | while read -r _ _ bytes; do
    base64 -d <<<"$bytes" | tail -c 64 >signature
    openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in text -sigfile signature || true
  done 2>&1 | grep 'Verified Successfully' >/dev/null
}

case_stranger() {
  fresh stranger
  expect 0 'a seal' hal9 ledger seal
  says '^✓ beside the ledger .*/hal9.db.seals: up to event' 'it is kept beside the ledger'
  says '^✓ witness .*-witness: up to event' 'and at the witness'
  local seal verifier size
  seal=$(find "$work/stranger-witness" -name '*.seal')
  verifier=$(hal9 ledger keys --json | jq -r '.keys[0].verifier')
  expect 0 'a stranger verifies its signature' signed "$seal" "$verifier"
  size=$(sed -n 2p "$seal")
  same 'hal9/ledger/hal9' "$(head -n 1 "$seal")" 'its origin is the ledger'
  hal9 ledger export --output all.jsonl >/dev/null
  same "$(python3 "$here/lib/stranger.py" root all.jsonl "$size")" \
    "$(sed -n 3p "$seal" | base64 -d | od -An -v -tx1 | tr -d ' \n')" 'its root is what a stranger computes'
  sed '2s/.*/1/' "$seal" >forged.seal
  expect 1 'a forged one does not verify' signed forged.seal "$verifier"
  expect 3 'nor here' hal9 ledger verify --seal forged.seal
  expect 0 'the seal against the ledger' hal9 ledger verify --seal "$seal" --key "$verifier"
  says '^✓ the first [0-9]+ events are those that were sealed' 'it says what holds'
  hal9 init elsewhere >/dev/null
  hal9 --config elsewhere/hal9.yaml ledger seal >/dev/null
  expect 3 'with the key of somebody else' \
    hal9 ledger verify --seal "$seal" --key "$(<elsewhere/hal9.db.verifier)"
  same 600 "$(stat -c %a hal9.db.key)" 'the secret is for its owner alone'
  same 0 "$(hal9 ledger export 2>/dev/null | grep -cF "$(cut -d+ -f5- hal9.db.key)")" \
    'and in no export'
}

case_cut_off() {
  fresh cut
  copy_ledger "$work/cut-older.db"
  hal9 annotate 'what somebody wants to be forgotten' >/dev/null
  hal9 ledger seal >/dev/null
  put_back "$work/cut-older.db"
  expect 3 'verify of an older file' hal9 ledger verify
  says '✗ event [0-9]+: .*the end is missing, or an older file was put back' 'it says what and where'
  says 'next: ' 'and what to type'
  expect 3 'seals list it too' hal9 ledger seals
  expect 0 'an annotation is recorded all the same' hal9 annotate 'something else'
  says '✗ the ledger contradicts what was sealed before' 'and what is wrong is said loudly'
  says 'state: what was recorded stays, and is not sealed; the first command after 1m tries again' 'with what is done'
  says 'next: hal9-migrate ledger verify' 'and what to type'
  expect 0 'and the next one' hal9 annotate 'and more'
  says_not 'contradicts' 'is spared it for a minute'
  rm -rf hal9.db.seals # together with what lay beside it
  expect 3 'nothing is signed that contradicts the witness' hal9 ledger seal
  says 'nothing was signed' 'it says so'
  same 1 "$(find "$work/cut-witness" -name '*.seal' | wc -l)" 'the witness keeps what it had'
  expect 3 'verify finds it by the witness alone' hal9 ledger verify
  # The control: without a witness that folder was all there was.
  sed -i 's|  witnesses: .*|  witnesses: []|' hal9.yaml
  expect 0 'without a witness nobody would know' hal9 ledger verify
  says 'sealed: nothing' 'and that is said'
}

up() {
  hal9 migrate --phase shadow --yes >/dev/null
  hal9 migrate --phase canary --yes >/dev/null
}

# What the tree once hashed is no word about the lines of today.
case_altered() {
  fresh altered
  hal9 annotate 'it was alice' >/dev/null
  hal9 ledger seal >/dev/null
  local seal trigger
  seal=$(find "$work/altered-witness" -name '*.seal')
  expect 0 'the seal of what was recorded' hal9 ledger verify --seal "$seal" --key "$(cat hal9.db.verifier)"
  trigger=$(sqlite3 hal9.db "SELECT sql FROM sqlite_schema WHERE name = 'event_keeps_lines'")
  sqlite3 hal9.db 'DROP TRIGGER event_keeps_lines' \
    "UPDATE event SET line = replace(line, 'it was alice', 'it was bobby')" "$trigger"
  expect 3 'and of what was made of it' hal9 ledger verify --seal "$seal" --key "$(cat hal9.db.verifier)"
  says 'another root at that many events' 'by the lines themselves'
}

# Root writes where nobody points him, and several at once rotate.
case_places() {
  fresh places
  mkdir "$work/elsewhere"
  ln -s "$work/elsewhere" hal9.db.seals
  expect 8 'a link in place of the seals' hal9 ledger seal
  says '✗ beside the ledger .* cannot be written' 'it is said'
  same '' "$(ls "$work/elsewhere")" 'nothing is written behind it'
  rm hal9.db.seals
  hal9 ledger seal >/dev/null
  for _ in {1..6}; do (hal9 ledger keys rotate >/dev/null 2>&1 || true) & done
  wait
  hal9 annotate more >/dev/null
  expect 0 'after six rotations at once a seal' hal9 ledger seal
  expect 0 'and a verify' hal9 ledger verify
}

case_due() {
  fresh due
  hal9 migrate --phase canary --yes >/dev/null
  same 0 "$(find "$work/due-witness" -name '*.seal' | wc -l)" 'a step forward seals nothing'
  expect 0 'a rollback' hal9 rollback --reason errors
  same 1 "$(find "$work/due-witness" -name '*.seal' | wc -l)" 'a rollback is sealed at its end'
  says_not 'seal' 'and says nothing of it'
  up
  mv "$work/due-witness" "$work/due-gone"
  expect 0 'a rollback while the witness is dead' hal9 rollback --reason errors
  says 'not sealed: no witness can be read .*the first command after 1m tries again; at once: hal9-migrate ledger seal' 'it is said'
  same '600 0' "$(stat -c '%a %s' hal9.db.seals/.tried)" 'when it was tried is kept'
  expect 8 'verify could not ask it' hal9 ledger verify
  says '✗ witness .*No such file' 'it says whom'
  mv "$work/due-gone" "$work/due-witness"
  expect 0 'a command within a minute' hal9 annotate soon
  same 1 "$(find "$work/due-witness" -name '*.seal' | wc -l)" 'does not ask again'
  touch -d '61 seconds ago' hal9.db.seals/.tried
  expect 0 'any command makes up for it' hal9 annotate later
  same 2 "$(find "$work/due-witness" -name '*.seal' | wc -l)" 'once it is back'
  up
  mv "$work/due-witness" "$work/due-gone"
  expect 0,8 'an emergency' hal9 rollback --emergency --reason fire
  says_not 'seal' 'waits for no witness'
  mv "$work/due-gone" "$work/due-witness"
}

# Whoever can leave files there leaves what he likes.
case_strays() {
  fresh strays
  hal9 ledger seal >/dev/null
  local name
  name=$(basename hal9.db.seals/*.seal)
  cp "hal9.db.seals/$name" hal9.db.seals/00000000000000999999-copy.seal
  expect 8 'a copy of a seal' hal9 ledger seals
  same 2 "$(grep -cE '^ +[0-9]+  [0-9a-f]{16}  by' <<<"$said")" 'is listed once a place'
  says "✗ beside the ledger .*: up to event [0-9]+; 00000000000000999999-copy.seal holds the seal $name" 'and named'
  hal9 migrate --phase canary --yes >/dev/null
  expect 0 'a rollback' hal9 rollback --reason errors
  same 2 "$(find "$work/strays-witness" -name '*.seal' | wc -l)" 'is sealed nevertheless'
  says '! sealed; at .*hal9.db.seals: .*-copy.seal holds' 'and the copy is said'
  rm hal9.db.seals/*-copy.seal
  echo hello >"$work/strays-witness/x.seal"
  ln -s /etc/passwd hal9.db.seals/y.seal
  hal9 annotate more >/dev/null
  expect 8 'beside a file that is no seal' hal9 ledger seal
  says '✓ the first [0-9]+ events are sealed' 'is sealed'
  says '✗ witness .*; x.seal is no seal: ' 'and the file is named'
  says '✗ beside the ledger .*; y.seal cannot be read: it is a link' 'a link as well'
  says_not 'root:' 'and not read'
  expect 8 'verify' hal9 ledger verify
  says '✗ witness .*; x.seal is no seal: ' 'names it'
  says_not 'keep the file as it is' 'and finds nothing else'
  expect 8 'keys' hal9 ledger keys
  says '^  signs$' 'are told'
  says '✗ beside the ledger .*y.seal' 'and that one of what introduces them could not be read'
  rm "$work/strays-witness/x.seal" hal9.db.seals/y.seal
  expect 0 'without them' hal9 ledger verify
}

# Two migrations of one name at one witness: the second has to be told apart by who reads it.
case_same_name() {
  fresh first
  hal9 ledger seal >/dev/null
  fresh second
  sed -i "s|$work/second-witness|$work/first-witness|" hal9.yaml
  hal9 annotate 'another witness' >/dev/null
  expect 3 'the second of a name' hal9 ledger seal
  says 'a seal that is kept is none of this' 'is refused'
  says "what is at $work/first-witness is signed by another key" 'it says where'
  says 'another migration named hal9 keeps its seals there, and one of the two needs another folder or another name' 'what it may be'
  says "or this ledger's first key \($work/second/hal9.db.verifier\) and the seals beside it were taken away" 'and what else'
  says 'nothing was signed' 'and what was done'
  expect 3 'verify' hal9 ledger verify
  says 'is signed by another key' 'says so, too'
  sed -i "s|$work/first-witness|$work/second-witness|" hal9.yaml
  hal9 annotate 'a folder of its own' >/dev/null
  expect 0 'in another folder' hal9 ledger seal
}

# A witness behind a program: the same, by what it prints.
case_command() {
  fresh command
  cp "$here/../../tools/witness" "$work/witness"
  sed -i "s|  witnesses: .*|  commands: [[$work/witness, $work/command-witness]]|" hal9.yaml
  hal9 annotate 'another witness' >/dev/null
  expect 0 'a seal' hal9 ledger seal
  says "^✓ witness $work/witness .*: up to event" 'is kept by the program'
  same 1 "$(find "$work/command-witness" -name '*.seal' | wc -l)" 'where it keeps them'
  expect 0 'verify asks it' hal9 ledger verify
  says 'witnessed: up to event' 'and says so'
  hal9 annotate more >/dev/null
  printf '#!/bin/sh\nexit 0\n' >"$work/witness"
  run hal9 ledger seal
  says 'has not the seal that it was given' 'a program that lies is found out'
  printf '#!/bin/sh\necho "no route to host" >&2\nexit 255\n' >"$work/witness"
  expect 8 'a dead one' hal9 ledger verify
  says 'ended with 255' 'it says so'
  printf '#!/bin/sh\ntouch "%s/ran"\n' "$work" >"$work/witness"
  hal9 rollback --emergency --reason fire >/dev/null 2>&1 || true
  same '' "$(find "$work" -name ran)" 'an emergency runs none'
  # What a file says is never run: not that of somebody who sends a ledger.
  copy_ledger "$work/sent.db"
  for verb in verify seals open; do hal9 ledger "$verb" --immutable --ledger "$work/sent.db" >/dev/null 2>&1 || true; done
  same '' "$(find "$work" -name ran)" 'evidence runs none'
  hal9 ledger verify >/dev/null 2>&1 || true
  same "$work/ran" "$(find "$work" -name ran)" 'the control: verify here does'
  sed 's|\[\[/|[[|' hal9.yaml >other.yaml
  expect 2 'a program that is looked for' hal9 config check --config other.yaml
  says 'the first an absolute path' 'is refused'
}

case_rotation() {
  fresh keys
  expect 0 'a rotation' hal9 ledger keys rotate --reason yearly
  says 'signed up to event' 'the old key is retired'
  local first second seal
  first=$(hal9 ledger keys --json | jq -r '.keys[0].verifier')
  second=$(hal9 ledger keys --json | jq -r '.keys[1].verifier')
  seal=$(grep -l '^key ' "$work"/keys-witness/*.seal)
  expect 0 'its seal is signed by the old key' signed "$seal" "$first"
  expect 0 'and by the new one' signed "$seal" "$second"
  hal9 annotate on >/dev/null
  hal9 ledger seal >/dev/null
  seal=$(find "$work/keys-witness" -name '*.seal' | sort | tail -n 1)
  expect 0 'the new one signs from there on' signed "$seal" "$second"
  expect 1 'the old one does not' signed "$seal" "$first"
  expect 0 'verify follows the keys' hal9 ledger verify
  expect 0 'it is in the timeline' hal9 timeline
  says 'yearly' 'with its reason'
  expect 2 'a word that is not known' hal9 ledger keys rotat
  says 'next: hal9-migrate ledger keys rotate' 'is told the right one'
  chmod 644 hal9.db.key
  hal9 annotate more >/dev/null
  expect 4,6 'a key that others can read signs nothing' hal9 ledger seal
  says "next: chmod 600 " 'it says the line'
  cp hal9.db.verifier kept
  rm hal9.db.verifier
  expect 3 'without the first key' hal9 ledger verify
  says "first key is gone" 'verify says so'
  cp kept hal9.db.verifier
  expect 2 'the secret is no place for output' hal9 ledger keys --output hal9.db.key
}

case_stranger
case_cut_off
case_altered
case_places
case_due
case_strays
case_same_name
case_command
case_rotation
finish
