#!/usr/bin/env bash
# Completion in bash, zsh and fish as these shells do it, and the manual pages as mandoc reads them.
# Usage: completion.sh HAL9-MIGRATE HAL9-PAGES
# shellcheck disable=SC2016 # what the other shells run is quoted for them
set -euo pipefail

binary=$(realpath "${1:?usage: completion.sh HAL9-MIGRATE HAL9-PAGES}")
pages=$(realpath "${2:?usage: completion.sh HAL9-MIGRATE HAL9-PAGES}")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/checks.sh
source "$here/lib/checks.sh"
export NO_COLOR=1
unset HAL9_CONFIG HAL9_LEDGER

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$binary" "$work/bin/hal9-migrate"
export PATH="$work/bin:$PATH" HOME="$work"

cd "$work"
hal9-migrate init payments >/dev/null
cd payments
hal9-migrate migrate --phase shadow --yes >/dev/null
hal9-migrate rollback --reason 'so that there is one' >/dev/null
latest=$(hal9-migrate rollback list --json | jq -r '.[0].id')

# What each shell offers for a line whose last word is being typed, sorted, on one line.
in_bash() {
  bash --norc -c '
    source <(hal9-migrate completion bash)
    read -ra COMP_WORDS <<<"$1"
    # An empty last word is one, too; and bash parts words at an equals sign.
    [[ $1 == *" " ]] && COMP_WORDS+=("")
    if [[ ${COMP_WORDS[-1]} == *=* ]]; then
      last=${COMP_WORDS[-1]}
      COMP_WORDS=("${COMP_WORDS[@]:0:${#COMP_WORDS[@]}-1}" "${last%%=*}" "=")
      [[ -z ${last#*=} ]] || COMP_WORDS+=("${last#*=}")
    fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _hal9_migrate hal9-migrate
    ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' bash "$1" | sort -u | paste -sd' '
}

in_fish() {
  fish --no-config -c '
    hal9-migrate completion fish | source
    complete -C "$argv[1]"' -- "$1" 2>&1 | cut -f1 | sort -u | paste -sd' '
}

# zsh completes on a terminal alone: one is made for it, and compadd is asked what it was given.
in_zsh() {
  zsh -f "$here/lib/complete.zsh" "$1" 2>&1 | tr -d '\r' | sort -u | paste -sd' '
}

# offers SHELL LINE WORDS: exactly these.
offers() { same "$3" "$("in_$1" "$2")" "$1: $2"; }
# has SHELL LINE WORD: among others.
has() {
  local offered
  offered=$("in_$1" "$2")
  if [[ " $offered " == *" $3 "* ]]; then ok "$1: $2 has $3"; else not_ok "$1: $2 has no $3" "$offered"; fi
}
has_not() {
  local offered
  offered=$("in_$1" "$2")
  if [[ " $offered " == *" $3 "* ]]; then not_ok "$1: $2 has $3" "$offered"; else ok "$1: $2 has no $3"; fi
}

case_shell() { # SHELL
  has "$1" 'hal9-migrate ' rollback
  has_not "$1" 'hal9-migrate ' retrospective
  offers "$1" 'hal9-migrate tim' timeline
  has "$1" 'hal9-migrate rollback ' show
  offers "$1" 'hal9-migrate rollback --emerg' --emergency
  has "$1" 'hal9-migrate migrate --phase ' ramp-up
  has "$1" 'hal9-migrate rollback --from-phase ' canary
  has "$1" 'hal9-migrate rollback --regions ' us-west-2
  has "$1" 'hal9-migrate rollback --components ' cognitive
  has "$1" 'hal9-migrate feature enable ' meta_cognition
  has "$1" 'hal9-migrate rollback show ' "$latest"
  has "$1" 'hal9-migrate rollback show ' latest
  has "$1" 'hal9-migrate timeline --rollback ' latest
  has "$1" 'hal9-migrate timeline --subject ' us-west-2.cognitive
  has "$1" 'hal9-migrate timeline --type roll' rollback.started
  has "$1" 'hal9-migrate --ledger hal9.db status --det' --detailed
  has "$1" 'hal9-migrate ledger ' verify
  has "$1" 'hal9-migrate completion ' fish
  cd "$work"
  has "$1" 'hal9-migrate --config payments/hal9.yaml rollback --regions ' us-west-2
  same '' "$("in_$1" 'hal9-migrate rollback show ' | tr -d ' ')" "$1: nothing where there is no ledger"
  has "$1" 'hal9-migrate rollback --fro' --from-phase
  cd "$work/payments"
}

case_bash() {
  case_shell bash
  has bash 'hal9-migrate migrate --phase=' canary
  has bash 'hal9-migrate rollback --regions us-west-2,eu' us-west-2,eu-west-1
  has bash 'hal9-migrate status --ledger hal9.d' hal9.db
  has bash 'hal9-migrate timeline -o hal9.d' hal9.db
}
case_fish() {
  case_shell fish
  has fish 'hal9-migrate rollback --regions us-west-2,eu' us-west-2,eu-west-1
  has fish 'hal9-migrate status --ledger hal9.d' hal9.db
}
case_zsh() {
  case_shell zsh
}

# A configuration from somebody else names what a shell must not run.
case_hostile() {
  mkdir "$work/hostile"
  cd "$work/hostile"
  sed 's/us-west-2/"$(touch ran)"/' "$work/payments/hal9.yaml" >hal9.yaml
  for shell in bash fish zsh; do "in_$shell" 'hal9-migrate rollback --regions ' >/dev/null; done
  same '' "$(find . -name ran)" 'a hostile name is not run'
  expect 0 'nor an error' hal9-migrate __complete regions
  same '' "$said" 'or anything said'
  expect 0 'nor for what is no kind' hal9-migrate __complete '$(reboot)' --config
  same '' "$said" 'or anything said'
  cd "$work/payments"
}

# It runs while somebody types: it makes and changes nothing.
case_quiet() {
  find . -type f -exec sha256sum {} + | sort -k2 >../before.txt
  for kind in regions components routes features rollbacks; do
    expect 0 "__complete $kind" hal9-migrate __complete "$kind"
  done
  find . -type f -exec sha256sum {} + | sort -k2 >../after.txt
  if cmp -s ../before.txt ../after.txt; then ok 'it changes no file'; else
    not_ok 'it changes no file' "$(diff ../before.txt ../after.txt)"
  fi
}

case_refused() {
  expect 2 'a shell that is none' hal9-migrate completion bsh
  says 'next: hal9-migrate completion bash$' 'is named'
}

case_manual() {
  expect 0 'pages are made' "$pages" "$work/pages" 'November 27, 2026' 1.0
  local page
  for page in "$work"/pages/man1/*.1; do
    expect 0 "mandoc has nothing against ${page##*/}" mandoc -T lint -W warning "$page"
    [[ -z $said ]] || not_ok "${page##*/} is clean" "$said"
  done
  expect 0 'the page of rollback is shown' mandoc -T utf8 "$work/pages/man1/hal9-migrate-rollback.1"
  same '' "$(bash -n "$work/pages/completion/hal9-migrate.bash" 2>&1)" 'the script for bash is one'
  same '' "$(zsh -n "$work/pages/completion/_hal9-migrate" 2>&1)" 'the script for zsh is one'
  same '' "$(fish -n "$work/pages/completion/hal9-migrate.fish" 2>&1)" 'the script for fish is one'
}

case_bash
case_fish
case_zsh
case_hostile
case_quiet
case_refused
case_manual
finish
