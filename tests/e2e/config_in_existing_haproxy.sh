#!/usr/bin/env bash
# `router haproxy-config` for somebody who has a HAProxy already: with a route key, a user key and
# backend names of their own. Once the printed lines stand at the end of the file as they are, once
# the rules are in the user's own frontend, with the user's own backends. HAProxy accepts both, what
# was there before works as before, and traffic moves.
# Usage: config_in_existing_haproxy.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: config_in_existing_haproxy.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
# shellcheck source-path=SCRIPTDIR source=lib/stand.sh
source "$here/lib/stand.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'stand_end; rm -rf "$work"' EXIT
stand_begin "$work" "$binary"
stand_find_ports own
stand_more_yaml='  route_key: req.hdr(x-tenant-route)
  user_key: req.cook(session)
  backends: {flat: legacy, hierarchical: newcore, mirror: newcore_copies}'
stand_start_service flat
stand_start_service hierarchical
stand_init existing

# What the user has: settings, defaults, a frontend with rules and a backend.
own_beginning() {
  cat <<CFG
global
    maxconn 500
    nbthread 2

defaults
    mode http
    timeout connect 2s
    timeout client 20s
    timeout server 20s
    option http-keep-alive

CFG
}
own_frontend() {
  cat <<CFG
frontend www
    bind 127.0.0.1:${stand_port[own]}
    acl is_static path_beg /static
    http-request set-header X-Forwarded-Proto https
    http-request return status 200 content-type text/plain string "static" if is_static
$1
CFG
}
own_backends() {
  cat <<CFG
backend legacy
    balance leastconn
    option httpchk GET /health
    server old1 127.0.0.1:${stand_port[flat]} check inter 500ms
backend newcore
    option httpchk GET /health
    server new1 127.0.0.1:${stand_port[hierarchical]} check inter 500ms

CFG
}

# visit PORT ROUTE SESSIONS: each session comes twice; prints "FLAT HIERARCHICAL FLIPS".
visit() {
  python3 - "$@" <<'PYTHON'
import collections, http.client, sys
port, route, sessions = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
seen, answered, flips = {}, collections.Counter(), 0
for session in [f"s{n}" for n in range(sessions)] * 2:
    connection.request("GET", "/basket",
                       headers={"X-Tenant-Route": route, "Cookie": f"session={session}"})
    answer = connection.getresponse()
    answer.read()
    system = answer.headers.get("X-System", "none")
    answered[system] += 1
    flips += seen.setdefault(session, system) != system
print(answered["flat"], answered["hierarchical"], flips)
PYTHON
}

# Traffic through PORT, from nothing over half to an emergency.
traffic_moves() {
  local port=$1 what=$2
  local -a came
  read -ra came < <(visit "$port" us-west-2.substrate 100)
  same '200 0 0' "${came[*]}" "$what: before it begins all requests go to flat"
  expect 0 "$what: shadow" hal9 migrate --phase shadow --yes
  local before after
  before=$(stand_counts hierarchical)
  read -ra came < <(visit "$port" us-west-2.substrate 100)
  same '200 0 0' "${came[*]}" "$what: in shadow users are answered by flat"
  sleep 0.3
  after=$(stand_counts hierarchical)
  same 200 $((${after#* } - ${before#* })) "$what: and each request is copied"
  expect 0 "$what: canary" hal9 migrate --phase canary --percentage 50 --yes
  read -ra came < <(visit "$port" us-west-2.substrate 400)
  between 320 480 "${came[1]}" "$what: half of the sessions go to hierarchical"
  same 0 "${came[2]}" "$what: by the user's own key, so none changes sides"
  read -ra came < <(visit "$port" nobody.knows 100)
  same '200 0 0' "${came[*]}" "$what: a route that nobody knows goes to flat"
  expect 0 "$what: traffic --verify" hal9 traffic --verify
  expect 0 "$what: emergency" hal9 rollback --emergency --force
  read -ra came < <(visit "$port" us-west-2.substrate 100)
  same '200 0 0' "${came[*]}" "$what: after the emergency all requests go to flat"
  expect 0 "$what: traffic --verify" hal9 traffic --verify
}

start() {
  expect 0 "$1: haproxy -c accepts it" haproxy -c -f "$stand_config"
  says_not 'ALERT|WARNING' "$1: without a warning"
  stand_start_haproxy
}

as_it_is() {
  expect 0 'the lines are printed' hal9 router haproxy-config --output "$stand_router"
  {
    own_beginning
    own_frontend '    default_backend own'
    printf 'backend own\n    server a 127.0.0.1:%s\n\n' "${stand_port[flat]}"
    sed "s/bind 127\.0\.0\.1:9700.*/bind 127.0.0.1:${stand_port[front]}/" \
      "$stand_router/hal9-haproxy.cfg"
  } >"$stand_config"
  start 'appended as printed'
  same static "$(stand_get "${stand_port[own]}" /static/logo)" \
    'appended as printed: the own frontend answers as before'
  traffic_moves "${stand_port[front]}" 'appended as printed'
  stand_stop_haproxy
}

# The rules between `bind` and the mirror's entry, taken into the user's own frontend; of the printed
# backends only those that the user does not have.
in_own_frontend() {
  rm -rf "$stand_router" "$stand_migration"
  mkdir "$stand_router"
  stand_init existing
  expect 0 'the lines are printed again' hal9 router haproxy-config --output "$stand_router"
  local printed=$stand_router/hal9-haproxy.cfg rules
  rules=$(awk '/^frontend hal9 /{ on = 1; next } /^# Where copies enter/{ on = 0 }
    on && !/^ *bind /' "$printed")
  {
    # lua-load has to come before the rule that calls it.
    awk '/^global/{ on = 1 } /^defaults/{ on = 0 } on' "$printed"
    own_beginning
    own_frontend "$rules"
    own_backends
    awk '/^defaults/{ on = 1 } /^# ---- 2/{ on = 0 } /^# Where copies enter/{ on = 1 }
      /^backend (legacy|newcore) /{ on = 0 } /^# The hierarchical system again/{ on = 1 } on' \
      "$printed"
  } >"$stand_config"
  start 'in the own frontend'
  same static "$(stand_get "${stand_port[own]}" /static/logo)" \
    'in the own frontend: its own rules work as before'
  traffic_moves "${stand_port[own]}" 'in the own frontend'
}

stand_start_haproxy() {
  stand_start haproxy haproxy -db -f "$stand_config"
  stand_wait 'HAProxy' stand_answers "${stand_port[own]}"
  stand_wait "HAProxy's look at the services" checked_are_up
}
checked_are_up() {
  stand_ask 'show servers state' | awk '
    $2 == "legacy" || $2 == "newcore" || $2 == "newcore_copies" { n++; up += $6 == 2 }
    END { exit !(n == 3 && up == 3) }'
}

as_it_is
in_own_frontend
finish
