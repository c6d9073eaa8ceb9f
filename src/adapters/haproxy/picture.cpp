#include "adapters/haproxy/picture.h"

#include "adapters/haproxy/answers.h"
#include "base/escape.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = std::to_address(text.end());
  const auto [rest, error] = std::from_chars(std::to_address(text.begin()), end, value);
  // HAProxy stops at a word after the number ("10 x" is 10), and so does this.
  if (error != std::errc{} || (rest != end && *rest != ' ')) return std::nullopt;
  return value;
}

engine::SystemReading system_of(
    const std::vector<ServerState>& servers, const std::vector<StatRow>& stat
) {
  engine::SystemReading system;
  for (const auto& server : servers) {
    if (server.in_maintenance() || server.draining()) {
      ++system.servers_maintenance;
    } else if (server.up()) {
      ++system.servers_up;
    } else {
      ++system.servers_down;
    }
  }
  std::uint64_t at_servers = 0;
  for (const auto& row : stat) {
    if (row.service == "BACKEND") {
      system.queued = row.queued;
      system.requests = row.balanced;
    } else {
      system.sessions += row.current_sessions;
      at_servers += row.sessions;
    }
  }
  // lbtot does not count clients that a cookie keeps at a server; the servers' own count does.
  system.requests = std::max(system.requests, at_servers);
  return system;
}

std::uint64_t requests_of(
    const std::vector<TableRow>& counts, const std::string& route, std::string_view system
) {
  std::uint64_t requests = 0;
  for (const auto& row : counts) {
    if (row.key.size() == route.size() + 1 + system.size() && row.key.starts_with(route) &&
        row.key[route.size()] == ':' && row.key.ends_with(system)) {
      requests += row.requests;
    }
  }
  return requests;
}

void report_problems(const Values& values, std::vector<std::string>& into) {
  into.insert(into.end(), values.problems.begin(), values.problems.end());
}

void add_routes(
    const migration::Configuration& configuration, const Picture& picture, engine::Reading& reading
) {
  for (const auto& amount : amounts_of(configuration, picture.share, picture.mirror)) {
    const auto key = migration::to_text(amount.route);
    if (!picture.share.find(key)) {
      reading.disagree.push_back(fmt::format("the share map has no key {}: it counts as 0", key));
    }
    if (!picture.mirror.find(key)) {
      reading.disagree.push_back(fmt::format("the mirror map has no key {}: it counts as 0", key));
    }
    engine::RouteReading route;
    route.route = amount.route;
    route.share = amount.share.value_or(Share::none());
    route.mirror = amount.mirror.value_or(Share::none());
    route.halted = picture.kill.find(key).value_or(Share::none()) > Share::none();
    route.hierarchical_requests = requests_of(picture.counts, key, "hierarchical");
    route.flat_requests = requests_of(picture.counts, key, "flat");
    reading.routes.push_back(std::move(route));
  }
}

std::optional<migration::Route> route_of(const std::string& key) {
  auto route = migration::parse_route(key);
  if (!route) return std::nullopt;
  return std::move(*route);
}

void add_others(const Picture& picture, engine::Reading& reading) {
  std::set<std::string> configured;
  for (const auto& route : reading.routes) configured.insert(migration::to_text(route.route));
  std::set<std::string> keys;
  for (const auto* values : {&picture.share, &picture.mirror}) {
    for (const auto& [key, value] : values->shares) keys.insert(key);
  }
  for (const auto& key : keys) {
    if (configured.contains(key)) continue;
    reading.others.push_back(
        {key,
         route_of(key),
         picture.share.find(key).value_or(Share::none()),
         picture.mirror.find(key).value_or(Share::none())}
    );
  }
}

// The higher one counts. What is higher in the old worker is said.
void raise_to_old(
    const OldWorkerPicture& old,
    std::string_view what,
    Share there,
    Share& into,
    std::vector<std::string>& disagree
) {
  if (there <= into) return;
  disagree.push_back(fmt::format(
      "old worker {} still has {} at {}%, the new one at {}%",
      old.pid,
      what,
      to_text(there),
      to_text(into)
  ));
  into = there;
}

bool sends_somebody(const Values& values) {
  return std::ranges::any_of(values.shares, [](const auto& one) {
    return one.second > Share::none();
  });
}

}  // namespace

