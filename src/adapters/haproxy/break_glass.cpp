#include "adapters/haproxy/break_glass.h"

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/place.h"
#include "base/escape.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

// Pids of the workers that a reload left behind, from `show proc`.
constexpr std::string_view kOldPids =
    R"(/^#/ { old = /old workers/ } old && $2 == "worker" { print $1 })";

}  // namespace

std::string socat(const migration::Balancer& balancer) {
  return "socat -t5 - " + socat_address(balancer);
}

std::string socat_to_master(const migration::Balancer& balancer) {
  migration::Balancer master;
  master.socket = balancer.master.value_or("");
  return socat(master);
}

std::string for_each_old_worker(const std::string& socat_line, const std::string& loop) {
  return fmt::format(
      "echo 'show proc' | {} | awk {} | while IFS= read -r pid; do {}; done",
      socat_line,
      escape_shell(kOldPids),
      loop
  );
}

namespace {

std::string zero_in_old_workers(const std::string& file, const std::string& socat_line) {
  const auto awk = fmt::format(R"($1 ~ /^0x/ {{ print "@!" pid " set map {} " $2 " 0" }})", file);
  return for_each_old_worker(
      socat_line,
      fmt::format(
          R"(echo "@!$pid show map {}" | {} | awk -v pid="$pid" {} | while IFS= read -r line; do echo "$line" | {}; done)",
          file,
          socat_line,
          escape_shell(awk),
          socat_line
      )
  );
}

std::string end_sessions_in_old_workers(
    const migration::HaproxySettings& settings, const std::string& socat_line
) {
  const auto awk = fmt::format(
      R"(/ be=({}|{}) / {{ sub(":", "", $1); print "@!" pid " shutdown session " $1 }})",
      settings.hierarchical_backend,
      settings.mirror_backend
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

void append_old_workers(
    std::vector<std::string>& lines,
    const migration::HaproxySettings& settings,
    const migration::Balancer& balancer
) {
  if (!balancer.master) return;
  const auto folder = maps_of(settings, balancer);
  const auto socat_line = socat_to_master(balancer);
  lines.emplace_back("# the same in the workers that a reload left behind, and their sessions end");
  lines.push_back(for_each_old_worker(
      socat_line,
      fmt::format(R"(echo "@!$pid set map {} all 1" | {})", map_path(folder, kKillMap), socat_line)
  ));
  lines.push_back(zero_in_old_workers(map_path(folder, kShareMap), socat_line));
  lines.push_back(zero_in_old_workers(map_path(folder, kMirrorMap), socat_line));
  lines.push_back(end_sessions_in_old_workers(settings, socat_line));
}

// Asks, makes commands of the answer by awk, and sends each on a connection of its own.
std::string for_each_line(
    const std::string& question, std::string_view awk, const std::string& socat_line
) {
  return fmt::format(
      "echo {} | {} | awk {} | while IFS= read -r line; do echo \"$line\" | {}; done",
      escape_shell(question),
      socat_line,
      escape_shell(awk),
      socat_line
  );
}

std::string maint(const std::string& backend, const std::string& socat_line) {
  const auto awk =
      fmt::format(R"($2 == "{0}" {{ print "set server {0}/" $4 " state maint" }})", backend);
  return for_each_line("show servers state " + backend, awk, socat_line);
}

std::string zero(const std::string& file, const std::string& socat_line) {
  const auto awk = fmt::format(R"($1 ~ /^0x/ {{ print "set map {} " $2 " 0" }})", file);
  return for_each_line("show map " + file, awk, socat_line);
}

void append_kill(
    std::vector<std::string>& lines,
    const migration::HaproxySettings& settings,
    const migration::Balancer& balancer
) {
  const auto command = "set map " + map_path(maps_of(settings, balancer), kKillMap) + " all 1";
  lines.push_back(fmt::format(
      "# balancer {}: stop all new traffic to hierarchical, by the kill switch",
      balancer.name.text()
  ));
  lines.push_back(fmt::format("echo {} | {}", escape_shell(command), socat(balancer)));
}

void append_files(std::vector<std::string>& lines, const std::string& folder) {
  lines.emplace_back("# the files, for the next reload");
  lines.push_back(fmt::format(
      "sed -i 's/^all[[:space:]].*/all 1/' {}", escape_shell(map_path(folder, kKillMap))
  ));
  lines.push_back(fmt::format(
      "sed -i '/^#/!s/[[:space:]][[:space:]]*[0-9][0-9]*[[:space:]]*$/ 0/' {} {}",
      escape_shell(map_path(folder, kShareMap)),
      escape_shell(map_path(folder, kMirrorMap))
  ));
}

// What is left once the kill switch is on.
void append_rest(
    std::vector<std::string>& lines,
    const migration::HaproxySettings& settings,
    const migration::Balancer& balancer
) {
  const auto socat_line = socat(balancer);
  const auto folder = maps_of(settings, balancer);
  const auto kill = map_path(folder, kKillMap);
  lines.push_back(fmt::format("# balancer {}: its servers too", balancer.name.text()));
  lines.push_back(maint(settings.hierarchical_backend, socat_line));
  lines.push_back(maint(settings.mirror_backend, socat_line));
  lines.emplace_back("# shares and mirrors to 0");
  lines.push_back(zero(map_path(folder, kShareMap), socat_line));
  lines.push_back(zero(map_path(folder, kMirrorMap), socat_line));
  append_old_workers(lines, settings, balancer);
  lines.emplace_back("# look at it: all has to be 1, admin state (column 7) has to be 1");
  lines.push_back(fmt::format("echo {} | {}", escape_shell("show map " + kill), socat_line));
  lines.push_back(fmt::format(
      "echo {} | {}",
      escape_shell("show servers state " + settings.hierarchical_backend),
      socat_line
  ));
}

}  // namespace

std::vector<std::string> break_glass_lines(
    const migration::HaproxySettings& settings, const std::vector<std::string>& names
) {
  auto meant = settings;
  std::erase_if(meant.balancers, [&](const migration::Balancer& balancer) {
    return !names.empty() && std::ranges::find(names, balancer.name.text()) == names.end();
  });
  std::vector<std::string> lines;
  for (const auto& balancer : meant.balancers) append_kill(lines, settings, balancer);
  for (const auto& folder : folders_here(meant)) append_files(lines, folder);
  for (const auto& balancer : meant.balancers) append_rest(lines, settings, balancer);
  return lines;
}

namespace {

// A basic regular expression that is just this key.
std::string pattern_of(const std::string& key) {
  std::string pattern;
  for (const char letter : key) pattern += letter == '.' ? "[.]" : std::string(1, letter);
  return pattern;
}

struct Asked {
  const migration::HaproxySettings& settings;
  const migration::Balancer& balancer;
  std::span<const migration::Route> routes;
};

void append_values(
    std::vector<std::string>& lines, const Asked& asked, std::string_view map, int value
) {
  const auto path = map_path(maps_of(asked.settings, asked.balancer), map);
  for (const auto& route : asked.routes) {
    const auto command = fmt::format("set map {} {} {}", path, to_text(route), value);
    lines.push_back(fmt::format("echo {} | {}", escape_shell(command), socat(asked.balancer)));
  }
}

void append_kill_of_routes(std::vector<std::string>& lines, const Asked& asked) {
  lines.push_back(fmt::format(
      "# balancer {}: stop new traffic of these routes, by their kill keys",
      asked.balancer.name.text()
  ));
  append_values(lines, asked, kKillMap, 1);
}

void append_rest_of_routes(std::vector<std::string>& lines, const Asked& asked) {
  const auto& [settings, balancer, routes] = asked;
  const auto folder = maps_of(settings, balancer);
  lines.push_back(fmt::format("# balancer {}: their shares and mirrors to 0", balancer.name.text())
  );
  append_values(lines, asked, kShareMap, 0);
  append_values(lines, asked, kMirrorMap, 0);
  if (balancer.master) {
    lines.emplace_back("# the same in the workers that a reload left behind");
    for (const auto& route : routes) {
      lines.push_back(for_each_old_worker(
          socat_to_master(balancer),
          fmt::format(
              R"(echo "@!$pid set map {} {} 1" | {})",
              map_path(folder, kKillMap),
              to_text(route),
              socat_to_master(balancer)
          )
      ));
    }
  }
  lines.emplace_back("# look at it: each of them has to be 1");
  lines.push_back(fmt::format(
      "echo {} | {}", escape_shell("show map " + map_path(folder, kKillMap)), socat(balancer)
  ));
}

}  // namespace

std::vector<std::string> break_glass_lines(
    const migration::HaproxySettings& settings,
    const std::vector<std::string>& names,
    std::span<const migration::Route> routes
) {
  auto meant = settings;
  std::erase_if(meant.balancers, [&](const migration::Balancer& balancer) {
    return !names.empty() && std::ranges::find(names, balancer.name.text()) == names.end();
  });
  std::vector<std::string> lines;
  for (const auto& balancer : meant.balancers) {
    append_kill_of_routes(lines, {settings, balancer, routes});
  }
  for (const auto& folder : folders_here(meant)) {
    lines.emplace_back("# the file, for the next reload");
    for (const auto& route : routes) {
      lines.push_back(fmt::format(
          "sed -i 's/^{}[[:space:]].*/{} 1/' {}",
          pattern_of(to_text(route)),
          to_text(route),
          escape_shell(map_path(folder, kKillMap))
      ));
    }
  }
  for (const auto& balancer : meant.balancers) {
    append_rest_of_routes(lines, {settings, balancer, routes});
  }
  return lines;
}

}  // namespace hal9::haproxy
