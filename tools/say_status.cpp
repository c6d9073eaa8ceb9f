#include "base/escape.h"
#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/router.h"
#include "engine/views.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"
#include "say.h"
#include "table.h"
#include "terminal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

using engine::RouteView;

// Columns of a cell before it is cut in a table that is not wide.
constexpr std::size_t kLongestCell = 36;
constexpr std::size_t kDifferencesShown = 5;

std::string percent(Share share) {
  return to_text(share) + "%";
}

// The share that is in force as far as anybody knows: from the router, else as last observed.
Share share_now(const RouteView& route) {
  return route.reading ? route.reading->share : route.share.observed;
}
Share mirror_now(const RouteView& route) {
  return route.reading ? route.reading->mirror : route.mirror.observed;
}

bool all_alike(const std::vector<RouteView>& routes) {
  return std::ranges::all_of(routes, [&](const RouteView& route) {
    return share_now(route) == share_now(routes.front()) &&
           mirror_now(route) == mirror_now(routes.front()) && route.held == routes.front().held;
  });
}

// One line for many routes with the same numbers; a table where they differ or details are wanted.
std::string routes_text(const std::vector<RouteView>& routes, bool each, Look look) {
  if (routes.empty()) return "Routes: none\n";
  if (!each && all_alike(routes)) {
    return fmt::format(
        "Routes: all {} at share {}, mirror {}{}\n",
        routes.size(),
        percent(share_now(routes.front())),
        percent(mirror_now(routes.front())),
        routes.front().held ? ", held" : ""
    );
  }
  std::vector<std::string> head = {"ROUTE", "SHARE", "MIRROR", "HELD"};
  if (each) head = {"ROUTE", "REQUESTED", "APPLIED", "OBSERVED", "ROUTER", "MIRROR", "HELD"};
  Table table(head);
  for (const RouteView& route : routes) {
    const std::string name = to_text(route.route);
    const std::string held = route.held ? "held" : "-";
    if (!each) {
      table.add({name, percent(share_now(route)), percent(mirror_now(route)), held});
      continue;
    }
    table.add(
        {name,
         percent(route.share.requested),
         route.looked ? percent(route.share.applied) : "-",
         route.looked ? percent(route.share.observed) : "-",
         route.reading ? percent(route.reading->share) : "-",
         percent(mirror_now(route)),
         held}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell);
}

std::string warning(std::string_view text, bool colour) {
  return Terminal::marked(Mark::warning, escape_terminal(text), colour) + "\n";
}
std::string failure(std::string_view text, bool colour) {
  return Terminal::marked(Mark::failed, escape_terminal(text), colour) + "\n";
}

bool moves_nothing(const engine::Whereabouts& where) {
  return where.router.starts_with("ledger-only");
}

std::string head_text(const engine::StatusView& view) {
  std::string text = "Phase: " + view.phase;
  if (view.as_of || !view.reading || moves_nothing(view.where)) text += kRecordedOnly;
  if (view.state.phase_since.time_since_epoch().count() > 0) {
    text += fmt::format(
        "\nSince: {} by {}", for_people(view.state.phase_since), escape_terminal(view.phase_by)
    );
  }
  return text + "\n";
}

std::string halt_text(const engine::StatusView& view, bool colour) {
  const bool recorded = view.state.halt.has_value();
  const bool observed = view.reading && view.reading->halted;
  if (recorded || observed) {
    return warning(
        fmt::format(
            "halted: no request reaches hierarchical{}",
            !recorded && view.spooled > 0 ? " (its record waits in the spool)"
            : !recorded
                ? " (the ledger does not know of it: hal9-migrate rollback puts it on record)"
            : view.reading && !observed ? " (recorded; the router does NOT show it)"
                                        : "; a forward move whose gates pass ends that"
        ),
        colour
    );
  }
  return "";
}

// Several may run: which one it is tells its first route and how many there are.
std::string routes_words(const std::vector<migration::RouteLowering>& routes) {
  if (routes.empty()) return "no route";
  if (routes.size() == 1) return to_text(routes.front().route);
  return fmt::format("{} routes from {} on", routes.size(), to_text(routes.front().route));
}

std::string running_text(const engine::StatusView& view, bool colour) {
  std::string text;
  for (const auto& running : view.running) {
    std::string words = fmt::format(
        "rollback {} is {}: {} of {} to {}%, ends in phase {}",
        to_text(running.rollback.plan.id),
        view.executed ? "running" : "open, and nobody executes it",
        to_text(running.rollback.plan.kind),
        routes_words(running.rollback.plan.routes),
        to_text(migration::highest_of(running.rollback.plan).share_to),
        to_text(running.rollback.plan.to_phase)
    );
    if (running.remaining) words += ", " + to_text(*running.remaining) + " left";
    text += warning(words, colour);
  }
  if (view.running.empty() && view.last_rollback) {
    const auto& last = view.last_rollback->rollback;
    text += fmt::format(
        "Last rollback: {} by {}, {}, {}\n",
        for_people(last.plan.started),
        escape_terminal(last.by),
        to_text(last.plan.kind),
        to_text(last.status) + std::string(last.observed ? "" : kRecordedOnly)
    );
  }
  return text;
}

// What a rollback leads to has to be there before one is needed.
std::string flat_text(const engine::SystemReading& flat, bool takes_none, bool colour) {
  const auto away = flat.servers_down + flat.servers_maintenance;
  if (takes_none) {
    return failure(
        fmt::format(
            "flat takes no traffic: none of its servers is up, {} down, {} in maintenance; bring "
            "it "
            "up first: a cut would send its users to nothing",
            flat.servers_down,
            flat.servers_maintenance
        ),
        colour
    );
  }
  if (away == 0) return "";
  return warning(
      fmt::format("flat: {} of {} servers are not up", away, away + flat.servers_up), colour
  );
}

bool some_share_is_up(const std::vector<RouteView>& routes) {
  return std::ranges::any_of(routes, [](const RouteView& route) {
    return share_now(route) > Share::none();
  });
}

// Nobody's halt: its servers are away while users are still sent to it.
bool hierarchical_fails(const engine::StatusView& view) {
  return view.reading && !moves_nothing(view.where) && !view.reading->halted &&
         view.reading->servers_known && view.reading->hierarchical.servers_up == 0 &&
         some_share_is_up(view.routes);
}

std::string other_text(const engine::OtherReading& other) {
  return fmt::format(
      "{} is no configured route, and the router still sends {} of it to hierarchical{}",
      shorten(other.key, 130),
      percent(other.share),
      other.mirror > Share::none() ? " and mirrors " + percent(other.mirror) : ""
  );
}

std::string differences_text(
    const engine::StatusView& view, const engine::Reading& reading, bool colour
) {
  std::string text;
  std::size_t left = view.differences.size();
  for (const auto& one : view.differences) {
    if (view.differences.size() - left == kDifferencesShown) break;
    --left;
    text += failure(
        fmt::format("{}: recorded {}, observed {}", one.place, one.recorded, one.observed), colour
    );
  }
  if (left > 0) {
    text += failure(fmt::format("and {} more: traffic --verify names all", left), colour);
  }
  for (const auto& other : reading.others) {
    if (other.is_up()) text += failure(other_text(other), colour);
  }
  return text;
}

std::string servers_text(const engine::Reading& reading) {
  if (!reading.servers_known) return "Servers: this router does not tell how they are\n";
  return fmt::format(
      "Flat: {} up, {} down, {} in maintenance; "
      "hierarchical: {} up, {} down, {} in maintenance, {} sessions\n",
      reading.flat.servers_up,
      reading.flat.servers_down,
      reading.flat.servers_maintenance,
      reading.hierarchical.servers_up,
      reading.hierarchical.servers_down,
      reading.hierarchical.servers_maintenance,
      reading.hierarchical.sessions
  );
}

std::string router_text(const engine::StatusView& view, bool colour) {
  if (view.as_of)
    return fmt::format("As of: event {}, {}\n", view.sequence.value, for_people(view.recorded));
  if (!view.router_error.empty()) return failure("router not read: " + view.router_error, colour);
  if (!view.reading || moves_nothing(view.where)) return "";
  const auto& reading = *view.reading;
  std::string text = servers_text(reading);
  for (const auto& difference : reading.disagree) text += failure(difference, colour);
  if (hierarchical_fails(view)) {
    text += failure(
        "hierarchical takes no traffic: none of its servers is up, and users are sent to it", colour
    );
  }
  return text + flat_text(reading.flat, view.flat_down, colour) +
         differences_text(view, reading, colour);
}

std::string details_text(const engine::StatusView& view) {
  std::string text = fmt::format(
      "Root: {}\nState: {}\nSQLite: {}\nFence: {}\n",
      view.root,
      migration::state_digest(view.state),
      view.sqlite_version,
      view.state.fence
  );
  for (const auto& [feature, amount] : view.state.features) {
    text += fmt::format(
        "Feature: {} {}{}\n",
        feature.text(),
        percent(amount.observed),
        moves_nothing(view.where) ? kRecordedOnly : ""
    );
  }
  return text;
}

// A rollback to what is recorded finds nothing to lower on record, and so puts down what the router
// has above it.
std::string line_down(const std::vector<RouteView>& routes, migration::Phase phase) {
  Share highest;
  const bool mirror = phase == migration::Phase::shadow;
  for (const auto& route : routes) {
    highest = std::max(highest, mirror ? route.mirror.observed : route.share.observed);
  }
  if (phase == migration::Phase::none) return "hal9-migrate rollback";
  return "hal9-migrate rollback --percentage " + to_text(highest);
}

std::string next_of(const engine::StatusView& view) {
  if (view.flat_down) {
    return "hal9-migrate traffic --verify";
  }
  if (!view.running.empty() || view.spooled > 0) return "hal9-migrate rollback resume";
  if (view.reading && view.reading->halted && !view.state.halt) return "hal9-migrate rollback";
  if (view.above) return line_down(view.routes, view.state.phase);
  if (hierarchical_fails(view)) return "hal9-migrate rollback";
  const bool others =
      view.reading && std::ranges::any_of(view.reading->others, &engine::OtherReading::is_up);
  if (!view.differences.empty() || others) return "hal9-migrate traffic --verify";
  if (view.open_raise) return *view.open_raise;
  if (view.state.phase == migration::Phase::none) return "hal9-migrate migrate --phase shadow";
  return "hal9-migrate traffic --verify";
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
  if (!view.differences.empty()) return "hal9-migrate timeline";
  return "hal9-migrate status";
}

}  // namespace

