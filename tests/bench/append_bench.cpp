// One event a transaction, durable when acknowledged: ours beside the least that somebody would
// write in C for the same rows, in one run, by turns, so that both meet the same disk.
//
//   bench-append FOLDER [ROUNDS [EVENTS]]
//
// The raw loop writes the same rows (the event with the same line bytes, its command, the head) into
// the same tables, indexes and triggers under the same settings, by BEGIN IMMEDIATE ... COMMIT. Ours
// also encodes, checks and hashes, keeps the tree and takes the lock file.
#include "adapters/sqlite/sqlite_store.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

namespace hal9 {

namespace {

namespace fs = std::filesystem;
using ledger::Draft;

const Time kStart{std::chrono::seconds{1785585600}};

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
  return std::move(*result);
}
void must(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
}

Bytes16 numbered(std::uint8_t kind, std::uint64_t number) {
  Bytes16 random{kind};
  for (std::size_t i = 0; i < 8; ++i) {
    random[8 + i] = static_cast<std::uint8_t>(number * 0x9E3779B97F4A7C15U >> (8 * i));
  }
  return make_uuid7(kStart + std::chrono::milliseconds{number}, random);
}

// What a step over a few routes records.
Draft draft_of(std::uint64_t number) {
  Draft draft;
  draft.id.bytes = numbered(1, number);
  draft.type = number % 2 == 0 ? "hal9.traffic.applied.v1" : "hal9.traffic.observed.v1";
  draft.subject = "all";
  draft.time = kStart + Micros{static_cast<std::int64_t>(number)};
  draft.author = {"user", "os:alice", "operator", "cli"};
  draft.correlation.bytes = numbered(2, number / 50);
  draft.causation = CommandId{numbered(3, number)};
  draft.data = fmt::format(
      R"({{"routes":[{{"name":"eu-west-1.protocol","share":{}}},)"
      R"({{"name":"us-west-2.substrate","share":{}}}],"step":{}}})",
      number % 10000,
      number % 9000,
      number
  );
  return draft;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Events a second.
double run_ours(const fs::path& file, std::uint64_t first, std::uint64_t events) {
  auto store = must(sqlite::open(file));
  std::vector<Draft> drafts;
  for (std::uint64_t n = first; n < first + events; ++n) drafts.push_back(draft_of(n));
  const auto begin = std::chrono::steady_clock::now();
  for (const Draft& draft : drafts) {
    auto batch = must(store->begin(std::chrono::milliseconds{1000}));
    must(batch->append({&draft, 1}, draft.time, *draft.causation, sha256(draft.data)));
    must(batch->commit());
  }
  return static_cast<double>(events) / seconds_since(begin);
}

class Raw {
 public:
  explicit Raw(const fs::path& file) {
    check(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr));
    exec(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = "
        "67108864; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = "
        "ON; PRAGMA mmap_size = 0;"
        "INSERT OR IGNORE INTO term VALUES (1, 1, 'hal9.traffic.applied.v1'), "
        "(2, 1, 'hal9.traffic.observed.v1'), (3, 2, 'all'), (4, 3, 'os:alice')"
    );
    sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    begin_ = prepare("BEGIN IMMEDIATE");
    insert_ = prepare("INSERT INTO event VALUES (?, ?, 3, 4, ?, ?, ?)");
    command_ = prepare("INSERT INTO command VALUES (?, ?, ?, 1)");
    head_ = prepare("UPDATE head SET sequence = ?, recorded = ?");
    commit_ = prepare("COMMIT");
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() {
    for (sqlite3_stmt* statement : {begin_, insert_, command_, head_, commit_})
      sqlite3_finalize(statement);
    sqlite3_close(database_);
  }

  void append(const ledger::Event& event, const std::string& line) {
    const auto sequence = static_cast<sqlite3_int64>(event.sequence.value);
    const sqlite3_int64 recorded = event.recorded.time_since_epoch().count();
    const Bytes16& correlation = event.draft.correlation.bytes;
    step(begin_);
    sqlite3_bind_int64(insert_, 1, sequence);
    sqlite3_bind_int(insert_, 2, event.sequence.value % 2 == 0 ? 1 : 2);
    sqlite3_bind_int64(insert_, 3, recorded);
    sqlite3_bind_blob(insert_, 4, correlation.data(), 16, SQLITE_STATIC);
    sqlite3_bind_text(insert_, 5, line.data(), static_cast<int>(line.size()), SQLITE_STATIC);
    step(insert_);
    static constexpr Digest kDigest{};
    sqlite3_bind_blob(command_, 1, event.draft.causation->bytes.data(), 16, SQLITE_STATIC);
    sqlite3_bind_blob(command_, 2, kDigest.data(), static_cast<int>(kDigest.size()), SQLITE_STATIC);
    sqlite3_bind_int64(command_, 3, sequence);
    step(command_);
    sqlite3_bind_int64(head_, 1, sequence);
    sqlite3_bind_int64(head_, 2, recorded);
    step(head_);
    step(commit_);
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errstr(code));
  }
  void exec(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr));
    return statement;
  }
  void step(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    check(code);
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* command_ = nullptr;
  sqlite3_stmt* head_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
};

double run_raw(const fs::path& file, std::uint64_t first, std::uint64_t events) {
  Raw database(file);
  std::vector<ledger::Event> prepared;
  std::vector<std::string> lines;
  for (std::uint64_t n = first; n < first + events; ++n) {
    const Draft draft = draft_of(n);
    prepared.push_back({draft, ledger::source_of("bench"), {n}, draft.time});
    lines.push_back(ledger::encode(prepared.back()));
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < lines.size(); ++i) database.append(prepared[i], lines[i]);
  return static_cast<double>(events) / seconds_since(begin);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

int run(const fs::path& folder, std::uint64_t rounds, std::uint64_t events) {
  const fs::path ours = folder / "ours.db";
  const fs::path raw = folder / "raw.db";
  must(sqlite::create(ours, "bench"));
  must(sqlite::create(raw, "bench"));
  std::vector<double> ours_rates;
  std::vector<double> raw_rates;
  std::vector<double> ratios;
  fmt::print("append, one event a transaction, SQLite {}\n", sqlite::library_version());
  fmt::print("{:>6} {:>12} {:>12} {:>7}\n", "round", "ours ev/s", "raw ev/s", "ratio");
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::uint64_t first = round * events + 1;
    const bool ours_first = round % 2 == 0;
    if (ours_first) ours_rates.push_back(run_ours(ours, first, events));
    raw_rates.push_back(run_raw(raw, first, events));
    if (!ours_first) ours_rates.push_back(run_ours(ours, first, events));
    ratios.push_back(ours_rates.back() / raw_rates.back());
    fmt::print(
        "{:>6} {:>12.0f} {:>12.0f} {:>7.2f}\n",
        round + 1,
        ours_rates.back(),
        raw_rates.back(),
        ratios.back()
    );
  }
  fmt::print(
      "{:>6} {:>12.0f} {:>12.0f} {:>7.2f}  (target: 0.85 or more)\n",
      "median",
      median(ours_rates),
      median(raw_rates),
      median(ratios)
  );
  return median(ratios) >= 0.85 ? 0 : 3;
}

}  // namespace

}  // namespace hal9

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    fmt::print(stderr, "usage: bench-append FOLDER [ROUNDS [EVENTS]]\n");
    return 2;
  }
  try {
    const unsigned long rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 7;
    const unsigned long events = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 500;
    if (rounds == 0 || events == 0) return 2;
    return hal9::run(argv[1], rounds, events);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench-append: {}\n", error.what());
    return 1;
  }
}
