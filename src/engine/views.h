// What the engine answers: typed views, each with one JSON form (views_json.h). The command line
// prints them as tables, REST sends their JSON; neither decides anything about them.
#pragma once

#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/router.h"
#include "ledger/line.h"
#include "ledger/lines_check.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/verify.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// For the first line of a mutation and the head of a listing.
struct Whereabouts {
  std::string ledger;    // the file's path as configured
  std::string name;      // the migration's
  std::string router;    // Router::description()
  std::string watchdog;  // "none" in this version: said, not hidden
};

struct RouteView {
  migration::Route route;
  migration::Amount share;
  migration::Amount mirror;
  bool held = false;
  std::optional<RouteReading> reading;  // from the router, just now
  bool looked = true;  // false: ledger-only, applied and observed are what was recorded
};

struct RollbackView {
  migration::Rollback rollback;
  ledger::Sequence begun;                        // of its first event
  std::optional<ledger::Sequence> ended_at;      // of its last
  std::vector<migration::RouteAmount> observed;  // its routes, as last observed
  std::optional<Micros> remaining;               // of a running gradual one
  // Of a selection of routes: how many were configured when it began; absent: it is of all of them.
  std::optional<std::uint64_t> of_routes;
};

struct IncidentView {
  migration::Incident incident;
  std::string reason;                 // of the event that opened it
  std::vector<RollbackId> rollbacks;  // that it owns, oldest first
  std::optional<Time> closed;         // absent: it is open
  std::string closed_by;
  std::string resolution;  // the reason of its closing; may be empty
  bool found = false;      // its first event was read
};

struct Difference {
  std::string place;  // a route, a feature, "halt", a balancer
  std::string recorded;
  std::string observed;
};

struct StatusView {
  bool looked = true;  // as of its routes
  Whereabouts where;
  ledger::Sequence sequence;
  Time recorded;       // of that sequence
  std::string root;    // hexadecimal
  bool as_of = false;  // an earlier moment was asked for; nothing was read from the router
  migration::State state;
  std::string phase;     // migration::phase_text
  std::string phase_by;  // the person who asked for it, where an executor entered it
  std::vector<RouteView> routes;
  std::vector<RollbackView> running;
  bool executed = false;  // a process is at it; otherwise the running one is open, and nobody's
  bool steered = false;   // a process steers the gradual move forward that is open
  std::optional<RollbackView> last_rollback;
  std::optional<Reading> reading;  // absent: as_of, or the router did not answer
  std::string router_error;        // why there is no reading
  // Shares, mirrors and features that the router shows otherwise than they are on record; while a
  // rollback is executed only those above it.
  std::vector<Difference> differences;
  bool above = false;                     // some route stands above what is recorded
  std::optional<std::string> open_raise;  // the line that asks again for what was not observed
  bool flat_down = false;                 // no server of flat is up
  std::uint64_t spooled = 0;              // commands waiting in the spool
  std::string spool_error;  // what of the spool cannot be read, and why; empty: it is read
  std::string sqlite_version;
};

struct TrafficView {
  Whereabouts where;
  bool observed = false;  // false: ledger-only, or nothing answered
  std::string router_error;
  // Why there is no record to compare with: the routes are then the configured ones, as read.
  std::optional<Error> ledger_error;
  // Flat and hierarchical as a range over the routes; weighted by requests where they are counted.
  Share hierarchical_low;
  Share hierarchical_high;
  std::optional<Share> hierarchical_weighted;
  bool halted = false;
  std::vector<RouteView> routes;
  std::vector<Difference> differences;  // observed against recorded; verify exits 3 on any
  std::vector<OtherReading> others;     // those that are up; verify exits 3 on any
  std::uint64_t spooled = 0;            // records that the ledger does not know of yet
  bool flat_down = false;               // no server of flat is up
  bool above = false;                   // some route stands above what is recorded
  bool halt_unrecorded = false;         // the kill switch is on and the ledger does not know of it
  migration::Phase phase = migration::Phase::none;  // as recorded
  std::string identity;                       // of the router's processes: another one is a restart
  std::vector<OldWorkerReading> old_workers;  // processes that a reload left behind
  std::vector<std::string> notes;             // of the router: no differences
  std::vector<std::string> fallen;  // balancers that a restart has sent to flat, against the record
  std::vector<RollbackId> open;     // rollbacks that are not at their end, as recorded
  // As recorded, of those that the router hands on to more than that.
  std::vector<migration::FeatureAmount> features_above;
};

