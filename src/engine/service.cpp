#include "engine/service.h"

#include "base/id.h"
#include "base/result.h"
#include "engine/clock_note.h"
#include "engine/cut.h"
#include "engine/kept_objects.h"
#include "engine/make_command.h"
#include "engine/reach.h"
#include "engine/service_parts.h"
#include "engine/take_in.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "migration/codec.h"
#include "migration/commands.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hal9::engine {

Service::Service(Ports ports) : parts_(std::make_unique<Parts>(Parts{std::move(ports)})) {}
Service::~Service() = default;

Whereabouts Service::whereabouts() const {
  const auto& ports = parts_->ports;
  return {
      ports.configuration.ledger,
      ports.configuration.name.text(),
      ports.router->description(),
      "none (nobody watches)"
  };
}

const migration::Configuration& Service::configuration() const {
  return parts_->ports.configuration;
}

std::vector<std::string> Service::break_glass() const {
  return parts_->ports.router->break_glass();
}

bool Service::halts_routes() const {
  return parts_->ports.router->capabilities().halts_routes;
}

Result<void> Service::Parts::prepare(Writer& writer, const Asker& asker) {
  auto folded = writer.catch_up();
  if (!folded) return pass_on(folded);
  auto taken = take_spool_in(writer, *ports.spool, *ports.environment, asker);
  if (!taken) return pass_on(taken);
  const auto keep = [&](bool anew) {
    if (ports.accepted) ports.accepted(anew);
  };
  if (writer.state().configuration == migration::digest_of(ports.configuration)) {
    keep(false);
    return {};
  }
  Asker system = asker;
  system.reason.clear();
  auto accepted = writer.execute(
      make_command(*ports.environment, system, migration::AcceptConfiguration{ports.configuration})
  );
  if (!accepted) return pass_on(accepted);
  keep(true);
  return {};
}

Result<Outcome> Service::open_migration(const Asker& asker) {
  auto store = parts_->ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *parts_->ports.environment);
  auto opened = writer.execute(make_command(
      *parts_->ports.environment, asker, migration::OpenMigration{configuration().name}
  ));
  if (!opened) return pass_on(opened);
  auto prepared = parts_->prepare(writer, asker);
  if (!prepared) return pass_on(prepared);
  Outcome outcome;
  outcome.headline = "migration " + configuration().name.text() + " is open";
  outcome.state = writer.state();
  outcome.next = "hal9-migrate status";
  outcome.moved = true;
  return outcome;
}

Result<Outcome> Service::annotate(const Asker& asker, const migration::Annotate& annotation) {
  if (annotation.text.size() > kMaxAnnotationBytes) {
    return fail(
        Code::usage,
        "the text of an annotation has 1 MiB at most",
        "this one has " + std::to_string(annotation.text.size()) + " bytes",
        "nothing was changed",
        "hal9-migrate annotate \"what happened, and where the rest stands\""
    );
  }
  auto store = parts_->ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *parts_->ports.environment);
  auto prepared = parts_->prepare(writer, asker);
  if (!prepared) return pass_on(prepared);
  std::optional<CorrelationId> correlation;
  if (annotation.rollback) {
    auto known = parts_->rollback_view(**store, *annotation.rollback);
    if (!known) return pass_on(known);
    correlation = CorrelationId{annotation.rollback->bytes};
  }
  Outcome outcome;
  const auto command = parts_->whole_command(asker, annotation, outcome.notes, correlation);
  auto recorded = writer.execute(command);
  if (!recorded) return pass_on(recorded);
  // What was given to be kept is not, though the traffic of a rollback would not care.
  if (!outcome.notes.empty()) outcome.code = Code::partly_done;
  outcome.headline = "noted";
  outcome.state = writer.state();
  if (!recorded->events.empty()) {
    outcome.first = recorded->events.front().sequence;
    outcome.last = recorded->events.back().sequence;
  }
  if (auto stepped = clock_note(recorded->events, parts_->ports.environment->now())) {
    outcome.notes.push_back(std::move(*stepped));
  }
  outcome.moved = true;
  outcome.next = "hal9-migrate timeline";
  return outcome;
}

Outcome Service::emergency(
    const std::function<Asker()>& who, const EmergencyRequest& request, Progress& progress
) {
  std::vector<std::string> notes;
  auto& ports = parts_->ports;
  const auto reached = reach(*ports.router, ports.configuration, request, notes);
  auto outcome = engine::emergency(parts_->cut_parts(), who, reached, progress);
  outcome.notes.insert(outcome.notes.begin(), notes.begin(), notes.end());
  return outcome;
}

}  // namespace hal9::engine
