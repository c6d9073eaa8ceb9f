#include "engine/take_in.h"

#include "base/escape.h"
#include "engine/make_command.h"
#include "ledger/line.h"

#include <string>
#include <utility>

namespace hal9::engine {

namespace {

// Refusals of the one command, as against a ledger that takes none: it is kept as unreadable, so
// that one odd line does not hold up those behind it.
bool concerns_the_command(Code code) {
  return code == Code::repeated || code == Code::usage || code == Code::conflict ||
         code == Code::stale || code == Code::gate;
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

  migration::TakeSpool taken;
  for (const std::string& line : spooled->unreadable) {
    taken.unreadable.push_back(shorten(line, ledger::kMaxReasonBytes));
  }
  for (migration::Command& command : spooled->commands) {
    command.actor.via = migration::Via::spool;
    auto recorded = writer.execute(command);
    if (recorded) {
      ++taken.commands;
      continue;
    }
    if (!concerns_the_command(recorded.error().code)) return pass_on(recorded);
    taken.unreadable.push_back(
        shorten(to_text(command.id) + ": " + recorded.error().what, ledger::kMaxReasonBytes)
    );
  }
  Asker system = asker;
  system.reason.clear();
  auto recorded = writer.execute(make_command(environment, system, std::move(taken)));
  if (!recorded) return pass_on(recorded);
  auto removed = spool.remove(*spooled);
  if (!removed) return pass_on(removed);
  return count;
}

}  // namespace hal9::engine
