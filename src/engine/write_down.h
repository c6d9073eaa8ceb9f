// The record of what was done before anything could be recorded.
#pragma once

#include "base/result.h"
#include "engine/cut.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/state.h"

#include <optional>
#include <string>

namespace hal9::engine {

struct Written {
  RecordedWhere where = RecordedWhere::nowhere;
  std::string problem;
  std::optional<Code> code;  // of the problem, where the ledger could not be used
  std::optional<migration::State> state;
  std::optional<ledger::Sequence> first, last;
  bool ended_raise = false;  // a gradual move forward was open
  bool confirms = false;     // everything was cut already
};

// Ledger, else spool. Nothing here can undo or delay what was done in the router.
// `lost`: why the ledger is known to take nothing just now; it is not waited for a second time.
Written write_down(
    const CutParts& parts,
    const Asker& asker,
    const migration::Command& command,
    const std::optional<Error>& lost = std::nullopt
);

void say_where(Outcome& outcome, const Written& written, const CutParts& parts);

// What to type once traffic is down. A spool is taken in when the ledger is free again; where it is
// gone or damaged, looking at the router is all that a line can do.
std::string line_after(const Written& written);

}  // namespace hal9::engine
