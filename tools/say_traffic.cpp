// `traffic`: how it is split, what differs from the record, and what changed since the last look.
#include "base/escape.h"
#include "base/share.h"
#include "engine/router.h"
#include "engine/views.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/selection.h"
#include "say.h"
#include "say_routes.h"
#include "terminal.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

using engine::RouteView;

// The same again brings up what a restart has sent to flat: of those that have the highest share, since the
// others would rise to it.
std::string line_up(const std::vector<RouteView>& routes, migration::Phase phase) {
  const auto share_of = [&](const RouteView& route) {
    return (phase == migration::Phase::shadow ? route.mirror : route.share).observed;
  };
  Share highest;
  for (const auto& route : routes) highest = std::max(highest, share_of(route));
  std::vector<migration::Route> all;
  std::vector<migration::Route> there;
  for (const auto& route : routes) {
    all.push_back(route.route);
    if (share_of(route) == highest) there.push_back(route.route);
  }
  return fmt::format(
      "hal9-migrate migrate --phase {} --percentage {}{}",
      to_text(phase),
      to_text(highest),
      there.size() == all.size() ? "" : migration::names_for(there, all)
  );
}

// Back to what is recorded of it.
std::string feature_down(const migration::FeatureAmount& feature) {
  const std::string name = feature.feature.text();
  if (feature.percentage == Share::none()) return "hal9-migrate feature disable " + name;
  return fmt::format(
      "hal9-migrate feature enable {} --percentage {}", name, to_text(feature.percentage)
  );
}

// What fits what was seen. Only what no way back can name needs the cut.
std::string next_of(const engine::TrafficView& view) {
  if (view.ledger_error && view.router_error.empty()) {
    const bool up = view.hierarchical_high > Share::none();
    if (up || view.ledger_error->next.empty()) return "hal9-migrate rollback";
    return view.ledger_error->next;
  }
  if (view.spooled > 0) return "hal9-migrate rollback resume";
  if (!view.router_error.empty()) return "hal9-migrate rollback --emergency --print";
  if (view.flat_down) return "hal9-migrate monitor --system flat";
  if (view.halt_unrecorded) return "hal9-migrate rollback";
  if (view.above) return line_down(view.routes, view.phase);
  if (!view.others.empty()) {
    const bool routes = std::ranges::all_of(view.others, [](const engine::OtherReading& other) {
      return other.route.has_value();
    });
    return routes ? "hal9-migrate rollback" : "hal9-migrate rollback --emergency";
  }
  if (!view.fallen.empty()) return line_up(view.routes, view.phase);
  if (!view.features_above.empty()) return feature_down(view.features_above.front());
  if (!view.differences.empty()) return "hal9-migrate timeline";
  return "hal9-migrate status";
}

// What is no difference and worth knowing: who is still served by a process that a reload left
// behind, and what the router says of itself.
std::string beside_text(const engine::TrafficView& view, bool colour) {
  std::string text;
  for (const auto& old : view.old_workers) {
    const auto sessions = old.at_hierarchical();
    if (sessions == 0) continue;
    text += warning(
        fmt::format(
            "{}: old worker {} still serves {} session{} at hierarchical; an emergency ends them",
            old.balancer.text(),
            old.pid,
            sessions,
            sessions == 1 ? "" : "s"
        ),
        colour
    );
  }
  for (const auto& note : view.notes) text += warning(note, colour);
  return text;
}

