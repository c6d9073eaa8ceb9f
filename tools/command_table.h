// The one table of what a person can type: verbs, their options, the line that shows each at work.
// The parser, the help and the "did you mean" are made from it, so that they cannot disagree.
//
// What the runbook names and a later version delivers stands here too: it is refused clearly, with
// what to do now, and never taken for a typing error. Constant data; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

// One a verb of this version; main.cpp has the one switch that runs them.
enum class VerbId : std::uint8_t {
  rollback,
  rollback_list,
  rollback_show,
  rollback_resume,
  rollback_cancel,
  incident_list,
  incident_show,
  incident_open,
  incident_update,
  incident_close,
  hook_list,
  hook_retry,
  hook_dismiss,
  traffic,
  status,
  migrate,
  migrate_resume,
  migrate_abort,
  feature_list,
  feature_enable,
  feature_disable,
  feature_status,
  monitor,
  timeline,
  explain,
  annotate,
  init,
  config_view,
  config_check,
  router_config,
  ledger_backup,
  ledger_export,
  ledger_import,
  ledger_keys,
  ledger_object,
  ledger_open,
  ledger_prove,
  ledger_rebuild,
  ledger_seal,
  ledger_seals,
  ledger_verify,
  completion,
  version,
  help,
  later,  // not in this version
};

// In the order in which somebody who was just woken up needs them.
enum class Group : std::uint8_t { emergency, look, forward, record, set_up, later };

struct OptionSpec {
  std::string_view name;          // without dashes
  std::string_view value;         // what it takes ("N"); empty: a flag; "[NAME]": may take one
  std::string_view summary;       // what it does; of a later one: why it is refused
  std::string_view same_as = {};  // the option that this is another spelling of
  std::string_view instead = {};  // of a later one: the line to type now
  bool repeats = false;           // may be given several times with different values
  char letter = '\0';

  [[nodiscard]] constexpr bool later() const { return !instead.empty(); }
};

struct Verb {
  VerbId id;
  Group group;
  std::string_view words;    // "rollback", "rollback list"
  std::string_view summary;  // of a later one: why it is refused
  std::string_view example;  // the runbook's line; of a later one: the line to type now
  std::span<const OptionSpec> options = {};
  std::string_view operand = {};  // name of what follows without dashes; empty: nothing may follow
  bool operand_needed = false;
};

std::span<const Verb> verbs();
// What every verb takes: --config, --ledger, --format and so on.
std::span<const OptionSpec> global_options();

// By its words ("rollback list"); null if there is none.
const Verb* find_verb(std::string_view words);
// A global option or one of the verb's; null if there is none.
const OptionSpec* find_option(const Verb& verb, std::string_view name);
// One that every verb takes; null: no such option.
const OptionSpec* find_global_option(std::string_view name);

// For "did you mean": first words of verbs; second words of those that begin with `first`.
std::vector<std::string> first_words();
std::vector<std::string> second_words(std::string_view first);

// The line that stops everything, shown wherever somebody may be lost.
inline constexpr std::string_view kEmergencyLine = "hal9-migrate rollback --emergency --force";
// What is left of it where the rest of what was typed cannot be done.
inline constexpr std::string_view kCutLine = "hal9-migrate rollback --emergency";

}  // namespace hal9::tools
