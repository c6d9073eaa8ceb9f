#include "command_table.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::tools {

namespace {

constexpr std::string_view kAllRoutes =
    "this version rolls all routes back together, not a selection of them";

constexpr OptionSpec kGlobal[] = {
    {"config", "FILE", "the configuration (HAL9_CONFIG, ./hal9.yaml, /etc/hal9/hal9.yaml)"},
    {"ledger", "FILE", "the ledger (HAL9_LEDGER, the configuration's)"},
    {"immutable", "", "look at a ledger as evidence: no hal9.yaml, nothing made beside it"},
    {"format", "FORM", "table, wide, json, yaml, jsonl or csv"},
    {"json", "", "short for --format json"},
    {"output", "PATH", "write the result there; - is the terminal", {}, {}, false, 'o'},
    {"no-color", "", "no colour (NO_COLOR does the same)"},
    {"help", "", "what this command takes", {}, {}, false, 'h'},
};

constexpr OptionSpec kRollback[] = {
    {"emergency", "", "stop ALL hierarchical traffic at once; the record comes after"},
    {"force", "", "no look at flat first, no grace for open requests"},
    {"from-phase", "P", "only if the phase is P; otherwise nothing changes (exit 5)"},
    {"percentage", "N", "the share to come down to (in shadow: the mirror); default 0"},
    {"target-percentage", "N", "", "percentage"},
    {"target", "N", "", "percentage"},
    {"to-percentage", "N", "", "percentage"},
    {"complete", "", "everything back to flat"},
    {"preserve-data", "", "check and print that data, flags and monitoring stay"},
    {"immediate", "", "at once (the default)"},
    {"gradual", "", "step by step, over 10m unless --duration says otherwise"},
    {"duration", "D", "how long a gradual one takes: 90s, 10m, 1h30m"},
    {"reason", "TEXT", "why; may be given afterwards with annotate"},
    {"restore-checkpoint", "[NAME]", "cut traffic; restoring data is not in this version (exit 8)"},
    {"print", "", "with --emergency: print shell lines that do it without this program"},
    {"yes", "", "accepted; a rollback never asks"},
    {"regions", "LIST", kAllRoutes, {}, "hal9-migrate rollback"},
    {"exclude-regions", "LIST", kAllRoutes, {}, "hal9-migrate rollback"},
    {"components", "LIST", kAllRoutes, {}, "hal9-migrate rollback"},
    {"exclude", "LIST", kAllRoutes, {}, "hal9-migrate rollback"},
    {"to-phase",
     "P",
     "migrate goes back to a phase",
     {},
     "hal9-migrate migrate --phase canary --percentage 5"},
    {"dry-run", "", "what would move can be seen in the state", {}, "hal9-migrate status --detailed"
    },
};

constexpr OptionSpec kLimit[] = {
    {"limit", "N", "at most so many, newest first; default 20"},
};

constexpr OptionSpec kTraffic[] = {
    {"show-split", "", "flat and hierarchical, a line a route where they differ (the default)"},
    {"verify", "", "compare what is observed with what is recorded; exit 3 where they differ"},
};

constexpr OptionSpec kStatus[] = {
    {"detailed", "", "every route, digests, versions"},
    {"watch", "", "look again every 2 s until Ctrl-C"},
    {"at", "SEQ|TIME", "as it was recorded then"},
    {"alerts", "", "nothing fires triggers in this version", {}, "hal9-migrate status --detailed"},
};

constexpr OptionSpec kMigrate[] = {
    {"phase", "P", "shadow, canary, state-migration, ramp-up, full"},
    {"percentage", "N", "the share to reach (in shadow: the mirror)"},
    {"target-percentage", "N", "", "percentage"},
    {"target", "N", "", "percentage"},
    {"to-percentage", "N", "", "percentage"},
    {"immediate", "", "at once (the default)"},
    {"gradual", "", "of a rollback: step by step"},
    {"duration", "D", "how long a gradual one takes: 90s, 10m, 1h30m"},
    {"include-held", "", "raise held routes too"},
    {"override", "GATE", "go on although this gate is not passed; recorded", {}, {}, true},
    {"reason", "TEXT", "why"},
    {"yes", "", "do not ask before traffic goes forward"},
    {"no-checkpoint",
     "",
     "checkpoints are not made in this version, so none is left out",
     {},
     "hal9-migrate migrate --phase canary"},
    {"regions",
     "LIST",
     "this version moves all routes together",
     {},
     "hal9-migrate migrate --phase canary"},
    {"components",
     "LIST",
     "this version moves all routes together",
     {},
     "hal9-migrate migrate --phase canary"},
    {"dry-run",
     "",
     "gates are printed before the question; answer no",
     {},
     "hal9-migrate status --detailed"},
};

constexpr OptionSpec kEnable[] = {
    {"percentage", "N", "of requests; default 100"},
    {"reason", "TEXT", "why"},
    {"yes", "", "do not ask before the feature is raised"},
};
constexpr OptionSpec kReason[] = {
    {"reason", "TEXT", "why"},
};

constexpr OptionSpec kMonitor[] = {
    {"system", "NAME", "hierarchical (the default) or flat"},
    {"duration", "D", "how long to look; default 10s"},
    {"post-rollback",
     "",
     "this version looks at one system at a time",
     {},
     "hal9-migrate monitor --system hierarchical"},
};

constexpr OptionSpec kTimeline[] = {
    {"limit", "N", "the newest N"},
    {"reverse", "", "newest first"},
    {"type", "TYPE", "events of this type: rollback, traffic.observed", {}, {}, true},
    {"rollback", "ID", "what belongs to this rollback"},
    {"from", "SEQ|TIME", "from then on"},
    {"to", "SEQ|TIME", "until then"},
    {"actor", "WHO", "what this actor did"},
    {"subject", "NAME", "about this route or feature"},
};

constexpr OptionSpec kAnnotate[] = {
    {"at", "TIME", "when it happened; default now"},
    {"source", "TEXT", "who says so"},
    {"rollback", "ID", "the rollback that it is about"},
};

constexpr OptionSpec kExport[] = {
    {"redact", "", "of lines with free text (reasons, notes) only the hash; it still verifies"},
};

constexpr OptionSpec kVerify[] = {
    {"from", "EXPORT", "an export by itself, and against this ledger where there is one"},
    {"seal", "FILE", "a seal that was kept elsewhere, against this ledger"},
    {"key", "VERIFIER", "with --seal: the ledger's first key, as somebody kept it"},
};

constexpr OptionSpec kImport[] = {
    {"root", "ROOT", "what its root has to be, as somebody kept it"},
};

constexpr OptionSpec kProve[] = {
    {"size", "N", "in the ledger of the first N events; default: of all"},
    {"consistency", "A", "that the first A events are the beginning of the first SEQ, or of all"},
};

constexpr OptionSpec kInit[] = {
    {"name", "NAME", "of the migration; default hal9"},
};

constexpr std::string_view kLine = "hal9-migrate timeline";

constexpr Verb kVerbs[] = {
    {VerbId::rollback,
     Group::emergency,
     "rollback",
     "take traffic back to flat; never asks",
     kEmergencyLine,
     kRollback},
    {VerbId::rollback_resume,
     Group::emergency,
     "rollback resume",
     "go on with a rollback that was interrupted",
     "hal9-migrate rollback resume"},
    {VerbId::traffic,
     Group::emergency,
     "traffic",
     "how traffic is split now, read from the router",
     "hal9-migrate traffic --verify",
     kTraffic},
    {VerbId::status,
     Group::emergency,
     "status",
     "the phase, and what is going on",
     "hal9-migrate status",
     kStatus},

    {VerbId::monitor,
     Group::look,
     "monitor",
     "whether a system still serves requests",
     "hal9-migrate monitor --system hierarchical",
     kMonitor},
    {VerbId::timeline,
     Group::look,
     "timeline",
     "what happened, who did it and why",
     "hal9-migrate timeline --limit 20",
     kTimeline},
    {VerbId::rollback_list,
     Group::look,
     "rollback list",
     "rollbacks, newest first",
     "hal9-migrate rollback list",
     kLimit},
    {VerbId::rollback_show,
     Group::look,
     "rollback show",
     "one rollback with its routes",
     "hal9-migrate rollback show latest",
     {},
     "ID",
     true},
    {VerbId::feature_list,
     Group::look,
     "feature list",
     "feature flags as recorded and as read back",
     "hal9-migrate feature list"},
    {VerbId::feature_status,
     Group::look,
     "feature status",
     "one feature flag",
     "hal9-migrate feature status meta_cognition",
     {},
     "NAME",
     true},

    {VerbId::migrate,
     Group::forward,
     "migrate",
     "move to a phase; forward it asks, back it does not",
     "hal9-migrate migrate --phase canary --percentage 5",
     kMigrate},
    {VerbId::feature_disable,
     Group::forward,
     "feature disable",
     "a feature to 0; shadow_mode ends the phase shadow",
     "hal9-migrate feature disable shadow_mode",
     kReason,
     "NAME",
     true},
    {VerbId::feature_enable,
     Group::forward,
     "feature enable",
     "a feature on, at a percentage",
     "hal9-migrate feature enable meta_cognition --percentage 10",
     kEnable,
     "NAME",
     true},

    {VerbId::annotate,
     Group::record,
     "annotate",
     "write down why, or what became known later",
     "hal9-migrate annotate --rollback latest \"why\"",
     kAnnotate,
     "TEXT",
     true},
    {VerbId::ledger_verify,
     Group::record,
     "ledger verify",
     "hash everything again; exit 3 names the first bad event",
     "hal9-migrate ledger verify",
     kVerify},
    {VerbId::ledger_prove,
     Group::record,
     "ledger prove",
     "that an event is in the ledger, or that it goes on from an earlier end",
     "hal9-migrate ledger prove 12",
     kProve,
     "SEQ"},
    {VerbId::ledger_seal,
     Group::record,
     "ledger seal",
     "sign the ledger's root, beside it and at each witness",
     "hal9-migrate ledger seal"},
    {VerbId::ledger_seals,
     Group::record,
     "ledger seals",
     "the seals that are kept, each against the ledger",
     "hal9-migrate ledger seals"},
    {VerbId::ledger_keys,
     Group::record,
     "ledger keys",
     "the keys that sign seals; rotate: a new one signs from here on",
     "hal9-migrate ledger keys rotate --reason \"yearly\"",
     kReason,
     "[rotate]"},
    {VerbId::ledger_export,
     Group::record,
     "ledger export",
     "every line as it was hashed",
     "hal9-migrate ledger export --output ledger.jsonl",
     kExport},
    {VerbId::ledger_import,
     Group::record,
     "ledger import",
     "an export becomes a ledger where none is: the same root, or nothing",
     "hal9-migrate ledger import ledger.jsonl",
     kImport,
     "FILE",
     true},
    {VerbId::ledger_backup,
     Group::record,
     "ledger backup",
     "ledger, seals and objects as a new folder, verified there",
     "hal9-migrate ledger backup /backup/hal9-today",
     {},
     "FOLDER",
     true},
    {VerbId::ledger_open,
     Group::record,
     "ledger open",
     "what a ledger's file is, by its own word",
     "hal9-migrate ledger open --immutable --ledger hal9.db"},
    {VerbId::ledger_rebuild,
     Group::record,
     "ledger rebuild",
     "snapshots made again from the lines",
     "hal9-migrate ledger rebuild"},

    {VerbId::init,
     Group::set_up,
     "init",
     "a configuration, a ledger and break-glass lines, here",
     "hal9-migrate init --name hal9",
     kInit,
     "FOLDER"},
    {VerbId::config_check,
     Group::set_up,
     "config check",
     "whether the configuration is right",
     "hal9-migrate config check"},
    {VerbId::config_view,
     Group::set_up,
     "config view",
     "the configuration as it is understood",
     "hal9-migrate config view"},
    {VerbId::router_config,
     Group::set_up,
     "router haproxy-config",
     "the lines for an existing HAProxy, its maps and Lua file",
     "hal9-migrate router haproxy-config --output /etc/haproxy/hal9"},
    {VerbId::version, Group::set_up, "version", "of this program", "hal9-migrate version"},
    {VerbId::help,
     Group::set_up,
     "help",
     "this, or what a command takes",
     "hal9-migrate help rollback",
     {},
     "COMMAND"},

    {VerbId::later,
     Group::later,
     "state",
     "checkpoints of data are not kept in this version",
     "hal9-migrate rollback --from-phase state-migration"},
    {VerbId::later,
     Group::later,
     "state-migration",
     "the state migration itself is not run by this version; stop it with its own tool, and take "
     "the traffic back",
     "hal9-migrate rollback --from-phase state-migration"},
    {VerbId::later,
     Group::later,
     "metrics",
     "no metrics are read in this version; look at your "
     "dashboards",
     "hal9-migrate traffic --show-split"},
    {VerbId::later,
     Group::later,
     "health",
     "this version sees what the router's checks see",
     "hal9-migrate status --detailed"},
    {VerbId::later,
     Group::later,
     "report",
     "the report is made from the timeline, which is there",
     "hal9-migrate timeline --format json --output timeline.json"},
    {VerbId::later,
     Group::later,
     "debug",
     "the ledger is the evidence that this version keeps",
     "hal9-migrate ledger export --output ledger.jsonl"},
    {VerbId::later, Group::later, "logs", "logs are not collected in this version", kLine},
    {VerbId::later, Group::later, "analyze", "the timeline has the facts", kLine},
    {VerbId::later,
     Group::later,
     "reset",
     "a new attempt goes on in the same ledger",
     "hal9-migrate migrate --phase shadow"},
    {VerbId::later, Group::later, "plan", "plans are not written by this version", kLine},
    {VerbId::later,
     Group::later,
     "notify",
     "nobody is told by this version; tell your team",
     "hal9-migrate status"},
    {VerbId::later,
     Group::later,
     "incident",
     "incidents are not kept in this version",
     "hal9-migrate annotate \"what was seen\""},
    {VerbId::later,
     Group::later,
     "ux-metrics",
     "no metrics are read in this version; look at your "
     "dashboards",
     "hal9-migrate traffic --show-split"},
    {VerbId::later,
     Group::later,
     "evidence",
     "the ledger is the evidence that this version keeps",
     "hal9-migrate ledger verify"},
    {VerbId::later,
     Group::later,
     "retrospective",
     "write its date down in the ledger",
     "hal9-migrate annotate \"retrospective on ...\""},
    {VerbId::later,
     Group::later,
     "server",
     "this version runs on the command line alone",
     "hal9-migrate status"},
};

}  // namespace

