#include "migration/json_schema.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hal9::migration::test {

namespace {

using Json = nlohmann::json;
using Schema = nlohmann::ordered_json;

std::string schema_path(const std::string& name) {
  return HAL9_SOURCE_DIR "/schema/events/" + name;
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  throw std::logic_error("unknown type " + type);
}

// Compiling an expression takes longer than thousands of matches.
bool matches(const std::string& pattern, const std::string& text) {
  static std::map<std::string, std::regex> compiled;
  auto found = compiled.find(pattern);
  if (found == compiled.end()) found = compiled.emplace(pattern, std::regex(pattern)).first;
  return std::regex_search(text, found->second);
}

class Checker {
 public:
  explicit Checker(Schema root) : root_(std::move(root)) {}

  [[nodiscard]] std::string check(const Json& value) const { return check(root_, value, "it"); }

 private:
  std::string check(const Schema& schema, const Json& value, const std::string& path) const {
    for (const auto& [keyword, rule] : schema.items()) {
      auto problem = apply(schema, keyword, rule, value, path);
      if (!problem.empty()) return problem;
    }
    return {};
  }

  std::string apply(
      const Schema& schema,
      const std::string& keyword,
      const Schema& rule,
      const Json& value,
      const std::string& path
  ) const {
    static const std::set<std::string> kSilent = {
        "$schema", "$id", "title", "description", "definitions", "then"
    };
    if (kSilent.contains(keyword)) return {};
    if (keyword == "$ref") return follow(rule, value, path);
    if (keyword == "allOf") return all_of(rule, value, path);
    if (keyword == "if") {
      if (!check(rule, value, path).empty()) return {};
      return check(schema.at("then"), value, path);
    }
    if (value.is_object()) return members(schema, keyword, rule, value, path);
    if (value.is_array() && keyword == "items") return elements(rule, value, path);
    return holds(keyword, rule, value) ? "" : path + " fails " + keyword;
  }

  std::string follow(const std::string& reference, const Json& value, const std::string& path)
      const {
    constexpr std::string_view kLocal = "#/definitions/";
    if (reference.starts_with(kLocal)) {
      return check(root_.at("definitions").at(reference.substr(kLocal.size())), value, path);
    }
    return check_schema(reference, value);
  }

  std::string all_of(const Schema& schemas, const Json& value, const std::string& path) const {
    for (const auto& schema : schemas) {
      auto problem = check(schema, value, path);
      if (!problem.empty()) return problem;
    }
    return {};
  }

  std::string elements(const Schema& schema, const Json& values, const std::string& path) const {
    for (const auto& value : values) {
      auto problem = check(schema, value, path + "[]");
      if (!problem.empty()) return problem;
    }
    return {};
  }

  std::string members(
      const Schema& schema,
      const std::string& keyword,
      const Schema& rule,
      const Json& value,
      const std::string& path
  ) const {
    if (keyword == "required") {
      for (const std::string member : rule) {
        if (!value.contains(member)) return path + " lacks " + member;
      }
    } else if (keyword == "properties") {
      for (const auto& [member, inner] : rule.items()) {
        if (!value.contains(member)) continue;
        auto problem = check(inner, value.at(member), path + "." + member);
        if (!problem.empty()) return problem;
      }
    } else if (keyword == "additionalProperties") {
      for (const auto& [member, inner] : value.items()) {
        if (!schema.at("properties").contains(member)) return path + " has " + member;
      }
    } else if (keyword == "dependencies") {
      for (const auto& [member, needed] : rule.items()) {
        for (const std::string need : needed) {
          if (value.contains(member) && !value.contains(need)) return path + " lacks " + need;
        }
      }
    } else if (!holds(keyword, rule, value)) {
      return path + " fails " + keyword;
    }
    return {};
  }

  static bool holds(const std::string& keyword, const Schema& rule, const Json& value) {
    if (keyword == "type") return has_type(value, rule);
    if (keyword == "const") return value == Json(rule);
    if (keyword == "enum") return std::ranges::find(rule, Schema(value)) != rule.end();
    if (keyword == "minimum") return value.get<std::int64_t>() >= rule.get<std::int64_t>();
    if (keyword == "maximum") return value.get<std::int64_t>() <= rule.get<std::int64_t>();
    if (keyword == "minItems") return value.size() >= rule.get<std::size_t>();
    if (keyword == "minLength") return value.get<std::string>().size() >= rule.get<std::size_t>();
    if (keyword == "maxLength") return value.get<std::string>().size() <= rule.get<std::size_t>();
    if (keyword == "pattern") {
      return matches(rule.get<std::string>(), value.get<std::string>());
    }
    throw std::logic_error("unknown keyword " + keyword);
  }

  Schema root_;
};

const Checker& checker_of(const std::string& name) {
  static std::map<std::string, Checker> known;
  auto found = known.find(name);
  if (found == known.end()) found = known.emplace(name, Checker(load_schema(name))).first;
  return found->second;
}

std::string check_parsed(const Checker& checker, std::string_view line, bool with_type) {
  const Json parsed = Json::parse(line, nullptr, false);
  if (parsed.is_discarded()) return "it is not JSON";
  auto problem = checker.check(parsed);
  if (!problem.empty() || !with_type) return problem;
  const std::string file = parsed.at("type").get<std::string>() + ".schema.json";
  if (!std::filesystem::exists(schema_path(file))) return "there is no " + file;
  return check_schema(file, parsed.at("data"));
}

}  // namespace

nlohmann::ordered_json load_schema(const std::string& name) {
  std::ifstream file(schema_path(name));
  return nlohmann::ordered_json::parse(file);
}

std::string check_schema(const std::string& name, const nlohmann::json& value) {
  return checker_of(name).check(value);
}

std::string check_line(std::string_view line) {
  return check_parsed(checker_of("line.schema.json"), line, true);
}

std::string check_envelope(std::string_view line) {
  static const Checker kEnvelope = [] {
    auto schema = load_schema("line.schema.json");
    schema.erase("allOf");
    return Checker(std::move(schema));
  }();
  return check_parsed(kEnvelope, line, false);
}

}  // namespace hal9::migration::test
