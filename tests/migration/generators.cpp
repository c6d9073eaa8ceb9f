#include "migration/generators.h"

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
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
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

namespace {

rc::Gen<RollbackId> any_id_of_a_cut() {
  return map(any_id<RollbackId>(), [](RollbackId id) {
    id.bytes[0] = 0xcc;
    return id;
  });
}
rc::Gen<RecordCut> any_cut() {
  return build<RecordCut>(
      set(&RecordCut::rollback, any_id_of_a_cut()),
      set(&RecordCut::kind, any_kind()),
      set(&RecordCut::started, any_time()),
      set(&RecordCut::observed_at, any_time()),
      set(&RecordCut::percentage, any_share()),
      set(&RecordCut::force, any_bool()),
      set(&RecordCut::preserve_data, any_bool()),
      set(&RecordCut::halt, any_bool()),
      set(&RecordCut::maintenance, any_bool()),
      set(&RecordCut::sessions_ended, any_number()),
      set(&RecordCut::before, any_amounts()),
      set(&RecordCut::applied, any_amounts()),
      set(&RecordCut::observed, any_amounts()),
      set(&RecordCut::features_observed, any_features()),
      set(&RecordCut::error, any_text()),
      set(&RecordCut::servers, some(any_server())),
      set(&RecordCut::servers_found, some(any_server())),
      set(&RecordCut::read_back, any_bool()),
      set(&RecordCut::selected, maybe(any_bool())),
      set(&RecordCut::incident, maybe(any_choice())),
      set(&RecordCut::aborted, maybe(any_id<RaiseId>()))
  );
}
rc::Gen<Move> any_move() {
  return build<Move>(
      set(&Move::phase, any_phase()),
      set(&Move::percentage, maybe(any_share())),
      set(&Move::include_held, any_bool()),
      set(&Move::gates, resize(2, container<std::vector<Gate>>(any_gate()))),
      set(&Move::halts_seen,
          map(element<std::uint64_t>(0, kMaxSequence),
              [](std::uint64_t value) { return ledger::Sequence{value}; })),
      set(&Move::gradual, maybe(any_span())),
      set(&Move::routes, maybe(some(any_route()))),
      set(&Move::pause_after, maybe(any_share())),
      set(&Move::named, maybe(any_bool()))
  );
}
rc::Gen<RollBack> any_rollback() {
  return build<RollBack>(
      set(&RollBack::from_phase, maybe(any_phase())),
      set(&RollBack::percentage, maybe(any_share())),
      set(&RollBack::gradual, maybe(any_span())),
      set(&RollBack::preserve_data, any_bool()),
      set(&RollBack::force, any_bool()),
      set(&RollBack::mirror_only, any_bool()),
      set(&RollBack::routes, maybe(some(any_route()))),
      set(&RollBack::to_phase, maybe(any_phase())),
      set(&RollBack::incident, maybe(any_choice())),
      set(&RollBack::previous_step, maybe(any_bool()))
  );
}
rc::Gen<ReportTraffic> any_traffic_report() {
  return build<ReportTraffic>(
      set(&ReportTraffic::fence, any_number()),
      set(&ReportTraffic::applied, any_amounts()),
      set(&ReportTraffic::observed, any_amounts()),
      set(&ReportTraffic::failed, some(any_route())),
      set(&ReportTraffic::error, any_text()),
      set(&ReportTraffic::halt_cleared, any_bool()),
      set(&ReportTraffic::read_back, any_bool()),
      set(&ReportTraffic::cleared, maybe(some(any_route()))),
      set(&ReportTraffic::drift, maybe(any_amounts())),
      set(&ReportTraffic::restarted, maybe(any_bool()))
  );
}
rc::Gen<ReportFeatures> any_features_report() {
  return build<ReportFeatures>(
      set(&ReportFeatures::fence, any_number()),
      set(&ReportFeatures::applied, any_features()),
      set(&ReportFeatures::observed, any_features()),
      set(&ReportFeatures::failed, some(any_name())),
      set(&ReportFeatures::error, any_text()),
      set(&ReportFeatures::read_back, any_bool())
  );
}

}  // namespace

rc::Gen<Share> any_share() {
  return map(
      rc::gen::oneOf(
          element<std::uint32_t>(0, 0, 500, 9999, 10000), inRange<std::uint32_t>(0, 10001)
      ),
      [](std::uint32_t value) { return Share::of_hundredths(value); }
  );
}

