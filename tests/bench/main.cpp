// The table's rows that are measured in C++; tools/bench runs it.
//
//   bench-ledger FOLDER BINARY [EVENTS [ROUNDS [ROW]]]
//
// FOLDER is on the disk to measure and holds a hal9.yaml without a router. ROW: append, group,
// processes, replay, verify, as-of, status, bytes; without it all of them. The long ledger stays.
#include "bench.h"
#include "life.h"

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace {

using namespace hal9::bench;

void run_rows(const Places& places, std::string_view row) {
  const auto wanted = [&](std::string_view name) { return row.empty() || row == name; };
  if (wanted("append")) append_rows(places);
  if (wanted("group")) group_row(places);
  if (wanted("processes")) processes_row(places);
  const auto ledger = places.folder / "long.db";
  const auto long_row = [&](std::string_view name, auto measure) {
    if (!wanted(name)) return;
    if (!std::filesystem::exists(ledger)) make_long_ledger(ledger, places.events);
    measure(places, ledger);
  };
  long_row("replay", replay_row);
  long_row("verify", verify_row);
  long_row("as-of", as_of_row);
  long_row("status", start_row);
  long_row("bytes", bytes_row);
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "raw-scan") return raw_scan(words[1]);
  if (words.size() == 4 && words[0] == "append-worker") {
    return processes_worker(words[1], std::stod(words[2]), std::stoull(words[3]));
  }
  if (words.size() > 1 && words[0] == "resident") {
    fmt::print("{}\n", run_process({words.begin() + 1, words.end()}).resident_kib);
    return 0;
  }
  if (words.size() < 2 || words.size() > 5) {
    fmt::print(stderr, "usage: bench-ledger FOLDER BINARY [EVENTS [ROUNDS [ROW]]]\n");
    return 2;
  }
  Places places{words[0], words[1]};
  if (words.size() > 2) places.events = std::stoull(words[2]);
  if (words.size() > 3) places.rounds = std::stoull(words[3]);
  if (places.events < 1000 || places.rounds == 0) return 2;
  run_rows(places, words.size() > 4 ? words[4] : std::string());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench-ledger: {}\n", error.what());
    return 1;
  }
}
