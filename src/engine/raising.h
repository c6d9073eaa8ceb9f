// Steers a gradual move forward (migration/raise.h): one step after the other, each behind gates that
// are looked at anew, until it is through, pauses, goes back, or is ended by somebody else.
//
// Only the process that asked for it steers it; traffic stays where it is when that process dies, and
// a person resumes or aborts it. Its clock is the steady one alone: a wall clock that jumps raises
// nothing. Every wait is short and followed by a look at the ledger, so that any way back ends it at once.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/raise.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

enum class RaisedTo : std::uint8_t {
  completed,
  paused,       // where it was to pause
  held,         // a gate blocks, and going back would help nobody
  went_back,    // a gate has failed
  overtaken,    // a way back of somebody ended it, or another process goes on with it
  interrupted,  // the person asked to stop: it is paused
  stalled,      // the router does not do it: it is paused
  unrecorded,   // the ledger refuses: traffic stays where it is
};

struct Raised {
  RaisedTo to = RaisedTo::completed;
  std::string why;                    // of all but completed
  std::optional<Error> error;         // of stalled and unrecorded
  std::vector<ledger::Event> events;  // of the step that went back
};

class Raising {
 public:
  // `raise`: the open one, begun or resumed by the caller's own command.
  Raising(
      Service::Parts& parts,
      Writer& writer,
      const Asker& asker,
      const migration::Raise& raise,
      std::vector<migration::GateName> overrides,
      Progress& progress
  );

  Raised run();

 private:
  std::optional<Raised> round();
  std::optional<Raised> step(const std::vector<migration::RouteAmount>& due, Micros elapsed);
  std::optional<Raised> carry_out(const std::vector<ledger::Event>& events, Micros elapsed);
  std::optional<Raised> go_on(const std::vector<migration::RouteAmount>& due);
  Raised pause(RaisedTo to, std::string why, std::optional<Error> error = {});
  Raised ended();
  [[nodiscard]] bool rises(const std::vector<migration::RouteAmount>& due) const;
  bool gates_block();
  std::vector<migration::Gate> look();

  Service::Parts& parts_;
  Writer& writer_;
  const Asker& asker_;
  std::vector<migration::GateName> overrides_;
  Progress& progress_;
  migration::RaisePlan plan_;
  ledger::Sequence at_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point looked_;  // at the gates, last
};

}  // namespace hal9::engine
