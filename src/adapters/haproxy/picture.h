// What one balancer's answers show, put together, and what that means for the routes and features
// of the configuration. Pure functions, thread safe.
#pragma once

#include "adapters/haproxy/answers.h"
#include "base/name.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

// A map's entries as shares. Where HAProxy's own look-up could see more than one value, or one that
// is out of range, the highest that it could see counts, and `problems` says so: nothing is ever
// reported lower than traffic may be.
struct Values {
  std::map<std::string, Share, std::less<>> shares;
  std::vector<std::string> problems;
  bool unreadable = false;  // a value that is no number at all

  [[nodiscard]] std::optional<Share> find(std::string_view key) const;
};

// `map`: its name for the sentences ("share map").
Values values_of(const std::vector<MapEntry>& entries, std::string_view map);

// The key of the kill map that stands for every route.
inline constexpr std::string_view kAllRoutes = "all";
// A missing key counts as on: so does the configuration that haproxy_config.h prints.
bool is_halted(const Values& kill);

struct Picture {
  Values share;
  Values mirror;
  Values kill;
  Values feature;
  std::vector<ServerState> flat_servers;
  std::vector<ServerState> hierarchical_servers;
  std::vector<ServerState> mirror_servers;
  std::vector<StatRow> flat_stat;
  std::vector<StatRow> hierarchical_stat;
  std::vector<StatRow> mirror_stat;
  std::vector<TableRow> counts;
  ProcessInfo process;
};

// What a worker that a reload left behind still holds (old_workers.h).
struct OldWorkerPicture {
  std::uint64_t pid = 0;
  Values share;
  Values mirror;
  Values kill;
  bool has_kill = false;  // false: its configuration knows no kill map
  std::vector<StatRow> flat_stat;
  std::vector<StatRow> hierarchical_stat;
  std::vector<StatRow> mirror_stat;
};

// Puts it into what its balancer shows: sessions are added, a share or mirror that is higher than
// the new worker's counts and is said. What is lower there brings nobody to hierarchical.
void add_old_worker(const Name& balancer, const OldWorkerPicture& old, engine::Reading& reading);

// True if there is a server and all of them are in maint.
bool all_in_maintenance(const std::vector<ServerState>& servers);

// Those in maint, as backend/server.
std::vector<std::string> in_maintenance(const std::vector<ServerState>& servers);

// Shares and mirrors of all configured routes; a route without a key has share and mirror 0.
std::vector<migration::RouteAmount> amounts_of(
    const migration::Configuration& configuration, const Values& share, const Values& mirror
);

engine::Reading reading_of(const migration::Configuration& configuration, const Picture& picture);

}  // namespace hal9::haproxy
