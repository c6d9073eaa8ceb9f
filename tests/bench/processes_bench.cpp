// Eight processes beside one, each appending one event a transaction through the lock file: what
// they get together, and whether one of them starves.
#include "adapters/sqlite/sqlite_store.h"
#include "base/sha256.h"
#include "bench.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "life.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <stdio.h>

namespace hal9::bench {

namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 2;

// How many events each of them appended in the same time.
std::vector<double> append_side_by_side(
    const fs::path& file, std::uint64_t first, std::uint64_t count
) {
  std::vector<std::unique_ptr<FILE, int (*)(FILE*)>> workers;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string line = fmt::format(
        "'{}' append-worker '{}' {} {}", own_path(), file.string(), kSeconds, first + i
    );
    workers.emplace_back(::popen(line.c_str(), "re"), &::pclose);
  }
  std::vector<double> appended;
  for (auto& worker : workers) {
    std::array<char, 32> said{};
    if (std::fgets(said.data(), said.size(), worker.get()) == nullptr) {
      throw std::runtime_error("a process that appends has failed");
    }
    appended.push_back(std::stod(said.data()));
  }
  return appended;
}

double sum(const std::vector<double>& values) {
  double all = 0;
  for (const double value : values) all += value;
  return all;
}

}  // namespace

int processes_worker(const fs::path& file, double seconds, std::uint64_t number) {
  auto store = must(sqlite::open(file));
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t appended = 0;
  while (seconds_since(begin) < seconds) {
    const ledger::Draft draft = one_draft(number * 1'000'000 + appended);
    auto batch = must(store->begin(std::chrono::milliseconds{10000}));
    must(batch->append({&draft, 1}, draft.time, *draft.causation, sha256(draft.data)));
    must(batch->commit());
    ++appended;
  }
  fmt::print("{}\n", appended);
  return 0;
}

void processes_row(const Places& places) {
  constexpr std::uint64_t kMany = 8;
  const fs::path file = places.folder / "processes.db";
  must(sqlite::create(file, "bench"));
  std::vector<double> slowest;
  std::uint64_t number = 1;
  compare(
      "8 processes beside one, ev/s",
      places.rounds,
      {true, 0.85},
      [&](std::uint64_t) {
        const auto all = append_side_by_side(file, number, kMany);
        number += kMany;
        slowest.push_back(std::ranges::min(all) * kMany / sum(all));
        return sum(all) / kSeconds;
      },
      [&](std::uint64_t) { return sum(append_side_by_side(file, number++, 1)) / kSeconds; }
  );
  const double least = quantile(slowest, 0.5);
  print_row("8 processes, slowest beside the mean", least, 1, least, {true, 0.5});
}

}  // namespace hal9::bench
