#!/usr/bin/env bash
# Three balancers and 15 routes: how long from the command until all three show 0, beside three socat
# in parallel that set the same keys and read them back.
# Usage: balancers_bench.sh HAL9-MIGRATE [RUNS]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../e2e/lib/stand.sh
source "$here/../e2e/lib/stand.sh"
binary=$(realpath "${1:?usage: balancers_bench.sh HAL9-MIGRATE [RUNS]}")
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'stand_end; rm -rf "$work"' EXIT
stand_begin "$work/stand" "$binary"
stand_find_ports front2 front3 mirror2 mirror3
for name in lb2 lb3; do
  stand_balancers_yaml+="    - name: $name
      socket: $work/$name.sock
      files: $work/$name
"
done
stand_up bench
for number in 2 3; do
  cp -r "$stand_router/lb$number" "$work/lb$number"
  sed -i "s/bind 127\.0\.0\.1:9700.*/bind 127.0.0.1:${stand_port[front$number]}/
    s/:${stand_port[mirror]}/:${stand_port[mirror$number]}/" \
    "$work/lb$number/hal9-haproxy.cfg" "$work/lb$number/mirror.lua"
  stand_start "lb$number" haproxy -db -f "$work/lb$number/hal9-haproxy.cfg"
  stand_wait "lb$number" stand_answers "${stand_port[front$number]}"
done
python3 -B "$here/balancers_bench.py" --binary "$binary" --folder "$stand_migration" \
  --balancer "$stand_socket" "$stand_router" --balancer "$work/lb2.sock" "$work/lb2" \
  --balancer "$work/lb3.sock" "$work/lb3" --runs "${2:-30}"
