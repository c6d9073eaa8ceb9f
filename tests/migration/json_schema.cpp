#include "migration/json_schema.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hal9::migration::test {

namespace {

using Json = nlohmann::json;
using Schema = nlohmann::ordered_json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  throw std::logic_error("unknown type " + type);
}

class Checker {
 public:
  explicit Checker(const std::string& name) : root_(load_schema(name)) {}

  std::string check(const Json& value) { return check(root_, value, "it"); }

 private:
  std::string check(const Schema& schema, const Json& value, const std::string& path) {
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
  ) {
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

  std::string follow(const std::string& reference, const Json& value, const std::string& path) {
    constexpr std::string_view kLocal = "#/definitions/";
    if (reference.starts_with(kLocal)) {
      return check(root_.at("definitions").at(reference.substr(kLocal.size())), value, path);
    }
    return check_schema(reference, value);
  }

  std::string all_of(const Schema& schemas, const Json& value, const std::string& path) {
    for (const auto& schema : schemas) {
      auto problem = check(schema, value, path);
      if (!problem.empty()) return problem;
    }
    return {};
  }

  std::string elements(const Schema& schema, const Json& values, const std::string& path) {
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
  ) {
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
    if (keyword == "minLength") return value.get<std::string>().size() >= rule.get<std::size_t>();
    if (keyword == "maxLength") return value.get<std::string>().size() <= rule.get<std::size_t>();
    if (keyword == "pattern") {
      return std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
    }
    throw std::logic_error("unknown keyword " + keyword);
  }

  Schema root_;
};

}  // namespace

nlohmann::ordered_json load_schema(const std::string& name) {
  std::ifstream file(std::string(HAL9_SOURCE_DIR "/schema/events/") + name);
  return nlohmann::ordered_json::parse(file);
}

std::string check_schema(const std::string& name, const nlohmann::json& value) {
  return Checker(name).check(value);
}

}  // namespace hal9::migration::test
