#include "command_line.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "command_table.h"
#include "migration/phase.h"
#include "mistyped.h"
#include "typed_line.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// A value's own error, told by the option that it was given with.
tl::unexpected<Error> told_by(const std::string& option, Error error, std::string next) {
  error.what = option + ": " + error.what;
  error.state = kUntouched;
  error.next = std::move(next);
  return tl::unexpected<Error>(std::move(error));
}

constexpr std::string_view kProgram = "hal9-migrate ";

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && number != 0;
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

tl::unexpected<Error> usage(std::string what, std::string why, std::string next) {
  return fail(
      Code::usage, std::move(what), std::move(why), std::string(kUntouched), std::move(next)
  );
}

bool CommandLine::has(std::string_view option) const {
  return given_.contains(option);
}

std::optional<std::string> CommandLine::value(std::string_view option) const {
  const auto found = given_.find(option);
  if (found == given_.end()) return {};
  return found->second.front().text;
}

std::vector<std::string> CommandLine::values(std::string_view option) const {
  std::vector<std::string> texts;
  const auto found = given_.find(option);
  if (found == given_.end()) return texts;
  for (const Given& given : found->second) texts.push_back(given.text);
  return texts;
}

std::string CommandLine::with(std::string_view option, std::string_view value) const {
  TypedLine line = typed();
  line.set(option, value);
  return line.text();
}

std::string CommandLine::with_instead(
    std::string_view option, std::string_view old, std::string_view value
) const {
  TypedLine line = typed();
  line.set_one(option, old, value);
  return line.text();
}

std::string CommandLine::without(std::initializer_list<std::string_view> options) const {
  TypedLine line = typed();
  for (const std::string_view option : options) line.remove(option);
  return line.text();
}

std::string CommandLine::with_operand(std::string_view text) const {
  TypedLine line = typed();
  line.set_operand(operand_, text);
  return line.text();
}

Error CommandLine::completed(Error error) const {
  if (!error.next.starts_with(kProgram)) return error;
  const auto words = words_of(std::string_view(error.next).substr(kProgram.size()));
  const auto meant = parse(words);
  if (!meant || meant->verb().id != verb_->id) return error;
  // Of a move that goes elsewhere than was typed, only why, where and how slowly is kept.
  const bool elsewhere = verb_->id == VerbId::migrate && meant->value("phase") != value("phase");
  const auto is_selection = [](std::string_view option) {
    return option == "regions" || option == "exclude-regions" || option == "components" ||
           option == "exclude";
  };
  const bool selected = std::ranges::any_of(verb_->options, [&](const auto& option) {
    return is_selection(option.name) && meant->has(option.name);
  });
  TypedLine more = typed();
  for (const OptionSpec& option : verb_->options) {
    // A selection is kept, unless the line has one: without any it would raise what nobody named.
    const bool selects = is_selection(option.name);
    // Whoever wanted it slowly is not told to do it at once.
    const bool slowly = option.name == "gradual" || option.name == "duration";
    const bool same =
        option.name == "include-held" || option.name == "override" || option.name == "pause-after";
    const bool kept = verb_->id == VerbId::rollback || option.name == "reason" || selects ||
                      slowly || (!elsewhere && same);
    if (!kept || (selects && selected)) more.remove(option.name);
  }
  TypedLine line(words, verb_);
  line.add_missing(more);
  error.next = line.text();
  return error;
}

std::string CommandLine::in_place(std::string next) const {
  return typed().in_place(std::move(next));
}

Result<std::optional<migration::Phase>> CommandLine::phase(
    std::string_view option, std::string otherwise
) const {
  const auto text = value(option);
  if (!text) return std::optional<migration::Phase>{};
  auto phase = migration::parse_phase(*text);
  if (phase) return std::optional<migration::Phase>(*phase);
  const std::string near = meant_by(*text, phase_names());
  Error error = phase.error();
  error.next = near.empty() ? std::move(otherwise) : with(option, near);
  return tl::unexpected<Error>(std::move(error));
}

Result<std::optional<Share>> CommandLine::share() const {
  return share("percentage");
}

Result<std::optional<Share>> CommandLine::share(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::optional<Share>{};
  auto share = parse_share(*text);
  if (share) return std::optional<Share>(*share);
  const std::string& spelled = given_.find(option)->second.front().spelled;
  const std::string mended = mended_share(*text);
  return told_by(
      spelled, share.error(), with(option, mended.empty() ? sample_of(*verb_, option) : mended)
  );
}

Result<std::optional<Micros>> CommandLine::duration() const {
  const auto text = value("duration");
  if (!text) return std::optional<Micros>{};
  auto duration = parse_duration(*text);
  if (duration) return std::optional<Micros>(*duration);
  const std::string mended = mended_duration(*verb_, *text);
  return told_by(
      "--duration",
      duration.error(),
      with("duration", mended.empty() ? sample_of(*verb_, "duration") : mended)
  );
}

Result<std::optional<std::uint64_t>> CommandLine::number(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::optional<std::uint64_t>{};
  if (const auto number = whole_number(*text)) return number;
  return usage(
      fmt::format("--{} takes a whole number from 1, not \"{}\"", option, *text),
      "",
      with(option, sample_of(*verb_, option))
  );
}

Result<std::optional<std::uint64_t>> CommandLine::whole_operand() const {
  if (operand_.empty()) return std::optional<std::uint64_t>{};
  if (const auto number = whole_number(operand_)) return number;
  return usage(
      fmt::format("{} is a whole number from 1, not \"{}\"", verb_->operand, operand_),
      "",
      with_operand("1")
  );
}

Result<std::optional<Micros>> CommandLine::gradual() const {
  auto over = duration();
  if (!over) return over;
  if (has("gradual") && has("immediate")) {
    // Of the two the one that moves less traffic toward hierarchical at once.
    const bool forward = verb_->id == VerbId::migrate;
    return usage(
        "--gradual and --immediate contradict each other",
        "",
        forward ? without({"immediate"}) : without({"gradual", "duration"})
    );
  }
  if (*over && has("immediate")) {
    TypedLine line = typed();
    line.remove("immediate");
    line.set("gradual", "");
    return usage("--immediate takes no --duration", "", line.text());
  }
  if (!*over && has("gradual")) return std::optional<Micros>(kGradualDefault);
  return over;
}

}  // namespace hal9::tools
