// A router in memory that obeys the port's contract, and can be told to fail.
#pragma once

#include "adapters/memory/memory_store.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/objects_in_memory.h"
#include "engine/router.h"
#include "engine/seals_in_memory.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "engine/views.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"
#include "migration/state.h"
#include "migration/valid_lines.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::engine {

inline Name name(std::string_view text) {
  return Name::parse(text).value();
}
inline migration::Route route(std::string_view region, std::string_view component) {
  return {name(region), name(component)};
}
// The two routes of every World.
inline const migration::Route kEu = route("eu", "cart");
inline const migration::Route kUs = route("us", "cart");

inline migration::RollBack gradual(Micros duration) {
  migration::RollBack request;
  request.gradual = duration;
  return request;
}
inline Share percent(std::uint32_t whole) {
  return Share::of_hundredths(whole * 100);
}

// The one server behind the maps that an emergency puts into maintenance.
inline const migration::Server kServer{Name::parse("lb1").value(), "hierarchical/h1"};

// The state of the router's maps, shared by every handle on it.
struct Maps {
  std::map<migration::Route, std::pair<Share, Share>> routes;  // share, mirror
  std::map<Name, Share> features;
  bool kill = false;
  std::set<migration::Route> kill_keys;  // of single routes
  bool each = false;  // Reading::halted_each: the switch is all of these together
  std::uint32_t hierarchical_up = 1;
  std::uint32_t hierarchical_down = 0;
  bool maintenance = false;
  std::vector<migration::Server> made_ready;  // what the last clear_halt() was given
  std::uint32_t flat_up = 1;
  Capabilities can{true, true, true, true, true, true};
  bool servers_known = true;
  std::uint64_t hierarchical_sessions = 0;
  bool reachable = true;
  // A second balancer, "lb2", with the same maps and sessions of its own.
  std::uint64_t other_sessions = 0;
  bool other_reachable = true;
  std::string end_refused;  // what the first one says to the end of its sessions
  bool files_writable = true;
  // Balancers beside it that a restart has sent to flat; clear_halt() brings them up, with the kill keys
  // of `keys_lost` off until they are set again.
  std::vector<std::string> fallen;
  std::set<migration::Route> keys_lost;
  bool keys_refused = false;  // cut_routes() sets no kill key
  std::vector<OldWorkerReading> old_workers;
  std::string identity = "pid 1";
  std::vector<std::string> calls;                  // in order
  std::vector<Share> highest;                      // over all routes, after each write
  std::function<void(const std::string&)> before;  // told of each call before it happens
};

class MapRouter : public Router {
 public:
  MapRouter(std::shared_ptr<Maps> maps, migration::Configuration configuration)
      : maps_(std::move(maps)), configuration_(std::move(configuration)) {}

  [[nodiscard]] Capabilities capabilities() const override { return maps_->can; }
  [[nodiscard]] std::string description() const override { return "maps in memory"; }

  Result<Reading> read() override {
    if (auto up = enter("read"); !up) return pass_on(up);
    if (!maps_->other_reachable) return fail(Code::unreachable, "lb2 does not answer");
    Reading reading;
    reading.identity = maps_->identity;
    for (const auto& where : migration::routes_of(configuration_)) {
      const auto& values = maps_->routes[where];
      // As long as one has fallen, the values are those of the others.
      const bool lost = maps_->fallen.empty() && maps_->keys_lost.contains(where);
      const bool halted = maps_->kill_keys.contains(where) && !lost;
      reading.routes.push_back({where, values.first, values.second, halted, 0, 0});
    }
    const auto configured = migration::routes_of(configuration_);
    for (const auto& [where, values] : maps_->routes) {
      if (std::ranges::find(configured, where) != configured.end()) continue;
      reading.others.push_back({to_text(where), where, values.first, values.second});
    }
    for (const auto& [feature, value] : maps_->features) {
      reading.features.push_back({feature, value});
    }
    reading.halted = maps_->kill;
    if (maps_->each && maps_->kill_keys.size() == configured.size()) {
      reading.halted = reading.halted_each = true;
      for (auto& route : reading.routes) route.halted = false;
    }
    reading.fallen = maps_->fallen;
    reading.old_workers = maps_->old_workers;
    reading.maintenance = maps_->maintenance;
    if (maps_->maintenance) reading.in_maintenance = {kServer};
    reading.servers_known = maps_->servers_known;
    reading.flat.servers_up = maps_->flat_up;
    reading.hierarchical.servers_up = maps_->hierarchical_up;
    reading.hierarchical.servers_down = maps_->hierarchical_down;
    reading.hierarchical.sessions = maps_->hierarchical_sessions + maps_->other_sessions;
    return reading;
  }

