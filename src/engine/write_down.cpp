#include "engine/write_down.h"

#include "base/result.h"
#include "engine/cut.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/take_in.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/events.h"

#include <memory>
#include <optional>

namespace hal9::engine {

Written write_down(
    const CutParts& parts,
    const Asker& asker,
    const migration::Command& command,
    const std::optional<Error>& lost
) {
  Written written;
  std::optional<Error> error = lost;
  auto store = lost ? Result<std::unique_ptr<ledger::Store>>(tl::unexpected<Error>(*lost))
                    : parts.open_store();
  if (store) {
    (*store)->close_in_haste();
    Writer writer(**store, parts.environment);
    auto taken = take_spool_in(writer, parts.spool, parts.environment, asker);
    // A spool that cannot be read does not keep this record out of the ledger.
    if (!taken) written.problem = taken.error().what;
    auto recorded = writer.execute(command);
    if (recorded) {
      written.where = RecordedWhere::ledger;
      written.state = writer.state();
      if (!recorded->events.empty()) {
        written.first = recorded->events.front().sequence;
        written.last = recorded->events.back().sequence;
        const auto asked = migration::type_of(migration::RollbackAsked{});
        written.ended_raise = find_fact<migration::RaiseEnded>(recorded->events).has_value();
        written.confirms = recorded->events.front().draft.type == asked;
      }
      return written;
    }
    error = recorded.error();
  } else {
    error = store.error();
  }
  written.code = error->code;
  written.problem = error->why.empty() ? error->what : error->what + " (" + error->why + ")";
  auto spooled = parts.spool.append(command);
  if (spooled) {
    written.where = RecordedWhere::spool;
  } else {
    written.problem += "; and the spool: " + spooled.error().what;
  }
  return written;
}

void say_where(Outcome& outcome, const Written& written, const CutParts& parts) {
  outcome.recorded = written.where;
  outcome.first = written.first;
  outcome.last = written.last;
  if (written.state) outcome.state = *written.state;
  switch (written.where) {
    case RecordedWhere::ledger:
      if (!written.problem.empty()) outcome.notes.push_back(written.problem);
      return;
    case RecordedWhere::spool:
      outcome.code = Code::spooled;
      outcome.notes.push_back(
          "the ledger could not take the record: " + written.problem + "; it waits in the spool (" +
          parts.spool.location() + ") and the next command takes it in once the ledger is back"
      );
      return;
    case RecordedWhere::nowhere:
      outcome.code = Code::partly_done;
      outcome.notes.push_back(
          "the record could not be written, write down what is printed here: " + written.problem
      );
      return;
  }
}

std::string line_after(const Written& written) {
  const bool gone = written.code == Code::missing || written.code == Code::not_ours ||
                    written.code == Code::damaged;
  return written.where == RecordedWhere::spool && !gone ? "hal9-migrate rollback resume"
                                                        : "hal9-migrate traffic --verify";
}

}  // namespace hal9::engine
