#include "adapters/config/parse_weights.h"

#include "adapters/config/parse_router.h"
#include "adapters/config/section.h"
#include "adapters/config/yaml.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::config {

namespace {

using migration::Configuration;
using migration::Route;
using migration::RouterKind;
using migration::WeightPool;
using migration::WeightSettings;

// A weight has 256 steps: with more servers a system some could not be reached.
constexpr std::size_t kMostServers = 64;

// They go into commands for HAProxy, and into lines for a shell.
std::string safe_word(const YamlNode& node, const std::string& path) {
  static constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  std::string word = text_of(node, path);
  if (word.size() <= 64 && word.find_first_not_of(kSafe) == std::string::npos) return word;
  throw Refused{node.place, path + " takes letters, digits, `_`, `.` and `-`, at most 64"};
}

class Pools {
 public:
  explicit Pools(const Configuration& configuration) {
    for (auto& route : migration::routes_of(configuration)) left_.push_back(std::move(route));
    known_ = left_;
  }

  WeightPool take(const YamlNode& item) {
    const Section entry(item, "router.pools", {"backend", "routes", "flat", "hierarchical"});
    WeightPool pool;
    pool.backend = safe_word(entry.require("backend"), entry.path_of("backend"));
    if (!backends_.insert(pool.backend).second) {
      throw Refused{
          entry.require("backend").place,
          "the backend " + pool.backend + " is in two pools: one split moves all of its routes"
      };
    }
    pool.flat = servers_of(entry, "flat");
    pool.hierarchical = servers_of(entry, "hierarchical");
    for (const auto& server : pool.hierarchical) {
      if (std::ranges::find(pool.flat, server) == pool.flat.end()) continue;
      throw Refused{
          entry.require("hierarchical").place, "the server " + server + " is flat and hierarchical"
      };
    }
    pool.routes = routes_of(entry);
    return pool;
  }

  [[nodiscard]] const std::vector<Route>& left() const { return left_; }

 private:
  static std::vector<std::string> servers_of(const Section& entry, const std::string& name) {
    const YamlNode& list = entry.require(name);
    std::vector<std::string> servers;
    for (const YamlNode& item : items_of(list, entry.path_of(name))) {
      servers.push_back(safe_word(item, entry.path_of(name)));
      if (std::ranges::count(servers, servers.back()) == 1) continue;
      throw Refused{item.place, entry.path_of(name) + " has " + servers.back() + " twice"};
    }
    if (!servers.empty() && servers.size() <= kMostServers) return servers;
    throw Refused{list.place, entry.path_of(name) + " takes 1 to 64 names of servers"};
  }

  // Absent: all of them.
  std::vector<Route> routes_of(const Section& entry) {
    const YamlNode* list = entry.find("routes");
    if (list == nullptr) {
      if (left_.size() != known_.size()) {
        throw Refused{entry.place(), "a pool without `routes` has every route: it is the only one"};
      }
      return std::exchange(left_, {});
    }
    std::vector<Route> routes;
    for (const YamlNode& item : items_of(*list, entry.path_of("routes"))) {
      const std::string text = text_of(item, entry.path_of("routes"));
      const auto route = migration::parse_route(text);
      if (!route || std::ranges::find(known_, *route) == known_.end()) {
        throw Refused{item.place, text + " is no route: region.component, as `routes` has them"};
      }
      const auto open = std::ranges::find(left_, *route);
      if (open == left_.end()) throw Refused{item.place, text + " is in a pool already"};
      left_.erase(open);
      routes.push_back(*route);
    }
    if (routes.empty()) throw Refused{list->place, "a pool has at least one route"};
    return routes;
  }

  std::vector<Route> known_;
  std::vector<Route> left_;  // in no pool yet
  std::set<std::string> backends_;
};

// One file is what one HAProxy reads.
void check_balancers(const Section& router, const Configuration& into, bool state_file) {
  if (into.haproxy.balancers.empty()) {
    throw Refused{
        router.place(), "router.kind haproxy-weights needs at least one of router.balancers"
    };
  }
  std::size_t here = 0;
  for (const auto& balancer : into.haproxy.balancers) {
    if (balancer.maps) {
      throw Refused{
          router.require("balancers").place,
          "the balancer " + balancer.name.text() +
              " has map files, and a router of kind haproxy-weights has none (`files: none` says "
              "that it reads no state file of this machine)"
      };
    }
    if (!balancer.elsewhere.value_or(false)) ++here;
  }
  if (!state_file || here <= 1) return;
  throw Refused{
      router.require("state_file").place,
      "one state file is read by one HAProxy: the other balancers say `files: none`"
  };
}

}  // namespace

void read_weights(const Section& router, const std::filesystem::path& file, Configuration& into) {
  if (into.router != RouterKind::haproxy_weights) return;
  WeightSettings settings;
  if (const auto path = router.text("state_file")) settings.state_file = absolute(*path, file);
  check_balancers(router, into, settings.state_file.has_value());
  Pools pools(into);
  const YamlNode& list = router.require("pools");
  for (const YamlNode& item : items_of(list, router.path_of("pools"))) {
    settings.pools.push_back(pools.take(item));
  }
  if (!pools.left().empty()) {
    throw Refused{list.place, to_text(pools.left().front()) + " is in no pool"};
  }
  into.weights = std::move(settings);
}

}  // namespace hal9::config
