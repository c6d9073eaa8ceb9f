// One sentence for each fact: timelines, reports and pages say the same thing in the same words.
#pragma once

#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/events.h"

#include <string>
#include <vector>

namespace hal9::engine {

std::string describe(const migration::Fact& fact);

// The sentence of a line; of one that this version does not understand: its type, and that.
std::string describe(const ledger::Event& event);

// Many routes with the same numbers in few words: "all 15 routes: share 5%", "eu-west-1.cognitive:
// share 5%, mirror 0%; 2 more: share 0%".
std::string describe(const std::vector<migration::RouteAmount>& routes);

// "Flat: 95%, Hierarchical: 5%" of the routes' shares, a range where they differ; "(recorded, not
// observed)" behind it unless they were read back.
std::string split_text(const std::vector<migration::RouteAmount>& routes, bool read_back);

}  // namespace hal9::engine
