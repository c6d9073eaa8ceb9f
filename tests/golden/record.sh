#!/usr/bin/env bash
# Records a golden ledger with a released hal9-migrate: its lines, root, the state's digest as of every
# event, and the timeline. tests/engine/golden_ledger_test.cpp replays what stands here.
# Usage: record.sh HAL9-MIGRATE ledger-only|haproxy FOLDER
# The migration lives in /srv/hal9 meanwhile (no path of the machine gets into the lines), which must
# not be there yet.
set -euo pipefail

binary=$(realpath "${1:?usage: record.sh HAL9-MIGRATE ledger-only|haproxy FOLDER}")
router=$2
folder=$3
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../e2e/lib/stand.sh
source "$here/../e2e/lib/stand.sh"
unset HAL9_CONFIG HAL9_LEDGER
[[ ! -e /srv/hal9 ]] || { echo "record.sh: /srv/hal9 is there already" >&2; exit 1; }
mkdir -p /srv/hal9 "$folder"
trap 'stand_end; rm -rf /srv/hal9' EXIT
stand_begin /srv/hal9 "$binary"

# Whatever its exit code: what is refused or fails is part of a history.
do_it() { hal9 "$@" >/dev/null 2>&1 </dev/null || true; }

if [[ $router == haproxy ]]; then
  stand_up golden
else
  mkdir -p "$stand_migration"
  hal9 init --name golden >/dev/null
fi
do_it migrate --phase shadow --percentage 50 --yes
do_it migrate --phase canary --yes --reason 'the "first" step, Zürich 🚦 <b>&amp;</b>'
do_it annotate 'p99 is 12 ms' --source monitoring
do_it feature enable hierarchical_learning --percentage 12.5 --yes
do_it migrate --phase canary --percentage 25 --yes
do_it rollback --gradual --duration 2s --percentage 10 --reason 'errors rise'
do_it migrate --phase canary --percentage 30 --yes --include-held --override health --reason again
hal9 rollback --gradual --duration 60s >/dev/null 2>&1 </dev/null &
going=$!
sleep 1.5
do_it rollback --reason 'too slow'
do_it rollback
wait "$going" || true
do_it feature disable hierarchical_learning
do_it migrate --phase shadow --yes
do_it migrate --phase canary --yes
do_it rollback --emergency --reason 'all red'
do_it migrate --phase shadow --yes
do_it migrate --phase canary --percentage 7.25 --yes
if [[ $router == haproxy ]]; then
  # The balancer is gone in the middle, and comes back.
  stand_stop_haproxy
  do_it rollback --reason 'the balancer is dead'
  do_it migrate --phase canary --percentage 50 --yes
  stand_start_haproxy
  do_it rollback resume
fi
do_it migrate --phase shadow --yes
# The ledger is locked while the emergency cuts: it is spooled, half a line behind it, and taken in.
(
  flock 9
  hal9 rollback --emergency --reason 'while locked' >/dev/null 2>&1 </dev/null || true
) 9>>"$stand_migration/hal9.db.lock"
for spool in "$stand_migration"/*.spool; do
  [[ -f $spool ]] && printf '{"half a line' >>"$spool"
done
do_it migrate --phase shadow --yes
do_it rollback --complete --reason 'the end'

hal9 ledger verify --json >"$folder/verified.json"
hal9 ledger export >"$folder/lines.jsonl"
jq -r .root "$folder/verified.json" >"$folder/root.txt"
rm "$folder/verified.json"
hal9 timeline --format jsonl >"$folder/timeline.jsonl"
size=$(wc -l <"$folder/lines.jsonl")
for ((at = 1; at <= size; at++)); do
  printf '%d %s\n' "$at" "$(hal9 status --at "$at" --json | jq -r .state_digest)"
done >"$folder/states.txt"
jq -r .type "$folder/lines.jsonl" | sort | uniq -c
