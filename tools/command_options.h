// The options of each verb, as the table of verbs names them. Private to command_table.cpp.
#pragma once

#include "command_table.h"

#include <string_view>

namespace hal9::tools {

inline constexpr OptionSpec kGlobal[] = {
    {"config", "FILE", "the configuration (HAL9_CONFIG, ./hal9.yaml, /etc/hal9/hal9.yaml)"},
    {"ledger", "FILE", "the ledger (HAL9_LEDGER, the configuration's)"},
    {"format", "FORM", "table, wide, json, yaml, jsonl or csv"},
    {"json", "", "short for --format json"},
    {"output", "PATH", "write the result there; - is the terminal", {}, {}, false, 'o'},
    {"no-color", "", "no colour (NO_COLOR does the same)"},
    {"help", "", "what this command takes", {}, {}, false, 'h'},
};

// Of those verbs alone that read the ledger and nothing else.
inline constexpr OptionSpec kLook[] = {
    {"immutable", "", "look at a ledger as evidence: no hal9.yaml, nothing made beside it"},
};

inline constexpr OptionSpec kRollback[] = {
    {"emergency", "", "stop ALL hierarchical traffic at once; the record comes after"},
    {"force", "", "no look at flat first, no grace for open requests"},
    {"from-phase", "P", "only if the phase is P; otherwise nothing changes (exit 5)"},
    {"percentage", "N", "the share to come down to (in shadow: the mirror); default 0"},
    {"target-percentage", "N", "", "percentage"},
    {"target", "N", "", "percentage"},
    {"to-percentage", "N", "", "percentage"},
    {"partial", "", "each route to the step before the one where it is; the phase stays"},
    {"to-phase", "P", "back to an earlier phase, with what it had when it was left"},
    {"regions", "LIST", "only routes of these regions: us-west-2,eu-west-1"},
    {"exclude-regions", "LIST", "only routes of the other regions"},
    {"components", "LIST", "only routes of these components"},
    {"exclude", "LIST", "only routes of the other components"},
    {"complete", "", "everything back to flat"},
    {"preserve-data", "", "check and print that data, flags and monitoring stay"},
    {"immediate", "", "at once (the default)"},
    {"gradual", "", "step by step, over 10m unless --duration says otherwise"},
    {"duration", "D", "how long a gradual one takes: 90s, 10m, 1h30m"},
    {"reason", "TEXT", "why; may be given afterwards with annotate"},
    {"restore-checkpoint", "[NAME]", "cut traffic; restoring data is not in this version (exit 8)"},
    {"print", "", "with --emergency: print shell lines that do it without this program"},
    {"yes", "", "accepted; a rollback never asks"},
    {"incident", "N", "that it belongs to; none: to none; default: the newest that is open"},
    {"dry-run", "", "print what would run, and change nothing"},
};

inline constexpr OptionSpec kLimit[] = {
    {"limit", "N", "at most so many, newest first; default 20"},
    kLook[0],
};

inline constexpr OptionSpec kTraffic[] = {
    {"show-split", "", "flat and hierarchical, a line a route where they differ (the default)"},
    {"verify", "", "compare what is observed with what is recorded; exit 3 where they differ"},
    {"watch", "", "with --verify: again every 2 s until Ctrl-C, a line a change"},
};

inline constexpr OptionSpec kStatus[] = {
    {"detailed", "", "every route, digests, versions"},
    {"watch", "", "look again every 2 s until what runs is over; exit 3: it was left"},
    {"at", "SEQ|TIME", "as it was recorded then"},
    {"alerts", "", "nothing fires triggers in this version", {}, "hal9-migrate status --detailed"},
    kLook[0],
};

inline constexpr OptionSpec kMigrate[] = {
    {"phase", "P", "shadow, canary, state-migration, ramp-up, full"},
    {"percentage", "N", "the share to reach (in shadow: the mirror)"},
    {"target-percentage", "N", "", "percentage"},
    {"target", "N", "", "percentage"},
    {"to-percentage", "N", "", "percentage"},
    {"immediate", "", "at once (the default)"},
    {"gradual", "", "step by step, over 10m unless --duration says otherwise"},
    {"duration", "D", "how long a gradual one takes: 90s, 10m, 1h30m"},
    {"pause-after", "N", "of a gradual one up: pause at this share; migrate resume goes on"},
    {"regions", "LIST", "only routes of these regions, held ones too: us-west-2,eu-west-1"},
    {"exclude-regions", "LIST", "only routes of the other regions"},
    {"components", "LIST", "only routes of these components, held ones too"},
    {"exclude", "LIST", "only routes of the other components"},
    {"include-held", "", "raise held routes too"},
    {"override", "GATE", "go on although this gate is not passed; recorded", {}, {}, true},
    {"reason", "TEXT", "why"},
    {"yes", "", "do not ask before traffic goes forward"},
    {"dry-run", "", "print gates and what would run, and change nothing"},
    {"no-checkpoint",
     "",
     "checkpoints are not made in this version, so none is left out",
     {},
     "hal9-migrate migrate --phase canary"},
};

inline constexpr OptionSpec kDryRun[] = {
    {"dry-run", "", "print what would run, and change nothing"},
};

inline constexpr OptionSpec kMigrateResume[] = {
    {"pause-after", "N", "pause again at this share"},
    {"override", "GATE", "go on although this gate is not passed; recorded", {}, {}, true},
    {"reason", "TEXT", "why"},
    {"yes", "", "do not ask before traffic goes forward"},
    {"dry-run", "", "print gates and what would run, and change nothing"},
};

inline constexpr OptionSpec kCancel[] = {
    {"reason", "TEXT", "why"},
    {"yes", "", "do not ask"},
    kDryRun[0],
};

inline constexpr OptionSpec kEnable[] = {
    {"percentage", "N", "of requests; default 100"},
    {"reason", "TEXT", "why"},
    {"yes", "", "do not ask before the feature is raised"},
    {"dry-run", "", "print what would run, and change nothing"},
};
inline constexpr OptionSpec kReason[] = {
    {"reason", "TEXT", "why"},
};
inline constexpr OptionSpec kIncident[] = {
    {"severity", "S", "minor, major (the default) or critical"},
    {"commander", "NAME", "who leads the response"},
    {"external", "SYSTEM=ID", "how another system calls it: pagerduty=PX41", {}, {}, true},
    {"reason", "TEXT", "what is known of it"},
};
inline constexpr OptionSpec kIncidentUpdate[] = {
    kIncident[0],
    kIncident[1],
    kIncident[2],
    {"title", "TEXT", "another title"},
    {"reason", "TEXT", "why"},
};
inline constexpr OptionSpec kAbort[] = {
    {"reason", "TEXT", "why"},
    {"yes", "", "accepted; a way back never asks"},
    kDryRun[0],
};
inline constexpr OptionSpec kDisable[] = {
    {"reason", "TEXT", "why"},
    {"dry-run", "", "print what would run, and change nothing"},
};

inline constexpr OptionSpec kMonitor[] = {
    {"system", "NAME", "hierarchical (the default) or flat"},
    {"duration", "D", "how long to look; default 10s"},
    {"post-rollback",
     "",
     "this version looks at one system at a time",
     {},
     "hal9-migrate monitor --system hierarchical"},
};

inline constexpr OptionSpec kTimeline[] = {
    {"limit", "N", "the newest N"},
    {"reverse", "", "newest first"},
    {"follow", "", "go on with new events as they come, until Ctrl-C"},
    {"group", "", "by rollback and incident, by the time since each began"},
    {"type", "TYPE", "events of this type: rollback, traffic.observed", {}, {}, true},
    {"rollback", "ID", "what belongs to this rollback"},
    {"from", "SEQ|TIME", "from then on"},
    {"to", "SEQ|TIME", "until then"},
    {"actor", "WHO", "what this actor did"},
    {"subject", "NAME", "about this route or feature"},
    kLook[0],
};

inline constexpr OptionSpec kAnnotate[] = {
    {"at", "TIME", "when it happened; default now"},
    {"source", "TEXT", "who says so"},
    {"rollback", "ID", "the rollback that it is about"},
};

inline constexpr OptionSpec kExport[] = {
    {"redact", "", "of lines with free text (reasons, notes) only the hash; it still verifies"},
    kLook[0],
};

inline constexpr OptionSpec kVerify[] = {
    {"from", "EXPORT", "an export by itself, and against this ledger where there is one"},
    {"seal", "FILE", "a seal that was kept elsewhere, against this ledger"},
    {"key", "VERIFIER", "with --seal: the ledger's first key, as somebody kept it"},
    kLook[0],
};

inline constexpr OptionSpec kImport[] = {
    {"root", "ROOT", "what its root has to be, as somebody kept it"},
};

inline constexpr OptionSpec kProve[] = {
    {"size", "N", "in the ledger of the first N events; default: of all"},
    {"consistency", "A", "that the first A events are the beginning of the first SEQ, or of all"},
    kLook[0],
};

inline constexpr OptionSpec kInit[] = {
    {"name", "NAME", "of the migration; default hal9"},
};

inline constexpr std::string_view kLine = "hal9-migrate timeline";

}  // namespace hal9::tools
