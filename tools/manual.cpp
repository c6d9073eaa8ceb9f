#include "manual.h"

#include "command_table.h"
#include "completion.h"
#include "runbook.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// A line of text: a backslash, and a dot or a quote in front, mean something to roff.
std::string text_line(std::string_view text) {
  std::string line;
  if (text.starts_with('.') || text.starts_with('\'')) line = "\\&";
  for (const char letter : text) {
    if (letter == '\\') {
      line += "\\e";
    } else {
      line += letter;
    }
  }
  return line + "\n";
}

// An argument of a macro: never taken for a macro itself.
std::string argument(std::string_view word) {
  return fmt::format("\\&{}", word);
}

std::string literal(const std::vector<std::string_view>& lines) {
  std::string text = ".Bd -literal -offset indent -compact\n";
  for (const std::string_view line : lines) text += text_line(line);
  return text + ".Ed\n";
}

std::string head(std::string_view name, std::string_view summary, std::string_view date) {
  std::string title(name);
  std::ranges::transform(title, title.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return fmt::format(
      ".Dd {}\n.Dt {} 1\n.Os\n.Sh NAME\n.Nm {}\n.Nd {}", date, title, name, text_line(summary)
  );
}

std::string option_text(const OptionSpec& option) {
  std::string text = fmt::format(".It Fl -{}", option.name);
  if (!option.value.empty()) text += " Ar " + argument(option.value);
  if (option.letter != '\0') {
    text += fmt::format(" , Fl {}", option.letter);
    if (!option.value.empty()) text += " Ar " + argument(option.value);
  }
  return text + "\n" + text_line(summary_of(option));
}

std::string options_text(const std::vector<const OptionSpec*>& options) {
  if (options.empty()) return "";
  std::string text = ".Bl -tag -width Ds\n";
  for (const OptionSpec* option : options) text += option_text(*option);
  return text + ".El\n";
}

std::vector<const OptionSpec*> own_options(const Verb& verb) {
  std::vector<const OptionSpec*> own;
  for (const OptionSpec& option : verb.options) {
    if (!option.later()) own.push_back(&option);
  }
  return own;
}

std::string synopsis(const Verb& verb) {
  std::string text = fmt::format(".Nm hal9-migrate {}\n", verb.words);
  if (!verb.options.empty()) text += ".Op Ar options\n";
  if (verb.operand.empty()) return text;
  if (verb.operand_needed) return text + ".Ar " + argument(verb.operand) + "\n";
  std::string_view operand = verb.operand;
  if (operand.starts_with('[')) operand = operand.substr(1, operand.size() - 2);
  return text + ".Op Ar " + argument(operand) + "\n";
}

// The commands that begin with this word, in the order of the table.
std::vector<const Verb*> verbs_of(std::string_view first) {
  std::vector<const Verb*> found;
  for (const Verb* verb : offered_verbs()) {
    if (verb->words.substr(0, verb->words.find(' ')) == first) found.push_back(verb);
  }
  return found;
}

std::string page_name(std::string_view first) {
  return fmt::format("hal9-migrate-{}", first);
}

std::string page_of(std::string_view first, std::string_view date) {
  const auto found = verbs_of(first);
  std::string text = head(page_name(first), summary_of_first(std::string(first)), date);
  text += ".Sh SYNOPSIS\n";
  for (const Verb* verb : found) text += synopsis(*verb);
  text += ".Sh DESCRIPTION\n";
  std::vector<std::string_view> examples;
  for (const Verb* verb : found) {
    text += fmt::format(".Ss hal9-migrate {}\n", verb->words) + text_line(verb->summary);
    text += options_text(own_options(*verb));
    examples.push_back(verb->example);
  }
  text +=
      ".Pp\nWhat every command takes, the files and the environment stand in\n.Xr hal9-migrate 1 "
      ".\n";
  text += ".Sh EXIT STATUS\nAs in\n.Xr hal9-migrate 1 .\n.Sh EXAMPLES\n";
  const std::string typed = fmt::format("hal9-migrate {}", first);
  for (const RunbookLine& one : runbook_lines()) {
    if (one.line != typed && !one.line.starts_with(typed + " ")) continue;
    if (std::ranges::find(examples, one.line) == examples.end()) examples.push_back(one.line);
  }
  text += literal(examples);
  return text + ".Sh SEE ALSO\n.Xr hal9-migrate 1\n";
}

struct Named {
  std::string_view name;
  std::string_view text;
};

constexpr Named kEnvironment[] = {
    {"HAL9_CONFIG", "the configuration, where --config does not name it"},
    {"HAL9_LEDGER", "the ledger, where --ledger does not name it"},
    {"NO_COLOR", "no colour, whatever it is set to"},
};

constexpr Named kFiles[] = {
    {"hal9.yaml", "the configuration: --config, HAL9_CONFIG, ./hal9.yaml, /etc/hal9/hal9.yaml"},
    {"hal9.db", "the ledger, one SQLite file"},
    {"hal9.db.spool", "records that wait for the ledger"},
    {"hal9.db.seals", "signed roots of the ledger"},
    {"hal9.db.verifier", "the first key that signed one"},
    {"hal9.db.objects", "long reasons and notes, whole"},
    {"hal9.db.key", "the key that signs: in no export and no backup"},
    {".hal9-accepted.json", "the configuration accepted last, for a night with a broken hal9.yaml"},
    {"break-glass.sh", "the rollback without this program"},
};

std::string list_of(std::string_view macro, std::span<const Named> named) {
  std::string text = ".Bl -tag -width Ds\n";
  for (const Named& one : named) {
    text += fmt::format(".It {} {}\n", macro, argument(one.name)) + text_line(one.text);
  }
  return text + ".El\n";
}

// First words that have a page of their own.
std::vector<std::string> page_words() {
  std::vector<std::string> words;
  for (const std::string& first : first_words()) {
    if (!verbs_of(first).empty() && first != "help" && first != "version") words.push_back(first);
  }
  return words;
}

std::string commands_text() {
  std::string text = ".Sh COMMANDS\n.Bl -tag -width Ds\n";
  for (const Verb* verb : offered_verbs()) {
    const std::string_view first = verb->words.substr(0, verb->words.find(' '));
    text += fmt::format(".It Ic {}\n", argument(verb->words)) + text_line(verb->summary);
    if (first != "help" && first != "version") text += fmt::format(".Xr {} 1\n", page_name(first));
  }
  return text + ".El\n";
}

std::string whole_page(std::string_view date, std::string_view version) {
  std::string text = head(
      "hal9-migrate", "move traffic between an old system and a new one, and take it back", date
  );
  text += ".Sh SYNOPSIS\n.Nm hal9-migrate\n.Ar command\n.Op Ar options\n.Sh DESCRIPTION\n";
  text +=
      text_line("The flight recorder of a phased migration from an old system (flat) to a new one");
  text += text_line("(hierarchical), and the hand that brings it back.");
  text += text_line(fmt::format("This is version {}; hal9-cli is the same program.", version));
  text += ".Pp\nStops all hierarchical traffic at once, whatever else is broken:\n";
  text += literal({kEmergencyLine});
  text += commands_text() + ".Sh OPTIONS\nEvery command takes:\n";
  std::vector<const OptionSpec*> global;
  for (const OptionSpec& option : global_options()) global.push_back(&option);
  text += options_text(global);
  text += ".Sh ENVIRONMENT\n" + list_of("Ev", kEnvironment);
  text += ".Sh FILES\n" + list_of("Pa", kFiles);
  text += ".Sh EXIT STATUS\n.Bl -tag -width Ds\n";
  for (const ExitMeaning& one : exit_meanings()) {
    text += fmt::format(".It {}\n", one.code) + text_line(one.meaning);
  }
  text += ".El\n.Sh EXAMPLES\n";
  for (const RunbookLine& one : runbook_lines()) {
    text += text_line(fmt::format("{}:", one.when)) + literal({one.line}) + ".Pp\n";
  }
  text.erase(text.size() - std::string_view(".Pp\n").size());
  text += ".Sh SEE ALSO\n";
  auto words = page_words();
  std::ranges::sort(words);
  for (const std::string& first : words) {
    text += fmt::format(".Xr {} 1{}\n", page_name(first), first == words.back() ? "" : " ,");
  }
  return text;
}

}  // namespace

std::vector<ManualPage> manual_pages(std::string_view date, std::string_view version) {
  std::vector<ManualPage> pages{{"hal9-migrate", whole_page(date, version)}};
  for (const std::string& first : page_words()) {
    pages.push_back({page_name(first), page_of(first, date)});
  }
  return pages;
}

}  // namespace hal9::tools
