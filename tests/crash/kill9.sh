#!/usr/bin/env bash
# kill -9 of the command line in the middle of ways back, on a real HAProxy; kill9.py says what has
# to hold after each. Usage: kill9.sh HAL9-MIGRATE [--rounds N] [--seed N] [--round K]
set -euo pipefail

binary=$(realpath "${1:?usage: kill9.sh HAL9-MIGRATE [--rounds N] [--seed N] [--round K]}")
shift
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../e2e/lib/stand.sh
source "$here/../e2e/lib/stand.sh"

work=$(mktemp -d)
trap 'stand_end; rm -rf "$work"' EXIT
stand_begin "$work" "$binary"
stand_up crash
python3 "$here/kill9.py" --binary "$binary" --folder "$stand_migration" \
  --socket "$stand_socket" --maps "$stand_router" "$@"
