// `rollback --emergency --dry-run`: what the ledger would say once the router had done it.

#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/dry_run.h"
#include "engine/make_command.h"
#include "engine/others.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/rollback.h"
#include "migration/selection.h"

#include <utility>

namespace hal9::engine {

namespace {

// As if every balancer had answered. One that does not is named by the look at the router.
migration::RecordCut as_cut(
    Router& router, const migration::Configuration& configuration, const EmergencyRequest& request
) {
  migration::RecordCut cut;
  cut.kind = migration::RollbackKind::emergency;
  cut.force = request.force;
  cut.preserve_data = request.preserve_data;
  cut.halt = router.capabilities().halts;
  cut.read_back = router.capabilities().moves_traffic;
  cut.incident = request.incident;
  if (request.routes) cut.selected = true;
  for (const auto& route : migration::routes_of(configuration)) {
    if (!migration::is_selected(request.routes, route)) continue;
    cut.applied.push_back({route, Share::none(), Share::none()});
  }
  if (auto reading = router.read()) {
    for (const auto& route : reading->routes) {
      if (!migration::is_selected(request.routes, route.route)) continue;
      cut.before.push_back({route.route, route.share, route.mirror});
    }
    if (!request.routes) {
      for (const auto& other : others_up(*reading)) {
        cut.before.push_back(other);
        cut.applied.push_back({other.route, Share::none(), Share::none()});
      }
    }
  }
  cut.observed = cut.applied;
  return cut;
}

}  // namespace

Result<DryRunView> Service::dry_run_emergency(const Asker& asker, const EmergencyRequest& request) {
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  auto& router = *parts_->ports.router;
  auto cut = as_cut(router, configuration(), request);
  cut.started = cut.observed_at = parts_->ports.environment->now();
  auto command = make_command(*parts_->ports.environment, asker, std::move(cut));
  std::get<migration::RecordCut>(command.body).rollback = RollbackId{command.id.bytes};
  auto decided = migration::decide(*state, command);
  if (!decided) return pass_on(decided);
  auto view = dry_run_back(*state, *decided, request.preserve_data);
  if (view && router.capabilities().halts) {
    view->halts = request.routes ? Halts::routes : Halts::everything;
  }
  return view;
}

}  // namespace hal9::engine
