#include "adapters/haproxy/map_files_here.h"

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace hal9::haproxy {

std::vector<Result<void>> merge_files(
    const migration::HaproxySettings& settings, std::initializer_list<MergedMap> maps, Merge how
) {
  std::vector<Result<void>> results;
  for (const auto& folder : folders_here(settings)) {
    std::vector<MapText> files;
    for (const auto& [map, amounts] : maps) {
      if (amounts.empty()) continue;
      const auto path = map_path(folder, map);
      auto text = read_map_file(path);
      if (text) {
        files.push_back({path, merge_map(*text, amounts, how)});
      } else {
        results.emplace_back(pass_on(text));
      }
    }
    auto written = write_map_files(files);
    results.insert(results.end(), written.begin(), written.end());
  }
  return results;
}

void write_cut_files(
    const migration::HaproxySettings& settings, std::vector<std::string>& problems
) {
  const Amounts kill{{std::string{kAllRoutes}, kKillOn}};
  for (const auto& folder : folders_here(settings)) {
    std::vector<MapText> files;
    for (const auto map : {kKillMap, kShareMap, kMirrorMap}) {
      const auto path = map_path(folder, map);
      auto text = read_map_file(path);
      if (!text) {
        problems.push_back(sentence(text.error()));
        continue;
      }
      files.push_back(
          {path, map == kKillMap ? merge_map(*text, kill, Merge::replace) : zero_map(*text)}
      );
    }
    for (const auto& result : write_map_files(files)) {
      if (!result) problems.push_back(sentence(result.error()));
    }
  }
}

Result<void> prove_files(const migration::HaproxySettings& settings) {
  for (const auto& folder : folders_here(settings)) {
    std::vector<std::string> paths;
    paths.reserve(4);
    for (const auto map : {kShareMap, kMirrorMap, kKillMap, kFeatureMap}) {
      paths.push_back(map_path(folder, map));
    }
    if (auto proven = prove_map_files(paths); !proven) return proven;
  }
  return {};
}

}  // namespace hal9::haproxy
