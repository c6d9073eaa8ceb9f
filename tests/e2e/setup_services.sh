#!/usr/bin/env bash
# tools/setup installs HAProxy without starting its service: a policy-rc.d says no while apt-get
# runs, and is gone afterwards, also when apt-get fails; one that the machine has of its own stays.
# apt-get, dpkg-query and systemctl are made up here, /usr/sbin is a folder of a namespace's own.
# Usage: setup_services.sh TOOLS-SETUP
set -euo pipefail

setup=$(realpath "${1:?usage: setup_services.sh TOOLS-SETUP}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"

if ! unshare --map-root-user --mount mount -t tmpfs none /usr/sbin 2>/dev/null; then
  skipped 'tools/setup and services: this machine lets nobody mount'
  finish
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
cat >"$work/bin/dpkg-query" <<'SCRIPT'
#!/bin/bash
# dpkg-query -W -f FORMAT PACKAGE...: all but haproxy are installed, until apt-get has been here.
for package in "${@:4}"; do
  [[ $package == haproxy && ! -e $work/installed ]] || printf ' %s:installed ' "$package"
done
SCRIPT
cat >"$work/bin/apt-get" <<'SCRIPT'
#!/bin/bash
# As invoke-rc.d does for a package's service: no policy is a yes, 101 is a no.
[[ " $* " == *' install '* ]] || exit 0
code=0
[[ ! -x /usr/sbin/policy-rc.d ]] || /usr/sbin/policy-rc.d haproxy start || code=$?
printf '%s\n' "$code" >"$work/policy"
printf '%s\n' "${@: -1}" >"$work/package"
[[ ! -e $work/apt_fails ]] || exit 100
touch "$work/installed"
SCRIPT
cat >"$work/bin/systemctl" <<'SCRIPT'
#!/bin/bash
printf '%s\n' "$*" >>"$work/systemctl"
SCRIPT
chmod 755 "$work/bin/"*

# run_setup POLICY: in a machine whose own policy-rc.d is POLICY, or that has none (empty).
# What policy-rc.d is afterwards goes to $work/after.
run_setup() {
  rm -f "$work/installed" "$work/policy" "$work/package" "$work/after" "$work/systemctl"
  # shellcheck disable=SC2016 # expanded inside
  run env work="$work" PATH="$work/bin:/usr/bin:/bin" setup="$setup" policy="$1" \
    unshare --map-root-user --mount /bin/bash -c '
      mount -t tmpfs none /usr/sbin
      if [[ -n $policy ]]; then
        printf "%s\n" "$policy" >/usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
      fi
      code=0
      bash "$setup" || code=$?
      cat /usr/sbin/policy-rc.d >"$work/after" 2>/dev/null || echo none >"$work/after"
      exit "$code"'
}

run_setup ''
same 0 "$run_code" 'it installs what is missing'
same haproxy "$(cat "$work/package")" 'which is haproxy'
same 101 "$(cat "$work/policy")" 'while it does, no service may start'
same none "$(cat "$work/after")" 'afterwards the machine is as it was'
if [[ -d /run/systemd/system ]]; then
  same 'disable --quiet haproxy.service' "$(cat "$work/systemctl")" 'nor at the next start'
else
  skipped 'systemctl disable: systemd does not run here'
fi

touch "$work/apt_fails"
run_setup ''
same 1 "$run_code" 'apt-get fails: so does it'
same 101 "$(cat "$work/policy")" 'apt-get fails: no service could start'
same none "$(cat "$work/after")" 'apt-get fails: the machine is as it was'
rm "$work/apt_fails"
# It keeps its log then, and names it.
rm -f "$(grep -oE '/tmp/hal9-setup\.[A-Za-z0-9]+\.log' <<<"$said" | tail -n 1)"

own=$'#!/bin/sh\nexit 104'
run_setup "$own"
same 0 "$run_code" "the machine's own policy: it installs"
same 104 "$(cat "$work/policy")" "the machine's own policy: that one is asked"
same "$own" "$(cat "$work/after")" "the machine's own policy: it stays"
finish
