#include "adapters/haproxy/haproxy_router.h"

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/balancer_group.h"
#include "adapters/haproxy/break_glass.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/map_files_here.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
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
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

using engine::Toward;
using migration::FeatureAmount;
using migration::RouteAmount;

Traffic amounts_by_key(std::span<const RouteAmount> routes) {
  Traffic asked;
  for (const auto& amount : routes) {
    const auto key = migration::to_text(amount.route);
    if (amount.share) asked.share.insert_or_assign(key, *amount.share);
    if (amount.mirror) asked.mirror.insert_or_assign(key, *amount.mirror);
  }
  return asked;
}

std::optional<Share> highest(
    const std::vector<Result<Traffic>>& seen, Amounts Traffic::* map, const std::string& key
) {
  std::optional<Share> share;
  for (const auto& traffic : seen) {
    const auto& amounts = *traffic.*map;
    const auto found = amounts.find(key);
    if (found != amounts.end()) share = std::max(share, std::optional{found->second});
  }
  return share;
}

class HaproxyRouter final : public engine::Router {
 public:
  explicit HaproxyRouter(const migration::Configuration& configuration)
      : configuration_(configuration) {
    before_.resize(balancers_.all().size());
  }
  HaproxyRouter(const HaproxyRouter&) = delete;  // the balancers refer to its configuration
  HaproxyRouter& operator=(const HaproxyRouter&) = delete;

  [[nodiscard]] engine::Capabilities capabilities() const override {
    return {
        .moves_traffic = true,
        .mirrors = true,
        .features = true,
        .halts = true,
        .halts_routes = true,
        .counts_requests = true
    };
  }
  [[nodiscard]] std::string description() const override {
    return fmt::format("haproxy ({} balancer{})", before_.size(), before_.size() == 1 ? "" : "s");
  }
  Result<engine::Reading> read() override { return balancers_.read(); }
  Result<void> prove_writable() override;
  Result<std::vector<RouteAmount>> set_traffic(std::span<const RouteAmount> routes, Toward toward)
      override;
  Result<std::vector<FeatureAmount>> set_features(std::span<const FeatureAmount> features) override;
  engine::CutReport cut(std::chrono::milliseconds deadline) override;
  engine::CutReport cut_routes(
      std::span<const migration::Route> routes, std::chrono::milliseconds deadline
  ) override;
  engine::EndedSessions end_sessions(std::span<const std::string> unreachable) override {
    return balancers_.end_sessions(unreachable);
  }
  Result<void> clear_halt(std::span<const migration::Server> servers) override;
  Result<void> clear_routes(std::span<const migration::Route> routes) override;
  [[nodiscard]] std::vector<std::string> break_glass() const override {
    return break_glass_lines(settings(), {});
  }
  [[nodiscard]] std::vector<std::string> break_glass_left() const override {
    return break_glass_lines(settings(), balancers_.left());
  }
  [[nodiscard]] std::vector<std::string> break_glass_of(std::span<const migration::Route> routes
  ) const override {
    return break_glass_lines(settings(), balancers_.left(), routes);
  }

 private:
  // What stood at a balancer before the first cut.
  struct Before {
    bool halted = false;
    std::set<std::string> down;  // servers in maintenance
  };
  [[nodiscard]] const migration::HaproxySettings& settings() const {
    return configuration_.haproxy;
  }
  void add_servers(std::size_t balancer, const BalancerCut& cut, engine::CutReport& report);
  migration::Configuration configuration_;
  BalancerGroup<Balancer> balancers_{configuration_};
  std::vector<std::optional<Before>> before_;  // by balancer
};

Result<void> HaproxyRouter::prove_writable() {
  if (auto safe = check_settings(settings()); !safe) return safe;
  const auto proven =
      balancers_.ask([](const Balancer& balancer) { return balancer.prove_writable(); });
  if (auto error = balancers_.failure_of(proven)) {
    error->state = "nothing was changed";
    return tl::unexpected(std::move(*error));
  }
  auto files = prove_files(settings());
  if (!files) files.error().state = "nothing was changed";
  return files;
}

// A file that cannot be written stops no lowering: traffic moves, and the error says what is left.
std::optional<Error> first_error(const std::vector<Result<void>>& results) {
  for (const auto& result : results) {
    if (result) continue;
    auto error = result.error();
    error.code = Code::partly_done;
    error.state = "HAProxy has the new values, but after a reload it would read the old file";
    return error;
  }
  return std::nullopt;
}

Result<std::vector<RouteAmount>> HaproxyRouter::set_traffic(
    std::span<const RouteAmount> routes, Toward toward
) {
  if (auto safe = check_settings(settings()); !safe) return pass_on(safe);
  const auto asked = amounts_by_key(routes);
  auto files = first_error(
      merge_files(settings(), {{kShareMap, asked.share}, {kMirrorMap, asked.mirror}}, Merge::lower)
  );
  auto seen =
      balancers_.ask([&](const Balancer& balancer) { return balancer.set_traffic(asked, toward); });
  if (auto error = balancers_.failure_of(seen)) return tl::unexpected(std::move(*error));
  if (toward == Toward::hierarchical) {
    files = first_error(merge_files(
        settings(), {{kShareMap, asked.share}, {kMirrorMap, asked.mirror}}, Merge::replace
    ));
  }
  if (files) return tl::unexpected(std::move(*files));
  std::vector<RouteAmount> observed;
  for (const auto& amount : routes) {
    const auto key = migration::to_text(amount.route);
    observed.push_back(
        {amount.route, highest(seen, &Traffic::share, key), highest(seen, &Traffic::mirror, key)}
    );
  }
  return observed;
}

