# shellcheck shell=bash
# The stand: two real HTTP services, a real HAProxy in front of them, and a migration that moves
# its traffic. Sourced by the end-to-end scripts, the demo and the bench.
#
# Everything lives in one folder ($stand) and listens on free ports of 127.0.0.1. What was started
# is known by its process id and ended by stand_end, which the script puts into its EXIT trap:
#   stand_begin FOLDER BINARY; trap stand_end EXIT
# Two stands in two folders do not see each other.

stand=''           # the folder
stand_binary=''    # hal9-migrate
stand_router=''    # map files and mirror.lua
stand_migration='' # hal9.yaml and the ledger
stand_config=''    # the complete haproxy.cfg
stand_socket=''    # HAProxy's stats socket
stand_more_yaml='' # further lines of hal9.yaml's section `router:`
stand_lb1_yaml=''  # further lines of its first balancer
stand_balancers_yaml='' # further balancers
stand_haproxy_options=(-db) # which leaves out any master
stand_weights='' # not empty: one backend, split by server weights (router kind haproxy-weights)
declare -A stand_pid=() stand_port=()
stand_services=$(cd "$(dirname "${BASH_SOURCE[0]}")/../services" && pwd)

stand_begin() {
  mkdir -p "$1"
  stand=$(cd "$1" && pwd)
  stand_binary=$2
  stand_router=$stand/router
  stand_migration=$stand/migration
  stand_config=$stand/haproxy.cfg
  stand_socket=$stand/haproxy.sock
  mkdir -p "$stand_router"
  stand_find_ports front mirror flat hierarchical
}

# Ports that are free now, all found at once so that they differ: into stand_port[NAME].
stand_find_ports() {
  local name ports
  ports=$(python3 - "$#" <<'PYTHON'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PYTHON
  )
  for name in "$@"; do
    stand_port[$name]=${ports%% *}
    ports=${ports#* }
  done
}

# stand_start NAME COMMAND...: in the background, its output in $stand/NAME.log.
stand_start() {
  local name=$1
  shift
  "$@" >>"$stand/$name.log" 2>&1 </dev/null &
  stand_pid[$name]=$!
}

# Ends it and waits until it has gone; nothing if it was not started.
stand_stop() {
  local pid=${stand_pid[$1]:-}
  [[ -n $pid ]] || return 0
  unset "stand_pid[$1]"
  kill "$pid" 2>/dev/null || true
  # A child of this shell is waited for; what hangs is killed.
  local tries=0
  while kill -0 "$pid" 2>/dev/null && ((tries++ < 100)); do sleep 0.05; done
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

# Every line that was appended here fits its JSON Schema, or the script fails, whatever it found. A
# ledger that the script broke on purpose cannot be exported; its lines were not ours to judge.
stand_end() {
  local name
  for name in "${!stand_pid[@]}"; do stand_stop "$name"; done
  stand_lines_fit || {
    echo "stand: it is kept for a look: $stand" >&2
    exit 1
  }
}

stand_lines_fit() {
  local lines
  [[ -n $stand_migration && -f $stand_migration/hal9.db ]] || return 0
  lines=$(mktemp)
  if hal9 ledger export >"$lines" 2>/dev/null; then
    python3 -B "$stand_services/../lib/lines_fit.py" "$lines" >&2 || {
      rm -f "$lines"
      return 1
    }
  fi
  rm -f "$lines"
}

stand_wait() {
  local what=$1 ends=$((SECONDS + 11))
  shift
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= ends)); then
      echo "stand: $what is not there after 10 s; look into $stand" >&2
      return 1
    fi
    sleep 0.05
  done
}

stand_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# One of the two systems: a small HTTP service that counts what it is asked.
stand_start_service() {
  stand_start "$1" python3 "$stand_services/echo_service.py" \
    --name "$1" --port "${stand_port[$1]}"
  stand_wait "the service $1" stand_answers "${stand_port[$1]}"
}

# hal9-migrate in the migration's folder, as typed there.
hal9() { (cd "$stand_migration" && "$stand_binary" "$@"); }

# `init`, and the router section of hal9.yaml edited to this HAProxy.
stand_init() {
  mkdir -p "$stand_migration"
  hal9 init --name "${1:-demo}" >"$stand/init.log" 2>&1 || {
    cat "$stand/init.log" >&2
    return 1
  }
  stand_edit_config
}

