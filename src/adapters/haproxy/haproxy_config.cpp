#include "adapters/haproxy/haproxy_config.h"

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/config_text.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/mirror_lua.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/place.h"
#include "base/result.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::haproxy {
namespace {

using migration::Configuration;
using migration::HaproxySettings;

// The first two parts of the path: /region/component/...
constexpr std::string_view kRouteFromPath =
    R"(set-var-fmt(txn.hal9_route) "%[path,field(2,/)].%[path,field(3,/)]")";
constexpr std::string_view kUserFromHeader = "req.hdr(x-user)";

using Fill = std::pair<std::string_view, std::string_view>;

std::string filled(std::string_view text, std::initializer_list<Fill> fills) {
  std::string out;
  while (true) {
    const auto open = text.find('@');
    const auto close = open == std::string_view::npos ? open : text.find('@', open + 1);
    out += text.substr(0, open);
    if (close == std::string_view::npos) return out;
    const auto name = text.substr(open + 1, close - open - 1);
    const auto* fill = std::find_if(fills.begin(), fills.end(), [&](const Fill& candidate) {
      return candidate.first == name;
    });
    if (fill != fills.end()) out += fill->second;
    text.remove_prefix(close + 1);
  }
}

tl::unexpected<Error> unusable(std::string_view setting, std::string_view rule) {
  return fail(
      Code::usage,
      fmt::format("router.{} in the configuration is not usable", setting),
      std::string{rule},
      "nothing was written",
      "hal9-migrate config check"
  );
}

bool only(std::string_view text, std::string_view others) {
  return !text.empty() && text.size() <= 1024 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  return only(text, "_.:-[]") && colon != std::string_view::npos && colon > 0 &&
         colon + 1 < text.size() &&
         text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

// An expression is the user's own HAProxy text; one line of it, and no comment in it.
bool is_expression(std::string_view text) {
  return text.size() <= 1024 && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20U && c != 0x7f && c != '#';
         });
}

Result<void> check(const Configuration& configuration) {
  const auto& settings = configuration.haproxy;
  if (configuration.router == migration::RouterKind::haproxy_weights) {
    return fail(
        Code::usage,
        "a router of kind haproxy-weights needs no lines of this program",
        "it goes by the backends and servers that your HAProxy has already",
        "nothing was written",
        "hal9-migrate config check"
    );
  }
  if (configuration.router != migration::RouterKind::haproxy || settings.balancers.empty()) {
    return fail(
        Code::usage,
        "the configuration names no HAProxy",
        "router: kind haproxy with a balancer is needed",
        "nothing was written",
        "hal9-migrate config view"
    );
  }
  if (auto safe = check_settings(settings); !safe) return safe;
  for (const auto& balancer : settings.balancers) {
    if (balancer.address) {
      if (auto place = place_of(balancer); !place) {
        return unusable("balancers", place.error().why);
      }
    } else if (!balancer.socket.starts_with('/') || !only(balancer.socket, "_.-+@=~/")) {
      return unusable("balancers", "a socket is an absolute path without blanks");
    }
  }
  if (!is_expression(settings.route_key)) return unusable("route_key", "one line, without #");
  if (!is_expression(settings.user_key)) return unusable("user_key", "one line, without #");
  if (!is_address(settings.mirror_listen)) return unusable("mirror_listen", "host:port is needed");
  if (!settings.health_path.starts_with('/') || !only(settings.health_path, "_.-~/?=&%+:,")) {
    return unusable("health_path", "a path that begins with / is needed");
  }
  for (const auto* servers : {&settings.flat_servers, &settings.hierarchical_servers}) {
    for (const auto& server : *servers) {
      if (!is_address(server)) return unusable("servers", "host:port is needed");
    }
  }
  return {};
}

std::string servers_text(const std::vector<std::string>& servers, std::string_view options) {
  if (servers.empty()) return "    # server s1 HOST:PORT check    <- your servers\n";
  std::string text;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    text += fmt::format("    server s{} {} check inter 500ms{}\n", i + 1, servers[i], options);
  }
  return text;
}

// One line for each stats socket that the set's processes listen on.
std::string sockets_text(const HaproxySettings& settings, const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  for (const auto& balancer : settings.balancers) {
    if (std::ranges::find(names, balancer.name.text()) == names.end()) continue;
    lines.push_back(fmt::format("    stats socket {} level admin", bind_text(balancer)));
  }
  // Several with one folder are several processes: the line of each goes into its own haproxy.cfg.
  if (lines.size() == 1) return lines.front();
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += fmt::format("{}    # of {} alone\n", lines[i], names[i]);
  }
  text.pop_back();
  return text;
}