  Result<std::vector<migration::RouteAmount>> set_traffic(
      std::span<const migration::RouteAmount> routes, Toward toward
  ) override {
    if (auto up = enter(toward == Toward::flat ? "lower" : "raise"); !up) return pass_on(up);
    std::vector<migration::RouteAmount> observed;
    for (const auto& amount : routes) {
      auto& [share, mirror] = maps_->routes[amount.route];
      const auto put = [&](Share& value, std::optional<Share> asked) {
        if (asked) value = toward == Toward::flat ? std::min(value, *asked) : *asked;
      };
      put(share, amount.share);
      put(mirror, amount.mirror);
      observed.push_back({amount.route, share, mirror});
    }
    note_highest();
    if (!maps_->files_writable) return fail(Code::partly_done, "share.map cannot be written");
    return observed;
  }

  Result<std::vector<migration::FeatureAmount>> set_features(
      std::span<const migration::FeatureAmount> features
  ) override {
    if (auto up = enter("features"); !up) return pass_on(up);
    for (const auto& one : features) maps_->features[one.feature] = one.percentage;
    return std::vector<migration::FeatureAmount>(features.begin(), features.end());
  }

  CutReport cut(std::chrono::milliseconds) override {
    CutReport report;
    if (auto up = enter("cut"); !up) {
      report.unreachable = {"maps"};
      return report;
    }
    for (auto& [where, values] : maps_->routes) {
      report.before.push_back({where, values.first, values.second});
      values = {Share::none(), Share::none()};
      report.observed.push_back({where, Share::none(), Share::none()});
    }
    maps_->kill = maps_->maintenance = true;
    if (maps_->each) {
      for (const auto& where : migration::routes_of(configuration_)) maps_->kill_keys.insert(where);
    }
    report.halted = report.maintenance = true;
    report.servers = {kServer};
    report.sessions_left = maps_->hierarchical_sessions > 0;
    if (maps_->other_reachable) {
      report.sessions_left = report.sessions_left || maps_->other_sessions > 0;
    } else {
      report.unreachable = {"lb2"};
      report.halted = report.maintenance = false;
      report.observed.clear();
    }
    report.files_follow = maps_->files_writable;
    note_highest();
    return report;
  }

  CutReport cut_routes(std::span<const migration::Route> routes, std::chrono::milliseconds)
      override {
    CutReport report;
    if (auto up = enter("cut routes"); !up) {
      report.unreachable = {"maps"};
      return report;
    }
    if (maps_->keys_refused) {
      report.problems = {"a kill key of these routes is not on"};
      return report;
    }
    for (const auto& where : routes) {
      auto& values = maps_->routes[where];
      report.before.push_back({where, values.first, values.second});
      values = {Share::none(), Share::none()};
      report.observed.push_back({where, Share::none(), Share::none()});
      maps_->kill_keys.insert(where);
      maps_->keys_lost.erase(where);
    }
    report.halted = true;
    report.files_follow = maps_->files_writable;
    note_highest();
    return report;
  }

  Result<void> clear_routes(std::span<const migration::Route> routes) override {
    if (auto up = enter("clear routes"); !up) return pass_on(up);
    for (const auto& where : routes) {
      maps_->kill_keys.erase(where);
      maps_->keys_lost.erase(where);
    }
    return {};
  }

  EndedSessions end_sessions(std::span<const std::string> unreachable) override {
    EndedSessions ended;
    if (auto up = enter("end sessions"); !up) ended.problems.push_back(up.error().what);
    if (maps_->end_refused.empty()) {
      ended.count += std::exchange(maps_->hierarchical_sessions, 0);
    } else {
      ended.problems.push_back(maps_->end_refused);
    }
    if (std::ranges::find(unreachable, "lb2") == unreachable.end()) {
      if (!maps_->other_reachable) ended.problems.emplace_back("lb2 was asked though it is dead");
      ended.count += std::exchange(maps_->other_sessions, 0);
    }
    return ended;
  }

  Result<void> prove_writable() override {
    if (auto up = enter("prove"); !up) return pass_on(up);
    return {};
  }

  Result<void> clear_halt(std::span<const migration::Server> servers) override {
    if (auto up = enter("clear halt"); !up) return pass_on(up);
    maps_->made_ready.assign(servers.begin(), servers.end());
    maps_->kill = maps_->maintenance = false;
    if (maps_->each) maps_->kill_keys.clear();
    maps_->fallen.clear();
    return {};
  }

  [[nodiscard]] std::vector<std::string> break_glass() const override { return {"socat ..."}; }

 private:
  Result<void> enter(const std::string& call) {
    if (maps_->before) maps_->before(call);
    maps_->calls.push_back(call);
    if (!maps_->reachable) return fail(Code::unreachable, "maps does not answer");
    return {};
  }
  void note_highest() {
    Share highest;
    for (const auto& [where, values] : maps_->routes) highest = std::max(highest, values.first);
    maps_->highest.push_back(highest);
  }
  std::shared_ptr<Maps> maps_;
  migration::Configuration configuration_;
};

}  // namespace hal9::engine
