// The tables of the scripts for bash and zsh: shell functions that know the table of commands.
#include "command_table.h"
#include "completion.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// Each in single quotes, in which nothing but the quote itself means anything to a shell.
std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += " ";
    text += "'";
    for (const char letter : word)
      text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    text += "'";
  }
  return text;
}

std::string value_line(const std::string& pattern, const Completed& completed) {
  std::string kind = "text";
  if (completed.values == Values::none) kind = "none";
  if (completed.values == Values::files) kind = "files";
  if (completed.values == Values::words) kind = "words";
  if (completed.values == Values::asked) kind = fmt::format("asked:{}", completed.kind);
  if (completed.list) kind += ":list";
  if (completed.words.empty()) return fmt::format("    {}) kind='{}' ;;\n", pattern, kind);
  return fmt::format("    {}) kind='{}' offer=({}) ;;\n", pattern, kind, quoted(completed.words));
}

// "word", or "word:what it is" as zsh takes it.
std::string offered(std::string_view word, std::string_view summary, bool described) {
  return described ? fmt::format("{}:{}", word, summary) : std::string(word);
}

std::string options_of(
    const std::string& pattern, const std::vector<const OptionSpec*>& options, bool described
) {
  std::vector<std::string> words;
  for (const OptionSpec* option : options) {
    const std::string summary = summary_of(*option);
    words.push_back(offered(fmt::format("--{}", option->name), summary, described));
    if (option->letter == '\0') continue;
    words.push_back(offered(fmt::format("-{}", option->letter), summary, described));
  }
  return fmt::format("    {}) offer=({}) ;;\n", pattern, quoted(words));
}

std::vector<const OptionSpec*> globals() {
  std::vector<const OptionSpec*> options;
  for (const OptionSpec& option : global_options()) options.push_back(&option);
  return options;
}

}  // namespace

std::string values_table() {
  std::string text =
      "_hal9_migrate_value() { # VERB OPTION\n  kind=none offer=()\n  case \"$1:$2\" in\n";
  for (const Verb* verb : offered_verbs()) {
    for (const OptionSpec& option : verb->options) {
      if (option.later() || option.value.empty()) continue;
      text +=
          value_line(fmt::format("'{}:--{}'", verb->words, option.name), values_of(*verb, option));
    }
    const Completed operand = values_of_operand(*verb);
    if (operand.values == Values::none) continue;
    text += value_line(fmt::format("'{}:operand'", verb->words), operand);
  }
  for (const OptionSpec& option : global_options()) {
    if (option.value.empty()) continue;
    std::string pattern = fmt::format("*:--{}", option.name);
    if (option.letter != '\0') pattern += fmt::format(" | *:-{}", option.letter);
    text += value_line(pattern, values_of(*find_verb("help"), option));
  }
  return text + "  esac\n}\n";
}

std::string options_table(bool described) {
  std::string text = "_hal9_migrate_options() { # VERB\n  case $1 in\n";
  for (const Verb* verb : offered_verbs()) {
    text += options_of(fmt::format("'{}'", verb->words), offered_options(*verb), described);
  }
  return text + options_of("*", globals(), described) + "  esac\n}\n";
}

std::string verbs_table(bool described) {
  std::vector<std::string> firsts;
  std::string seconds;
  std::string twos;
  for (const std::string& first : first_words()) {
    const Verb* alone = find_verb(first);
    if (alone != nullptr && alone->id == VerbId::later) continue;
    firsts.push_back(offered(first, summary_of_first(first), described));
    std::vector<std::string> words;
    for (const std::string& second : second_words(first)) {
      const std::string whole = fmt::format("{} {}", first, second);
      words.push_back(offered(second, find_verb(whole)->summary, described));
      twos += fmt::format("{}'{}'", twos.empty() ? "" : " | ", whole);
    }
    if (!words.empty()) seconds += fmt::format("    '{}') offer=({}) ;;\n", first, quoted(words));
  }
  return fmt::format(
      "_hal9_migrate_verbs() {{ # FIRST-WORD\n  offer=()\n  case $1 in\n    '') offer=({}) ;;\n{}"
      "  esac\n}}\n"
      "_hal9_migrate_is_verb() {{\n  case $1 in\n    {}) return 0 ;;\n  esac\n  return 1\n}}\n",
      quoted(firsts),
      seconds,
      twos
  );
}

}  // namespace hal9::tools
