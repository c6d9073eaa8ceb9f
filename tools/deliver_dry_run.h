// The end of every --dry-run: what would run, and the line that runs it. Exit 3 where a gate would
// refuse it.
#pragma once

#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "engine/dry_run.h"

namespace hal9::tools {

Result<int> deliver_dry_run(
    Context& context, const wiring::Wired& wired, Result<engine::DryRunView> view
);

}  // namespace hal9::tools
