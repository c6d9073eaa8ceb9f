#include "engine/take_in.h"

#include "base/id.h"
#include "base/result.h"
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
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

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

Result<void> note_taken(
    Writer& writer,
    Environment& environment,
    const Asker& asker,
    std::uint64_t taken,
    const std::vector<std::string>& unreadable
) {
  Asker system = asker;
  system.reason.clear();
  std::size_t at = 0;
  while (taken > 0 || at < unreadable.size()) {
    migration::TakeSpool body;
    body.commands = std::exchange(taken, 0);
    const std::size_t end = std::min(at + kPiecesAnEvent, unreadable.size());
    body.unreadable.assign(
        unreadable.begin() + static_cast<std::ptrdiff_t>(at),
        unreadable.begin() + static_cast<std::ptrdiff_t>(end)
    );
    at = end;
    auto recorded = writer.execute(make_command(environment, system, std::move(body)));
    if (!recorded) return pass_on(recorded);
  }
  return {};
}

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
  for (const std::string& line : spooled->unreadable) split_into(unreadable, line);
  for (const migration::Command& command : spooled->commands) {
    auto recorded = writer.execute(command, migration::Via::spool);
    if (recorded) {
      if (!recorded->repeated) ++taken;
      continue;
    }
    if (!concerns_the_command(recorded.error().code)) return pass_on(recorded);
    split_into(unreadable, to_text(command.id) + ": " + recorded.error().what);
  }
  auto noted = note_taken(writer, environment, asker, taken, unreadable);
  if (!noted) return pass_on(noted);
  // What cannot be removed is taken in again, and found to be in the ledger already.
  std::ignore = spool.remove(*spooled);
  return count;
}

}  // namespace hal9::engine
