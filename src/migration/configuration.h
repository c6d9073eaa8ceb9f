// The configuration as typed values: what routes exist, what moves them, what each system is.
//
// A valid Configuration holds: at least one route; names unique within their list; regions without
// dots; for the router kind haproxy a balancer and its backends, for exec and http their settings, for
// haproxy-weights a balancer and pools that hold every route once. Made only by adapters/config (from
// YAML) and by the codec (from an accepted configuration's event). Accepted configurations are
// events, so that a replay knows the routes and rules of that day; it holds no secrets.
#pragma once

#include "base/name.h"
#include "base/time.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::migration {

enum class RouterKind : std::uint8_t { ledger_only, haproxy, exec, http, haproxy_weights };

// One HAProxy, by its stats socket; all of them are asked. What is optional came after the first
// release: what is absent leaves an accepted configuration's bytes as they were.
struct Balancer {
  Name name;
  std::string socket;  // absolute path of a Unix socket; empty where `address` is given
  // Where the stats socket listens on TCP: a numeric IPv4 or [IPv6] with its port.
  std::optional<std::string> address = std::nullopt;
  // The folder of the maps as this HAProxy knows them; absent: HaproxySettings::files.
  std::optional<std::string> maps = std::nullopt;
  // True: its map files lie on another machine, and nobody here writes them. They stay as they were
  // installed (share 0, kill 1), so that a restart of it falls to flat.
  std::optional<bool> elsewhere = std::nullopt;
  // Absolute path of the master's socket (haproxy -W -S): old workers are asked by it.
  std::optional<std::string> master = std::nullopt;
  bool operator==(const Balancer&) const = default;
};

struct HaproxySettings {
  std::vector<Balancer> balancers;
  std::string
      files;  // absolute path of the folder with share.map, mirror.map, kill.map, feature.map, as
              // HAProxy knows it
  std::string flat_backend = "flat";
  std::string hierarchical_backend = "hierarchical";
  std::string mirror_backend = "shadow";
  // For `router haproxy-config` alone:
  std::string user_key;   // HAProxy sample expression that identifies a user: req.hdr(x-user)
  std::string route_key;  // HAProxy sample expression that yields region.component
  std::string mirror_listen = "127.0.0.1:9710";   // where the mirror's requests enter again
  std::vector<std::string> flat_servers;          // host:port
  std::vector<std::string> hierarchical_servers;  // host:port
  std::string health_path = "/health";
  bool operator==(const HaproxySettings&) const = default;
};

// What one call of another program or of an interface over HTTP may take.
inline constexpr Micros kRouterTimeout = std::chrono::seconds(5);

// A program of the owner's that moves traffic; src/adapters/exec/README.md says how it is spoken to.
struct ExecSettings {
  std::vector<std::string> command;  // the first is an absolute path; recorded: no secret in it
  Micros timeout = kRouterTimeout;   // of each call
  bool operator==(const ExecSettings&) const = default;
};

// An administration interface over HTTP, one reading and one request for each route. Texts hold the
// placeholders of migration/http_text.h. Origins (scheme, host, port) are as typed.
struct HttpSettings {
  std::string read_url;
  std::string read_pointer;  // RFC 6901: where the answer holds the value
  std::string read_value;    // how it is written there: "{share}", "{share_fraction}", ...
  std::string set_method;    // PUT, PATCH or POST
  std::string set_url;
  std::string set_body;
  std::string content_type;
  std::string token_file;    // absolute path; empty: no token. Read when it is sent, never recorded
  std::string token_header;  // Authorization: "Bearer TOKEN"; any other name has the token alone
  std::string ca_file;       // absolute path; empty: the system's authorities
  std::vector<std::string> flat_health;          // URLs, one a server: 2xx is up
  std::vector<std::string> hierarchical_health;  // empty lists: servers are not looked at
  Micros timeout = kRouterTimeout;               // of a whole operation over all routes
  bool operator==(const HttpSettings&) const = default;
};

// What is moved as one by the router kind haproxy-weights: a backend of HAProxy with servers of both
// systems, whose weights are the share of each of its routes.
struct WeightPool {
  std::string backend;
  std::vector<Route> routes;              // never empty
  std::vector<std::string> flat;          // names of servers in the backend
  std::vector<std::string> hierarchical;  // the same; none is in both
  bool operator==(const WeightPool&) const = default;
};

// The balancers are those of HaproxySettings; nothing else of these is used.
struct WeightSettings {
  std::vector<WeightPool> pools;  // every route is in one of them
  // Absolute path of HAProxy's server-state-file, written here; absent: a reload falls back to the
  // weights in HAProxy's configuration.
  std::optional<std::string> state_file = std::nullopt;
  bool operator==(const WeightSettings&) const = default;
};

// Where hal9.yaml says nothing else.
inline constexpr std::uint64_t kSealEvery = 1000;
inline constexpr std::chrono::hours kSealWithin{1};

struct Configuration {
  Name name;           // of the migration
  std::string ledger;  // absolute path of the ledger's file
  RouterKind router = RouterKind::ledger_only;
  HaproxySettings haproxy;
  std::vector<Name> regions;
  std::vector<Name> components;
  std::vector<Name> features;
  bool strict_gates = false;                       // gates: strict
  Micros session_grace = std::chrono::seconds(2);  // before sessions are ended in an emergency
  // Absolute paths of the folders that keep seals out of the ledger's reach; absent: none. It came
  // after the first release: what is absent leaves an accepted configuration's bytes as they were.
  std::optional<std::vector<std::string>> seal_witnesses;
  // The same by programs: each its arguments, the first an absolute path. Recorded, so no place for
  // a secret.
  std::optional<std::vector<std::vector<std::string>>> seal_commands;
  // A seal is due behind so many events, and so long after the first one that is not sealed; absent:
  // kSealEvery, kSealWithin.
  std::optional<std::uint64_t> seal_every;
  std::optional<Micros> seal_within;
  std::optional<ExecSettings> exec;         // of the router kind exec, and of no other
  std::optional<HttpSettings> http;         // of the router kind http
  std::optional<IncidentsBy> incidents_by;  // what opens an incident; absent: people alone
  std::optional<std::vector<Hook>> hooks;   // in the order in which they run; absent: none
  std::optional<WeightSettings> weights;    // of the router kind haproxy-weights
  bool operator==(const Configuration&) const = default;
};

std::string to_text(RouterKind kind);

// Every region with every component, in the configuration's order.
std::vector<Route> routes_of(const Configuration& configuration);

}  // namespace hal9::migration
