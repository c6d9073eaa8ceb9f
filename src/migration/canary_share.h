// Where a migration begins, and begins again with what an emergency has cut.
#pragma once

#include "base/share.h"

namespace hal9::migration {

inline constexpr Share kCanaryShare = Share::of_hundredths(500);  // README, phases

}  // namespace hal9::migration
