// A rollback: a plan run to its end. Pure data; ramp.h says what its share is at a moment.
#pragma once

#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::migration {

enum class RollbackKind : std::uint8_t { immediate, gradual, emergency };
// cancelled: it was stopped where it was, and its routes stay there.
enum class RollbackStatus : std::uint8_t { open, completed, superseded, cancelled };

// From where to where one route goes; `to` is never above `from`. `ends`: before the plan does, since
// another rollback of this route would have ended then.
struct RouteLowering {
  Route route;
  Share share_from, share_to;
  Share mirror_from, mirror_to;
  std::optional<Time> ends = {};
  bool operator==(const RouteLowering&) const = default;
};

struct RollbackPlan {
  RollbackId id;
  RollbackKind kind = RollbackKind::immediate;
  Time started;
  Time ends;  // == started unless gradual
  Phase from_phase = Phase::none;
  Phase to_phase = Phase::none;  // entered when it has completed
  bool partial = false;  // its routes are held afterwards (rollback above 0); not for migrate
  bool force = false;
  bool preserve_data = false;
  std::vector<RouteLowering> routes;
  bool operator==(const RollbackPlan&) const = default;
};

struct Rollback {
  RollbackPlan plan;
  RollbackStatus status = RollbackStatus::open;
  std::string by;      // the actor's id
  std::string reason;  // empty: no reason given
  std::optional<Time> ended;
  std::optional<RollbackId> superseded_by;
  bool observed = true;  // false: completed on a ledger-only router, which nobody can read back
  std::optional<IncidentId> incident = {};  // that it belongs to
  bool operator==(const Rollback&) const = default;
};

// The plan's part for this route; null: it has none.
const RouteLowering* lowering_in(const RollbackPlan& plan, const Route& route);
// When the route is at its target.
Time end_of(const RollbackPlan& plan, const RouteLowering& lowering);

std::string to_text(RollbackKind kind);
std::string to_text(RollbackStatus status);

}  // namespace hal9::migration