// What one look showed, a line each: two looks differ by their lines.
std::vector<std::string> facts_of(const engine::TrafficView& view) {
  std::vector<std::string> facts;
  if (!view.router_error.empty()) {
    facts.push_back("router not read: " + view.router_error);
    return facts;
  }
  facts.push_back(fmt::format(
      "Flat: {}, Hierarchical: {}{}",
      show(view.hierarchical_high.rest(), view.hierarchical_low.rest()),
      show(view.hierarchical_low, view.hierarchical_high),
      view.halted ? ", halted" : ""
  ));
  for (const auto& one : view.differences) {
    facts.push_back(
        fmt::format("{}: recorded {}, observed {}", one.place, one.recorded, one.observed)
    );
  }
  for (const auto& other : view.others) facts.push_back(other_text(other));
  for (const auto& old : view.old_workers) {
    facts.push_back(fmt::format(
        "{}: old worker {} with {} at hierarchical",
        old.balancer.text(),
        old.pid,
        old.at_hierarchical()
    ));
  }
  for (const auto& note : view.notes) facts.push_back(note);
  return facts;
}

bool holds(const std::vector<std::string>& facts, const std::string& fact) {
  return std::ranges::find(facts, fact) != facts.end();
}

}  // namespace

std::string traffic_text(const engine::TrafficView& view, Look look, bool verify) {
  std::string text = fmt::format(
      "Flat: {}, Hierarchical: {}{}\n",
      show(view.hierarchical_high.rest(), view.hierarchical_low.rest()),
      show(view.hierarchical_low, view.hierarchical_high),
      view.observed ? "" : kRecordedOnly
  );
  if (view.hierarchical_weighted && view.hierarchical_low != view.hierarchical_high) {
    text += fmt::format("By requests: Hierarchical: {}\n", percent(*view.hierarchical_weighted));
  }
  if (view.halted) text += warning("halted: no request reaches hierarchical", look.colour);
  if (!view.router_error.empty()) {
    text += failure("router not read: " + view.router_error, look.colour);
  }
  if (view.ledger_error) {
    text += failure("no record to compare with: " + view.ledger_error->what, look.colour);
  }
  if (!verify || look.wide) {
    std::string routes = routes_text(view.routes, look.wide, look);
    // A line on its own says as clearly as the first one what it is worth.
    if (!view.observed && routes.starts_with("Routes:")) {
      routes.insert(routes.size() - 1, kRecordedOnly);
    }
    text += routes;
  }
  for (const auto& one : view.differences) {
    text += failure(
        fmt::format("{}: recorded {}, observed {}", one.place, one.recorded, one.observed),
        look.colour
    );
  }
  for (const auto& other : view.others) text += failure(other_text(other), look.colour);
  text += beside_text(view, look.colour);
  if (view.flat_down) {
    text += failure("bring flat up first: a cut would send its users to nothing", look.colour);
  }
  if (verify && view.observed && !differs(view)) {
    text += Terminal::marked(Mark::done, "observed is what is recorded", look.colour) + "\n";
  }
  for (const auto& id : view.open) {
    text += warning("rollback " + to_text(id) + " is open: it is not at its end", look.colour);
  }
  if (view.spooled > 0) {
    text += warning(
        waiting_text(view.spooled) + " in the spool: the ledger does not know of it yet",
        look.colour
    );
  }
  return text + "next: " + next_of(view) + "\n";
}

bool differs(const engine::TrafficView& view) {
  return !view.differences.empty() || !view.others.empty() || !view.router_error.empty() ||
         view.ledger_error;
}

std::vector<std::string> changes_of(
    const engine::TrafficView& before, const engine::TrafficView& after
) {
  std::vector<std::string> changes;
  const auto old = facts_of(before);
  const auto now = facts_of(after);
  const bool both = before.router_error.empty() && after.router_error.empty();
  if (both && before.identity != after.identity) {
    changes.push_back(fmt::format(
        "the router was restarted or reloaded: {} -> {}", before.identity, after.identity
    ));
  }
  for (const auto& fact : now) {
    if (!holds(old, fact)) changes.push_back(fact);
  }
  // What a new split replaces says nothing more.
  for (const auto& fact : old) {
    if (!holds(now, fact) && !fact.starts_with("Flat: ")) changes.push_back("no longer: " + fact);
  }
  return changes;
}

}  // namespace hal9::tools
