// Finding in the table of commands.
#include "command_table.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::tools {

const Verb* find_verb(std::string_view words) {
  const auto all = verbs();
  const auto found = std::ranges::find(all, words, &Verb::words);
  return found == all.end() ? nullptr : &*found;
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
  for (const Verb& verb : verbs()) {
    std::string first(verb.words.substr(0, verb.words.find(' ')));
    if (std::ranges::find(words, first) == words.end()) words.push_back(std::move(first));
  }
  return words;
}

std::vector<std::string> second_words(std::string_view first) {
  std::vector<std::string> words;
  for (const Verb& verb : verbs()) {
    const auto blank = verb.words.find(' ');
    if (blank == std::string_view::npos || verb.words.substr(0, blank) != first) continue;
    words.emplace_back(verb.words.substr(blank + 1));
  }
  return words;
}

}  // namespace hal9::tools
