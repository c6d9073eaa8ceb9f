# Prints what zsh completes for a line, a word each: a second zsh runs on a terminal of its own (zpty), in which
# compadd writes down what it would offer.
# Usage: zsh -f complete.zsh LINE
zmodload zsh/zpty || exit 1
line=$1
zpty shell zsh -f -i
# What a shell on a terminal says until it is asked is of no interest.
zpty -w shell 'PROMPT= RPROMPT=; unsetopt zle_bracketed_paste; stty -echo'
zpty -w shell 'autoload -Uz compinit && compinit -u -D'
zpty -w shell 'source <(hal9-migrate completion zsh)'
zpty -w shell 'bindkey "^I" complete-word'
zpty -w shell 'zstyle ":completion:*" list-grouped false; zstyle ":completion:*" insert-tab false'
# -O hands the words that match to an array and adds none.
zpty -w shell 'compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a found
  builtin compadd -O found "$@"
  local prefix=$IPREFIX
  for word in $found; do print -r -- "WORD $word"; done >>$HAL9_OFFERED
  builtin compadd "$@"
}'
offered=$(mktemp)
zpty -w shell "HAL9_OFFERED=$offered"
zpty -w shell 'print READ''Y'
zpty -r -m shell seen '*READY*' || exit 1
zpty -w -n shell "$line"$'\t'
zpty -w -n shell $'\C-u'
zpty -w shell 'print DON''E'
zpty -r -m shell seen '*DONE*'
zpty -d shell
sed -n 's/^WORD //p' "$offered"
rm -f "$offered"