void add_old_worker(const Name& balancer, const OldWorkerPicture& old, engine::Reading& reading) {
  for (auto& route : reading.routes) {
    const auto key = migration::to_text(route.route);
    const auto share = old.share.find(key).value_or(Share::none());
    const auto mirror = old.mirror.find(key).value_or(Share::none());
    raise_to_old(old, "the share of " + key, share, route.share, reading.disagree);
    raise_to_old(old, "the mirror of " + key, mirror, route.mirror, reading.disagree);
  }
  const bool harmless = !sends_somebody(old.share) && !sends_somebody(old.mirror);
  if (reading.halted && !harmless && !(old.has_kill && is_halted(old.kill))) {
    reading.halted = false;
    reading.disagree.push_back(fmt::format("old worker {} is not halted", old.pid));
  }
  engine::OldWorkerReading seen{
      balancer,
      old.pid,
      system_of({}, old.flat_stat),
      system_of({}, old.hierarchical_stat),
      system_of({}, old.mirror_stat)
  };
  const auto add = [](engine::SystemReading& into, const engine::SystemReading& more) {
    into.sessions += more.sessions;
    into.queued += more.queued;
  };
  add(reading.flat, seen.flat);
  add(reading.hierarchical, seen.hierarchical);
  add(reading.mirror, seen.mirror);
  reading.old_workers.push_back(std::move(seen));
}

std::optional<Share> Values::find(std::string_view key) const {
  const auto found = shares.find(key);
  if (found == shares.end()) return std::nullopt;
  return found->second;
}

Values values_of(const std::vector<MapEntry>& entries, std::string_view map) {
  Values values;
  for (const auto& entry : entries) {
    auto share = Share::all();
    const auto number = whole_number(entry.value);
    if (!number) values.unreadable = true;
    if (!number || *number < 0 || *number > Share::kWhole) {
      values.problems.push_back(fmt::format(
          "the {} holds \"{}\" for {}, which is not 0 to 10000",
          map,
          escape_terminal(shorten(entry.value, 40)),
          escape_terminal(shorten(entry.key, 130))
      ));
    }
    if (number) {
      share = Share::of_hundredths(
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(*number, 0, Share::kWhole))
      );
    }
    const auto [at, is_new] = values.shares.emplace(entry.key, share);
    if (is_new) continue;
    at->second = std::max(at->second, share);
    values.problems.push_back(fmt::format(
        "the {} holds {} twice: the higher value counts", map, escape_terminal(entry.key)
    ));
  }
  return values;
}

bool is_halted(const Values& kill) {
  return kill.find(kAllRoutes).value_or(Share::all()) > Share::none();
}

std::vector<std::string> in_maintenance(const std::vector<ServerState>& servers) {
  std::vector<std::string> names;
  for (const auto& server : servers) {
    if (server.in_maintenance()) names.push_back(server.backend + "/" + server.name);
  }
  return names;
}

bool all_in_maintenance(const std::vector<ServerState>& servers) {
  return !servers.empty() && std::all_of(servers.begin(), servers.end(), [](const auto& server) {
    return server.in_maintenance();
  });
}

std::vector<migration::RouteAmount> amounts_of(
    const migration::Configuration& configuration, const Values& share, const Values& mirror
) {
  std::vector<migration::RouteAmount> amounts;
  for (auto& route : migration::routes_of(configuration)) {
    const auto key = migration::to_text(route);
    amounts.push_back(
        {std::move(route),
         share.find(key).value_or(Share::none()),
         mirror.find(key).value_or(Share::none())}
    );
  }
  return amounts;
}

engine::Reading reading_of(const migration::Configuration& configuration, const Picture& picture) {
  engine::Reading reading;
  add_routes(configuration, picture, reading);
  add_others(picture, reading);
  for (const auto& feature : configuration.features) {
    const auto percentage = picture.feature.find(feature.text());
    if (!percentage) {
      reading.disagree.push_back(
          fmt::format("the feature map has no key {}: it counts as 0", feature.text())
      );
    }
    reading.features.push_back({feature, percentage.value_or(Share::none())});
  }
  reading.halted = is_halted(picture.kill);
  if (!picture.kill.find(kAllRoutes)) {
    reading.disagree.emplace_back("the kill map has no key all: it counts as on");
  }
  reading.maintenance = all_in_maintenance(picture.hierarchical_servers) &&
                        all_in_maintenance(picture.mirror_servers);
  reading.flat = system_of(picture.flat_servers, picture.flat_stat);
  reading.hierarchical = system_of(picture.hierarchical_servers, picture.hierarchical_stat);
  reading.mirror = system_of(picture.mirror_servers, picture.mirror_stat);
  reading.identity = fmt::format("pid {}", picture.process.pid);
  if (picture.process.started != 0) {
    reading.identity += fmt::format(", started {}", picture.process.started);
  }
  for (const auto* values : {&picture.share, &picture.mirror, &picture.kill, &picture.feature}) {
    report_problems(*values, reading.disagree);
  }
  return reading;
}

}  // namespace hal9::haproxy
