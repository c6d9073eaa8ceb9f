#include "adapters/haproxy/combine.h"

#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

void combine_amounts(engine::Reading& into, const engine::Reading& other) {
  for (std::size_t i = 0; i < std::min(into.routes.size(), other.routes.size()); ++i) {
    auto& route = into.routes[i];
    const auto& seen = other.routes[i];
    route.share = std::max(route.share, seen.share);
    route.mirror = std::max(route.mirror, seen.mirror);
    route.halted = route.halted && seen.halted;
    route.hierarchical_requests += seen.hierarchical_requests;
    route.flat_requests += seen.flat_requests;
  }
  for (std::size_t i = 0; i < std::min(into.features.size(), other.features.size()); ++i) {
    auto& feature = into.features[i];
    feature.percentage = std::max(feature.percentage, other.features[i].percentage);
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
void combine_values(engine::Reading& into, const engine::Reading& other) {
  combine_amounts(into, other);
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
}

using Named = std::pair<std::string, engine::Reading>;

// "share of us.cart: 30% at lb2, 0% at lb1, lb3"; nothing where all show the same.
template <class Value>
void say_if_different(
    std::vector<std::string>& disagree,
    const std::string& what,
    const std::vector<const Named*>& readings,
    const Value& value
) {
  std::map<std::string, std::vector<std::string>, std::greater<>> at;
  for (const Named* one : readings) at[value(one->second)].push_back(one->first);
  if (at.size() < 2) return;
  std::vector<std::string> parts;
  parts.reserve(at.size());
  for (const auto& [shown, names] : at) {
    parts.push_back(fmt::format("{} at {}", shown, fmt::join(names, ", ")));
  }
  disagree.push_back(fmt::format("{}: {}", what, fmt::join(parts, ", ")));
}

std::string percent(Share share) {
  return to_text(share) + "%";
}

// Each value that not all of them show, once, with whoever shows it. Those that a restart has sent to flat
// are not among them, unless there are no others.
std::vector<std::string> disagreements(const std::vector<Named>& readings, bool all_fallen) {
  std::vector<const Named*> standing;
  std::vector<std::string> disagree;
  for (const Named& one : readings) {
    for (const auto& problem : one.second.disagree) {
      disagree.push_back(fmt::format("{}: {}", one.first, problem));
    }
    if (one.second.fallen.empty() || all_fallen) standing.push_back(&one);
  }
  const auto& first = standing.front()->second;
  const auto same = [&](const Named* one) {
    return one->second.routes.size() == first.routes.size() &&
           one->second.features.size() == first.features.size();
  };
  if (!std::ranges::all_of(standing, same)) return disagree;
  say_if_different(disagree, "kill switch", standing, [](const engine::Reading& one) {
    return std::string(one.halted ? "on" : "off");
  });
  for (std::size_t i = 0; i < first.routes.size(); ++i) {
    const auto key = migration::to_text(first.routes[i].route);
    say_if_different(disagree, "share of " + key, standing, [i](const engine::Reading& one) {
      return percent(one.routes[i].share);
    });
    say_if_different(disagree, "mirror of " + key, standing, [i](const engine::Reading& one) {
      return percent(one.routes[i].mirror);
    });
  }
  for (std::size_t i = 0; i < first.features.size(); ++i) {
    const auto what = "feature " + first.features[i].feature.text();
    say_if_different(disagree, what, standing, [i](const engine::Reading& one) {
      return percent(one.features[i].percentage);
    });
  }
  return disagree;
}

}  // namespace

engine::Reading combine(std::vector<std::pair<std::string, engine::Reading>> readings) {
  if (readings.size() == 1) return std::move(readings.front().second);
  // What counts is what those show that no restart has sent to flat: one of them comes first.
  const auto standing =
      std::ranges::find_if(readings, [](const auto& one) { return one.second.fallen.empty(); });
  const bool all_fallen = standing == readings.end();
  auto disagree = disagreements(readings, all_fallen);
  if (!all_fallen) std::rotate(readings.begin(), standing, standing + 1);
  auto into = std::move(readings.front().second);
  into.identity = fmt::format("{}: {}", readings.front().first, into.identity);
  for (std::size_t i = 1; i < readings.size(); ++i) {
    const auto& [balancer, other] = readings[i];
    if (other.fallen.empty() || all_fallen) combine_values(into, other);
    combine_work(into, balancer, other);
  }
  into.disagree = std::move(disagree);
  // Where all the others are halted it is as they are: an emergency that it heard late leaves the same.
  if (!all_fallen && into.halted) into.fallen.clear();
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
