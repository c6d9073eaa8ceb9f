// The one JSON form of each view, for --format json and later REST. Member names are stable.
// Shares are numbers in percent; times the ledger's text; ids text; what is unknown is null.
#pragma once

#include "engine/dry_run.h"
#include "engine/explain.h"
#include "engine/hooks.h"
#include "engine/ran.h"
#include "engine/views.h"

#include <nlohmann/json.hpp>

namespace hal9::engine {

using Json = nlohmann::ordered_json;

Json to_json(const DryRunView& view);
Json to_json(const ExplainView& view);
Json to_json(const StatusView& view);
Json to_json(const TrafficView& view);
Json to_json(const TimelineEntry& view);
Json to_json(const FeatureView& view);
Json to_json(const ObjectView& view);
Json to_json(const ActivityView& view);
Json to_json(const RollbackView& view);
Json to_json(const RanView& view);
Json to_json(const IncidentView& view);
Json to_json(const HookView& view);
Json to_json(const HookResult& view);
Json to_json(const OpenedView& view);
Json to_json(const RebuiltView& view);
Json to_json(const BackupView& view);
Json to_json(const ImportedView& view);
Json to_json(const VerifyView& view);
Json to_json(const SealView& view);
Json to_json(const SealsView& view);
Json to_json(const KeysView& view);
Json to_json(const SealFileView& view);
Json to_json(const InclusionView& view);
Json to_json(const ConsistencyView& view);
Json to_json(const ExportView& view);
Json to_json(const Outcome& view);

}  // namespace hal9::engine
