#include "engine/views_json.h"

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/json_parts.h"
#include "engine/ran.h"
#include "engine/router.h"
#include "engine/views.h"
#include "migration/amounts.h"
#include "migration/due_hooks.h"
#include "migration/gate.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

// What nobody set or saw is null: a ledger-only router has recorded it, no more.
Json amount_json(const migration::Amount& amount, bool looked) {
  return {
      {"requested", percent(amount.requested)},
      {"applied", looked ? Json(percent(amount.applied)) : Json(nullptr)},
      {"observed", looked ? Json(percent(amount.observed)) : Json(nullptr)},
      {"recorded", percent(amount.observed)}
  };
}

Json amounts_json(const std::vector<migration::RouteAmount>& amounts) {
  Json list = Json::array();
  for (const auto& amount : amounts) {
    Json one{{"route", to_text(amount.route)}};
    if (amount.share) one["share"] = percent(*amount.share);
    if (amount.mirror) one["mirror"] = percent(*amount.mirror);
    list.push_back(std::move(one));
  }
  return list;
}

Json system_json(const SystemReading& system) {
  return {
      {"servers_up", system.servers_up},
      {"servers_down", system.servers_down},
      {"servers_maintenance", system.servers_maintenance},
      {"sessions", system.sessions},
      {"queued", system.queued},
      {"requests", system.requests}
  };
}

Json reading_json(const Reading& reading) {
  return {
      {"halted", reading.halted},
      {"maintenance", reading.maintenance},
      {"flat", system_json(reading.flat)},
      {"hierarchical", system_json(reading.hierarchical)},
      {"mirror", system_json(reading.mirror)},
      {"servers_known", reading.servers_known},
      {"identity", reading.identity},
      {"disagree", reading.disagree}
  };
}

Json route_json(const RouteView& view) {
  Json json{
      {"route", to_text(view.route)},
      {"share", amount_json(view.share, view.looked)},
      {"mirror", amount_json(view.mirror, view.looked)},
      {"held", view.held},
      {"reading", nullptr}
  };
  if (view.reading) {
    json["reading"] = {
        {"share", percent(view.reading->share)},
        {"mirror", percent(view.reading->mirror)},
        {"halted", view.reading->halted},
        {"flat_requests", view.reading->flat_requests},
        {"hierarchical_requests", view.reading->hierarchical_requests}
    };
  }
  return json;
}

template <class T>
Json list_json(const std::vector<T>& views) {
  Json list = Json::array();
  for (const T& view : views) {
    if constexpr (std::is_same_v<T, RouteView>) {
      list.push_back(route_json(view));
    } else {
      list.push_back(to_json(view));
    }
  }
  return list;
}

Json differences_json(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const auto& one : differences) {
    list.push_back({{"place", one.place}, {"recorded", one.recorded}, {"observed", one.observed}});
  }
  return list;
}

std::string code_word(const std::optional<Code>& code) {
  return code ? std::string(facts_of(*code).word) : "done";
}

}  // namespace

Json gates_json(const std::vector<migration::Gate>& gates) {
  Json list = Json::array();
  for (const auto& gate : gates) {
    list.push_back(
        {{"gate", to_text(gate.name)},
         {"outcome", to_text(gate.outcome)},
         {"evidence", gate.evidence},
         {"overridden", gate.overridden}}
    );
  }
  return list;
}

Json to_json(const RollbackView& view) {
  const auto& rollback = view.rollback;
  const auto range = migration::highest_of(rollback.plan);
  Json routes = Json::array();
  for (const auto& route : rollback.plan.routes) {
    routes.push_back(
        {{"route", to_text(route.route)},
         {"share_from", percent(route.share_from)},
         {"share_to", percent(route.share_to)},
         {"mirror_from", percent(route.mirror_from)},
         {"mirror_to", percent(route.mirror_to)},
         {"ends", to_text(migration::end_of(rollback.plan, route))}}
    );
  }
  return {
      {"id", to_text(rollback.plan.id)},
      {"kind", to_text(rollback.plan.kind)},
      {"status", to_text(rollback.status)},
      {"observed", rollback.observed},
      {"by", rollback.by},
      {"reason", nullable(rollback.reason)},
      {"from_phase", to_text(rollback.plan.from_phase)},
      {"to_phase", to_text(rollback.plan.to_phase)},
      {"share_from", percent(range.share_from)},
      {"share_to", percent(range.share_to)},
      {"mirror_from", percent(range.mirror_from)},
      {"mirror_to", percent(range.mirror_to)},
      {"partial", rollback.plan.partial},
      {"of_routes", view.of_routes ? Json(*view.of_routes) : Json(nullptr)},
      {"force", rollback.plan.force},
      {"preserve_data", rollback.plan.preserve_data},
      {"started", to_text(rollback.plan.started)},
      {"ends", to_text(rollback.plan.ends)},
      {"ended", rollback.ended ? Json(to_text(*rollback.ended)) : Json(nullptr)},
      {"superseded_by",
       rollback.superseded_by ? Json(to_text(*rollback.superseded_by)) : Json(nullptr)},
      {"first_sequence", view.begun.value != 0 ? Json(view.begun.value) : Json(nullptr)},
      {"last_sequence", view.ended_at ? Json(view.ended_at->value) : Json(nullptr)},
      {"incident", rollback.incident ? Json(rollback.incident->opened.value) : Json(nullptr)},
      {"seconds_left", view.remaining ? Json(seconds(*view.remaining)) : Json(nullptr)},
      {"routes", std::move(routes)},
      {"now", amounts_json(view.observed)}
  };
}

