#include "adapters/haproxy/combine.h"

#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

// Every balancer sees the same servers: the worst of its views counts. Work is added up.
void combine_system(engine::SystemReading& into, const engine::SystemReading& other) {
  into.servers_up = std::min(into.servers_up, other.servers_up);
  into.servers_down = std::max(into.servers_down, other.servers_down);
  into.servers_maintenance = std::max(into.servers_maintenance, other.servers_maintenance);
  into.sessions += other.sessions;
  into.queued += other.queued;
  into.requests += other.requests;
}

void say_if_different(
    std::vector<std::string>& disagree,
    std::string_view what,
    Share there,
    std::string_view balancer,
    Share here
) {
  if (there == here) return;
  disagree.push_back(
      fmt::format("{}: {}% elsewhere, {}% at {}", what, to_text(there), to_text(here), balancer)
  );
}

void combine_amounts(
    engine::Reading& into, const std::string& balancer, const engine::Reading& other
) {
  for (std::size_t i = 0; i < std::min(into.routes.size(), other.routes.size()); ++i) {
    auto& route = into.routes[i];
    const auto& seen = other.routes[i];
    const auto key = migration::to_text(route.route);
    say_if_different(into.disagree, "share of " + key, route.share, balancer, seen.share);
    say_if_different(into.disagree, "mirror of " + key, route.mirror, balancer, seen.mirror);
    route.share = std::max(route.share, seen.share);
    route.mirror = std::max(route.mirror, seen.mirror);
    route.halted = route.halted && seen.halted;
    route.hierarchical_requests += seen.hierarchical_requests;
    route.flat_requests += seen.flat_requests;
  }
  for (std::size_t i = 0; i < std::min(into.features.size(), other.features.size()); ++i) {
    auto& feature = into.features[i];
    const auto& seen = other.features[i];
    const auto what = "feature " + feature.feature.text();
    say_if_different(into.disagree, what, feature.percentage, balancer, seen.percentage);
    feature.percentage = std::max(feature.percentage, seen.percentage);
  }
}

// A key that one balancer lacks is no disagreement: it is nobody's there.
void combine_others(engine::Reading& into, const engine::Reading& other) {
  for (const auto& seen : other.others) {
    const auto same = std::ranges::find(into.others, seen.key, &engine::OtherReading::key);
    if (same == into.others.end()) {
      into.others.push_back(seen);
    } else {
      same->share = std::max(same->share, seen.share);
      same->mirror = std::max(same->mirror, seen.mirror);
    }
  }
}

// What it sends where.
void combine_values(
    engine::Reading& into, const std::string& balancer, const engine::Reading& other
) {
  combine_amounts(into, balancer, other);
  if (into.halted != other.halted) {
    into.disagree.push_back(
        fmt::format("{} is {}halted, others differ", balancer, other.halted ? "" : "not ")
    );
  }
  into.halted = into.halted && other.halted;
  into.halted_each = into.halted_each && other.halted_each;
  into.maintenance = into.maintenance && other.maintenance;
}

template <class T>
void append(std::vector<T>& into, const std::vector<T>& more) {
  into.insert(into.end(), more.begin(), more.end());
}

// What it serves, and what is said of it.
void combine_work(
    engine::Reading& into, const std::string& balancer, const engine::Reading& other
) {
  combine_others(into, other);
  append(into.in_maintenance, other.in_maintenance);
  append(into.old_workers, other.old_workers);
  append(into.notes, other.notes);
  append(into.fallen, other.fallen);
  combine_system(into.flat, other.flat);
  combine_system(into.hierarchical, other.hierarchical);
  combine_system(into.mirror, other.mirror);
  into.identity += fmt::format("; {}: {}", balancer, other.identity);
  for (const auto& problem : other.disagree) {
    into.disagree.push_back(fmt::format("{}: {}", balancer, problem));
  }
}

}  // namespace

engine::Reading combine(std::vector<std::pair<std::string, engine::Reading>> readings) {
  // What counts is what those show that no restart has sent to flat: one of them comes first.
  const auto standing =
      std::ranges::find_if(readings, [](const auto& one) { return one.second.fallen.empty(); });
  if (standing != readings.end()) std::rotate(readings.begin(), standing, standing + 1);
  auto into = std::move(readings.front().second);
  if (readings.size() == 1) return into;
  const bool all_fallen = !into.fallen.empty();
  into.identity = fmt::format("{}: {}", readings.front().first, into.identity);
  for (std::size_t i = 1; i < readings.size(); ++i) {
    const auto& [balancer, other] = readings[i];
    if (other.fallen.empty() || all_fallen) combine_values(into, balancer, other);
    combine_work(into, balancer, other);
  }
  return into;
}

void raise_to(
    std::vector<migration::RouteAmount>& into, const std::vector<migration::RouteAmount>& other
) {
  if (into.empty()) {
    into = other;
    return;
  }
  for (std::size_t i = 0; i < std::min(into.size(), other.size()); ++i) {
    into[i].share = std::max(into[i].share, other[i].share);
    into[i].mirror = std::max(into[i].mirror, other[i].mirror);
  }
}

}  // namespace hal9::haproxy
