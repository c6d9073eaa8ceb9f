// Every fact that can be in a ledger. Type names, member names and their order are FROZEN: a change
// is a new version beside the old one (`.v2`) and an upcast on reading. JSON Schema of each in
// schema/events, codec in codec.h.
#pragma once

#include "base/id.h"
#include "base/name.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hal9::migration {

struct MigrationOpened {
  Name name;
  bool operator==(const MigrationOpened&) const = default;
};  // hal9.migration.opened.v1
struct ConfigurationAccepted {  // hal9.configuration.accepted.v1
  Digest digest{};              // SHA-256 of the configuration's canonical JSON
  Configuration configuration;
  bool operator==(const ConfigurationAccepted&) const = default;
};
struct GatesChecked {  // hal9.gates.checked.v1
  Phase phase = Phase::none;
  std::vector<Gate> gates;
  bool operator==(const GatesChecked&) const = default;
};
struct PhaseEntered {  // hal9.phase.entered.v1
  Phase from = Phase::none;
  Phase to = Phase::none;
  bool operator==(const PhaseEntered&) const = default;
};
// subject: "all" or the one route.
struct TrafficRequested {
  std::vector<RouteAmount> routes;
  bool operator==(const TrafficRequested&) const = default;
};  // hal9.traffic.requested.v1
struct TrafficApplied {
  std::uint64_t fence = 0;
  std::vector<RouteAmount> routes;
  bool operator==(const TrafficApplied&) const = default;
};  // hal9.traffic.applied.v1
struct TrafficObserved {
  std::uint64_t fence = 0;
  std::vector<RouteAmount> routes;
  bool operator==(const TrafficObserved&) const = default;
};  // hal9.traffic.observed.v1
// The router kind is ledger-only: what was asked for counts, nobody set or saw it.
struct TrafficRecorded {
  std::uint64_t fence = 0;
  std::vector<RouteAmount> routes;
  bool operator==(const TrafficRecorded&) const = default;
};  // hal9.traffic.recorded.v1
struct TrafficFailed {  // hal9.traffic.failed.v1
  std::uint64_t fence = 0;
  std::vector<Route> routes;
  std::string error;
  bool operator==(const TrafficFailed&) const = default;
};
// subject: the feature, or "all" for several.
struct FeatureRequested {
  std::vector<FeatureAmount> features;
  bool operator==(const FeatureRequested&) const = default;
};  // hal9.feature.requested.v1
struct FeatureApplied {
  std::uint64_t fence = 0;
  std::vector<FeatureAmount> features;
  bool operator==(const FeatureApplied&) const = default;
};
struct FeatureObserved {
  std::uint64_t fence = 0;
  std::vector<FeatureAmount> features;
  bool operator==(const FeatureObserved&) const = default;
};
// As TrafficRecorded.
struct FeatureRecorded {
  std::uint64_t fence = 0;
  std::vector<FeatureAmount> features;
  bool operator==(const FeatureRecorded&) const = default;
};
struct FeatureFailed {
  std::uint64_t fence = 0;
  std::vector<Name> features;
  std::string error;
  bool operator==(const FeatureFailed&) const = default;
};

struct RollbackStarted {
  RollbackPlan plan;
  bool operator==(const RollbackStarted&) const = default;
};  // hal9.rollback.started.v1; subject "all"
// Somebody asked for what was running already, or for what was the case already.
struct RollbackAsked {  // hal9.rollback.asked.v1
  RollbackKind kind = RollbackKind::immediate;
  std::optional<RollbackId> joined;  // the running one; absent: there was nothing to roll back
  bool operator==(const RollbackAsked&) const = default;
};
struct RollbackSuperseded {
  RollbackId rollback;
  RollbackId by;
  bool operator==(const RollbackSuperseded&) const = default;
};  // hal9.rollback.superseded.v1
struct RollbackCompleted {  // hal9.rollback.completed.v1
  RollbackId rollback;
  bool observed = true;  // every route was read back at its target; false: ledger-only, recorded
  bool operator==(const RollbackCompleted&) const = default;
};
// The router could not be brought there or read back. It stays to be done: resume goes on.
struct RollbackStalled {
  RollbackId rollback;
  std::string error;
  bool operator==(const RollbackStalled&) const = default;
};  // hal9.rollback.stalled.v1

// What an emergency left in the router: the kill switch is on (key `all`, and maint where allowed).
struct HaltSet {             // hal9.halt.set.v1; subject "all"
  bool maintenance = false;  // maint on the hierarchical and mirror servers was read back
  std::uint64_t sessions_ended = 0;
  // In maintenance because of this halt; those that a person had put there before are not named.
  std::vector<Server> servers;
  bool operator==(const HaltSet&) const = default;
};
// A forward command whose gates passed allows the executor to clear the halts up to this sequence.
struct HaltReleased {
  ledger::Sequence up_to;
  bool operator==(const HaltReleased&) const = default;
};  // hal9.halt.released.v1
struct HaltCleared {
  std::uint64_t fence = 0;
  bool operator==(const HaltCleared&) const = default;
};  // hal9.halt.cleared.v1: read back

struct ExecutorTaken {
  std::uint64_t fence = 0;
  bool operator==(const ExecutorTaken&) const = default;
};  // hal9.executor.taken.v1
struct SpoolTaken {  // hal9.spool.taken.v1
  std::uint64_t commands = 0;
  std::vector<std::string> unreadable;  // kept as they were, each at most 4096 bytes
  bool operator==(const SpoolTaken&) const = default;
};
struct AnnotationAdded {  // hal9.annotation.added.v1
  std::string text;
  std::string source;  // empty: the actor's own knowledge
  std::optional<RollbackId> rollback;
  bool operator==(const AnnotationAdded&) const = default;
};

