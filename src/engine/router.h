// The router port: what moves traffic, and what is read back from it.
//
// Invariants of every router: success is what the read-back shows, never what a write answered; a
// lowering takes the minimum of what it reads and what is asked, so that a late one never raises;
// nothing but clear_halt() writes the halt off, and no share that is raised behind a halt has an
// effect. One conformance suite (tests/conformance/router) holds each router to this on the real
// thing. Where files follow the router (HAProxy's maps): lowering writes the file first, raising
// last, an emergency the router first and then the file.
//
// Thread safety: one Router belongs to one thread. Every call has a deadline of its own.
#pragma once

#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "migration/amounts.h"
#include "migration/route.h"
#include "migration/server.h"
#include "migration/state.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hal9::engine {

// What a router can do; a command that needs what is missing says so before it begins.
struct Capabilities {
  bool moves_traffic = false;  // ledger-only: false; everything printed then says "recorded"
  bool mirrors = false;
  bool features = false;
  bool halts = false;
  bool halts_routes = false;  // a kill key for each route: an emergency of some of them
  bool counts_requests = false;
  bool operator==(const Capabilities&) const = default;
};

// One system as the router sees it. Sums over the servers of its backend; sessions and what is
// queued also over the processes that a reload left behind, where those are asked.
struct SystemReading {
  std::uint32_t servers_up = 0;
  std::uint32_t servers_down = 0;         // failing their check
  std::uint32_t servers_maintenance = 0;  // put down by hand or by an emergency
  std::uint64_t sessions = 0;             // being served now
  std::uint64_t queued = 0;               // waiting for a server, in the backend
  std::uint64_t requests = 0;             // ever, since the router's start
};

struct RouteReading {
  migration::Route route;
  Share share;
  Share mirror;
  bool halted = false;                      // its own kill key
  std::uint64_t hierarchical_requests = 0;  // counted by the router; 0 where it does not count
  std::uint64_t flat_requests = 0;
};

// A key of the router's maps that is no configured route: requests that name it follow it all the
// same, as after a route was taken out of the configuration.
struct OtherReading {
  std::string key;
  std::optional<migration::Route> route;  // absent: no route's text; only a cut lowers it
  Share share;
  Share mirror;

  [[nodiscard]] bool is_up() const { return share > Share::none() || mirror > Share::none(); }
};

// A process of the router that a reload left behind: it takes nobody new, and serves whom it has.
struct OldWorkerReading {
  Name balancer;
  std::uint64_t pid = 0;
  SystemReading flat;  // sessions, queued and requests; no servers
  SystemReading hierarchical;
  SystemReading mirror;

  // Still being served by hierarchical, mirrored ones too.
  [[nodiscard]] std::uint64_t at_hierarchical() const {
    return hierarchical.sessions + hierarchical.queued + mirror.sessions + mirror.queued;
  }
};

// What all balancers together showed. Values over several balancers: the highest share and mirror,
// halted only if all of them are; `disagree` then says what differs.
struct Reading {
  std::vector<RouteReading> routes;  // the configured ones
  std::vector<OtherReading> others;  // whatever else the maps hold
  std::vector<migration::FeatureAmount> features;
  bool halted = false;  // the kill switch `all`
  // There is no switch for everything: `halted` is what the halts of all routes come to, and clear_halt()
  // ends these, too.
  bool halted_each = false;
  bool maintenance = false;  // every hierarchical and mirror server is in maint
  std::vector<migration::Server> in_maintenance;  // which of these are, at each balancer
  SystemReading flat;
  SystemReading hierarchical;
  SystemReading mirror;
  bool servers_known = true;  // false: this router does not tell how servers are; they read as 0
  std::string identity;       // of the router's process ("pid 17, up 3h"): changes on a restart
  std::vector<std::string> disagree;
  std::vector<OldWorkerReading> old_workers;  // where the router's master is known
  std::vector<std::string> notes;             // sentences: worth knowing, and no difference
  // Balancers whose map files nobody here writes and which stand as these were installed: a restart
  // sent everybody there to flat. The values above are then those of the others, if there are any.
  std::vector<std::string> fallen;

  // No server of flat is up. What is not told is not claimed: the gate `flat` is then unknown.
  [[nodiscard]] bool flat_is_down() const { return servers_known && flat.servers_up == 0; }
};

enum class Toward : std::uint8_t { flat, hierarchical };

// An emergency's result: never an error as a whole, since a part that works has to be kept.
struct CutReport {
  bool halted = false;       // kill switch read back as on, on every balancer
  bool maintenance = false;  // maint read back
  // Some balancer that answered still serves requests at hierarchical, or does not tell.
  bool sessions_left = false;
  // In maintenance as read back: those that stood up before this Router's first cut, and, where
  // that one found the kill switch on, those that it found in maintenance.
  std::vector<migration::Server> servers;
  std::vector<migration::Server> servers_found;
  std::vector<migration::RouteAmount> before;    // as read together with the cut; may be empty
  std::vector<migration::RouteAmount> observed;  // as read back; empty unless every balancer was
  std::vector<std::string> unreachable;          // names of balancers that were not read back
  std::vector<std::string> refused;   // those of them that answered: `problems` says what
  std::vector<std::string> problems;  // sentences: what is not as it should be
  bool files_follow = true;  // false: a restart of the router would read the values of before
};

