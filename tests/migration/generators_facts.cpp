// Facts of every type.
#include "base/id.h"
#include "base/name.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/generator_parts.h"
#include "migration/generators.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"
#include "migration/support.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hal9::migration::test {

rc::Gen<RaisePlan> any_raise() {
  const auto route_raise = build<RouteRaise>(
      set(&RouteRaise::route, any_route()),
      set(&RouteRaise::share_from, any_share()),
      set(&RouteRaise::share_to, any_share()),
      set(&RouteRaise::share_begun, any_share()),
      set(&RouteRaise::mirror_from, any_share()),
      set(&RouteRaise::mirror_to, any_share()),
      set(&RouteRaise::mirror_begun, any_share())
  );
  return build<RaisePlan>(
      set(&RaisePlan::id, any_id<RaiseId>()),
      set(&RaisePlan::phase, any_phase()),
      set(&RaisePlan::started, any_time()),
      set(&RaisePlan::ends, any_time()),
      set(&RaisePlan::pause_after, maybe(any_share())),
      set(&RaisePlan::routes, some(route_raise)),
      set(&RaisePlan::phase_begun, maybe(any_phase())),
      set(&RaisePlan::held_begun, maybe(some(any_route())))
  );
}

namespace {

rc::Gen<ObjectKept> any_object() {
  const auto digest = map(any_name(), [](const Name& text) { return sha256(text.text()); });
  return build<ObjectKept>(
      set(&ObjectKept::object, digest),
      set(&ObjectKept::bytes, any_number()),
      set(&ObjectKept::of, element(ObjectOf::reason, ObjectOf::annotation, ObjectOf::output))
  );
}

rc::Gen<Fact> any_traffic_fact() {
  return rc::gen::oneOf(
      as<Fact>(build<MigrationOpened>(set(&MigrationOpened::name, any_name()))),
      as<Fact>(map(
          any_configuration(),
          [](const Configuration& value) { return ConfigurationAccepted{digest_of(value), value}; }
      )),
      as<Fact>(build<GatesChecked>(
          set(&GatesChecked::phase, any_phase()), set(&GatesChecked::gates, some(any_gate()))
      )),
      as<Fact>(build<PhaseEntered>(
          set(&PhaseEntered::from, any_phase()), set(&PhaseEntered::to, any_phase())
      )),
      as<Fact>(build<TrafficRequested>(set(&TrafficRequested::routes, any_amounts()))),
      as<Fact>(with_fence_and_routes<TrafficApplied>()),
      as<Fact>(with_fence_and_routes<TrafficObserved>()),
      as<Fact>(with_fence_and_routes<TrafficRecorded>()),
      as<Fact>(build<TrafficFailed>(
          set(&TrafficFailed::fence, any_number()),
          set(&TrafficFailed::routes, some(any_route())),
          set(&TrafficFailed::error, any_text())
      ))
  );
}

rc::Gen<Fact> any_feature_fact() {
  return rc::gen::oneOf(
      as<Fact>(build<FeatureRequested>(set(&FeatureRequested::features, any_features()))),
      as<Fact>(with_fence_and_features<FeatureApplied>()),
      as<Fact>(with_fence_and_features<FeatureObserved>()),
      as<Fact>(with_fence_and_features<FeatureRecorded>()),
      as<Fact>(build<FeatureFailed>(
          set(&FeatureFailed::fence, any_number()),
          set(&FeatureFailed::features, some(any_name())),
          set(&FeatureFailed::error, any_text())
      ))
  );
}

rc::Gen<Fact> any_rollback_fact() {
  return rc::gen::oneOf(
      as<Fact>(build<RollbackStarted>(set(&RollbackStarted::plan, any_plan()))),
      as<Fact>(build<RollbackAsked>(
          set(&RollbackAsked::kind, any_kind()),
          set(&RollbackAsked::joined, maybe(any_id<RollbackId>()))
      )),
      as<Fact>(build<RollbackSuperseded>(
          set(&RollbackSuperseded::rollback, any_id<RollbackId>()),
          set(&RollbackSuperseded::by, any_id<RollbackId>())
      )),
      as<Fact>(build<RollbackCompleted>(
          set(&RollbackCompleted::rollback, any_id<RollbackId>()),
          set(&RollbackCompleted::observed, any_bool())
      )),
      as<Fact>(build<RollbackStalled>(
          set(&RollbackStalled::rollback, any_id<RollbackId>()),
          set(&RollbackStalled::error, any_text())
      ))
  );
}

rc::Gen<Fact> any_other_fact() {
  return rc::gen::oneOf(
      as<Fact>(build<HaltSet>(
          set(&HaltSet::maintenance, any_bool()),
          set(&HaltSet::sessions_ended, any_number()),
          set(&HaltSet::servers, some(any_server()))
      )),
      as<Fact>(build<HaltReleased>(set(&HaltReleased::up_to, any_sequence()))),
      as<Fact>(build<HaltCleared>(set(&HaltCleared::fence, any_number()))),
      as<Fact>(build<ExecutorTaken>(set(&ExecutorTaken::fence, any_number()))),
      as<Fact>(build<SpoolTaken>(
          set(&SpoolTaken::commands, any_number()), set(&SpoolTaken::unreadable, some(any_text()))
      )),
      as<Fact>(build<AnnotationAdded>(
          set(&AnnotationAdded::text, any_text()),
          set(&AnnotationAdded::source, any_text()),
          set(&AnnotationAdded::rollback, maybe(any_id<RollbackId>()))
      )),
      as<Fact>(any_object())
  );
}

rc::Gen<Fact> any_later_fact() {
  return rc::gen::oneOf(
      as<Fact>(build<RollbackCancelled>(
          set(&RollbackCancelled::rollback, any_id<RollbackId>()),
          set(&RollbackCancelled::routes, any_amounts())
      )),
      as<Fact>(build<RoutesHalted>(set(&RoutesHalted::routes, some(any_route())))),
      as<Fact>(build<RoutesCleared>(
          set(&RoutesCleared::fence, any_number()), set(&RoutesCleared::routes, some(any_route()))
      )),
      as<Fact>(build<RaiseStarted>(set(&RaiseStarted::plan, any_raise()))),
      as<Fact>(build<RaisePaused>(
          set(&RaisePaused::raise, any_id<RaiseId>()), set(&RaisePaused::why, any_text())
      )),
      as<Fact>(build<RaiseResumed>(set(&RaiseResumed::plan, any_raise()))),
      as<Fact>(build<RaiseEnded>(
          set(&RaiseEnded::raise, any_id<RaiseId>()),
          set(&RaiseEnded::end,
              element(
                  RaiseEnd::completed, RaiseEnd::aborted, RaiseEnd::failed, RaiseEnd::superseded
              )),
          set(&RaiseEnded::why, any_text()),
          set(&RaiseEnded::rollback, maybe(any_id<RollbackId>())),
          set(&RaiseEnded::held, maybe(some(any_route())))
      ))
  );
}

rc::Gen<Fact> any_incident_fact() {
  return rc::gen::oneOf(
      as<Fact>(build<IncidentOpened>(
          set(&IncidentOpened::severity, any_severity()),
          set(&IncidentOpened::title, any_text()),
          set(&IncidentOpened::commander, maybe(any_name())),
          set(&IncidentOpened::external, some(any_external())),
          set(&IncidentOpened::rollback, maybe(any_id<RollbackId>()))
      )),
      as<Fact>(build<IncidentChanged>(
          set(&IncidentChanged::incident, any_incident()),
          set(&IncidentChanged::severity, maybe(any_severity())),
          set(&IncidentChanged::title, maybe(any_text())),
          set(&IncidentChanged::commander, maybe(any_name())),
          set(&IncidentChanged::external, some(any_external()))
      )),
      as<Fact>(build<IncidentJoined>(
          set(&IncidentJoined::incident, any_incident()),
          set(&IncidentJoined::rollback, any_id<RollbackId>())
      )),
      as<Fact>(build<IncidentClosed>(set(&IncidentClosed::incident, any_incident()))),
      as<Fact>(build<HookRan>(
          set(&HookRan::hook, any_name()),
          set(&HookRan::since, any_sequence()),
          set(&HookRan::attempt, any_number()),
          set(&HookRan::end, any_hook_end()),
          set(&HookRan::code, maybe(any_number())),
          set(&HookRan::took, any_span()),
          set(&HookRan::error, any_text())
      )),
      as<Fact>(build<HookDismissed>(
          set(&HookDismissed::hook, any_name()), set(&HookDismissed::since, any_sequence())
      )),
      as<Fact>(build<DriftFound>(
          set(&DriftFound::fence, any_number()),
          set(&DriftFound::restarted, any_bool()),
          set(&DriftFound::routes, any_amounts())
      ))
  );
}

}  // namespace

// Each type as likely as any other.
rc::Gen<Fact> any_fact() {
  return rc::gen::weightedOneOf<Fact>({
      {9, any_traffic_fact()},
      {5, any_feature_fact()},
      {5, any_rollback_fact()},
      {7, any_other_fact()},
      {7, any_later_fact()},
      {7, any_incident_fact()},
  });
}

}  // namespace hal9::migration::test
