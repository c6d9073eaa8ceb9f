// schema/configuration.schema.json says what the reader reads: same members, words and defaults.
#include "adapters/config/config_file.h"
#include "adapters/folder.h"
#include "base/time.h"
#include "migration/configuration.h"
#include "migration/hook.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hal9::config {
namespace {

using nlohmann::json;

const std::filesystem::path kFile = "/srv/blue/hal9.yaml";
const std::string kLeast = "migration: {name: blue}\nroutes: {regions: [a], components: [b]}\n";

json schema() {
  return json::parse(test::read(HAL9_SOURCE_DIR "/schema/configuration.schema.json"));
}

json at(const std::string& pointer) {
  return schema().at(json::json_pointer(pointer));
}

// What the reader lists as known where it refuses, in alphabetical order.
std::vector<std::string> known_by_reader(const std::string& yaml) {
  const auto result = parse(yaml, kFile);
  if (result) return {"accepted"};
  const std::string& what = result.error().what;
  const std::size_t from = what.find("; known: ");
  if (from == std::string::npos) return {what};
  std::vector<std::string> words{""};
  for (const char c : what.substr(from + 9)) {
    if (c == ',') {
      words.emplace_back();
    } else if (c != ' ') {
      words.back() += c;
    }
  }
  std::ranges::sort(words);
  return words;
}

std::vector<std::string> members(const json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.at("properties").items()) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> words(const json& scalar) {
  auto names = scalar.at("enum").get<std::vector<std::string>>();
  std::ranges::sort(names);
  return names;
}

std::size_t closed_objects(const json& node) {
  std::size_t count = node.is_object() && node.contains("additionalProperties") ? 1 : 0;
  if (!node.is_structured()) return count;
  for (const auto& child : node) count += closed_objects(child);
  return count;
}

struct Section {
  const char* pointer;
  const char* yaml;  // with one member that nobody knows
};

constexpr Section kSections[] = {
    {"", "zzzzzzzzzz: 1"},
    {"/properties/migration", "migration: {zzzzzzzzzz: 1}"},
    {"/properties/routes", "migration: {name: a}\nroutes: {zzzzzzzzzz: 1}"},
    {"/properties/emergency", "emergency: {zzzzzzzzzz: 1}"},
    {"/properties/incidents", "incidents: {zzzzzzzzzz: 1}"},
    {"/properties/hooks/items", "hooks: [{zzzzzzzzzz: 1}]"},
    {"/properties/seals", "seals: {zzzzzzzzzz: 1}"},
    {"/properties/router", "router: {zzzzzzzzzz: 1}"},
    {"/properties/router/properties/backends", "router: {backends: {zzzzzzzzzz: 1}}"},
    {"/properties/router/properties/servers", "router: {servers: {zzzzzzzzzz: 1}}"},
    {"/properties/router/properties/read", "router: {kind: http, read: {zzzzzzzzzz: 1}}"},
    {"/properties/router/properties/set",
     "router: {kind: http, read: {url: 'http://a/', pointer: /a}, set: {zzzzzzzzzz: 1}}"},
    {"/properties/router/properties/token",
     "router: {kind: http, read: {url: 'http://a/', pointer: /a}, set: {url: 'http://a/', body: "
     "b}, "
     "token: {zzzzzzzzzz: 1}}"},
    {"/properties/router/properties/health",
     "router: {kind: http, read: {url: 'http://a/', pointer: /a}, set: {url: 'http://a/', body: "
     "b}, "
     "health: {zzzzzzzzzz: 1}}"},
    {"/properties/router/properties/balancers/items", "router: {balancers: [{zzzzzzzzzz: 1}]}"},
    {"/properties/router/properties/pools/items",
     "router: {kind: haproxy-weights, balancers: [{name: a, socket: /s}], pools: [{zzzzzzzzzz: 1}]}"
    },
};

TEST(ConfigurationSchema, HasTheMembersThatTheReaderKnows) {
  for (const Section& section : kSections) {
    SCOPED_TRACE(section.yaml);
    const std::string yaml = section.yaml;
    const bool alone = yaml.starts_with("migration");
    EXPECT_EQ(known_by_reader(alone ? yaml : kLeast + yaml), members(at(section.pointer)));
  }
  EXPECT_EQ(closed_objects(schema()), std::size(kSections));
}

TEST(ConfigurationSchema, HasTheWordsThatTheReaderKnows) {
  EXPECT_EQ(known_by_reader(kLeast + "gates: zzzzzzzzzz"), words(at("/properties/gates")));
  EXPECT_EQ(
      known_by_reader(kLeast + "router: {kind: zzzzzzzzzz}"),
      words(at("/properties/router/properties/kind"))
  );
  EXPECT_EQ(
      known_by_reader(kLeast + "incidents: {opened_by: zzzzzzzzzz}"),
      words(at("/properties/incidents/properties/opened_by"))
  );
  const std::string hooks = "/properties/hooks/items/properties/";
  EXPECT_EQ(
      known_by_reader(kLeast + "hooks: [{name: a, on: zzzzzzzzzz}]"), words(at(hooks + "on"))
  );
  EXPECT_EQ(
      known_by_reader(kLeast + "hooks: [{name: a, on: phase-end, phase: zzzzzzzzzz}]"),
      words(at(hooks + "phase"))
  );
}

TEST(ConfigurationSchema, HasTheDefaultsOfTheReader) {
  const auto least = parse(kLeast, kFile);
  ASSERT_TRUE(least) << least.error().what;
  const auto default_of = [](const std::string& pointer) {
    return at(pointer + "/default").get<std::string>();
  };
  const std::string router = "/properties/router/properties/";
  EXPECT_EQ(default_of("/properties/gates") == "strict", least->strict_gates);
  EXPECT_EQ("/srv/blue/" + default_of("/properties/ledger"), least->ledger);
  EXPECT_EQ(
      default_of("/properties/emergency/properties/session_grace"), to_text(least->session_grace)
  );
  EXPECT_FALSE(least->seal_every || least->seal_within);
  EXPECT_EQ(default_of("/properties/incidents/properties/opened_by"), "hand");
  EXPECT_FALSE(least->incidents_by);
  EXPECT_EQ(
      default_of("/properties/hooks/items/properties/timeout"), to_text(migration::kHookTimeout)
  );
  EXPECT_EQ(at("/properties/hooks/maxItems").get<std::size_t>(), migration::kHooks);
  const std::string seals = "/properties/seals/properties/";
  EXPECT_EQ(at(seals + "every/default").get<std::uint64_t>(), migration::kSealEvery);
  EXPECT_EQ(default_of(seals + "within"), to_text(migration::kSealWithin));
  EXPECT_EQ(default_of(router + "kind"), to_text(least->router));
  EXPECT_EQ(default_of(router + "mirror_listen"), least->haproxy.mirror_listen);
  EXPECT_EQ(default_of(router + "health_path"), least->haproxy.health_path);
  const std::string backends = router + "backends/properties/";
  EXPECT_EQ(default_of(backends + "flat"), least->haproxy.flat_backend);
  EXPECT_EQ(default_of(backends + "hierarchical"), least->haproxy.hierarchical_backend);
  EXPECT_EQ(default_of(backends + "mirror"), least->haproxy.mirror_backend);
}

TEST(ConfigurationSchema, HasTheDefaultsOfARouterOverHttp) {
  const auto least = parse(
      kLeast +
          "router: {kind: http, read: {url: 'http://a/', pointer: /a}, set: {url: 'http://a/', "
          "body: "
          "b}}",
      kFile
  );
  ASSERT_TRUE(least && least->http) << least.error().what;
  const auto default_of = [](const std::string& place) {
    return at("/properties/router/properties/" + place + "/default").get<std::string>();
  };
  EXPECT_EQ(default_of("timeout"), to_text(least->http->timeout));
  EXPECT_EQ(default_of("read/properties/value"), least->http->read_value);
  EXPECT_EQ(default_of("set/properties/method"), least->http->set_method);
  EXPECT_EQ(default_of("set/properties/content_type"), least->http->content_type);
  EXPECT_EQ(default_of("token/properties/header"), least->http->token_header);
}

}  // namespace
}  // namespace hal9::config
