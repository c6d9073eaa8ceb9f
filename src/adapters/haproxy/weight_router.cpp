#include "adapters/haproxy/weight_router.h"

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/balancer_group.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/socket_client.h"
#include "adapters/haproxy/weight_balancer.h"
#include "adapters/haproxy/weight_pool.h"
#include "adapters/haproxy/weight_state_file.h"
#include "adapters/haproxy/weights.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/server.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

using engine::Toward;
using migration::FeatureAmount;
using migration::Route;
using migration::RouteAmount;
using migration::WeightPool;

bool holds(const WeightPool& pool, const Route& route) {
  return std::ranges::find(pool.routes, route) != pool.routes.end();
}

class WeightRouter final : public engine::Router {
 public:
  explicit WeightRouter(const migration::Configuration& configuration)
      : configuration_(configuration) {
    before_.resize(balancers_.all().size());
  }
  WeightRouter(const WeightRouter&) = delete;  // the balancers refer to its configuration
  WeightRouter& operator=(const WeightRouter&) = delete;

  [[nodiscard]] engine::Capabilities capabilities() const override {
    return {
        .moves_traffic = true,
        .mirrors = false,
        .features = false,
        .halts = true,
        .halts_routes = true,
        .counts_requests = true
    };
  }
  [[nodiscard]] std::string description() const override {
    const auto many = [](std::size_t count) { return count == 1 ? "" : "s"; };
    return fmt::format(
        "haproxy-weights ({} balancer{}, {} pool{})",
        before_.size(),
        many(before_.size()),
        pools().size(),
        many(pools().size())
    );
  }
  [[nodiscard]] Share reachable(Share share) const override { return haproxy::reachable(share); }
  [[nodiscard]] std::vector<Route> moved_with(std::span<const Route> routes) const override;
  Result<engine::Reading> read() override { return balancers_.read(); }
  Result<void> prove_writable() override;
  Result<std::vector<RouteAmount>> set_traffic(std::span<const RouteAmount> routes, Toward toward)
      override;
  Result<std::vector<FeatureAmount>> set_features(std::span<const FeatureAmount> features) override;
  engine::CutReport cut(std::chrono::milliseconds deadline) override;
  engine::CutReport cut_routes(std::span<const Route> routes, std::chrono::milliseconds deadline)
      override;
  engine::EndedSessions end_sessions(std::span<const std::string> unreachable) override {
    return balancers_.end_sessions(unreachable);
  }
  Result<void> clear_halt(std::span<const migration::Server> servers) override;
  Result<void> clear_routes(std::span<const Route> routes) override;
  [[nodiscard]] std::vector<std::string> break_glass() const override {
    return weight_break_glass_lines(configuration_, {}, {});
  }
  [[nodiscard]] std::vector<std::string> break_glass_left() const override {
    return weight_break_glass_lines(configuration_, balancers_.left(), {});
  }
  [[nodiscard]] std::vector<std::string> break_glass_of(std::span<const Route> routes
  ) const override {
    return weight_break_glass_lines(
        configuration_, balancers_.left(), {routes.begin(), routes.end()}
    );
  }

 private:
  struct Before {
    std::set<std::string> down;         // in maintenance, in a pool that was not halted
    std::set<std::string> halted_down;  // the same in one that was
  };
  [[nodiscard]] const std::vector<WeightPool>& pools() const { return weights_.pools; }
  [[nodiscard]] std::set<std::size_t> pools_of(std::span<const Route> routes) const;
  [[nodiscard]] Result<PoolShares> asked_of(std::span<const RouteAmount> routes, Toward toward)
      const;
  engine::CutReport cut_pools(
      const std::set<std::size_t>& pools, std::chrono::milliseconds deadline
  );
  void add_servers(std::size_t balancer, const BalancerCut& cut, engine::CutReport& report);
  // The balancer that reads the state file, if there is one.
  [[nodiscard]] const WeightBalancer* keeper() const;
  [[nodiscard]] Result<void> write_state(std::string text) const;
  [[nodiscard]] Result<void> keep_lowered(const PoolShares& asked) const;
  [[nodiscard]] Result<void> keep_as_it_is() const;
  [[nodiscard]] Result<void> keep_cut(const std::set<std::size_t>& pools) const;

  migration::Configuration configuration_;
  migration::WeightSettings weights_ = configuration_.weights.value_or(migration::WeightSettings{});
  BalancerGroup<WeightBalancer> balancers_{configuration_};
  std::vector<std::optional<Before>> before_;  // by balancer
};

// Traffic moved, and the error says what is left.
Error not_kept(Error error) {
  error.code = Code::partly_done;
  error.state = "HAProxy has the new weights, but after a reload it would read the old ones";
  return error;
}