Result<std::vector<FeatureAmount>> HaproxyRouter::set_features(
    std::span<const FeatureAmount> features
) {
  if (auto safe = check_settings(settings()); !safe) return pass_on(safe);
  Amounts asked;
  for (const auto& amount : features) {
    asked.insert_or_assign(amount.feature.text(), amount.percentage);
  }
  // Before: whatever falls. Its error is found again after, when the whole file is written.
  std::ignore = merge_files(settings(), {{kFeatureMap, asked}}, Merge::lower);
  const auto seen =
      balancers_.ask([&](const Balancer& balancer) { return balancer.set_features(asked); });
  if (auto error = balancers_.failure_of(seen)) return tl::unexpected(std::move(*error));
  if (auto error = first_error(merge_files(settings(), {{kFeatureMap, asked}}, Merge::replace))) {
    return tl::unexpected(std::move(*error));
  }
  std::vector<FeatureAmount> observed;
  for (const auto& amount : features) {
    auto percentage = Share::none();
    for (const auto& amounts : seen) {
      percentage = std::max(percentage, amounts->find(amount.feature.text())->second);
    }
    observed.push_back({amount.feature, percentage});
  }
  return observed;
}

engine::CutReport HaproxyRouter::cut(std::chrono::milliseconds deadline) {
  const auto by = Deadline::in(deadline);
  const auto cuts = balancers_.ask([by](const Balancer& balancer) { return balancer.cut(by); });
  auto report = balancers_.report_of(cuts);
  for (std::size_t i = 0; i < cuts.size(); ++i) add_servers(i, cuts[i], report);
  const std::size_t said = report.problems.size();
  // Said already by each balancer where they cannot be used.
  if (check_settings(settings())) write_cut_files(settings(), report.problems);
  report.files_follow = report.problems.size() == said;
  return report;
}

std::vector<std::string> keys_of(std::span<const migration::Route> routes) {
  std::vector<std::string> keys;
  keys.reserve(routes.size());
  for (const auto& route : routes) keys.push_back(migration::to_text(route));
  return keys;
}

engine::CutReport HaproxyRouter::cut_routes(
    std::span<const migration::Route> routes, std::chrono::milliseconds deadline
) {
  const auto by = Deadline::in(deadline);
  const auto keys = keys_of(routes);
  const auto cuts =
      balancers_.ask([&](const Balancer& balancer) { return balancer.cut_routes(keys, by); });
  auto report = balancers_.report_of(cuts);
  // Servers stay up: other routes share them.
  report.maintenance = report.sessions_left = false;
  if (!check_settings(settings())) return report;  // said already by each balancer
  Amounts kill;
  Amounts zero;
  for (const auto& key : keys) {
    kill.insert_or_assign(key, kKillOn);
    zero.insert_or_assign(key, Share::none());
  }
  auto files = merge_files(settings(), {{kKillMap, kill}}, Merge::replace);
  const auto amounts =
      merge_files(settings(), {{kShareMap, zero}, {kMirrorMap, zero}}, Merge::lower);
  files.insert(files.end(), amounts.begin(), amounts.end());
  for (const auto& result : files) {
    if (result) continue;
    report.files_follow = false;
    report.problems.push_back(sentence(result.error()));
  }
  return report;
}

Result<void> HaproxyRouter::clear_routes(std::span<const migration::Route> routes) {
  const auto keys = keys_of(routes);
  const auto cleared =
      balancers_.ask([&](const Balancer& balancer) { return balancer.clear_routes(keys); });
  if (auto error = balancers_.failure_of(cleared)) return tl::unexpected(std::move(*error));
  Amounts off;
  for (const auto& key : keys) off.insert_or_assign(key, Share::none());
  if (auto error = first_error(merge_files(settings(), {{kKillMap, off}}, Merge::replace))) {
    error->state =
        "the routes' kill keys are off, but after a reload HAProxy would halt them again";
    return tl::unexpected(std::move(*error));
  }
  return {};
}

// A Router lives for one command: what its first cut found is what stood there before the command.
void HaproxyRouter::add_servers(
    std::size_t balancer, const BalancerCut& cut, engine::CutReport& report
) {
  auto& before = before_.at(balancer);
  if (cut.found && !before) {
    before = Before{cut.found_halted, {cut.found_down.begin(), cut.found_down.end()}};
  }
  for (const auto& server : cut.down) {
    const migration::Server one{settings().balancers.at(balancer).name, server};
    if (!before || !before->down.contains(server)) {
      report.servers.push_back(one);
    } else if (before->halted) {
      report.servers_found.push_back(one);
    }
  }
}

// A restart between the two leaves the halt on: the file is raised last.
Result<void> HaproxyRouter::clear_halt(std::span<const migration::Server> servers) {
  if (auto error = balancers_.clear_halt(servers)) return tl::unexpected(std::move(*error));
  const Amounts kill{{std::string{kAllRoutes}, Share::none()}};
  if (auto error = first_error(merge_files(settings(), {{kKillMap, kill}}, Merge::replace))) {
    error->state = "the halt is off, but after a reload HAProxy would be halted again";
    return tl::unexpected(std::move(*error));
  }
  return {};
}

}  // namespace

std::unique_ptr<engine::Router> make_router(const migration::Configuration& configuration) {
  return std::make_unique<HaproxyRouter>(configuration);
}

}  // namespace hal9::haproxy
