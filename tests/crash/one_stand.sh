#!/usr/bin/env bash
# One stand (../e2e/lib/stand.sh) for a program that drives several: it is told where everything is, a
# line each, and the stand goes when its standard input ends. With `weights` its HAProxy splits by server
# weights. Usage: one_stand.sh HAL9-MIGRATE FOLDER [weights]
set -euo pipefail

binary=$(realpath "${1:?usage: one_stand.sh HAL9-MIGRATE FOLDER}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../e2e/lib/stand.sh
source "$here/../e2e/lib/stand.sh"

trap stand_end EXIT
stand_begin "${2:?a folder}" "$binary"
# shellcheck disable=SC2034 # stand.sh reads it
stand_weights=${3:-}
stand_up crash >&2
printf '%s\n' "$stand_migration" "$stand_socket" "$stand_router" \
  "${stand_port[front]}" "${stand_port[hierarchical]}" 'up'
read -r _ || true
