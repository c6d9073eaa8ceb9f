// Whole ledgers that a released program wrote (tests/golden/ledger), replayed with the program of
// today: the same lines, root, state as of every event, and timeline, for ever.

#include "adapters/memory/memory_store.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/fold.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "migration/evolve.h"
#include "migration/state.h"

#include <chrono>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

std::vector<std::string> lines_of_file(const std::string& file) {
  std::ifstream in(HAL9_SOURCE_DIR "/tests/golden/ledger/" + file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.empty()) throw std::runtime_error("nothing in " + file);
  return lines;
}

ledger::Event event_of(const std::string& line) {
  auto event = ledger::decode(line);
  if (!event) throw std::runtime_error(event.error().what + ": " + line);
  return *event;
}

// Appends the events again, those of one command together, each at the time when it was recorded.
std::unique_ptr<ledger::Store> replayed(const std::vector<std::string>& lines) {
  auto store = memory::make_store("golden");
  std::size_t at = 0;
  while (at < lines.size()) {
    const ledger::Event first = event_of(lines[at]);
    std::vector<ledger::Draft> drafts;
    for (; at < lines.size(); ++at) {
      ledger::Event event = event_of(lines[at]);
      if (event.draft.causation != first.draft.causation) break;
      drafts.push_back(event.draft);
    }
    auto batch = store->begin(std::chrono::milliseconds{0});
    const Digest digest = sha256(to_text(first.draft.causation.value()));
    auto events = (*batch)->append(drafts, first.recorded, *first.draft.causation, digest);
    if (!events) throw std::runtime_error(events.error().what);
    if (!(*batch)->commit()) throw std::runtime_error("commit");
  }
  return store;
}

class GoldenLedger : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const { return GetParam() + "/" + name; }
};

TEST_P(GoldenLedger, IsWrittenAgainByteForByteWithItsRoot) {
  const auto lines = lines_of_file(file("lines.jsonl"));
  auto store = replayed(lines);
  std::vector<std::string> again;
  ASSERT_TRUE(store->scan({}, [&](ledger::Sequence, std::string_view line) {
    again.emplace_back(line);
    return true;
  }));
  EXPECT_EQ(again, lines);
  EXPECT_EQ(to_hex(store->head()->root), lines_of_file(file("root.txt")).front());
  EXPECT_FALSE(ledger::verify(*store, {})->finding);
}

TEST_P(GoldenLedger, FoldsIntoTheSameStateAsOfEveryEvent) {
  const auto lines = lines_of_file(file("lines.jsonl"));
  const auto states = lines_of_file(file("states.txt"));
  ASSERT_EQ(states.size(), lines.size());
  auto store = replayed(lines);
  migration::State state;
  for (std::size_t at = 1; at <= lines.size(); ++at) {
    migration::evolve(state, event_of(lines[at - 1]));
    EXPECT_EQ(fmt::format("{} {}", at, migration::state_digest(state)), states[at - 1]);
    if (at % 10 != 0) continue;
    const auto asked = state_at(*store, {at});
    ASSERT_TRUE(asked);
    EXPECT_EQ(migration::state_digest(*asked), migration::state_digest(state));
  }
  EXPECT_EQ(state.anomaly_count, 0U);
}

TEST_P(GoldenLedger, HasTheSameTimeline) {
  World world;
  world.ledger = replayed(lines_of_file(file("lines.jsonl")));
  std::vector<std::string> said;
  const auto read = world.process()->timeline({}, [&](const TimelineEntry& entry) {
    // As the program prints it for a pipe: ASCII alone.
    said.push_back(to_json(entry).dump(-1, ' ', true));
    return true;
  });
  ASSERT_TRUE(read) << read.error().what;
  const auto wanted = lines_of_file(file("timeline.jsonl"));
  ASSERT_EQ(said.size(), wanted.size());
  for (std::size_t i = 0; i < said.size(); ++i) EXPECT_EQ(said[i], wanted[i]);
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    GoldenLedger,
    testing::Values("v1-ledger-only", "v1-haproxy"),
    [](const auto& info) { return info.param == "v1-haproxy" ? "Haproxy" : "LedgerOnly"; }
);

}  // namespace
}  // namespace hal9::engine
