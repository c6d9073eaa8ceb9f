#include "engine/take_in.h"

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/environment.h"
#include "engine/make_command.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

// Refusals of the one command, as against a ledger that takes none: it is kept as unreadable, so
// that one odd line does not hold up those behind it.
bool concerns_the_command(Code code) {
  return code == Code::repeated || code == Code::usage || code == Code::conflict ||
         code == Code::stale || code == Code::gate;
}

// Pieces of a line that cannot be read, so that none of it is lost.
void split_into(std::vector<std::string>& pieces, std::string_view line) {
  for (std::size_t at = 0; at < line.size(); at += ledger::kMaxReasonBytes) {
    pieces.emplace_back(line.substr(at, ledger::kMaxReasonBytes));
  }
}

// As many events as it needs: a control byte takes six in a line, and an event holds 1 MiB.
constexpr std::size_t kPiecesAnEvent = 32;

using Pieces = std::span<const std::string>;

// A UUID of its own making (version 8, RFC 9562) out of what it stands for: pieces, and their place
// among those of one reading, so that the same piece twice in it is kept twice.
CommandId id_of(std::string_view kind, std::size_t at, Pieces pieces) {
  std::string counted = fmt::format("hal9 spool {} {}\n", kind, at);
  for (const std::string& piece : pieces) counted += fmt::format("{}:{}", piece.size(), piece);
  const Digest digest = sha256(counted);
  CommandId id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>(0x80U | (id.bytes[6] & 0x0FU));
  id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
  return id;
}

class Noting {
 public:
  Noting(Writer& writer, Environment& environment, const Asker& asker)
      : writer_(writer), environment_(environment), system_(asker) {
    system_.reason.clear();
  }

  // Keeps the pieces that are not in the ledger yet. The first event that is written also says how
  // many commands were taken in.
  Result<void> keep(std::string_view kind, Pieces pieces, std::uint64_t& taken) {
    for (std::size_t at = 0; at < pieces.size();) {
      auto known = known_from(kind, at, pieces);
      if (!known) return pass_on(known);
      at += *known;
      if (*known > 0) continue;
      const Pieces next = pieces.subspan(at, std::min(kPiecesAnEvent, pieces.size() - at));
      auto noted = note(std::exchange(taken, 0), next, id_of(kind, at, next));
      if (!noted) return pass_on(noted);
      at += next.size();
    }
    return {};
  }

  Result<void> note(std::uint64_t taken, Pieces pieces, std::optional<CommandId> id = {}) {
    migration::TakeSpool body{taken, {pieces.begin(), pieces.end()}};
    auto command = make_command(environment_, system_, std::move(body));
    if (id) {
      command.id = *id;
      command.correlation = CorrelationId{id->bytes};
    }
    auto recorded = writer_.execute(command);
    // Another process was quicker: the id is what it holds, only time and asker are others.
    if (!recorded && id && recorded.error().code == Code::repeated) return {};
    if (!recorded) return pass_on(recorded);
    return {};
  }

 private:
  // How many pieces from `at` on an earlier taking in has kept. It may have seen fewer than there
  // are now, since the spool goes on growing until it is removed.
  Result<std::size_t> known_from(std::string_view kind, std::size_t at, Pieces pieces) {
    for (std::size_t n = std::min(kPiecesAnEvent, pieces.size() - at); n > 0; --n) {
      auto known = writer_.knows(id_of(kind, at, pieces.subspan(at, n)));
      if (!known) return pass_on(known);
      if (*known) return n;
    }
    return std::size_t{0};
  }

  Writer& writer_;
  Environment& environment_;
  Asker system_;
};

}  // namespace

Result<std::uint64_t> take_spool_in(
    Writer& writer, Spool& spool, Environment& environment, const Asker& asker
) {
  auto spooled = spool.read();
  // A spool that cannot be read blocks no command: status says it, and the spool gate stops a raise.
  if (!spooled) return std::uint64_t{0};
  const std::uint64_t count = spooled->commands.size() + spooled->unreadable.size();
  if (count == 0) return count;

  std::uint64_t taken = 0;
  std::vector<std::string> unreadable;
  std::vector<std::string> refused;
  for (const std::string& line : spooled->unreadable) split_into(unreadable, line);
  for (const migration::Command& command : spooled->commands) {
    auto recorded = writer.execute(command, migration::Via::spool);
    if (recorded) {
      if (!recorded->repeated) ++taken;
      continue;
    }
    if (!concerns_the_command(recorded.error().code)) return pass_on(recorded);
    split_into(refused, to_text(command.id) + ": " + recorded.error().what);
  }
  Noting noting(writer, environment, asker);
  // Apart, since lines that came since would shift what stands behind them.
  if (auto kept = noting.keep("line", unreadable, taken); !kept) return pass_on(kept);
  if (auto kept = noting.keep("refused", refused, taken); !kept) return pass_on(kept);
  if (taken > 0) {
    if (auto noted = noting.note(taken, {}); !noted) return pass_on(noted);
  }
  // What cannot be removed is taken in again, and found to be in the ledger already.
  std::ignore = spool.remove(*spooled);
  return count;
}

}  // namespace hal9::engine
