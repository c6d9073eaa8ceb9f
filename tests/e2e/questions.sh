#!/usr/bin/env bash
# Questions cost what their answers hold, and not what the ledger holds: each is asked of a short ledger and of one
# that is twenty times as long, and the reads of the file are counted. No clock decides.
# Usage: questions.sh HAL9-MIGRATE BENCH-LEDGER
set -euo pipefail

binary=$(realpath "${1:?usage: questions.sh HAL9-MIGRATE BENCH-LEDGER}")
bench=$(realpath "${2:?usage: questions.sh HAL9-MIGRATE BENCH-LEDGER}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A ledger `long.db` of so many events, two rollbacks behind them.
make_ledger() { # FOLDER EVENTS
  mkdir "$1"
  cd "$1"
  "$binary" init . --name bench >/dev/null
  "$bench" "$1" "$binary" "$2" 1 bytes >/dev/null
  "$binary" rollback --regions us-west-2 --reason x --ledger long.db >/dev/null
  "$binary" rollback --ledger long.db >/dev/null
}
make_ledger "$work/short" 2000
make_ledger "$work/long" 40000

# reads FOLDER WORDS...: of the file, by this question.
reads() {
  cd "$1"
  shift
  strace -f -qq -e trace=pread64 -o "$work/trace" "$binary" "$@" --ledger long.db >"$work/said" 2>&1 || true
  grep -c pread64 "$work/trace" || true
}

# Of what is not there, nothing is looked through either.
question() {
  local few many
  few=$(reads "$work/short" "$@")
  many=$(reads "$work/long" "$@")
  # A deeper tree, and a longer tail behind the last snapshot, cost some.
  between 1 $((few + few / 2 + 100)) "$many" "$* reads $few times of 2,000 events, and of 40,000"
}

question timeline --limit 20 --reverse
question timeline --rollback latest
question timeline --type rollback
question timeline --type traffic --limit 20
question timeline --type annotation --limit 20
question timeline --actor os:alice --limit 20
question timeline --actor os:nobody
question timeline --subject us-west-2.cognitive --limit 20
question timeline --subject us-west-2.cognitve
question timeline --group --limit 2
question rollback list
question rollback show latest
question explain 1000
question status
question __complete rollbacks

# So that a count that is always small does not pass for quick.
few=$(reads "$work/short" timeline)
many=$(reads "$work/long" timeline)
between $((few * 5)) 1000000 "$many" "all of it is read whole ($few times of 2,000 events)"
finish
