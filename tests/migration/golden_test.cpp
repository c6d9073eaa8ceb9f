// Bytes that last: what was written once is read, and written again byte for byte, for ever.

#include "base/time.h"
#include "ledger/line.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/evolve.h"
#include "migration/fold.h"
#include "migration/object.h"
#include "migration/samples.h"
#include "migration/state.h"

#include <cstddef>
#include <sstream>
#include <string>
#include <variant>

#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

TEST(Golden, EveryFactIsReadAndWrittenByteForByte) {
  const auto facts = one_fact_of_each();
  ASSERT_EQ(facts.size(), all_types().size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto type = all_types()[i];
    const auto bytes = golden("events/" + type + ".json");
    const auto read = decode_fact(type, bytes);
    ASSERT_TRUE(read) << type << ": " << read.error().what;
    EXPECT_EQ(*read, facts[i]) << type;
    EXPECT_EQ(encode_fact(*read), bytes) << type;
  }
}

TEST(Golden, EveryCommandIsReadAndWrittenByteForByte) {
  const auto commands = one_command_of_each();
  ASSERT_EQ(commands.size(), std::variant_size_v<CommandBody>);
  // Those of the first release, and those that came after it.
  std::stringstream lines(
      golden("commands/commands.jsonl") + "\n" + golden("commands/commands-2.jsonl") + "\n" +
      golden("commands/commands-3.jsonl")
  );
  std::string line;
  for (const auto& command : commands) {
    ASSERT_TRUE(std::getline(lines, line));
    const auto read = decode_command(line);
    ASSERT_TRUE(read) << line;
    EXPECT_EQ(*read, command);
    EXPECT_EQ(encode_command(*read), line);
  }
}

// Facts that came after the first release's: they change nothing of the state but where it stands.
constexpr std::size_t kTypesOfFold1 = 25;

// A change of evolve or of the state's codec that moves this digest needs a new name of the fold.
TEST(Golden, FactsFoldIntoTheSameState) {
  State state;
  const auto types = all_types();
  for (std::size_t i = 0; i < kTypesOfFold1; ++i) {
    const auto& type = types[i];
    ledger::Event event;
    event.sequence.value = state.sequence.value + 1;
    event.recorded = parse_time("2026-08-01T03:04:06.000000Z").value();
    event.draft.time = event.recorded;
    event.draft.type = type;
    event.draft.author.auth_id = "os:alice";
    event.draft.reason = "p99 rises";
    event.draft.data = golden("events/" + type + ".json");
    evolve(state, event);
  }
  EXPECT_EQ(encode_state(state), golden("events/fold1.state.json"));
  EXPECT_EQ(state_digest(state), golden("events/fold1.digest"));
}

TEST(Golden, AnObjectChangesNothingOfTheState) {
  State state;
  const Around around{{}, {}, "os:alice", "p99 rises"};
  for (const auto& fact : one_fact_of_each()) {
    const auto before = encode_state(state);
    fold_fact(state, fact, around);
    if (std::holds_alternative<ObjectKept>(fact)) EXPECT_EQ(encode_state(state), before);
  }
}

}  // namespace
}  // namespace hal9::migration::test
