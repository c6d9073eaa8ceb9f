#include "engine/cut.h"

#include "base/counted.h"
#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/incidents.h"
#include "engine/kept_objects.h"
#include "engine/lock.h"
#include "engine/make_command.h"
#include "engine/others.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/write_down.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/selection.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kRaiseLockWait{1000};
constexpr milliseconds kRaiseOverWait{8000};
constexpr milliseconds kRetryPause{250};
constexpr seconds kRetryFor{30};

bool all_at_zero(const std::vector<migration::RouteAmount>& amounts) {
  return std::ranges::all_of(amounts, [](const migration::RouteAmount& amount) {
    return amount.share.value_or(Share::none()) == Share::none() &&
           amount.mirror.value_or(Share::none()) == Share::none();
  });
}

// What an emergency is about: every configured route, or those that were selected.
std::vector<migration::Route> routes_meant(
    const migration::Configuration& configuration, const EmergencyRequest& request
) {
  return request.routes ? *request.routes : migration::routes_of(configuration);
}

CutReport cut_at_router(const CutParts& parts, const EmergencyRequest& request) {
  if (const auto& routes = request.routes)
    return parts.router.cut_routes(*routes, parts.router.cut_time());
  return parts.router.cut(parts.router.cut_time());
}

// Every route that is meant was read back at 0 on every balancer, and its kill switch as on.
bool reached(const CutParts& parts, const EmergencyRequest& request, const CutReport& report) {
  const auto routes = routes_meant(parts.configuration, request);
  const bool all_read = std::ranges::all_of(routes, [&](const migration::Route& route) {
    return std::ranges::find(report.observed, route, &migration::RouteAmount::route) !=
           report.observed.end();
  });
  return report.unreachable.empty() && all_read && all_at_zero(report.observed) &&
         (report.halted || !parts.router.capabilities().halts);
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// Who was not read back, and whether that one answered at all.
std::string not_read_back(const CutReport& report, bool past) {
  std::vector<std::string> silent;
  std::vector<std::string> refused;
  for (const auto& name : report.unreachable) {
    const bool replied = std::ranges::find(report.refused, name) != report.refused.end();
    (replied ? refused : silent).push_back(name);
  }
  std::string text;
  if (!silent.empty()) text = join(silent) + (past ? " did not answer" : " does not answer");
  if (refused.empty()) return text;
  if (!text.empty()) text += "; ";
  return text + join(refused) +
         (past ? " answered and did not show the cut" : " answers and does not show the cut");
}

migration::RecordCut facts_of(
    const CutReport& report,
    const migration::Configuration& configuration,
    const EmergencyRequest& request,
    std::uint64_t sessions_ended,
    Time started,
    Time observed_at
) {
  migration::RecordCut facts;
  facts.kind = migration::RollbackKind::emergency;
  facts.started = started;
  facts.observed_at = observed_at;
  facts.force = request.force;
  facts.preserve_data = request.preserve_data;
  facts.halt = report.halted;
  facts.maintenance = report.maintenance;
  facts.sessions_ended = sessions_ended;
  facts.before = report.before;
  facts.observed = report.observed;
  facts.servers = report.servers;
  facts.servers_found = report.servers_found;
  if (request.routes) facts.selected = true;
  facts.incident = request.incident;
  for (const auto& route : routes_meant(configuration, request)) {
    facts.applied.push_back({route, Share::none(), Share::none()});
  }
  facts.error = not_read_back(report, true);
  return facts;
}

struct Cut {
  CutReport report;
  EndedSessions sessions;  // over all rounds
  // Kept until the cut is on record: a raise that looks before that would see neither.
  std::unique_ptr<Lock::Held> held;
};

// Whether the router still shows the cut; what it shows replaces what the report observed.
bool still_cut(const CutParts& parts, const EmergencyRequest& request, CutReport& report) {
  auto reading = parts.router.read();
  if (!reading) return false;
  std::vector<migration::RouteAmount> observed;
  bool keys_on = true;
  for (const auto& route : reading->routes) {
    if (!migration::is_selected(request.routes, route.route)) continue;
    observed.push_back({route.route, route.share, route.mirror});
    keys_on = keys_on && (route.halted || reading->halted);
  }
  if (!all_at_zero(observed)) return false;
  const bool halted = request.routes ? keys_on : reading->halted;
  if (!halted && parts.router.capabilities().halts) return false;
  if (!request.routes && !others_up(*reading).empty()) return false;
  report.observed = std::move(observed);
  report.sessions_left = !request.routes && reading->hierarchical.sessions > 0;
  return true;
}

// Takes the later report for the present; what was there before is what the first one saw.
void replace(CutReport& report, CutReport again) {
  if (!report.before.empty()) again.before = std::move(report.before);
  report = std::move(again);
}

void cut_again(const CutParts& parts, const EmergencyRequest& request, CutReport& report) {
  replace(report, cut_at_router(parts, request));
}

// Cut, then the raise lock (a raise in flight may have written behind the first cut), then a look;
// a second cut only where the look shows that it is needed.
Cut cut_twice(const CutParts& parts, const EmergencyRequest& request) {
  Cut cut;
  cut.report = cut_at_router(parts, request);
  auto held = parts.raise_lock.acquire(kRaiseLockWait);
  if (held) cut.held = std::move(*held);
  if (!cut.held || !still_cut(parts, request, cut.report)) {
    cut_again(parts, request, cut.report);
  }
  return cut;
}

// A raise of another process did not let go of its lock in time. It may still clear an older halt:
// once it is over, the router is looked at again. What to say if it is not over or cannot be told.
std::string outlast_the_raise(
    const CutParts& parts, const EmergencyRequest& request, CutReport& report
) {
  auto held = parts.raise_lock.acquire(kRaiseOverWait);
  if (!still_cut(parts, request, report)) cut_again(parts, request, report);
  if (held) return {};
  if (held.error().code == Code::locked) {
    return "a raise of another process is still in flight and could undo this: look again";
  }
  return fmt::format(
      "whether another process raises cannot be told ({}: {}): look again",
      held.error().what,
      held.error().why
  );
}

// Sessions that are still at hierarchical, at whichever balancer answered, get a short grace; none
// with --force.
void end_sessions(const CutParts& parts, bool force, Cut& cut) {
  if (!parts.router.capabilities().halts || !std::exchange(cut.report.sessions_left, false)) return;
  if (!force) parts.environment.wait(parts.configuration.session_grace);
  auto ended = parts.router.end_sessions(cut.report.unreachable);
  cut.sessions.count += ended.count;
  cut.sessions.problems = std::move(ended.problems);
}

// Every balancer is asked again until it answers, for half a minute or until Ctrl-C. One that came
// back is in the report, with its sessions, though another one may still be missing.
bool retry_cut(
    const CutParts& parts, const EmergencyRequest& request, CutReport& report, Progress& progress
) {
  const auto until = parts.environment.steady() + kRetryFor;
  progress.on_note(
      (report.unreachable.empty() ? "not every route was read back at 0%"
                                  : not_read_back(report, false)) +
      "; asking again for 30 s (Ctrl-C ends that)"
  );
  while (parts.environment.steady() < until) {
    if (parts.environment.wait(kRetryPause)) return false;
    CutReport again = cut_at_router(parts, request);
    const bool done = reached(parts, request, again);
    if (done || again.unreachable.size() < report.unreachable.size()) {
      replace(report, std::move(again));
    }
    if (done) return true;
  }
  return false;
}

// "2 of 15 routes"
std::string count_of(const CutParts& parts, const EmergencyRequest& request) {
  return fmt::format(
      "{} of {} routes",
      routes_meant(parts.configuration, request).size(),
      migration::routes_of(parts.configuration).size()
  );
}

void say_all_cut(
    Outcome& outcome,
    const CutParts& parts,
    const EmergencyRequest& request,
    const CutReport& report
) {
  const bool moves = parts.router.capabilities().moves_traffic;
  if (request.routes) {
    outcome.headline = "traffic of " + count_of(parts, request) + " is cut: these are at 0%";
    outcome.notes.emplace_back(
        "open requests of these routes end by themselves: others share their servers"
    );
  } else {
    outcome.headline = moves ? "traffic is cut: Flat: 100%, Hierarchical: 0%"
                             : "Flat: 100%, Hierarchical: 0% (recorded, not observed)";
  }
  if (!moves) return;
  outcome.detail = fmt::format(
      "read back {:.1f} ms after the start; {}{}",
      static_cast<double>(outcome.cut_time.count()) / 1000.0,
      !report.halted   ? "this router has no kill switch"
      : request.routes ? "their kill keys on"
                       : "kill switch on",
      report.maintenance ? ", hierarchical servers in maintenance" : ""
  );
}

void say_cut(
    Outcome& outcome,
    const CutParts& parts,
    const EmergencyRequest& request,
    const Cut& cut,
    bool at_zero
) {
  const CutReport& report = cut.report;
  outcome.observed = report.observed;
  for (const auto& problem : report.problems) outcome.notes.push_back(problem);
  for (const auto& problem : cut.sessions.problems) outcome.notes.push_back(problem);
  if (cut.sessions.count > 0) {
    outcome.notes.push_back(counted(cut.sessions.count, "session") + " to hierarchical ended");
  }
  if (!report.files_follow) {
    if (!outcome.code) outcome.code = Code::partly_done;
    outcome.notes.emplace_back(
        "the files that the router starts from could not follow: a restart would put the old "
        "shares back"
    );
  }
  if (at_zero) {
    say_all_cut(outcome, parts, request, report);
    return;
  }
  if (!outcome.code) outcome.code = Code::partly_done;
  outcome.break_glass = request.routes ? parts.router.break_glass_of(*request.routes)
                                       : parts.router.break_glass_left();
  outcome.headline = report.unreachable.empty() ? "the router does not show 0% everywhere"
                                                : "NOT observed: " + not_read_back(report, false);
  if (report.files_follow) {
    outcome.detail = "the files that the router starts from say 0: a restart falls to flat";
  }
}

// The same emergency again: said in a line, and nothing is asked for that the first one gave.
void say_confirmed(Outcome& outcome) {
  outcome.moved = false;
  const auto& last = outcome.state.last_rollback;
  if (!last) return;
  outcome.notes.push_back(fmt::format(
      "was cut already since {} by {}; read back again",
      for_people(last->ended.value_or(last->plan.started)),
      last->by
  ));
}

}  // namespace

