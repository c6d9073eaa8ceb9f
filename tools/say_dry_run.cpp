#include "base/escape.h"
#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/dry_run.h"
#include "migration/amounts.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "say.h"
#include "table.h"
#include "terminal.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// As many steps as fit a screen beside the rest; the first and the last are always there.
constexpr std::size_t kMostSteps = 12;

std::string line(Mark mark, std::string_view text, bool colour) {
  return Terminal::marked(mark, escape_terminal(text), colour) + "\n";
}

// "5%", or "0-5%" where routes differ.
std::string range_of(
    const std::vector<migration::RouteAmount>& routes,
    std::optional<Share> migration::RouteAmount::* member
) {
  Share low = Share::all();
  Share high;
  for (const auto& route : routes) {
    const Share share = (route.*member).value_or(Share::none());
    low = std::min(low, share);
    high = std::max(high, share);
  }
  if (low >= high) return to_text(high) + "%";
  return fmt::format("{}-{}%", to_text(low), to_text(high));
}

// Where the routes stand before the first step.
std::vector<migration::RouteAmount> now_of(const migration::RollbackPlan& plan) {
  std::vector<migration::RouteAmount> amounts;
  amounts.reserve(plan.routes.size());
  for (const auto& one : plan.routes) {
    amounts.push_back({one.route, one.share_from, one.mirror_from});
  }
  return amounts;
}

std::string steps_text(
    const migration::RollbackPlan& plan, const std::vector<engine::PlannedStep>& steps
) {
  Table table({"AFTER", "SHARE", "MIRROR"});
  const auto now = now_of(plan);
  table.add(
      {"now",
       range_of(now, &migration::RouteAmount::share),
       range_of(now, &migration::RouteAmount::mirror)}
  );
  const std::size_t stride = std::max<std::size_t>(1, (steps.size() + kMostSteps - 1) / kMostSteps);
  for (std::size_t at = 0; at < steps.size(); ++at) {
    if (at % stride != 0 && at + 1 != steps.size()) continue;
    const auto& step = steps[at];
    table.add(
        {to_text(step.after),
         range_of(step.routes, &migration::RouteAmount::share),
         range_of(step.routes, &migration::RouteAmount::mirror)}
    );
  }
  return table.text(0);
}

std::string plan_text(const engine::DryRunView& view) {
  if (!view.plan) {
    return view.joins
               ? "would join rollback " + to_text(*view.joins) + ", which goes as far and as soon"
               : "would change nothing: there is nothing to roll back";
  }
  const auto& plan = *view.plan;
  return fmt::format(
      "would run: {} rollback of {} routes {}{}",
      to_text(plan.kind),
      plan.routes.size(),
      plan.to_phase == plan.from_phase
          ? "in phase " + to_text(plan.to_phase)
          : fmt::format("from {} to {}", to_text(plan.from_phase), to_text(plan.to_phase)),
      plan.partial ? ", which are held afterwards" : ""
  );
}

}  // namespace

std::string dry_run_text(const engine::DryRunView& view, bool colour) {
  std::string text = escape_terminal(where_line(view.where)) + "\n";
  text += fmt::format(
      "Phase: {}{}\n", escape_terminal(view.phase), view.looked ? "" : " (recorded, not observed)"
  );
  text += line(Mark::neutral, plan_text(view), colour);
  for (const auto& id : view.supersedes) {
    text += line(Mark::neutral, "in place of rollback " + to_text(id), colour);
  }
  for (const auto& id : view.beside) {
    text += line(Mark::neutral, "beside rollback " + to_text(id) + ", which goes on", colour);
  }
  if (view.plan) text += steps_text(*view.plan, view.steps);
  for (const auto& check : view.checks) {
    text += line(
        check.holds ? Mark::done : Mark::warning,
        fmt::format("checked {}: {}", check.name, check.seen),
        colour
    );
  }
  for (const auto& after : view.afterwards)
    text += line(Mark::neutral, "afterwards: " + after, colour);
  for (const auto& risk : view.risks) text += line(Mark::warning, "at risk: " + risk, colour);
  if (view.estimate) {
    text += fmt::format(
        "Estimate: {}, by {}\n", to_text(*view.estimate), escape_terminal(view.estimated_from)
    );
  } else if (view.plan) {
    text += "Estimate: none, no rollback of this kind has ended on this ledger\n";
  }
  text += fmt::format("Authority: {}\n", view.authority);
  return text + line(Mark::done, "nothing was changed", colour);
}

}  // namespace hal9::tools
