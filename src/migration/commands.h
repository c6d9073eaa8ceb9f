// What somebody asks for. One JSON codec (codec.h) for the writer's idempotency digest, the spool
// and later REST: the same command has the same bytes.
#pragma once

#include "base/id.h"
#include "base/name.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hal9::migration {

struct OpenMigration {
  Name name;
  bool operator==(const OpenMigration&) const = default;
};
struct AcceptConfiguration {
  Configuration configuration;
  bool operator==(const AcceptConfiguration&) const = default;
};

// `migrate`. Forward if it enters a later phase or raises any route; otherwise a way back, which is
// decided and recorded as a rollback that holds in `phase`.
struct Move {
  Phase phase = Phase::none;
  std::optional<Share> percentage;
  bool include_held = false;
  std::vector<Gate> gates;        // what the engine saw; not looked at on a way back
  ledger::Sequence halts_seen;    // the newest halt that the gates saw
  std::optional<Micros> gradual;  // over this time, up or down; a raise is then steered (StepRaise)
  // Those that are selected (selection.h); absent: every one that there is.
  std::optional<std::vector<Route>> routes = {};
  std::optional<Share> pause_after = {};  // of a gradual one forward
  // Somebody named them, which is more than leaving others out: held and halted ones rise too. Absent,
  // as older commands have it: where `routes` are there.
  std::optional<bool> named = {};
  bool operator==(const Move&) const = default;
};

// ---- a gradual move forward (raise.h) ----
// The next step of the raise that was begun or resumed by event `at`; of another one it is stale.
struct StepRaise {
  RaiseId raise;
  ledger::Sequence at;
  std::vector<Gate> gates;
  std::vector<RouteAmount> routes;  // no more than the plan's targets is requested of them
  bool operator==(const StepRaise&) const = default;
};
struct PauseRaise {
  RaiseId raise;
  ledger::Sequence at;
  std::string why;
  bool operator==(const PauseRaise&) const = default;
};
struct ResumeRaise {
  std::vector<Gate> gates;
  ledger::Sequence halts_seen;
  std::optional<Share> pause_after;
  bool operator==(const ResumeRaise&) const = default;
};
// Back to where the raise began.
struct AbortRaise {
  bool operator==(const AbortRaise&) const = default;
};

// `rollback cancel`: the running one stops where it is; nothing rises by it. `observed` was read while
// nobody wrote to the router.
struct CancelRollback {
  RollbackId rollback;
  std::vector<RouteAmount> observed;
  bool read_back = true;
  bool operator==(const CancelRollback&) const = default;
};

// ---- incidents (incident.h) ----
struct OpenIncident {
  Severity severity = Severity::major;
  std::string title;
  std::optional<Name> commander;
  std::vector<ExternalId> external;
  bool operator==(const OpenIncident&) const = default;
};
// What is absent stays; an external id takes the place of the one that its system has.
struct ChangeIncident {
  IncidentId incident;
  std::optional<Severity> severity;
  std::optional<std::string> title;
  std::optional<Name> commander;
  std::vector<ExternalId> external;
  bool operator==(const ChangeIncident&) const = default;
};
struct CloseIncident {
  IncidentId incident;
  bool operator==(const CloseIncident&) const = default;
};
// ---- hooks (hook.h) ----
// How an attempt at a due hook ended.
struct ReportHook {
  Name hook;
  ledger::Sequence since;
  HookEnd end = HookEnd::succeeded;
  std::optional<std::uint64_t> code;
  Micros took{};
  std::string error;
  bool operator==(const ReportHook&) const = default;
};
// Every due one of this name is due no more.
struct DismissHook {
  Name hook;
  bool operator==(const DismissHook&) const = default;
};

// Which incident a rollback belongs to, where somebody said so.
struct IncidentChoice {
  std::optional<IncidentId> joins;  // absent: none
  bool operator==(const IncidentChoice&) const = default;
};

// `rollback`; with mirror_only it is `feature disable shadow_mode`.
struct RollBack {
  std::optional<Phase> from_phase;  // guard
  std::optional<Share> percentage;  // absent: 0
  std::optional<Micros> gradual;    // absent: immediate
  bool preserve_data = false;
  bool force = false;
  bool mirror_only = false;  // `feature disable shadow_mode`: mirrors to 0; shares stay
  // Those that are selected (selection.h); absent: every route, whatever is configured.
  std::optional<std::vector<Route>> routes = {};
  // Back to this phase, with what it had when it was last left; absent: to none, or where
  // `percentage` says.
  std::optional<Phase> to_phase = {};
  // Absent: the newest incident that is open, else a new one where the configuration says so.
  std::optional<IncidentChoice> incident = {};
  // Each route back to the recorded step before the one where it is (in shadow: of its mirror), 0 where
  // none was lower; with no other target. Holds in its phase.
  std::optional<bool> previous_step = {};
  bool operator==(const RollBack&) const = default;
};

