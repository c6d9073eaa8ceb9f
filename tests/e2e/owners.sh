#!/usr/bin/env bash
# One command under sudo shuts nobody out: what root makes beside a ledger is the ledger's owner's,
# and what root had to write elsewhere is seen to wait there. Needs root, and a second user's number.
# Usage: owners.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: owners.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

# nobody's, with no name needed; the group differs so that a mixed up pair is seen.
user=65534
group=65533
if ((EUID != 0)) || ! setpriv --reuid="$user" --regid="$group" --clear-groups true; then
  skipped 'files that root makes: this is not root, or root may not become another user'
  finish
  exit
fi

work=$(mktemp -d)
chmod 755 "$work"
folder=$work/migration
ledger=$folder/hal9.db
holder=''
clean_up() {
  [[ -z $holder ]] || kill "$holder" 2>/dev/null || true
  rm -rf "$work"
  rm -f "$(spare_of 0)" "$(spare_of "$user")"
}
# Where the spool of a user is when the ledger's folder takes none.
spare_of() { printf '/var/tmp/hal9-%s-%.16s.spool' "$1" "$(printf %s "$ledger" | sha256sum)"; }
trap clean_up EXIT

# The user may not read where the binary was built.
install -m 755 "$binary" "$work/hal9-migrate"
install -d -o "$user" -g "$group" -m 700 "$folder"
cd "$work"
root() { (cd "$folder" && "$work/hal9-migrate" "$@"); }
user() {
  (cd "$folder" && setpriv --reuid="$user" --regid="$group" --clear-groups \
    "$work/hal9-migrate" "$@")
}

# owned WHAT FILE...: each is the user's, and nobody else's.
owned() {
  local what=$1 file
  shift
  for file in "$@"; do
    same "$user:$group 600" "$(stat -c '%u:%g %a' "$file" 2>&1)" "$what: ${file##*/} is the user's"
  done
}

hold_the_ledger() {
  flock --no-fork "$ledger.lock" sleep 60 &
  holder=$!
  wait_for 5 lock_is_taken
}
lock_is_taken() { ! flock -n "$ledger.lock" true; }
let_go() {
  kill "$holder"
  wait "$holder" 2>/dev/null || true
  holder=''
}

beside=("$ledger.lock" "$ledger.raise.lock" "$ledger.executor.lock" "$ledger.spool")

case_made_by_init() {
  expect 0 'init as a user' user init --name owners
  owned 'after init' "$ledger" "${beside[@]}" "$folder/hal9.yaml" "$folder/break-glass.sh"
}

# Whoever may write the configuration says which files are written: root follows root's alone.
case_configuration() {
  expect 4 'root does not follow a configuration of somebody else' root migrate --phase shadow --yes
  says "next: setpriv --reuid=$user .* hal9-migrate migrate --phase shadow --yes" 'and says the line'
  expect 4 'nor in an emergency' root rollback --emergency --reason 'p99 rises'
  local line
  line=$(sed -n 's/^ *next: setpriv \(.* \)hal9-migrate /setpriv \1.\/hal9-migrate /p' <<<"$said")
  ln -s ../hal9-migrate "$folder/hal9-migrate"
  expect 0 'which the printed line does as the user' bash -c "cd '$folder' && $line"
  says 'Hierarchical: 0%' 'traffic is cut'
  rm "$folder/hal9-migrate"
  chown root "$folder/hal9.yaml"
  chmod 640 "$folder/hal9.yaml"
  expect 0 'root follows his own' root status
  expect 0 'and the user reads it' user status
}