struct TimelineEntry {
  ledger::Sequence sequence;
  Time time;
  Time recorded;
  std::string type;
  std::string subject;
  std::string actor;
  std::string auth;  // how the actor is known: "unverified" is a local OS user
  std::string via;
  std::string reason;
  std::string correlation;  // UUID
  std::string text;         // one sentence (describe.h)
  // What of it is cut and kept whole; of hal9.object.kept itself, that one.
  std::vector<migration::ObjectKept> objects;
};

// `ledger object`.
struct ObjectView {
  Whereabouts where;
  std::string object;   // its name, hexadecimal
  std::string content;  // as it was kept; hostile
};

// hal9.yaml against what the ledger knows.
struct AcceptedView {
  bool accepted = false;                 // some configuration was
  std::vector<std::string> differences;  // sentences; empty: the file is what was accepted last
  std::vector<migration::RouteAmount> recorded;  // as last observed
  bool halted = false;                           // a halt is on record
};

struct FeatureView {
  Name feature;
  migration::Amount amount;
  std::optional<Share> reading;
  bool looked = true;  // as of a route
};

// `monitor --system`: two looks at the router, `window` apart.
struct ActivityView {
  std::string system;
  bool known = false;  // false: the router does not answer or cannot tell
  std::string why;     // why it is not known
  std::uint64_t sessions = 0;
  std::uint64_t queued = 0;
  std::uint64_t arrived = 0;  // requests that arrived during the window
  Micros window{};
  [[nodiscard]] bool quiet() const { return known && sessions == 0 && queued == 0 && arrived == 0; }
};

// A place where seals are kept, as it was just found or written.
struct SealPlaceView {
  std::string location;
  bool witness = false;                // out of the ledger's reach; false: the folder beside it
  std::optional<std::uint64_t> up_to;  // events of its newest seal; absent: it holds none
  std::string problem;  // why not all of it could be read or written, or which files of it are none
};

// The seals that are kept, each against the ledger.
struct SealCheck {
  std::uint64_t seals = 0;  // that hold, over all places
  std::vector<SealPlaceView> places;
  std::optional<std::uint64_t> sealed_to;     // by any seal that holds
  std::optional<std::uint64_t> witnessed_to;  // by one that a witness keeps
  std::optional<ledger::Finding> finding;     // the first contradiction
  bool complete = true;                       // false: some place or file could not be read
};

// `ledger seal`.
struct SealView {
  Whereabouts where;
  std::uint64_t size = 0;
  std::string root;  // hexadecimal
  std::string key;   // id of the one that signs
  std::string note;  // the seal as it is kept; empty: none was made by this
  std::vector<SealPlaceView> places;
};

// `ledger seals`.
struct SealRow {
  std::uint64_t size = 0;
  std::string root;
  std::vector<std::string> keys;  // ids of those that signed
  std::string next_key;           // of a rotation: the key that signs from there on
  std::string location;
};
struct SealsView {
  Whereabouts where;
  std::vector<SealRow> seals;  // by size
  SealCheck check;
};

// `ledger keys`: public ones.
struct KeyRow {
  std::string verifier;  // what a stranger needs
  std::uint64_t from = 0;
  std::optional<std::uint64_t> retired;
};
struct KeysView {
  Whereabouts where;
  std::vector<KeyRow> keys;  // the last one signs; none: nothing was sealed yet
  // Behind a rotation: who has the seal that says so; else the one beside the ledger with a problem.
  std::vector<SealPlaceView> places;
};

