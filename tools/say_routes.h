// Routes in words, and what is said of them on several pages. Internal to the say_*.cpp files.
#pragma once

#include "base/share.h"
#include "engine/router.h"
#include "engine/views.h"
#include "migration/phase.h"
#include "say.h"

#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

std::string percent(Share share);

// The share that is in force as far as anybody knows: from the router, else as last observed.
Share share_now(const engine::RouteView& route);

// A marked line of its own; escaped.
std::string warning(std::string_view text, bool colour);
std::string failure(std::string_view text, bool colour);

// One line for many routes with the same numbers; a table where they differ or details are wanted.
std::string routes_text(const std::vector<engine::RouteView>& routes, bool each, Look look);

// A key of the router that is no configured route.
std::string other_text(const engine::OtherReading& other);

// A rollback to what is recorded finds nothing to lower on record, and so puts down what the router
// has above it.
std::string line_down(const std::vector<engine::RouteView>& routes, migration::Phase phase);

}  // namespace hal9::tools
