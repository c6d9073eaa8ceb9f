#include "runbook.h"

#include <span>

namespace hal9::tools {

namespace {

constexpr RunbookLine kLines[] = {
    {"users are hurt, minutes matter", "hal9-migrate rollback", true},
    {"what would it do?", "hal9-migrate rollback --dry-run", true},
    {"only a region is wrong", "hal9-migrate rollback --regions us-west-2", true},
    {"is it done? exit 3: no", "hal9-migrate traffic --verify", true},
    {"is it still going on?", "hal9-migrate status --watch", true},
    {"everything off hierarchical, now", "hal9-migrate rollback --emergency --force"},
    {"the same without this program", "hal9-migrate rollback --emergency --print"},
    {"only some components are wrong", "hal9-migrate rollback --components cognitive,orchestration"
    },
    {"it worsens slowly", "hal9-migrate rollback --gradual --duration 10m"},
    {"a script must not cut the wrong phase", "hal9-migrate rollback --from-phase canary"},
    {"everything back, data and flags kept", "hal9-migrate rollback --complete --preserve-data"},
    {"it was interrupted", "hal9-migrate rollback resume"},
    {"less, not nothing", "hal9-migrate migrate --phase canary --percentage 5"},
    {"only the shadow copies", "hal9-migrate feature disable shadow_mode"},
    {"does it still serve requests?", "hal9-migrate monitor --system hierarchical"},
    {"what happened, rollback by rollback", "hal9-migrate timeline --group --limit 3"},
    {"what happens now", "hal9-migrate timeline --follow --limit 20"},
    {"why did this happen?", "hal9-migrate explain 12"},
    {"write down why", "hal9-migrate annotate --rollback latest \"what I saw\""},
    {"is the record whole?", "hal9-migrate ledger verify"},
};

constexpr ExitMeaning kMeanings[] = {
    {0, "done"},
    {1, "failed"},
    {2, "the line is wrong; nothing was done"},
    {3, "a check is negative or unknown"},
    {4, "not authorised: somebody else has to do it"},
    {5, "conflict: the state is another one; nothing was done"},
    {6, "ledger or router unreachable or unusable"},
    {7, "it goes on without us"},
    {8, "partly done; the rest is named"},
    {9, "traffic is cut, the record waits in the spool"},
    {130, "interrupted; it says how to go on"},
};

}  // namespace

std::span<const RunbookLine> runbook_lines() {
  return kLines;
}

std::span<const ExitMeaning> exit_meanings() {
  return kMeanings;
}

}  // namespace hal9::tools
