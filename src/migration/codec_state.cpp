#include "base/name.h"
#include "base/result.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/codec_io.h"
#include "migration/codec_parts.h"  // IWYU pragma: keep (fields() found by argument)
#include "migration/codec_scan.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

template <class Io, Is<Amount> T>
void fields(Io& io, T& x) {
  io("requested", x.requested);
  io("applied", x.applied);
  io("observed", x.observed);
}
template <class Io, Is<Step> T>
void fields(Io& io, T& x) {
  io("sequence", x.sequence);
  io("share", x.share);
  io("mirror", x.mirror);
}
template <class Io, Is<RouteState> T>
void fields(Io& io, T& x) {
  io("share", x.share);
  io("mirror", x.mirror);
  io("held", x.held);
  io("configured", x.configured);
  io("steps", x.steps);
}
template <class Io, Is<Anomaly> T>
void fields(Io& io, T& x) {
  io("sequence", x.sequence);
  io("what", x.what);
}
template <class Io, Is<Rollback> T>
void fields(Io& io, T& x) {
  io("plan", x.plan);
  io("status", x.status);
  io("by", x.by);
  io("reason", x.reason);
  io("ended", x.ended);
  io("superseded_by", x.superseded_by);
  io("observed", x.observed);
  std::optional<ledger::Sequence> incident;
  if (x.incident) incident = x.incident->opened;
  io("incident", incident);
  if constexpr (Io::kReads) {
    x.incident.reset();
    if (incident) x.incident = IncidentId{*incident};
  }
}

template <class Io, Is<Raise> T>
void fields(Io& io, T& x) {
  io("plan", x.plan);
  io("status", x.status);
  io("at", x.at);
  io("by", x.by);
  io("reason", x.reason);
  io("why", x.why);
}

template <class Io, Is<Incident> T>
void fields(Io& io, T& x) {
  io("incident", x.id.opened);
  io("opened", x.opened);
  io("severity", x.severity);
  io("title", x.title);
  io("commander", x.commander);
  io("external", x.external);
  io("by", x.by);
  io("rollbacks", x.rollbacks);
}

template <class Io, Is<HookRule> T>
void fields(Io& io, T& x) {
  io("hook", x.name);
  io("on", x.on);
  io("phase", x.phase);
}
template <class Io, Is<DueHook> T>
void fields(Io& io, T& x) {
  io("hook", x.hook);
  io("since", x.since);
  io("at", x.at);
  io("on", x.on);
  io("phase", x.phase);
  io("rollback", x.rollback);
  io("attempts", x.attempts);
  io("last", x.last);
}

// A list that is left out where it is empty: states from before keep their bytes.
template <class Io, class T>
void list(Io& io, std::string_view name, std::vector<T>& x) {
  std::optional<std::vector<T>> some;
  if (!x.empty()) some = x;
  io(name, some);
  if constexpr (Io::kReads) x = some.value_or(std::vector<T>());
}
template <class Io, class T>
void list(Io& io, std::string_view name, const std::vector<T>& x) {
  std::optional<std::vector<T>> some;
  if (!x.empty()) some = x;
  io(name, some);
}

template <class Io, Is<State> T>
void fields(Io& io, T& x) {
  std::string fold(kFold);
  io("fold", fold);
  if (fold != kFold) return;  // another fold's state: its members are not looked at
  io("sequence", x.sequence);
  io("time", x.time);
  std::optional<Name> name;  // a ledger without its first event has none
  if (!x.name.text().empty()) name = x.name;
  io("name", name);
  if constexpr (Io::kReads) x.name = name.value_or(Name{});
  io("phase", x.phase);
  io("phase_since", x.phase_since);
  io("phase_by", x.phase_by);
  io("routes", x.routes);
  io("features", x.features);
  io("last_share", x.last_share);
  io("configuration", x.configuration);
  io("configuration_at", x.configuration_at);
  io("strict_gates", x.strict_gates);
  io("halt", x.halt);
  io("halt_released", x.halt_released);
  io("halt_servers", x.halt_servers);
  io("fence", x.fence);
  io("running", x.running);
  io("last_rollback", x.last_rollback);
  io("anomaly_count", x.anomaly_count);
  io("anomalies", x.anomalies);
  io("raise", x.raise);
  // Left out where there is none: states from before keep their bytes.
  std::optional<std::map<Route, ledger::Sequence>> halted;
  if (!x.halted_routes.empty()) halted = x.halted_routes;
  io("halted_routes", halted);
  if constexpr (Io::kReads) x.halted_routes = halted.value_or(std::map<Route, ledger::Sequence>());
  io("incidents_by", x.incidents_by);
  list(io, "incidents", x.incidents);
  list(io, "hooks", x.hooks);
  list(io, "hooks_due", x.hooks_due);
}

std::string encode_state(const State& state) {
  return encode_fields(state);
}

Result<State> decode_state(std::string_view bytes) {
  return decode_fields<State>("state", bytes);
}

std::string state_digest(const State& state) {
  return fmt::format("{}:{}", kFold, to_hex(sha256(encode_state(state))));
}

}  // namespace hal9::migration
