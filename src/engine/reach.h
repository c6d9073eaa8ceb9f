// What is asked, as the router can do it: shares that can be set and read back exactly, and routes that
// move as one. Done before anything is decided, so that what is requested can be observed; what was
// changed is a sentence in `notes`. Nothing here reads or writes the router.
#pragma once

#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "engine/service.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"

#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// Never above what is asked.
Share reach(const Router& router, Share share, std::vector<std::string>& notes);
// Of amounts that nobody typed, without a word: the steps of a ramp.
void reach(const Router& router, std::vector<migration::RouteAmount>& amounts);

// A way back: rounded down, and of whole pools.
migration::RollBack reach(
    const Router& router,
    const migration::Configuration& configuration,
    migration::RollBack request,
    std::vector<std::string>& notes
);
// An emergency of routes whose pools hold every route is one of everything.
EmergencyRequest reach(
    const Router& router,
    const migration::Configuration& configuration,
    EmergencyRequest request,
    std::vector<std::string>& notes
);
// Either direction; see refuse_part().
MoveRequest reach(
    const Router& router,
    const migration::Configuration& configuration,
    MoveRequest request,
    std::vector<std::string>& notes
);

// Upward nothing rises that was not named, and nothing is called a step that is none. `asked`: as it
// was typed, `reached`: what reach() made of it. Error: conflict.
Result<void> refuse_part(
    const Router& router, const MoveRequest& asked, const MoveRequest& reached
);

}  // namespace hal9::engine