namespace {

Json raise_json(const migration::Raise& raise, bool steered) {
  const auto ends = migration::ends_of(raise.plan);
  return {
      {"raise", to_text(raise.plan.id)},
      {"status", to_text(raise.status)},
      {"steered", steered},
      {"why", nullable(raise.why)},
      {"by", raise.by},
      {"phase", to_text(raise.plan.phase)},
      {"of", ends.mirror ? "mirror" : "share"},
      {"from", percent(ends.from)},
      {"to", percent(ends.to)},
      {"pause_after",
       raise.plan.pause_after ? Json(percent(*raise.plan.pause_after)) : Json(nullptr)},
      {"started", to_text(raise.plan.started)},
      {"ends", to_text(raise.plan.ends)},
      {"routes", raise.plan.routes.size()}
  };
}

Json halted_json(const migration::State& state) {
  Json halted = Json::array();
  for (const auto& [route, sequence] : state.halted_routes) {
    halted.push_back({{"route", to_text(route)}, {"halt", sequence.value}});
  }
  return halted;
}

}  // namespace

Json to_json(const RanView& view) {
  return {
      {"planned_seconds", seconds(view.planned)},
      {"ran_seconds", view.ran ? Json(seconds(*view.ran)) : Json(nullptr)},
      {"steps", view.steps},
      {"points_above_line", view.above ? Json(percent(*view.above)) : Json(nullptr)},
      {"stalls", view.stalls},
      {"executors", view.executors}
  };
}

Json to_json(const StatusView& view) {
  Json features = Json::array();
  for (const auto& [feature, amount] : view.state.features) {
    features.push_back(
        {{"feature", feature.text()}, {"percentage", amount_json(amount, view.looked)}}
    );
  }
  Json incidents = Json::array();
  for (const auto& incident : view.state.incidents) incidents.push_back(incident_json(incident));
  Json hooks = Json::array();
  for (const auto& due : view.state.hooks_due) {
    hooks.push_back(due_json(due, migration::entered_again(view.state, due)));
  }
  return {
      {"where", where_json(view.where)},
      {"sequence", view.sequence.value},
      {"recorded", to_text(view.recorded)},
      {"root", nullable(view.root)},
      {"state_digest", migration::state_digest(view.state)},
      {"as_of", view.as_of},
      {"phase", to_text(view.state.phase)},
      {"phase_text", view.phase},
      {"phase_since", to_text(view.state.phase_since)},
      {"phase_by", nullable(view.phase_by)},
      {"halt", view.state.halt ? Json(view.state.halt->value) : Json(nullptr)},
      {"routes", list_json(view.routes)},
      {"features", std::move(features)},
      {"running", list_json(view.running)},
      {"incidents", std::move(incidents)},
      {"hooks_due", std::move(hooks)},
      {"executed", view.executed},
      {"raise", view.state.raise ? raise_json(*view.state.raise, view.steered) : Json(nullptr)},
      {"halted_routes", halted_json(view.state)},
      {"open_raise", view.open_raise ? Json(*view.open_raise) : Json(nullptr)},
      {"last_rollback", view.last_rollback ? to_json(*view.last_rollback) : Json(nullptr)},
      {"reading", view.reading ? reading_json(*view.reading) : Json(nullptr)},
      {"router_error", nullable(view.router_error)},
      {"differences", differences_json(view.differences)},
      {"above", view.above},
      {"flat_down", view.flat_down},
      {"spooled", view.spooled},
      {"spool_error", nullable(view.spool_error)},
      {"anomalies", view.state.anomaly_count},
      {"sqlite_version", view.sqlite_version}
  };
}

