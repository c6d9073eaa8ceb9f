// The part of JSON Schema draft 7 that schema/events uses, so that the schemas are held against
// what the codec writes. A keyword that is not known here fails the check: none is skipped
// silently.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace hal9::migration::test {

// `name` is a file of schema/events. Empty: the value is valid; otherwise the first violation.
std::string check_schema(const std::string& name, const nlohmann::json& value);

// The whole line: its envelope, and its data against the schema of its type; a type that has none
// fails.
std::string check_line(std::string_view line);
// The envelope alone, for tests that append types of their own.
std::string check_envelope(std::string_view line);

// The schema itself, with its members in the file's order.
nlohmann::ordered_json load_schema(const std::string& name);

}  // namespace hal9::migration::test
