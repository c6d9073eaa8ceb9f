#include "adapters/haproxy/break_glass.h"

#include "adapters/haproxy/balancer.h"
#include "base/escape.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

std::string socat(const migration::Balancer& balancer) {
  return "socat -t5 - " + escape_shell("UNIX-CONNECT:" + balancer.socket);
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

void append_balancer(
    std::vector<std::string>& lines,
    const migration::HaproxySettings& settings,
    const migration::Balancer& balancer
) {
  const auto socat_line = socat(balancer);
  const auto kill = map_path(settings, kKillMap);
  lines.push_back(
      fmt::format("# balancer {}: stop new traffic to hierarchical", balancer.name.text())
  );
  lines.push_back(
      fmt::format("echo {} | {}", escape_shell("set map " + kill + " all 1"), socat_line)
  );
  lines.push_back(maint(settings.hierarchical_backend, socat_line));
  lines.push_back(maint(settings.mirror_backend, socat_line));
  lines.emplace_back("# shares and mirrors to 0");
  lines.push_back(zero(map_path(settings, kShareMap), socat_line));
  lines.push_back(zero(map_path(settings, kMirrorMap), socat_line));
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
    const migration::HaproxySettings& settings, std::span<const migration::Route> routes
) {
  std::vector<std::string> lines;
  const auto say = [&](const migration::Balancer& balancer, std::string_view map, int value) {
    for (const auto& route : routes) {
      const auto command =
          fmt::format("set map {} {} {}", map_path(settings, map), to_text(route), value);
      lines.push_back(fmt::format("echo {} | {}", escape_shell(command), socat(balancer)));
    }
  };
  for (const auto& balancer : settings.balancers) {
    lines.push_back(
        fmt::format("# balancer {}: stop new traffic of these routes", balancer.name.text())
    );
    say(balancer, kKillMap, 1);
    say(balancer, kShareMap, 0);
    say(balancer, kMirrorMap, 0);
    lines.emplace_back("# look at it: each of them has to be 1");
    lines.push_back(fmt::format(
        "echo {} | {}", escape_shell("show map " + map_path(settings, kKillMap)), socat(balancer)
    ));
  }
  lines.emplace_back("# the file, for the next reload");
  for (const auto& route : routes) {
    std::string key;
    for (const char letter : to_text(route)) key += letter == '.' ? "[.]" : std::string(1, letter);
    lines.push_back(fmt::format(
        "sed -i 's/^{}[[:space:]].*/{} 1/' {}",
        key,
        to_text(route),
        escape_shell(map_path(settings, kKillMap))
    ));
  }
  return lines;
}

std::vector<std::string> break_glass_lines(const migration::HaproxySettings& settings) {
  std::vector<std::string> lines;
  for (const auto& balancer : settings.balancers) append_balancer(lines, settings, balancer);
  lines.emplace_back("# the files, for the next reload");
  lines.push_back(fmt::format(
      "sed -i 's/^all[[:space:]].*/all 1/' {}", escape_shell(map_path(settings, kKillMap))
  ));
  lines.push_back(fmt::format(
      "sed -i '/^#/!s/[[:space:]][[:space:]]*[0-9][0-9]*[[:space:]]*$/ 0/' {} {}",
      escape_shell(map_path(settings, kShareMap)),
      escape_shell(map_path(settings, kMirrorMap))
  ));
  return lines;
}

}  // namespace hal9::haproxy
