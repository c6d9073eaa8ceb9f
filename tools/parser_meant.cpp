#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "command_line.h"
#include "command_table.h"
#include "mistyped.h"
#include "parser.h"
#include "typed_line.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// A suggestion that is wrong in another way is mended again, at most so many times.
constexpr int kMends = 6;

// What follows the verb in the line that shows it at work; of an annotation a word.
std::string sample_operand(const Verb& verb) {
  if (verb.operand == "ID" || verb.operand == "N") return "latest";
  if (verb.operand == "TITLE") return "what is wrong";
  const std::string shown = "hal9-migrate " + std::string(verb.words) + " ";
  const bool plain = verb.example.starts_with(shown) && verb.example.find('"') == verb.example.npos;
  return plain ? std::string(verb.example.substr(shown.size())) : "why";
}

struct OtherWord {
  std::string_view typed;
  std::string_view option;
};

// What others call it, or what it is called where it means something else.
constexpr OtherWord kOtherWords[] = {
    {"percent", "percentage"},
    {"share", "percentage"},
    {"weight", "percentage"},
    {"phase", "to-phase"},
    {"exclude-components", "exclude"},
    {"message", "reason"},
};

std::string in_our_words(const Verb& verb, std::string_view typed) {
  for (const OtherWord& other : kOtherWords) {
    if (other.typed == typed && find_option(verb, other.option) != nullptr) {
      return std::string(other.option);
    }
  }
  return {};
}

}  // namespace

std::string Parser::settled(const TypedLine& meant) const {
  if (mends_ >= kMends) return last_resort();
  auto line = Parser(meant.words(), mends_ + 1).run();
  if (!line) return line.error().next;
  // Values are read by the verbs; what is wrong with one is known already.
  if (const auto share = line->share(); !share) return share.error().next;
  if (const auto duration = line->duration(); !duration) return duration.error().next;
  for (const char* option : {"phase", "from-phase"}) {
    if (const auto phase = line->phase(option, meant.text()); !phase) return phase.error().next;
  }
  return meant.text();
}

std::string Parser::last_resort() const {
  if (wants_emergency()) return std::string(kCutLine);
  if (line_.verb_ == nullptr) return "hal9-migrate help";
  return fmt::format("hal9-migrate {} --help", line_.verb_->words);
}

// Also where the rest of the line is another command's, or no command's at all.
bool Parser::wants_emergency() const {
  return std::ranges::find(line_.typed_, "--emergency") != line_.typed_.end();
}

