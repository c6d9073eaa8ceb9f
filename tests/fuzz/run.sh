#!/usr/bin/env bash
# Fuzzes each decoder for a while, and prints a table. A crash, a broken promise, a hang of ten seconds
# or 2 GB of memory keeps its input, and the line that repeats it is printed.
#
#   cmake --preset fuzz && ninja -C build/fuzz fuzz
#   tests/fuzz/run.sh --build build/fuzz --seconds 600
#
# Usage: run.sh --build FOLDER [--seconds N] [--only TARGET]...
#   --build FOLDER   a build folder of the preset fuzz; what is found is kept there in corpus/ and
#                    crashes/, and the next run begins with it
#   --seconds N      for each target (10)
#   --only TARGET    this one alone; may be given more than once
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build='' seconds=10 only=()
while (($#)); do
  case $1 in
    --build) build=${2:?} && shift 2 ;;
    --seconds) seconds=${2:?} && shift 2 ;;
    --only) only+=("${2:?}") && shift 2 ;;
    -h | --help) sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0" && exit 0 ;;
    *) echo "run.sh: $1 is not known; see run.sh --help" >&2 && exit 2 ;;
  esac
done
[[ -n $build && -d $build/bin ]] || { echo 'run.sh: --build FOLDER is needed' >&2; exit 2; }
build=$(cd "$build" && pwd)
mkdir -p "$build/crashes" "$build/logs"
python3 -B "$here/seeds.py" "$build/seeds"
((${#only[@]})) || for folder in "$build/seeds"/*; do only+=("${folder##*/}"); done

# The last number that libFuzzer printed behind a word.
last_of() { grep -oE "$1:? *[0-9]+" "$2" | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }

failed=0
# 0: nothing found.
fuzz() {
  local target=$1 log=$build/logs/fuzz-$1.log code=0 folders verdict=ok
  local program=$build/bin/fuzz-$target
  folders=("$build/corpus/$target" "$build/seeds/$target")
  mkdir -p "${folders[0]}"
  [[ ! -d $here/regressions/$target ]] || folders+=("$here/regressions/$target")
  [[ -x $program ]] || { echo "run.sh: $program is not built" >&2; exit 2; }
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
    -print_final_stats=1 -artifact_prefix="$build/crashes/$target-" "${folders[@]}" \
    >"$log" 2>&1 </dev/null || code=$?
  if ((code != 0)); then
    verdict=BROKEN failed=1
  elif (($(last_of 'number_of_executed_units' "$log") == 0)); then
    verdict='NOTHING RUN' failed=1
  fi
  printf '%-14s %9s %12s %8s %8s  %s\n' "$target" "${seconds} s" \
    "$(last_of number_of_executed_units "$log")" "$(last_of cov "$log")" \
    "$(find "${folders[@]}" -type f | wc -l)" "$verdict"
  ((code == 0)) || tell "$target" "$program" "$log"
}

tell() {
  local input
  grep -E 'broken promise|SUMMARY|ERROR' "$3" | head -n 3 | sed 's/^/    /'
  input=$(grep -oE "Test unit written to .*" "$3" | tail -n 1 | sed 's/.*written to //')
  printf '    input:  %s\n    repeat: %s %s\n' "${input:-none}" "$2" "${input:-}"
}

printf '%-14s %9s %12s %8s %8s  %s\n' target time runs edges inputs result
for target in "${only[@]}"; do fuzz "$target"; done
exit "$failed"
