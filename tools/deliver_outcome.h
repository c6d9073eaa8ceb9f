// The end of every mutation: its outcome to where it was asked for, and its exit code.
#pragma once

#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "engine/views.h"

#include <cstdint>

namespace hal9::tools {

enum class Way : std::uint8_t { back, other };

Result<int> deliver_outcome(
    Context& context, const wiring::Wired& wired, const engine::Outcome& outcome, Way way
);

}  // namespace hal9::tools
