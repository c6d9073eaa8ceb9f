#include "help.h"

#include "command_table.h"
#include "runbook.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

std::string_view title(Group group) {
  switch (group) {
    case Group::emergency:
      return "When something is wrong";
    case Group::look:
      return "Looking closer";
    case Group::forward:
      return "Moving traffic";
    case Group::record:
      return "The record";
    case Group::set_up:
      return "Setting up";
    case Group::later:
      return "Not in this version";
  }
  return "";
}

std::string usage_of(const Verb& verb) {
  std::string words(verb.words);
  if (verb.operand_needed) words += fmt::format(" {}", verb.operand);
  if (!verb.operand.empty() && !verb.operand_needed) {
    const bool bracketed = verb.operand.starts_with('[');
    words += bracketed ? fmt::format(" {}", verb.operand) : fmt::format(" [{}]", verb.operand);
  }
  return words;
}

std::string spelled(const OptionSpec& option, std::span<const OptionSpec> all) {
  std::string text = option.letter == '\0' ? "" : fmt::format("-{}, ", option.letter);
  text += fmt::format("--{}", option.name);
  for (const OptionSpec& other : all) {
    if (other.same_as == option.name) text += fmt::format(", --{}", other.name);
  }
  if (!option.value.empty()) text += fmt::format(" {}", option.value);
  return text;
}

std::string list(std::span<const OptionSpec> options) {
  std::string text;
  for (const OptionSpec& option : options) {
    if (option.later() || !option.same_as.empty()) continue;
    const std::string name = spelled(option, options);
    // A name that is too long for the column gets a line of its own.
    text += name.size() > 24 ? fmt::format("  {}\n  {:24} {}\n", name, "", option.summary)
                             : fmt::format("  {:24} {}\n", name, option.summary);
  }
  return text;
}

constexpr std::size_t kLineWidth = 90;

std::string wrapped(const std::vector<std::string_view>& words) {
  std::string text;
  std::string line = " ";
  for (const std::string_view word : words) {
    if (line.size() + word.size() + 1 > kLineWidth) {
      text += line + "\n";
      line = " ";
    }
    line += fmt::format(" {}{}", word, word == words.back() ? "" : ",");
  }
  return text + line + "\n";
}

}  // namespace

namespace {

// What is the matter, and the line for it: of one verb, or those that stand on top of everything.
std::string runbook_text(std::string_view words) {
  const std::string typed = fmt::format("hal9-migrate {}", words);
  std::string text;
  for (const RunbookLine& one : runbook_lines()) {
    const bool of_it = one.line == typed || one.line.starts_with(typed + " ");
    const bool wanted = words.empty() ? one.first : of_it && one.line != kEmergencyLine;
    if (wanted) text += fmt::format("  {:38} {}\n", one.when, one.line);
  }
  return text;
}

}  // namespace

std::string help_text() {
  std::string text = fmt::format(
      "hal9-migrate moves traffic between the old system (flat) and the new one (hierarchical),\n"
      "takes it back, and keeps the record.\n\n"
      "  EMERGENCY  {}\n"
      "             stops all hierarchical traffic at once, whatever else is broken\n\n{}",
      kEmergencyLine,
      runbook_text("")
  );
  std::vector<std::string_view> later;
  Group group = Group::later;
  for (const Verb& verb : verbs()) {
    if (verb.group == Group::later) {
      later.push_back(verb.words);
      continue;
    }
    if (verb.group != group) text += fmt::format("\n{}:\n", title(verb.group));
    group = verb.group;
    text += fmt::format("  {:24} {}\n", usage_of(verb), verb.summary);
  }
  text += fmt::format("\nEvery command takes:\n{}", list(global_options()));
  text += fmt::format("\n{}:\n{}", title(Group::later), wrapped(later));
  text += "\nExit codes:\n";
  for (const ExitMeaning& one : exit_meanings()) {
    text += fmt::format("  {:<4} {}\n", one.code, one.meaning);
  }
  return text;
}

std::string help_text(const Verb& verb) {
  std::string text = fmt::format(
      "hal9-migrate {}{}\n  {}\n\n  {}: {}\n",
      usage_of(verb),
      verb.options.empty() ? "" : " [options]",
      verb.summary,
      verb.example == kEmergencyLine ? "EMERGENCY" : "for example",
      verb.example
  );
  if (verb.id != VerbId::later) text += runbook_text(verb.words);
  if (!verb.options.empty()) text += fmt::format("\n{}", list(verb.options));
  std::vector<std::string> later;
  for (const OptionSpec& option : verb.options) {
    if (option.later()) later.push_back(fmt::format("--{}", option.name));
  }
  if (!later.empty()) {
    text += fmt::format("\n{}: {}\n", title(Group::later), fmt::join(later, ", "));
  }
  text += fmt::format("\nEvery command takes:\n{}", list(global_options()));
  return text;
}

std::string help_text_of(std::string_view first) {
  std::string text;
  for (const Verb& verb : verbs()) {
    if (!verb.words.starts_with(std::string(first) + " ")) continue;
    text += fmt::format("  {:24} {}\n", usage_of(verb), verb.summary);
  }
  return text.empty() ? text : fmt::format("hal9-migrate {} ...\n{}", first, text);
}

}  // namespace hal9::tools
