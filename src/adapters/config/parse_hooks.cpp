#include "adapters/config/parse_hooks.h"

#include "adapters/config/parse_router.h"
#include "adapters/config/section.h"
#include "adapters/config/yaml.h"
#include "base/name.h"
#include "base/time.h"
#include "migration/configuration.h"
#include "migration/hook.h"
#include "migration/phase.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::config {

namespace {

using migration::Hook;

constexpr Micros kLeastTimeout = std::chrono::milliseconds(100);
constexpr Micros kMostTimeout = std::chrono::minutes(10);

Hook hook_of(const YamlNode& node) {
  const Section section(node, "hooks", {"name", "on", "phase", "command", "timeout"});
  Hook hook;
  hook.name = name_of(section.require("name"), "hooks.name");
  static_cast<void>(section.require("on"));
  hook.on = section.word("on", {"phase-end", "rollback-end"}, "") == "rollback-end"
                ? migration::HookOn::rollback_end
                : migration::HookOn::phase_end;
  std::vector<std::string> phases;
  for (const migration::Phase phase : migration::kPhases) {
    if (phase != migration::Phase::none) phases.push_back(to_text(phase));
  }
  const std::string phase = section.word("phase", phases, "");
  for (const migration::Phase one : migration::kPhases) {
    if (to_text(one) == phase) hook.phase = one;
  }
  hook.command = command_of(section.require("command"), "hooks.command");
  hook.timeout =
      section.duration("timeout", kLeastTimeout, kMostTimeout).value_or(migration::kHookTimeout);
  return hook;
}

}  // namespace

void read_hooks(const Section& root, migration::Configuration& into) {
  const YamlNode* node = root.find("hooks");
  if (node == nullptr) return;
  std::vector<Hook> hooks;
  for (const YamlNode& item : items_of(*node, "hooks")) {
    Hook hook = hook_of(item);
    if (std::ranges::find(hooks, hook.name, &Hook::name) != hooks.end()) {
      throw Refused{item.place, "hooks has " + hook.name.text() + " twice"};
    }
    hooks.push_back(std::move(hook));
  }
  if (hooks.size() > migration::kHooks) {
    throw Refused{node->place, fmt::format("hooks has more than {}", migration::kHooks)};
  }
  if (!hooks.empty()) into.hooks = std::move(hooks);
}

}  // namespace hal9::config
