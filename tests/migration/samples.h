// One fact of every type and one command of every kind, in the order of their variants: what the
// golden files hold. FROZEN with them; a new type adds its own.
#pragma once

#include "migration/commands.h"
#include "migration/events.h"

#include <string>
#include <vector>

namespace hal9::migration::test {

std::vector<Fact> one_fact_of_each();
std::vector<Command> one_command_of_each();

// The file below tests/golden, without its last line feed. Fails the test if it is not there.
std::string golden(const std::string& path);

}  // namespace hal9::migration::test
