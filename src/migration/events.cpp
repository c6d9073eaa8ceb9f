#include "migration/events.h"

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hal9::migration {

namespace {

// In the order of the variant.
constexpr std::array<std::string_view, 40> kTypes{
    "hal9.migration.opened.v1",
    "hal9.configuration.accepted.v1",
    "hal9.gates.checked.v1",
    "hal9.phase.entered.v1",
    "hal9.traffic.requested.v1",
    "hal9.traffic.applied.v1",
    "hal9.traffic.observed.v1",
    "hal9.traffic.recorded.v1",
    "hal9.traffic.failed.v1",
    "hal9.feature.requested.v1",
    "hal9.feature.applied.v1",
    "hal9.feature.observed.v1",
    "hal9.feature.recorded.v1",
    "hal9.feature.failed.v1",
    "hal9.rollback.started.v1",
    "hal9.rollback.asked.v1",
    "hal9.rollback.superseded.v1",
    "hal9.rollback.completed.v1",
    "hal9.rollback.stalled.v1",
    "hal9.halt.set.v1",
    "hal9.halt.released.v1",
    "hal9.halt.cleared.v1",
    "hal9.executor.taken.v1",
    "hal9.spool.taken.v1",
    "hal9.annotation.added.v1",
    "hal9.object.kept.v1",
    "hal9.rollback.cancelled.v1",
    "hal9.routes.halted.v1",
    "hal9.routes.cleared.v1",
    "hal9.raise.started.v1",
    "hal9.raise.paused.v1",
    "hal9.raise.resumed.v1",
    "hal9.raise.ended.v1",
    "hal9.incident.opened.v1",
    "hal9.incident.changed.v1",
    "hal9.incident.joined.v1",
    "hal9.incident.closed.v1",
    "hal9.drift.found.v1",
    "hal9.hook.ran.v1",
    "hal9.hook.dismissed.v1",
};
static_assert(kTypes.size() == std::variant_size_v<Fact>);

}  // namespace

std::string type_of(const Fact& fact) {
  return std::string(kTypes.at(fact.index()));
}

std::vector<std::string> all_types() {
  return {kTypes.begin(), kTypes.end()};
}

}  // namespace hal9::migration
