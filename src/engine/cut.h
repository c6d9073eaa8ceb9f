// Ways back that do not wait for the ledger.
//
// emergency(): the third door. Router first (the halt is there, before anything that can block),
// then the raise lock and a look, sessions, and only then the record: ledger, else spool.
// lower_unrecorded(): any other lowering while the ledger cannot be used: moved at once, spooled.
#pragma once

#include "base/result.h"
#include "base/share.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "engine/views.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// Opens the ledger for the record; called after the traffic was cut.
using OpenStore = std::function<Result<std::unique_ptr<ledger::Store>>()>;

struct CutParts {
  const migration::Configuration& configuration;
  Router& router;
  Environment& environment;
  Lock& raise_lock;
  Spool& spool;
  OpenStore open_store;
};

Outcome emergency(
    const CutParts& parts,
    const std::function<Asker()>& who,
    const EmergencyRequest& request,
    Progress& progress
);

// What was to be lowered when the ledger turned out to be unusable.
struct Lowering {
  Share percentage;           // of shares; in phase shadow, where it is known, of mirrors
  bool shares_only = false;   // keep the mirrors where they are (percentage above 0)
  bool mirrors_only = false;  // mirrors to 0, shares stay (`feature disable shadow_mode`)
  bool force = false;
  bool preserve_data = false;
  std::vector<migration::FeatureAmount> features;       // `feature disable`: these, and no route
  std::optional<std::vector<migration::Route>> routes;  // a selection; absent: every route
  // What single routes go to instead, by the plans that were under way.
  std::vector<migration::RouteAmount> targets;
  std::vector<std::string> skipped;  // guards that could not be read
  // As in migration::RollBack; of what is no rollback, none.
  std::optional<migration::IncidentChoice> incident;
  // The gradual move forward that is brought back: `targets` are where its routes began.
  std::optional<RaiseId> aborted;
};

// Routes that the router's maps hold beyond the configured ones go to 0, whatever the percentage,
// unless routes were selected.
Outcome lower_unrecorded(
    const CutParts& parts, const Asker& asker, const Lowering& lowering, const Error& ledger_error
);

}  // namespace hal9::engine
