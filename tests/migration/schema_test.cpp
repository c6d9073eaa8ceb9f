// schema/events says what the codec writes.

#include "migration/codec.h"
#include "migration/events.h"
#include "migration/generators.h"
#include "migration/json_schema.h"
#include "migration/samples.h"
#include "migration/support.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using ::testing::HasSubstr;

std::string file_of(const Fact& fact) {
  return type_of(fact) + ".schema.json";
}

json line() {
  return json::parse(R"({
    "specversion": "1.0", "id": "01987654-3210-7abc-8def-0000000000aa",
    "source": "/hal9/ledger/demo", "type": "hal9.phase.entered.v1", "subject": "all",
    "time": "2026-08-01T03:04:05.000006Z", "sequence": "00000000000000000007",
    "recordedtime": "2026-08-01T03:04:05.000007Z", "authtype": "user", "authid": "os:alice",
    "role": "operator", "via": "cli", "reason": "p99 rises",
    "correlationid": "01987654-3210-7abc-8def-0000000000bb",
    "causationid": "01987654-3210-7abc-8def-0000000000aa",
    "nonce": "00112233445566778899aabbccddeeff",
    "data": {"from": "shadow", "to": "canary"}})");
}

TEST(Schema, IsThereForEveryTypeAndForNothingElse) {
  std::set<std::string> expected = {"line.schema.json"};
  for (const auto& type : all_types()) expected.insert(type + ".schema.json");
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(HAL9_SOURCE_DIR "/schema/events")) {
    found.insert(entry.path().filename().string());
  }
  EXPECT_EQ(found, expected);
}

TEST(Schema, ListsTheMembersInTheOrderOfTheLine) {
  for (const auto& fact : one_fact_of_each()) {
    std::vector<std::string> listed;
    const auto schema = load_schema(file_of(fact));
    for (const auto& [member, rule] : schema.at("properties").items()) listed.push_back(member);
    std::vector<std::string> written;
    const auto data = ordered_json::parse(encode_fact(fact));
    for (const auto& [member, value] : data.items()) written.push_back(member);
    EXPECT_EQ(listed, written) << type_of(fact);
    EXPECT_EQ(schema.at("title"), type_of(fact));
  }
}

RC_GTEST_PROP(Schema, AcceptsEveryFact, ()) {
  const auto fact = *any_fact();
  const auto problem = check_schema(file_of(fact), json::parse(encode_fact(fact)));
  RC_LOG() << type_of(fact) << ": " << problem;
  RC_ASSERT(problem.empty());
}

TEST(Schema, AcceptsTheWitnessesOfSealsAndNoProgramWithoutAName) {
  auto configuration = small_configuration();
  configuration.seal_witnesses = std::vector<std::string>{"/mnt/witness"};
  configuration.seal_commands.emplace().push_back({"/usr/bin/ssh", "-v", "witness.example"});
  const Fact fact = ConfigurationAccepted{digest_of(configuration), configuration};
  auto data = json::parse(encode_fact(fact));
  EXPECT_EQ(check_schema(file_of(fact), data), "");
  data["configuration"]["seal_commands"][0] = json::array();
  EXPECT_THAT(check_schema(file_of(fact), data), HasSubstr("fails minItems"));
}

TEST(Schema, RefusesEveryFactThatLacksAMemberOrHasOneMore) {
  for (const auto& fact : one_fact_of_each()) {
    auto data = json::parse(encode_fact(fact));
    data["more"] = 1;
    EXPECT_THAT(check_schema(file_of(fact), data), HasSubstr("has more")) << type_of(fact);
    const std::string first = load_schema(file_of(fact)).at("required").front();
    data.erase("more");
    data.erase(first);
    EXPECT_THAT(check_schema(file_of(fact), data), HasSubstr("lacks " + first)) << type_of(fact);
  }
}

TEST(LineSchema, AcceptsALineAndHoldsItsDataAgainstItsType) {
  EXPECT_EQ(check_schema("line.schema.json", line()), "");
  auto wrong = line();
  wrong["data"]["to"] = "cutover";
  EXPECT_THAT(check_schema("line.schema.json", wrong), HasSubstr("fails enum"));
}

TEST(LineSchema, HoldsTheDataOfEveryTypeAgainstItsSchema) {
  for (const auto& type : all_types()) {
    auto wrong = line();
    wrong["type"] = type;
    wrong["data"] = json::object();
    EXPECT_THAT(check_schema("line.schema.json", wrong), HasSubstr("lacks")) << type;
  }
}

TEST(LineSchema, RefusesATypeWithoutASchemaAndWhatIsNoLine) {
  auto unknown = line();
  EXPECT_EQ(check_line(unknown.dump()), "");
  unknown["type"] = "hal9.phase.left.v1";
  EXPECT_EQ(check_envelope(unknown.dump()), "");
  EXPECT_EQ(check_line(unknown.dump()), "there is no hal9.phase.left.v1.schema.json");
  EXPECT_EQ(check_line("{"), "it is not JSON");
}

TEST(LineSchema, RefusesALineWithoutItsEnvelope) {
  for (const char* member : {"id", "type", "sequence", "authid", "correlationid", "data"}) {
    auto wrong = line();
    wrong.erase(member);
    EXPECT_NE(check_schema("line.schema.json", wrong), "") << member;
  }
  auto wrong = line();
  wrong.erase("nonce");
  EXPECT_THAT(check_schema("line.schema.json", wrong), HasSubstr("lacks nonce"));
}

}  // namespace
}  // namespace hal9::migration::test
