// The two doors: execute what changes something, ask what does not; and the third, the emergency,
// which turns the order round (router first, then the record).
//
// The command line and the server are thin over this: nothing is decided twice. A Service belongs
// to one thread.
#pragma once

#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/dry_run.h"
#include "engine/environment.h"
#include "engine/explain.h"
#include "engine/hooks.h"
#include "engine/lock.h"
#include "engine/objects.h"
#include "engine/ran.h"
#include "engine/router.h"
#include "engine/seals.h"
#include "engine/spool.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/gate.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::engine {

// The parts behind the service, put together by adapters/wiring. The store is opened when it is
// needed and not before: an emergency has to work without it.
struct Ports {
  migration::Configuration configuration;
  std::function<Result<std::unique_ptr<ledger::Store>>()> open_store;
  std::function<Result<std::unique_ptr<ledger::Reader>>()> open_reader;
  std::unique_ptr<Router> router;
  std::unique_ptr<Environment> environment;
  std::unique_ptr<Lock> raise_lock;
  std::unique_ptr<Lock> executor_lock;
  std::unique_ptr<Lock> forward_lock;  // held by the process that steers a gradual move forward
  std::unique_ptr<HookRunner> hooks;
  std::unique_ptr<Spool> spool;
  SealPorts seals;
  std::unique_ptr<Objects> objects;
  // Called by each command that writes: `anew` when the ledger has just accepted `configuration`,
  // otherwise it had before. Keeps beside the ledger what a night needs on which hal9.yaml is broken
  // or this program is, and makes again what of it is gone.
  std::function<void(bool anew)> accepted;
  std::string sqlite_version;
};

// Who asks, and why; from the command line's user or later a token.
struct Asker {
  migration::Actor actor;
  std::string reason;  // empty: none given
};

// Hears of each step while something runs; called on the service's thread.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void on_gates(const std::vector<migration::Gate>& gates) = 0;
  // Before the first step of a rollback that is run or looked on at; again for one that overtakes
  // it.
  virtual void on_plan(const migration::RollbackPlan& plan) = 0;
  // One call a step of a rollback; `amounts` are observed.
  virtual void on_step(
      const migration::RollbackPlan& plan,
      const std::vector<migration::RouteAmount>& amounts,
      Micros elapsed
  ) = 0;
  // A gradual move forward begins or goes on; and each of its steps, observed.
  virtual void on_raise(const migration::RaisePlan& plan) = 0;
  virtual void on_raise_step(
      const migration::RaisePlan& plan,
      const std::vector<migration::RouteAmount>& amounts,
      Micros elapsed
  ) = 0;
  virtual void on_note(const std::string& note) = 0;
};

// Asked before anything goes forward, with what it would be; false: nothing is done.
using Confirm = std::function<bool(const std::string& what)>;

// `migrate`. A way back asks neither `may_go_forward` nor `confirm`.
struct MoveRequest {
  migration::Phase phase = migration::Phase::none;
  std::optional<Share> percentage;
  bool include_held = false;
  std::optional<std::vector<migration::Route>> routes;  // a selection; absent: every route
  std::optional<bool> named;                            // as in migration::Move
  std::optional<Micros> gradual;
  std::optional<Share> pause_after;  // of a gradual one forward
  std::vector<migration::GateName> overrides;
  // Called as soon as the move is known to go forward, before its gates are looked at: what is
  // wrong with the line or the configuration is no matter of gates.
  std::function<Result<void>()> may_go_forward;
  Confirm confirm;
};

// `rollback --emergency`.
struct EmergencyRequest {
  bool force = false;
  bool preserve_data = false;
  // A selection, where the router has kill keys for single routes (halts_routes()); absent: everything.
  std::optional<std::vector<migration::Route>> routes = {};
  std::optional<migration::IncidentChoice> incident = {};  // as in migration::RollBack
};

// `migrate resume`.
struct ResumeRaiseRequest {
  std::optional<Share> pause_after;
  std::vector<migration::GateName> overrides;
  std::function<Result<void>()> may_go_forward;
  Confirm confirm;
};

// The moment that a query is about; empty: now.
struct AsOf {
  std::optional<ledger::Sequence> sequence;
  std::optional<Time> recorded;
};

