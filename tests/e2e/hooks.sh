#!/usr/bin/env bash
# Hooks: run behind the end of a phase or a rollback, listed where they failed, and in nobody's way.
# Usage: hooks.sh HAL9-MIGRATE
set -euo pipefail

binary=$(realpath "${1:?usage: hooks.sh HAL9-MIGRATE}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hal9() { "$binary" "$@"; }
to_canary() { for phase in shadow canary; do hal9 migrate --phase "$phase" --yes >/dev/null 2>&1 || true; done; }

# A program that keeps what it is told, and ends as $work/how says.
cat >"$work/scale" <<SH
#!/bin/sh
cat >>"$work/told"
. "$work/how"
SH
chmod +x "$work/scale"
printf 'exit 0\n' >"$work/how"

cd "$work"
hal9 init payments >/dev/null
cd payments
python3 - "$work/scale" <<'PY'
import sys
text = open("hal9.yaml").read()
assert "hooks: []" in text
open("hal9.yaml", "w").write(text.replace("hooks: []", f"""hooks:
  - name: stop-canary
    on: phase-end
    phase: canary
    command: [{sys.argv[1]}, down]
    timeout: 1s"""))
PY

printf '# one that succeeds\n'
expect 0 'the configuration is right' hal9 config check
to_canary
same 0 "$(wc -l <"$work/told" 2>/dev/null || printf 0)" 'the end of another phase runs nothing'
expect 0 'a dry run' hal9 rollback --dry-run
says "afterwards: the hook stop-canary runs: $work/scale down" 'names what would run'
expect 0 'a rollback' hal9 rollback --reason 'p99'
says '^✓ hook stop-canary succeeded$' 'says how it ended'
same 'canary 1' "$(jq -r '.phase + " " + (.attempt | tostring)' "$work/told")" 'it was told of what'
expect 0 'nothing is due' hal9 hook retry
says '^no hook is due$' 'and it says so'
expect 0 'nothing would run' hal9 hook retry --dry-run
says '^no hook would run; all of them: hal9-migrate hook list$' 'and that is not called nothing configured'

printf '# one that fails\n'
to_canary
printf 'echo half; echo "no cluster" >&2; exit 3\n' >"$work/how"
expect 8 'a rollback whose hook fails' hal9 rollback
says '^✓ Flat: 100%' 'the rollback stands'
says '^! hook stop-canary failed \(exit 3\): no cluster; .*hal9-migrate hook retry stop-canary$' 'and says what to type'
same '0 4' "$(awk '/^✓ Flat/ {a=NR} /hook stop-canary failed/ {b=NR} END {print (a < b ? 0 : 1), (b > 0 ? 4 : 5)}' <<<"$said")" \
  'the traffic is said before the hook'
expect 0 'status' hal9 status
says 'hook stop-canary is due since event [0-9]+ \(phase-end of canary\), failed after 1 attempt: hal9-migrate hook retry' \
  'names it'
expect 0 'the list' hal9 hook list
says '^stop-canary +phase-end of canary .* 1 +failed ' 'has it'
expect 8 'again' hal9 hook retry stop-canary
expect 0 'what would run' hal9 hook retry --dry-run
says '^stop-canary +phase-end of canary .* 2 +failed ' 'is what is due'
same 2 "$(jq -s '.[-1].attempt' "$work/told")" 'and nothing has run'
printf 'exit 0\n' >"$work/how"
expect 0 'and again' hal9 hook retry
says '^✓ hook stop-canary succeeded$' 'until it succeeds'
same 3 "$(jq -s '.[-1].attempt' "$work/told")" 'it was told that it is the third attempt'
output=$(hal9 timeline --type hook.ran --format jsonl | jq -r 'select(.objects) | .objects[0].object' | head -1)
expect 0 'what it printed' hal9 ledger object "$output"
says '^no cluster$' 'is kept'
expect 2 'one that there is not' hal9 hook retry stop-canry
says 'Did you mean "stop-canary"' 'is asked for'

printf '# one that hangs, in an emergency\n'
to_canary
printf 'sleep 600\n' >"$work/how"
expect 8 'an emergency' hal9 rollback --emergency --force
says 'hook stop-canary timed out: it had 1s and was killed' 'goes on'
same 0 "$(awk '/traffic is cut|Flat: 100%/ && !a {a=NR} /hook stop-canary/ && !b {b=NR} END {print (a && a < b ? 0 : 1)}' <<<"$said")" \
  'and says so before the hook runs'
expect 0 'it will not run' hal9 hook dismiss stop-canary --reason 'done by hand'
expect 0 'nothing is due' hal9 hook retry
expect 5 'a second time' hal9 hook dismiss stop-canary

printf '# a process that dies before its hook\n'
to_canary
printf 'exit 0\n' >"$work/how"
: >"$work/told"
"$binary" rollback --gradual --duration 10m >/dev/null 2>&1 &
running=$!
for _ in $(seq 100); do
  [[ $(hal9 status --json | jq '.running | length') == 1 ]] && break
  sleep 0.1
done
kill -KILL "$running"
wait "$running" 2>/dev/null || true
same 0 "$(wc -l <"$work/told")" 'has run none'
expect 0 'the next one' hal9 rollback
says 'hook stop-canary succeeded' 'does'
same 1 "$(wc -l <"$work/told")" 'once'

printf '# a process that is killed while its hook runs\n'
to_canary
printf 'echo $$ >"%s/pid"; exec sleep 600\n' "$work" >"$work/how"
sed -i 's/timeout: 1s/timeout: 5m/' hal9.yaml
rm -f "$work/pid"
"$binary" rollback >/dev/null 2>&1 &
running=$!
for _ in $(seq 100); do
  [[ -s $work/pid ]] && break
  sleep 0.1
done
kill -KILL "$running"
wait "$running" 2>/dev/null || true
printf 'exit 0\n' >"$work/how"
expect 5 'it runs on, and no second one beside it' hal9 hook retry
says 'a hook that a killed process left behind counts until it has ended' 'and why is said'
kill -KILL "$(<"$work/pid")"
gone() { hal9 hook retry >/dev/null 2>&1; }
for _ in $(seq 100); do
  gone && break
  sleep 0.1
done
expect 0 'then it runs' hal9 hook list
says_not '^stop-canary .* since' 'and is due no more'

printf '# one that has closed its lock, of a process that is killed\n'
to_canary
printf 'exec 3>&-; echo $$ >"%s/pid"; exec sleep 600\n' "$work" >"$work/how"
rm -f "$work/pid"
"$binary" rollback >/dev/null 2>&1 &
running=$!
for _ in $(seq 100); do
  [[ -s $work/pid ]] && break
  sleep 0.1
done
kill -KILL "$running"
wait "$running" 2>/dev/null || true
printf 'exit 0\n' >"$work/how"
expect 5 'no second one beside it' hal9 hook retry
says "still runs: process $(<"$work/pid") \(sleep\), by the lock file .*/hal9.db.hook.lock" 'it is named'
says "^ +next: ps -fp $(<"$work/pid")$" 'and shown by the next line'
kill -KILL "$(<"$work/pid")"
for _ in $(seq 100); do
  gone && break
  sleep 0.1
done
expect 0 'then it runs' hal9 hook retry
says '^no hook is due$' 'and is due no more'

printf '# a daemon that keeps the lock, of a hook whose process is killed\n'
to_canary
printf 'setsid sleep 600 & echo $! >"%s/daemon"; echo $$ >"%s/pid"; exec sleep 600\n' "$work" "$work" >"$work/how"
rm -f "$work/pid"
"$binary" rollback >/dev/null 2>&1 &
running=$!
for _ in $(seq 100); do
  [[ -s $work/pid ]] && break
  sleep 0.1
done
kill -KILL "$running" "$(<"$work/pid")"
wait "$running" 2>/dev/null || true
printf 'exit 0\n' >"$work/how"
expect 5 'it shuts the next out' hal9 hook retry
says "process $(<"$work/daemon") \(sleep\) holds the hook lock .*/hal9.db.hook.lock" 'it is named, and so is the lock'
expect 0 'a rollback is in nobody'\''s way' hal9 rollback
says '^! hooks were not run: process .* holds the hook lock .*; next: ps -fp [0-9]+$' 'and says why its hooks wait'
kill -KILL "$(<"$work/daemon")"
for _ in $(seq 100); do
  gone && break
  sleep 0.1
done

printf '# one whose phase is entered again\n'
to_canary
printf 'exit 3\n' >"$work/how"
expect 8 'a rollback whose hook fails' hal9 rollback
printf 'exit 0\n' >"$work/how"
to_canary
: >"$work/told"
expect 0 'status' hal9 status
says 'hook stop-canary was due since event [0-9]+ .*; not run: canary was entered again: hal9-migrate hook dismiss stop-canary$' \
  'names it'
expect 0 'the list' hal9 hook list
says '^stop-canary .* 1 +failed, not run: canary was entered again ' 'says so'
expect 0 'those that are due' hal9 hook retry
says '^no hook is due$' 'it is none of them'
expect 5 'by its name' hal9 hook retry stop-canary
says 'hook stop-canary is not run: canary was entered again' 'it is refused'
same 0 "$(wc -l <"$work/told")" 'and did not run'
expect 0 'the end of that canary' hal9 rollback
says 'hook stop-canary succeeded' 'makes it due anew'
same 1 "$(wc -l <"$work/told")" 'once'

printf '# one that is not configured any more\n'
to_canary
printf 'exit 3\n' >"$work/how"
expect 8 'a rollback whose hook fails' hal9 rollback
sed -i.hooked 's/name: stop-canary/name: end-canary/' hal9.yaml
expect 8 'again' hal9 hook retry stop-canary
says '^! hook stop-canary not started: .*; next: hal9-migrate hook dismiss stop-canary$' 'leads to its dismissal'
expect 0 'which helps' hal9 hook dismiss stop-canary --reason 'renamed'
mv hal9.yaml.hooked hal9.yaml
printf 'exit 0\n' >"$work/how"

printf '# one that others could replace\n'
chmod o+w "$work/scale"
expect 3 'the check' hal9 config check
says "hook stop-canary could be another's program: $work/scale may be written by everybody; chmod o-w $work/scale" \
  'names it'
to_canary
expect 8 'a rollback' hal9 rollback
says '^✓ Flat: 100%' 'stands'
says 'hook stop-canary .*may be written by everybody' 'and it was not run'
chmod o-w "$work/scale"
expect 0 'mended' hal9 hook retry

printf '# Ctrl-C\n'
to_canary
printf 'sleep 600\n' >"$work/how"
sed -i 's/timeout: 1s/timeout: 5m/' hal9.yaml
: >"$work/told"
setsid bash -c 'trap - INT; exec "$@"' sh python3 - "$binary" >"$work/stopped" 2>&1 <<'PY' || true
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
child = subprocess.Popen([sys.argv[1], "rollback"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
lines = []
for line in child.stdout:
    lines.append(line)
    if "hook stop-canary, due since event" in line:
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
print("".join(lines) + f"exit {child.wait()}")
PY
said=$(<"$work/stopped")
says 'hook stop-canary stopped: it was killed, as asked for' 'ends it'
says '^exit 8$' 'and it stays due'
expect 0 'the list' hal9 hook list
says '^stop-canary .* 1 +stopped ' 'has it'

expect 0 'verify' hal9 ledger verify
finish