// What came of ending sessions: as with a cut, what works at one balancer is kept.
struct EndedSessions {
  std::uint64_t count = 0;
  std::vector<std::string> problems;  // sentences: which of them may live on, and why
};

class Router {
 public:
  virtual ~Router() = default;

  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  // For the first line of a mutation: "haproxy (1 balancer)", "ledger-only (moves nothing)".
  [[nodiscard]] virtual std::string description() const = 0;

  // The share nearest to this one from below that can be set and read back exactly. What is requested
  // goes through here first, so that what is observed can be the same.
  [[nodiscard]] virtual Share reachable(Share share) const { return share; }
  // These routes and those that move whenever one of these does, since they share one split.
  [[nodiscard]] virtual std::vector<migration::Route> moved_with(
      std::span<const migration::Route> routes
  ) const {
    return {routes.begin(), routes.end()};
  }

  // Everything, read back. Errors: unreachable, naming who does not answer; failed for an answer
  // that makes no sense (a map without a route's key: reported as share 0, said in `disagree`).
  virtual Result<Reading> read() = 0;
  // The same, where the newest recorded state is at hand: a router that has nothing else to show
  // shows that one and does not read the ledger again.
  virtual Result<Reading> read_beside(const migration::State& /*recorded*/) { return read(); }

  // Shows that a way back would work: sends what changes nothing (a value at which nobody goes to
  // hierarchical, again) and makes and removes a file beside the map files. Maint that is denied is
  // no error: the kill switch counts. Error: what is refused.
  virtual Result<void> prove_writable() = 0;

  // Sets shares and mirrors of many routes; a raise as one step (no request sees a mixture of old
  // and new within one map). Toward flat key by key: each value is the minimum of what is asked and what is there.
  // Returns what is read back afterwards for these routes. Errors: unreachable, failed (read back
  // differs: says where), usage never. After an error the state is unknown until read().
  virtual Result<std::vector<migration::RouteAmount>> set_traffic(
      std::span<const migration::RouteAmount> routes, Toward toward
  ) = 0;

  // The same for features; returns what is read back.
  virtual Result<std::vector<migration::FeatureAmount>> set_features(
      std::span<const migration::FeatureAmount> features
  ) = 0;

  // Kill switch on for everything, maint on hierarchical and mirror servers, share and mirror 0 in
  // the maps; then read back; then the map files. No lock, no ledger, no allocation of time beyond
  // `deadline` in all (connect at most 250 ms a balancer, side by side). Idempotent: repeated by
  // the caller until everything answers.
  virtual CutReport cut(std::chrono::milliseconds deadline) = 0;
  // What a cut may take before it is ended and tried again: more where its owner gave a program more.
  [[nodiscard]] virtual std::chrono::milliseconds cut_time() const {
    return std::chrono::milliseconds{2000};
  }

  // The same of some routes: their own kill keys on, their shares and mirrors 0, read back, then the
  // files. `halted`: each of these keys was read back as on, on every balancer. Servers stay up, since the
  // other routes need them, and sessions end by themselves. Only where halts_routes.
  virtual CutReport cut_routes(
      std::span<const migration::Route> /*routes*/, std::chrono::milliseconds /*deadline*/
  ) {
    return {};
  }

  // Ends sessions that are still at hierarchical. Each balancer is asked once, and those of these
  // names (CutReport::unreachable) are not: one that hangs would cost its time again.
  virtual EndedSessions end_sessions(std::span<const std::string> unreachable) = 0;

  // Takes the halt off: kill switch 0, servers out of maint; read back. Only the executor calls it,
  // for halts that a forward command released. Shares are untouched (0 after an emergency). Only
  // `servers` come out of maint, as the halts put them there; what a person put there stays.
  virtual Result<void> clear_halt(std::span<const migration::Server> servers) = 0;

  // The kill keys of these routes off; read back. Only the executor calls it, as clear_halt().
  virtual Result<void> clear_routes(std::span<const migration::Route> /*routes*/) { return {}; }

  // Shell lines (socat) that do what cut() does without this program, one a line of output.
  [[nodiscard]] virtual std::vector<std::string> break_glass() const = 0;
  // The same of some routes, where halts_routes; of those balancers alone that the last failed call
  // could not reach or move.
  [[nodiscard]] virtual std::vector<std::string> break_glass_of(
      std::span<const migration::Route> /*routes*/
  ) const {
    return break_glass();
  }

  // The same for those balancers alone that the last failed call could not reach or move; all of
  // them where that cannot be told.
  [[nodiscard]] virtual std::vector<std::string> break_glass_left() const { return break_glass(); }
};

}  // namespace hal9::engine