class Service {
 public:
  explicit Service(Ports ports);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // ---- execute: what changes something ---------------------------------------------------------
  // Errors leave everything as it was; an Outcome with a code says what was reached and what not.
  Result<Outcome> open_migration(const Asker& asker);  // of a new ledger, with its configuration
  Result<Outcome> move(const Asker& asker, const MoveRequest& request, Progress& progress);
  Result<Outcome> roll_back(
      const Asker& asker, const migration::RollBack& request, Progress& progress
  );
  // What that would do as things are now; nothing is changed. Errors: as roll_back, and those of
  // reading: without a ledger there is no plan, and the way back itself needs none.
  Result<DryRunView> dry_run(const Asker& asker, const migration::RollBack& request);
  // Of an emergency: of some routes only where the router has kill keys for them (halts_routes()).
  Result<DryRunView> dry_run_emergency(const Asker& asker, const EmergencyRequest& request);
  // The same of a move; one that would be refused by a gate says so, and what it would do.
  Result<DryRunView> dry_run_move(const Asker& asker, const MoveRequest& request);
  Result<DryRunView> dry_run_feature(const Asker& asker, const Name& feature, Share percentage);
  // Of resume(), cancel(), abort_raise(), resume_raise(). Errors: as those.
  Result<DryRunView> dry_run_resume(const Asker& asker);
  Result<DryRunView> dry_run_cancel(const Asker& asker, RollbackId id);
  Result<DryRunView> dry_run_abort(const Asker& asker);
  Result<DryRunView> dry_run_resume_raise(const Asker& asker, const ResumeRaiseRequest& request);
  // Back to where the gradual move forward began that is open, and nothing of it goes on.
  Result<Outcome> abort_raise(const Asker& asker, Progress& progress);
  // A gradual move forward that is paused, or whose process died, goes on behind its gates. Errors:
  // conflict (there is none, or another process is at it), gate, interrupted (not confirmed).
  Result<Outcome> resume_raise(
      const Asker& asker, const ResumeRaiseRequest& request, Progress& progress
  );
  // Stops a running rollback where it is; its routes are held there. `confirm` is asked before. Errors:
  // conflict (it does not run, an emergency), unreachable (where it is cannot be read).
  Result<Outcome> cancel(const Asker& asker, RollbackId id, const Confirm& confirm);
  // Goes on with what is open: a rollback whose process died, a raise that was not read back.
  Result<Outcome> resume(const Asker& asker, Progress& progress);
  // Never fails as a whole; the outcome says what was reached. `who` is called after the cut: a name
  // may have to be asked from a directory service that hangs.
  Outcome emergency(
      const std::function<Asker()>& who, const EmergencyRequest& request, Progress& progress
  );
  // `confirm` is asked before the feature is raised, never when it is lowered.
  Result<Outcome> set_feature(
      const Asker& asker,
      const Name& feature,
      Share percentage,
      Progress& progress,
      const Confirm& confirm = {}
  );
  // A text over 4096 bytes, 1 MiB at most, is kept whole as an object.
  Result<Outcome> annotate(const Asker& asker, const migration::Annotate& annotation);

  // OpenIncident, ChangeIncident or CloseIncident. Errors: usage (a text that no other system takes),
  // conflict (it is not open; too many are; a rollback of it has not ended).
  Result<Outcome> on_incident(const Asker& asker, const migration::CommandBody& body);

  // Runs what is due, one after the other, and records how each ended; a failed one stays due. Errors:
  // conflict (another process is at it), those of the ledger: nothing was run then.
  Result<std::vector<HookResult>> run_hooks(
      const Asker& asker, const HookChoice& choice, Progress& progress
  );
  // Every due one of this name is due no more. Error: conflict (none is).
  Result<Outcome> dismiss_hook(const Asker& asker, const Name& name);

