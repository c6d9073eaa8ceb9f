// The executor where the router is not as it left it: above the ledger after a hand or a restart, or
// fallen to flat after a restart where nobody here writes the map files.
#include "base/counted.h"
#include "engine/executor.h"
#include "engine/others.h"
#include "engine/router.h"
#include "engine/set_and_read.h"
#include "engine/work.h"
#include "migration/amounts.h"
#include "migration/commands.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::engine {

namespace {

constexpr std::chrono::milliseconds kLockWait{1000};

}  // namespace

// A router that does not answer is the next step's matter: it asks again, and says so. The look that
// finds nothing holds no lock, so that nobody waits for a router that hangs.
std::optional<Ran> Executor::put_down_drift(const Work& work) {
  if (!router_.capabilities().moves_traffic) return {};
  auto reading = router_.read();
  if (!reading) return {};
  const bool restarted = !identity_.empty() && identity_ != reading->identity;
  if (all_above(*reading, writer_.state()).empty()) {
    identity_ = reading->identity;
    return {};
  }
  auto held = raise_lock_.acquire(kLockWait);
  reading = router_.read();
  if (!reading) return {};
  if (auto folded = writer_.catch_up(); !folded) return Ran{RanTo::unrecorded, folded.error()};
  if (writer_.state().fence != fence_) return {};
  Work down;
  down.kind = WorkKind::lower;
  down.rollback = work.rollback;
  down.routes = all_above(*reading, writer_.state());
  if (down.routes.empty()) return {};
  auto back = set_and_read(router_, down.routes, Toward::flat);
  if (!back) return router_failed(down, back.error());
  progress_->on_note(fmt::format(
      "{}the router stood above the ledger on {} and was put down",
      restarted ? "it was restarted: " : "",
      counted(down.routes.size(), "route")
  ));
  migration::ReportTraffic body;
  body.fence = fence_;
  body.drift = as_read(*reading, down.routes);
  body.restarted = restarted;
  identity_ = reading->identity;
  body.applied = std::move(down.routes);
  body.observed = std::move(back->observed);
  return report(std::move(body), work.rollback);
}

std::optional<Ran> Executor::raise_fallen() {
  if (may_raise_ != MayRaise::routes || std::exchange(fallen_tried_, true)) return {};
  if (!router_.capabilities().moves_traffic) return {};
  auto reading = router_.read();
  if (!reading || reading->fallen.empty()) return {};
  Work work;
  work.kind = WorkKind::raise;
  if (auto ended = raise(work)) return ended;
  if (!fallen_.empty()) {
    progress_->on_note(fmt::format("{} follows again", fmt::join(fallen_, ", ")));
  }
  return {};
}

// It lacks everything, and not only what the others lack: features first, then each route.
void Executor::add_fallen(Work& work) {
  const auto& state = writer_.state();
  std::vector<migration::FeatureAmount> features;
  features.reserve(state.features.size());
  for (const auto& [feature, amount] : state.features) {
    features.push_back({feature, amount.observed});
  }
  // What comes of it shows in the look at the end; a feature is no reason to hold up the traffic.
  if (auto set = router_.set_features(features); !set) progress_->on_note(set.error().what);
  for (const auto& [route, amounts] : state.routes) {
    if (!amounts.configured) continue;
    auto known = std::ranges::find(work.routes, route, &migration::RouteAmount::route);
    if (known == work.routes.end()) {
      work.routes.push_back({route, {}, {}});
      known = work.routes.end() - 1;
    }
    if (!known->share) known->share = amounts.share.observed;
    if (!known->mirror) known->mirror = amounts.mirror.observed;
  }
}

}  // namespace hal9::engine
