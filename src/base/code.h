// The kinds of errors, in one table: what each is called, and what it says about the ledger and the
// work. A new Code is added to the enum and to facts_of(), both here; its exit code stands with the
// command line (tools/exit_code.h). None of the switches has a default, so that a Code which is
// missing in one of them does not compile (-Werror=switch).
#pragma once

#include <cstdint>
#include <string_view>

namespace hal9 {

// In order of precedence: where several hold, the first one is reported.
enum class Code : std::uint8_t {
  usage,           // the line itself is wrong; nothing was looked at
  not_authorised,  // somebody else has to do or approve it
  repeated,        // this id was used with other bytes
  conflict,        // the line is right, the state is not (guard, order of phases, running rollback)
  stale,           // another executor has taken over (fencing number)
  gate,            // a gate failed or is unknown; nothing was changed
  negative,        // a check was made and its answer is no, or unknown
  damaged,         // the ledger contradicts its own hashes
  not_ours,        // the file is not a ledger of this program
  newer,           // the ledger or the file was written by a newer version
  locked,          // another process holds the ledger
  full,            // no space left
  read_only,       // the ledger cannot be written
  missing,         // the ledger or a file is not there
  unreachable,     // a router, a server or another outside part does not answer
  partly_done,     // some of it is done and observed, the rest is named
  spooled,         // traffic is cut, the record waits in the spool
  continues,       // it goes on without us
  interrupted,     // Ctrl-C
  failed,          // anything else
};

enum class CodeKind : std::uint8_t {
  refusal,   // of one command; the ledger is as usable as before
  unusable,  // the ledger, where it comes from there, cannot be used as a place
  progress,  // something was done, and not all of it
};

struct CodeFacts {
  std::string_view word;  // in JSON; FROZEN
  CodeKind kind = CodeKind::unusable;
};

constexpr CodeFacts facts_of(Code code) {
  switch (code) {
    case Code::usage:
      return {"usage", CodeKind::refusal};
    case Code::not_authorised:
      return {"not_authorised", CodeKind::refusal};
    case Code::repeated:
      return {"repeated", CodeKind::refusal};
    case Code::conflict:
      return {"conflict", CodeKind::refusal};
    case Code::stale:
      return {"stale", CodeKind::refusal};
    case Code::gate:
      return {"gate", CodeKind::refusal};
    case Code::negative:
      return {"negative", CodeKind::refusal};
    case Code::damaged:
      return {"damaged", CodeKind::unusable};
    case Code::not_ours:
      return {"not_ours", CodeKind::unusable};
    case Code::newer:
      return {"newer", CodeKind::unusable};
    case Code::locked:
      return {"locked", CodeKind::unusable};
    case Code::full:
      return {"full", CodeKind::unusable};
    case Code::read_only:
      return {"read_only", CodeKind::unusable};
    case Code::missing:
      return {"missing", CodeKind::unusable};
    case Code::unreachable:
      return {"unreachable", CodeKind::unusable};
    case Code::partly_done:
      return {"partly_done", CodeKind::progress};
    case Code::spooled:
      return {"spooled", CodeKind::progress};
    case Code::continues:
      return {"continues", CodeKind::progress};
    case Code::interrupted:
      return {"interrupted", CodeKind::progress};
    case Code::failed:
      return {"failed", CodeKind::unusable};
  }
  return {"failed", CodeKind::unusable};
}

}  // namespace hal9
