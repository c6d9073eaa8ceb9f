// Identifiers: 128 bits, typed by what they name, so that a rollback's id cannot be passed for a
// command's. Made as UUIDv7 (RFC 9562 section 5.7): they sort by time of making.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <array>
#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hal9 {

using Bytes16 = std::array<std::uint8_t, 16>;

inline constexpr std::size_t kUuidLength = 36;

// 8-4-4-4-12 lower-case hexadecimal digits.
std::string to_uuid_text(const Bytes16& bytes);
Result<Bytes16> parse_uuid(std::string_view text);
// The same where nobody is told why not. False: `into` is of no use.
bool parse_uuid(std::string_view text, Bytes16& into);

// `random` supplies the 74 bits that the time does not.
Bytes16 make_uuid7(Time time, const Bytes16& random);

template <class Tag>
struct Id {
  Bytes16 bytes{};

  static Id make(Time time, const Bytes16& random) { return {make_uuid7(time, random)}; }
  static Result<Id> parse(std::string_view text) {
    auto bytes = parse_uuid(text);
    if (!bytes) return pass_on(bytes);
    return Id{*bytes};
  }
  auto operator<=>(const Id&) const = default;
};

template <class Tag>
std::string to_text(const Id<Tag>& id) {
  return to_uuid_text(id.bytes);
}

using EventId = Id<struct EventTag>;
using CommandId = Id<struct CommandTag>;
// A rollback's id is the id of the command that began it.
using RollbackId = Id<struct RollbackTag>;
// The same of a gradual move forward.
using RaiseId = Id<struct RaiseTag>;
// What belongs together: all events of one rollback, or of one command outside of any rollback.
using CorrelationId = Id<struct CorrelationTag>;

}  // namespace hal9
