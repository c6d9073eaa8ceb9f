#include "adapters/haproxy/weight_state_file.h"

#include "adapters/haproxy/weights.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::haproxy {

namespace {

// Columns of format 1, frozen by HAProxy.
constexpr std::size_t kBackend = 1;
constexpr std::size_t kServer = 3;
constexpr std::size_t kOperation = 5;
constexpr std::size_t kAdministration = 6;
constexpr std::size_t kWeight = 7;
constexpr std::string_view kHeader =
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

struct Found {
  std::uint32_t weight = 0;
  bool hierarchical = false;
};

std::optional<Found> find(
    const migration::WeightSettings& settings,
    const PoolWeights& weights,
    const std::vector<std::string>& row
) {
  const auto at = [&](const std::vector<std::string>& names) -> std::optional<std::size_t> {
    const auto found = std::ranges::find(names, row[kServer]);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(std::distance(names.begin(), found));
  };
  for (const auto& [number, wanted] : weights) {
    const auto& pool = settings.pools[number];
    if (pool.backend != row[kBackend]) continue;
    if (const auto place = at(pool.flat)) return Found{wanted.flat[*place], false};
    if (const auto place = at(pool.hierarchical)) return Found{wanted.hierarchical[*place], true};
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> with_weights(
    std::string_view text,
    const migration::WeightSettings& settings,
    const PoolWeights& weights,
    bool halt
) {
  auto lines = split(text, '\n');
  if (lines.size() < 2 || lines[0] != "1" || !lines[1].starts_with(kHeader)) {
    return fail(
        Code::failed,
        "this is no state of HAProxy's servers",
        "it begins otherwise than `show servers state` does"
    );
  }
  std::size_t servers = 0;
  for (const auto& [number, wanted] : weights) {
    servers += wanted.flat.size() + wanted.hierarchical.size();
  }
  for (auto& line : lines) {
    auto row = split(line, ' ');
    if (row.size() <= kWeight || line.starts_with('#')) continue;
    const auto found = find(settings, weights, row);
    if (!found) continue;
    --servers;
    row[kWeight] = std::to_string(found->weight);
    if (halt && found->hierarchical) {
      row[kAdministration] = "1";
      row[kOperation] = "0";
    }
    line = fmt::format("{}", fmt::join(row, " "));
  }
  if (servers != 0) {
    return fail(
        Code::failed, "the state of HAProxy's servers lacks a row", "not every server has its own"
    );
  }
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

}  // namespace hal9::haproxy
