// The map files against the ledger: what a reload or a restart would put into force.
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/map_files_here.h"
#include "adapters/haproxy/picture.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/share.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Amounts amounts_of(const Recorded& recorded, std::optional<Share> migration::RouteAmount::* which) {
  Amounts amounts;
  for (const auto& one : recorded.routes) {
    amounts.emplace(to_text(one.route), (one.*which).value_or(Share::none()));
  }
  return amounts;
}

// The first key whose value stands above its record; a key that is on no record may not be up.
void check_amounts(
    const std::string& path,
    const Values& values,
    const Amounts& recorded,
    std::vector<std::string>& refusals
) {
  std::size_t above = 0;
  std::string first;
  for (const auto& [key, share] : values.shares) {
    const auto known = recorded.find(key);
    const auto limit = known == recorded.end() ? Share::none() : known->second;
    if (share <= limit) continue;
    if (above++ > 0) continue;
    first = fmt::format(
        "{} is at {}%, on record is {}%",
        escape_terminal(shorten(key, 130)),
        to_text(share),
        to_text(limit)
    );
  }
  if (above == 0) return;
  refusals.push_back(fmt::format(
      "{} would put traffic back after a restart: {}{}",
      path,
      first,
      above == 1 ? "" : fmt::format(", and {} more", above - 1)
  ));
}

void check_kill(
    const std::string& path, const Values& kill, bool halted, std::vector<std::string>& refusals
) {
  if (!kill.find(kAllRoutes)) {
    refusals.push_back(fmt::format(
        "{} has no line `{} 0`: an emergency could not set its kill switch", path, kAllRoutes
    ));
  } else if (halted && !is_halted(kill)) {
    refusals.push_back(fmt::format(
        "{} says `{} 0`, and a halt is on record: a restart would take it off", path, kAllRoutes
    ));
  }
}

void check_folder(
    const std::string& folder, const std::optional<Recorded>& recorded, FileCheck& check
) {
  for (const auto map : {kShareMap, kMirrorMap, kKillMap, kFeatureMap}) {
    const auto path = map_path(folder, map);
    if (!exists(path)) {
      check.refusals.push_back(path + " is missing: HAProxy would not start");
      continue;
    }
    const auto text = read_map_file(path);
    if (!text) {
      check.refusals.push_back(sentence(text.error()));
      continue;
    }
    const auto values = values_of(entries_of(*text), map);
    for (const auto& problem : values.problems) {
      check.refusals.push_back(fmt::format("{}: {}", path, problem));
    }
    if (map == kKillMap) check_kill(path, values, recorded && recorded->halted, check.refusals);
    if (!recorded) continue;
    if (map == kShareMap) {
      check_amounts(
          path, values, amounts_of(*recorded, &migration::RouteAmount::share), check.refusals
      );
    }
    if (map == kMirrorMap) {
      check_amounts(
          path, values, amounts_of(*recorded, &migration::RouteAmount::mirror), check.refusals
      );
    }
  }
}

}  // namespace

FileCheck check_files(
    const migration::HaproxySettings& settings, const std::optional<Recorded>& recorded
) {
  FileCheck check;
  for (const auto& folder : folders_here(settings)) {
    const auto maps = {kShareMap, kMirrorMap, kKillMap, kFeatureMap};
    const bool any = std::ranges::any_of(maps, [&](std::string_view map) {
      return exists(map_path(folder, map));
    });
    if (!any) {
      check.warnings.push_back(
          folder + " holds no map files yet: hal9-migrate router haproxy-config makes them"
      );
      continue;
    }
    check_folder(folder, recorded, check);
    std::vector<std::string> paths;
    for (const auto map : maps) paths.push_back(map_path(folder, map));
    if (const auto proven = prove_map_files(paths); !proven) {
      check.refusals.push_back(sentence(proven.error()));
    }
  }
  // A file that cannot be read can be proven neither: said once.
  std::ranges::sort(check.refusals);
  const auto twice = std::ranges::unique(check.refusals);
  check.refusals.erase(twice.begin(), twice.end());
  return check;
}

}  // namespace hal9::haproxy
