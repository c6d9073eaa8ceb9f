#include "route_choice.h"

#include "base/name.h"
#include "base/result.h"
#include "command_line.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/selection.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

using migration::Selection;

// Where what an option lists is kept, and what it is a list of.
struct ListOption {
  const char* name;
  migration::Choice Selection::* dimension;
  std::vector<Name> migration::Choice::* list;
  std::vector<Name> migration::Configuration::* known;
};
constexpr ListOption kLists[] = {
    {"regions", &Selection::regions, &migration::Choice::named, &migration::Configuration::regions},
    {"exclude-regions",
     &Selection::regions,
     &migration::Choice::excluded,
     &migration::Configuration::regions},
    {"components",
     &Selection::components,
     &migration::Choice::named,
     &migration::Configuration::components},
    {"exclude",
     &Selection::components,
     &migration::Choice::excluded,
     &migration::Configuration::components},
};

std::vector<std::string> split_list(std::string_view list, std::string_view at = ",") {
  std::vector<std::string> words;
  while (true) {
    const std::size_t end = list.find_first_of(at);
    words.emplace_back(list.substr(0, end));
    if (end == std::string_view::npos) return words;
    list.remove_prefix(end + 1);
  }
}

// "a b,": the names that are in it, with commas between them.
std::string without_blanks(std::string_view list) {
  auto words = split_list(list, ", ;");
  std::erase(words, "");
  return fmt::format("{}", fmt::join(words, ","));
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// The known name that was meant; empty: none is near.
std::string meant(const std::string& typed, const std::vector<std::string>& names) {
  const auto same = std::ranges::find_if(names, [&](const std::string& name) {
    return lower_case(name) == lower_case(typed);
  });
  return same == names.end() ? nearest(typed, names) : *same;
}

// "a,b" with the nearest name there is in place of each that is none.
std::string mended(const std::vector<Name>& typed, const std::vector<Name>& known) {
  std::vector<std::string> names;
  names.reserve(known.size());
  for (const Name& name : known) names.push_back(name.text());
  std::vector<std::string> words;
  for (const Name& name : typed) {
    const bool is_known = std::ranges::find(known, name) != known.end();
    const std::string close = is_known ? name.text() : meant(name.text(), names);
    if (close.empty()) return {};
    words.push_back(close);
  }
  return fmt::format("{}", fmt::join(words, ","));
}

// The line that was meant, or where the names stand.
std::string next_for(
    const CommandLine& line,
    const migration::Configuration& configuration,
    const Selection& selection
) {
  for (const ListOption& option : kLists) {
    const auto& typed = selection.*option.dimension.*option.list;
    const auto& known = configuration.*option.known;
    const bool all_known = std::ranges::all_of(typed, [&](const Name& name) {
      return std::ranges::find(known, name) != known.end();
    });
    if (all_known) continue;
    const std::string list = mended(typed, known);
    if (!list.empty()) return line.with(option.name, list);
  }
  return line.in_place("hal9-migrate config view");
}

}  // namespace

Result<Selection> parse_selection(const CommandLine& line) {
  Selection selection;
  for (const ListOption& option : kLists) {
    const auto value = line.value(option.name);
    if (!value) continue;
    for (const std::string& word : split_list(*value)) {
      auto name = Name::parse(word);
      if (!name) {
        return fail(
            Code::usage,
            fmt::format("--{} takes names with commas between them", option.name),
            word.empty() ? "one of them is empty" : name.error().why,
            "nothing was changed",
            without_blanks(*value).empty() ? line.in_place("hal9-migrate config view")
                                           : line.with(option.name, without_blanks(*value))
        );
      }
      (selection.*option.dimension.*option.list).push_back(std::move(*name));
    }
  }
  return selection;
}

Result<std::optional<std::vector<migration::Route>>> select_routes(
    const CommandLine& line, const migration::Configuration& configuration
) {
  auto selection = parse_selection(line);
  if (!selection) return pass_on(selection);
  auto routes = migration::select(configuration, *selection);
  if (!routes) {
    Error error = routes.error();
    error.next = next_for(line, configuration, *selection);
    return tl::unexpected<Error>(std::move(error));
  }
  if (routes->empty()) return std::nullopt;
  return std::move(*routes);
}

}  // namespace hal9::tools
