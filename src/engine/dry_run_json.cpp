// The JSON form of a dry run. Stable: scripts read it.
#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/dry_run.h"
#include "engine/json_parts.h"
#include "engine/views_json.h"
#include "migration/amounts.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <optional>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

Json ids_json(const std::vector<RollbackId>& ids) {
  Json list = Json::array();
  for (const auto& id : ids) list.push_back(to_text(id));
  return list;
}

Json halts_json(Halts halts) {
  switch (halts) {
    case Halts::nothing:
      return nullptr;
    case Halts::routes:
      return "routes";
    case Halts::everything:
      return "all";
  }
  return nullptr;
}

Json plan_json(const migration::RollbackPlan& plan) {
  return {
      {"kind", to_text(plan.kind)},
      {"from_phase", to_text(plan.from_phase)},
      {"to_phase", to_text(plan.to_phase)},
      {"partial", plan.partial},
      {"seconds", seconds(plan.ends - plan.started)},
      {"routes", plan.routes.size()}
  };
}

Json step_json(const PlannedStep& step) {
  Json routes = Json::array();
  for (const auto& amount : step.routes) {
    routes.push_back(
        {{"route", to_text(amount.route)},
         {"share", percent(amount.share.value_or(Share{}))},
         {"mirror", percent(amount.mirror.value_or(Share{}))}}
    );
  }
  return {{"after_seconds", seconds(step.after)}, {"routes", std::move(routes)}};
}

Json amounts_of(const std::vector<migration::RouteAmount>& amounts) {
  const auto nullable_share = [](const std::optional<Share>& share) {
    return share ? Json(percent(*share)) : Json(nullptr);
  };
  Json routes = Json::array();
  for (const auto& amount : amounts) {
    routes.push_back(
        {{"route", to_text(amount.route)},
         {"share", nullable_share(amount.share)},
         {"mirror", nullable_share(amount.mirror)}}
    );
  }
  return routes;
}

Json forward_json(const ForwardPlan& plan) {
  return {
      {"from_phase", to_text(plan.from)},
      {"to_phase", to_text(plan.to)},
      {"now", amounts_of(plan.now)},
      {"at_once", amounts_of(plan.at_once)},
      {"seconds", plan.raise ? Json(seconds(plan.raise->ends - plan.raise->started)) : Json(nullptr)
      },
      {"pause_after",
       plan.raise && plan.raise->pause_after ? Json(percent(*plan.raise->pause_after))
                                             : Json(nullptr)},
      {"clears_halt", plan.clears_halt}
  };
}

Json features_json(const std::vector<migration::FeatureAmount>& features) {
  Json list = Json::array();
  for (const auto& one : features) {
    list.push_back({{"feature", one.feature.text()}, {"percentage", percent(one.percentage)}});
  }
  return list;
}

}  // namespace

Json to_json(const DryRunView& view) {
  Json steps = Json::array();
  for (const auto& step : view.steps) steps.push_back(step_json(step));
  Json checks = Json::array();
  for (const auto& check : view.checks) {
    checks.push_back({{"name", check.name}, {"holds", check.holds}, {"seen", check.seen}});
  }
  Json resumes = Json::array();
  for (const auto& plan : view.resumes) resumes.push_back(to_text(plan.id));
  return {
      {"where", where_json(view.where)},
      {"dry_run", true},
      {"phase", view.phase},
      {"looked", view.looked},
      {"plan", view.plan ? plan_json(*view.plan) : Json(nullptr)},
      {"joins", view.joins ? Json(to_text(*view.joins)) : Json(nullptr)},
      {"supersedes", ids_json(view.supersedes)},
      {"beside", ids_json(view.beside)},
      {"ends_raise", view.ends_raise},
      {"halts", halts_json(view.halts)},
      {"steps", std::move(steps)},
      {"checks", std::move(checks)},
      {"risks", view.risks},
      {"afterwards", view.afterwards},
      {"estimate",
       {{"seconds", view.estimate ? Json(seconds(*view.estimate)) : Json(nullptr)},
        {"from", nullable(view.estimated_from)}}},
      {"authority", view.authority},
      {"forward", view.forward ? forward_json(*view.forward) : Json(nullptr)},
      {"features", features_json(view.features)},
      {"gates", gates_json(view.gates)},
      {"refused", view.refused ? Json(view.refused->what) : Json(nullptr)},
      {"resumes", std::move(resumes)},
      {"cancels", view.cancels ? Json(to_text(view.cancels->rollback)) : Json(nullptr)},
      {"held_at", view.cancels ? amounts_of(view.cancels->held_at) : Json::array()}
  };
}

}  // namespace hal9::engine
