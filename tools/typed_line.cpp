#include "typed_line.h"

#include "base/escape.h"
#include "command_table.h"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::tools {

namespace {

const OptionSpec* find(const Verb* verb, std::string_view name) {
  return verb != nullptr ? find_option(*verb, name) : find_global_option(name);
}

const OptionSpec* find_letter(char letter) {
  const auto options = global_options();
  const auto found = std::ranges::find(options, letter, &OptionSpec::letter);
  return found == options.end() ? nullptr : &*found;
}

// Of a line of ours, without the program's name; null: none that is known.
const Verb* verb_of(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() > 1) {
    if (const Verb* const verb = find_verb(words[0] + " " + words[1])) return verb;
  }
  return words.empty() ? nullptr : find_verb(words[0]);
}

// Beside evidence nothing is suggested that would act on the system of the one who looks at it.
std::string as_evidence(const std::string& next) {
  constexpr std::string_view kProgram = "hal9-migrate ";
  const Verb* const verb = verb_of(std::string_view(next).substr(kProgram.size()));
  if (verb == nullptr || find_option(*verb, "immutable") == nullptr) return {};
  return next.find(" --immutable") == std::string::npos ? next + " --immutable" : next;
}

std::string_view name_of(const OptionSpec& option) {
  return option.same_as.empty() ? option.name : option.same_as;
}

}  // namespace

std::string shell_line(const std::vector<std::string>& words) {
  std::string line = "hal9-migrate";
  for (const std::string& word : words) line += " " + escape_shell(word);
  return line;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  bool literal = false;  // behind a backslash
  char quote = 0;
  for (const char c : line) {
    if (std::exchange(literal, false)) {
      word += c;
    } else if (c == '\\' && quote == 0) {
      literal = true;
      in_word = true;
    } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? '\0' : c;
      in_word = true;
    } else if (c == ' ' && quote == 0) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

TypedLine::TypedLine(std::vector<std::string> words, const Verb* verb)
    : words_(std::move(words)), verb_(verb) {}

const OptionSpec* TypedLine::option_at(std::size_t at) const {
  const std::string& word = words_[at];
  if (word.starts_with("--")) {
    return find(verb_, std::string_view(word).substr(2, word.find('=') - 2));
  }
  return word.size() == 2 && word.front() == '-' ? find_letter(word[1]) : nullptr;
}

std::size_t TypedLine::end_of_options() const {
  return static_cast<std::size_t>(std::ranges::find(words_, "--") - words_.begin());
}

std::vector<TypedLine::Piece> TypedLine::pieces() const {
  std::vector<Piece> pieces;
  const std::size_t end = end_of_options();
  for (std::size_t at = 0; at < end;) {
    Piece piece{at, 1, {}};
    if (const OptionSpec* option = option_at(at)) {
      piece.name = name_of(*option);
      const bool takes = !option->value.empty() && words_[at].find('=') == std::string::npos;
      // What is an option itself is no value, and what may go without one takes no dash for it.
      const bool bare = at + 1 >= end || option_at(at + 1) != nullptr ||
                        (option->value.starts_with('[') && words_[at + 1].starts_with('-'));
      if (takes && !bare) piece.count = 2;
    }
    at += piece.count;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

void TypedLine::erase(const Piece& piece) {
  const auto from = words_.begin() + static_cast<std::ptrdiff_t>(piece.at);
  words_.erase(from, from + static_cast<std::ptrdiff_t>(piece.count));
}

bool TypedLine::has(std::string_view option) const {
  return std::ranges::any_of(pieces(), [&](const Piece& piece) { return piece.name == option; });
}

void TypedLine::remove(std::string_view option) {
  for (const Piece& piece : pieces() | std::views::reverse) {
    if (piece.name == option) erase(piece);
  }
}

void TypedLine::set(std::string_view option, std::string_view value) {
  std::size_t place = end_of_options();
  std::string spelled = "--" + std::string(option);
  for (const Piece& piece : pieces()) {
    if (piece.name != option) continue;
    const std::string& word = words_[piece.at];
    place = piece.at;
    spelled = word.substr(0, word.find('='));
    break;
  }
  remove(option);
  const auto at = words_.begin() + static_cast<std::ptrdiff_t>(place);
  if (value.empty()) {
    words_.insert(at, spelled);
  } else {
    words_.insert(at, {spelled, std::string(value)});
  }
}

void TypedLine::set_one(std::string_view option, std::string_view old, std::string_view value) {
  for (const Piece& piece : pieces()) {
    if (piece.name != option) continue;
    std::string& last = words_[piece.at + piece.count - 1];
    const std::size_t from = piece.count == 2 ? 0 : std::min(last.find('='), last.size() - 1) + 1;
    if (last.substr(from) == old) last.replace(from, std::string::npos, value);
  }
}

void TypedLine::set_operand(std::string_view old, std::string_view text) {
  for (const Piece& piece : pieces()) {
    if (!piece.name.empty() || words_[piece.at] != old || old.empty()) continue;
    words_[piece.at] = text;
    return;
  }
  const auto found = old.empty() ? words_.end() : std::ranges::find(words_, old);
  if (found != words_.end()) {
    *found = text;
  } else {
    words_.emplace_back(text);
  }
}

void TypedLine::remove_word(std::string_view word) {
  for (const Piece& piece : pieces()) {
    if (!piece.name.empty() || words_[piece.at] != word) continue;
    erase(piece);
    return;
  }
}

std::string TypedLine::in_place(std::string next) const {
  constexpr std::string_view kProgram = "hal9-migrate ";
  if (!next.starts_with(kProgram)) return next;
  for (const std::string_view anywhere : {"init", "help", "version"}) {
    if (std::string_view(next).substr(kProgram.size()).starts_with(anywhere)) return next;
  }
  for (const Piece& piece : pieces()) {
    if (piece.name != "config" && piece.name != "ledger") continue;
    if (next.find(" --" + piece.name) != std::string::npos) continue;
    for (std::size_t at = piece.at; at < piece.at + piece.count; ++at) {
      next += " " + escape_shell(words_[at]);
    }
  }
  return has("immutable") ? as_evidence(next) : next;
}

void TypedLine::add_missing(const TypedLine& other) {
  std::vector<Piece> missing;
  for (Piece& piece : other.pieces()) {
    if (!piece.name.empty() && !has(piece.name)) missing.push_back(std::move(piece));
  }
  for (const Piece& piece : missing) {
    const auto from = other.words_.begin() + static_cast<std::ptrdiff_t>(piece.at);
    words_.insert(
        words_.begin() + static_cast<std::ptrdiff_t>(end_of_options()),
        from,
        from + static_cast<std::ptrdiff_t>(piece.count)
    );
  }
}

}  // namespace hal9::tools
