#include "base/counted.h"
#include "base/escape.h"
#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/router.h"
#include "engine/views.h"
#include "migration/due_hooks.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"
#include "say.h"
#include "say_routes.h"
#include "terminal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

using engine::RouteView;

constexpr std::size_t kDifferencesShown = 5;
constexpr std::size_t kHooksShown = 5;

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

std::string raise_text(const engine::StatusView& view, bool colour) {
  const auto& raise = view.state.raise;
  if (!raise) return {};
  const auto ends = migration::ends_of(raise->plan);
  std::string words = fmt::format(
      "gradual move forward is {}: {} of {} to {}% by {}",
      to_text(raise->status),
      ends.mirror ? "mirror" : "share",
      counted(raise->plan.routes.size(), "route"),
      to_text(ends.to),
      raise->by
  );
  if (!raise->why.empty()) words += " (" + raise->why + ")";
  if (raise->status == migration::RaiseStatus::running && !view.steered) {
    words += ", and nobody steers it";
  }
  return warning(words, colour);
}

// Emergencies of single routes: behind these keys no share has an effect.
std::string halted_routes_text(const engine::StatusView& view, bool colour) {
  const auto& halted = view.state.halted_routes;
  if (halted.empty()) return {};
  std::string words =
      fmt::format("halted by a kill key of its own: {}", to_text(halted.begin()->first));
  if (halted.size() > 1) words += fmt::format(" and {} more", halted.size() - 1);
  return warning(words + "; only a move that names them clears it", colour);
}

std::string running_text(const engine::StatusView& view, bool colour) {
  std::string text = halted_routes_text(view, colour) + raise_text(view, colour);
  for (const auto& incident : view.state.incidents) {
    text += warning(open_incident_text(incident), colour);
  }
  const auto& hooks = view.state.hooks_due;
  for (const auto& due : hooks | std::views::take(kHooksShown)) {
    const bool again = migration::entered_again(view.state, due);
    const bool runs = !again && migration::names_hook(view.state, due.hook);
    text += warning(due_hook_text(due, again) + ": " + due_hook_next(due, runs), colour);
  }
  if (hooks.size() > kHooksShown) {
    text += warning(
        fmt::format("{} more hooks are due: hal9-migrate hook list", hooks.size() - kHooksShown),
        colour
    );
  }
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
  if (!reading.fallen.empty() && !view.state.halt && some_share_is_up(view.routes)) {
    text += failure(
        fmt::format(
            "{} restarted and sends everybody to flat: traffic --verify names the line that ends "
            "it",
            fmt::join(reading.fallen, ", ")
        ),
        colour
    );
  }
  for (const auto& note : reading.notes) text += warning(note, colour);
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
  if (view.open_raise && !view.steered) return *view.open_raise;
  if (view.state.phase == migration::Phase::none) return "hal9-migrate migrate --phase shadow";
  return "hal9-migrate traffic --verify";
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
  if (view.open_raise && !view.state.raise) {
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

}  // namespace hal9::tools
