// The emergency of weight mode by hand: lines for a shell, with socat.
#include "adapters/haproxy/break_glass.h"
#include "adapters/haproxy/weight_pool.h"
#include "adapters/haproxy/weight_router.h"
#include "adapters/haproxy/weights.h"
#include "base/escape.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::haproxy {

namespace {

using migration::WeightPool;

std::string cut_line(const WeightPool& pool, const std::string& socat_line) {
  const auto commands = fmt::format("{}", fmt::join(cut_commands(pool), "; "));
  return fmt::format("echo {} | {}", escape_shell(commands), socat_line);
}

std::vector<std::string> backends_of(const std::vector<WeightPool>& pools) {
  std::vector<std::string> names;
  names.reserve(pools.size());
  for (const auto& pool : pools) names.push_back(pool.backend);
  return names;
}

std::string end_old_sessions(const WeightPool& pool, const std::string& socat_line) {
  const auto awk = fmt::format(
      R"(/ be={} srv=({}) / {{ sub(":", "", $1); print "@!" pid " shutdown session " $1 }})",
      pool.backend,
      fmt::join(pool.hierarchical, "|")
  );
  return for_each_old_worker(
      socat_line,
      fmt::format(
          R"(echo "@!$pid show sess" | {} | awk -v pid="$pid" {} | while IFS= read -r line; do echo "$line" | {}; done)",
          socat_line,
          escape_shell(awk),
          socat_line
      )
  );
}

std::string file_line(const std::vector<WeightPool>& pools, const std::string& file) {
  std::string awk;
  for (const auto& pool : pools) {
    const auto zero = weights_at(0, pool.flat.size(), pool.hierarchical.size());
    for (std::size_t i = 0; i < pool.flat.size(); ++i) {
      awk += fmt::format(
          R"($2 == "{}" && $4 == "{}" {{ $8 = {} }} )", pool.backend, pool.flat[i], zero.flat[i]
      );
    }
    for (const auto& server : pool.hierarchical) {
      awk += fmt::format(
          R"($2 == "{}" && $4 == "{}" {{ $6 = 0; $7 = 1; $8 = 0 }} )", pool.backend, server
      );
    }
  }
  const auto there = escape_shell(file);
  const auto beside = escape_shell(file + ".new");
  return fmt::format(
      "[ ! -f {0} ] || {{ awk {1} {0} > {2} && cat {2} > {0} && rm {2}; }}",
      there,
      escape_shell(awk + "{ print }"),
      beside
  );
}

}  // namespace

// First what cuts, of every balancer, then the file that a reload reads: one that hangs costs the others a
// second a line, and never more.
std::vector<std::string> weight_break_glass_lines(
    const migration::Configuration& configuration,
    const std::vector<std::string>& names,
    const std::vector<migration::Route>& routes
) {
  std::vector<WeightPool> pools = weight_settings(configuration).pools;
  std::erase_if(pools, [&](const WeightPool& pool) {
    return !routes.empty() && std::ranges::none_of(pool.routes, [&](const auto& route) {
      return std::ranges::find(routes, route) != routes.end();
    });
  });
  std::vector<std::string> lines;
  bool is_here = false;
  std::vector<migration::Balancer> meant = configuration.haproxy.balancers;
  std::erase_if(meant, [&](const migration::Balancer& balancer) {
    return !names.empty() && std::ranges::find(names, balancer.name.text()) == names.end();
  });
  const auto cut = fmt::format("{}", fmt::join(backends_of(pools), ", "));
  for (const auto& balancer : meant) {
    is_here = is_here || !balancer.elsewhere.value_or(false);
    lines.push_back(fmt::format(
        "# balancer {}: stop all new traffic to hierarchical in {}", balancer.name.text(), cut
    ));
    for (const auto& pool : pools) lines.push_back(cut_line(pool, socat(balancer)));
  }
  if (const auto& file = weight_settings(configuration).state_file; file && is_here) {
    lines.emplace_back("# the state file, for the next reload");
    lines.push_back(file_line(pools, *file));
  }
  for (const auto& balancer : meant) {
    const auto& name = balancer.name.text();
    if (balancer.master) {
      lines.push_back(fmt::format(
          "# balancer {}: end what is at hierarchical in the workers that a reload left behind",
          name
      ));
      for (const auto& pool : pools) {
        lines.push_back(end_old_sessions(pool, socat_to_master(balancer)));
      }
    }
    lines.push_back(fmt::format(
        "# look at balancer {}: of hierarchical servers admin state (column 7) has to be 1, weight "
        "(column 8) 0",
        name
    ));
    for (const auto& pool : pools) {
      lines.push_back(fmt::format(
          "echo {} | {}", escape_shell("show servers state " + pool.backend), socat(balancer)
      ));
    }
  }
  return lines;
}

}  // namespace hal9::haproxy
