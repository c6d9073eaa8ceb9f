#include "engine/group_writer.h"

#include "adapters/memory/memory_store.h"
#include "base/result.h"
#include "engine/make_command.h"
#include "engine/service.h"
#include "engine/world.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

struct Bench {
  std::unique_ptr<ledger::Store> store = memory::make_store("test");
  TestEnvironment environment{std::make_shared<Clocks>()};
  Asker asker{
      {migration::AuthType::user, "os:alice", migration::Role::operator_, migration::Via::cli},
      "because"
  };

  migration::Command make(migration::CommandBody body) {
    return make_command(environment, asker, std::move(body));
  }
  migration::Command note(const std::string& text) {
    return make(migration::Annotate{text, "", {}, {}});
  }
};

TEST(WriterGroup, IsRecordedInOneBatchInItsOrder) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  const std::vector commands{bench.note("one"), bench.note("two"), bench.note("three")};
  std::vector<Asked> asked;
  for (const auto& command : commands) asked.push_back({&command, {}});
  const auto answers = writer.execute(asked);
  ASSERT_EQ(answers.size(), 3U);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    ASSERT_EQ(answers[i]->events.size(), 1U);
    EXPECT_EQ(answers[i]->events[0].sequence.value, i + 1);
    EXPECT_EQ(answers[i]->events[0].draft.causation, commands[i].id);
  }
  EXPECT_EQ(writer.state().sequence.value, 3U);
  EXPECT_FALSE(ledger::verify(*bench.store, {})->finding);
}

TEST(WriterGroup, RefusesOneWithoutTheOthers) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  const auto one = bench.note("one");
  auto other = bench.note("other bytes under the same id");
  other.id = one.id;
  const auto two = bench.note("two");
  const std::vector<Asked> asked{{&one, {}}, {&other, {}}, {&two, {}}};
  const auto answers = writer.execute(asked);
  EXPECT_TRUE(answers[0]);
  ASSERT_FALSE(answers[1]);
  EXPECT_EQ(answers[1].error().code, Code::repeated);
  ASSERT_TRUE(answers[2]);
  EXPECT_EQ(answers[2]->events[0].sequence.value, 2U);
  EXPECT_EQ(bench.store->head()->sequence.value, 2U);
}

TEST(WriterGroup, GivesTheSameCommandTwiceItsFirstAnswer) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  const auto once = bench.note("once");
  const std::vector<Asked> asked{{&once, {}}, {&once, {}}};
  const auto answers = writer.execute(asked);
  ASSERT_TRUE(answers[0] && answers[1]);
  EXPECT_TRUE(answers[1]->repeated);
  EXPECT_EQ(answers[0]->events, answers[1]->events);
  EXPECT_EQ(bench.store->head()->sequence.value, 1U);
}

TEST(WriterGroup, DecidesEachOnWhatTheOnesBeforeLeft) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  const auto first = bench.make(migration::TakeExecutor{});
  const auto second = bench.make(migration::TakeExecutor{});
  const std::vector<Asked> asked{{&first, {}}, {&second, {}}};
  const auto answers = writer.execute(asked);
  ASSERT_TRUE(answers[0] && answers[1]);
  EXPECT_EQ(writer.state().fence, 2U);
  EXPECT_EQ(writer.state().anomaly_count, 0U);
}

TEST(WriterGroup, RecordsTheOthersWhenOneCannotBeALine) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  const auto good = bench.note("good");
  auto bad = bench.note("bad");
  bad.actor.id = "with a blank";  // no line can carry that
  const auto after = bench.note("after");
  const std::vector<Asked> asked{{&good, {}}, {&bad, {}}, {&after, {}}};
  const auto answers = writer.execute(asked);
  EXPECT_TRUE(answers[0]);
  EXPECT_FALSE(answers[1]);
  EXPECT_TRUE(answers[2]);
  EXPECT_EQ(bench.store->head()->sequence.value, 2U);
}

TEST(GroupWriter, AnswersEveryThreadWithItsOwnEvents) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  Bench bench;
  std::vector<std::vector<migration::Command>> commands(kThreads);
  for (auto& own : commands) {
    for (int i = 0; i < kEach; ++i) own.push_back(bench.note("a remark"));
  }
  GroupWriter writer(*bench.store, bench.environment);
  std::vector<std::vector<std::uint64_t>> sequences(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (const auto& command : commands[t]) {
        const auto answer = writer.execute(command);
        if (!answer || answer->events.size() != 1) return;
        if (answer->events[0].draft.causation != command.id) return;
        sequences[t].push_back(answer->events[0].sequence.value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& own : sequences) {
    EXPECT_EQ(own.size(), static_cast<std::size_t>(kEach));
    EXPECT_TRUE(std::ranges::is_sorted(own));
    all.insert(own.begin(), own.end());
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(bench.store->head()->sequence.value, all.size());
  EXPECT_FALSE(ledger::verify(*bench.store, {})->finding);
}

}  // namespace
}  // namespace hal9::engine