struct SetFeature {
  Name feature;
  Share percentage;
  std::vector<Gate> gates;  // looked at when the percentage rises
  bool operator==(const SetFeature&) const = default;
};

struct Annotate {
  std::string text;
  std::string source;
  std::optional<Time> at;  // when it happened; absent: now
  std::optional<RollbackId> rollback;
  bool operator==(const Annotate&) const = default;
};

// The executor goes on with what is open: takes the next fencing number.
struct TakeExecutor {
  bool operator==(const TakeExecutor&) const = default;
};

// What the executor did and read back. Refused as stale when a later fence was taken.
struct ReportTraffic {
  std::uint64_t fence = 0;
  std::vector<RouteAmount> applied;   // may be empty
  std::vector<RouteAmount> observed;  // may be empty
  std::vector<Route> failed;
  std::string error;          // why they failed
  bool halt_cleared = false;  // read back
  bool read_back = true;      // false: the router is ledger-only, `observed` is what was recorded
  // Whose own kill key was read back as off.
  std::optional<std::vector<Route>> cleared = {};
  // What stood above the ledger, as read before it was put down.
  std::optional<std::vector<RouteAmount>> drift = {};
  std::optional<bool> restarted = {};  // beside `drift`: the router's processes are others
  bool operator==(const ReportTraffic&) const = default;
};
struct ReportFeatures {
  std::uint64_t fence = 0;
  std::vector<FeatureAmount> applied;
  std::vector<FeatureAmount> observed;
  std::vector<Name> failed;
  std::string error;
  bool read_back = true;
  bool operator==(const ReportFeatures&) const = default;
};

// A lowering that was done before it could be recorded: an emergency, or any lowering while the
// ledger was not usable. Facts in the past tense: it is never refused, whatever the state is.
struct RecordCut {
  RollbackId rollback;
  RollbackKind kind = RollbackKind::emergency;
  Time started;
  Time observed_at;
  Share percentage;  // the target that was asked for
  bool force = false;
  bool preserve_data = false;
  bool halt = false;  // the kill switch was set and read back
  bool maintenance = false;
  std::uint64_t sessions_ended = 0;
  std::vector<RouteAmount> before;  // as read before the cut; empty if it could not be read
  std::vector<RouteAmount> applied;
  std::vector<RouteAmount> observed;  // as read back; empty if nothing answered
  std::vector<FeatureAmount> features_observed;
  std::string error;            // what did not answer; empty: all did
  std::vector<Server> servers;  // in maintenance because of this cut
  // In maintenance already, behind a kill switch that was on: those of a halt that was never put on
  // record, and otherwise a person's.
  std::vector<Server> servers_found;
  bool read_back = true;
  std::optional<bool> selected = {};  // a selection of routes, `applied`; absent: all of them
  std::optional<IncidentChoice> incident = {};  // as in RollBack
  // The gradual move forward whose routes it brought back to where that began; absent: none.
  std::optional<RaiseId> aborted = {};
  bool operator==(const RecordCut&) const = default;
};

// Lines of the spool that could not be read: kept, wrapped.
struct TakeSpool {
  std::uint64_t commands = 0;
  std::vector<std::string> unreadable;
  bool operator==(const TakeSpool&) const = default;
};

using CommandBody = std::variant<
    OpenMigration,
    AcceptConfiguration,
    Move,
    RollBack,
    SetFeature,
    Annotate,
    TakeExecutor,
    ReportTraffic,
    ReportFeatures,
    RecordCut,
    TakeSpool,
    StepRaise,
    PauseRaise,
    ResumeRaise,
    AbortRaise,
    CancelRollback,
    OpenIncident,
    ChangeIncident,
    CloseIncident,
    ReportHook,
    DismissHook>;

struct Command {
  CommandId id;
  Time at;  // when it was asked, the asker's wall clock
  Actor actor;
  std::string reason;  // empty: none given
  CorrelationId correlation;
  CommandBody body;
  // Its long texts, each kept whole already; recorded with what the command comes to.
  std::vector<ObjectKept> objects;
  bool operator==(const Command&) const = default;
};

}  // namespace hal9::migration
