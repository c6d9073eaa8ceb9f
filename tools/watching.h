// `status --watch`: when what ran is over. Pure; one thread.
//
// What runs at the first look, or begins later, is what is watched. It is over when it is observed at its
// end, and so is the watching. What stays open with nobody at it is left: said after two looks, since
// between a rollback's first event and its executor's lock there is a moment.
#pragma once

#include "engine/views.h"

#include <cstdint>
#include <string>

namespace hal9::tools {

enum class Watched : std::uint8_t {
  nothing,  // nothing runs, and nothing did
  running,
  over,  // it ran, and ended
  left,  // it is open, and nobody is at it
};

class Watching {
 public:
  Watched look(const engine::StatusView& view);

 private:
  bool ran_ = false;
  int alone_ = 0;  // looks in a row that found nobody at what is open
};

// What is the case, in one line, the same while nothing changes: for whatever is no terminal.
std::string watch_line(const engine::StatusView& view);

// What to type where something was left open.
std::string line_of_left(const engine::StatusView& view);

}  // namespace hal9::tools
