// From the tree to a Configuration: one function a section of the file, in the file's order.
#include "adapters/config/config_file.h"
#include "adapters/config/parse_hooks.h"
#include "adapters/config/parse_router.h"
#include "adapters/config/parse_weights.h"
#include "adapters/config/section.h"
#include "adapters/config/yaml.h"
#include "base/escape.h"
#include "base/ip_endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "migration/configuration.h"
#include "migration/incident.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hal9::config {

namespace {

using migration::Balancer;
using migration::Configuration;
using migration::HaproxySettings;
using migration::RouterKind;

constexpr std::size_t kLongestSocket = 107;  // sockaddr_un's room
constexpr std::size_t kMostRoutes = 1000;
constexpr std::string_view kFilesNone = "none";  // the map files lie on another machine

void read_backends(const Section& router, HaproxySettings& settings) {
  const Section backends = router.section("backends", {"flat", "hierarchical", "mirror"});
  const auto read = [&backends](const std::string& name, std::string& into) {
    if (const YamlNode* node = backends.find(name)) {
      into = name_of(*node, backends.path_of(name)).text();
    }
  };
  read("flat", settings.flat_backend);
  read("hierarchical", settings.hierarchical_backend);
  read("mirror", settings.mirror_backend);
  const bool twice = settings.flat_backend == settings.hierarchical_backend ||
                     settings.flat_backend == settings.mirror_backend ||
                     settings.hierarchical_backend == settings.mirror_backend;
  if (twice) throw Refused{backends.place(), "two of router.backends have one name"};
}

// host:port as it goes into the router's configuration.
std::string endpoint_of(const YamlNode& node, const std::string& path) {
  std::string text = text_of(node, path);
  static constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  const std::size_t colon = text.rfind(':');
  unsigned port = 0;
  bool good = colon != std::string::npos && colon > 0 &&
              text.find_first_not_of(kAllowed) == std::string::npos;
  if (good) {
    const char* end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data() + colon + 1, end, port);
    good = error == std::errc() && read == end && port >= 1 && port <= 65535;
  }
  if (!good) {
    throw Refused{node.place, path + " takes host:port, not \"" + shorten(text, 60) + "\""};
  }
  return text;
}

std::vector<std::string> endpoints(const Section& section, const std::string& name) {
  const YamlNode* node = section.find(name);
  std::vector<std::string> servers;
  if (node == nullptr) return servers;
  for (const YamlNode& item : items_of(*node, section.path_of(name))) {
    servers.push_back(endpoint_of(item, section.path_of(name)));
  }
  return servers;
}

std::string socket_path(
    const Section& entry, const std::string& name, const std::filesystem::path& file
) {
  const YamlNode& node = entry.require(name);
  auto path = absolute(text_of(node, entry.path_of(name)), file);
  if (path.size() > kLongestSocket) {
    throw Refused{node.place, "the path of a Unix socket has at most 107 bytes"};
  }
  return path;
}

// Where its stats socket is: one of `socket` and `address`.
void read_place(const Section& entry, const std::filesystem::path& file, Balancer& into) {
  const YamlNode* address = entry.find("address");
  if (address == nullptr) {
    if (entry.find("socket") == nullptr) {
      throw Refused{
          entry.place(), entry.path_of("socket") + " is missing, or an address (IP:PORT)"
      };
    }
    into.socket = socket_path(entry, "socket", file);
    return;
  }
  if (entry.find("socket") != nullptr) {
    throw Refused{address->place, "a balancer has a socket or an address, not both"};
  }
  into.address = text_of(*address, entry.path_of("address"));
  if (const auto endpoint = parse_ip_endpoint(*into.address); !endpoint) {
    throw Refused{
        address->place,
        entry.path_of("address") + " takes IP:PORT, not \"" + shorten(*into.address, 60) +
            "\": " + endpoint.error().why
    };
  }
}

