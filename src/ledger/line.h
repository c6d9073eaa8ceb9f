// The line: one event as it is stored, hashed and exported. FROZEN: tests/golden holds lines that
// have to stay readable and byte for byte writable for ever.
//
// An event is one line of UTF-8 JSON without blanks and without a line feed, a CloudEvents 1.0
// event with the members in exactly this order; what is absent is left out, never null or empty:
//
//   line          = "{" specversion "," id "," source "," type ["," subject] "," time "," sequence
//                   "," recordedtime "," authtype "," authid ["," role] "," via ["," reason]
//                   "," correlationid ["," causationid] ["," nonce] "," data "}"
//   specversion   = "\"specversion\":\"1.0\""
//   id            = UUIDv7, lower case
//   source        = "/hal9/ledger/" name
//   type          = "hal9." area "." fact ".v" number
//   subject       = a route ("region.component"), a feature, "all": [A-Za-z0-9_.-], 1-129
//   time          = when it happened, 27 characters (base/time.h)
//   sequence      = 20 decimal digits, a JSON string, from 00000000000000000001 without gaps
//   recordedtime  = when it was recorded; strictly grows within a ledger, whatever the clock does
//   authtype      = how the actor is known: "user" (proven), "unverified" (a local OS user),
//                   "system", "service_account", "unknown"
//   authid        = who, never blank ("os:alice", "system:executor")
//   role, via     = lower-case words ("operator"; "cli", "server", "spool")
//   reason        = free text, at most 4096 bytes; makes nonce present
//   correlationid = UUID: the rollback or command that it belongs to
//   causationid   = UUID: the command that caused it
//   nonce         = 32 hexadecimal digits, present where the line carries free text, so that a
//                   redacted line cannot be guessed from its leaf hash
//   data          = a JSON object without blanks, the domain's; depth <= 64, no duplicate names,
//                   integers within +-(2^53-1), no NaN, at most 1 MiB
//
// Strings are escaped in one way (escape_json), so that decode and encode are inverses byte for
// byte; decode refuses everything that encode would not write.
//
// Floor 2, no domain word: type, subject and data mean nothing here.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::ledger {

// An event's place in its ledger, from 1; 0 is "before the first".
struct Sequence {
  std::uint64_t value = 0;
  auto operator<=>(const Sequence&) const = default;
};

// Who is behind an event, as the line carries it.
struct Author {
  std::string auth_type;
  std::string auth_id;
  std::string role;  // empty: absent
  std::string via;
  bool operator==(const Author&) const = default;
};

using Nonce = Bytes16;

// An event before the ledger gave it its place.
struct Draft {
  EventId id;
  std::string type;
  std::string subject;  // empty: absent
  Time time;
  Author author;
  std::string reason;  // empty: absent
  CorrelationId correlation;
  std::optional<CommandId> causation;
  std::optional<Nonce> nonce;
  std::string data;  // the JSON object's text
  bool operator==(const Draft&) const = default;
};

struct Event {
  Draft draft;
  std::string source;
  Sequence sequence;
  Time recorded;
  bool operator==(const Event&) const = default;
};

inline constexpr std::size_t kMaxDataBytes = 1U << 20;
inline constexpr std::size_t kMaxReasonBytes = 4096;
inline constexpr int kMaxDepth = 64;

std::string source_of(std::string_view ledger_name);

// Precondition: check_draft(event.draft) succeeded.
std::string encode(const Event& event);

// The exact inverse of encode. Error (Code::damaged) names the member and the byte offset.
Result<Event> decode(std::string_view line);

// The same into an event whose memory is used again, for a million lines. After an error `into` is
// of no use but for the next line.
Result<void> decode(std::string_view line, Event& into);

// The same without a look into `data`: for a fold, whose own codec judges the data again.
Result<void> decode_for_fold(std::string_view line, Event& into);

// Whether a draft can become a line: shapes of type, subject, author; data within the limits above
// and in compact form. Error: Code::failed, since it would be our own mistake.
Result<void> check_draft(const Draft& draft);

// Whether `json` is one JSON object without blanks within the limits: the check that decode and
// check_draft make on data.
Result<void> check_data(std::string_view json);

}  // namespace hal9::ledger
