// argv -> a verb with its options, or a usage error that says what was probably meant.
//
// Pure: reads no environment and prints nothing. A line that is wrong is refused before anything is
// looked at; the error's last sentence is the line as it was meant.
#pragma once

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "command_table.h"
#include "migration/phase.h"
#include "typed_line.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

// A line that is wrong: nothing was looked at, nothing was changed.
inline constexpr std::string_view kUntouched = "nothing was looked at, nothing was changed";
tl::unexpected<Error> usage(std::string what, std::string why, std::string next);

// An option as it was typed: two spellings of one option are told apart in messages.
struct Given {
  std::string spelled;  // "--target-percentage"
  std::string text;     // empty for a flag
};

class CommandLine {
 public:
  // `words` is argv without the program's name. Errors: usage.
  static Result<CommandLine> parse(const std::vector<std::string>& words);

  [[nodiscard]] const Verb& verb() const { return *verb_; }
  [[nodiscard]] bool has(std::string_view option) const;
  // The value; empty when not given. Several different ones were refused by parse.
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
  [[nodiscard]] const std::string& operand() const { return operand_; }

  // The line as it was typed, quoted for a shell, with one thing changed: what "next:" shows.
  [[nodiscard]] std::string with(std::string_view option, std::string_view value = {}) const;
  // Of an option that repeats: `value` in place of `old`.
  [[nodiscard]] std::string with_instead(
      std::string_view option, std::string_view old, std::string_view value
  ) const;
  [[nodiscard]] std::string without(std::initializer_list<std::string_view> options) const;
  [[nodiscard]] std::string with_operand(std::string_view text) const;
  // An error of what knows the state but not the line: its `next` gets what was typed besides, as
  // far as that still means the same there. The --yes of a forward move is never among it: a line
  // that goes elsewhere asks again.
  [[nodiscard]] Error completed(Error error) const;
  // `next` with the --config and --ledger that were typed: another migration is another line.
  [[nodiscard]] std::string in_place(std::string next) const;

  // Typed values. Absent: not given. Errors: usage, naming the option and what it takes, and ending
  // in the line with a value that it takes.
  // `otherwise`: the line to type where no phase is near to what was typed.
  [[nodiscard]] Result<std::optional<migration::Phase>> phase(
      std::string_view option, std::string otherwise
  ) const;
  [[nodiscard]] Result<std::optional<Share>> share() const;  // --percentage and its synonyms
  [[nodiscard]] Result<std::optional<Share>> share(std::string_view option) const;
  [[nodiscard]] Result<std::optional<Micros>> duration() const;
  [[nodiscard]] Result<std::optional<std::uint64_t>> number(std::string_view option) const;
  // The operand as a whole number from 1; absent: none was given.
  [[nodiscard]] Result<std::optional<std::uint64_t>> whole_operand() const;
  // --gradual, --immediate, --duration: the time that a gradual one takes; absent: immediate.
  [[nodiscard]] Result<std::optional<Micros>> gradual() const;

 private:
  friend class Parser;
  [[nodiscard]] TypedLine typed() const { return {typed_, verb_}; }

  const Verb* verb_ = nullptr;
  std::vector<std::string> typed_;
  std::map<std::string, std::vector<Given>, std::less<>> given_;
  std::string operand_;
};

inline constexpr Micros kGradualDefault = std::chrono::minutes(10);

}  // namespace hal9::tools
