#include "engine/gates.h"

#include "base/result.h"
#include "engine/compare.h"
#include "engine/others.h"
#include "engine/router.h"
#include "engine/spool.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::engine {

namespace {

using migration::Gate;
using migration::GateName;
using migration::GateOutcome;

Gate spool_gate(Spool& spool) {
  auto spooled = spool.read();
  if (!spooled) return {GateName::spool, GateOutcome::unknown, spooled.error().what, false};
  const auto waiting = spooled->commands.size() + spooled->unreadable.size();
  if (waiting > 0) {
    return {GateName::spool, GateOutcome::failed, fmt::format("{} records wait", waiting), false};
  }
  if (!spooled->unread.empty()) {
    return {GateName::spool, GateOutcome::unknown, spooled->unread, false};
  }
  return {GateName::spool, GateOutcome::passed, "nothing waits", false};
}

Gate halt_gate(const migration::State& state, const Result<Reading>& reading) {
  if (state.halt) {
    return {
        GateName::halt,
        GateOutcome::passed,
        fmt::format("halt of event {} is cleared by this command", state.halt->value),
        false
    };
  }
  // One that a restart has halted is cleared with the raise.
  if (reading && reading->halted && reading->fallen.empty()) {
    return {
        GateName::halt,
        GateOutcome::failed,
        "the router's kill switch is on and not on record; hal9-migrate rollback puts it there",
        false
    };
  }
  if (!reading) return {GateName::halt, GateOutcome::unknown, reading.error().what, false};
  for (const auto& route : reading->routes) {
    if (!route.halted || state.halted_routes.contains(route.route)) continue;
    return {
        GateName::halt,
        GateOutcome::failed,
        fmt::format(
            "the kill key of {} is on and not on record; an emergency of its route puts it there",
            to_text(route.route)
        ),
        false
    };
  }
  if (!state.halted_routes.empty()) {
    return {
        GateName::halt,
        GateOutcome::passed,
        fmt::format(
            "of {} halted routes those are cleared that this command raises",
            state.halted_routes.size()
        ),
        false
    };
  }
  return {GateName::halt, GateOutcome::passed, "no halt", false};
}

// What stands in the router above the record, in words; empty: nothing. A raise on top of it would
// be reported beside traffic that nobody asked for.
std::string above_record(const Reading& reading, const migration::State& state) {
  const auto values = compare(reading, state);
  if (!values.above.empty()) {
    const auto& first = values.above.front();
    return fmt::format("{}: recorded {}, observed {}", first.place, first.recorded, first.observed);
  }
  const auto above = others_above(reading, state);
  for (const auto& other : reading.others) {
    const bool lowered =
        other.route &&
        std::ranges::find(above, *other.route, &migration::RouteAmount::route) == above.end();
    if (other.is_up() && !lowered) return "the map holds more than the configured routes";
  }
  return {};
}

Gate router_gate(const migration::State& state, Router& router, const Result<Reading>& reading) {
  if (!router.capabilities().moves_traffic) {
    return {GateName::router, GateOutcome::not_checked, "ledger-only moves nothing", false};
  }
  if (!reading) return {GateName::router, GateOutcome::failed, reading.error().what, false};
  if (!reading->disagree.empty()) {
    return {GateName::router, GateOutcome::failed, reading->disagree.front(), false};
  }
  if (reading->routes.empty()) {
    return {GateName::router, GateOutcome::failed, "the router knows no route", false};
  }
  if (auto above = above_record(*reading, state); !above.empty()) {
    return {GateName::router, GateOutcome::failed, above, false};
  }
  auto proven = router.prove_writable();
  if (!proven) {
    return {GateName::router, GateOutcome::failed, "not writable: " + proven.error().what, false};
  }
  if (!reading->fallen.empty()) {
    return {
        GateName::router,
        GateOutcome::passed,
        fmt::format(
            "read and written; {} restarted, at flat until now", fmt::join(reading->fallen, ", ")
        ),
        false
    };
  }
  return {GateName::router, GateOutcome::passed, "read and written", false};
}

Gate flat_gate(const Router& router, const Result<Reading>& reading) {
  if (!router.capabilities().moves_traffic) {
    return {GateName::flat, GateOutcome::not_checked, "ledger-only sees no servers", false};
  }
  if (!reading) return {GateName::flat, GateOutcome::unknown, reading.error().what, false};
  if (!reading->servers_known) {
    return {
        GateName::flat,
        GateOutcome::unknown,
        "this router does not tell whether flat is up; whoever has looked passes --override flat",
        false
    };
  }
  const auto up = reading->flat.servers_up;
  const auto all = up + reading->flat.servers_down + reading->flat.servers_maintenance;
  return {
      GateName::flat,
      up > 0 ? GateOutcome::passed : GateOutcome::failed,
      fmt::format("{} of {} servers up", up, all),
      false
  };
}

// What the router's own checks say of hierarchical. Servers that a halt has put into maintenance come
// back with it.
Gate health_gate(const Router& router, const Result<Reading>& reading) {
  if (!router.capabilities().moves_traffic) {
    return {GateName::health, GateOutcome::not_checked, "nothing configured", false};
  }
  if (!reading) return {GateName::health, GateOutcome::unknown, reading.error().what, false};
  if (!reading->servers_known) {
    return {GateName::health, GateOutcome::not_checked, "this router does not tell", false};
  }
  const auto& servers = reading->hierarchical;
  const auto all = servers.servers_up + servers.servers_down + servers.servers_maintenance;
  if (all == 0) {
    return {GateName::health, GateOutcome::not_checked, "the router checks no server", false};
  }
  return {
      GateName::health,
      servers.servers_down > 0 ? GateOutcome::failed : GateOutcome::passed,
      fmt::format(
          "hierarchical: {} of {} servers up{}",
          servers.servers_up,
          all,
          servers.servers_maintenance > 0
              ? fmt::format(", {} in maintenance", servers.servers_maintenance)
              : ""
      ),
      false
  };
}

}  // namespace

std::vector<Gate> look_at_gates(
    const migration::State& state,
    Router& router,
    Spool& spool,
    const std::vector<GateName>& overrides
) {
  auto reading = router.read();
  if (reading) tell_halts_apart(*reading, state);
  const auto nothing = [](GateName name) {
    return Gate{name, GateOutcome::not_checked, "nothing configured", false};
  };
  std::vector<Gate> gates{
      spool_gate(spool),
      halt_gate(state, reading),
      router_gate(state, router, reading),
      flat_gate(router, reading),
      health_gate(router, reading),
      nothing(GateName::triggers),
      nothing(GateName::checkpoint),
      nothing(GateName::watchdog),
      nothing(GateName::restore)
  };
  for (Gate& gate : gates) {
    gate.overridden = std::ranges::find(overrides, gate.name) != overrides.end();
  }
  return gates;
}

}  // namespace hal9::engine
