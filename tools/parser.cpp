#include "parser.h"

#include "base/result.h"
#include "base/share.h"
#include "command_line.h"
#include "command_table.h"
#include "mistyped.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// The place of the first word that is neither an option nor a global option's value.
std::size_t first_word(const std::vector<std::string>& words) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word.empty() || word.front() != '-') return at;
    if (word == "-o") ++at;
    if (!word.starts_with("--")) continue;
    const OptionSpec* option = find_global_option(word.substr(2));
    if (option != nullptr && !option->value.empty()) ++at;
  }
  return words.size();
}

CLI::Option* add(CLI::App& app, const OptionSpec& spec) {
  std::string names = "--" + std::string(spec.name);
  if (spec.letter != '\0') names = fmt::format("-{},{}", spec.letter, names);
  if (spec.value.empty()) return app.add_flag(names);
  auto* option = app.add_option(names, [](const CLI::results_t&) { return true; });
  if (spec.value.front() == '[') {
    option->expected(0, 1);
  } else {
    option->expected(1);
  }
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
}

// A chat or a wiki makes one long dash of two. Before the name of an option nothing else can be meant.
std::vector<std::string> with_dashes(std::vector<std::string> words) {
  constexpr std::string_view kLongDashes[] = {"\u2013", "\u2014", "\u2212"};
  const auto is_an_option = [](std::string_view name) {
    return std::ranges::any_of(verbs(), [&](const Verb& verb) {
      return find_option(verb, name) != nullptr;
    });
  };
  for (std::string& word : words) {
    for (const std::string_view dash : kLongDashes) {
      if (!word.starts_with(dash)) continue;
      const std::string_view name = std::string_view(word).substr(dash.size());
      if (is_an_option(name.substr(0, name.find('=')))) word = "--" + std::string(name);
      break;
    }
  }
  return words;
}

}  // namespace

Result<CommandLine> Parser::run() {
  if (auto found = find_the_verb(); !found) return pass_on(found);
  if (auto read = read_options(); !read) return pass_on(read);
  if (auto agree = check_given(); !agree) return pass_on(agree);
  if (auto taken = take_operands(); !taken) return pass_on(taken);
  return std::move(line_);
}

Result<void> Parser::find_the_verb() {
  const auto& words = line_.typed_;
  const std::size_t at = first_word(words);
  rest_ = words;
  if (at == words.size()) {
    const bool version = std::ranges::find(words, "--version") != words.end();
    if (version) std::erase(rest_, "--version");
    line_.verb_ = find_verb(version ? "version" : "help");
    return {};
  }
  const std::string& first = words[at];
  const auto seconds = second_words(first);
  const auto begin = rest_.begin() + static_cast<std::ptrdiff_t>(at);
  const bool two =
      at + 1 < words.size() && std::ranges::find(seconds, words[at + 1]) != seconds.end();
  line_.verb_ = two ? find_verb(first + " " + words[at + 1]) : find_verb(first);
  if (line_.verb_ == nullptr) {
    if (seconds.empty()) return unknown_verb(at);
    const bool help = at + 1 < words.size() && (words[at + 1] == "--help" || words[at + 1] == "-h");
    if (!help) return unknown_second(at + 1, first);
    line_.verb_ = find_verb("help");
    line_.operand_ = first;
    rest_.clear();
    return {};
  }
  // `rollback lst --limit 3`: its options are those of the command that is meant.
  const std::string near = two || at + 1 >= words.size() || words[at + 1].starts_with('-')
                               ? ""
                               : meant_by(words[at + 1], seconds);
  if (!near.empty() && find_option(*line_.verb_, words[at + 1]) == nullptr) {
    return unknown_second(at + 1, first);
  }
  rest_.erase(begin, begin + (two ? 2 : 1));
  if (line_.verb_->id != VerbId::later) return {};
  return usage(
      fmt::format("\"{}\" is not in this version", first),
      std::string(line_.verb_->summary),
      typed().in_place(std::string(line_.verb_->example))
  );
}

void Parser::split_at_marker() {
  const auto marker = std::ranges::find(rest_, "--");
  if (marker == rest_.end()) return;
  operands_.assign(marker + 1, rest_.end());
  rest_.erase(marker, rest_.end());
}

Result<void> Parser::read_options() {
  split_at_marker();
  part_empty_values();
  give_empty_reasons();
  if (auto dashes = check_single_dashes(); !dashes) return dashes;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::pair<const OptionSpec*, CLI::Option*>> options;
  for (const auto specs : {line_.verb_->options, global_options()}) {
    for (const OptionSpec& spec : specs) options.emplace_back(&spec, add(app, spec));
  }
  try {
    app.parse(std::vector<std::string>(rest_.rbegin(), rest_.rend()));
  } catch (const CLI::ParseError&) {
    return needs_value(rest_.empty() ? "" : rest_.back());
  }
  // Mistyped ones first: `--emergancy --regions X` is an emergency before it is anything else.
  if (auto sorted = sort_extras(app.remaining()); !sorted) return sorted;
  for (const auto& [spec, option] : options) {
    if (option->count() == 0) continue;
    if (auto kept = keep(*spec, option->results()); !kept) return kept;
  }
  return {};
}

