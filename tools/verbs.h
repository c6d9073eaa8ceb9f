// A function a verb: parses its options to a value, calls the service, prints. What it returns is
// the exit code; an error is printed by main and decides the code by itself (exit_code.h).
#pragma once

#include "base/result.h"
#include "context.h"

#include <string>
#include <vector>

namespace hal9::tools {

Result<int> run_rollback(Context& context);
Result<int> run_rollback_list(Context& context);
Result<int> run_rollback_show(Context& context);
Result<int> run_rollback_resume(Context& context);
Result<int> run_rollback_cancel(Context& context);
Result<int> run_incident_list(Context& context);
Result<int> run_incident_show(Context& context);
Result<int> run_incident_open(Context& context);
Result<int> run_incident_update(Context& context);
Result<int> run_incident_close(Context& context);
Result<int> run_hook_list(Context& context);
Result<int> run_hook_retry(Context& context);
Result<int> run_hook_dismiss(Context& context);
Result<int> run_traffic(Context& context);
Result<int> run_status(Context& context);
Result<int> run_migrate(Context& context);
Result<int> run_migrate_resume(Context& context);
Result<int> run_migrate_abort(Context& context);
Result<int> run_feature_list(Context& context);
Result<int> run_feature_enable(Context& context);
Result<int> run_feature_disable(Context& context);
Result<int> run_feature_status(Context& context);
Result<int> run_monitor(Context& context);
Result<int> run_timeline(Context& context);
Result<int> run_explain(Context& context);
Result<int> run_annotate(Context& context);
Result<int> run_init(Context& context);
Result<int> run_config_view(Context& context);
Result<int> run_config_check(Context& context);
Result<int> run_router_config(Context& context);
Result<int> run_ledger_export(Context& context);
Result<int> run_ledger_backup(Context& context);
Result<int> run_ledger_import(Context& context);
Result<int> run_ledger_open(Context& context);
Result<int> run_ledger_rebuild(Context& context);
Result<int> run_ledger_keys(Context& context);
Result<int> run_ledger_object(Context& context);
Result<int> run_ledger_prove(Context& context);
Result<int> run_ledger_seal(Context& context);
Result<int> run_ledger_seals(Context& context);
Result<int> run_ledger_verify(Context& context);
Result<int> run_completion(Context& context);
Result<int> run_version(Context& context);
Result<int> run_help(Context& context);

// What the scripts of `completion` ask: the words of one kind, a line each. Says nothing else, whatever is
// wrong, and writes nothing: it runs while somebody types. `words`: KIND [--config FILE] [--ledger FILE].
int run_complete(const std::vector<std::string>& words);

}  // namespace hal9::tools
