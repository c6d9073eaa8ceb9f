#include "migration/due_hooks.h"

#include "base/name.h"
#include "migration/hook.h"
#include "migration/state.h"

#include <algorithm>

namespace hal9::migration {

bool entered_again(const State& state, const DueHook& due) {
  // The end of a rollback stays one, whichever phase comes behind it.
  return due.on == HookOn::phase_end && due.phase == state.phase;
}

bool names_hook(const State& state, const Name& hook) {
  return std::ranges::find(state.hooks, hook, &HookRule::name) != state.hooks.end();
}

}  // namespace hal9::migration
