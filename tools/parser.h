// The steps of CommandLine::parse over one line, and what its errors suggest. Internal to parse.
#pragma once

#include "base/result.h"
#include "command_line.h"
#include "command_table.h"
#include "typed_line.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words, int mends = 0) : mends_(mends) {
    line_.typed_ = words;
  }
  Result<CommandLine> run();

 private:
  // ---- parser.cpp: the steps -------------------------------------------------------------------
  Result<void> find_the_verb();
  // Everything behind `--` is an operand, whatever it looks like.
  void split_at_marker();
  Result<void> read_options();
  // `--reason= --emergency`: the library would take the next word for the value.
  void part_empty_values();
  // `--reason $UNSET --emergency`: the shell leaves nothing where the reason was. That must neither
  // swallow --emergency nor keep traffic from going down: it counts as no reason given.
  void give_empty_reasons();
  [[nodiscard]] bool is_option(std::string_view word) const;
  // `-emergency` is not -e -m -e -r ...; and `-output` is not -o utput.
  Result<void> check_single_dashes();
  Result<void> keep(const OptionSpec& spec, const std::vector<std::string>& results);
  Result<void> sort_extras(const std::vector<std::string>& extras);
  // Several values for what can have one: the same thing twice is fine, two things are not.
  [[nodiscard]] Result<void> check_given() const;
  [[nodiscard]] Result<void> list_twice(const std::string& name, const std::vector<Given>& given)
      const;
  static bool same(const std::string& name, const std::string& left, const std::string& right);
  Result<void> take_operands();

  // ---- parser_meant.cpp: the errors, and the line that was meant ---------------------------------
  [[nodiscard]] TypedLine typed() const { return line_.typed(); }
  // The line to type: as it is meant, or, where that is wrong in another way too, what is meant by
  // that. Nobody is sent from one typing error to the next.
  [[nodiscard]] std::string settled(const TypedLine& meant) const;
  // Where nothing is near. Whoever typed --emergency does not have to read help first.
  [[nodiscard]] std::string last_resort() const;
  [[nodiscard]] bool wants_emergency() const;
  [[nodiscard]] tl::unexpected<Error> unknown_verb(std::size_t at) const;
  [[nodiscard]] tl::unexpected<Error> unknown_second(std::size_t at, const std::string& first)
      const;
  // What stands in for a later option keeps what else was typed, if it is a line of the same verb.
  [[nodiscard]] std::string instead_of(const OptionSpec& spec) const;
  [[nodiscard]] tl::unexpected<Error> flag_with_value(
      const OptionSpec& spec, const std::string& spelled, const std::string& value
  ) const;
  [[nodiscard]] Result<void> needs_value(const std::string& spelled) const;
  [[nodiscard]] tl::unexpected<Error> unknown_option(const std::string& word) const;
  [[nodiscard]] tl::unexpected<Error> no_operand() const;
  // `rollback lst`, `rollback emergency`, `migrate canary`, `rollback 5`: a word that is something
  // else. `meant` says what; empty: it is nothing.
  [[nodiscard]] TypedLine with_value(const std::string& word, std::string& meant) const;
  [[nodiscard]] TypedLine with_meant(const std::string& word, std::string& meant) const;
  [[nodiscard]] const OptionSpec* list_before(const std::string& word) const;
  [[nodiscard]] Result<void> too_many(const std::string& word) const;

  CommandLine line_;
  std::vector<std::string> rest_;
  std::vector<std::string> operands_;
  std::size_t before_ = 0;  // operands that stood before the marker
  int mends_ = 0;           // how many suggestions this line is away from the typed one
};

}  // namespace hal9::tools
