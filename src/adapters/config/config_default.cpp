#include "adapters/config/config_file.h"

#include <string>
#include <string_view>

namespace hal9::config {

namespace {

constexpr std::string_view kBefore =
    R"(# The configuration of one migration. Check it after each change:  hal9-migrate config check
# Unknown names are refused, so a slip of the hand is found at once, with its line.

migration:
  name: )";

constexpr std::string_view kAfter = R"(

# The record of everything that happens. Paths are relative to this file, and programs that are named
# here run in its folder.
ledger: hal9.db

# What moves the traffic. ledger-only moves NOTHING: it records, and says so on every line.
router:
  kind: ledger-only
# To move traffic: delete the line above, and the # before each line below, to the blank one.
#  kind: haproxy
#  balancers:                         # every HAProxy in front of the two systems
#    - name: lb1
#      socket: /run/haproxy/hal9.sock # its stats socket, level admin
#      # master: /run/haproxy/master.sock # of haproxy -W -S: what a reload left behind is asked too
#    # - name: lb2                    # on another machine; restarted, it sends everybody to flat
#    #   address: 192.0.2.7:9999      # its stats socket on TCP: whoever reaches it moves traffic
#    #   files: none                  # its map files are not written from here
#    #   maps: /etc/haproxy/hal9      # their folder there, if it is not the one of the next line
#  files: router                      # folder of the map files; HAProxy reads them at its start
#  backends: {flat: flat, hierarchical: hierarchical, mirror: shadow}
#  # The rest is for `hal9-migrate router haproxy-config` alone.
#  servers:
#    flat: ["127.0.0.1:9701"]
#    hierarchical: ["127.0.0.1:9702"]
#  user_key: req.hdr(x-user)          # what keeps a user on one side
#  # route_key: req.hdr(x-route)      # what yields region.component, where your requests say it
#  mirror_listen: 127.0.0.1:9710      # where copied requests enter again
#  health_path: /health

# Other routers: kind exec is a program of yours, kind http an interface over HTTP; the README says how.

# What traffic can be moved on: every region with every component.
routes:
  regions: [us-west-2, eu-west-1, ap-southeast-1]
  components: [substrate, protocol, cognitive, orchestration, intelligence]

# Flags that the router hands to the systems (X-HAL9-Features).
features: [hierarchical_learning, meta_cognition]

# normal: a gate that nothing is configured for is printed as "not checked" and lets pass.
# strict: it blocks.
gates: normal

# After an emergency has cut the traffic, open sessions get this long to end by themselves.
emergency:
  session_grace: 2s

# An incident is what people respond to: the rollbacks that begin while one is open belong to it.
# rollback: one is opened by any rollback that finds none open; emergency: by an emergency alone;
# hand: by `hal9-migrate incident open` alone.
incidents:
  opened_by: rollback

# Hooks are programs of yours that run once a phase or a rollback has ended: no shell, a clean
# environment, this file's folder, what happened as JSON on stdin. They are safe to repeat: one that failed is listed by
# `hal9-migrate hook list` and runs again by `hook retry`. The arguments are recorded: no place for a password.
# The time-out ends all that it has started, but not what has left its process group (setsid).
hooks: []
#hooks:
#  - name: stop-shadow
#    on: phase-end                    # or rollback-end
#    phase: shadow                    # without it: of any phase
#    command: [/usr/bin/kubectl, scale, deployment/hal9-shadow, --replicas=0, -n, hal9]
#    timeout: 30s

# Seals are signed roots of the ledger. They are kept beside it, and at each witness: a folder that is
# there, best on another machine's disk, where whoever owns this one cannot change them; or a program
# that brings them there. The arguments are recorded: no place for a password.
# One is made at each rollback's end, after so many events, or so long after the first one that is in
# no seal.
seals:
  every: 1000
  within: 1h
  witnesses: []
#  witnesses: [/mnt/witness/hal9]
#  commands: [[/usr/bin/ssh, -oBatchMode=yes, seals@witness.example]]
)";

}  // namespace

std::string commented_default(std::string_view name) {
  // In quotes: a migration may be called 2026 or no.
  return std::string(kBefore) + '"' + std::string(name) + '"' + std::string(kAfter);
}

}  // namespace hal9::config
