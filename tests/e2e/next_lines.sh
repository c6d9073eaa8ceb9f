#!/usr/bin/env bash
# Types lines that are wrong, and then the line that each of them names as the next: it has to be a
# whole one that works, or is refused for another reason, and keeps what was typed.
# Usage: next_lines.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: next_lines.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1 EDITOR=true
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

type_it() { run timeout 60 bash -c "hal9-migrate() { '$binary' \"\$@\"; }; $1"; }

next_of() { sed -n 's/^ *next: //p' <<<"$said" | tail -n 1; }
refusal() { sed -n 's/^hal9-migrate: //p' <<<"$said" | head -n 1; }

# refused CODE LINE NEXT [ERROR]: LINE ends with CODE and with NEXT, and NEXT does not end in an
# error of the line, but in ERROR if that is given, and never in the one that LINE ended in.
refused() {
  type_it "$2"
  same "$1" "$run_code" "$2: its exit code"
  same "$3" "$(next_of)" "$2: the line to type next"
  local first again
  first=$(refusal)
  type_it "$3"
  again=$(refusal)
  if [[ $again != "$first" && ($run_code != 2 || (-n ${4-} && $again == *"${4-}"*)) ]]; then
    ok "$3 (exit $run_code)"
  else
    not_ok "$3: exit $run_code" "$said"
  fi
}

# In a migration that is there, at canary.
new_migration() {
  mkdir "$work/$1"
  cd "$work/$1"
  "$binary" init >/dev/null
  "$binary" migrate --phase shadow --yes >/dev/null
  "$binary" migrate --phase canary --yes >/dev/null
}

printf '# looking\n'
new_migration looking
refused 2 'hal9-migrate status --at foo --json' 'hal9-migrate status --at 1 --json'
refused 2 'hal9-migrate status --at 0' 'hal9-migrate status --at 1'
says '^As of: event 1' 'the first event is the earliest that can be seen'
refused 2 'hal9-migrate status --at 2001-01-01T00:00:00Z' 'hal9-migrate status --at 1'
refused 2 'hal9-migrate status --at 2040-01-01' 'hal9-migrate status --at 2040-01-01T00:00:00Z'
refused 2 'hal9-migrate timeline --from xx --limit 3' 'hal9-migrate timeline --from 1 --limit 3'
refused 2 'hal9-migrate timeline --to=xx --json' 'hal9-migrate timeline --to 1 --json'
refused 2 'hal9-migrate timeline --type phas --type traffic --limit 3' \
  'hal9-migrate timeline --type phase --type traffic --limit 3'
refused 2 'hal9-migrate timeline --subject us-west-2.subsrate --limit 3' \
  'hal9-migrate timeline --subject us-west-2.substrate --limit 3'
refused 2 'hal9-migrate timeline --subject xyzzyxyzzy --limit 3' 'hal9-migrate timeline --limit 3'
refused 2 'hal9-migrate timeline --rollback ID --limit 3' \
  'hal9-migrate timeline --rollback latest --limit 3'
type_it 'hal9-migrate timeline --subject all --limit 1'
same 0 "$run_code" 'a subject of events is known without being configured'
type_it 'hal9-migrate timeline --actor nobody --json'
same 0 "$run_code" 'an actor who has done nothing is an empty answer'
says '^\[\]' 'in the form that was asked for'
says 'there are events by .*os:' 'and those who have done something are named'
refused 2 'hal9-migrate status --format tabel --detailed' \
  'hal9-migrate status --format table --detailed'
refused 2 'hal9-migrate status --json --format yaml' 'hal9-migrate status --format yaml'
refused 2 'hal9-migrate status --json --output .' 'hal9-migrate status --json --output ./status.json'
refused 2 'hal9-migrate ledger export --output hal9.db' \
  'hal9-migrate ledger export --output ledger-export.jsonl'
refused 2 'hal9-migrate ledger export --format csv --output x' \
  'hal9-migrate ledger export --output x'
refused 2 'hal9-migrate monitor --system hierarchcal --duration 1s' \
  'hal9-migrate monitor --system hierarchical --duration 1s'
refused 3 'hal9-migrate rollback show latest' 'hal9-migrate status'
refused 2 'hal9-migrate rollback show' 'hal9-migrate rollback show latest'
refused 2 'hal9-migrate annotate hello --at yesterday' 'hal9-migrate annotate hello'
refused 2 'hal9-migrate annotate hello --at 2026-08-01T03:04' \
  'hal9-migrate annotate hello --at 2026-08-01T03:04:00Z'
refused 2 'hal9-migrate init elsewhere --name "a b"' 'hal9-migrate init elsewhere --name a-b'

type_it 'hal9-migrate init another'
says 'next: hal9-migrate config check --config another/hal9.yaml$' 'a folder that is not looked in is named'
type_it 'hal9-migrate config check --config another/hal9.yaml'
same 0 "$run_code" 'and that line finds it'