std::string lines_of(const Configuration& configuration, const GeneratedSet& set) {
  const auto& settings = configuration.haproxy;
  const auto set_route = settings.route_key.empty()
                             ? std::string{kRouteFromPath}
                             : "set-var(txn.hal9_route) " + settings.route_key;
  const auto set_user =
      "set-var(txn.hal9_user) " +
      (settings.user_key.empty() ? std::string{kUserFromHeader} : settings.user_key);
  auto lines = filled(
      kGlobalText, {{"FILES", set.folder}, {"STATS_SOCKETS", sockets_text(settings, set.balancers)}}
  );
  if (set.elsewhere) {
    lines.insert(
        0,
        fmt::format(
            "# Of {}, on another machine: its map files go into {} there, as they are. They say 0\n"
            "# and halted for good, since nobody here can write them: a restart sends everybody "
            "to\n"
            "# flat, `hal9-migrate traffic --verify` says so, and `migrate` brings it up "
            "again.\n\n",
            fmt::join(set.balancers, ", "),
            set.folder
        )
    );
  }
  lines += filled(
      kFrontendText,
      {{"FILES", set.folder},
       {"SET_ROUTE", set_route},
       {"SET_USER", set_user},
       {"HIERARCHICAL", settings.hierarchical_backend}}
  );
  for (const auto& feature : configuration.features) {
    lines += filled(kFeatureText, {{"FILES", set.folder}, {"FEATURE", feature.text()}});
  }
  lines += filled(
      kMirrorText,
      {{"FILES", set.folder},
       {"FLAT", settings.flat_backend},
       {"HIERARCHICAL", settings.hierarchical_backend},
       {"MIRROR", settings.mirror_backend},
       {"MIRROR_LISTEN", settings.mirror_listen},
       {"HEALTH", settings.health_path},
       {"FLAT_SERVERS", servers_text(settings.flat_servers, "")},
       {"HIERARCHICAL_SERVERS", servers_text(settings.hierarchical_servers, "")},
       {"MIRROR_SERVERS", servers_text(settings.hierarchical_servers, " maxconn 50")}}
  );
  return lines;
}

// Every key at 0, but `at_one` at 1.
GeneratedFile map_of(
    std::string_view name,
    std::string_view meaning,
    const std::vector<std::string>& keys,
    std::string_view at_one = {}
) {
  auto content = fmt::format("# {}\n", meaning);
  for (const auto& key : keys) content += fmt::format("{} {}\n", key, key == at_one ? 1 : 0);
  return {std::string{name}, std::move(content)};
}

std::vector<GeneratedSet> sets_of(const HaproxySettings& settings) {
  std::vector<GeneratedSet> sets;
  for (const auto& balancer : settings.balancers) {
    const auto folder = maps_of(settings, balancer);
    const bool elsewhere = balancer.elsewhere.value_or(false);
    const auto same = std::ranges::find_if(sets, [&](const GeneratedSet& set) {
      return !elsewhere && !set.elsewhere && set.folder == folder;
    });
    if (same != sets.end()) {
      same->balancers.push_back(balancer.name.text());
    } else {
      sets.push_back({{balancer.name.text()}, folder, elsewhere, {}, {}});
    }
  }
  return sets;
}

}  // namespace

Result<Generated> generate(const Configuration& configuration) {
  if (auto checked = check(configuration); !checked) return pass_on(checked);
  std::vector<std::string> routes;
  for (const auto& route : migration::routes_of(configuration)) {
    routes.push_back(migration::to_text(route));
  }
  std::vector<std::string> kills{std::string{kAllRoutes}};
  kills.insert(kills.end(), routes.begin(), routes.end());
  std::vector<std::string> features;
  features.reserve(configuration.features.size());
  for (const auto& feature : configuration.features) features.push_back(feature.text());
  Generated generated;
  generated.sets = sets_of(configuration.haproxy);
  for (auto& set : generated.sets) {
    set.lines = lines_of(configuration, set);
    set.files = {
        map_of(kShareMap, "route, share of the hierarchical system: 0 to 10000", routes),
        map_of(kMirrorMap, "route, share of requests that are copied: 0 to 10000", routes),
        map_of(
            kKillMap,
            "route or all: 0 or 1 (halted, all traffic to flat)",
            kills,
            set.elsewhere ? kAllRoutes : std::string_view{}
        ),
        map_of(kFeatureMap, "feature, share of users: 0 to 10000", features),
        {"mirror.lua", mirror_lua(configuration.haproxy.mirror_listen)}
    };
  }
  generated.lines = generated.sets.front().lines;
  generated.files = generated.sets.front().files;
  return generated;
}

}  // namespace hal9::haproxy
