// The part of JSON Schema draft 7 that schema/events uses, so that the schemas are held against
// what the codec writes. A keyword that is not known here fails the check: none is skipped
// silently.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace hal9::migration::test {

// `name` is a file of schema/events. Empty: the value is valid; otherwise the first violation.
std::string check_schema(const std::string& name, const nlohmann::json& value);

// The schema itself, with its members in the file's order.
nlohmann::ordered_json load_schema(const std::string& name);

}  // namespace hal9::migration::test
