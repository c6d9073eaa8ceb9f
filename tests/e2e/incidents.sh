#!/usr/bin/env bash
# Incidents: opened by rollbacks and by hand, what they own, and that they hinder nothing.
# Usage: incidents.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: incidents.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }
to_canary() { for phase in shadow canary; do hal9 migrate --phase "$phase" --yes >/dev/null; done; }

cd "$work"
hal9 init payments >/dev/null
cd payments

printf '# by a rollback\n'
expect 0 'there is none yet' hal9 incident list
says '^no incidents$' 'and it says so'
expect 3 'and none to look at' hal9 incident show latest
to_canary
expect 0 'a rollback of one region' hal9 rollback --regions us-west-2 --reason 'p99 doubled'
says '^part of incident [0-9]+: hal9-migrate incident show [0-9]+$' 'says which incident it is part of'
first=$(hal9 incident list --json | jq '.[0].incident')
expect 0 'another one' hal9 rollback
says "^part of incident $first:" 'belongs to the same'
expect 0 'the incident' hal9 incident show "$first"
says '^Title: immediate rollback from canary \(5%\)$' 'has a title'
says '^Severity: major$' 'and a severity'
says '^Reason: p99 doubled$' 'and what was known of it'
same 2 "$(grep -c '^Rollback ' <<<"$said")" 'and both rollbacks'
says "^ +T\+0:00\.[0-9]{3} +$first  os:.* incident opened, major" 'and what happened since it began'
expect 0 'status' hal9 status
says "incident $first \(major, immediate rollback from canary \(5%\)\) is open since" 'names what is open'
expect 0 'the grouped timeline' hal9 timeline --group
same 2 "$(grep -c ", of incident $first\$" <<<"$said")" 'says whose rollbacks they are'
says "^Incident $first: immediate rollback from canary \(5%\), major, 2 rollbacks$" 'and has a group of its own'
same "[$first,\"hal9.incident.joined.v1\"]" "$(hal9 timeline --group --json |
  jq -c '[.[] | select(.incident)][0] | [.incident.incident, .events[1].type]')" 'as JSON, too'

printf '# by hand\n'
expect 0 'more of it becomes known' hal9 incident update latest --commander alice --severity critical \
  --external pagerduty=PX41 --external jira=HAL9-7
expect 0 'the ticket is another one' hal9 incident update "$first" --external jira=HAL9-8
same '["pagerduty PX41","jira HAL9-8"]' \
  "$(hal9 incident show latest --json | jq -c '.external | map(.system + " " + .id)')" 'each system has one id'
last=$(hal9 status --json | jq .sequence)
expect 0 'the same again' hal9 incident update latest --commander alice
says 'nothing had to change' 'is no event'
same "$last" "$(hal9 status --json | jq .sequence)" 'and none is recorded'
expect 0 'it is over' hal9 incident close latest --reason 'the cache was cold'
expect 0 'the incident' hal9 incident show "$first"
says '^Resolution: the cache was cold$' 'says how it ended'
expect 0 'the grouped timeline' hal9 timeline --group
says "incident $first closed \"the cache was cold\"$" 'says how it ended, too'
expect 5 'a second close' hal9 incident close "$first"
says "incident $first is not open" 'has nothing to close'
expect 0 'one by hand' hal9 incident open 'users complain' --severity minor
second=$(hal9 incident list --json | jq '.[0].incident')

printf '# in nobody'"'"'s way\n'
to_canary
expect 0 'a rollback of a closed incident' hal9 rollback --incident "$first"
says "incident $first is not open, which hindered nothing: this rollback belongs to incident $second" 'goes on'
says '^  Phase: none' 'and is done'
to_canary
expect 0 'a rollback of what is no number' hal9 rollback --incident soon
says 'is no incident.s number: it is not looked at' 'goes on, loudly'
to_canary
expect 0 'an emergency of the same' hal9 rollback --emergency --force --incident soon
says 'is no incident.s number: it is not looked at' 'goes on, loudly'
hal9 migrate --phase shadow --yes >/dev/null
expect 0 'a rollback without one' hal9 rollback --incident none
says_not 'part of incident' 'is of none'
hal9 migrate --phase shadow --yes >/dev/null
expect 0 'what is switched off' hal9 feature disable shadow_mode
says_not 'part of incident' 'is no rollback of an incident'

printf '# while a rollback of it runs\n'
to_canary
"$binary" rollback --gradual --duration 10m >/dev/null 2>&1 &
running=$!
for _ in $(seq 100); do
  [[ $(hal9 status --json | jq '.running | length') == 1 ]] && break
  sleep 0.1
done
expect 5 'it is not closed' hal9 incident close "$second"
says 'has not ended' 'and says why'
kill -KILL "$running"
wait "$running" || true
hal9 rollback >/dev/null
expect 0 'behind it, it is' hal9 incident close "$second"

printf '# as others read it\n'
for format in json yaml jsonl csv wide; do
  expect 0 "incident list --format $format" hal9 incident list --format "$format"
done
expect 0 'its events by subject' hal9 timeline --subject "incident-$second"
says "incident $second closed" 'are found'
expect 0 'explain of its first event' hal9 explain "$second"
expect 0 'verify' hal9 ledger verify
expect 0 'a copy' hal9 ledger backup "$work/copy"
same "$second" "$(hal9 incident show "$second" --json --immutable --ledger "$work/copy/hal9.db" | jq .incident)" \
  'is evidence of it, too'

finish