# What a person does to hal9.yaml in an editor: the section `router:` says where HAProxy is.
stand_edit_config() {
  local file=$stand_migration/hal9.yaml
  awk '
    /^router:/ { inside = 1; next }
    inside && /^[^ \t#]/ { inside = 0 }
    !inside { print }
  ' "$file" >"$file.new"
  if [[ -n $stand_weights ]]; then
    stand_weights_section >>"$file.new"
    cat "$file.new" >"$file"
    rm "$file.new"
    return
  fi
  cat >>"$file.new" <<YAML
router:
  kind: haproxy
  balancers:
    - name: lb1
      socket: $stand_socket
$stand_lb1_yaml
$stand_balancers_yaml
  files: $stand_router
  mirror_listen: 127.0.0.1:${stand_port[mirror]}
  servers:
    flat: ["127.0.0.1:${stand_port[flat]}"]
    hierarchical: ["127.0.0.1:${stand_port[hierarchical]}"]
YAML
  [[ -z $stand_more_yaml ]] || printf '%s\n' "$stand_more_yaml" >>"$file.new"
  # Written over, not renamed: the mode that init gave it stays.
  cat "$file.new" >"$file"
  rm "$file.new"
}

stand_weights_section() {
  cat <<YAML
router:
  kind: haproxy-weights
  balancers:
    - name: lb1
      socket: $stand_socket
      master: $stand/master.sock
  pools:
    - backend: web
      flat: [f1]
      hierarchical: [h1]
  state_file: $stand/state
YAML
}

# What a haproxy.cfg is like whose owner never heard of maps; a reload by itself gives hierarchical 50.
stand_write_weights() {
  : >"$stand/state"
  stand_haproxy_options=(-W -S "$stand/master.sock")
  cat >"$stand_config" <<CFG
global
    maxconn 2000
    nbthread 2
    stats socket $stand_socket mode 600 level admin
    server-state-file $stand/state
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    load-server-state-from-file global
frontend front
    bind 127.0.0.1:${stand_port[front]}
    default_backend web
backend web
    balance roundrobin
    server f1 127.0.0.1:${stand_port[flat]} check inter 200 weight 100
    server h1 127.0.0.1:${stand_port[hierarchical]} check inter 200 weight 50
CFG
}

# The printed lines in a complete haproxy.cfg; only the front port is the stand's own.
stand_write_haproxy() {
  hal9 router haproxy-config --output "$stand_router" >"$stand/router.log" 2>&1 || {
    cat "$stand/router.log" >&2
    return 1
  }
  {
    printf 'global\n    maxconn 2000\n    nbthread 2\n\n'
    sed "s/bind 127\.0\.0\.1:9700.*/bind 127.0.0.1:${stand_port[front]}/" \
      "$stand_router/hal9-haproxy.cfg"
  } >"$stand_config"
}

stand_start_haproxy() {
  stand_start haproxy haproxy "${stand_haproxy_options[@]}" -f "$stand_config"
  stand_wait 'HAProxy' stand_answers "${stand_port[front]}"
  stand_wait "HAProxy's look at the services" stand_is_up
}

stand_is_up() {
  stand_ask 'show servers state' | awk '
    $1 ~ /^[0-9]+$/ && NF > 6 { n++; up += $6 == 2 }
    END { exit !(n > 0 && up == n) }'
}

stand_stop_haproxy() { stand_stop haproxy; }

# Services, migration, HAProxy: everything.
stand_up() {
  stand_start_service flat
  stand_start_service hierarchical
  stand_init "${1:-demo}"
  if [[ -n $stand_weights ]]; then stand_write_weights; else stand_write_haproxy; fi
  stand_start_haproxy
}

# stand_ask COMMAND: HAProxy's answer on its stats socket.
stand_ask() { printf '%s\n' "$1" | socat -t5 - "UNIX-CONNECT:$stand_socket"; }

# stand_map share|mirror|kill|feature: `KEY VALUE` lines, as HAProxy has them in memory.
stand_map() {
  stand_ask "show map $stand_router/$1.map" | awk '$1 ~ /^0x/ { print $2, $3 }'
}

# The distinct values of a map, highest first, in one line: "500" when all routes have 5%.
stand_values() {
  stand_map "$1" | awk '{ print $2 }' | sort -rnu | paste -sd ' '
}

stand_halted() { [[ $(stand_map kill | awk '$1 == "all" { print $2 }') == 1 ]]; }

# stand_get PORT PATH: the body of the answer.
stand_get() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
    sed '1,/^\r$/d' <&3
  )
}

# Everything that has reached a system: its own counters, one look.
stand_counts() { stand_get "${stand_port[$1]}" /counts | jq -r '"\(.requests) \(.mirrored)"'; }

stand_load_command() {
  printf '%s\n' python3 "$stand_services/load.py" --target "127.0.0.1:${stand_port[front]}" \
    --routes us-west-2.substrate,eu-west-1.cognitive
}

# stand_start_load USERS RATE SECONDS: in the background; its lines are in $stand/load.log.
stand_start_load() {
  local -a command
  mapfile -t command < <(stand_load_command)
  stand_start load "${command[@]}" --users "$1" --rate "$2" --seconds "$3"
}

# stand_load USERS RATE SECONDS: runs it and prints its last line.
stand_load() {
  local -a command
  mapfile -t command < <(stand_load_command)
  "${command[@]}" --users "$1" --rate "$2" --seconds "$3" --interval "$3" | tail -n 1
}
