#include "watching.h"

#include "base/id.h"
#include "base/share.h"
#include "engine/views.h"
#include "migration/raise.h"
#include "say.h"
#include "timeline_groups.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

constexpr int kLooksAlone = 2;

// A raise in flight is told from one that was left by its executor.
bool is_open(const engine::StatusView& view) {
  return !view.running.empty() || view.executed || view.steered || view.open_raise;
}

std::string shares_text(const engine::StatusView& view) {
  Share low = Share::all();
  Share high;
  for (const auto& route : view.routes) {
    const Share now = route.reading ? route.reading->share : route.share.observed;
    low = std::min(low, now);
    high = std::max(high, now);
  }
  return "hierarchical " + show(std::min(low, high), high);
}

}  // namespace

Watched Watching::look(const engine::StatusView& view) {
  if (!is_open(view)) return ran_ ? Watched::over : Watched::nothing;
  ran_ = true;
  alone_ = view.executed || view.steered ? 0 : alone_ + 1;
  return alone_ >= kLooksAlone ? Watched::left : Watched::running;
}

std::string watch_line(const engine::StatusView& view) {
  std::string text = fmt::format("phase {}, {}", view.phase, shares_text(view));
  if (view.state.halt) text += ", halted";
  for (const auto& running : view.running) {
    text += fmt::format(
        "; rollback {} of {} {}",
        to_text(running.rollback.plan.id),
        scope_text(running),
        view.executed ? "runs" : "is open, and nobody executes it"
    );
  }
  if (const auto& raise = view.state.raise) {
    text += fmt::format("; gradual move forward is {}", to_text(raise->status));
    if (raise->status == migration::RaiseStatus::running && !view.steered) {
      text += ", and nobody steers it";
    }
    return view.router_error.empty() ? text : text + "; router not read: " + view.router_error;
  }
  if (view.running.empty() && view.executed) text += "; a raise runs";
  if (view.open_raise) text += "; a raise is open, and nobody executes it";
  if (!is_open(view)) text += "; nothing runs";
  if (!view.router_error.empty()) text += "; router not read: " + view.router_error;
  return text;
}

std::string line_of_left(const engine::StatusView& view) {
  return view.running.empty() && view.open_raise ? *view.open_raise
                                                 : "hal9-migrate rollback resume";
}

}  // namespace hal9::tools
