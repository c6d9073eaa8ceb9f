#include "base/escape.h"
#include "base/result.h"
#include "migration/codec.h"
#include "migration/codec_io.h"
#include "migration/codec_parts.h"
#include "migration/codec_scan.h"
#include "migration/events.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

template <class Io, Is<MigrationOpened> T>
void fields(Io& io, T& x) {
  io("name", x.name);
}
template <class Io, Is<ConfigurationAccepted> T>
void fields(Io& io, T& x) {
  io("digest", x.digest);
  io("configuration", x.configuration);
}
template <class Io, Is<GatesChecked> T>
void fields(Io& io, T& x) {
  io("phase", x.phase);
  io("gates", x.gates);
}
template <class Io, Is<PhaseEntered> T>
void fields(Io& io, T& x) {
  io("from", x.from);
  io("to", x.to);
}
template <class Io, Is<TrafficRequested> T>
void fields(Io& io, T& x) {
  io("routes", x.routes);
}
template <class Io, class T>
  requires Is<T, TrafficApplied> || Is<T, TrafficObserved> || Is<T, TrafficRecorded>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("routes", x.routes);
}
template <class Io, Is<TrafficFailed> T>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("routes", x.routes);
  io("error", x.error);
}
template <class Io, Is<FeatureRequested> T>
void fields(Io& io, T& x) {
  io("features", x.features);
}
template <class Io, class T>
  requires Is<T, FeatureApplied> || Is<T, FeatureObserved> || Is<T, FeatureRecorded>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("features", x.features);
}
template <class Io, Is<FeatureFailed> T>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("features", x.features);
  io("error", x.error);
}
template <class Io, Is<RollbackStarted> T>
void fields(Io& io, T& x) {
  fields(io, x.plan);
}
template <class Io, Is<RollbackAsked> T>
void fields(Io& io, T& x) {
  io("kind", x.kind);
  io("joined", x.joined);
}
template <class Io, Is<RollbackSuperseded> T>
void fields(Io& io, T& x) {
  io("rollback", x.rollback);
  io("by", x.by);
}
template <class Io, Is<RollbackCompleted> T>
void fields(Io& io, T& x) {
  io("rollback", x.rollback);
  io("observed", x.observed);
}
template <class Io, Is<RollbackStalled> T>
void fields(Io& io, T& x) {
  io("rollback", x.rollback);
  io("error", x.error);
}
template <class Io, Is<HaltSet> T>
void fields(Io& io, T& x) {
  io("maintenance", x.maintenance);
  io("sessions_ended", x.sessions_ended);
  io("servers", x.servers);
}
template <class Io, Is<HaltReleased> T>
void fields(Io& io, T& x) {
  io("up_to", x.up_to);
}
template <class Io, class T>
  requires Is<T, HaltCleared> || Is<T, ExecutorTaken>
void fields(Io& io, T& x) {
  io("fence", x.fence);
}
template <class Io, Is<SpoolTaken> T>
void fields(Io& io, T& x) {
  io("commands", x.commands);
  io("unreadable", x.unreadable);
}
template <class Io, Is<AnnotationAdded> T>
void fields(Io& io, T& x) {
  io("text", x.text);
  io("source", x.source);
  io("rollback", x.rollback);
}

template <class Io, Is<RollbackCancelled> T>
void fields(Io& io, T& x) {
  io("rollback", x.rollback);
  io("routes", x.routes);
}
template <class Io, Is<RoutesHalted> T>
void fields(Io& io, T& x) {
  io("routes", x.routes);
}
template <class Io, Is<RoutesCleared> T>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("routes", x.routes);
}
template <class Io, class T>
  requires Is<T, RaiseStarted> || Is<T, RaiseResumed>
void fields(Io& io, T& x) {
  fields(io, x.plan);
}
template <class Io, Is<RaisePaused> T>
void fields(Io& io, T& x) {
  io("raise", x.raise);
  io("why", x.why);
}
template <class Io, Is<RaiseEnded> T>
void fields(Io& io, T& x) {
  io("raise", x.raise);
  io("end", x.end);
  io("why", x.why);
  io("rollback", x.rollback);
  io("held", x.held);
}
template <class Io, Is<IncidentOpened> T>
void fields(Io& io, T& x) {
  io("severity", x.severity);
  io("title", x.title);
  io("commander", x.commander);
  io("external", x.external);
  io("rollback", x.rollback);
}
template <class Io, Is<IncidentChanged> T>
void fields(Io& io, T& x) {
  io("incident", x.incident.opened);
  io("severity", x.severity);
  io("title", x.title);
  io("commander", x.commander);
  io("external", x.external);
}
template <class Io, Is<IncidentJoined> T>
void fields(Io& io, T& x) {
  io("incident", x.incident.opened);
  io("rollback", x.rollback);
}
template <class Io, Is<IncidentClosed> T>
void fields(Io& io, T& x) {
  io("incident", x.incident.opened);
}
template <class Io, Is<HookRan> T>
void fields(Io& io, T& x) {
  io("hook", x.hook);
  io("since", x.since);
  io("attempt", x.attempt);
  io("end", x.end);
  io("code", x.code);
  io("took_us", x.took);
  io("error", x.error);
}
template <class Io, Is<HookDismissed> T>
void fields(Io& io, T& x) {
  io("hook", x.hook);
  io("since", x.since);
}
template <class Io, Is<DriftFound> T>
void fields(Io& io, T& x) {
  io("fence", x.fence);
  io("restarted", x.restarted);
  io("routes", x.routes);
}

namespace {

template <std::size_t I>
Result<Fact> decode_as(std::string_view type, std::string_view data) {
  using T = std::variant_alternative_t<I, Fact>;
  // In its place from the beginning: to move it there took longer than to read it.
  Result<Fact> fact{Fact(std::in_place_index<I>)};
  if (scan_fields(data, std::get<I>(*fact))) return fact;
  auto value = decode_document<T>(type, data);
  if (!value) return pass_on(value);
  std::get<I>(*fact) = std::move(*value);
  return fact;
}

using Decoder = Result<Fact> (*)(std::string_view, std::string_view);

template <std::size_t... I>
constexpr std::array<Decoder, sizeof...(I)> make_decoders(std::index_sequence<I...> /*indices*/) {
  return {&decode_as<I>...};
}
constexpr auto kDecoders = make_decoders(std::make_index_sequence<std::variant_size_v<Fact>>{});

}  // namespace

std::string encode_fact(const Fact& fact) {
  return std::visit([](const auto& x) { return encode_fields(x); }, fact);
}

Result<Fact> decode_fact(std::string_view type, std::string_view data) {
  static const std::vector<std::string> kTypes = all_types();
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (kTypes[i] == type) return kDecoders.at(i)(type, data);
  }
  return damaged("an event", fmt::format("its type {} is not known", escape_json(type)));
}

}  // namespace hal9::migration