tl::unexpected<Error> Parser::unknown_verb(std::size_t at) const {
  const std::string& typed_word = line_.typed_[at];
  const std::string meant = meant_by(typed_word, first_words());
  const bool emergency = meant.empty() && !meant_by(typed_word, {"emergency"}).empty();
  auto words = line_.typed_;
  words[at] = meant;
  return usage(
      fmt::format("there is no command \"{}\"", typed_word),
      meant.empty() ? fmt::format("Commands: {}", fmt::join(first_words(), ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      emergency       ? std::string(kCutLine)
      : meant.empty() ? last_resort()
                      : settled({words, nullptr})
  );
}

tl::unexpected<Error> Parser::unknown_second(std::size_t at, const std::string& first) const {
  const auto known = second_words(first);
  auto words = line_.typed_;
  const std::string all = fmt::format("{}", fmt::join(known, ", "));
  const auto place = words.begin() + static_cast<std::ptrdiff_t>(at);
  if (at >= words.size() || words[at].starts_with('-')) {
    words.insert(place, known.front());
    return usage(fmt::format("\"{}\" needs one of: {}", first, all), "", settled({words, nullptr}));
  }
  const std::string typed_word = words[at];
  const std::string meant = meant_by(typed_word, known);
  words[at] = meant;
  return usage(
      fmt::format("there is no command \"{} {}\"", first, typed_word),
      meant.empty() ? fmt::format("\"{}\" takes: {}", first, all)
                    : fmt::format("Did you mean \"{} {}\"?", first, meant),
      meant.empty() ? fmt::format("hal9-migrate help {}", first) : settled({words, nullptr})
  );
}

std::string Parser::instead_of(const OptionSpec& spec) const {
  TypedLine rest = typed();
  rest.remove(spec.name);
  if (wants_emergency()) return settled(rest);
  const std::string own = fmt::format("hal9-migrate {}", line_.verb_->words);
  const std::string instead(spec.instead);
  if (instead != own && !instead.starts_with(own + " ")) return typed().in_place(instead);
  // Wider than it was meant: that is asked about, whatever was typed.
  const bool wider = spec.value == "LIST" && line_.verb_->group == Group::forward;
  if (wider) rest.remove("yes");
  rest.add_missing({words_of(instead), line_.verb_});
  return settled(rest);
}

tl::unexpected<Error> Parser::flag_with_value(
    const OptionSpec& spec, const std::string& spelled, const std::string& value
) const {
  TypedLine meant = typed();
  if (value == "false" || value == "no" || value == "off" || value == "0") {
    meant.remove(spec.name);
  } else {
    meant.set(spec.name, "");
  }
  return usage(spelled + " takes no value", "", settled(meant));
}

Result<void> Parser::needs_value(const std::string& spelled) const {
  const OptionSpec* spec =
      spelled.size() < 3 ? nullptr : find_option(*line_.verb_, std::string_view(spelled).substr(2));
  if (spec == nullptr) return usage(spelled + " needs a value", "", last_resort());
  if (spec->later()) return usage(spelled + " needs a value", "", instead_of(*spec));
  TypedLine meant = typed();
  const std::string sample = sample_of(*line_.verb_, spec->name);
  const std::string_view name = spec->same_as.empty() ? spec->name : spec->same_as;
  if (wants_emergency()) {
    meant.remove(name);
  } else if (!sample.empty()) {
    meant.set(name, sample);
  }
  const bool mended = wants_emergency() || !sample.empty();
  return usage(
      fmt::format(
          "{} needs {} ({})", spelled, spec->value, find_option(*line_.verb_, name)->summary
      ),
      "",
      mended ? settled(meant) : last_resort()
  );
}

tl::unexpected<Error> Parser::unknown_option(const std::string& word) const {
  const Verb& verb = *line_.verb_;
  const auto dashes = std::min(word.find_first_not_of('-'), word.size());
  const auto equals = std::min(word.find('='), word.size());
  const std::string name = word.substr(dashes, equals - dashes);
  const std::string near = meant_by(name, option_names(verb));
  const std::string meant = near.empty() ? in_our_words(verb, name) : near;
  const std::string what =
      fmt::format("\"{}\" has no option {}", verb.words, word.substr(0, equals));
  if (verb.id != VerbId::rollback && !meant_by(name, {"emergency"}).empty()) {
    return usage(what, "it is an option of \"rollback\"", std::string(kCutLine));
  }
  if (meant.empty()) {
    TypedLine rest = typed();
    rest.remove_word(word);
    return usage(what, list_options(verb), wants_emergency() ? settled(rest) : last_resort());
  }
  auto words = line_.typed_;
  std::ranges::replace(words, word, "--" + meant + word.substr(equals));
  return usage(what, fmt::format("Did you mean --{}?", meant), settled({words, &verb}));
}

tl::unexpected<Error> Parser::no_operand() const {
  const Verb& verb = *line_.verb_;
  TypedLine meant = typed();
  meant.set_operand("", sample_operand(verb));
  // Which feature or hook nobody can guess; the others have one that does no harm.
  std::string next;
  for (const char* named : {"feature", "hook"}) {
    if (verb.words.starts_with(fmt::format("{} ", named))) {
      next = fmt::format("hal9-migrate {} list", named);
    }
  }
  return usage(
      fmt::format("\"{}\" needs {}", verb.words, verb.operand),
      "",
      next.empty() ? settled(meant) : next
  );
}

TypedLine Parser::with_meant(const std::string& word, std::string& meant) const {
  const Verb& verb = *line_.verb_;
  TypedLine line = typed();
  const std::string second = meant_by(word, second_words(verb.words));
  const std::string option = meant_by(word, option_names(verb));
  if (!second.empty() && option != word) {
    meant = fmt::format("\"{} {}\"", verb.words, second);
    line.remove_word(word);
    auto words = line.words();
    const auto place = std::ranges::find(words, verb.words);
    if (place != words.end()) words.insert(place + 1, second);
    return {words, nullptr};
  }
  if (option.empty()) return with_value(word, meant);
  meant = "--" + option;
  line.set_operand(word, meant);
  return line;
}

TypedLine Parser::with_value(const std::string& word, std::string& meant) const {
  const std::string phase = meant_by(word, phase_names());
  const bool number = parse_share(word).has_value();
  std::vector<std::pair<std::string, std::string>> values = {
      {"phase", phase}, {"from-phase", phase}
  };
  values.emplace_back("percentage", number ? word : "");
  values.emplace_back("duration", parse_duration(word) ? word : "");
  TypedLine line = typed();
  for (const auto& [option, value] : values) {
    if (value.empty() || find_option(*line_.verb_, option) == nullptr || line.has(option)) continue;
    meant = fmt::format("--{} {}", option, value);
    line.remove_word(word);
    line.set(option, value);
    break;
  }
  return line;
}

// "--regions us-west-2, eu-west-1": the rest of a list behind a blank.
const OptionSpec* Parser::list_before(const std::string& word) const {
  const auto at = std::ranges::find(line_.typed_, word);
  if (at == line_.typed_.begin() || at == line_.typed_.end()) return nullptr;
  const std::string& before = *(at - 1);
  if (before.empty() || before.back() != ',') return nullptr;
  for (const OptionSpec& option : line_.verb_->options) {
    if (option.value == "LIST" && line_.value(option.name) == before) return &option;
  }
  return nullptr;
}

Result<void> Parser::too_many(const std::string& word) const {
  if (const auto* list = list_before(word)) {
    TypedLine line = typed();
    line.remove_word(word);
    line.set(list->name, line_.value(list->name).value_or("") + word);
    return usage(
        fmt::format("\"{}\" is read as a word of its own", word),
        fmt::format("--{} takes one list, with commas and no blanks", list->name),
        settled(line)
    );
  }
  std::string meant;
  TypedLine line = with_meant(word, meant);
  if (meant.empty() && wants_emergency()) line.remove_word(word);
  return usage(
      fmt::format("\"{}\" does not know what to do with \"{}\"", line_.verb_->words, word),
      meant.empty() ? list_options(*line_.verb_) : fmt::format("Did you mean {}?", meant),
      meant.empty() && !wants_emergency() ? last_resort() : settled(line)
  );
}

}  // namespace hal9::tools
