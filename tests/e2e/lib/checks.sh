# shellcheck shell=bash
# Checks of the end-to-end scripts: each is one printed line, `ok - ...` or `not ok - ...`, the
# last line counts them. Sourced, not run.
#
# A check that does not hold does not end the script: what follows may say why. `finish` gives the
# exit code.

passed=0
failed=0
said=''      # what the last `run` printed, stdout and stderr together
run_code=0   # and its exit code

ok() {
  passed=$((passed + 1))
  printf 'ok - %s\n' "$1"
}

not_ok() {
  failed=$((failed + 1))
  printf 'not ok - %s\n' "$1"
  shift
  local line
  for line in "$@"; do printf '%s\n' "$line" | sed 's/^/    /' | head -n 40; done
}

# What cannot be tried on this machine is said, and counts as neither.
skipped() { printf 'skipped - %s\n' "$1"; }

# run COMMAND...: keeps what it prints in $said and its exit code in $run_code.
run() {
  run_code=0
  said=$("$@" 2>&1 </dev/null) || run_code=$?
}

# expect CODES WHAT COMMAND...: runs it; one of the comma-separated exit codes is right.
expect() {
  local codes=$1 what=$2
  shift 2
  run "$@"
  if [[ ",$codes," == *",$run_code,"* ]]; then
    ok "$what (exit $run_code)"
  else
    not_ok "$what: exit $run_code, not $codes" "\$ $*" "$said"
  fi
}

# says PATTERN WHAT: the last `run` or `expect` printed it (extended regular expression).
says() {
  if grep -qE -- "$1" <<<"$said"; then
    ok "$2"
  else
    not_ok "$2: nothing matches $1" "$said"
  fi
}

says_not() {
  if grep -qE -- "$1" <<<"$said"; then
    not_ok "$2: something matches $1" "$said"
  else
    ok "$2"
  fi
}

# same WANTED ACTUAL WHAT
same() {
  if [[ "$1" == "$2" ]]; then ok "$3"; else not_ok "$3: $2, not $1"; fi
}

# between LOW HIGH NUMBER WHAT: whole or decimal numbers.
between() {
  if awk -v low="$1" -v high="$2" -v it="$3" 'BEGIN { exit !(it + 0 >= low && it + 0 <= high) }'
  then
    ok "$4 ($3)"
  else
    not_ok "$4: $3 is not within $1..$2"
  fi
}

# wait_for SECONDS COMMAND...: asks until it succeeds; returns 1 when the time is over.
wait_for() {
  local ends=$((SECONDS + $1 + 1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < ends)) || return 1
    sleep 0.05
  done
}

finish() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}
