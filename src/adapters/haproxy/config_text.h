// The parts of the printed HAProxy configuration, with `@NAME@` where a setting goes in.
// haproxy_config.cpp fills them. The text is what a user reads: its comments are documentation.
#pragma once

#include <string_view>

namespace hal9::haproxy {

inline constexpr std::string_view kGlobalText =
    R"(# hal9-migrate: lines for HAProxy 2.6 or newer. Put all of it at the END of your haproxy.cfg (a later
# `defaults` section would reach into it), the map files and mirror.lua into
#   @FILES@
# and try it: haproxy -c -f haproxy.cfg
#
# What moves traffic are the maps there, changed while HAProxy runs through the stats socket. Values
# are hundredths of a percent: 0 to 10000.

# ---- 1. Global: what your own `global` section does not have yet -------------------------------
global
    # Whoever reaches this socket can move traffic: keep it a Unix socket, and keep its mode; on TCP
    # nothing asks who it is, so let nobody but this machine come there.
    # (admin: an emergency puts servers into maintenance; the maps alone would need no level.)
@STATS_SOCKETS@
    stats timeout 10s
    hard-stop-after 30s    # an old worker, with its old maps, ends at most 30 s after a reload
    lua-load @FILES@/mirror.lua
    tune.lua.maxmem 256    # MB

)";

inline constexpr std::string_view kFrontendText =
    R"(defaults hal9
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
    timeout queue 2s
    option idle-close-on-response    # a reload resets no idle client

# ---- 2. Frontend: the rules, for the frontend that your users come to --------------------------
frontend hal9 from hal9
    bind 127.0.0.1:9700    # your own bind lines instead

    # >>> YOURS: the two lines where your own keys go in ------------------------------------------
    # The route of a request as region.component (the keys of share.map), and what identifies a
    # user: whoever has the same user key stays at the same system. No user key: chance decides.
    http-request @SET_ROUTE@
    http-request @SET_USER@
    # <<< YOURS ----------------------------------------------------------------------------------

    # A route that share.map does not know has share 0, and all of them count as one.
    http-request set-var(txn.hal9_share) var(txn.hal9_route),map_str_int(@FILES@/share.map)
    http-request set-var(txn.hal9_route) str(unknown) if !{ var(txn.hal9_share) -m found }
    http-request set-var(txn.hal9_share) int(0) if !{ var(txn.hal9_share) -m found }

    # Bucket 0 to 9999, by user and route: a rising share takes users in and puts none out.
    acl hal9_has_user var(txn.hal9_user),length gt 0
    http-request set-var(txn.hal9_bucket) rand(10000)
    http-request set-var(txn.hal9_bucket) var(txn.hal9_user),concat(:,txn.hal9_route),xxh32,mod(10000) if hal9_has_user

    # The halt: of all routes (no such key: halted), and of this one.
    http-request set-var(txn.hal9_kill) str(all),map_str_int(@FILES@/kill.map,1)
    http-request set-var(txn.hal9_kill_route) var(txn.hal9_route),map_str_int(@FILES@/kill.map,0)
    acl hal9_free var(txn.hal9_kill),add(txn.hal9_kill_route) eq 0

    # nbsrv is 0 in a worker that a reload stopped, too: what still comes there goes to flat.
    acl hal9_chosen var(txn.hal9_bucket),sub(txn.hal9_share) lt 0
    acl hal9_up nbsrv(@HIERARCHICAL@) gt 0
    http-request set-var(txn.hal9_system) str(flat)
    http-request set-var(txn.hal9_system) str(hierarchical) if hal9_chosen hal9_free hal9_up

    # Requests, errors and a histogram of latency for each route and system: show table hal9_routes
    # (gpc0 to gpc4: answered within 5, 10, 25, 100, 500 ms; gpc5: answered).
    http-request set-var(txn.hal9_start) date(0,us)
    http-request set-var(txn.hal9_key) var(txn.hal9_route),concat(:,txn.hal9_system)
    http-request track-sc2 var(txn.hal9_key) table hal9_routes
    http-response set-var(txn.hal9_took) date(0,us),sub(txn.hal9_start)
    http-response sc-inc-gpc(0,2) if { var(txn.hal9_took) -m int le 5000 }
    http-response sc-inc-gpc(1,2) if { var(txn.hal9_took) -m int le 10000 }
    http-response sc-inc-gpc(2,2) if { var(txn.hal9_took) -m int le 25000 }
    http-response sc-inc-gpc(3,2) if { var(txn.hal9_took) -m int le 100000 }
    http-response sc-inc-gpc(4,2) if { var(txn.hal9_took) -m int le 500000 }
    http-response sc-inc-gpc(5,2)

    # Nobody outside may say which features are on, or that a request is a copy.
    http-request del-header X-HAL9-Features
    http-request del-header X-HAL9-Shadow
)";

