#include "migration/ramp.h"

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/rollback.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace hal9::migration {

namespace {

// from - ceil((from - to) * elapsed / duration): rounding up what is taken away keeps the value at
// or below the straight line. Precondition: 0 <= elapsed < duration.
Share along(Share from, Share to, Micros elapsed, Micros duration) {
  if (from <= to) return from;
  auto gone = static_cast<std::uint64_t>(elapsed.count());
  auto whole = static_cast<std::uint64_t>(duration.count());
  // Centuries of microseconds times 10000 do not fit: halved until they do, toward the lower share.
  while (whole >= (1ULL << 49U)) {
    gone = (gone + 1) / 2;
    whole /= 2;
  }
  const std::uint64_t span = std::uint64_t{from.hundredths()} - to.hundredths();
  const std::uint64_t taken = std::min(span, (span * gone + whole - 1) / whole);
  return Share::of_hundredths(static_cast<std::uint32_t>(from.hundredths() - taken));
}

Micros duration_of(const RollbackPlan& plan) {
  return std::max(Micros{0}, plan.ends - plan.started);
}

Micros duration_of(const RollbackPlan& plan, const RouteLowering& lowering) {
  return std::max(Micros{0}, end_of(plan, lowering) - plan.started);
}

constexpr std::int64_t kFewestSteps = 20;
constexpr std::int64_t kHundredthsAStep = 50;

// What a route has between two steps is above the line by as much as a step takes away.
std::int64_t steps_of(const RouteLowering& lowering) {
  const auto falls = [](Share from, Share to) {
    return std::int64_t{from.hundredths()} - std::min(from, to).hundredths();
  };
  const std::int64_t way = std::max(
      falls(lowering.share_from, lowering.share_to), falls(lowering.mirror_from, lowering.mirror_to)
  );
  return std::max(kFewestSteps, (way + kHundredthsAStep - 1) / kHundredthsAStep);
}

}  // namespace

std::vector<RouteAmount> amounts_at(const RollbackPlan& plan, Micros elapsed) {
  const Micros gone = std::max(Micros{0}, elapsed);
  std::vector<RouteAmount> amounts;
  amounts.reserve(plan.routes.size());
  for (const auto& lowering : plan.routes) {
    const Share share_to = std::min(lowering.share_from, lowering.share_to);
    const Share mirror_to = std::min(lowering.mirror_from, lowering.mirror_to);
    const Micros duration = duration_of(plan, lowering);
    if (gone >= duration) {
      amounts.push_back({lowering.route, share_to, mirror_to});
      continue;
    }
    amounts.push_back(
        {lowering.route,
         along(lowering.share_from, share_to, gone, duration),
         along(lowering.mirror_from, mirror_to, gone, duration)}
    );
  }
  return amounts;
}

Highest highest_of(const RollbackPlan& plan) {
  Highest highest;
  for (const auto& route : plan.routes) {
    highest.share_from = std::max(highest.share_from, route.share_from);
    highest.share_to = std::max(highest.share_to, route.share_to);
    highest.mirror_from = std::max(highest.mirror_from, route.mirror_from);
    highest.mirror_to = std::max(highest.mirror_to, route.mirror_to);
  }
  return highest;
}

Micros step_length(const RollbackPlan& plan, Micros elapsed) {
  constexpr Micros kShortest = std::chrono::milliseconds(250);
  constexpr Micros kLongest = std::chrono::seconds(30);
  Micros shortest = duration_of(plan) / kFewestSteps;
  for (const auto& lowering : plan.routes) {
    const Micros own = duration_of(plan, lowering);
    if (own > elapsed) shortest = std::min(shortest, own / steps_of(lowering));
  }
  return std::clamp(shortest, kShortest, kLongest);
}

Micros step_reached(const RollbackPlan& plan, Micros elapsed) {
  Micros reached = elapsed - elapsed % step_length(plan, elapsed);
  for (const auto& lowering : plan.routes) {
    const Micros own = duration_of(plan, lowering);
    if (own <= elapsed) reached = std::max(reached, own);
  }
  return reached;
}

Micros next_step(const RollbackPlan& plan, Micros elapsed) {
  const Micros step = step_length(plan, elapsed);
  Micros next = std::min(elapsed - elapsed % step + step, duration_of(plan));
  for (const auto& lowering : plan.routes) {
    const Micros own = duration_of(plan, lowering);
    if (own > elapsed) next = std::min(next, own);
  }
  return next;
}

Micros elapsed_by(Micros steady, Micros wall) {
  return std::max({Micros{0}, steady, wall});
}

}  // namespace hal9::migration