# As after a restore of the ledger alone: everything beside it is made anew, by root.
case_made_by_root() {
  setpriv --reuid="$user" --regid="$group" --clear-groups \
    sqlite3 "$ledger" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
  rm -f "${beside[@]}" "$ledger-wal" "$ledger-shm" "$folder/break-glass.sh" \
    "$folder/.hal9-accepted.json"
  # Another configuration: it is accepted by the next command, and kept beside.
  sed -i 's/^features: .*/features: [meta_cognition]/' "$folder/hal9.yaml"
  expect 0 'root goes forward' root migrate --phase shadow --yes
  expect 0 'root goes back in an emergency' root rollback --emergency --force
  owned 'made by root' "$ledger" "$ledger-wal" "$ledger-shm" "$ledger.lock" \
    "$ledger.raise.lock" "$ledger.executor.lock" "$folder/break-glass.sh"
  same "0:$group 640" "$(stat -c '%u:%g %a' "$folder/.hal9-accepted.json")" \
    'made by root: what root acts upon stays his, and the user may read it'
  broken_configuration root
  broken_configuration user
  expect 0 'the user: status' user status
  expect 0 'the user: annotate' user annotate 'after root'
  expect 0 'the user: migrate' user migrate --phase shadow --yes
  expect 0 'the user: rollback' user rollback --force
  expect 0 'the user: an emergency' user rollback --emergency --force
  expect 0 'the user: ledger verify' user ledger verify
}

# The accepted one is there for both.
broken_configuration() {
  cp "$folder/hal9.yaml" "$work/good.yaml"
  printf '\tnonsense: [\n' >>"$folder/hal9.yaml"
  expect 0 "$1: an emergency with a broken configuration" "$1" rollback --emergency --force
  says 'accepted last' "$1: it says which one it uses"
  cat "$work/good.yaml" >"$folder/hal9.yaml"
}

case_spooled_by_root() {
  rm -f "$ledger.spool"
  hold_the_ledger
  expect 9 'root spools' root rollback --emergency --force
  owned 'spooled by root' "$ledger.spool"
  expect 9 'the user spools behind it' user rollback --emergency --force
  let_go
  expect 0 'the user takes both in' user annotate 'the ledger is back'
  same 2 "$(user timeline --format jsonl | jq -s '[.[] | select(.via == "spool" and
    (.type | test("rollback.started")))] | length')" 'and both are in the ledger'
  hold_the_ledger
  expect 9 'the user spools' user rollback --emergency --force
  let_go
  expect 0 'root takes it in' root annotate 'the ledger is back again'
  owned 'emptied by root' "$ledger.spool"
  expect 0 'the user: annotate once more' user annotate 'once more'
}

# spool_elsewhere WHO: an emergency while neither the ledger nor the spool beside it takes anything.
spool_elsewhere() {
  mv "$ledger.spool" "$work/spool"
  mkdir "$ledger.spool"
  hold_the_ledger
  expect 9 "$1 spools elsewhere" "$1" rollback --emergency --force
  let_go
  rmdir "$ledger.spool"
  mv "$work/spool" "$ledger.spool"
}

case_spooled_elsewhere() {
  spool_elsewhere root
  same '0:0 600' "$(stat -c '%u:%g %a' "$(spare_of 0)")" "root's is for root alone"
  expect 0 'the user: a command that goes on' user annotate 'not held up'
  expect 0 'the user: status' user status
  says "$(spare_of 0).*sudo hal9-migrate rollback resume" 'it says that something waits there'
  expect 3,5 'the user: nothing goes forward before that' user migrate --phase shadow --yes
  expect 0 'root: what was said' root rollback resume
  if [[ -e $(spare_of 0) ]]; then not_ok 'it is still there'; else ok 'takes it in'; fi
  expect 0 'the user: status afterwards' user status
  says_not 'spool' 'nothing waits'

  spool_elsewhere user
  same "$user:$group 600" "$(stat -c '%u:%g %a' "$(spare_of "$user")")" "the user's is the user's"
  expect 0 'root: status' root status
  says '1 record waits' 'root sees it'
  expect 0 'root: any command' root annotate "takes the user's in"
  if [[ -e $(spare_of "$user") ]]; then not_ok 'it is still there'; else ok 'takes it in'; fi

  # A file that somebody else has put there holds nothing of ours and stops nobody.
  install -o "$((user - 10))" -m 600 /dev/null "$(spare_of 0)"
  echo planted >"$(spare_of 0)"
  expect 0 "the user: status beside somebody's file" user status
  says_not 'spool' 'it is passed over'
}

case_made_by_init
case_configuration
case_made_by_root
case_spooled_by_root
case_spooled_elsewhere
finish
