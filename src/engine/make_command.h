// Making commands: id, time and asker from the environment, in one place.
#pragma once

#include "base/escape.h"
#include "base/id.h"
#include "engine/environment.h"
#include "engine/service.h"
#include "ledger/line.h"
#include "migration/commands.h"

#include <optional>
#include <utility>

namespace hal9::engine {

// A command outside of any rollback correlates with itself.
inline migration::Command make_command(
    Environment& environment,
    const Asker& asker,
    migration::CommandBody body,
    std::optional<CorrelationId> correlation = {}
) {
  migration::Command command;
  command.at = environment.now();
  command.id = CommandId::make(command.at, environment.random());
  command.actor = asker.actor;
  // Mended and cut here, so that a command in the spool has the size that its events will have.
  command.reason = shorten(to_utf8(asker.reason), ledger::kMaxReasonBytes);
  command.correlation = correlation.value_or(CorrelationId{command.id.bytes});
  command.body = std::move(body);
  return command;
}

}  // namespace hal9::engine
