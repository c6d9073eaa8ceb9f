#!/usr/bin/env bash
# Every target over its seeds and over the inputs that once broke something (regressions/TARGET/).
# Usage: replay.sh FUZZ-REPLAY
set -euo pipefail

program=$(realpath "${1:?usage: replay.sh FUZZ-REPLAY}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -B "$here/seeds.py" "$work/seeds"
failed=0
for folder in "$work/seeds"/*; do
  target=${folder##*/}
  folders=("$folder")
  [[ ! -d $here/regressions/$target ]] || folders+=("$here/regressions/$target")
  if ! timeout 60 "$program" "$target" "${folders[@]}" 2>"$work/log"; then
    failed=1
    printf '%s: BROKEN; the input is the last one named here\n' "$target"
    tail -n 20 "$work/log"
    cp "$(grep "^$work\|^$here" "$work/log" | tail -n 1)" "/tmp/hal9-fuzz-$target" || true
  fi
done
exit "$failed"
