// The balancers of one configuration, asked side by side: what is the same by maps and by weights.
// `One`: Balancer or WeightBalancer. Thread safety: one call at a time.
#pragma once

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/combine.h"
#include "adapters/haproxy/side_by_side.h"
#include "adapters/haproxy/worst_of.h"
#include "base/result.h"
#include "engine/router.h"
#include "migration/configuration.h"
#include "migration/server.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hal9::haproxy {

template <class One>
class BalancerGroup {
 public:
  // The balancers refer to the configuration: it outlives them.
  explicit BalancerGroup(const migration::Configuration& configuration) {
    for (const auto& balancer : configuration.haproxy.balancers) {
      all_.emplace_back(configuration, balancer);
    }
  }

  [[nodiscard]] const std::vector<One>& all() const { return all_; }
  // Names: of the last call that failed, and of the last cut that is not done everywhere.
  [[nodiscard]] const std::vector<std::string>& left() const { return left_; }

  // In the balancers' order (side_by_side.h).
  template <class Ask>
  [[nodiscard]] auto ask(const Ask& ask) const {
    return side_by_side(all_, ask);
  }

  // The error of all, if there is one; whose it is, is kept for left().
  template <class T>
  std::optional<Error> failure_of(const std::vector<Result<T>>& results) {
    auto error = worst_of(results);
    if (!error) return error;
    left_.clear();
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) left_.push_back(all_[i].name());
    }
    return error;
  }

  Result<engine::Reading> read() {
    auto seen = ask([](const One& one) { return one.read(); });
    if (auto error = failure_of(seen)) return tl::unexpected(std::move(*error));
    std::vector<std::pair<std::string, engine::Reading>> readings;
    readings.reserve(seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
      readings.emplace_back(all_[i].name(), std::move(*seen[i]));
    }
    return combine(std::move(readings));
  }

  // What the cuts of all come to, without the servers.
  engine::CutReport report_of(const std::vector<BalancerCut>& cuts) {
    engine::CutReport report;
    std::vector<std::string> left;
    report.halted = report.maintenance = !cuts.empty();
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      const auto& cut = cuts[i];
      report.halted = report.halted && cut.halted;
      report.maintenance = report.maintenance && cut.maintenance;
      report.sessions_left = report.sessions_left || cut.sessions_left;
      raise_to(report.before, cut.before);
      raise_to(report.observed, cut.observed);
      if (!cut.answered) report.unreachable.push_back(all_[i].name());
      if (!cut.answered && cut.replied) report.refused.push_back(all_[i].name());
      if (!cut.answered || cut.stays) left.push_back(all_[i].name());
      report.problems.insert(report.problems.end(), cut.problems.begin(), cut.problems.end());
    }
    // Zeros of some say nothing about the ones that were not read.
    if (!report.unreachable.empty()) report.observed.clear();
    if (!left.empty()) left_ = std::move(left);
    return report;
  }

  [[nodiscard]] engine::EndedSessions end_sessions(std::span<const std::string> unreachable) const {
    std::vector<One> asked;
    for (const One& one : all_) {
      if (std::ranges::find(unreachable, one.name()) == unreachable.end()) asked.push_back(one);
    }
    engine::EndedSessions all;
    for (const auto& ended :
         side_by_side(asked, [](const One& one) { return one.end_sessions(); })) {
      all.count += ended.count;
      all.problems.insert(all.problems.end(), ended.problems.begin(), ended.problems.end());
    }
    return all;
  }

  // Each takes its own of `servers` out of maintenance.
  std::optional<Error> clear_halt(std::span<const migration::Server> servers) {
    return failure_of(ask([&](const One& one) {
      std::set<std::string> here;
      for (const auto& server : servers) {
        if (server.balancer.text() == one.name()) here.insert(server.name);
      }
      return one.clear_halt(here);
    }));
  }

 private:
  std::vector<One> all_;
  std::vector<std::string> left_;
};

}  // namespace hal9::haproxy