// A person stopped a running rollback where it was: its routes stay at what was read back, held.
struct RollbackCancelled {  // hal9.rollback.cancelled.v1
  RollbackId rollback;
  std::vector<RouteAmount> routes;  // what is requested of each from here on
  bool operator==(const RollbackCancelled&) const = default;
};
// An emergency of some routes: the kill key of each was read back as on.
struct RoutesHalted {  // hal9.routes.halted.v1
  std::vector<Route> routes;
  bool operator==(const RoutesHalted&) const = default;
};
struct RoutesCleared {  // hal9.routes.cleared.v1: read back as off
  std::uint64_t fence = 0;
  std::vector<Route> routes;
  bool operator==(const RoutesCleared&) const = default;
};

// A gradual move forward (raise.h): each step is requested behind gates of its own.
struct RaiseStarted {
  RaisePlan plan;
  bool operator==(const RaiseStarted&) const = default;
};  // hal9.raise.started.v1
struct RaisePaused {
  RaiseId raise;
  std::string why;
  bool operator==(const RaisePaused&) const = default;
};  // hal9.raise.paused.v1
// It goes on from where each route is now, with a clock of its own.
struct RaiseResumed {
  RaisePlan plan;
  bool operator==(const RaiseResumed&) const = default;
};  // hal9.raise.resumed.v1
struct RaiseEnded {  // hal9.raise.ended.v1
  RaiseId raise;
  RaiseEnd end = RaiseEnd::completed;
  std::string why;                     // of one that failed: the gate; otherwise empty
  std::optional<RollbackId> rollback;  // the way back that it led to, or that ended it
  std::optional<std::vector<Route>> held = {
  };  // by that way back, since they were before the raise
  bool operator==(const RaiseEnded&) const = default;
};

// subject of these: incident-N. `rollback`: that opened it; absent: a person did.
struct IncidentOpened {
  Severity severity = Severity::major;
  std::string title;
  std::optional<Name> commander;
  std::vector<ExternalId> external;
  std::optional<RollbackId> rollback;
  bool operator==(const IncidentOpened&) const = default;
};  // hal9.incident.opened.v1
// What is absent stays as it was; `external` has those that came or have another id now.
struct IncidentChanged {
  IncidentId incident;
  std::optional<Severity> severity;
  std::optional<std::string> title;
  std::optional<Name> commander;
  std::vector<ExternalId> external;
  bool operator==(const IncidentChanged&) const = default;
};  // hal9.incident.changed.v1
// A rollback that began while it was open belongs to it.
struct IncidentJoined {
  IncidentId incident;
  RollbackId rollback;
  bool operator==(const IncidentJoined&) const = default;
};  // hal9.incident.joined.v1
struct IncidentClosed {
  IncidentId incident;
  bool operator==(const IncidentClosed&) const = default;
};  // hal9.incident.closed.v1; the line's reason says how it was resolved
// The router stood above the ledger: a hand, another program or a restart raised it. What follows is
// that it is put down again. `restarted`: its processes are others than at the last look.
struct DriftFound {  // hal9.drift.found.v1
  std::uint64_t fence = 0;
  bool restarted = false;
  std::vector<RouteAmount> routes;  // as read
  bool operator==(const DriftFound&) const = default;
};

// An attempt at a hook; what it printed is an object of the same command.
struct HookRan {
  Name hook;
  ledger::Sequence since;  // the event that made it due
  std::uint64_t attempt = 1;
  HookEnd end = HookEnd::succeeded;
  std::optional<std::uint64_t> code;  // as a shell has it; absent: it did not end by itself
  Micros took{};
  std::string error;  // why it did not end well; otherwise empty
  bool operator==(const HookRan&) const = default;
};  // hal9.hook.ran.v1
// It is due no more, by a person's word.
struct HookDismissed {
  Name hook;
  ledger::Sequence since;
  bool operator==(const HookDismissed&) const = default;
};  // hal9.hook.dismissed.v1

using Fact = std::variant<
    MigrationOpened,
    ConfigurationAccepted,
    GatesChecked,
    PhaseEntered,
    TrafficRequested,
    TrafficApplied,
    TrafficObserved,
    TrafficRecorded,
    TrafficFailed,
    FeatureRequested,
    FeatureApplied,
    FeatureObserved,
    FeatureRecorded,
    FeatureFailed,
    RollbackStarted,
    RollbackAsked,
    RollbackSuperseded,
    RollbackCompleted,
    RollbackStalled,
    HaltSet,
    HaltReleased,
    HaltCleared,
    ExecutorTaken,
    SpoolTaken,
    AnnotationAdded,
    ObjectKept,
    RollbackCancelled,
    RoutesHalted,
    RoutesCleared,
    RaiseStarted,
    RaisePaused,
    RaiseResumed,
    RaiseEnded,
    IncidentOpened,
    IncidentChanged,
    IncidentJoined,
    IncidentClosed,
    DriftFound,
    HookRan,
    HookDismissed>;

// "hal9.traffic.observed.v1" and so on; one a variant member.
std::string type_of(const Fact& fact);
// Every type, in the order of the variant.
std::vector<std::string> all_types();

}  // namespace hal9::migration