std::string show(Share low, Share high) {
  return low == high ? percent(low) : to_text(low) + "-" + percent(high);
}

std::string waiting_text(std::uint64_t records) {
  return records == 1 ? "1 record waits" : fmt::format("{} records wait", records);
}

std::string status_text(const engine::StatusView& view, Look look) {
  std::string text = head_text(view);
  text += halt_text(view, look.colour);
  text += running_text(view, look.colour);
  if (view.open_raise) {
    text += warning(
        "what was asked for last was not observed: the line below asks for it again", look.colour
    );
  }
  text += routes_text(view.routes, look.detailed || look.wide, look);
  text += router_text(view, look.colour);
  if (view.spooled > 0) {
    text += warning(
        waiting_text(view.spooled) + " in the spool; the next command that writes takes it in",
        look.colour
    );
  }
  if (!view.spool_error.empty()) text += warning(view.spool_error, look.colour);
  if (view.state.anomaly_count > 0) {
    text += warning(
        fmt::format("{} events made no sense; newest:", view.state.anomaly_count), look.colour
    );
    for (const auto& anomaly : view.state.anomalies) {
      text +=
          fmt::format("  event {}: {}\n", anomaly.sequence.value, escape_terminal(anomaly.what));
    }
  }
  text += fmt::format(
      "Ledger: {} ({}), event {}, {}\nRouter: {}\nWatchdog: {}\n",
      escape_terminal(view.where.ledger),
      escape_terminal(view.where.name),
      view.sequence.value,
      for_people(view.recorded),
      escape_terminal(view.where.router),
      escape_terminal(view.where.watchdog)
  );
  if (look.detailed) text += details_text(view);
  if (!view.as_of) text += "next: " + next_of(view) + "\n";
  return text;
}

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
  if (view.flat_down) {
    text += failure("bring flat up first: a cut would send its users to nothing", look.colour);
  }
  if (verify && view.observed && !differs(view)) {
    text += Terminal::marked(Mark::done, "observed is what is recorded", look.colour) + "\n";
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

}  // namespace hal9::tools
