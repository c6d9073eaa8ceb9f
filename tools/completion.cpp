#include "completion.h"

#include "base/result.h"
#include "command_table.h"
#include "formats.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "mistyped.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

Completed of_words(std::vector<std::string> words) {
  return {Values::words, std::move(words), {}, false};
}
Completed asked_for(std::string_view kind, bool list = false) {
  return {Values::asked, {}, kind, list};
}

// "rollback", "rollback.started" for "hal9.rollback.started.v1": what --type takes.
std::vector<std::string> type_words() {
  std::vector<std::string> words;
  const auto add = [&](std::string word) {
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
  };
  for (const std::string& type : migration::all_types()) {
    const std::string word = type.substr(5, type.rfind('.') - 5);
    add(word.substr(0, word.find('.')));
    add(word);
  }
  return words;
}

std::vector<std::string> gate_words() {
  std::vector<std::string> words;
  constexpr auto kLast = static_cast<int>(migration::GateName::restore);
  for (int gate = 0; gate <= kLast; ++gate) {
    words.push_back(to_text(static_cast<migration::GateName>(gate)));
  }
  return words;
}

// First words of this version's commands.
std::vector<std::string> offered_words() {
  std::vector<std::string> words;
  for (const Verb* verb : offered_verbs()) {
    std::string first(verb->words.substr(0, verb->words.find(' ')));
    if (std::ranges::find(words, first) == words.end()) words.push_back(std::move(first));
  }
  return words;
}

bool is_file(std::string_view value) {
  static constexpr std::string_view kFiles[] = {"FILE", "PATH", "EXPORT", "FOLDER"};
  return std::ranges::find(kFiles, value) != std::end(kFiles);
}

}  // namespace

Completed values_of(const Verb& verb, const OptionSpec& option) {
  const std::string_view value = option.value;
  // What may go without a value is completed as if it did.
  if (value.empty() || value.front() == '[') return {};
  if (is_file(value)) return {Values::files, {}, {}, false};
  if (value == "P") return of_words(phase_names());
  if (value == "FORM") return of_words(format_names());
  if (value == "TYPE") return of_words(type_words());
  if (value == "GATE") return of_words(gate_words());
  if (value == "ID") return asked_for("rollbacks");
  if (value == "LIST") {
    return asked_for(option.name.ends_with("regions") ? "regions" : "components", true);
  }
  if (option.name == "system") return of_words({"hierarchical", "flat"});
  if (verb.id == VerbId::timeline && option.name == "subject") return asked_for("routes");
  return {Values::text, {}, {}, false};
}

Completed values_of_operand(const Verb& verb) {
  const std::string_view operand = verb.operand;
  if (operand.empty()) return {};
  if (is_file(operand)) return {Values::files, {}, {}, false};
  if (operand == "ID") return asked_for("rollbacks");
  if (operand == "SHELL") return of_words(shell_names());
  if (operand == "[rotate]") return of_words({"rotate"});
  if (operand == "COMMAND") return of_words(offered_words());
  if (operand == "NAME" && verb.words.starts_with("feature ")) return asked_for("features");
  return {Values::text, {}, {}, false};
}

std::vector<const Verb*> offered_verbs() {
  std::vector<const Verb*> offered;
  for (const Verb& verb : verbs()) {
    if (verb.id != VerbId::later) offered.push_back(&verb);
  }
  return offered;
}

std::vector<const OptionSpec*> offered_options(const Verb& verb) {
  std::vector<const OptionSpec*> offered;
  for (const auto options : {verb.options, global_options()}) {
    for (const OptionSpec& option : options) {
      if (!option.later()) offered.push_back(&option);
    }
  }
  return offered;
}

std::string summary_of(const OptionSpec& option) {
  return option.same_as.empty() ? std::string(option.summary)
                                : fmt::format("as --{}", option.same_as);
}

std::string summary_of_first(const std::string& first) {
  const Verb* verb = find_verb(first);
  if (verb != nullptr) return std::string(verb->summary);
  return fmt::format("{}", fmt::join(second_words(first), ", "));
}

std::vector<std::string> shell_names() {
  return {"bash", "zsh", "fish"};
}

Result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  const std::string meant = meant_by(shell, shell_names());
  return fail(
      Code::usage,
      fmt::format("there is no completion for \"{}\"", shell),
      meant.empty() ? fmt::format("there is one for {}", fmt::join(shell_names(), ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was changed",
      "hal9-migrate completion " + (meant.empty() ? "bash" : meant)
  );
}

bool is_safe_word(std::string_view word) {
  const auto is_letter = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '.' || letter == '-';
  };
  // One that begins with a dash would be taken for an option.
  return !word.empty() && word.size() <= 129 && word.front() != '-' &&
         std::ranges::all_of(word, is_letter);
}

}  // namespace hal9::tools
