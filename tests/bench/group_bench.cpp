// 64 threads that each record one event after the other through one writer, beside a raw loop that
// puts 64 events into each transaction.
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system.h"
#include "bench.h"
#include "engine/group_writer.h"
#include "engine/make_command.h"
#include "engine/service.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "life.h"
#include "migration/actor.h"
#include "migration/commands.h"
#include "raw_ledger.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace hal9::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kThreads = 64;
constexpr std::uint64_t kEach = 150;

double run_ours(const fs::path& file) {
  auto store = must(sqlite::open(file));
  const auto environment = system::make_environment();
  const engine::Asker asker{
      {migration::AuthType::user, "os:alice", migration::Role::operator_, migration::Via::cli}, ""
  };
  std::vector<migration::Command> commands;
  for (std::uint64_t i = 0; i < kThreads * kEach; ++i) {
    commands.push_back(engine::make_command(
        *environment, asker, migration::Annotate{std::string(90, 'x'), "", {}, {}}
    ));
  }
  engine::GroupWriter writer(*store, *environment);
  std::atomic<bool> failed = false;
  std::vector<std::thread> threads;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        if (!writer.execute(commands[i * kThreads + t])) failed = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(begin);
  if (failed) throw std::runtime_error("a thread's event was not recorded");
  return static_cast<double>(kThreads * kEach) / seconds;
}

// The same lines as ours, made before.
double run_raw(const fs::path& file, std::uint64_t first, const ledger::Event& like) {
  RawLedger database(file);
  std::vector<Prepared> prepared;
  for (std::uint64_t n = first; n < first + kThreads * kEach; ++n) {
    Prepared one{like, {}};
    one.event.sequence = {n};
    one.event.draft.causation = one_draft(n).causation;
    one.event.draft.correlation.bytes = one.event.draft.causation->bytes;
    one.event.recorded = one_draft(n).time;
    one.line = ledger::encode(one.event);
    prepared.push_back(std::move(one));
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < prepared.size(); i += kThreads) {
    database.append(prepared.data() + i, prepared.data() + std::min(i + kThreads, prepared.size()));
  }
  return static_cast<double>(prepared.size()) / seconds_since(begin);
}

ledger::Event first_event(const fs::path& file) {
  ledger::Event event;
  must(must(sqlite::open_to_read(file))->scan({}, [&](ledger::Sequence, std::string_view line) {
    event = must(ledger::decode(line));
    return false;
  }));
  return event;
}

}  // namespace

void group_row(const Places& places) {
  const fs::path ours = places.folder / "ours-group.db";
  const fs::path raw = places.folder / "raw-group.db";
  must(sqlite::create(ours, "bench"));
  must(sqlite::create(raw, "bench"));
  run_ours(ours);
  const ledger::Event like = first_event(ours);
  compare(
      "64 threads, one event each, ev/s",
      places.rounds,
      {true, 0.80},
      [&](std::uint64_t) { return run_ours(ours); },
      [&](std::uint64_t round) { return run_raw(raw, round * kThreads * kEach + 1, like); }
  );
}

}  // namespace hal9::bench
