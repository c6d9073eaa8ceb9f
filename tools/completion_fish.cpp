// The script for fish.
#include "command_table.h"
#include "completion.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// fish quotes: in single quotes a backslash and the quote itself are escaped.
std::string quoted(std::string_view text) {
  std::string all = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') all += '\\';
    all += letter;
  }
  return all + "'";
}

// `takes` are the options behind which a value stands, whatever the verb.
constexpr std::string_view kFish = R"script(
# The command that was typed so far, one word or two.
function __hal9_migrate_verb
  set -l typed (commandline -opc)
  set -l verb
  set -l value 0
  for word in $typed[2..]
    if test $value = 1
      set value 0
    else if contains -- $word $__hal9_migrate_takes
      set value 1
    else if not string match -q -- '-*' $word
      if test (count $verb) -eq 0
        set verb $word
      else if test (count $verb) -eq 1; and contains -- "$verb $word" $__hal9_migrate_twos
        set -a verb $word
      end
    end
  end
  string join ' ' -- $verb
end

function __hal9_migrate_is
  test "$(__hal9_migrate_verb)" = "$argv[1]"
end

# What the migration names, that is typed: --config and --ledger are handed on.
function __hal9_migrate_names
  set -l typed (commandline -opc)
  set -l places
  for at in (seq (math (count $typed) - 1))
    if contains -- $typed[$at] --config --ledger
      set -a places $typed[$at] $typed[(math $at + 1)]
    end
  end
  hal9-migrate __complete $argv[1] $places 2>/dev/null
end

for name in hal9-migrate hal9-cli
  complete -c $name -f
end
)script";

std::string values_text(const Completed& completed) {
  switch (completed.values) {
    case Values::none:
      return "";
    case Values::text:
      return " -x";
    case Values::files:
      return " -r -F";
    case Values::words:
      return fmt::format(" -x -a {}", quoted(fmt::format("{}", fmt::join(completed.words, " "))));
    case Values::asked:
      break;
  }
  const std::string names = fmt::format("__hal9_migrate_names {}", completed.kind);
  const std::string words = completed.list ? fmt::format("(__fish_complete_list , '{}')", names)
                                           : fmt::format("({})", names);
  return fmt::format(" -x -a {}", quoted(words));
}

std::string line(std::string_view condition, std::string_view rest) {
  std::string text;
  for (const char* name : {"hal9-migrate", "hal9-cli"}) {
    text += fmt::format("complete -c {}", name);
    if (!condition.empty()) text += fmt::format(" -n {}", quoted(condition));
    text += fmt::format(" {}\n", rest);
  }
  return text;
}

std::string option_line(
    std::string_view condition, const OptionSpec& option, const Completed& completed
) {
  std::string rest = fmt::format("-l {}", option.name);
  if (option.letter != '\0') rest += fmt::format(" -s {}", option.letter);
  rest += fmt::format(" -d {}", quoted(summary_of(option))) + values_text(completed);
  return line(condition, rest);
}

std::string word_line(std::string_view typed, std::string_view word, std::string_view summary) {
  return line(
      fmt::format("__hal9_migrate_is \"{}\"", typed),
      fmt::format("-a {} -d {}", quoted(word), quoted(summary))
  );
}

std::string verb_lines() {
  std::string text;
  for (const std::string& first : first_words()) {
    const Verb* alone = find_verb(first);
    if (alone != nullptr && alone->id == VerbId::later) continue;
    text += word_line("", first, summary_of_first(first));
    for (const std::string& second : second_words(first)) {
      text += word_line(first, second, find_verb(first + " " + second)->summary);
    }
  }
  return text;
}

std::string lines_of(const Verb& verb) {
  const std::string condition = fmt::format("__hal9_migrate_is \"{}\"", verb.words);
  std::string text;
  for (const OptionSpec& option : verb.options) {
    if (!option.later()) text += option_line(condition, option, values_of(verb, option));
  }
  const Completed operand = values_of_operand(verb);
  if (operand.values == Values::files) return text + line(condition, "-F");
  if (operand.values == Values::words || operand.values == Values::asked) {
    // What follows a verb follows no option: that -x is of options alone.
    text += line(condition, values_text(operand).substr(std::string_view(" -x ").size()));
  }
  return text;
}

// Names of options behind which a value stands, and the verbs of two words.
std::string sets() {
  std::vector<std::string> takes;
  std::vector<std::string> twos;
  for (const Verb* verb : offered_verbs()) {
    if (verb->words.find(' ') != std::string_view::npos) twos.push_back(quoted(verb->words));
    for (const OptionSpec* option : offered_options(*verb)) {
      if (values_of(*verb, *option).values == Values::none) continue;
      takes.push_back(fmt::format("--{}", option->name));
      if (option->letter != '\0') takes.push_back(fmt::format("-{}", option->letter));
    }
  }
  return fmt::format(
      "set -g __hal9_migrate_takes {}\nset -g __hal9_migrate_twos {}\n",
      fmt::join(takes, " "),
      fmt::join(twos, " ")
  );
}

}  // namespace

std::string fish_script() {
  std::string text = "# fish completion for hal9-migrate, made by: hal9-migrate completion fish\n" +
                     sets() + std::string(kFish) + verb_lines();
  for (const OptionSpec& option : global_options()) {
    text += option_line("", option, values_of(*find_verb("help"), option));
  }
  for (const Verb* verb : offered_verbs()) text += lines_of(*verb);
  return text;
}

}  // namespace hal9::tools
