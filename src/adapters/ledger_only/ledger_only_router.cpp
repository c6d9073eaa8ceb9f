#include "adapters/ledger_only/ledger_only_router.h"

#include "base/result.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/server.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hal9::ledger_only {
namespace {

using engine::Toward;
using migration::FeatureAmount;
using migration::RouteAmount;

class LedgerOnlyRouter final : public engine::Router {
 public:
  LedgerOnlyRouter(
      const migration::Configuration& configuration, std::function<migration::State()> recorded
  )
      : configuration_(configuration), recorded_(std::move(recorded)) {}

  [[nodiscard]] engine::Capabilities capabilities() const override { return {}; }
  [[nodiscard]] std::string description() const override { return "ledger-only (moves nothing)"; }

  Result<engine::Reading> read() override { return read_beside(recorded_()); }

  Result<engine::Reading> read_beside(const migration::State& state) override {
    engine::Reading reading;
    for (auto& route : migration::routes_of(configuration_)) {
      engine::RouteReading seen;
      if (const auto found = state.routes.find(route); found != state.routes.end()) {
        seen.share = found->second.share.observed;
        seen.mirror = found->second.mirror.observed;
      }
      seen.route = std::move(route);
      reading.routes.push_back(std::move(seen));
    }
    for (const auto& feature : configuration_.features) {
      const auto found = state.features.find(feature);
      reading.features.push_back(
          {feature, found == state.features.end() ? Share::none() : found->second.observed}
      );
    }
    reading.halted = state.halt.has_value();
    reading.identity = "ledger-only";
    return reading;
  }

  Result<void> prove_writable() override { return {}; }

  Result<std::vector<RouteAmount>> set_traffic(std::span<const RouteAmount> routes, Toward toward)
      override {
    std::vector<RouteAmount> taken(routes.begin(), routes.end());
    if (toward == Toward::hierarchical) return taken;
    const auto state = recorded_();
    for (auto& amount : taken) {
      const auto found = state.routes.find(amount.route);
      const auto now = found == state.routes.end() ? migration::RouteState{} : found->second;
      if (amount.share) amount.share = std::min(*amount.share, now.share.observed);
      if (amount.mirror) amount.mirror = std::min(*amount.mirror, now.mirror.observed);
    }
    return taken;
  }

  Result<std::vector<FeatureAmount>> set_features(std::span<const FeatureAmount> features
  ) override {
    return std::vector<FeatureAmount>(features.begin(), features.end());
  }

  engine::CutReport cut(std::chrono::milliseconds /*deadline*/) override {
    const auto state = recorded_();
    engine::CutReport report;
    for (const auto& route : migration::routes_of(configuration_)) {
      const auto found = state.routes.find(route);
      const auto now = found == state.routes.end() ? migration::RouteState{} : found->second;
      report.before.push_back({route, now.share.observed, now.mirror.observed});
      report.observed.push_back({route, Share::none(), Share::none()});
    }
    return report;
  }

  engine::EndedSessions end_sessions(std::span<const std::string> /*unreachable*/) override {
    return {};
  }
  Result<void> clear_halt(std::span<const migration::Server> /*servers*/) override { return {}; }

  [[nodiscard]] std::vector<std::string> break_glass() const override {
    return {"# router kind ledger-only: turn traffic back where you turned it on"};
  }

 private:
  migration::Configuration configuration_;
  std::function<migration::State()> recorded_;
};

}  // namespace

std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, std::function<migration::State()> recorded
) {
  return std::make_unique<LedgerOnlyRouter>(configuration, std::move(recorded));
}

}  // namespace hal9::ledger_only
