// The script for bash; needs nothing of bash-completion.
#include "completion.h"

#include <string>
#include <string_view>

namespace hal9::tools {

namespace {

// What stands behind the tables. Words are compared and never expanded: `compgen -W` would run what a
// hostile name spells.
constexpr std::string_view kBash = R"script(
# Offers those of the words behind $1 that begin with it.
_hal9_migrate_take() {
  local part=$1 word
  shift
  for word in "$@"; do
    [[ $word == "$part"* ]] && COMPREPLY+=("$word")
  done
}

_hal9_migrate_kind() { # VERB OPTION-OR-OPERAND
  _hal9_migrate_value "$1" "$2"
  local part=$cur before=''
  case $kind in
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    text | none) return ;;
    *:list)
      part=${cur##*,}
      before=${cur%"$part"}
      kind=${kind%:list} ;;
  esac
  if [[ $kind == asked:* ]]; then
    mapfile -t offer < <(hal9-migrate __complete "${kind#asked:}" "${places[@]}" 2>/dev/null)
  fi
  _hal9_migrate_take "$part" "${offer[@]}"
  if [[ -n $before ]]; then
    compopt -o nospace 2>/dev/null
    COMPREPLY=("${COMPREPLY[@]/#/$before}")
  fi
}

_hal9_migrate() {
  COMPREPLY=()
  local cur=${COMP_WORDS[COMP_CWORD]} option='' verb='' first='' kind='' at word
  local -a offer=() places=()
  # bash parts `--format=json` at the sign.
  if [[ $cur == '=' ]]; then
    cur=''
    option=${COMP_WORDS[COMP_CWORD - 1]}
  elif ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    case $word in
      '=') ;;
      -*)
        _hal9_migrate_value "$verb" "$word"
        if [[ $kind != none && ${COMP_WORDS[at + 1]} != '=' ]]; then
          if ((at + 1 == COMP_CWORD)); then
            option=$word
          else
            [[ $word == --config || $word == --ledger ]] && places+=("$word" "${COMP_WORDS[at + 1]}")
            ((at++))
          fi
        elif [[ $kind != none ]]; then
          ((at + 2 < COMP_CWORD)) && ((at += 2))
        fi ;;
      *)
        if [[ -z $verb ]]; then
          verb=$word first=$word
        elif [[ $verb == "$first" ]] && _hal9_migrate_is_verb "$first $word"; then
          verb="$first $word"
        fi ;;
    esac
  done
  if [[ -n $option ]]; then
    _hal9_migrate_kind "$verb" "$option"
    return
  fi
  if [[ $cur == -* ]]; then
    _hal9_migrate_options "$verb"
    _hal9_migrate_take "$cur" "${offer[@]}"
    return
  fi
  if [[ $verb == "$first" ]]; then
    _hal9_migrate_verbs "$first"
    _hal9_migrate_take "$cur" "${offer[@]}"
  fi
  [[ -z $verb ]] || _hal9_migrate_kind "$verb" operand
}
complete -F _hal9_migrate hal9-migrate hal9-cli
)script";

}  // namespace

std::string bash_script() {
  return "# bash completion for hal9-migrate, made by: hal9-migrate completion bash\n" +
         values_table() + options_table(false) + verbs_table(false) + std::string(kBash);
}

}  // namespace hal9::tools