Outcome emergency(
    const CutParts& parts,
    const std::function<Asker()>& who,
    const EmergencyRequest& request,
    Progress& progress
) {
  const Time started = parts.environment.now();
  const auto began = parts.environment.steady();
  Cut cut = cut_twice(parts, request);
  CutReport& report = cut.report;
  Outcome outcome;
  outcome.cut_time = std::chrono::duration_cast<Micros>(parts.environment.steady() - began);
  end_sessions(parts, request.force, cut);

  const Asker asker = who();
  const auto record = [&](std::optional<RollbackId> rollback) {
    auto facts = facts_of(
        report, parts.configuration, request, cut.sessions.count, started, parts.environment.now()
    );
    facts.read_back = parts.router.capabilities().moves_traffic;
    std::optional<CorrelationId> correlation;
    if (rollback) correlation = CorrelationId{rollback->bytes};
    auto command = make_command(parts.environment, asker, std::move(facts), correlation);
    const RollbackId id = rollback.value_or(RollbackId{command.id.bytes});
    std::get<migration::RecordCut>(command.body).rollback = id;
    return std::pair(id, write_down(parts, asker, command));
  };
  auto [id, written] = record({});
  if (!cut.held) {
    if (std::string raise = outlast_the_raise(parts, request, report); !raise.empty()) {
      outcome.code = Code::partly_done;
      outcome.notes.push_back(std::move(raise));
    }
  }
  cut.held.reset();

  bool at_zero = reached(parts, request, report);
  const bool came_back = !at_zero && retry_cut(parts, request, report, progress);
  // Of a balancer that came back, or let in by a raise that was in flight.
  end_sessions(parts, request.force, cut);
  if (came_back) {
    at_zero = true;
    const Written before = std::move(written);
    written = record(id).second;
    if (before.first) written.first = before.first;
    written.ended_raise = written.ended_raise || before.ended_raise;
  }
  // An emergency waits for no object: its record is cut, and says so.
  add_cut_reason(outcome, asker);
  say_where(outcome, written, parts);
  say_cut(outcome, parts, request, cut, at_zero);
  outcome.moved = true;
  if (written.confirms) say_confirmed(outcome);
  if (written.ended_raise) {
    outcome.notes.emplace_back(
        "the gradual move forward that was open has ended with this: it does not go on"
    );
  }
  outcome.next = at_zero ? line_after(written) : "hal9-migrate rollback --emergency";
  if (outcome.recorded == RecordedWhere::ledger) {
    if (!outcome.state.running.empty()) {
      outcome.rollback = RollbackView{outcome.state.running.front(), {}, {}, {}, {}, {}};
    } else if (outcome.state.last_rollback) {
      outcome.rollback = RollbackView{*outcome.state.last_rollback, {}, {}, {}, {}, {}};
    }
  }
  say_incident(outcome, request.incident);
  return outcome;
}

}  // namespace hal9::engine
