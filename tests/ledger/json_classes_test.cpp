// The data of a line against every class of JSON (tests/corpus/json_classes.json): what must be
// refused is refused, and what is taken is taken.
#include "ledger/line.h"

#include <cstddef>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hal9::ledger {

namespace {

using Json = nlohmann::json;

std::vector<Json> cases() {
  std::ifstream in(HAL9_SOURCE_DIR "/tests/corpus/json_classes.json");
  return Json::parse(in).get<std::vector<Json>>();
}

std::string unhexed(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string bytes_of(const Json& one) {
  if (one.contains("hex")) return unhexed(one.at("hex"));
  if (one.contains("value")) return R"({"a":)" + one.at("value").get<std::string>() + "}";
  std::string bytes;
  for (int i = 0; i < one.value("times", 1); ++i) bytes += one.at("whole").get<std::string>();
  return bytes;
}

bool is_taken(const Json& one) {
  const std::string kind = one.at("class");
  if (kind == "i") return one.at("taken");
  return kind == "y";
}

TEST(JsonClasses, AreTakenAndRefusedAsTheCorpusSays) {
  std::map<std::string, int> seen;
  for (const Json& one : cases()) {
    const std::string bytes = bytes_of(one);
    EXPECT_EQ(check_data(bytes).has_value(), is_taken(one)) << one.dump().substr(0, 200);
    ++seen[one.at("class")];
  }
  EXPECT_GT(seen["y"], 30);
  EXPECT_GT(seen["f"], 15);
  EXPECT_GT(seen["n"], 90);
  EXPECT_GT(seen["i"], 20);
}

// The corpus itself: somebody else's parser agrees on what is JSON at all.
TEST(JsonClasses, AreWhatAnotherParserSaysTheyAre) {
  for (const Json& one : cases()) {
    const std::string kind = one.at("class");
    if (kind == "i") continue;
    EXPECT_EQ(Json::accept(bytes_of(one)), kind != "n") << one.dump().substr(0, 200);
  }
}

// A line is refused with its data, and appending is refused before it becomes one.
TEST(JsonClasses, AreRefusedInALineAsTheyAreAlone) {
  const std::string head =
      R"({"specversion":"1.0","id":"0198a1b2-c3d4-7e5f-8a6b-000000010001",)"
      R"("source":"/hal9/ledger/demo","type":"hal9.migration.opened.v1",)"
      R"("time":"2026-08-01T03:04:05.000006Z","sequence":"00000000000000000001",)"
      R"("recordedtime":"2026-08-01T03:04:06.000001Z","authtype":"user","authid":"os:alice",)"
      R"("role":"operator","via":"cli","correlationid":"0198a1b2-c3d4-7e5f-8a6b-000000010002",)"
      R"("data":)";
  for (const Json& one : cases()) {
    EXPECT_EQ(decode(head + bytes_of(one) + "}").has_value(), is_taken(one))
        << one.dump().substr(0, 200);
  }
}

}  // namespace

}  // namespace hal9::ledger