rc::Gen<Time> any_time() {
  const Time base = parse_time("2026-08-01T03:00:00.000000Z").value();
  return map(inRange<std::int64_t>(-5'000'000'000, 5'000'000'000), [base](std::int64_t value) {
    return base + Micros{value};
  });
}

rc::Gen<std::string> any_text() {
  return element<std::string>(
      "", "a \"quoted\" \\ text", "line\nfeed\ttab", std::string("nul\0inside", 10), "Zürich 🚦"
  );
}

rc::Gen<Route> any_route() {
  return element(
      route("us-west-2.substrate"),
      route("us-west-2.cognitive"),
      route("eu-west-1.substrate"),
      route("eu-west-1.cognitive"),
      route("mars.substrate")
  );
}

rc::Gen<std::vector<RouteAmount>> any_amounts() {
  return some(any_amount());
}

rc::Gen<RollbackPlan> any_plan() {
  return build<RollbackPlan>(
      set(&RollbackPlan::id, any_id<RollbackId>()),
      set(&RollbackPlan::kind, any_kind()),
      set(&RollbackPlan::started, any_time()),
      set(&RollbackPlan::ends, any_time()),
      set(&RollbackPlan::from_phase, any_phase()),
      set(&RollbackPlan::to_phase, any_phase()),
      set(&RollbackPlan::partial, any_bool()),
      set(&RollbackPlan::force, any_bool()),
      set(&RollbackPlan::preserve_data, any_bool()),
      set(&RollbackPlan::routes, some(any_lowering()))
  );
}

rc::Gen<HttpSettings> any_http() {
  return build<HttpSettings>(
      set(&HttpSettings::read_url, any_text()),
      set(&HttpSettings::read_value, any_text()),
      set(&HttpSettings::set_body, any_text()),
      set(&HttpSettings::token_file, any_text()),
      set(&HttpSettings::flat_health, some(any_text())),
      set(&HttpSettings::timeout, any_span())
  );
}

rc::Gen<Hook> any_hook() {
  return rc::gen::exec([] {
    Hook hook;
    hook.name = *any_name();
    hook.on = *element(HookOn::phase_end, HookOn::rollback_end);
    hook.phase = *maybe(any_phase());
    hook.command = {"/bin/" + *any_text(), *any_text()};
    hook.timeout = *any_span();
    return hook;
  });
}

namespace {

void set_weights(Configuration& configuration) {
  configuration.router = RouterKind::haproxy_weights;
  WeightPool pool{*any_text(), {*any_route()}, *some(any_text()), *some(any_text())};
  configuration.weights = WeightSettings{{pool}};
  if (*any_bool()) configuration.weights->state_file = "/var/" + *any_text();
}

}  // namespace

rc::Gen<Configuration> any_configuration() {
  return rc::gen::exec([] {
    auto configuration = small_configuration();
    if (*any_bool()) configuration.components.pop_back();
    if (*any_bool()) configuration.features = *some(any_name());
    configuration.strict_gates = *any_bool();
    configuration.session_grace = *any_span();
    if (*any_bool()) configuration.seal_witnesses = {"/mnt/" + *any_text()};
    if (*any_bool()) configuration.seal_commands = {{"/bin/" + *any_text(), *any_text()}};
    if (*any_bool()) configuration.seal_every = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
    if (*any_bool()) configuration.seal_within = *any_span();
    if (*any_bool()) configuration.hooks = *some(any_hook());
    if (*any_bool()) {
      configuration.incidents_by =
          *element(IncidentsBy::hand, IncidentsBy::emergency, IncidentsBy::rollback);
    }
    if (*any_bool()) {
      configuration.router = RouterKind::haproxy;
      Balancer balancer{name("lb1"), "/run/" + *any_text()};
      if (*any_bool()) balancer.address = *any_text();
      if (*any_bool()) balancer.maps = "/etc/" + *any_text();
      if (*any_bool()) balancer.elsewhere = *any_bool();
      if (*any_bool()) balancer.master = "/run/" + *any_text();
      configuration.haproxy.balancers = {balancer};
      configuration.haproxy.flat_servers = *some(any_text());
    }
    if (*any_bool()) {
      configuration.router = RouterKind::exec;
      configuration.exec = ExecSettings{{"/bin/" + *any_text(), *any_text()}, *any_span()};
    }
    if (*any_bool()) {
      configuration.router = RouterKind::http;
      configuration.http = *any_http();
    }
    if (*any_bool()) set_weights(configuration);
    return configuration;
  });
}