std::set<std::size_t> WeightRouter::pools_of(std::span<const Route> routes) const {
  std::set<std::size_t> found;
  for (std::size_t i = 0; i < pools().size(); ++i) {
    for (const auto& route : routes) {
      if (holds(pools()[i], route)) found.insert(i);
    }
  }
  return found;
}

std::vector<Route> WeightRouter::moved_with(std::span<const Route> routes) const {
  std::vector<Route> all;
  const auto meant = pools_of(routes);
  for (const auto& route : migration::routes_of(configuration_)) {
    const bool moves = std::ranges::any_of(meant, [&](auto i) { return holds(pools()[i], route); });
    if (moves) all.push_back(route);
  }
  return all;
}

Result<void> WeightRouter::prove_writable() {
  const auto proven =
      balancers_.ask([](const WeightBalancer& one) { return one.prove_writable(); });
  if (auto error = balancers_.failure_of(proven)) {
    error->state = "nothing was changed";
    return tl::unexpected(std::move(*error));
  }
  const auto check = check_weights(configuration_);
  if (!check.refusals.empty()) {
    return fail(Code::failed, check.refusals.front(), {}, "nothing was changed");
  }
  if (keeper() == nullptr) return {};
  auto file = prove_map_files({weights_.state_file.value_or("")});
  if (!file) file.error().state = "nothing was changed";
  return file;
}

// Upward a pool is moved only as a whole, since some of its routes would rise without being named.
Result<PoolShares> WeightRouter::asked_of(std::span<const RouteAmount> routes, Toward toward)
    const {
  PoolShares asked;
  for (std::size_t i = 0; i < pools().size(); ++i) {
    std::size_t named = 0;
    bool differ = false;
    for (const auto& amount : routes) {
      if (!amount.share || !holds(pools()[i], amount.route)) continue;
      ++named;
      const auto [at, is_new] = asked.emplace(i, *amount.share);
      differ = differ || at->second != *amount.share;
      at->second = std::min(at->second, *amount.share);
    }
    if (toward == Toward::flat || named == 0) continue;
    if (named == pools()[i].routes.size() && !differ) continue;
    return fail(
        Code::conflict,
        fmt::format("the routes of backend {} share one split", pools()[i].backend),
        differ ? "they were asked to have different shares"
               : fmt::format("{} of {} were asked to rise", named, pools()[i].routes.size()),
        "nothing was raised",
        "hal9-migrate status"
    );
  }
  return asked;
}

Result<std::vector<RouteAmount>> WeightRouter::set_traffic(
    std::span<const RouteAmount> routes, Toward toward
) {
  for (const auto& amount : routes) {
    if (toward == Toward::flat || amount.mirror.value_or(Share::none()) == Share::none()) continue;
    return fail(Code::conflict, "weights mirror nothing", to_text(amount.route));
  }
  auto asked = asked_of(routes, toward);
  if (!asked) return pass_on(asked);
  Result<void> kept;
  if (toward == Toward::flat) kept = keep_lowered(*asked);
  auto seen = balancers_.ask([&](const WeightBalancer& one) { return one.set(*asked, toward); });
  if (auto error = balancers_.failure_of(seen)) return tl::unexpected(std::move(*error));
  if (toward == Toward::hierarchical) kept = keep_as_it_is();
  if (!kept) return tl::unexpected(not_kept(kept.error()));
  std::vector<RouteAmount> observed;
  for (const auto& amount : routes) {
    RouteAmount now{amount.route, {}, {}};
    for (std::size_t i = 0; amount.share && i < pools().size(); ++i) {
      if (!holds(pools()[i], amount.route)) continue;
      for (const auto& shares : seen) now.share = std::max(now.share, std::optional(shares->at(i)));
    }
    // A route that is in no pool has nothing here.
    if (amount.share && !now.share) now.share = Share::none();
    if (amount.mirror) now.mirror = Share::none();
    observed.push_back(std::move(now));
  }
  return observed;
}

Result<std::vector<FeatureAmount>> WeightRouter::set_features(
    std::span<const FeatureAmount> features
) {
  for (const auto& feature : features) {
    if (feature.percentage == Share::none()) continue;
    return fail(Code::conflict, "weights hand on no features", feature.feature.text());
  }
  return std::vector<FeatureAmount>(features.begin(), features.end());
}

engine::CutReport WeightRouter::cut(std::chrono::milliseconds deadline) {
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < pools().size(); ++i) all.insert(i);
  return cut_pools(all, deadline);
}

engine::CutReport WeightRouter::cut_routes(
    std::span<const Route> routes, std::chrono::milliseconds deadline
) {
  auto report = cut_pools(pools_of(routes), deadline);
  const auto moved = moved_with(routes);
  if (moved.size() > routes.size()) {
    report.problems.push_back(fmt::format(
        "{} more routes share their servers with these, and are cut with them",
        moved.size() - routes.size()
    ));
  }
  // Of a part of the pools: sessions of others may be among them.
  report.maintenance = false;
  return report;
}

