#!/usr/bin/env bash
# Routers of the kinds exec and http by the command line: forward, a way back, an emergency, and what
# each cannot do. The program of exec keeps a file; http moves the requests of a real Caddy.
# Usage: other_routers.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: other_routers.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
# shellcheck source-path=SCRIPTDIR source=lib/stand.sh
source "$here/lib/stand.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
stand=$work
trap 'for name in "${!stand_pid[@]}"; do stand_stop "$name"; done; rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }
install -m 700 "$here/../conformance/router/exec_program.py" "$work/program.py"
program=$work/program.py

# migration NAME: a folder of that name whose hal9.yaml has the router that stands on stdin.
migration() {
  hal9 init "$work/$1" >/dev/null
  python3 -c '
import sys
text = open(sys.argv[1]).read()
kind = "router:\n  kind: ledger-only\n"
assert kind in text
open(sys.argv[1], "w").write(text.replace(kind, sys.stdin.read()))' "$work/$1/hal9.yaml"
  cd "$work/$1"
}

share_in_file() { jq -r '.shares["us-west-2.cognitive"] // 0' state.json; }

# From a folder that is not that of hal9.yaml.
elsewhere() {
  (cd "$work/elsewhere" && "$@")
}

case_exec_called_from_elsewhere() {
  mkdir "$work/elsewhere"
  migration far <<YAML
router:
  kind: exec
  command: [/usr/bin/python3, "$program", state.json]
  timeout: 20s
YAML
  hal9 migrate --phase shadow --yes >"$work/forward.log"
  expect 0 'from elsewhere: canary' elsewhere "$binary" migrate --phase canary --percentage 12.25 \
    --yes --config ../far/hal9.yaml
  same 12.25 "$(share_in_file)" 'from elsewhere: the state beside hal9.yaml has the share'
  expect 0 'from elsewhere: emergency' elsewhere "$binary" rollback --emergency --force \
    --config ../far/hal9.yaml
  same '0 true' "$(share_in_file) $(jq -r .halted state.json)" 'from elsewhere: it is cut'
  hal9 migrate --phase shadow --yes >"$work/forward.log"
  hal9 migrate --phase canary --yes >"$work/forward.log"
  mkdir "$work/linked"
  ln -s "$work/far/hal9.yaml" "$work/linked/hal9.yaml"
  run elsewhere "$binary" rollback --emergency --force --config ../linked/hal9.yaml --ledger "$work/far/hal9.db"
  same '0 0 true' "$run_code $(share_in_file) $(jq -r .halted state.json)" 'by a link to hal9.yaml: it is cut'
  same 1 "$(find "$work" -name state.json -path '*far*' | wc -l)$(find "$work/linked" -name state.json)" \
    'by a link: in the one state that there is'
  hal9 migrate --phase shadow --yes >"$work/forward.log"
  hal9 migrate --phase canary --yes >"$work/forward.log"
  run elsewhere sh -e "$work/far/break-glass.sh"
  same '0 0 true' "$run_code $(share_in_file) $(jq -r .halted state.json)" \
    'from elsewhere: the break-glass lines cut'
  same '' "$(ls "$work/elsewhere")" 'from elsewhere: nothing was written there'
  run grep -c 'socat' break-glass.sh
  same 0 "$said" 'exec: break-glass.sh has no word of socat'
}

case_exec() {
  migration exec <<YAML
router:
  kind: exec
  command: [/usr/bin/python3, "$program", state.json]
  timeout: 20s
YAML
  expect 0 'exec: the configuration is accepted' hal9 config check
  expect 0 'exec: shadow' hal9 migrate --phase shadow --yes
  says 'exec \(/usr/bin/python3\)' 'exec: the first line names the program'
  expect 0 'exec: canary' hal9 migrate --phase canary --percentage 12.25 --yes
  same 12.25 "$(share_in_file)" 'exec: the program has the share, exactly'
  expect 0 'exec: read back' hal9 traffic --verify
  expect 0 'exec: a part of it back' hal9 rollback --percentage 5
  same 5 "$(share_in_file)" 'exec: the program has less'
  expect 0 'exec: emergency' hal9 rollback --emergency --force
  same '0 true' "$(share_in_file) $(jq -r .halted state.json)" 'exec: 0, and its kill switch on'
  expect 0 'exec: verified' hal9 traffic --verify
  says 'Flat: 100%, Hierarchical: 0%' 'exec: as the runbook has it'
  expect 0 'exec: forward takes the halt off' hal9 migrate --phase shadow --yes
  same false "$(jq -r .halted state.json)" 'exec: the kill switch is off'
  hal9 migrate --phase canary --yes >/dev/null
  run sh -e break-glass.sh
  same '0 0 true' "$run_code $(share_in_file) $(jq -r .halted state.json)" \
    'exec: the break-glass lines cut without this program'
  expect 3 'exec: which shows as a difference' hal9 traffic --verify
  expect 0 'exec: and a rollback puts on record' hal9 rollback
  expect 0 'exec: the ledger verifies' hal9 ledger verify
  chmod o+w "$program"
  expect 3 'exec: a program that everybody may write: the check' hal9 config check
  says "$program may be written by everybody" 'exec: says why'
  expect 3 'exec: forward' hal9 migrate --phase shadow --yes
  says "could be another's program" 'exec: is refused by the gate'
  expect 0 'exec: an emergency' hal9 rollback --emergency --force
  chmod o-w "$program"
  expect 0 'exec: mended' hal9 config check
}