Json to_json(const TrafficView& view) {
  Json others = Json::array();
  for (const auto& one : view.others) {
    others.push_back(
        {{"key", one.key}, {"share", percent(one.share)}, {"mirror", percent(one.mirror)}}
    );
  }
  Json old_workers = Json::array();
  for (const auto& one : view.old_workers) {
    old_workers.push_back(
        {{"balancer", one.balancer.text()},
         {"pid", one.pid},
         {"at_hierarchical", one.at_hierarchical()}}
    );
  }
  Json open = Json::array();
  for (const auto& id : view.open) open.push_back(to_text(id));
  return {
      {"where", where_json(view.where)},
      {"observed", view.observed},
      {"router_error", nullable(view.router_error)},
      {"ledger_error", view.ledger_error ? Json(view.ledger_error->what) : Json(nullptr)},
      {"hierarchical_low", percent(view.hierarchical_low)},
      {"hierarchical_high", percent(view.hierarchical_high)},
      {"hierarchical_weighted",
       view.hierarchical_weighted ? Json(percent(*view.hierarchical_weighted)) : Json(nullptr)},
      {"halted", view.halted},
      {"routes", list_json(view.routes)},
      {"differences", differences_json(view.differences)},
      {"others", std::move(others)},
      {"spooled", view.spooled},
      {"flat_down", view.flat_down},
      {"above", view.above},
      {"router_identity", view.identity},
      {"old_workers", std::move(old_workers)},
      {"notes", view.notes},
      {"fallen", view.fallen},
      {"open", std::move(open)}
  };
}

Json to_json(const TimelineEntry& view) {
  Json json{
      {"sequence", view.sequence.value},
      {"time", to_text(view.time)},
      {"recorded", to_text(view.recorded)},
      {"type", view.type},
      {"subject", nullable(view.subject)},
      {"actor", view.actor},
      {"auth", view.auth},
      {"via", view.via},
      {"reason", nullable(view.reason)},
      {"correlation", view.correlation},
      {"text", view.text}
  };
  // Of long texts alone: other entries keep their form.
  for (const migration::ObjectKept& kept : view.objects) {
    json["objects"].push_back(
        {{"object", to_hex(kept.object)}, {"bytes", kept.bytes}, {"of", to_text(kept.of)}}
    );
  }
  return json;
}

Json to_json(const FeatureView& view) {
  return {
      {"feature", view.feature.text()},
      {"percentage", amount_json(view.amount, view.looked)},
      {"reading", view.reading ? Json(percent(*view.reading)) : Json(nullptr)}
  };
}

Json to_json(const ActivityView& view) {
  return {
      {"system", view.system},
      {"known", view.known},
      {"why", nullable(view.why)},
      {"quiet", view.quiet()},
      {"sessions", view.sessions},
      {"queued", view.queued},
      {"arrived", view.arrived},
      {"window_seconds", seconds(view.window)}
  };
}

Json to_json(const Outcome& view) {
  // They run behind it: an exit code of 8 beside "done" is theirs.
  Json hooks = Json::array();
  for (const auto& due : view.state.hooks_due) {
    hooks.push_back(due_json(due, migration::entered_again(view.state, due)));
  }
  Json json{
      {"outcome", code_word(view.code)},
      {"headline", view.headline},
      {"detail", nullable(view.detail)},
      {"phase", to_text(view.state.phase)},
      {"moved", view.moved},
      {"hooks_due", std::move(hooks)},
      {"recorded",
       view.recorded == RecordedWhere::ledger  ? "ledger"
       : view.recorded == RecordedWhere::spool ? "spool"
                                               : "nowhere"},
      {"first_sequence", view.first ? Json(view.first->value) : Json(nullptr)},
      {"last_sequence", view.last ? Json(view.last->value) : Json(nullptr)},
      {"observed", amounts_json(view.observed)},
      {"gates", gates_json(view.gates)},
      {"rollback", view.rollback ? to_json(*view.rollback) : Json(nullptr)},
      {"notes", view.notes},
      {"break_glass", view.break_glass},
      {"next", nullable(view.next)}
  };
  if (view.cut_time.count() > 0) json["cut_milliseconds"] = seconds(view.cut_time) * 1000;
  return json;
}

}  // namespace hal9::engine
