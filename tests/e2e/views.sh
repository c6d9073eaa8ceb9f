#!/usr/bin/env bash
# The views of a ledger's copy (schema/views.sql), read as other programs do: the sqlite3 program,
# read-only, over a history that is known.
# Usage: views.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: views.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
hal9() { "$binary" "$@" >/dev/null; }
ask() { sqlite3 -readonly copy/hal9.db "$1"; }

# One route, so that every row of the history can stand here.
hal9 init
sed -i 's/^  regions: .*/  regions: [eu]/; s/^  components: .*/  components: [cart.v2]/' hal9.yaml
hal9 migrate --phase shadow --yes
hal9 migrate --phase canary --yes --reason 'the "second" try, Zürich'
hal9 feature enable meta_cognition --percentage 12.5 --yes
hal9 rollback --reason 'p99 rises'
hal9 rollback --emergency
hal9 annotate 'all quiet'
hal9 ledger backup copy

# What schema/views.sql says of each column: VIEW COLUMN TYPE, with a ? where it may be NULL.
documented() {
  awk '$1 == "--" && $2 ~ /^[a-z]+:$/ { view = substr($2, 1, length($2) - 1) }
    view && /^--   [a-z]/ && $3 ~ /^(TEXT|INTEGER|REAL)[?]?$/ { print view, $2, $3 }' \
    "$here/../../schema/views.sql"
}

case_types() {
  local view column type wrong count=0
  while read -r view column type; do
    wrong="typeof(\"$column\") <> lower('${type%\?}')"
    [[ $type == *'?' ]] && wrong="$wrong AND \"$column\" IS NOT NULL"
    count=$((count + 1))
    [[ $(ask "SELECT count(*) FROM $view WHERE $wrong") == 0 ]] ||
      not_ok "$view.$column is not always $type"
  done < <(documented)
  same "$(ask "SELECT count(*) FROM sqlite_master AS v, pragma_table_info(v.name)
    WHERE v.type = 'view'")" "$count" 'every column of every view is documented, and of its type'
}

case_events() {
  "$binary" ledger export --output lines.jsonl >/dev/null
  expect 0 'every line fits its JSON Schema' python3 -B "$here/lib/lines_fit.py" lines.jsonl
  local size
  size=$("$binary" ledger verify --json | jq -r .events)
  same "$size" "$(ask 'SELECT count(*) FROM events')" 'events: every event is there'
  same "$("$binary" ledger export | sha256sum)" "$(ask 'SELECT line FROM events' | sha256sum)" \
    'events: the lines are the export'
  # What the columns say is what a JSON parser finds in the lines.
  same "$("$binary" ledger export | jq -r '[(.sequence | tonumber), .time, .recordedtime, .type,
      .subject // "", .authid, .authtype, .role // "", .via, .reason // "", .correlationid,
      .causationid // "", .id] | join("|")')" \
    "$(ask 'SELECT sequence, time, recorded_time, type, subject, actor, auth, role, via, reason,
      correlation, causation, id FROM events')" 'events: the columns are the members of the lines'
  same "$("$binary" ledger export | jq -c .data)" "$(ask 'SELECT data FROM events')" \
    'events: so is data'
  same 0 "$(ask "SELECT count(*) FROM events WHERE
      abs(time_unix - (julianday(time) - 2440587.5) * 86400) > 0.002
      OR abs(recorded_unix - (julianday(recorded_time) - 2440587.5) * 86400) > 0.002")" \
    'events: seconds since 1970 are the same moments'
}

case_timeline() {
  same 'none shadow canary' \
    "$(ask 'SELECT phase FROM timeline GROUP BY phase ORDER BY min(sequence)' | paste -sd ' ')" \
    'timeline: the phases in their order'
  same 'phase|entered|all|canary|the "second" try, Zürich' \
    "$(ask "SELECT area, fact, subject, phase, text FROM timeline
      WHERE area = 'phase' AND phase = 'canary'")" 'timeline: a phase that was entered'
  same 'annotation|added|all quiet|' \
    "$(ask 'SELECT area, fact, text, rollback FROM timeline ORDER BY sequence DESC LIMIT 1')" \
    'timeline: a note'
  same 2 "$(ask "SELECT count(DISTINCT rollback) FROM timeline")" 'timeline: two rollbacks'
  same 0 "$(ask "SELECT count(*) FROM timeline WHERE area = 'rollback' AND rollback IS NULL
      OR fact = 'requested' AND rollback IS NOT NULL")" 'timeline: what belongs to them, and no more'
}

