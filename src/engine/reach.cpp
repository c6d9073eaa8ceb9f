#include "engine/reach.h"

#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "engine/service.h"
#include "migration/amounts.h"
#include "migration/canary_share.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::kCanaryShare;
using migration::Route;

void widen(
    const Router& router, std::optional<std::vector<Route>>& routes, std::vector<std::string>& notes
) {
  if (!routes) return;
  auto all = router.moved_with(*routes);
  if (all.size() <= routes->size()) return;  // none of them is in the router: as it was
  notes.push_back(fmt::format(
      "{} more routes share their servers with those that were selected, and move with them",
      all.size() - routes->size()
  ));
  routes = std::move(all);
}

void reach(const Router& router, std::optional<Share>& share, std::vector<std::string>& notes) {
  if (share) share = reach(router, *share, notes);
}

// The smallest that is above 0.
Share smallest(const Router& router) {
  for (std::uint32_t hundredths = 1; hundredths < Share::kWhole; ++hundredths) {
    const auto share = router.reachable(Share::of_hundredths(hundredths));
    if (share > Share::none()) return share;
  }
  return Share::all();
}

}  // namespace

Share reach(const Router& router, Share share, std::vector<std::string>& notes) {
  const auto reached = router.reachable(share);
  if (reached == share) return share;
  notes.push_back(fmt::format(
      "{}% cannot be set by this router: {}% is the nearest below, and is what counts",
      to_text(share),
      to_text(reached)
  ));
  return reached;
}

void reach(const Router& router, std::vector<migration::RouteAmount>& amounts) {
  for (auto& amount : amounts) {
    if (amount.share) amount.share = router.reachable(*amount.share);
  }
}

migration::RollBack reach(
    const Router& router,
    const migration::Configuration& /*configuration*/,
    migration::RollBack request,
    std::vector<std::string>& notes
) {
  // In shadow the number is the mirror's.
  if (request.to_phase != migration::Phase::shadow) reach(router, request.percentage, notes);
  widen(router, request.routes, notes);
  return request;
}

EmergencyRequest reach(
    const Router& router,
    const migration::Configuration& configuration,
    EmergencyRequest request,
    std::vector<std::string>& notes
) {
  const std::size_t asked = request.routes ? request.routes->size() : 0;
  widen(router, request.routes, notes);
  const bool widened = request.routes && request.routes->size() > asked;
  if (widened && request.routes->size() == migration::routes_of(configuration).size()) {
    request.routes.reset();
  }
  return request;
}

MoveRequest reach(
    const Router& router,
    const migration::Configuration& /*configuration*/,
    MoveRequest request,
    std::vector<std::string>& notes
) {
  if (request.phase != migration::Phase::shadow) {
    if (request.phase == migration::Phase::canary && !request.percentage &&
        router.reachable(kCanaryShare) != kCanaryShare) {
      request.percentage = kCanaryShare;
    }
    reach(router, request.percentage, notes);
    reach(router, request.pause_after, notes);
  }
  widen(router, request.routes, notes);
  return request;
}

Result<void> refuse_part(
    const Router& router, const MoveRequest& asked, const MoveRequest& reached
) {
  constexpr const char* kUnchanged = "nothing was changed";
  if (asked.routes && reached.routes && reached.routes->size() > asked.routes->size()) {
    return fail(
        Code::conflict,
        fmt::format(
            "{} more routes share their servers with those that were selected, and would rise with "
            "them",
            reached.routes->size() - asked.routes->size()
        ),
        "one split moves all routes of a pool: " + router.description(),
        kUnchanged,
        "hal9-migrate status"
    );
  }
  const bool to_nothing = asked.percentage.value_or(Share::none()) > Share::none() &&
                          reached.percentage == Share::none();
  if (!to_nothing) return {};
  const auto least = smallest(router);
  return fail(
      Code::conflict,
      fmt::format(
          "{}% cannot be set: {}% is the smallest share",
          to_text(asked.percentage.value_or(Share::none())),
          to_text(least)
      ),
      router.description() + " has steps, and shares are rounded toward flat",
      kUnchanged,
      fmt::format(
          "hal9-migrate migrate --phase {} --percentage {}", to_text(asked.phase), to_text(least)
      )
  );
}

}  // namespace hal9::engine
