// The script for zsh.
#include "completion.h"

#include <string>
#include <string_view>

namespace hal9::tools {

namespace {

constexpr std::string_view kZsh = R"script(
_hal9_migrate_kind() { # VERB OPTION-OR-OPERAND
  _hal9_migrate_value "$1" "$2"
  local -a more
  case $kind in
    files)
      _files
      return ;;
    text | none) return 1 ;;
    *:list)
      compset -P '*,'
      kind=${kind%:list}
      more=(-S '') ;;
  esac
  if [[ $kind == asked:* ]]; then
    offer=(${(f)"$(hal9-migrate __complete ${kind#asked:} $places 2>/dev/null)"})
  fi
  compadd $more -- $offer
}

_hal9_migrate() {
  local cur=${words[CURRENT]} option='' verb='' first='' kind='' word
  local -a offer places
  local -i at
  for ((at = 2; at < CURRENT; at++)); do
    word=${words[at]}
    case $word in
      --config=* | --ledger=*) places+=("${word%%=*}" "${word#*=}") ;;
      --*=*) ;;
      -*)
        _hal9_migrate_value "$verb" "$word"
        [[ $kind == none ]] && continue
        if ((at + 1 == CURRENT)); then
          option=$word
        else
          [[ $word == --config || $word == --ledger ]] && places+=("$word" "${words[at + 1]}")
          ((at++))
        fi ;;
      *)
        if [[ -z $verb ]]; then
          verb=$word first=$word
        elif [[ $verb == $first ]] && _hal9_migrate_is_verb "$first $word"; then
          verb="$first $word"
        fi ;;
    esac
  done
  if [[ -z $option && $cur == --*=* ]]; then
    option=${cur%%=*}
    compset -P '*='
  fi
  if [[ -n $option ]]; then
    _hal9_migrate_kind "$verb" "$option"
    return
  fi
  if [[ $cur == -* ]]; then
    _hal9_migrate_options "$verb"
    _describe -o option offer
    return
  fi
  local found=1
  if [[ $verb == $first ]]; then
    _hal9_migrate_verbs "$first"
    (($#offer)) && _describe command offer && found=0
  fi
  [[ -n $verb ]] && _hal9_migrate_kind "$verb" operand && found=0
  return found
}

# Sourced, or put into a folder of $fpath as _hal9-migrate.
if [[ $funcstack[1] == _hal9-migrate ]]; then
  _hal9_migrate "$@"
else
  compdef _hal9_migrate hal9-migrate hal9-cli
fi
)script";

}  // namespace

std::string zsh_script() {
  return "#compdef hal9-migrate hal9-cli\n"
         "# zsh completion for hal9-migrate, made by: hal9-migrate completion zsh\n" +
         values_table() + options_table(true) + verbs_table(true) + std::string(kZsh);
}

}  // namespace hal9::tools
