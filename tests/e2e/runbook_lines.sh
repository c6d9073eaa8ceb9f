#!/usr/bin/env bash
# Types the runbook's lines where no router is configured: what they print, their exit codes and
# what is recorded, without a proxy and without a terminal.
# Usage: runbook_lines.sh HAL9-MIGRATE [SCENARIO]
set -euo pipefail

binary=$(realpath "${1:?usage: runbook_lines.sh HAL9-MIGRATE [SCENARIO]}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER ROLLBACK_REASON

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# type_line CODES LINE: as it stands in the runbook, with its quotes and its unset variables.
type_line() {
  run timeout 60 bash -c "hal9-migrate() { '$binary' \"\$@\"; }; $2"
  if [[ ",$1," == *",$run_code,"* ]]; then
    ok "$2 (exit $run_code)"
  else
    not_ok "$2: exit $run_code, not $1" "$said"
  fi
}

recorded_events() { "$binary" ledger export | wc -l; }

to_canary() {
  type_line 0 'hal9-migrate migrate --phase shadow --yes'
  type_line 0 "hal9-migrate migrate --phase canary --percentage ${1:-5} --yes"
}

to_ramp_up() {
  to_canary
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  type_line 0 "hal9-migrate migrate --phase ramp-up --percentage $1 --yes"
}

scenario_init() {
  type_line 5 'hal9-migrate init'
  says 'hal9\.yaml' 'init names what it would have overwritten'
  type_line 0 'hal9-migrate config check'
  says_not 'stale|not the configuration' 'what init wrote is what is accepted'
  sed 's/^\(  regions: \[\)/\1ap-south-1, /' hal9.yaml >changed.yaml
  cp hal9.yaml kept.yaml && cat changed.yaml >hal9.yaml
  type_line 0 'hal9-migrate config check'
  says 'routes added: ap-south-1' 'a route that the ledger has not accepted yet is named'
  cat kept.yaml >hal9.yaml && rm kept.yaml changed.yaml
  echo 'true' >>break-glass.sh
  type_line 0 'hal9-migrate config check'
  says 'break-glass\.sh is stale' 'break-glass lines that are not those of now are named'
  type_line 0 "hal9-migrate rollback --emergency --print --output $PWD/break-glass.sh"
  type_line 0 'hal9-migrate config check'
  says_not 'stale' 'the line that it names makes them those of now'
  rm break-glass.sh
  type_line 0 'hal9-migrate config check'
  says 'break-glass\.sh is missing' 'and where there are none that is said'
  type_line 0 'hal9-migrate annotate "the disk is back"'
  type_line 0 'hal9-migrate config check'
  says_not 'stale|missing' 'any command that writes makes them again'
  type_line 0 'hal9-migrate config view'
  says 'us-west-2' 'the configuration names its regions'
  type_line 0 'hal9-migrate init elsewhere --name other'
  type_line 0 'hal9-migrate --config elsewhere/hal9.yaml status'
  says 'other' 'another folder is another migration'
}

scenario_shadow() {
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'a new migration is in phase none'
  type_line 2 'hal9-migrate migrate --phase shadow'
  says 'next: hal9-migrate migrate --phase shadow --yes' 'a yes is asked for, with its line'
  type_line 0 'hal9-migrate migrate --phase shadow --yes'
  says '^ledger .* \| router ledger-only .* \| watchdog none' 'the first line says what is moved'
  says 'gate health +not checked' 'a gate that nobody configured is not claimed'
  says '^next: hal9-migrate ' 'the last line says what to type'
  type_line 0 'hal9-migrate status'
  says '^Phase: shadow \(100%\) \(recorded, not observed\)' 'the mirror is shown as recorded'
  type_line 0 'hal9-migrate rollback --from-phase shadow'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'shadow is rolled back'
  type_line 0 'hal9-migrate migrate --phase shadow --yes'
  type_line 0 'hal9-migrate feature disable shadow_mode'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'disabling shadow_mode is the same'
}

scenario_canary() {
  to_canary 5
  type_line 0 'hal9-migrate traffic --show-split'
  says '^Flat: 95%, Hierarchical: 5% \(recorded, not observed\)$' 'the split is shown'
  type_line 0 'hal9-migrate status --detailed'
  says '^[a-z0-9.-]+ +5% +- +- +- +0%' 'what a ledger-only router never showed is not in its columns'
  type_line 0 'hal9-migrate status --json'
  same '[5,null,null,5]' \
    "$(jq -c '.routes[0].share | [.requested, .applied, .observed, .recorded]' <<<"$said")" \
    'nor in its JSON'
  type_line 5 'hal9-migrate rollback --from-phase shadow'
  says 'canary' 'a guard that does not hold names the phase'
  type_line 0 'hal9-migrate status'
  says '^Phase: canary \(5%\)' 'and nothing was changed'
  type_line 0 'hal9-migrate rollback --from-phase canary --percentage 0'
  says 'annotate --rollback [0-9a-f-]{36} "why"' 'the missing reason is asked for, with its line'
  type_line 0 'hal9-migrate annotate --rollback latest "users complain"'
  type_line 0 'hal9-migrate timeline --rollback latest'
  says 'users complain' 'and stands with its rollback'
  type_line 0 'hal9-migrate traffic --verify'
  says '^Flat: 100%, Hierarchical: 0% \(recorded, not observed\)$' 'all traffic is at flat'
  type_line 0,3 'hal9-migrate monitor --system hierarchical --duration 1s'
  type_line 0 'hal9-migrate rollback --from-phase canary'
  says 'nothing to roll back' 'again: nothing to do, and no error'
  to_canary 25
  type_line 0 'hal9-migrate rollback --from-phase canary --gradual --duration 1s --reason drill'
  says 'share +[0-9.]+% \[#*\.*\] to 0%' 'the way down is shown'
  says_not $'[\r\x1b]' 'off a terminal it is nothing but text'
  to_canary 5
  type_line 0 'hal9-migrate rollback --from-phase canary --immediate'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'canary is rolled back'
}

scenario_ramp() {
  to_ramp_up 50
  type_line 0 'hal9-migrate migrate --phase canary --percentage 5'
  type_line 0 'hal9-migrate status'
  says '^Phase: canary \(5%\)' 'migrate goes back without a yes'
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 50 --yes'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 0 --immediate'
  type_line 0 'hal9-migrate status'
  says '^Phase: ramp-up \(0%\)' 'and holds in the phase it names'
  type_line 0 'hal9-migrate migrate --phase ramp-up --percentage 60 --yes'
  type_line 0 'hal9-migrate rollback --from-phase ramp-up --target-percentage 0'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'the ramp is rolled back'
}

scenario_full() {
  to_ramp_up 80
  type_line 0 'hal9-migrate migrate --phase full --yes'
  type_line 0 'hal9-migrate status'
  says '^Phase: full \(100%\)' 'everything is at hierarchical'
  type_line 0 'hal9-migrate rollback --from-phase full --complete'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'full is rolled back'
  type_line 0 'hal9-migrate rollback --complete --preserve-data'
}

scenario_restore() {
  to_canary
  type_line 0 'hal9-migrate migrate --phase state-migration --yes'
  type_line 8 'hal9-migrate rollback --from-phase state-migration --restore-checkpoint'
  says 'not in this version' 'that restoring is not there is said'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'and traffic is down all the same'
}

# shellcheck disable=SC2016 # variables are for the shell that types the line
scenario_emergency() {
  to_canary
  type_line 0 'hal9-migrate rollback --emergency --force'
  says 'Flat: 100%, Hierarchical: 0%' 'the split is what it ends with'
  type_line 0 'hal9-migrate status'
  says '^Phase: none' 'the phase is none'
  type_line 0 'hal9-migrate rollback --emergency --reason $UNSET --force'
  type_line 0 'hal9-migrate rollback --emergency --reason "$ROLLBACK_REASON"'
  says 'no reason given' 'an unset reason counts as none'
  type_line 0 'hal9-migrate rollback --emergency >&- 2>&-'
  type_line 0 'set -o pipefail; hal9-migrate rollback --emergency | true'
  type_line 0 'hal9-migrate rollback --emergency --print'
  says 'socat' 'the lines for socat are printed'
  type_line 0 'hal9-migrate rollback list --format json'
  same 'emergency' "$(jq -r '[.[].kind] | unique | join(",")' <<<"$said")" 'rollbacks are listed'
}

# "Special Scenarios": shares as "NAME share" of what is not at 0.
up() { "$binary" traffic --json | jq -r '[.routes[] | select(.share.recorded > 0) | .route] | sort | join(" ")'; }

scenario_selected() {
  to_canary 25
  type_line 0 'hal9-migrate rollback --components cognitive,orchestration'
  says '6 of 15 routes were selected' 'it says how many'
  says 'Phase: canary' 'the phase stays'
  same '' "$(up | grep -oE 'cognitive|orchestration')" 'those components are down'
  same 9 "$(up | wc -w)" 'the working ones are kept'
  type_line 0 'hal9-migrate migrate --phase canary --percentage 25 --include-held --yes'
  type_line 0 'hal9-migrate rollback --exclude substrate,protocol'
  same 6 "$(up | grep -oE 'substrate|protocol' | wc -l)" 'substrate and protocol are kept'
  same 6 "$(up | wc -w)" 'and nothing else'
  type_line 0 'hal9-migrate migrate --phase canary --percentage 25 --include-held --yes'
  type_line 0 'hal9-migrate rollback --regions us-west-2,eu-west-1'
  same 5 "$(up | grep -oE 'ap-southeast-1' | wc -l)" 'the third region is kept'
  same 5 "$(up | wc -w)" 'alone'
  type_line 0 'hal9-migrate migrate --phase canary --percentage 25 --include-held --yes'
  type_line 0 'hal9-migrate rollback --exclude-regions ap-southeast-1 --reason "latency"'
  same 5 "$(up | wc -w)" 'the successful region is kept'
  type_line 0 'hal9-migrate rollback --regions ap-southeast-1 --components cognitive'
  same 4 "$(up | wc -w)" 'both together are what is in both'
  type_line 0 'hal9-migrate rollback --emergency --regions ap-southeast-1'
  says 'an immediate rollback' 'an emergency of a selection says what it is'
  same '' "$(up)" 'and brings it down'
  says 'Phase: canary' 'which no narrower scope ends'
  type_line 0 'hal9-migrate rollback'
  says 'Phase: none' 'one of every route does'
  to_ramp_up 60
  local before
  before=$(recorded_events)
  type_line 0 'hal9-migrate rollback --complete --dry-run'
  says 'would run: immediate rollback of 15 routes from ramp-up to none' 'a dry run says what would run'
  says 'next: hal9-migrate rollback --complete$' 'and the line that does it'
  says 'now +60%' 'from where'
  type_line 0 'hal9-migrate rollback --emergency --dry-run'
  says 'would run: emergency rollback of 15 routes from ramp-up to none' 'of an emergency what that would'
  type_line 0 'hal9-migrate rollback --emergency --regions us-west-2 --dry-run'
  says_not 'sets the kill switch' 'which one of a selection does not'
  type_line 0 'hal9-migrate rollback --preserve-data --restore-checkpoint --dry-run'
  says 'feature flags kept' 'what is looked at afterwards'
  says 'restoring a checkpoint is not in this version' 'and what is not done'
  type_line 0 'hal9-migrate rollback --gradual --duration 10m --regions us-west-2 --dry-run --json'
  same '5 600 121' "$(jq -r '"\(.plan.routes) \(.plan.seconds) \(.steps | length)"' <<<"$said")" 'its steps are in JSON'
  same "$before 15" "$(recorded_events) $(up | wc -w)" 'and nothing was recorded or moved'
  type_line 0 'hal9-migrate rollback --to-phase canary'
  says 'Phase: canary \(5%\)' 'an earlier phase is as it was left'
  type_line 5 'hal9-migrate rollback --to-phase ramp-up'
  says 'not before canary' 'and never a later one'
}

scenario_features() {
  type_line 2 'hal9-migrate feature enable meta_cognition --percentage 10'
  says 'next: hal9-migrate feature enable meta_cognition --percentage 10 --yes$' 'a yes is needed'
  type_line 0 'hal9-migrate feature enable meta_cognition --percentage 10 --yes'
  type_line 0 'hal9-migrate feature status meta_cognition'
  says 'meta_cognition +10%' 'a feature is raised'
  type_line 0 'hal9-migrate feature disable meta_cognition'
  type_line 0 'hal9-migrate feature disable hierarchical_learning'
  type_line 0 'hal9-migrate feature list'
  says 'meta_cognition +0%' 'and taken down'
  type_line 2 'hal9-migrate feature disable meta_cogniton'
  says 'Did you mean "meta_cognition"' 'a near miss is named'
}

scenario_mistyped() {
  local before
  before=$(recorded_events)
  type_line 2 'hal9-migrate rollbak --emergency'
  says 'next: hal9-migrate rollback --emergency$' 'the line as it was meant is shown'
  type_line 2 'hal9-migrate rollback --emergancy'
  says 'Did you mean --emergency' 'the option too'
  type_line 2 'hal9-migrate migrate --phase canry --yes'
  says 'canary' 'and the phase'
  type_line 2 'hal9-migrate migrate --phase shadow --percentage 500 --yes'
  type_line 2 'hal9-migrate rollback --percentage 5 --target-percentage 6'
  type_line 2,5 'hal9-migrate migrate --phase full --yes'
  says 'shadow' 'a skip names the next phase'
  type_line 2 'hal9-migrate migrate --phase shadow --no-checkpoint'
  says 'not in this version' 'what a later version delivers is refused by name'
  type_line 2 'hal9-migrate rollback --regions us-west-3'
  says 'regions: us-west-2, eu-west-1, ap-southeast-1' 'an unknown region is told those that there are'
  says 'next: hal9-migrate rollback --regions us-west-2$' 'and the line that was meant'
  type_line 2 'hal9-migrate rollback --components cognitive,'
  says 'next: hal9-migrate rollback --components cognitive$' 'a list that ends in a comma is told without it'
  type_line 2 'hal9-migrate rollback --regions "us-west-2 eu-west-1"'
  says 'next: hal9-migrate rollback --regions us-west-2,eu-west-1$' 'one with blanks is told with commas'
  type_line 2 'hal9-migrate rollback --regions US-WEST-2'
  says 'next: hal9-migrate rollback --regions us-west-2$' 'capitals are no other name'
  type_line 2 'hal9-migrate rollback --regions us-west-2 --exclude-regions eu-west-1'
  type_line 2 'hal9-migrate rollback --exclude substrate,protocol,cognitive,orchestration,intelligence'
  says 'no component is left' 'a selection of nothing is none'
  type_line 2 'hal9-migrate state list-checkpoints'
  says 'next: hal9-migrate ' 'with the line to type now'
  type_line 2 'hal9-migrate'
  says 'rollback --emergency --force' 'no command at all shows the emergency first'
  same "$before" "$(recorded_events)" 'nothing was recorded by any of it'
}

scenario_record() {
  to_canary
  type_line 0 'hal9-migrate rollback --reason "drill"'
  type_line 0 'hal9-migrate timeline'
  says '"drill"' 'the reason is in the timeline'
  type_line 0 'hal9-migrate timeline --type rollback --limit 1 --format jsonl'
  same 1 "$(wc -l <<<"$said")" 'one event was asked for, one came'
  type_line 0 'hal9-migrate timeline --subject us-west-2.substrate'
  says 'recorded, not observed: .* for [0-9]+ routes' "a route's timeline has the steps over several routes"
  type_line 0 'hal9-migrate status --format csv'
  says '^name,value' 'status as csv has a row a value'
  says_not '[{}[]' 'and no JSON in a cell'
  type_line 0 'hal9-migrate timeline --format csv --output deep/folder/timeline.csv'
  same 700 "$(stat -c %a deep)" 'missing folders are made for their owner alone'
  type_line 2 'hal9-migrate ledger export --output hal9.db'
  type_line 0 'hal9-migrate status --at 3'
  says 'As of: event 3' 'an earlier state can be seen'
  type_line 0 'hal9-migrate status --detailed --format yaml'
  type_line 0 'hal9-migrate ledger verify'
  type_line 0 'hal9-migrate ledger export --output lines.jsonl'
  same "$(recorded_events)" "$(jq -c . lines.jsonl | wc -l)" 'an export has a line an event'
}

for scenario in ${2:-init shadow canary ramp full restore emergency selected features mistyped record}; do
  mkdir "$work/$scenario"
  cd "$work/$scenario"
  printf '# %s\n' "$scenario"
  type_line 0 'hal9-migrate init'
  "scenario_$scenario"
  "$binary" ledger export >fit.jsonl
  expect 0 'every line fits its JSON Schema' python3 -B "$here/lib/lines_fit.py" fit.jsonl
done
finish
