// Time and spans of time as people and ledgers write them.
//
// A Time is microseconds since the epoch, UTC. Its text is RFC 3339 with exactly six digits and a
// `Z`: `2026-08-01T03:04:05.000006Z`; nothing else is written or accepted, so that one instant has
// one text. Years 1970 to 9999. Pure: no clock is read here.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace hal9 {

using Micros = std::chrono::microseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Micros>;

inline constexpr std::size_t kTimeLength = 27;

// Undefined text outside of years 1970-9999.
std::string to_text(Time time);
Result<Time> parse_time(std::string_view text);
// The same where nobody is told why not. False: `into` is of no use.
bool parse_time(std::string_view text, Time& into);

// For people, everywhere the same: `2026-08-01 03:04:05Z`, UTC, whole seconds. Ledger, JSON and CSV
// have the microseconds.
std::string for_people(Time time);

// The stamp inside names: `20260801-030405`, UTC, whole seconds.
std::string to_stamp(Time time);

// RFC 3339 as a person types it: any number of fraction digits (cut to six), `Z` or an offset,
// `T` or a blank. For --at and ranges, never for the ledger.
Result<Time> parse_time_loosely(std::string_view text);

// `250ms`, `3s`, `1.5s`, `10m`, `2h`, `1h30m`; positive, at most 30 days. A bare number is refused: nobody
// remembers at night whether it was seconds or minutes.
Result<Micros> parse_duration(std::string_view text);

// The shortest of the above that is exact to the second (below ten seconds: to the millisecond):
// `10m`, `1h30m`, `3s`, `1.250s`.
std::string to_text(Micros duration);

}  // namespace hal9