  // ---- ask: what does not ----------------------------------------------------------------------
  Result<StatusView> status(const AsOf& as_of);
  // Reads every balancer. Errors only if the ledger cannot be read.
  Result<TrafficView> traffic();
  // Waits so long; true: Ctrl-C ended it.
  bool pause(Micros length);
  [[nodiscard]] Time now() const;
  Result<std::vector<FeatureView>> features();
  // `system` is "flat" or "hierarchical"; looks twice, `window` apart.
  Result<ActivityView> activity(const std::string& system, Micros window);
  // Newest first by start; at most `limit`. By index: what else a ledger holds does not count.
  Result<std::vector<RollbackView>> rollbacks(std::size_t limit);
  Result<RollbackView> rollback(RollbackId id);
  // What it did beside what it had planned; reads its own events.
  Result<RanView> ran(RollbackId id);
  // Newest first; at most `limit`. By index, as rollbacks().
  Result<std::vector<IncidentView>> incidents(std::size_t limit);
  // Error: usage (there is none of this number).
  Result<IncidentView> incident(migration::IncidentId id);
  // What happened in it: its own events and those of its rollbacks, in order.
  Result<std::vector<TimelineEntry>> incident_events(const IncidentView& view);
  // Those that are due, oldest first, and what else is configured.
  Result<std::vector<HookView>> hooks();
  // Errors: usage (no such event), those of reading.
  Result<ExplainView> explain(ledger::Sequence sequence);
  Result<VerifyView> verify();
  // Of the first `size` events; without one, of all of them. Errors: usage (no such event), damaged.
  Result<InclusionView> prove(ledger::Sequence sequence, std::optional<std::uint64_t> size);
  // From the first `old_size` events to the first `new_size`, or to all of them.
  Result<ConsistencyView> prove_consistency(
      std::uint64_t old_size, std::optional<std::uint64_t> new_size
  );
  // The root of the first `size` events, proven from the head; absent: there are less. It is what an
  // export or a proof of that size has to lead to.
  Result<std::optional<Digest>> root_of(std::uint64_t size);
  // Signs the ledger's end as it stands and keeps that beside it and at each witness; makes the key
  // at the first time. Nothing new: what is kept is brought to witnesses that lack it. Errors:
  // negative (a seal that is kept contradicts the ledger: nothing is signed; an empty ledger),
  // unreachable (there are witnesses and none can be read), those of reading, locked.
  Result<SealView> seal();
  // Whether a rollback has ended, or many events were recorded, since the last seal beside the
  // ledger; or what is sealed there cannot be read, or is not what the ledger begins with: sealing
  // says so. False where that cannot be told, and for a minute after it was tried in vain.
  bool seal_is_due();
  // Absent: it is not due. Errors: as seal(); their state says when it is tried again.
  Result<std::optional<SealView>> seal_when_due();
  // Every seal that is kept, against the ledger.
  Result<SealsView> seals();
  Result<KeysView> keys();
  // A new key signs from here on; recorded, sealed by both. Errors: as seal().
  Result<KeysView> rotate_key(const Asker& asker);
  // A seal from elsewhere, against this ledger; `verifier` where somebody kept the key, too. Errors:
  // damaged (no seal, or not signed by that key), those of reading.
  Result<SealFileView> check_seal(
      std::string_view bytes, const std::optional<std::string>& verifier
  );
  // One object's content. Errors: those of Objects::get, but negative where it is missing or damaged.
  Result<ObjectView> object(const ObjectName& name);
  // What the ledger is by its own word; nothing is hashed again but what seals ask for.
  Result<OpenedView> opened();
  // Snapshots made again from the lines (rebuild.h).
  Result<RebuiltView> rebuild_snapshots();
  // How this process's configuration differs from the one that was accepted last.
  Result<AcceptedView> accepted();
  [[nodiscard]] Whereabouts whereabouts() const;
  [[nodiscard]] const migration::Configuration& configuration() const;
  [[nodiscard]] std::vector<std::string> break_glass() const;
  // Whether an emergency of some routes has kill keys of its own.
  [[nodiscard]] bool halts_routes() const;
  // Records in the spool, which the ledger does not know of yet; 0 also where it cannot be read.
  [[nodiscard]] std::uint64_t spooled() const;

  // ---- stream ----------------------------------------------------------------------------------
  // Every matching event in order, in constant memory; false ends it. Of a route or a feature also
  // those events that name it among others (subject.h).
  Result<void> timeline(
      const ledger::Filter& filter, const std::function<bool(const TimelineEntry&)>& visit
  );
  // The lines as they are: what `ledger export` writes.
  Result<void> lines(const ledger::Filter& filter, const ledger::LineVisitor& visit);

 private:
  // What every dry run says: where, the phase, what is checked, what would come before it.
  DryRunView dry_run_view(
      const migration::State& state, const std::vector<migration::Decided>& decided
  );
  Result<DryRunView> dry_run_back(
      const migration::State& state, const std::vector<migration::Decided>& decided, bool preserve
  );

  // Of what goes forward into `to`; `decide` is asked again as if its gates let it pass.
  Result<DryRunView> dry_run_gated(
      const migration::State& state,
      std::vector<migration::Gate> gates,
      migration::Phase to,
      const std::function<
          Result<std::vector<migration::Decided>>(const std::vector<migration::Gate>&)>& decide
  );

  struct Parts;
  std::unique_ptr<Parts> parts_;
  friend class Raising;
};

}  // namespace hal9::engine