void Parser::part_empty_values() {
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    if (!rest_[at].starts_with("--") || !rest_[at].ends_with('=') || !is_option(rest_[at]))
      continue;
    rest_[at].pop_back();
    rest_.insert(rest_.begin() + static_cast<std::ptrdiff_t>(at) + 1, "");
    ++at;
  }
}

void Parser::give_empty_reasons() {
  if (find_option(*line_.verb_, "reason") == nullptr) return;
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    if (rest_[at] != "--reason") continue;
    const bool last = at + 1 == rest_.size();
    if (!last && !is_option(rest_[at + 1])) continue;
    rest_.insert(rest_.begin() + static_cast<std::ptrdiff_t>(at) + 1, "");
    ++at;
  }
}

bool Parser::is_option(std::string_view word) const {
  if (!word.starts_with("--")) return false;
  word.remove_prefix(2);
  return find_option(*line_.verb_, word.substr(0, word.find('='))) != nullptr;
}

Result<void> Parser::check_single_dashes() {
  for (const std::string& word : rest_) {
    if (word.size() < 3 || word[0] != '-' || word[1] == '-') continue;
    if (find_option(*line_.verb_, word.substr(1)) != nullptr) return unknown_option(word);
  }
  return {};
}

Result<void> Parser::keep(const OptionSpec& spec, const std::vector<std::string>& results) {
  const std::string spelled = "--" + std::string(spec.name);
  if (spec.later()) {
    return usage(
        fmt::format("\"{} {}\" is not in this version", line_.verb_->words, spelled),
        std::string(spec.summary),
        instead_of(spec)
    );
  }
  const std::string name(spec.same_as.empty() ? spec.name : spec.same_as);
  for (const std::string& result : results) {
    if (spec.value.empty()) {
      if (result != "true") return flag_with_value(spec, spelled, result);
      line_.given_[name].push_back({spelled, ""});
      continue;
    }
    const bool empty = result.empty() && spec.name != "reason" && spec.value.front() != '[';
    if (empty || is_option(result)) return needs_value(spelled);
    line_.given_[name].push_back({spelled, result});
  }
  // Of an option that may go without a value: given, but no result.
  if (results.empty()) line_.given_[name].push_back({spelled, ""});
  return {};
}

Result<void> Parser::sort_extras(const std::vector<std::string>& extras) {
  for (const std::string& extra : extras) {
    if (extra.size() > 1 && extra.front() == '-') return unknown_option(extra);
    operands_.insert(operands_.begin() + static_cast<std::ptrdiff_t>(before_), extra);
    ++before_;
  }
  return {};
}

Result<void> Parser::check_given() const {
  for (const auto& [name, given] : line_.given_) {
    const OptionSpec* spec = find_option(*line_.verb_, name);
    if (spec == nullptr || spec->repeats) continue;
    if (spec->value == "LIST" && given.size() > 1) return list_twice(name, given);
    for (const Given& other : given) {
      if (same(name, given.front().text, other.text)) continue;
      return usage(
          fmt::format(
              "{} {} and {} {} differ",
              given.front().spelled,
              given.front().text,
              other.spelled,
              other.text
          ),
          "they mean the same, so only one of them can hold",
          line_.with(name, given.front().text)
      );
    }
  }
  return {};
}

// Whoever gives it twice means both.
Result<void> Parser::list_twice(const std::string& name, const std::vector<Given>& given) const {
  std::vector<std::string> all;
  all.reserve(given.size());
  for (const Given& one : given) all.push_back(one.text);
  return usage(
      fmt::format("{} is given {} times", given.front().spelled, given.size()),
      "it takes one list, with commas and no blanks",
      line_.with(name, fmt::format("{}", fmt::join(all, ",")))
  );
}

bool Parser::same(const std::string& name, const std::string& left, const std::string& right) {
  if (left == right) return true;
  if (name != "percentage") return false;
  const auto one = parse_share(left);
  const auto other = parse_share(right);
  return one && other && *one == *other;
}

Result<void> Parser::take_operands() {
  const Verb& verb = *line_.verb_;
  if (!line_.operand_.empty() || line_.has("help")) return {};
  if (verb.operand == "TEXT" || (verb.id == VerbId::help && !operands_.empty())) {
    line_.operand_ = fmt::format("{}", fmt::join(operands_, " "));
  } else if (!operands_.empty() && !verb.operand.empty()) {
    line_.operand_ = operands_.front();
    operands_.erase(operands_.begin());
    if (!operands_.empty()) return too_many(operands_.front());
  } else if (!operands_.empty()) {
    return too_many(operands_.front());
  }
  if (!line_.operand_.empty() || !verb.operand_needed) return {};
  return no_operand();
}

Result<CommandLine> CommandLine::parse(const std::vector<std::string>& words) {
  return Parser(with_dashes(words)).run();
}

}  // namespace hal9::tools
