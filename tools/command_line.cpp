#include "command_line.h"

#include "base/escape.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

constexpr std::string_view kUntouched = "nothing was looked at, nothing was changed";

tl::unexpected<Error> usage(std::string what, std::string next) {
  return fail(Code::usage, std::move(what), "", std::string(kUntouched), std::move(next));
}

// A value's own error, told by the option that it was given with.
tl::unexpected<Error> told_by(const std::string& option, Error error, std::string next) {
  error.what = option + ": " + error.what;
  if (error.state.empty()) error.state = kUntouched;
  if (error.next.empty()) error.next = std::move(next);
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

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

std::string CommandLine::again(std::string_view more) const {
  std::string line = "hal9-migrate";
  for (const std::string& word : typed_) line += " " + escape_shell(word);
  if (!more.empty()) line += " " + std::string(more);
  return line;
}

Result<std::optional<Share>> CommandLine::share() const {
  const auto text = value("percentage");
  if (!text) return std::optional<Share>{};
  auto share = parse_share(*text);
  if (share) return std::optional<Share>(*share);
  const std::string& spelled = given_.find("percentage")->second.front().spelled;
  return told_by(spelled, share.error(), std::string(verb_->example));
}

Result<std::optional<Micros>> CommandLine::duration() const {
  const auto text = value("duration");
  if (!text) return std::optional<Micros>{};
  auto duration = parse_duration(*text);
  if (duration) return std::optional<Micros>(*duration);
  const std::string next = fmt::format("hal9-migrate {} --duration 10m", verb_->words);
  return told_by("--duration", duration.error(), next);
}

Result<std::optional<std::uint64_t>> CommandLine::number(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::optional<std::uint64_t>{};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number == 0) {
    return usage(
        fmt::format("--{} takes a whole number from 1, not \"{}\"", option, *text),
        fmt::format("hal9-migrate {} --{} 20", verb_->words, option)
    );
  }
  return std::optional<std::uint64_t>(number);
}

Result<std::optional<Micros>> CommandLine::gradual() const {
  auto over = duration();
  if (!over) return over;
  if (has("gradual") && has("immediate")) {
    return usage("--gradual and --immediate contradict each other", std::string(verb_->example));
  }
  if (*over && has("immediate")) {
    return usage(
        "--immediate takes no --duration",
        fmt::format("hal9-migrate {} --gradual --duration 10m", verb_->words)
    );
  }
  if (!*over && has("gradual")) return std::optional<Micros>(kGradualDefault);
  return over;
}

}  // namespace hal9::tools
