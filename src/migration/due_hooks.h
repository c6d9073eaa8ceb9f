// Which of the hooks that the state remembers are still to be run. Pure.
#pragma once

#include "base/name.h"
#include "migration/hook.h"
#include "migration/state.h"

namespace hal9::migration {

// The phase whose end made it due is the current one again: what was right at its end (scaling it to
// zero, say) would hurt what is live now. It is listed and due no longer; leaving the phase once more
// makes the hook due anew, in place of this one.
bool entered_again(const State& state, const DueHook& due);

// Whether the accepted configuration has a hook of this name.
bool names_hook(const State& state, const Name& hook);

}  // namespace hal9::migration