// `ledger verify --seal`: a seal that somebody kept, against the ledger.
struct SealFileView {
  Whereabouts where;
  std::string file;
  ledger::TreeHead head;
  std::string key;        // verifier of the key that signed it
  bool own_word = false;  // the key is what the ledger itself says, nobody gave it
  std::string root;       // the ledger's at that many events, hexadecimal; empty: it has less
  [[nodiscard]] bool holds() const { return root == to_hex(head.root); }
};

// Every object that an event names, read again.
struct ObjectCheck {
  std::string location;
  std::uint64_t checked = 0;               // that are what their names say
  std::optional<ledger::Finding> finding;  // the first that is missing or damaged
  std::string problem;                     // why the place could not be read; empty: it could
};

// `ledger open`: what a file is, by its own word.
struct OpenedView {
  Whereabouts where;
  std::string name;  // as it stands in the lines' source
  ledger::Sequence head;
  std::string root;                 // of the head row, hexadecimal
  std::uint32_t format = 0;         // the least version of the format that may read it
  std::optional<Time> first, last;  // recorded; absent: it is empty
  migration::Phase phase = migration::Phase::none;
  SealCheck seals;
  bool evidence = false;  // read as it lies, nothing looked for beside it but seals
};

// `ledger rebuild`.
struct RebuiltView {
  Whereabouts where;
  ledger::Sequence up_to;
  std::uint64_t snapshots = 0;
  std::string state_digest;
};

// `ledger backup`: what lies at the new place, as it was read there again.
struct BackupView {
  Whereabouts where;
  std::string folder;
  std::string ledger;  // the copy's file
  ledger::Sequence head;
  std::string root;
  std::string state_digest;
  std::uint64_t bytes = 0;
  std::uint64_t seals = 0;
  std::uint64_t objects = 0;
  // What is wrong with it, as with the ledger itself, though every line holds: objects, seals,
  // snapshots, schema. Empty: nothing.
  std::string problem;
};

// `ledger import`.
struct ImportedView {
  std::string file;
  std::string ledger;
  std::string name;
  ledger::Sequence head;
  std::string root;
  std::string state_digest;
  std::uint64_t snapshots = 0;
};

struct VerifyView {
  Whereabouts where;
  ledger::Verified lines;
  ledger::Sequence head;
  std::string root;              // of the head row
  std::string state_digest;      // of the whole fold
  std::uint64_t snapshots = 0;   // compared with the fold
  bool snapshots_alone = false;  // the finding is of a snapshot, and every line holds
  SealCheck seals;
  ObjectCheck objects;
  std::optional<ledger::Finding> finding;  // the first of all
};

// Proofs for somebody who does not trust this ledger.
struct InclusionView {
  Whereabouts where;
  ledger::InclusionProof proof;
};
struct ConsistencyView {
  Whereabouts where;
  ledger::ConsistencyProof proof;
};

// An export by itself, and against this ledger where there is one.
struct ExportView {
  std::string file;
  ledger::CheckedLines lines;
  std::string ledger;        // the file that it was compared with; empty: none
  std::string not_compared;  // why not; empty: it was
  std::optional<std::string>
      root;  // the ledger's at that many events, hexadecimal; absent: it has less
  [[nodiscard]] bool same() const { return root && *root == to_hex(lines.root); }
};

enum class RecordedWhere : std::uint8_t { ledger, spool, nowhere };

// What a mutation came to. `code` is ok() or says why it is less: partly_done, spooled, continues.
struct Outcome {
  std::optional<Code> code;
  std::string headline;                  // what is the case now, one sentence
  std::string detail;                    // why, or what else; may be empty
  std::string next;                      // the line to type next
  migration::State state;                // afterwards (as far as known)
  std::vector<migration::Gate> gates;    // of a forward command
  std::optional<RollbackView> rollback;  // of a way back
  std::vector<migration::RouteAmount> observed;
  std::vector<std::string> notes;        // what would have risen, what was skipped, problems
  std::vector<std::string> break_glass;  // lines for a balancer that did not answer
  RecordedWhere recorded = RecordedWhere::ledger;
  std::optional<ledger::Sequence> first, last;  // its events
  bool moved = false;                           // false: nothing had to change
  Micros cut_time{};                            // emergency: from the start to the first read-back
};

}  // namespace hal9::engine
