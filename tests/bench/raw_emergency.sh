#!/bin/sh
# The emergency as somebody would script it with socat and sqlite3: the measure for ours. It asks
# HAProxy as often, syncs as many files and puts one row into a database with the same settings.
# Usage: raw_emergency.sh SOCKET FOLDER_OF_MAPS DATABASE
set -eu
socket=$1 maps=$2 database=$3
ask() { socat -t5 - "UNIX-CONNECT:$socket"; }

# The kill switch and maint, read back in the same breath.
ask >/dev/null <<COMMANDS
set map $maps/kill.map all 1; set server hierarchical/s1 state maint; set server shadow/s1 state maint; get map $maps/kill.map all; show servers state hierarchical
COMMANDS

# Shares and mirrors to 0, by the keys that are in the files, and read back.
awk -v maps="$maps" '
  FNR == 1 { map = FILENAME; sub(/.*\//, "", map) }
  !/^#/ { printf "set map %s/%s %s 0; ", maps, map, $1 }
  END { printf "show map %s/share.map; show map %s/mirror.map; show map %s/kill.map\n", maps, maps, maps }
  ' "$maps/share.map" "$maps/mirror.map" | ask >"$maps/seen"

# The files follow: beside the old ones, synced, renamed, folder synced.
sed 's/^all .*/all 1/' "$maps/kill.map" >"$maps/kill.map.new"
for map in share mirror; do
  sed '/^#/!s/ .*/ 0/' "$maps/$map.map" >"$maps/$map.map.new"
done
sync "$maps/kill.map.new" "$maps/share.map.new" "$maps/mirror.map.new"
for map in kill share mirror; do mv "$maps/$map.map.new" "$maps/$map.map"; done
sync "$maps"

# Look whether sessions are left.
echo 'show stat hierarchical 4 -1; show stat shadow 4 -1' | ask >/dev/null

{
  echo ".dbconfig no_ckpt_on_close on"
  echo 'PRAGMA synchronous=FULL; BEGIN IMMEDIATE; INSERT INTO event(line) VALUES ('
  printf "'"
  tr -d "'" <"$maps/seen"
  printf "'); COMMIT;\n"
} | sqlite3 "$database" >/dev/null