// Where its maps are, if not in router.files: in another folder here, or on another machine.
void read_maps(const Section& entry, const std::filesystem::path& file, Balancer& into) {
  const auto files = entry.text("files");
  const bool elsewhere = files == kFilesNone;
  if (elsewhere) into.elsewhere = true;
  if (files && !elsewhere) into.maps = absolute(*files, file);
  const auto maps = entry.text("maps");
  if (!maps) return;
  const Place& place = entry.require("maps").place;
  if (!elsewhere) throw Refused{place, entry.path_of("maps") + " stands beside `files: none` only"};
  if (!maps->starts_with('/')) {
    throw Refused{place, entry.path_of("maps") + " is a path on that machine and begins with a /"};
  }
  into.maps = std::filesystem::path(*maps).lexically_normal().string();
  if (into.maps->size() > 1 && into.maps->ends_with('/')) into.maps->pop_back();
}

bool is_same(const Balancer& one, const Balancer& other) {
  return one.name == other.name || (one.socket == other.socket && one.address == other.address) ||
         (one.master && one.master == other.master);
}

std::vector<Balancer> read_balancers(const Section& router, const std::filesystem::path& file) {
  std::vector<Balancer> balancers;
  const YamlNode* list = router.find("balancers");
  if (list == nullptr) return balancers;
  for (const YamlNode& item : items_of(*list, "router.balancers")) {
    const Section entry(
        item, "router.balancers", {"name", "socket", "address", "master", "files", "maps"}
    );
    Balancer balancer;
    balancer.name = name_of(entry.require("name"), entry.path_of("name"));
    read_place(entry, file, balancer);
    if (entry.find("master") != nullptr) balancer.master = socket_path(entry, "master", file);
    read_maps(entry, file, balancer);
    const bool twice = std::ranges::any_of(balancers, [&balancer](const Balancer& one) {
      return is_same(one, balancer);
    });
    if (twice) throw Refused{item.place, "router.balancers has this name, socket or address twice"};
    balancers.push_back(std::move(balancer));
  }
  return balancers;
}

// A sample expression becomes part of a line of the router's configuration; a # would end it.
std::string expression(const Section& router, const std::string& name) {
  std::string text = router.text(name).value_or("");
  if (text.find('#') != std::string::npos) {
    throw Refused{router.require(name).place, router.path_of(name) + " cannot hold a #"};
  }
  return text;
}

RouterKind kind_of(const Section& router) {
  const std::string word = router.word(
      "kind", {"ledger-only", "haproxy", "exec", "http", "haproxy-weights"}, "ledger-only"
  );
  for (const auto kind :
       {RouterKind::haproxy, RouterKind::exec, RouterKind::http, RouterKind::haproxy_weights}) {
    if (word == to_text(kind)) return kind;
  }
  return RouterKind::ledger_only;
}

Section router_of(const Section& root) {
  std::vector<std::string> known{"kind"};
  for (const auto* members :
       {&members_of_haproxy(), &members_of_exec_and_http(), &members_of_weights()}) {
    known.insert(known.end(), members->begin(), members->end());
  }
  return root.section("router", known);
}

void read_router(const Section& root, const std::filesystem::path& file, Configuration& into) {
  const Section router = router_of(root);
  into.router = kind_of(router);
  read_exec_and_http(router, file, into);
  HaproxySettings& settings = into.haproxy;
  settings.balancers = read_balancers(router, file);
  if (const auto files = router.text("files")) settings.files = absolute(*files, file);
  read_backends(router, settings);
  settings.user_key = expression(router, "user_key");
  settings.route_key = expression(router, "route_key");
  if (const YamlNode* listen = router.find("mirror_listen")) {
    settings.mirror_listen = endpoint_of(*listen, "router.mirror_listen");
  }
  const Section servers = router.section("servers", {"flat", "hierarchical"});
  settings.flat_servers = endpoints(servers, "flat");
  settings.hierarchical_servers = endpoints(servers, "hierarchical");
  if (const auto health = router.text("health_path")) {
    if (!health->starts_with('/') || health->find_first_of(" \"'\\#") != std::string::npos) {
      throw Refused{router.require("health_path").place, "router.health_path begins with a /"};
    }
    settings.health_path = *health;
  }
  if (into.router != RouterKind::haproxy) return;
  if (settings.balancers.empty()) {
    throw Refused{router.place(), "router.kind haproxy needs at least one of router.balancers"};
  }
  if (settings.files.empty()) {
    throw Refused{router.place(), "router.kind haproxy needs router.files, the maps' folder"};
  }
}

