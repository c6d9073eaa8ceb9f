# Prints what zsh completes for a line, a word each. zsh completes on a terminal alone: a second one gets one of its
# own (zpty); at its first prompt the line is there and is completed, while compadd writes down what matches.
# Usage: zsh -f complete.zsh LINE
zmodload zsh/zpty || exit 1
export HAL9_LINE=$1
export HAL9_OFFERED=$(mktemp)
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit && compinit -u -D; source <(hal9-migrate completion zsh)'
# With -O or -D compadd hands words to an array and adds none.
zpty -w shell 'compadd() {
  typeset -a found
  if (( ! ${@[(I)-[OD]]} )); then
    builtin compadd -O found "$@"
    for word in $found; do print -r -- "WORD $word"; done >>$HAL9_OFFERED
  fi
  builtin compadd "$@"
}'
zpty -w shell 'zle-line-init() {
  BUFFER=$HAL9_LINE CURSOR=$#HAL9_LINE
  zle complete-word
  print DONE >>$HAL9_OFFERED
}
zle -N zle-line-init'
for try in {1..200}; do
  grep -q '^DONE' $HAL9_OFFERED && break
  sleep 0.05
done
zpty -d shell
sed -n 's/^WORD //p' $HAL9_OFFERED
rm -f $HAL9_OFFERED