case_exec_that_fails() {
  migration broken <<YAML
router:
  kind: exec
  command: [/bin/sh, -c, 'echo "no cluster here" >&2; exit 3', program]
  timeout: 10s
YAML
  expect 3 'a program that fails: forward is refused' hal9 migrate --phase shadow --yes
  says 'ended with 3' 'a program that fails: named'
  expect 3 'a program that fails: verify' hal9 traffic --verify
  says '/bin/sh read ended with 3' 'a program that fails: its call is named'
  # The emergency asks for 30 s; Ctrl-C ends that.
  run timeout --preserve-status --signal=INT 6 "$binary" rollback --emergency --force
  says 'no cluster here' 'a program that fails: an emergency says its reason'
  says_not 'traffic is cut' 'a program that fails: nothing is claimed'
  same 8 "$run_code" 'a program that fails: exit 8'
}

at_hierarchical() { # at_hierarchical REQUESTS: how many of them
  local i
  for ((i = 0; i < $1; i++)); do
    curl -sS -H 'X-Route: us-west-2.cognitive' "http://127.0.0.1:${stand_port[front]}/x"
    echo
  done | grep -c '"system": *"hierarchical"' || true
}

case_http() {
  stand_find_ports front admin flat hierarchical
  local name
  for name in flat hierarchical; do
    stand_start "$name" python3 "$here/services/echo_service.py" --name "$name" \
      --port "${stand_port[$name]}"
  done
  jq -n --arg front "127.0.0.1:${stand_port[front]}" --arg admin "127.0.0.1:${stand_port[admin]}" \
    --arg flat "127.0.0.1:${stand_port[flat]}" --arg new "127.0.0.1:${stand_port[hierarchical]}" \
    --arg storage "$work/storage" '
    def to(place): [{handler: "reverse_proxy", upstreams: [{dial: place}]}];
    [("us-west-2", "eu-west-1", "ap-southeast-1") as $region
      | ("substrate", "protocol", "cognitive", "orchestration", "intelligence")
      | "\($region).\(.)"] as $routes
    | {admin: {listen: $admin, config: {persist: false}},
       storage: {module: "file_system", root: $storage},
       apps: {http: {servers: {users: {listen: [$front], automatic_https: {disable: true}, routes:
         ([$routes[] | {match: [{header: {"X-Route": [.]}}], handle: [{handler: "subroute", routes: [
            {"@id": ., match: [{expression: "{http.request.uuid} < \"00000000\""}],
             handle: to($new), terminal: true}]}]}] + [{handle: to($flat)}])}}}}}' >"$work/caddy.json"
  stand_start caddy caddy run --config "$work/caddy.json"
  wait_for 20 curl -sS --fail "http://127.0.0.1:${stand_port[front]}/x"
  migration http <<YAML
router:
  kind: http
  timeout: 20s
  read:
    url: http://127.0.0.1:${stand_port[admin]}/id/{route}/match/0
    pointer: /expression
    value: '{http.request.uuid} < "{share_uuid}"'
  set:
    method: PATCH
    url: http://127.0.0.1:${stand_port[admin]}/id/{route}/match/0
    body: '{"expression": "{http.request.uuid} < \\"{share_uuid}\\""}'
  health:
    flat: ["http://127.0.0.1:${stand_port[flat]}/health"]
    hierarchical: ["http://127.0.0.1:${stand_port[hierarchical]}/health"]
YAML
  expect 0 'http: the check' hal9 config check
  says 'is right' 'http: has nothing to say'
  sed 's/^  health:/  token: {file: token}\n  health:/; s/{share_uuid}\\""}/0\\""}/' hal9.yaml >wrong.yaml
  expect 3 'http: a token that is not there, and no share in the body' \
    hal9 config check --config wrong.yaml
  says 'sends the same whatever the share is' 'http: the body is named'
  says 'no request is made without it' 'http: the token is named'
  says_not 'is right$' 'http: and it is not called right'
  expect 5 'http: a shadow that mirrors is refused' hal9 migrate --phase shadow --yes
  says 'this router cannot mirror requests: http' 'http: by name'
  says 'migrate --phase shadow --percentage 0' 'http: with the line that goes on'
  expect 0 'http: shadow without copies' hal9 migrate --phase shadow --percentage 0 --yes
  same 0 "$(at_hierarchical 30)" 'http: nobody is at hierarchical'
  expect 0 'http: canary' hal9 migrate --phase canary --percentage 40 --yes
  between 20 100 "$(at_hierarchical 150)" 'http: 40% of 150 requests, or so'
  expect 0 'http: read back' hal9 traffic --verify
  expect 3 'http: whether nobody is there is unknown' hal9 monitor --system hierarchical
  says 'does not count requests' 'http: and why'
  expect 5 'http: a feature is refused' hal9 feature enable meta_cognition --yes
  expect 0 'http: emergency' hal9 rollback --emergency --force
  same 0 "$(at_hierarchical 30)" 'http: nobody is at hierarchical any more'
  expect 0 'http: verified' hal9 traffic --verify
  says 'Flat: 100%, Hierarchical: 0%' 'http: as the runbook has it'
  hal9 migrate --phase shadow --percentage 0 --yes >/dev/null
  hal9 migrate --phase canary --yes >/dev/null
  run sh -e break-glass.sh
  same 0 "$run_code" 'http: the break-glass lines work'
  expect 3 'http: and what they did is a difference' hal9 traffic --verify
  expect 0 'http: the ledger verifies' hal9 ledger verify
}

case_exec
case_exec_called_from_elsewhere
case_exec_that_fails
case_http
finish
