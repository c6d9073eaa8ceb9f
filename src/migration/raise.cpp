#include "migration/raise.h"

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/phase.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

Micros duration_of(const RaisePlan& plan) {
  return std::max(Micros{0}, plan.ends - plan.started);
}

// from + floor((to - from) * elapsed / duration). Precondition: 0 <= elapsed < duration.
Share along(Share from, Share to, Micros elapsed, Micros duration) {
  if (to <= from) return from;
  auto gone = static_cast<std::uint64_t>(elapsed.count());
  auto whole = static_cast<std::uint64_t>(duration.count());
  // Centuries of microseconds times 10000 do not fit: halved until they do, toward the lower share.
  while (whole >= (1ULL << 49U)) {
    gone /= 2;
    whole = (whole + 1) / 2;
  }
  const std::uint64_t span = std::uint64_t{to.hundredths()} - from.hundredths();
  return Share::of_hundredths(static_cast<std::uint32_t>(from.hundredths() + span * gone / whole));
}

Share capped(Share wanted, Share from, const std::optional<Share>& pause) {
  return pause ? std::min(wanted, std::max(from, *pause)) : wanted;
}

bool in_shadow(const RaisePlan& plan) {
  return plan.phase == Phase::shadow;
}

const RouteAmount* find(const std::vector<RouteAmount>& amounts, const Route& route) {
  const auto found = std::ranges::find(amounts, route, &RouteAmount::route);
  return found == amounts.end() ? nullptr : &*found;
}

// The highest part of its way that some route still has before it, of what it had.
double left_of(const RaisePlan& plan, const std::vector<RouteAmount>& now) {
  double left = 0;
  const auto part = [&left](Share from, Share to, std::optional<Share> is) {
    if (to <= from || !is || *is >= to) return;
    left = std::max(
        left,
        static_cast<double>(to.hundredths() - is->hundredths()) /
            static_cast<double>(to.hundredths() - from.hundredths())
    );
  };
  for (const auto& route : plan.routes) {
    const auto* amount = find(now, route.route);
    if (amount == nullptr) continue;
    part(route.share_from, route.share_to, amount->share);
    part(route.mirror_from, route.mirror_to, amount->mirror);
  }
  return std::min(1.0, left);
}

}  // namespace

std::vector<RouteAmount> amounts_at(const RaisePlan& plan, Micros elapsed) {
  const Micros duration = duration_of(plan);
  const Micros gone = std::max(Micros{0}, elapsed);
  const auto at = [&](Share from, Share to) {
    return gone >= duration ? std::max(from, to) : along(from, to, gone, duration);
  };
  const auto share_pause = in_shadow(plan) ? std::nullopt : plan.pause_after;
  const auto mirror_pause = in_shadow(plan) ? plan.pause_after : std::nullopt;
  std::vector<RouteAmount> amounts;
  amounts.reserve(plan.routes.size());
  for (const auto& route : plan.routes) {
    amounts.push_back(
        {route.route,
         capped(at(route.share_from, route.share_to), route.share_from, share_pause),
         capped(at(route.mirror_from, route.mirror_to), route.mirror_from, mirror_pause)}
    );
  }
  return amounts;
}

Micros step_length(const RaisePlan& plan) {
  constexpr Micros kShortest = std::chrono::milliseconds(250);
  return std::max(kShortest, duration_of(plan) / 20);
}

Micros step_reached(const RaisePlan& plan, Micros elapsed) {
  if (elapsed >= duration_of(plan)) return duration_of(plan);
  return elapsed - elapsed % step_length(plan);
}

Micros next_step(const RaisePlan& plan, Micros elapsed) {
  return std::min(duration_of(plan), elapsed - elapsed % step_length(plan) + step_length(plan));
}

Ends ends_of(const RaisePlan& plan) {
  Ends ends{in_shadow(plan), Share::all(), Share::none()};
  for (const auto& route : plan.routes) {
    ends.from = std::min(ends.from, ends.mirror ? route.mirror_from : route.share_from);
    ends.to = std::max(ends.to, ends.mirror ? route.mirror_to : route.share_to);
  }
  ends.from = std::min(ends.from, ends.to);
  return ends;
}

bool is_at_end(const RaisePlan& plan, const std::vector<RouteAmount>& amounts) {
  return std::ranges::all_of(plan.routes, [&](const RouteRaise& route) {
    const auto* amount = find(amounts, route.route);
    return amount == nullptr || (amount->share.value_or(Share::all()) >= route.share_to &&
                                 amount->mirror.value_or(Share::all()) >= route.mirror_to);
  });
}

bool pauses_with(const RaisePlan& plan, const std::vector<RouteAmount>& amounts) {
  if (!plan.pause_after || is_at_end(plan, amounts)) return false;
  return std::ranges::all_of(plan.routes, [&](const RouteRaise& route) {
    const auto* amount = find(amounts, route.route);
    if (amount == nullptr) return true;
    const bool shadow = in_shadow(plan);
    const auto is = shadow ? amount->mirror : amount->share;
    const Share to = shadow ? route.mirror_to : route.share_to;
    return is.value_or(Share::all()) >= std::min(to, *plan.pause_after);
  });
}

RaisePlan resumed(
    const RaisePlan& plan,
    const std::vector<RouteAmount>& now,
    Time started,
    std::optional<Share> pause_after
) {
  RaisePlan rest = plan;
  rest.started = started;
  const auto left = static_cast<double>(duration_of(plan).count()) * left_of(plan, now);
  rest.ends = started + std::max(step_length(plan), Micros{static_cast<std::int64_t>(left)});
  rest.pause_after = pause_after;
  for (auto& route : rest.routes) {
    const auto* amount = find(now, route.route);
    if (amount == nullptr) continue;
    route.share_from = std::min(route.share_to, amount->share.value_or(route.share_from));
    route.mirror_from = std::min(route.mirror_to, amount->mirror.value_or(route.mirror_from));
  }
  return rest;
}

StepVerdict verdict_of(const std::vector<Gate>& gates, bool strict) {
  StepVerdict verdict = StepVerdict::go;
  for (const auto& gate : gates) {
    if (!blocks(gate, strict)) continue;
    // Silence is no reason to go back: the next look may tell.
    const bool failed = gate.outcome == GateOutcome::failed;
    const bool holds = gate.name == GateName::flat || gate.name == GateName::spool ||
                       gate.name == GateName::router || !failed;
    verdict = std::max(verdict, holds ? StepVerdict::hold : StepVerdict::back);
  }
  const bool flat_down = std::ranges::any_of(gates, [&](const Gate& gate) {
    return gate.name == GateName::flat && blocks(gate, strict);
  });
  // Nobody but a person sends traffic to a system that is down.
  return flat_down ? std::min(verdict, StepVerdict::hold) : verdict;
}

std::string first_block(const std::vector<Gate>& gates, bool strict) {
  for (const auto& gate : gates) {
    if (!blocks(gate, strict)) continue;
    return fmt::format(
        "the gate {} {} {}{}{}",
        to_text(gate.name),
        gate.outcome == GateOutcome::failed ? "has" : "is",
        to_text(gate.outcome),
        gate.evidence.empty() ? "" : ": ",
        gate.evidence
    );
  }
  return {};
}

}  // namespace hal9::migration
