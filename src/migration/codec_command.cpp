#include "base/result.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/codec.h"
#include "migration/codec_io.h"
#include "migration/codec_parts.h"  // IWYU pragma: keep (fields() found by argument)
#include "migration/codec_scan.h"
#include "migration/commands.h"
#include "migration/incident.h"
#include "migration/object.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hal9::migration {

namespace {

// In the order of the variant. FROZEN: the spool and idempotency digests hold them.
constexpr std::array<std::string_view, 21> kCommands{
    "open-migration",  "accept-configuration", "move",
    "roll-back",       "set-feature",          "annotate",
    "take-executor",   "report-traffic",       "report-features",
    "record-cut",      "take-spool",           "step-raise",
    "pause-raise",     "resume-raise",         "abort-raise",
    "cancel-rollback", "open-incident",        "change-incident",
    "close-incident",  "report-hook",          "dismiss-hook",
};
static_assert(kCommands.size() == std::variant_size_v<CommandBody>);

}  // namespace

template <class Io, Is<Actor> T>
void fields(Io& io, T& x) {
  io("auth", x.auth);
  io("id", x.id);
  io("role", x.role);
  io("via", x.via);
}
template <class Io, Is<OpenMigration> T>
void fields(Io& io, T& x) {
  io("name", x.name);
}
template <class Io, Is<AcceptConfiguration> T>
void fields(Io& io, T& x) {
  io("configuration", x.configuration);
}
template <class Io, Is<Move> T>
void fields(Io& io, T& x) {
  io("phase", x.phase);
  io("percentage", x.percentage);
  io("include_held", x.include_held);
  io("gates", x.gates);
  io("halts_seen", x.halts_seen);
  io("gradual_us", x.gradual);
  io("routes", x.routes);
  io("pause_after", x.pause_after);
  io("named", x.named);
}
template <class Io, Is<IncidentChoice> T>
void fields(Io& io, T& x) {
  std::optional<ledger::Sequence> joins;
  if (x.joins) joins = x.joins->opened;
  io("joins", joins);
  if constexpr (Io::kReads) {
    x.joins.reset();
    if (joins) x.joins = IncidentId{*joins};
  }
}
template <class Io, Is<RollBack> T>
void fields(Io& io, T& x) {
  io("from_phase", x.from_phase);
  io("percentage", x.percentage);
  io("gradual_us", x.gradual);
  io("preserve_data", x.preserve_data);
  io("force", x.force);
  io("mirror_only", x.mirror_only);
  io("routes", x.routes);
  io("to_phase", x.to_phase);
  io("incident", x.incident);
  io("previous_step", x.previous_step);
}
template <class Io, Is<SetFeature> T>
void fields(Io& io, T& x) {
  io("feature", x.feature);
  io("percentage", x.percentage);
  io("gates", x.gates);
}
template <class Io, Is<Annotate> T>
void fields(Io& io, T& x) {
  io("text", x.text);
  io("source", x.source);
  io("at", x.at);
  io("rollback", x.rollback);
}
template <class Io, Is<TakeExecutor> T>
void fields(Io& /*io*/, T& /*x*/) {}
template <class Io, Is<ReportTraffic> T>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("applied", x.applied);
  io("observed", x.observed);
  io("failed", x.failed);
  io("error", x.error);
  io("halt_cleared", x.halt_cleared);
  io("read_back", x.read_back);
  io("cleared", x.cleared);
  io("drift", x.drift);
  io("restarted", x.restarted);
}
template <class Io, Is<ReportFeatures> T>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("applied", x.applied);
  io("observed", x.observed);
  io("failed", x.failed);
  io("error", x.error);
  io("read_back", x.read_back);
}
template <class Io, Is<RecordCut> T>
void fields(Io& io, T& x) {
  io("rollback", x.rollback);
  io("kind", x.kind);
  io("started", x.started);
  io("observed_at", x.observed_at);
  io("percentage", x.percentage);
  io("force", x.force);
  io("preserve_data", x.preserve_data);
  io("halt", x.halt);
  io("maintenance", x.maintenance);
  io("sessions_ended", x.sessions_ended);
  io("before", x.before);
  io("applied", x.applied);
  io("observed", x.observed);
  io("features_observed", x.features_observed);
  io("error", x.error);
  io("servers", x.servers);
  io("servers_found", x.servers_found);
  io("read_back", x.read_back);
  io("selected", x.selected);
  io("incident", x.incident);
  io("aborted", x.aborted);
}
template <class Io, Is<TakeSpool> T>
void fields(Io& io, T& x) {
  io("commands", x.commands);
  io("unreadable", x.unreadable);
}
template <class Io, Is<StepRaise> T>
void fields(Io& io, T& x) {
  io("raise", x.raise);
  io("at", x.at);
  io("gates", x.gates);
  io("routes", x.routes);
}
template <class Io, Is<PauseRaise> T>
void fields(Io& io, T& x) {
  io("raise", x.raise);
  io("at", x.at);
  io("why", x.why);
}
template <class Io, Is<ResumeRaise> T>
void fields(Io& io, T& x) {
  io("gates", x.gates);
  io("halts_seen", x.halts_seen);
  io("pause_after", x.pause_after);
}
template <class Io, Is<AbortRaise> T>
void fields(Io& /*io*/, T& /*x*/) {}
template <class Io, Is<CancelRollback> T>
void fields(Io& io, T& x) {
  io("rollback", x.rollback);
  io("observed", x.observed);
  io("read_back", x.read_back);
}
template <class Io, Is<OpenIncident> T>
void fields(Io& io, T& x) {
  io("severity", x.severity);
  io("title", x.title);
  io("commander", x.commander);
  io("external", x.external);
}
template <class Io, Is<ChangeIncident> T>
void fields(Io& io, T& x) {
  io("incident", x.incident.opened);
  io("severity", x.severity);
  io("title", x.title);
  io("commander", x.commander);
  io("external", x.external);
}
template <class Io, Is<ReportHook> T>
void fields(Io& io, T& x) {
  io("hook", x.hook);
  io("since", x.since);
  io("end", x.end);
  io("code", x.code);
  io("took_us", x.took);
  io("error", x.error);
}
template <class Io, Is<DismissHook> T>
void fields(Io& io, T& x) {
  io("hook", x.hook);
}
template <class Io, Is<CloseIncident> T>
void fields(Io& io, T& x) {
  io("incident", x.incident.opened);
}