std::span<const Verb> verbs() {
  return kVerbs;
}

std::span<const OptionSpec> global_options() {
  return kGlobal;
}

const Verb* find_verb(std::string_view words) {
  const auto* found = std::ranges::find(kVerbs, words, &Verb::words);
  return found == std::end(kVerbs) ? nullptr : found;
}

const OptionSpec* find_global_option(std::string_view name) {
  const auto options = global_options();
  const auto found = std::ranges::find(options, name, &OptionSpec::name);
  return found == options.end() ? nullptr : &*found;
}

const OptionSpec* find_option(const Verb& verb, std::string_view name) {
  const auto found = std::ranges::find(verb.options, name, &OptionSpec::name);
  return found == verb.options.end() ? find_global_option(name) : &*found;
}

std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (const Verb& verb : kVerbs) {
    std::string first(verb.words.substr(0, verb.words.find(' ')));
    if (std::ranges::find(words, first) == words.end()) words.push_back(std::move(first));
  }
  return words;
}

std::vector<std::string> second_words(std::string_view first) {
  std::vector<std::string> words;
  for (const Verb& verb : kVerbs) {
    const auto blank = verb.words.find(' ');
    if (blank == std::string_view::npos || verb.words.substr(0, blank) != first) continue;
    words.emplace_back(verb.words.substr(blank + 1));
  }
  return words;
}

}  // namespace hal9::tools
