// A line as words, changed the way a person would change it: one option given another value or
// taken away, everything else left as it was typed. What "next:" shows is made here, so that it
// never loses half of what somebody typed at night. Pure; one thread.
#pragma once

#include "command_table.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

// "hal9-migrate" and the words, quoted for a shell.
std::string shell_line(const std::vector<std::string>& words);

// The words of a line that this program made, quoted as it quotes: by a pair of one of both marks.
std::vector<std::string> words_of(std::string_view line);

class TypedLine {
 public:
  // `verb` null: only the options that every verb takes are known.
  TypedLine(std::vector<std::string> words, const Verb* verb);

  // Options go by the name that synonyms stand for.
  [[nodiscard]] bool has(std::string_view option) const;
  // Where it stood first, by the spelling that was typed; further ones go. Not there: at the end.
  // An empty value: the option alone.
  void set(std::string_view option, std::string_view value);
  // Of an option that repeats: `value` in place of `old`.
  void set_one(std::string_view option, std::string_view old, std::string_view value);
  void remove(std::string_view option);
  // Puts `text` in the place of the operand `old`; not there: at the end.
  void set_operand(std::string_view old, std::string_view text);
  void remove_word(std::string_view word);
  // `next`, a line of this program, with the --config and --ledger that were typed: what it says
  // holds for that migration and for no other.
  [[nodiscard]] std::string in_place(std::string next) const;
  // The options of `other` that are not here yet, with their values.
  void add_missing(const TypedLine& other);

  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
  [[nodiscard]] std::string text() const { return shell_line(words_); }

 private:
  // An option with its value, or a word for itself (name empty).
  struct Piece {
    std::size_t at = 0;
    std::size_t count = 1;
    std::string name;
  };
  [[nodiscard]] std::vector<Piece> pieces() const;
  [[nodiscard]] const OptionSpec* option_at(std::size_t at) const;
  [[nodiscard]] std::size_t end_of_options() const;
  void erase(const Piece& piece);

  std::vector<std::string> words_;
  const Verb* verb_;
};

}  // namespace hal9::tools