case_shares() {
  local route='route|eu.cart.v2|eu|cart.v2'
  same "$route|requested|||10000|100.0
$route|recorded|||10000|100.0
$route|requested|500|5.0|0|0.0
$route|recorded|||0|0.0
$route|recorded|500|5.0||
feature|meta_cognition|||requested|1250|12.5||
feature|meta_cognition|||recorded|1250|12.5||
$route|target|0|0.0|0|0.0
$route|recorded|0|0.0|0|0.0
$route|target|0|0.0|0|0.0
$route|recorded|0|0.0|0|0.0" \
    "$(ask 'SELECT kind, name, region, component, fact, share_hundredths, share_percent,
      mirror_hundredths, mirror_percent FROM shares')" 'shares: the whole history'
}

case_rollbacks() {
  same 'immediate|completed|0|canary|none|1|5.0|0|0|0|0|0||cli|p99 rises
emergency|completed|0|none|none|1|0.0|0|0|0|0|0||cli|' \
    "$(ask 'SELECT kind, status, observed, from_phase, to_phase, routes, highest_percent, partial,
      force, preserve_data, stalls, joined, superseded_by, via, reason FROM rollbacks')" \
    'rollbacks: both'
  same "$("$binary" ledger export | jq -r 'select(.type == "hal9.rollback.started.v1").data.rollback')" \
    "$(ask 'SELECT rollback FROM rollbacks ORDER BY rollback')" 'rollbacks: as the lines name them'
  same 2 "$(ask 'SELECT count(*) FROM rollbacks WHERE seconds >= 0 AND ended_unix >= started_unix
      AND ended_sequence > started_sequence AND due_time = started_time
      AND abs(ended_unix - started_unix - seconds) < 0.001')" 'rollbacks: when'
}

# SQLite before 3.41 refuses JSON functions there; the program's own connection never reads views.
case_distrust() {
  run sqlite3 -readonly -cmd 'PRAGMA trusted_schema = OFF' copy/hal9.db 'SELECT count(*) FROM shares'
  if [[ $said == *'unsafe use of json'* ]]; then
    skipped "with trusted_schema off: SQLite $(sqlite3 -version | cut -d' ' -f1) refuses JSON in views"
  else
    same 11 "$said" 'with trusted_schema off'
  fi
  expect 0 'the program itself does not mind' "$binary" ledger verify --immutable --ledger copy/hal9.db
}

# As a program that may not write the folder, Grafana say: it opens the copy as immutable.
case_others() {
  ((EUID == 0)) || { skipped 'the copy as another user: only root can be one'; return; }
  chmod 755 . copy
  chmod 644 copy/hal9.db
  same 11 "$(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups \
    sqlite3 "file:$work/copy/hal9.db?immutable=1" 'SELECT count(*) FROM shares')" 'another user reads them'
}

# What hides rows from other programs is found.
case_hidden() {
  sqlite3 copy/hal9.db 'DROP VIEW rollbacks' \
    "CREATE VIEW rollbacks AS SELECT 'none' AS rollback WHERE 0"
  expect 3 'a view that hides rows' "$binary" ledger verify --immutable --ledger copy/hal9.db
  says "the schema's view rollbacks was changed" 'is named'
}

# A ledger's own file is for the program: no view is parsed with each command.
case_ledger() {
  same 0 "$(sqlite3 -readonly hal9.db "SELECT count(*) FROM sqlite_master WHERE type = 'view'")" \
    'the ledger itself has none'
}

case_types
case_ledger
case_events
case_timeline
case_shares
case_rollbacks
case_distrust
case_others
case_hidden
finish
