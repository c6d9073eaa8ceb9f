#include "base/counted.h"
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
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// As many steps as fit a screen beside the rest; the first and the last are always there.
constexpr std::size_t kMostSteps = 12;
constexpr std::size_t kMostRoutes = 40;

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

// Each route of a plan that is not the same for all, or is of some of them.
std::string plan_routes_text(const migration::RollbackPlan& plan) {
  const auto from_to = [](Share from, Share to) {
    return to_text(from) + "% -> " + to_text(to) + "%";
  };
  const auto& first = plan.routes.front();
  const bool alike = std::ranges::all_of(plan.routes, [&](const migration::RouteLowering& one) {
    return one.share_from == first.share_from && one.share_to == first.share_to &&
           one.mirror_from == first.mirror_from && one.mirror_to == first.mirror_to;
  });
  if (alike && !plan.partial) return {};
  Table table({"ROUTE", "SHARE", "MIRROR"});
  for (const auto& one : plan.routes | std::views::take(kMostRoutes)) {
    table.add(
        {to_text(one.route),
         from_to(one.share_from, one.share_to),
         from_to(one.mirror_from, one.mirror_to)}
    );
  }
  std::string text = table.text(0);
  if (plan.routes.size() > kMostRoutes) {
    text += fmt::format("and {} more, in --format json\n", plan.routes.size() - kMostRoutes);
  }
  return text;
}

// From where the routes stand to what would be requested of them.
std::string forward_text(const engine::ForwardPlan& plan) {
  std::string text =
      plan.from == plan.to
          ? "would run: forward in phase " + to_text(plan.to)
          : fmt::format("would run: forward from {} to {}", to_text(plan.from), to_text(plan.to));
  if (plan.now.empty()) return text + "; no share would change";
  text += " on " + counted(plan.now.size(), "route");
  if (plan.raise) {
    text += " over " + to_text(plan.raise->ends - plan.raise->started);
    if (plan.raise->pause_after) text += ", pausing at " + to_text(*plan.raise->pause_after) + "%";
  }
  return text;
}

std::string features_text(const std::vector<migration::FeatureAmount>& features) {
  std::vector<std::string> parts;
  parts.reserve(features.size());
  for (const auto& one : features) {
    parts.push_back(one.feature.text() + " to " + to_text(one.percentage) + "%");
  }
  return fmt::format("would run: feature {}", fmt::join(parts, ", "));
}

// The first step of a move forward asks for a part; what it leaves out stays as it is.
std::vector<migration::RouteAmount> with_now(
    std::vector<migration::RouteAmount> amounts, const std::vector<migration::RouteAmount>& now
) {
  for (auto& amount : amounts) {
    const auto is = std::ranges::find(now, amount.route, &migration::RouteAmount::route);
    if (is == now.end()) continue;
    if (!amount.share) amount.share = is->share;
    if (!amount.mirror) amount.mirror = is->mirror;
  }
  return amounts;
}

std::string forward_steps(const engine::DryRunView& view) {
  const auto& plan = *view.forward;
  Table table({"AFTER", "SHARE", "MIRROR"});
  const auto add = [&](const std::string& after,
                       const std::vector<migration::RouteAmount>& routes) {
    table.add(
        {after,
         range_of(routes, &migration::RouteAmount::share),
         range_of(routes, &migration::RouteAmount::mirror)}
    );
  };
  if (plan.now.empty()) return {};
  add("now", plan.now);
  if (!plan.raise) add("0s", with_now(plan.at_once, plan.now));
  const auto& steps = view.steps;
  const std::size_t stride = std::max<std::size_t>(1, (steps.size() + kMostSteps - 1) / kMostSteps);
  for (std::size_t at = 0; at < steps.size(); ++at) {
    if (at % stride != 0 && at + 1 != steps.size()) continue;
    add(to_text(steps[at].after), steps[at].routes);
  }
  return table.text(0);
}

// Of what is about something that is open.
std::string open_text(const engine::DryRunView& view) {
  if (const auto& cancels = view.cancels) {
    return fmt::format(
        "would stop rollback {} where it is: {} held at share {}",
        to_text(cancels->rollback),
        counted(cancels->held_at.size(), "route"),
        range_of(cancels->held_at, &migration::RouteAmount::share)
    );
  }
  if (view.resumes.empty()) return "would change nothing: no rollback is open";
  std::vector<std::string> parts;
  for (const auto& plan : view.resumes) {
    parts.push_back(fmt::format(
        "{} rollback {} of {}",
        to_text(plan.kind),
        to_text(plan.id),
        counted(plan.routes.size(), "route")
    ));
  }
  return fmt::format("would go on with {}", fmt::join(parts, ", and with "));
}

// What is left of it, from now on.
std::string rest_text(const std::vector<engine::PlannedStep>& steps) {
  Table table({"AFTER", "SHARE", "MIRROR"});
  const std::size_t stride = std::max<std::size_t>(1, (steps.size() + kMostSteps - 1) / kMostSteps);
  for (std::size_t at = 0; at < steps.size(); ++at) {
    if (at % stride != 0 && at + 1 != steps.size()) continue;
    table.add(
        {to_text(steps[at].after),
         range_of(steps[at].routes, &migration::RouteAmount::share),
         range_of(steps[at].routes, &migration::RouteAmount::mirror)}
    );
  }
  return table.text(0);
}

std::string plan_text(const engine::DryRunView& view) {
  if (view.open) return open_text(view);
  if (view.forward) return forward_text(*view.forward);
  if (!view.features.empty()) return features_text(view.features);
  if (!view.plan && !view.joins && view.estimated_from.empty() && view.supersedes.empty() &&
      !view.gates.empty()) {
    return "would change nothing: it is so already";
  }
  if (!view.plan) {
    return view.joins
               ? "would join rollback " + to_text(*view.joins) + ", which goes as far and as soon"
           : view.ends_raise ? "would lower nothing: the move forward has raised nothing yet"
                             : "would change nothing: there is nothing to roll back";
  }
  const auto& plan = *view.plan;
  return fmt::format(
      "would run: {} rollback of {} {}{}",
      to_text(plan.kind),
      counted(plan.routes.size(), "route"),
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
  if (view.halts == engine::Halts::everything) {
    text += line(
        Mark::neutral,
        "it sets the kill switch, which a forward move behind its gates clears",
        colour
    );
  } else if (view.halts == engine::Halts::routes) {
    text += line(
        Mark::neutral,
        "it sets the kill keys of these routes, which rise by their names alone",
        colour
    );
  }
  if (view.ends_raise) {
    text += line(Mark::neutral, "it ends the gradual move forward that is open", colour);
  }
  for (const auto& id : view.supersedes) {
    text += line(Mark::neutral, "in place of rollback " + to_text(id), colour);
  }
  for (const auto& id : view.beside) {
    text += line(Mark::neutral, "beside rollback " + to_text(id) + ", which goes on", colour);
  }
  if (view.plan) text += steps_text(*view.plan, view.steps);
  if (view.plan && !view.plan->routes.empty()) text += plan_routes_text(*view.plan);
  if (view.forward) text += forward_steps(view);
  if (!view.resumes.empty()) text += rest_text(view.steps);
  if (view.forward && view.forward->clears_halt) {
    text += line(Mark::neutral, "it clears the halt that its gates have seen", colour);
  }
  if (!view.gates.empty()) text += gates_text(view.gates, colour);
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
  if (view.refused) {
    text += line(Mark::warning, "would be refused: " + view.refused->what, colour);
  }
  return text + line(Mark::done, "nothing was changed", colour);
}

}  // namespace hal9::tools
