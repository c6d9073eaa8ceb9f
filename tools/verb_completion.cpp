// `completion SHELL`, and what its scripts ask: `__complete KIND`.
#include "adapters/wiring/wiring.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "completion.h"
#include "context.h"
#include "engine/service.h"
#include "exit_code.h"
#include "formats.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "verbs.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

namespace {

// Rollbacks that are offered: nobody reads more of them in a shell.
constexpr std::size_t kOffered = 20;

std::vector<std::string> words_of_kind(engine::Service& service, std::string_view kind) {
  std::vector<std::string> words;
  const migration::Configuration& configuration = service.configuration();
  if (kind == "rollbacks") {
    const auto rollbacks = service.rollbacks(kOffered);
    if (!rollbacks || rollbacks->empty()) return words;
    words.emplace_back("latest");
    for (const auto& view : *rollbacks) words.push_back(to_text(view.rollback.plan.id));
  } else if (kind == "routes") {
    words.emplace_back("all");
    for (const auto& route : migration::routes_of(configuration)) words.push_back(to_text(route));
    for (const Name& feature : configuration.features) words.push_back(feature.text());
  } else {
    const auto& names = kind == "regions"      ? configuration.regions
                        : kind == "components" ? configuration.components
                                               : configuration.features;
    for (const Name& name : names) words.push_back(name.text());
    if (kind == "features") words.emplace_back("shadow_mode");
  }
  return words;
}

}  // namespace

Result<int> run_completion(Context& context) {
  auto script = completion_script(context.line().operand());
  if (!script) return pass_on(script);
  return context.deliver(
      wiring::Wired{},
      {[&](bool) { return *script; }, [&] { return Json{{"script", *script}}; }},
      kDone
  );
}

int run_complete(const std::vector<std::string>& words) {
  if (words.empty() || std::ranges::find(kKinds, words.front()) == std::end(kKinds)) return kDone;
  wiring::Places places = places_of_environment();
  for (std::size_t at = 1; at + 1 < words.size(); at += 2) {
    if (words[at] == "--config") places.config = words[at + 1];
    if (words[at] == "--ledger") places.ledger = words[at + 1];
  }
  const auto wired = wiring::wire_for_lowering(places);
  if (!wired) return kDone;
  for (const std::string& word : words_of_kind(*wired->service, words.front())) {
    if (is_safe_word(word)) static_cast<void>(std::fputs((word + "\n").c_str(), stdout));
  }
  return kDone;
}

}  // namespace hal9::tools
