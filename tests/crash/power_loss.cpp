// Power loss: a life of the ledger through the real adapter, its power cut at every sync and at
// moments between, and what has to hold when the light is on again: the ledger opens, every
// acknowledged event is there as it was, nothing stands twice, verify finds nothing, and the next
// event can be recorded.
//
// Usage: power-loss [--cuts N] [--seed N] [--cut K]    K: that cut alone, of that seed
#include "adapters/sqlite/sqlite_store.h"
#include "base/sha256.h"
#include "base/time.h"
#include "crash/power_cut.h"
#include "crash/recording_vfs.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "promises/support.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::crash {

namespace {

using promises::Folder;
using promises::must;

constexpr const char* kLedger = "hal9.db";
constexpr std::chrono::milliseconds kWait{1000};
constexpr Time kNoon{std::chrono::seconds{1785585600}};

// More than two fillings of the WAL (1,000 pages each, some ten an event).
constexpr std::uint64_t kCommits = 240;
constexpr std::size_t kCutsOfALife = 1000;

struct Life {
  Files before;  // when it begins: an empty ledger, synced
  Journal journal;
  std::vector<std::string> lines;  // all that may be there
};

std::string snapshot_at(std::uint64_t sequence) {
  return fmt::format("state after {}", sequence);
}

// Appends 1 to 3 events, now and then with a snapshot.
void commit_some(ledger::Store& store, std::mt19937_64& dice, Life& life) {
  auto batch = must(store.begin(kWait));
  for (std::uint64_t n = dice() % 3 + 1; n > 0; --n) {
    const std::uint64_t number = life.lines.size() + 1;
    const std::vector<ledger::Draft> drafts{promises::draft_of(1, number, dice() % 600)};
    const auto events =
        must(batch->append(drafts, kNoon, promises::command_id(1, number), sha256("command")));
    for (const auto& event : events) life.lines.push_back(ledger::encode(event));
  }
  if (dice() % 8 == 0) {
    const auto sequence = batch->head().sequence;
    must(batch->put_snapshot({sequence, "fold", snapshot_at(sequence.value)}));
  }
  must(batch->commit());
}

Life live(Disk disk, std::uint64_t seed) {
  const Folder folder;
  const auto file = folder.file(kLedger);
  must(sqlite::create(file, "demo"));
  Life life;
  life.before[kLedger] = promises::read_file(file);
  RecordingVfs vfs(disk);
  std::mt19937_64 dice(seed);
  auto store = must(sqlite::open(file));
  for (std::uint64_t n = 0; n < kCommits; ++n) {
    // A process ends and another one begins.
    if (dice() % 40 == 0) store.reset();
    if (!store) store = must(sqlite::open(file));
    commit_some(*store, dice, life);
    vfs.acknowledge(life.lines.size());
  }
  store.reset();
  life.journal = vfs.take();
  return life;
}

void check_snapshots(ledger::Reader& reader) {
  must(reader.scan_snapshots([](const ledger::Snapshot& snapshot) {
    if (snapshot.state != snapshot_at(snapshot.sequence.value)) {
      throw std::runtime_error("a snapshot is not what was stored");
    }
    return true;
  }));
}

// Throws what does not hold.
void check_left(const std::filesystem::path& file, const Life& life, std::uint64_t acknowledged) {
  auto store = must(sqlite::open(file));
  std::size_t at = 0;
  const auto verified = must(ledger::verify(*store, [&](const auto&, std::string_view line) {
    if (at >= life.lines.size() || life.lines[at] != line) {
      throw std::runtime_error(fmt::format("event {} is another one", at + 1));
    }
    ++at;
  }));
  if (verified.finding) throw std::runtime_error(verified.finding->what);
  if (at < acknowledged) {
    throw std::runtime_error(fmt::format("{} were acknowledged, {} are there", acknowledged, at));
  }
  check_snapshots(*store);
  const std::vector<ledger::Draft> next{promises::draft_of(2, 1)};
  auto batch = must(store->begin(kWait));
  must(batch->append(next, kNoon, promises::command_id(2, 1), sha256("command")));
  must(batch->commit());
  if (must(store->head()).sequence.value != at + 1) throw std::runtime_error("it does not go on");
}

// What was lost by this cut, if anything was.
std::optional<std::string> lost(const Files& left, const Life& life, std::uint64_t acknowledged) {
  const Folder folder;
  for (const auto& [name, bytes] : left) promises::write_file(folder.file(name), bytes);
  try {
    check_left(folder.file(kLedger), life, acknowledged);
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

// Where to cut: at every sync before and after it, the others anywhere, in order.
std::vector<std::size_t> cut_points(const Journal& journal, std::mt19937_64& dice) {
  std::vector<std::size_t> points;
  for (std::size_t i = 0; i < journal.size(); ++i) {
    if (!std::holds_alternative<Sync>(journal[i])) continue;
    points.push_back(i);
    points.push_back(i + 1);
  }
  while (points.size() < kCutsOfALife) points.push_back(dice() % (journal.size() + 1));
  std::ranges::shuffle(points, dice);
  points.resize(kCutsOfALife);
  std::ranges::sort(points);
  return points;
}

struct Tally {
  std::uint64_t cuts = 0;
  std::uint64_t syncs = 0;
  std::uint64_t events = 0;  // acknowledged before its cut, summed over the cuts
  std::uint64_t lost = 0;    // cuts that lost something
};

struct Plan {
  Disk disk = Disk::honest;
  std::uint64_t seed = 0;
  std::uint64_t cuts = 0;
  std::optional<std::uint64_t> only;  // one cut by its number
  bool says = true;                   // what was lost
};

// The cuts of one life, numbered from `first`.
void cut_life(const Plan& plan, std::uint64_t number, Tally& tally) {
  const Life life = live(plan.disk, plan.seed + number);
  std::mt19937_64 dice(plan.seed + number);
  const auto points = cut_points(life.journal, dice);
  tally.syncs +=
      static_cast<std::uint64_t>(std::ranges::count_if(life.journal, [](const Step& step) {
        return std::holds_alternative<Sync>(step);
      }));
  PowerCut disk(life.before);
  std::uint64_t acknowledged = 0;
  std::size_t done = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (; done < points[i]; ++done) {
      disk.take(life.journal[done]);
      if (const auto* told = std::get_if<Acknowledged>(&life.journal[done])) {
        acknowledged = told->events;
      }
    }
    const std::uint64_t cut = number * kCutsOfALife + i;
    if (plan.only ? cut != *plan.only : cut >= plan.cuts) continue;
    std::mt19937_64 dice_of_cut(plan.seed ^ (cut + 1) * 0x9E3779B97F4A7C15U);
    ++tally.cuts;
    tally.events += acknowledged;
    const auto what = lost(disk.cut(dice_of_cut), life, acknowledged);
    if (!what) continue;
    ++tally.lost;
    if (plan.says) {
      fmt::print(
          "not ok - cut {}: {}\n    again: --seed {} --cut {}\n", cut, *what, plan.seed, cut
      );
    }
  }
}

Tally cut(const Plan& plan) {
  Tally tally;
  const std::uint64_t lives = (plan.cuts + kCutsOfALife - 1) / kCutsOfALife;
  for (std::uint64_t number = 0; number < lives; ++number) {
    if (!plan.only || *plan.only / kCutsOfALife == number) cut_life(plan, number, tally);
  }
  return tally;
}

// A new ledger gets its name when all of it is on the disk: with nothing left unsynced it is whole.
bool is_whole_before_it_has_a_name() {
  const Folder folder;
  Journal journal;
  {
    RecordingVfs vfs(Disk::honest);
    must(sqlite::create(folder.file(kLedger), "demo"));
    journal = vfs.take();
  }
  PowerCut disk({});
  for (const Step& step : journal) disk.take(step);
  disk.take(SyncFolder{});
  std::mt19937_64 dice(1);
  const Files left = disk.cut(dice);
  return left.size() == 1 && left.begin()->second == promises::read_file(folder.file(kLedger));
}

int run(int count, char** words) {
  Plan plan;
  plan.seed = promises::option(count, words, "--seed", std::random_device{}());
  plan.cuts = promises::option(count, words, "--cuts", 2000);
  fmt::print("seed {}\n", plan.seed);
  if (promises::has_option(count, words, "--cut")) {
    plan.only = promises::option(count, words, "--cut", 0);
    plan.cuts = *plan.only + 1;
    return cut(plan).lost == 0 ? 0 : 1;
  }
  const bool whole = is_whole_before_it_has_a_name();
  fmt::print("{} - a new ledger is synced before it has its name\n", whole ? "ok" : "not ok");
  const Tally honest = cut(plan);
  fmt::print(
      "{} - {} cuts at {} syncs and between lost something {} times\n",
      honest.lost == 0 ? "ok" : "not ok",
      honest.cuts,
      honest.syncs,
      honest.lost
  );
  plan.says = false;
  plan.cuts = std::max<std::uint64_t>(plan.cuts / 20, 50);
  plan.disk = Disk::normal;
  const Tally normal = cut(plan);
  plan.disk = Disk::lying;
  const Tally lying = cut(plan);
  const bool teeth = normal.lost > 0 && lying.lost > 0;
  const std::string control = fmt::format(
      "synchronous=NORMAL lost in {} of {}, a lying sync in {} of {}",
      normal.lost,
      normal.cuts,
      lying.lost,
      lying.cuts
  );
  fmt::print("{} - control: {}\n", teeth ? "ok" : "not ok", control);
  promises::print(
      {"survives power loss",
       fmt::format("{} cuts at {} syncs and between", honest.cuts, honest.syncs),
       fmt::format("{} lost, {} acknowledged events looked for", honest.lost, honest.events),
       control,
       plan.seed}
  );
  return whole && honest.lost == 0 && teeth ? 0 : 1;
}

}  // namespace

}  // namespace hal9::crash

int main(int count, char** words) {
  try {
    return hal9::crash::run(count, words);
  } catch (const std::exception& error) {
    fmt::print("power-loss: {}\n", error.what());
    return 2;
  }
}