inline constexpr std::string_view kFeatureText =
    R"(    # feature @FEATURE@: by user, whatever the route
    http-request set-var(txn.hal9_bucket) rand(10000)
    http-request set-var(txn.hal9_bucket) var(txn.hal9_user),concat(:@FEATURE@),xxh32,mod(10000) if hal9_has_user
    http-request set-var(txn.hal9_feature) str(@FEATURE@),map_str_int(@FILES@/feature.map,0)
    http-request set-header X-HAL9-Features "%[req.fhdr(X-HAL9-Features)],@FEATURE@" if { var(txn.hal9_bucket),sub(txn.hal9_feature) lt 0 } { req.fhdr(X-HAL9-Features) -m found }
    http-request set-header X-HAL9-Features "@FEATURE@" if { var(txn.hal9_bucket),sub(txn.hal9_feature) lt 0 } !{ req.fhdr(X-HAL9-Features) -m found }
)";

inline constexpr std::string_view kMirrorText = R"(
    # The mirror: copies of requests that flat answers. Copied writes would really write, so only
    # GET and HEAD are copied; whoever adds a method here answers for that.
    acl hal9_copied method GET HEAD
    acl hal9_at_flat var(txn.hal9_system) -m str flat
    http-request set-var(txn.hal9_mirror) var(txn.hal9_route),map_str_int(@FILES@/mirror.map,0)
    http-request set-var(txn.hal9_copy) bool(false)
    http-request set-var(txn.hal9_copy) bool(true) if { rand(10000),sub(txn.hal9_mirror) lt 0 } hal9_copied hal9_at_flat hal9_free
    http-request wait-for-body time 1s if { var(txn.hal9_copy) -m bool }
    http-request lua.hal9_mirror if { var(txn.hal9_copy) -m bool }

    use_backend @HIERARCHICAL@ if { var(txn.hal9_system) -m str hierarchical }
    default_backend @FLAT@

# Where copies enter again. Nobody but this HAProxy should reach it.
frontend hal9_mirror_in from hal9
    bind @MIRROR_LISTEN@
    default_backend @MIRROR@

# ---- 3. Backends: yours, if you have them already; their names are in hal9.yaml ------------------
# A table, no servers: the counters.
backend hal9_routes from hal9
    stick-table type string len 140 size 10k store http_req_cnt,http_err_cnt,http_fail_cnt,http_req_rate(10s),gpc(6)

backend @FLAT@ from hal9
    option httpchk GET @HEALTH@
@FLAT_SERVERS@
backend @HIERARCHICAL@ from hal9
    option httpchk GET @HEALTH@
@HIERARCHICAL_SERVERS@
# The hierarchical system again, for copies alone: short queues, no second try.
backend @MIRROR@ from hal9
    timeout server 1s
    timeout queue 200ms
    retries 0
    option httpchk GET @HEALTH@
@MIRROR_SERVERS@)";

}  // namespace hal9::haproxy
