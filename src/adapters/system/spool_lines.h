// The bytes of a spool, without the file around them: the decoder of what an emergency left behind.
#pragma once

#include "engine/spool.h"

#include <string>

namespace hal9::system {

// Each line is a command or kept as unreadable; a last line without its newline was not
// acknowledged and is unreadable even if it reads well. NUL bytes (the room that init prepared, and
// what a torn write leaves) are passed over.
engine::Spooled read_spool_lines(const std::string& bytes);

}  // namespace hal9::system