printf '# going forward\n'
new_migration forward
refused 2 'hal9-migrate migrate --phase state-migratoin --percentage 7 --yes' \
  'hal9-migrate migrate --phase state-migration --percentage 7 --yes'
refused 2 'hal9-migrate migrate --phase ramp-up --reason load --yes' \
  'hal9-migrate migrate --phase ramp-up --percentage 25 --reason load' 'needs a yes'
refused 2 'hal9-migrate migrate --phase ramp-up --percentage 20 --override helth --reason x --yes' \
  'hal9-migrate migrate --phase ramp-up --percentage 20 --override health --reason x --yes'
refused 2 'hal9-migrate migrate --phase ramp-up --percentage 21 --override health --yes' \
  'hal9-migrate migrate --phase ramp-up --percentage 21 --override health --yes --reason why'
type_it 'hal9-migrate migrate --phase ramp-up --percentage 22 --override health --yes'
says_not '^.? ?gate ' 'what is wrong with the line is said before any gate'
type_it 'hal9-migrate migrate --phase canary --override health'
same 0 "$run_code" 'going down needs no reason, whatever else was typed'
refused 2 'hal9-migrate feature enable meta_cogniton --percentage 7 --yes' \
  'hal9-migrate feature enable meta_cognition --percentage 7 --yes'
type_it 'hal9-migrate feature enable meta_cognition --percentage 3'
same 0 "$run_code" 'lowering a feature asks for nothing'

printf '# rolling back\n'
new_migration back
refused 5 'hal9-migrate rollback --from-phase shadow --percentage 3 --reason drill' \
  'hal9-migrate rollback --from-phase canary --percentage 3 --reason drill'
refused 2 'hal9-migrate rollback --from-phase cannary --percentage 2 --reason "it hurts"' \
  "hal9-migrate rollback --from-phase canary --percentage 2 --reason 'it hurts'"
refused 2 'hal9-migrate rollback --partial --complete --reason drill' \
  'hal9-migrate rollback --complete --reason drill'
refused 2 'hal9-migrate rollback --percentage 1 --complete --reason drill' \
  'hal9-migrate rollback --complete --reason drill'
refused 2 'hal9-migrate rollback --restore-checkpoint pre-state-migration-TIMESTAMP --reason x' \
  'hal9-migrate rollback --restore-checkpoint --reason x'
type_it 'hal9-migrate rollback --emergency --restore-checkpoint TIMESTAMP'
same 8 "$run_code" 'an emergency cuts, whatever stands for a checkpoint'
says '"TIMESTAMP" is a placeholder' 'and says what was no checkpoint'
says 'Hierarchical: 0%' 'traffic is down'
type_it 'hal9-migrate rollback --duration 1s'
same 0 "$run_code" 'a duration without --gradual is taken'
says_first=$(head -n 1 <<<"$said")
same '! --duration makes it gradual, traffic goes step by step over 1s; at once is: hal9-migrate rollback' \
  "$says_first" 'and its first line says what that means'
type_it 'hal9-migrate rollback --gradual --duration 1s'
says_not 'makes it gradual' 'what was asked for is not explained'
long=$(printf 'x%.0s' {1..5000})
type_it "hal9-migrate rollback --emergency --reason $long"
same 0 "$run_code" 'a long reason stops nothing'
says 'reason has 5000 bytes and the record takes 4096' 'that it was cut is said'
type_it "hal9-migrate rollback --reason short"
says_not 'bytes and the record' 'a short one is not spoken of'

printf '# what is set up wrong\n'
new_migration broken
hal9=$PWD/hal9.yaml
type_it 'hal9-migrate --config nothing/hal9.yaml migrate --phase state-migration --yes'
same 6 "$run_code" 'a configuration that is not there'
same 'hal9-migrate --config hal9.yaml migrate --phase state-migration --yes' "$(next_of)" \
  'the one that is there is named'
refused 6 'hal9-migrate status --ledger nothing.db' 'hal9-migrate config view --ledger nothing.db'
chmod o+w hal9.yaml
type_it 'hal9-migrate migrate --phase state-migration --yes'
same 4 "$run_code" 'a configuration that everybody can write'
says_not 'gate ' 'is refused before any gate is looked at'
type_it "$(next_of) && hal9-migrate config check"
same 0 "$run_code" 'the line that it names mends it'
printf 'gates: sometimes\n' >>hal9.yaml
type_it 'hal9-migrate migrate --phase state-migration --yes'
same "hal9-migrate config check --config $hal9" "$(next_of)" 'a broken configuration is checked'
refused 2 'hal9-migrate config check' "\${EDITOR:-vi} $hal9"
rm hal9.db
mv hal9.yaml elsewhere.yaml
refused 5 'hal9-migrate init' "hal9-migrate init $PWD/another"
finish
