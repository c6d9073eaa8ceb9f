#include "adapters/config/parse_router.h"

#include "adapters/config/section.h"
#include "adapters/config/yaml.h"
#include "migration/configuration.h"
#include "migration/http_text.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hal9::config {

namespace {

using migration::Configuration;
using migration::ExecSettings;
using migration::Holds;
using migration::HttpSettings;
using migration::RouterKind;

constexpr std::chrono::milliseconds kLeastTimeout{100};
constexpr std::chrono::seconds kMostTimeout{60};

void check(const Section& section, const std::string& name, const std::string& problem) {
  if (problem.empty()) return;
  throw Refused{section.require(name).place, section.path_of(name) + ": " + problem};
}

std::string required(const Section& section, const std::string& name) {
  return text_of(section.require(name), section.path_of(name));
}

std::string url_of(const YamlNode& node, const std::string& path) {
  std::string url = text_of(node, path);
  const bool known =
      !migration::origin_of(url).empty() && url.find_first_of(" \"<>\\^`|#") == std::string::npos;
  if (known) return url;
  throw Refused{
      node.place, path + " takes http://host:port/path or https, without a user, a blank or a #"
  };
}

std::string url_in(const Section& section, Holds holds) {
  std::string url = url_of(section.require("url"), section.path_of("url"));
  check(section, "url", migration::wrong_placeholder(url, holds));
  return url;
}

std::vector<std::string> health_of(const Section& health, const std::string& name) {
  std::vector<std::string> urls;
  const YamlNode* list = health.find(name);
  if (list == nullptr) return urls;
  for (const YamlNode& item : items_of(*list, health.path_of(name))) {
    urls.push_back(url_of(item, health.path_of(name)));
    if (urls.back().find_first_of("{}") == std::string::npos) continue;
    throw Refused{item.place, health.path_of(name) + " is the same for every route: no braces"};
  }
  return urls;
}

void read_reading(const Section& router, HttpSettings& settings) {
  const Section read(router.require("read"), router.path_of("read"), {"url", "pointer", "value"});
  settings.read_url = url_in(read, Holds::names);
  settings.read_pointer = required(read, "pointer");
  if (!settings.read_pointer.starts_with('/')) {
    check(read, "pointer", "a JSON pointer (RFC 6901) begins with a /");
  }
  check(read, "pointer", migration::wrong_placeholder(settings.read_pointer, Holds::names));
  settings.read_value = read.text("value").value_or("{share}");
  if (read.find("value") != nullptr) {
    check(read, "value", migration::wrong_value_text(settings.read_value));
  }
}

void read_setting(const Section& router, HttpSettings& settings) {
  const Section set(
      router.require("set"), router.path_of("set"), {"method", "url", "body", "content_type"}
  );
  settings.set_method = set.word("method", {"PUT", "PATCH", "POST"}, "PUT");
  settings.set_url = url_in(set, Holds::values);
  settings.set_body = required(set, "body");
  check(set, "body", migration::wrong_placeholder(settings.set_body, Holds::values));
  settings.content_type = set.text("content_type").value_or("application/json");
  const auto origin = migration::origin_of(settings.set_url);
  if (origin != migration::origin_of(settings.read_url)) {
    check(set, "url", "it goes to another host than router.read.url");
  }
}

void read_token(const Section& router, const std::filesystem::path& file, HttpSettings& settings) {
  static constexpr std::string_view kHeader =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  const Section token = router.section("token", {"file", "header"});
  settings.token_header = "Authorization";
  if (router.find("token") == nullptr) return;
  settings.token_file = absolute(required(token, "file"), file);
  settings.token_header = token.text("header").value_or(settings.token_header);
  if (settings.token_header.find_first_not_of(kHeader) != std::string::npos) {
    check(token, "header", "it is the name of a header: letters, digits, dashes");
  }
  if (!migration::may_carry_token(settings.set_url)) {
    check(
        token, "file", "a token goes out encrypted (https), or to this machine, and nowhere else"
    );
  }
}

HttpSettings http_of(const Section& router, const std::filesystem::path& file) {
  HttpSettings settings;
  read_reading(router, settings);
  read_setting(router, settings);
  read_token(router, file, settings);
  if (const auto ca = router.text("ca_file")) settings.ca_file = absolute(*ca, file);
  const Section health = router.section("health", {"flat", "hierarchical"});
  settings.flat_health = health_of(health, "flat");
  settings.hierarchical_health = health_of(health, "hierarchical");
  if (settings.flat_health.empty() && !settings.hierarchical_health.empty()) {
    throw Refused{health.place(), "router.health has servers of hierarchical and none of flat"};
  }
  return settings;
}

void refuse_foreign(
    const Section& router, const std::vector<std::string>& members, std::string_view kind
) {
  for (const std::string& member : members) {
    if (router.find(member) == nullptr) continue;
    throw Refused{
        router.require(member).place,
        router.path_of(member) + " is nothing that a router of kind " + std::string(kind) + " has"
    };
  }
}

}  // namespace