rc::Gen<CommandBody> any_later_body() {
  return rc::gen::weightedOneOf<CommandBody>({
      {2,
       as<CommandBody>(build<StepRaise>(
           set(&StepRaise::raise, any_id<RaiseId>()),
           set(&StepRaise::at, any_sequence()),
           set(&StepRaise::gates, resize(2, container<std::vector<Gate>>(any_gate()))),
           set(&StepRaise::routes, any_amounts())
       ))},
      {1,
       as<CommandBody>(build<PauseRaise>(
           set(&PauseRaise::raise, any_id<RaiseId>()),
           set(&PauseRaise::at, any_sequence()),
           set(&PauseRaise::why, any_text())
       ))},
      {1,
       as<CommandBody>(build<ResumeRaise>(
           set(&ResumeRaise::gates, resize(2, container<std::vector<Gate>>(any_gate()))),
           set(&ResumeRaise::halts_seen, any_sequence()),
           set(&ResumeRaise::pause_after, maybe(any_share()))
       ))},
      {1, as<CommandBody>(rc::gen::just(AbortRaise{}))},
      {1,
       as<CommandBody>(build<CancelRollback>(
           set(&CancelRollback::rollback, any_id<RollbackId>()),
           set(&CancelRollback::observed, any_amounts()),
           set(&CancelRollback::read_back, any_bool())
       ))},
      {1,
       as<CommandBody>(build<OpenIncident>(
           set(&OpenIncident::severity, any_severity()),
           set(&OpenIncident::title, any_text()),
           set(&OpenIncident::commander, maybe(any_name())),
           set(&OpenIncident::external, some(any_external()))
       ))},
      {1,
       as<CommandBody>(build<ChangeIncident>(
           set(&ChangeIncident::incident, any_incident()),
           set(&ChangeIncident::severity, maybe(any_severity())),
           set(&ChangeIncident::title, maybe(any_text())),
           set(&ChangeIncident::commander, maybe(any_name())),
           set(&ChangeIncident::external, some(any_external()))
       ))},
      {1, as<CommandBody>(build<CloseIncident>(set(&CloseIncident::incident, any_incident())))},
      {2,
       as<CommandBody>(build<ReportHook>(
           set(&ReportHook::hook, any_name()),
           set(&ReportHook::since, any_sequence()),
           set(&ReportHook::end, any_hook_end()),
           set(&ReportHook::code, maybe(any_number())),
           set(&ReportHook::took, any_span()),
           set(&ReportHook::error, any_text())
       ))},
      {1, as<CommandBody>(build<DismissHook>(set(&DismissHook::hook, any_name())))},
  });
}

rc::Gen<CommandBody> any_body() {
  return rc::gen::weightedOneOf<CommandBody>({
      {1, as<CommandBody>(build<OpenMigration>(set(&OpenMigration::name, any_name())))},
      {1,
       as<CommandBody>(
           build<AcceptConfiguration>(set(&AcceptConfiguration::configuration, any_configuration()))
       )},
      {6, as<CommandBody>(any_move())},
      {4, as<CommandBody>(any_rollback())},
      {2,
       as<CommandBody>(build<SetFeature>(
           set(&SetFeature::feature, any_name()),
           set(&SetFeature::percentage, any_share()),
           set(&SetFeature::gates, resize(1, container<std::vector<Gate>>(any_gate())))
       ))},
      {1,
       as<CommandBody>(build<Annotate>(
           set(&Annotate::text, any_text()),
           set(&Annotate::source, any_text()),
           set(&Annotate::at, maybe(any_time())),
           set(&Annotate::rollback, maybe(any_id<RollbackId>()))
       ))},
      {1, as<CommandBody>(rc::gen::just(TakeExecutor{}))},
      {3, as<CommandBody>(any_traffic_report())},
      {1, as<CommandBody>(any_features_report())},
      {2, as<CommandBody>(any_cut())},
      {1,
       as<CommandBody>(build<TakeSpool>(
           set(&TakeSpool::commands, any_number()), set(&TakeSpool::unreadable, some(any_text()))
       ))},
      {13, any_later_body()},
  });
}

rc::Gen<Command> any_command() {
  return rc::gen::exec([] {
    Command command;
    command.id = *any_id<CommandId>();
    command.at = *any_time();
    command.actor = {
        *element(AuthType::user, AuthType::unverified, AuthType::system, AuthType::unknown),
        "os:" + *any_text(),
        *element(Role::viewer, Role::admin),
        *element(Via::cli, Via::spool)
    };
    command.reason = *any_text();
    command.correlation = *any_id<CorrelationId>();
    command.body = *any_body();
    return command;
  });
}

}  // namespace hal9::migration::test
