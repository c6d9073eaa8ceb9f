#include "mistyped.h"

#include "base/name.h"
#include "base/share.h"
#include "base/time.h"
#include "command_table.h"
#include "migration/phase.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

std::string lower(std::string_view typed) {
  std::string text(typed);
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

struct Sample {
  std::string_view option;
  std::string_view value;
};

constexpr Sample kSamples[] = {
    {"config", "hal9.yaml"},
    {"consistency", "1"},
    {"duration", "10m"},
    {"format", "json"},
    {"from", "1"},
    {"from-phase", "canary"},
    {"ledger", "hal9.db"},
    {"limit", "20"},
    {"name", "hal9"},
    {"output", "-"},
    {"pause-after", "25"},
    {"percentage", "5"},
    {"phase", "canary"},
    {"rollback", "latest"},
    {"size", "1"},
    {"subject", "all"},
    {"system", "hierarchical"},
    {"to", "1"},
    {"type", "rollback"},
};

}  // namespace

std::string meant_by(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string exact = nearest(typed, candidates);
  return exact.empty() ? nearest(lower(typed), candidates) : exact;
}

std::vector<std::string> phase_names() {
  std::vector<std::string> names;
  for (const migration::Phase phase : migration::kPhases) names.push_back(to_text(phase));
  names.emplace_back("cutover");
  return names;
}

std::vector<std::string> option_names(const Verb& verb) {
  std::vector<std::string> names;
  for (const auto options : {verb.options, global_options()}) {
    for (const OptionSpec& option : options) names.emplace_back(option.name);
  }
  return names;
}

std::string list_options(const Verb& verb) {
  std::vector<std::string> names;
  for (const OptionSpec& option : verb.options) {
    if (!option.later() && option.same_as.empty()) names.push_back("--" + std::string(option.name));
  }
  for (const OptionSpec& option : global_options()) {
    names.push_back("--" + std::string(option.name));
  }
  return fmt::format("It takes: {}", fmt::join(names, ", "));
}

std::string sample_of(const Verb& verb, std::string_view option) {
  const OptionSpec* spec = find_option(verb, option);
  if (spec == nullptr || spec->value.empty()) return {};
  const std::string_view name = spec->same_as.empty() ? spec->name : spec->same_as;
  if (name == "percentage" && verb.id == VerbId::rollback) return "0";
  if (name == "duration" && verb.id == VerbId::monitor) return "10s";
  if (name == "from" && verb.id == VerbId::ledger_verify) return "ledger.jsonl";
  if (name == "root") return std::string(64, '0');
  if (name == "seal" && verb.id == VerbId::ledger_verify) return "kept.seal";
  if (name == "key" && verb.id == VerbId::ledger_verify) return "hal9/ledger/NAME+ID+KEY";
  if (name == "at") return verb.id == VerbId::status ? "1" : "";
  const auto* found = std::ranges::find(kSamples, name, &Sample::option);
  return found == std::end(kSamples) ? "" : std::string(found->value);
}

std::string mended_time(std::string_view text) {
  const std::string typed(text);
  const std::string bare = typed.ends_with('Z') ? typed.substr(0, typed.size() - 1) : typed;
  for (const char* rest : {"Z", ":00Z", ":00:00Z", "T00:00:00Z"}) {
    if (parse_time_loosely(bare + rest)) return bare + rest;
  }
  return {};
}

std::string mended_duration(const Verb& verb, std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return {};
  const auto unit = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string letter = lower(text.substr(unit, 1));
  if (letter == " ") letter = lower(text.substr(unit + 1, 1));
  if (letter.empty()) letter = verb.id == VerbId::monitor ? "s" : "m";
  const std::string mended = std::string(text.substr(0, unit)) + letter;
  return parse_duration(mended) ? mended : "";
}

std::string mended_share(std::string_view text) {
  std::string mended(text);
  std::erase(mended, ' ');
  std::ranges::replace(mended, ',', '.');
  return mended != text && parse_share(mended) ? mended : "";
}

}  // namespace hal9::tools
