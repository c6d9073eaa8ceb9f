// Lives of several rollbacks at once on a stage (stage.h), and the rules that each is held to.
#pragma once

#include "base/share.h"
#include "base/time.h"
#include "engine/stage.h"
#include "ledger/line.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

enum class Does : std::uint8_t { rollback, resume, emergency };

// A process: when it starts, what it does, and at which call of a port it is killed (0: never).
struct Act {
  Does does = Does::rollback;
  std::uint32_t at_ms = 0;
  std::uint32_t dies_at = 0;
  std::vector<std::uint32_t> routes;  // by number; empty: every one
  std::uint32_t percent = 0;
  std::uint32_t over_ms = 0;  // 0: at once
};

enum class Befalls : std::uint8_t {
  edit,         // of route `which` by hand, up to `value` percent
  restart,      // of the router; its files are lost if `which` is odd
  lost,         // the ledger, for `value` tenths of a second
  unreachable,  // the router, for `value` tenths of a second
  clock         // by `value` seconds, back if `which` is odd
};

struct Blow {
  Befalls what = Befalls::edit;
  std::uint32_t at_ms = 0;
  std::uint32_t which = 0;
  std::uint32_t value = 0;
};

struct Life {
  std::uint64_t seed = 0;             // of the dice: how long each call takes, who comes between
  std::vector<std::uint32_t> shares;  // of the routes, percent
  std::vector<Act> acts;
  std::vector<Blow> blows;
  bool calm =
      false;  // nobody is killed or stopped, ledger and router answer: then the ramp is kept
};

std::string to_text(const Life& life);
// Three routes at most, one to four processes.
Life any_life(bool calm);
Life parse_life(const std::string& text);  // of to_text; throws on anything else

// Lives it, brings it to an end with a `resume` and a look at the router, and returns the first rule that
// was broken, empty if none was. `log`: where each event goes, for a look at one life.
std::string live(const Life& life, std::vector<std::string>* log = nullptr);

}  // namespace hal9::engine