std::string absolute(const std::string& path, const std::filesystem::path& file) {
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(file, ignored).parent_path();
  return (folder / path).lexically_normal().string();
}

std::vector<std::string> command_of(const YamlNode& node, const std::string& path) {
  std::vector<std::string> arguments;
  for (const YamlNode& item : items_of(node, path)) arguments.push_back(text_of(item, path));
  if (!arguments.empty() && arguments.front().starts_with('/')) return arguments;
  throw Refused{node.place, path + " takes lists of arguments, the first an absolute path"};
}

const std::vector<std::string>& members_of_haproxy() {
  static const std::vector<std::string> kMembers{
      "balancers",
      "files",
      "backends",
      "user_key",
      "route_key",
      "mirror_listen",
      "servers",
      "health_path"
  };
  return kMembers;
}

const std::vector<std::string>& members_of_exec_and_http() {
  static const std::vector<std::string> kMembers{
      "command", "timeout", "read", "set", "token", "ca_file", "health"
  };
  return kMembers;
}

const std::vector<std::string>& members_of_weights() {
  static const std::vector<std::string> kMembers{"pools", "state_file"};
  return kMembers;
}

void read_exec_and_http(
    const Section& router, const std::filesystem::path& file, Configuration& into
) {
  const std::vector<std::string> https{"read", "set", "token", "ca_file", "health"};
  const std::string kind = to_text(into.router);
  if (into.router != RouterKind::haproxy_weights) {
    refuse_foreign(router, members_of_weights(), kind);
  }
  switch (into.router) {
    case RouterKind::ledger_only:
    case RouterKind::haproxy:
      refuse_foreign(router, members_of_exec_and_http(), kind);
      return;
    case RouterKind::haproxy_weights: {
      refuse_foreign(router, members_of_exec_and_http(), kind);
      std::vector<std::string> maps = members_of_haproxy();
      std::erase(maps, "balancers");
      refuse_foreign(router, maps, kind);
      return;  // its pools name routes, which are not read yet (parse_weights.h)
    }
    case RouterKind::exec: {
      refuse_foreign(router, members_of_haproxy(), kind);
      refuse_foreign(router, https, kind);
      ExecSettings settings;
      const YamlNode& command = router.require("command");
      settings.command = command_of(command, router.path_of("command"));
      const auto timeout = router.duration("timeout", kLeastTimeout, kMostTimeout);
      settings.timeout = timeout.value_or(settings.timeout);
      into.exec = std::move(settings);
      return;
    }
    case RouterKind::http: {
      refuse_foreign(router, members_of_haproxy(), kind);
      refuse_foreign(router, {"command"}, kind);
      HttpSettings settings = http_of(router, file);
      const auto timeout = router.duration("timeout", kLeastTimeout, kMostTimeout);
      settings.timeout = timeout.value_or(settings.timeout);
      into.http = std::move(settings);
      return;
    }
  }
}

}  // namespace hal9::config