void read_routes(const Section& root, Configuration& into) {
  const Section routes = root.section("routes", {"regions", "components"});
  into.regions = routes.names("regions");
  into.components = routes.names("components");
  if (into.regions.empty() || into.components.empty()) {
    throw Refused{routes.place(), "routes takes at least one region and one component"};
  }
  for (const Name& region : into.regions) {
    if (region.text().find('.') == std::string::npos) continue;
    throw Refused{
        routes.require("regions").place,
        "the region " + region.text() + " holds a dot, which separates region and component"
    };
  }
  if (into.regions.size() * into.components.size() > kMostRoutes) {
    throw Refused{routes.place(), "routes has more than 1000 routes"};
  }
}

void read_emergency(const Section& root, Configuration& into) {
  const Section emergency = root.section("emergency", {"session_grace"});
  const auto grace = emergency.duration("session_grace", Micros{0}, std::chrono::seconds(60));
  into.session_grace = grace.value_or(into.session_grace);
}

void read_incidents(const Section& root, Configuration& into) {
  const Section incidents = root.section("incidents", {"opened_by"});
  if (incidents.find("opened_by") == nullptr) return;
  const auto word = incidents.word("opened_by", {"hand", "emergency", "rollback"}, "hand");
  into.incidents_by = word == "rollback"    ? migration::IncidentsBy::rollback
                      : word == "emergency" ? migration::IncidentsBy::emergency
                                            : migration::IncidentsBy::hand;
}

void read_seals(const Section& root, const std::filesystem::path& file, Configuration& into) {
  const Section seals = root.section("seals", {"every", "within", "witnesses", "commands"});
  into.seal_every = seals.number("every", 1, 1'000'000);
  into.seal_within = seals.duration("within", std::chrono::seconds(1), std::chrono::hours(720));
  std::vector<std::string> folders;
  for (const std::string& folder : seals.texts("witnesses")) {
    folders.push_back(absolute(folder, file));
  }
  if (!folders.empty()) into.seal_witnesses = std::move(folders);
  std::vector<std::vector<std::string>> commands;
  if (const YamlNode* node = seals.find("commands")) {
    for (const YamlNode& item : items_of(*node, "seals.commands")) {
      commands.push_back(command_of(item, "seals.commands"));
    }
  }
  if (!commands.empty()) into.seal_commands = std::move(commands);
}

Configuration read(const YamlNode& tree, const std::filesystem::path& file) {
  const Section root(
      tree,
      "",
      {"migration",
       "ledger",
       "router",
       "routes",
       "features",
       "gates",
       "emergency",
       "incidents",
       "hooks",
       "seals"}
  );
  Configuration configuration;
  const Section migration = root.section("migration", {"name"});
  configuration.name = name_of(migration.require("name"), "migration.name");
  configuration.ledger = absolute(root.text("ledger").value_or("hal9.db"), file);
  read_router(root, file, configuration);
  read_routes(root, configuration);
  read_weights(router_of(root), file, configuration);
  configuration.features = root.names("features");
  configuration.strict_gates = root.word("gates", {"normal", "strict"}, "normal") == "strict";
  read_emergency(root, configuration);
  read_incidents(root, configuration);
  read_hooks(root, configuration);
  read_seals(root, file, configuration);
  return configuration;
}

}  // namespace

Result<Configuration> parse(std::string_view yaml, const std::filesystem::path& file) {
  try {
    return read(read_yaml(yaml), file);
  } catch (const Refused& refused) {
    std::string where = file.string();
    if (refused.place.line > 0) {
      where +=
          ":" + std::to_string(refused.place.line) + ":" + std::to_string(refused.place.column);
    }
    return fail(
        Code::usage,
        where + ": " + escape_terminal(refused.why),
        {},
        "nothing was changed",
        "hal9-migrate config check --config " + escape_shell(file.string())
    );
  }
}

}  // namespace hal9::config
