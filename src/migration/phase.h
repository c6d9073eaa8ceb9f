// The phases in their order (semantics: runbook "Standard Rollback by Phase"). Frozen words.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::migration {

enum class Phase : std::uint8_t { none, shadow, canary, state_migration, ramp_up, full };

inline constexpr Phase kPhases[] = {
    Phase::none, Phase::shadow, Phase::canary, Phase::state_migration, Phase::ramp_up, Phase::full
};

// `none`, `shadow`, `canary`, `state-migration`, `ramp-up`, `full`.
std::string to_text(Phase phase);
// Accepts `cutover` for full. Error: usage with the nearest name and the list.
Result<Phase> parse_phase(std::string_view text);
// The one after; none for full.
std::optional<Phase> next_phase(Phase phase);

}  // namespace hal9::migration