namespace {

// Makes `body` the alternative that `name` names.
template <std::size_t I = 0>
bool become(CommandBody& body, std::string_view name) {
  if constexpr (I < std::variant_size_v<CommandBody>) {
    if (kCommands.at(I) != name) return become<I + 1>(body, name);
    body.emplace<I>();
    return true;
  } else {
    return false;
  }
}

}  // namespace

template <class Io, Is<Command> T>
void fields(Io& io, T& x) {
  io("id", x.id);
  io("at", x.at);
  io("actor", x.actor);
  io("reason", x.reason);
  io("correlation", x.correlation);
  std::string name(kCommands.at(x.body.index()));
  io("command", name);
  if constexpr (Io::kReads) {
    if (!become(x.body, name)) io.refuse("command", "is not known");
  }
  std::visit([&](auto& body) { io("body", body); }, x.body);
  // Left out where there is none: commands from before there were objects keep their bytes.
  std::optional<std::vector<ObjectKept>> objects;
  if (!x.objects.empty()) objects = x.objects;
  io("objects", objects);
  if constexpr (Io::kReads) x.objects = objects.value_or(std::vector<ObjectKept>());
}

std::string encode_command(const Command& command) {
  return encode_fields(command);
}

Result<Command> decode_command(std::string_view json) {
  return decode_fields<Command>("command", json);
}

}  // namespace hal9::migration