engine::CutReport WeightRouter::cut_pools(
    const std::set<std::size_t>& pools, std::chrono::milliseconds deadline
) {
  const auto by = Deadline::in(deadline);
  const auto cuts = balancers_.ask([&](const WeightBalancer& one) { return one.cut(pools, by); });
  auto report = balancers_.report_of(cuts);
  for (std::size_t i = 0; i < cuts.size(); ++i) add_servers(i, cuts[i], report);
  if (auto kept = keep_cut(pools); !kept) {
    report.problems.push_back(sentence(kept.error()));
    report.files_follow = false;
  }
  return report;
}

// A Router lives for one command: what its first cut found is what stood there before the command.
void WeightRouter::add_servers(
    std::size_t balancer, const BalancerCut& cut, engine::CutReport& report
) {
  auto& before = before_.at(balancer);
  if (cut.found && !before) {
    before = Before{
        {cut.found_down.begin(), cut.found_down.end()},
        {cut.found_halted_down.begin(), cut.found_halted_down.end()}
    };
  }
  for (const auto& server : cut.down) {
    const migration::Server one{configuration_.haproxy.balancers.at(balancer).name, server};
    if (before && before->halted_down.contains(server)) {
      report.servers_found.push_back(one);
    } else if (!before || !before->down.contains(server)) {
      report.servers.push_back(one);
    }
  }
}

// A reload between the two leaves the halt on: the file is raised last.
Result<void> WeightRouter::clear_halt(std::span<const migration::Server> servers) {
  if (auto error = balancers_.clear_halt(servers)) return tl::unexpected(std::move(*error));
  if (auto kept = keep_as_it_is(); !kept) {
    auto error = not_kept(kept.error());
    error.state = "the halt is off, but after a reload HAProxy would be halted again";
    return tl::unexpected(std::move(error));
  }
  return {};
}

// Whole pools: which of their servers a person had put down before is on no record.
Result<void> WeightRouter::clear_routes(std::span<const Route> routes) {
  std::vector<migration::Server> servers;
  for (const auto pool : pools_of(routes)) {
    for (const auto& name : pools()[pool].hierarchical) {
      for (const auto& balancer : configuration_.haproxy.balancers) {
        servers.push_back({balancer.name, pools()[pool].backend + "/" + name});
      }
    }
  }
  return clear_halt(servers);
}

const WeightBalancer* WeightRouter::keeper() const {
  if (!weights_.state_file) return nullptr;
  const auto found = std::ranges::find_if(balancers_.all(), &WeightBalancer::is_here);
  return found == balancers_.all().end() ? nullptr : &*found;
}

Result<void> WeightRouter::write_state(std::string text) const {
  return write_map_files({{weights_.state_file.value_or(""), std::move(text)}}).front();
}

// What set() is about to write, so that a reload in between puts nothing back.
Result<void> WeightRouter::keep_lowered(const PoolShares& asked) const {
  const auto* const one = keeper();
  if (one == nullptr) return {};
  auto seen = one->pools();
  if (!seen) return pass_on(seen);
  PoolWeights weights;
  for (const auto& [pool, share] : asked) {
    const auto& now = (*seen)[pool];
    const auto wanted =
        weights_at(step_of(share), pools()[pool].flat.size(), pools()[pool].hierarchical.size());
    weights[pool] = now.share() <= share ? now.weights() : toward_flat(now.weights(), wanted);
  }
  auto state = one->state();
  if (!state) return pass_on(state);
  auto text = with_weights(*state, weights_, weights, false);
  if (!text) return pass_on(text);
  return write_state(std::move(*text));
}

Result<void> WeightRouter::keep_as_it_is() const {
  const auto* const one = keeper();
  if (one == nullptr) return {};
  auto state = one->state();
  if (!state) return pass_on(state);
  return write_state(std::move(*state));
}

// Of a HAProxy that does not answer the file itself is what is brought down.
Result<void> WeightRouter::keep_cut(const std::set<std::size_t>& cut) const {
  const auto* const one = keeper();
  if (one == nullptr) return {};
  auto state = one->state();
  if (!state) state = read_map_file(weights_.state_file.value_or(""));
  if (!state) return pass_on(state);
  PoolWeights weights;
  for (const auto pool : cut) {
    weights[pool] = weights_at(0, pools()[pool].flat.size(), pools()[pool].hierarchical.size());
  }
  auto text = with_weights(*state, weights_, weights, true);
  if (!text) return pass_on(text);
  return write_state(std::move(*text));
}

}  // namespace

std::unique_ptr<engine::Router> make_weight_router(const migration::Configuration& configuration) {
  return std::make_unique<WeightRouter>(configuration);
}

}  // namespace hal9::haproxy
