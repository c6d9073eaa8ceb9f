// Reading a long ledger: replay, verify, as of a sequence, and what it takes on disk.
#include "adapters/sqlite/sqlite_store.h"
#include "bench.h"
#include "engine/fold.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/state.h"
#include "raw_ledger.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <stdio.h>

namespace hal9::bench {

namespace fs = std::filesystem;

void replay_row(const Places& places, const fs::path& ledger) {
  std::uint64_t events = 0;
  compare(
      "replay into state, ev/s",
      places.rounds,
      {true, 0.60},
      [&](std::uint64_t) {
        auto reader = must(sqlite::open_to_read(ledger));
        const auto begin = std::chrono::steady_clock::now();
        migration::State state;
        const ledger::Head head = must(reader->head());
        must(engine::fold_tail(*reader, state, head.sequence));
        const double rate = static_cast<double>(head.sequence.value) / seconds_since(begin);
        if (state.anomaly_count != 0) throw std::runtime_error("it does not fold");
        return rate;
      },
      [&](std::uint64_t) {
        RawLedger raw(ledger);
        const auto begin = std::chrono::steady_clock::now();
        raw.scan(events);
        return static_cast<double>(events) / seconds_since(begin);
      }
  );
}

namespace {

// What a whole process has resident at most. A child's figure begins with what its parent had when it
// was started, so a small process starts it: this one may have had a ledger in its hands.
long resident_kib(const std::string& line) {
  const std::string small = fmt::format("'{}' resident {}", own_path(), line);
  const std::unique_ptr<FILE, int (*)(FILE*)> process(::popen(small.c_str(), "re"), &::pclose);
  std::array<char, 32> said{};
  if (process == nullptr || std::fgets(said.data(), said.size(), process.get()) == nullptr) {
    throw std::runtime_error("a process cannot be measured: " + line);
  }
  return std::stol(said.data());
}

}  // namespace

void verify_row(const Places& places, const fs::path& ledger) {
  const std::string own = own_path();
  const auto events = static_cast<double>(places.events);
  const std::vector<std::string> words{
      places.binary.string(),
      "ledger",
      "verify",
      "--ledger",
      ledger.string(),
      "--config",
      (places.folder / "hal9.yaml").string()
  };
  compare(
      "ledger verify, ev/s",
      places.rounds,
      {true, 0.60},
      [&](std::uint64_t) { return events / run_process(words).seconds; },
      [&](std::uint64_t) {
        return events / run_process({own, "raw-scan", ledger.string()}).seconds;
      }
  );
  const auto resident =
      static_cast<double>(resident_kib(fmt::format("'{}'", fmt::join(words, "' '"))));
  remark(fmt::format("ledger verify: {:.1f} MiB resident (wanted: < 16)", resident / 1024));
}

namespace {

// Milliseconds for each: a connection of its own, its state, closed.
std::vector<double> look_back(
    const fs::path& ledger, std::uint64_t from, std::uint64_t to, std::uint64_t looks
) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::uint64_t> any(from, to);
  std::vector<double> times;
  for (std::uint64_t i = 0; i < looks; ++i) {
    const ledger::Sequence at{any(random)};
    const auto begin = std::chrono::steady_clock::now();
    auto reader = must(sqlite::open_to_read(ledger));
    const auto state = must(engine::state_at(*reader, at));
    reader.reset();
    times.push_back(seconds_since(begin) * 1000);
    if (state.sequence != at) throw std::runtime_error("another moment was folded");
  }
  return times;
}

}  // namespace

void as_of_row(const Places& places, const fs::path& ledger) {
  const std::uint64_t end = places.events;
  const double all = quantile(look_back(ledger, 1, end, 2000), 0.99);
  const double early = quantile(look_back(ledger, 1, end / 100, 500), 0.99);
  const double late = quantile(look_back(ledger, end - end / 100, end, 500), 0.99);
  print_row("as of, new connection, p99 ms", all, 2.0, all / 2.0, {false, 1.0});
  remark(fmt::format("as of: p99 {:.2f} ms in the first hundredth, {:.2f} in the last", early, late)
  );
}

void bytes_row(const Places& /*places*/, const fs::path& ledger) {
  std::uint64_t events = 0;
  const auto lines = static_cast<double>(RawLedger(ledger).scan(events));
  double disk = 0;
  for (const char* suffix : {"", "-wal"}) {
    fs::path part = ledger;
    part += suffix;
    std::error_code none;
    const auto size = fs::file_size(part, none);
    if (!none) disk += static_cast<double>(size);
  }
  constexpr double kMiB = 1024.0 * 1024.0;
  print_row(
      "on disk, beside the lines, MiB", disk / kMiB, lines / kMiB, disk / lines, {false, 1.45}
  );
  remark(fmt::format("{} events, {:.0f} bytes a line", events, lines / static_cast<double>(events))
  );
}

int raw_scan(const fs::path& ledger) {
  std::uint64_t rows = 0;
  RawLedger(ledger).scan(rows);
  return rows == 0 ? 1 : 0;
}

void start_row(const Places& places, const fs::path& ledger) {
  const std::string config = (places.folder / "hal9.yaml").string();
  compare(
      "status, whole process, ms",
      places.rounds * 20,
      {false, 1.40},
      [&](std::uint64_t) {
        return 1000 * run_process({places.binary.string(),
                                   "status",
                                   "--ledger",
                                   ledger.string(),
                                   "--config",
                                   config})
                          .seconds;
      },
      [&](std::uint64_t) {
        return 1000 * run_process({"sqlite3", ledger.string(), "select 1"}).seconds;
      }
  );
}

}  // namespace hal9::bench
