// The views in words and tables: what stands on the terminal for each. Pure; everything that came
// from a ledger, a router or a person is escaped here.
#pragma once

#include "base/share.h"
#include "engine/dry_run.h"
#include "engine/explain.h"
#include "engine/hooks.h"
#include "engine/ran.h"
#include "engine/views.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

// How a text is to look.
struct Look {
  bool colour = false;
  bool wide = false;      // nothing is cut, every route has its line
  bool detailed = false;  // status --detailed
};

inline constexpr std::string_view kRecordedOnly = " (recorded, not observed)";

// `5%`, `0-5%`.
std::string show(Share low, Share high);

// "ledger hal9.db (payments) | router haproxy (1 balancer) | watchdog none": first line of a
// mutation.
std::string where_line(const engine::Whereabouts& where);

// A line a gate: mark, name, outcome, evidence.
std::string gates_text(const std::vector<migration::Gate>& gates, bool colour);

// What a mutation came to. The last line says what to type next; before it, a rollback without a
// reason asks for one with the line that gives it.
struct Told {
  bool rollback = false;
  bool reason_given = false;
};
std::string outcome_text(const engine::Outcome& outcome, Told told, bool colour);

// The file of break-glass lines against those that would be printed now.
enum class BreakGlass : std::uint8_t { right, stale, missing };

// `config check`: the file is right; what else is to be known of it.
struct ConfigCheck {
  std::string file;
  std::string router;
  std::size_t routes = 0;
  std::size_t features = 0;
  engine::AcceptedView accepted;
  std::string not_compared;  // why the ledger could not be asked; empty: it was
  std::string break_glass_file;
  BreakGlass break_glass = BreakGlass::right;
  std::string copy_file;  // of the accepted configuration
  bool copy_is_current = true;
  std::vector<std::string> warnings;  // sentences of the router's settings; they refuse nothing
  // What a restart of the router would bring back, or what keeps a cut from working, and why.
  std::vector<std::string> refusals;
  std::string next;  // what to type about them; empty: a way back
};
std::string word_of(BreakGlass is);
std::string config_check_text(const ConfigCheck& check, bool colour);
// Whether the file holds these lines; comments and blank lines do not count.
bool has_lines(std::string_view file, const std::vector<std::string>& lines);

// "1 record waits", "2 records wait".
std::string waiting_text(std::uint64_t records);
std::string dry_run_text(const engine::DryRunView& view, bool colour);
std::string explain_text(const engine::ExplainView& view, Look look);
std::string status_text(const engine::StatusView& view, Look look);
std::string traffic_text(const engine::TrafficView& view, Look look, bool verify);
// What the second look shows and the first one did not, and the other way round; a line each, not
// escaped. Empty: nothing changed.
std::vector<std::string> changes_of(
    const engine::TrafficView& before, const engine::TrafficView& after
);
std::string activity_text(const engine::ActivityView& view, bool colour);
std::string features_text(const std::vector<engine::FeatureView>& views, Look look);
std::string rollbacks_text(const std::vector<engine::RollbackView>& views, Look look);
// `events`: its timeline, a line each, as it is to look.
std::string rollback_text(
    const engine::RollbackView& view,
    const engine::RanView& ran,
    const std::string& events,
    Look look
);
std::string hooks_text(const std::vector<engine::HookView>& views, Look look);
// "hook stop-shadow is due since event 40 (phase-end of shadow), failed after 1 attempt"; "was due", and
// why it is not run, where its phase was entered again.
std::string due_hook_text(const migration::DueHook& due, bool entered_again);
// The line for it; `runs`: whether a retry would run it.
std::string due_hook_next(const migration::DueHook& due, bool runs);
// It succeeded, and that is on record.
bool went_well(const engine::HookResult& result);
std::string hook_result_text(const engine::HookResult& result, bool colour);
std::string hook_results_text(const std::vector<engine::HookResult>& results, bool colour);
std::string incidents_text(const std::vector<engine::IncidentView>& views, Look look);
// `events`: what happened in it, a line each. `rollbacks`: those that it owns.
std::string incident_text(
    const engine::IncidentView& view,
    const std::vector<engine::RollbackView>& rollbacks,
    const std::string& events
);
// "incident 71 (critical, p99 rises) is open"
std::string open_incident_text(const migration::Incident& incident);
std::string inclusion_text(const engine::InclusionView& view, bool colour);
std::string consistency_text(const engine::ConsistencyView& view, bool colour);
std::string export_text(const engine::ExportView& view, bool colour);
// Nothing was found in it, and the ledger that it was compared with, if any, has the same root.
bool holds(const engine::ExportView& view);
std::string seal_text(const engine::SealView& view, bool colour);
std::string seals_text(const engine::SealsView& view, bool colour);
std::string keys_text(const engine::KeysView& view, bool colour);
std::string seal_file_text(const engine::SealFileView& view, bool colour);
// Up to where the ledger is sealed and witnessed; of `ledger verify` and `ledger seals`.
std::string seal_check_text(const engine::SealCheck& check, bool colour);
// The content as it is kept; made safe to look at where it goes to no file.
std::string object_text(const engine::ObjectView& view, bool to_file);
// How many objects were read again; of `ledger verify`.
std::string object_check_text(const engine::ObjectCheck& check, bool colour);
std::string opened_text(const engine::OpenedView& view, bool colour);
std::string rebuilt_text(const engine::RebuiltView& view, bool colour);
std::string backup_text(const engine::BackupView& view, bool colour);
std::string imported_text(const engine::ImportedView& view, bool colour);
std::string verify_text(const engine::VerifyView& view, bool colour);

// One event. `with_reason`: the first line of its correlation.
std::string entry_text(const engine::TimelineEntry& entry, bool with_reason);

// Whether traffic --verify is to end with 3: observed differs from recorded, or is not known.
bool differs(const engine::TrafficView& view);

}  // namespace hal9::tools
