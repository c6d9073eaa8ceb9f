#include "migration/suggested_lines.h"

#include "base/share.h"
#include "migration/amounts.h"
#include "migration/decide.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/selection.h"
#include "migration/state.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

std::string line_for(Phase phase, std::optional<Share> percentage) {
  const std::string line = fmt::format("hal9-migrate migrate --phase {}", to_text(phase));
  return percentage ? fmt::format("{} --percentage {}", line, to_text(*percentage)) : line;
}

std::string line_into(const State& state, Phase phase) {
  if (phase != Phase::ramp_up) return line_for(phase);
  Share most;
  for (const auto& [route, now] : state.routes) {
    if (now.configured) most = std::max({most, now.share.requested, now.share.observed});
  }
  for (const std::uint32_t step : {2500U, 5000U, 7500U}) {
    if (Share::of_hundredths(step) > most) return line_for(phase, Share::of_hundredths(step));
  }
  return line_for(phase, Share::all());
}

std::optional<std::string> line_of_open_raise(const State& state) {
  if (state.raise) return "hal9-migrate migrate resume";
  if (state.phase == Phase::none || !state.running.empty()) return {};
  std::vector<Route> open;
  std::vector<Route> all;
  Share wanted;
  for (const auto& [route, now] : state.routes) {
    if (!now.configured) continue;
    all.push_back(route);
    const bool below =
        now.share.observed < now.share.requested || now.mirror.observed < now.mirror.requested;
    if (!below) continue;
    open.push_back(route);
    wanted = std::max(wanted, (state.phase == Phase::shadow ? now.mirror : now.share).requested);
  }
  if (open.empty()) return {};
  const bool others_stay = std::ranges::any_of(state.routes, [&](const auto& entry) {
    const auto& [route, now] = entry;
    const auto& amount = state.phase == Phase::shadow ? now.mirror : now.share;
    return now.configured && !now.held && amount.requested < wanted;
  });
  // Those that were not asked for stay where they are.
  return line_for(state.phase, wanted) + (others_stay ? options_for(open, all) : "");
}

}  // namespace hal9::migration
