// The lines forward that decide suggests: each can be typed as it stands. Internal to this folder.
#pragma once

#include "base/share.h"
#include "migration/phase.h"
#include "migration/state.h"

#include <optional>
#include <string>

namespace hal9::migration {

// "hal9-migrate migrate --phase P --percentage S"; without a share, what the phase has by itself.
std::string line_for(Phase phase, std::optional<Share> percentage = {});
// The line that enters the phase from here: ramp-up has no share by itself, so it gets the next of 25, 50,
// 75 and 100 that is above every route.
std::string line_into(const State& state, Phase phase);

}  // namespace hal9::migration
