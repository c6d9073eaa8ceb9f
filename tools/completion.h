// Completion for shells, made from the one command table: what is known beforehand stands in the script
// (verbs, options, phases, forms), what a migration names is asked of `hal9-migrate __complete KIND`.
//
// That is printed, a word a line, for a shell to take apart: so no word is printed that is not made of the
// letters of names, and the scripts never evaluate one. Pure.
#pragma once

#include "base/result.h"
#include "command_table.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

enum class Values : std::uint8_t {
  none,  // a flag, or nothing may follow
  text,  // whatever somebody types
  files,
  words,  // those of Completed::words
  asked,  // those of `__complete KIND`
};

// What follows an option or a verb.
struct Completed {
  Values values = Values::none;
  std::vector<std::string> words;
  std::string_view kind;  // "regions", "components", "routes", "features", "rollbacks"
  bool list = false;      // several with commas between them
};
Completed values_of(const Verb& verb, const OptionSpec& option);
Completed values_of_operand(const Verb& verb);

// What __complete takes.
inline constexpr std::string_view kKinds[] = {
    "regions", "components", "routes", "features", "rollbacks"
};

// Verbs and options of this version, as they are offered.
std::vector<const Verb*> offered_verbs();
std::vector<const OptionSpec*> offered_options(const Verb& verb);
std::vector<std::string> shell_names();
// Error: usage, naming the nearest.
Result<std::string> completion_script(std::string_view shell);
// Whether a shell may be given this word.
bool is_safe_word(std::string_view word);

// What is said of an option; another spelling says what it is.
std::string summary_of(const OptionSpec& option);
// Of a first word: the command's own, or the second words that it has.
std::string summary_of_first(const std::string& first);

// Functions that bash and zsh understand alike. _hal9_migrate_value VERB OPTION sets `kind` and `offer`,
// _hal9_migrate_options VERB and _hal9_migrate_verbs FIRST-WORD set `offer`; `described`: with what each
// word is behind a colon.
std::string values_table();
std::string options_table(bool described);
std::string verbs_table(bool described);

std::string bash_script();
std::string zsh_script();
std::string fish_script();

}  // namespace hal9::tools
