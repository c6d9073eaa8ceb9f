// A stage for several processes at once on one World: each runs a command of the service on a thread of
// its own, but only one of them goes at a time, in virtual time. Every call of a port is a place where
// another one may come between, where time passes, and where a process can be killed.
//
// Everything random comes from the seed: the same seed and the same processes are the same life. A
// process that is killed leaves what it has done, and its locks go, as with kill -9.
#pragma once

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/route.h"
#include "migration/state.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hal9::engine {

// Thrown by the call of a port at which a process is killed.
struct Killed {};

// How long a call takes: `brief` between a look and the write that follows it in the same call.
enum class Takes : std::uint8_t { usual, brief };

class Stage;

class Process {
 public:
  using Work = std::function<Result<Outcome>(Service&, const Asker&, Progress&)>;

  std::string who;             // the authid of its lines
  std::uint64_t dies_at = 0;   // killed at this call of a port; 0: never
  std::uint64_t stops_at = 0;  // stopped (SIGSTOP) at this call for `stops_for`; 0: never
  Micros stops_for{};
  bool stops = true;        // it may be stopped for seconds between two calls
  std::uint64_t calls = 0;  // of ports, so far
  bool killed = false;
  bool ended = false;
  std::optional<Result<Outcome>> outcome;  // of one that was not killed
  Work work;

 private:
  friend class Stage;
  std::thread thread_;
  std::binary_semaphore goes_{0};
  Micros ready_{};
};

// What a route's values in the router are, and what its map files hold.
struct Held {
  Share share;
  Share mirror;
  bool operator==(const Held&) const = default;
};

class Stage {
 public:
  // `routes` in phase canary at these shares.
  Stage(std::uint64_t seed, const std::map<migration::Route, Share>& shares);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() = default;

  // Both at `at` of this stage's time, which begins at 0.
  Process& start(Micros at, std::string who, Process::Work work);
  void happen(Micros at, std::function<void()> what);
  // Until every process has ended and everything has happened.
  void run();

  // ---- what can befall -------------------------------------------------------------------------
  void edit(const migration::Route& route, Share share);  // upward, by a person on the socket
  void restart(bool has_files);  // the maps are what the files hold; without files, 0
  void lose_ledger(const Error& error) { world.ledger_error = error; }
  void find_ledger() { world.ledger_error.reset(); }
  void step_clock(Micros by) { world.clocks->wall += by; }

  // ---- what the ports see ----------------------------------------------------------------------
  void pass(Process& process, Takes takes = Takes::usual);
  void pass(Process& process, Micros cost);
  std::uint64_t dice(std::uint64_t below);  // 0 .. below-1
  void wrong(const std::string& what);      // the first one is kept, with the time
  void committed(Process& process);
  void write(const migration::Route& route, Held value, bool to_files);
  void read_back(const migration::Route& route);
  [[nodiscard]] Held in_router(const migration::Route& route);

  // Called after each commit of a process with the new events, at each advance of time, and when a
  // process has ended. For the rules that a test holds a life to.
  std::function<void(Process&, const std::vector<ledger::Event>&)> on_events;
  std::function<void()> on_time;
  std::function<void(Process&)> on_end;
  std::function<void()> on_stop;  // a process was stopped at its call `stops_at`
  // One that was stopped may raise, as the rules of a life do not let it; how often it did.
  bool late_writes = false;
  int late_rises = 0;

  World world;
  std::map<migration::Route, Held> files;
  bool files_kill = false;
  std::map<migration::Route, Micros> read_at;    // when it was last read back
  std::map<migration::Route, Micros> edited_at;  // when a person last edited it
  Micros now{};
  std::uint64_t busy = 0;  // calls of all processes
  std::string problem;     // empty: none

 private:
  std::unique_ptr<Service> service_of(Process& process);
  void live(Process& process);
  void go(Process& process);
  void advance(Micros to);
  Micros next_due(const Process* except) const;

  std::mt19937_64 dice_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::multimap<Micros, std::function<void()>> happens_;
  std::binary_semaphore back_{0};
  ledger::Sequence seen_;
};

}  // namespace hal9::engine
