#include "base/escape.h"
#include "base/id.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/describe.h"
#include "engine/ran.h"
#include "engine/views.h"
#include "migration/events.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "say.h"
#include "table.h"
#include "terminal.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

constexpr std::size_t kLongestCell = 36;

std::string percent(Share share) {
  return to_text(share) + "%";
}

std::string reason_of(const migration::Rollback& rollback) {
  return rollback.reason.empty() ? "no reason given" : rollback.reason;
}

std::string ended_text(const engine::RollbackView& view) {
  if (view.remaining) return to_text(*view.remaining) + " left";
  return view.rollback.ended ? for_people(*view.rollback.ended) : "-";
}

}  // namespace

std::string activity_text(const engine::ActivityView& view, bool colour) {
  if (!view.known) {
    return Terminal::marked(
               Mark::failed,
               "not known whether requests are active: " + escape_terminal(view.why),
               colour
           ) +
           "\n";
  }
  if (view.quiet()) return "No active requests\n";
  return Terminal::marked(
             Mark::warning,
             fmt::format(
                 "{}: {} sessions, {} queued, {} requests arrived in {}",
                 escape_terminal(view.system),
                 view.sessions,
                 view.queued,
                 view.arrived,
                 to_text(view.window)
             ),
             colour
         ) +
         "\n";
}

std::string features_text(const std::vector<engine::FeatureView>& views, Look look) {
  if (views.empty()) return "no features are configured\n";
  Table table({"FEATURE", "REQUESTED", "APPLIED", "OBSERVED", "ROUTER"});
  for (const auto& view : views) {
    table.add(
        {view.feature.text(),
         percent(view.amount.requested),
         view.looked ? percent(view.amount.applied) : "-",
         view.looked ? percent(view.amount.observed) : "-",
         view.reading ? percent(*view.reading) : "-"}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell);
}

std::string rollbacks_text(const std::vector<engine::RollbackView>& views, Look look) {
  if (views.empty()) return "no rollbacks\n";
  Table table(
      {"ID",
       "STARTED",
       "ENDED",
       "KIND",
       "STATUS",
       "FROM",
       "TO",
       "SHARE FROM",
       "SHARE TO",
       "ROUTES",
       "BY",
       "REASON"}
  );
  for (const auto& view : views) {
    const auto& rollback = view.rollback;
    const auto highest = migration::highest_of(rollback.plan);
    const bool mirror =
        highest.share_from == highest.share_to && highest.mirror_from != highest.mirror_to;
    const std::string what = mirror ? "mirror " : "";
    table.add(
        {to_text(rollback.plan.id),
         for_people(rollback.plan.started),
         ended_text(view),
         migration::to_text(rollback.plan.kind),
         migration::to_text(rollback.status) + (rollback.observed ? "" : ", recorded only"),
         migration::to_text(rollback.plan.from_phase),
         migration::to_text(rollback.plan.to_phase),
         what + percent(mirror ? highest.mirror_from : highest.share_from),
         what + percent(mirror ? highest.mirror_to : highest.share_to),
         view.of_routes ? fmt::format("{} of {}", rollback.plan.routes.size(), *view.of_routes)
                        : fmt::format("{}", rollback.plan.routes.size()),
         rollback.by,
         look.wide ? reason_of(rollback) : shorten(reason_of(rollback), 2 * kLongestCell)}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell);
}

namespace {

// What ran beside what was planned.
std::string ran_text(const engine::RanView& ran, bool read_back) {
  std::string text = "Planned: " + (ran.planned.count() == 0 ? "at once" : to_text(ran.planned));
  text += ran.ran ? "; ran: " + to_text(*ran.ran) : "; not ended";
  text += fmt::format(
      ", {} step{} {}",
      ran.steps,
      ran.steps == 1 ? "" : "s",
      read_back ? "read back" : "recorded, not observed"
  );
  if (ran.above) text += fmt::format(", at most {} points above its line", to_text(*ran.above));
  if (ran.stalls > 0) text += fmt::format(", stalled {} times", ran.stalls);
  if (ran.executors > 1) text += fmt::format(", by {} executors", ran.executors);
  return text + "\n";
}

}  // namespace

std::string rollback_text(
    const engine::RollbackView& view,
    const engine::RanView& ran,
    const std::string& events,
    Look look
) {
  const auto& rollback = view.rollback;
  std::string text = fmt::format(
      "Rollback: {}\nKind: {}\nStatus: {}\nPhase: {} to {}\nStarted: {} by {}\nEnded: {}\n",
      to_text(rollback.plan.id),
      migration::to_text(rollback.plan.kind),
      migration::to_text(rollback.status),
      migration::to_text(rollback.plan.from_phase),
      migration::to_text(rollback.plan.to_phase),
      for_people(rollback.plan.started),
      escape_terminal(rollback.by),
      ended_text(view)
  );
  text += ran_text(ran, rollback.observed);
  text += "Reason: " + escape_terminal(reason_of(rollback)) + "\n";
  if (view.of_routes) {
    text += fmt::format("Scope: {} of {} routes\n", rollback.plan.routes.size(), *view.of_routes);
  }
  if (rollback.incident) text += "Incident: " + to_text(*rollback.incident) + "\n";
  if (rollback.superseded_by) text += "Superseded by: " + to_text(*rollback.superseded_by) + "\n";
  Table table({"ROUTE", "SHARE FROM", "TO", "MIRROR FROM", "TO"});
  for (const auto& route : rollback.plan.routes) {
    table.add(
        {to_text(route.route),
         percent(route.share_from),
         percent(route.share_to),
         percent(route.mirror_from),
         percent(route.mirror_to)}
    );
  }
  if (!table.empty()) text += table.text(look.wide ? 0 : kLongestCell);
  if (!view.observed.empty()) {
    text += "Observed: " + escape_terminal(engine::describe(view.observed)) + "\n";
  }
  if (!events.empty()) text += "What happened, by the time since it began:\n" + events;
  return text + fmt::format("next: hal9-migrate explain {}\n", view.begun.value);
}

namespace {

// Where the whole of a text stands that the entry shows the beginning of.
std::string more_text(const engine::TimelineEntry& entry, bool with_reason) {
  if (entry.type == migration::type_of(migration::ObjectKept{})) return {};
  std::string text;
  for (const auto& kept : entry.objects) {
    if (kept.of == migration::ObjectOf::reason && !with_reason) continue;
    text += fmt::format(
        " (the whole {}, {} bytes: hal9-migrate ledger object {})",
        to_text(kept.of),
        kept.bytes,
        to_hex(kept.object)
    );
  }
  return text;
}

}  // namespace

std::string entry_text(const engine::TimelineEntry& entry, bool with_reason) {
  std::string text = fmt::format(
      "{}  {:>6}  {}  {}",
      for_people(entry.time),
      entry.sequence.value,
      escape_terminal(entry.actor),
      escape_terminal(entry.text)
  );
  // Facts that waited: they were written down before the ledger could take them.
  if (entry.via == "spool") text += " (via spool)";
  const auto apart =
      entry.recorded > entry.time ? entry.recorded - entry.time : entry.time - entry.recorded;
  if (apart > std::chrono::seconds(1))
    text += fmt::format(" (recorded {})", for_people(entry.recorded));
  if (with_reason && !entry.reason.empty()) {
    text += fmt::format(" \"{}\"", escape_terminal(entry.reason));
  }
  return text + more_text(entry, with_reason) + "\n";
}

}  // namespace hal9::tools
