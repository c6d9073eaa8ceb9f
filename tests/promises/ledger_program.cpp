// A writer and a reader of the real store as processes of their own, for whoever kills them, starves
// them or turns their clock: python and bash start them and compare what they said.
//
//   promise-ledger create FILE
//   promise-ledger write FILE [--writer N] [--from N] [--count N] [--seconds N] [--rate N]
//                             [--batch N] [--size BYTES] [--early] [--stubborn] [--leak]
//       one line for each event that is recorded: ack NUMBER SEQUENCE RECORDED CLOCK (microseconds)
//       --from repeats safely: what is recorded already is acknowledged again, with `again` behind
//       --early   a control: acknowledges before the commit
//       --stubborn   goes on after `locked` instead of ending
//       --leak   a control: forgets a descriptor and some memory with each event
//   promise-ledger check FILE
//       event SEQUENCE WRITER NUMBER for each, then: verified EVENTS, or: finding SEQUENCE WHAT
//   promise-ledger flush FILE [--seconds N] [--late]
//       a second hand on the WAL: brings it into the file again and again, under the ledger's lock
//       --late   waits at the moment where a writer must not be (late_checkpoint.h)
//   promise-ledger hold FILE
//       a reader in one steady look, until it is cut; says `holding`
//
// An error is one line, `error CODE | what | why | state | next`, and exit 1.
#include "adapters/sqlite/lock_file.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/code.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "promises/late_checkpoint.h"
#include "promises/support.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace hal9::promises {

namespace {

using std::chrono::steady_clock;

// As long as the engine's writer waits for another process's transaction.
constexpr std::chrono::milliseconds kWait{1000};

// Of a flusher that is late: long enough for a writer's next transaction, short enough for the others.
constexpr std::chrono::milliseconds kLate{5};

// At once and as a whole: whoever is killed behind it has said it.
void say(const std::string& line) {
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t wrote = ::write(STDOUT_FILENO, line.data() + at, line.size() - at);
    if (wrote < 0) return;
    at += static_cast<std::size_t>(wrote);
  }
}

int refused(const Error& error) {
  say(fmt::format(
      "error {} | {} | {} | {} | {}\n",
      facts_of(error.code).word,
      error.what,
      error.why,
      error.state,
      error.next
  ));
  return 1;
}

struct Work {
  std::uint64_t writer = 1;
  std::uint64_t from = 1;
  std::uint64_t count = 0;
  std::uint64_t rate = 0;  // events a second; 0: as fast as it goes
  std::uint64_t batch = 1;
  std::size_t size = 0;
  bool early = false;
  bool stubborn = false;
  bool leak = false;
  steady_clock::time_point ends;
};

class Writing {
 public:
  Writing(ledger::Store& store, const Work& work) : store_(store), work_(work) {}

  Result<void> run() {
    const auto began = steady_clock::now();
    for (std::uint64_t done = 0; done < work_.count; done += work_.batch) {
      if (work_.rate != 0) {
        std::this_thread::sleep_until(
            began + std::chrono::microseconds(1'000'000 * done / work_.rate)
        );
      }
      if (steady_clock::now() >= work_.ends) break;
      auto wrote = commit(work_.from + done);
      const bool locked = !wrote && wrote.error().code == Code::locked;
      if (!wrote && !(locked && work_.stubborn)) return wrote;
    }
    return {};
  }

 private:
  Result<void> commit(std::uint64_t first) {
    said_.clear();
    auto batch = store_.begin(kWait);
    if (!batch) return pass_on(batch);
    for (std::uint64_t number = first; number < first + work_.batch; ++number) {
      if (auto put = append(**batch, number); !put) return put;
    }
    if (work_.early) say(said_);
    auto done = (*batch)->commit();
    if (done && !work_.early) say(said_);
    return done;
  }

  Result<void> append(ledger::Batch& batch, std::uint64_t number) {
    const CommandId id = command_id(work_.writer, number);
    auto known = batch.find_command(id);
    if (!known) return pass_on(known);
    if (const auto& record = *known) {
      said_ += fmt::format("ack {} {} 0 again\n", number, record->first.value);
      return {};
    }
    const auto now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
    const std::vector<ledger::Draft> drafts{draft_of(work_.writer, number, work_.size)};
    auto events = batch.append(drafts, now, id, sha256("command"));
    if (!events) return pass_on(events);
    const ledger::Event& event = events->front();
    said_ += fmt::format(
        "ack {} {} {} {}\n",
        number,
        event.sequence.value,
        event.recorded.time_since_epoch().count(),
        now.time_since_epoch().count()
    );
    if (work_.leak) leak();
    return {};
  }

  void leak() {
    leaked_.emplace_back(8192, 'x');
    if (leaked_.size() % 64 == 0) descriptors_.push_back(::dup(STDOUT_FILENO));
  }

  ledger::Store& store_;
  const Work& work_;
  std::string said_;  // of the open batch
  std::vector<std::string> leaked_;
  std::vector<int> descriptors_;
};

int write(const std::filesystem::path& file, int count, char** words) {
  constexpr std::uint64_t kForever = 1'000'000'000;
  Work work;
  work.writer = option(count, words, "--writer", 1);
  work.from = option(count, words, "--from", 1);
  work.count = option(count, words, "--count", kForever);
  work.rate = option(count, words, "--rate", 0);
  work.batch = option(count, words, "--batch", 1);
  work.size = option(count, words, "--size", 0);
  work.early = has_option(count, words, "--early");
  work.stubborn = has_option(count, words, "--stubborn");
  work.leak = has_option(count, words, "--leak");
  work.ends =
      steady_clock::now() + std::chrono::seconds(option(count, words, "--seconds", kForever));
  auto store = sqlite::open(file);
  if (!store) return refused(store.error());
  auto done = Writing(**store, work).run();
  return done ? 0 : refused(done.error());
}

int flush(const std::filesystem::path& file, int count, char** words) {
  const auto ends =
      steady_clock::now() + std::chrono::seconds(option(count, words, "--seconds", 1));
  const bool late = has_option(count, words, "--late");
  if (late) be_late(file, kLate);
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // A new connection does not know of the WAL before its first read.
  database.execAndGet("SELECT sequence FROM head");
  std::uint64_t flushed = 0;
  while (steady_clock::now() < ends) {
    if (late) {
      look(database);
      std::this_thread::sleep_for(kLate);  // writers go on behind what it looked at
    }
    auto lock = sqlite::LockFile::acquire(file, kWait);
    if (!lock) continue;
    flushed += sqlite3_wal_checkpoint(database.getHandle(), nullptr) == SQLITE_OK ? 1 : 0;
  }
  say(fmt::format("flushed {}\n", flushed));
  return 0;
}

int check(const std::filesystem::path& file) {
  auto reader = sqlite::open_to_read(file);
  if (!reader) return refused(reader.error());
  std::string said;
  auto verified = ledger::verify(**reader, [&](const ledger::Event& event, std::string_view) {
    const Origin origin = origin_of(event.draft.causation.value_or(CommandId{}));
    said += fmt::format("event {} {} {}\n", event.sequence.value, origin.writer, origin.number);
  });
  say(said);
  if (!verified) return refused(verified.error());
  if (const auto& finding = verified->finding) {
    say(fmt::format("finding {} {}\n", finding->sequence.value, finding->what));
    return 1;
  }
  say(fmt::format("verified {}\n", verified->events));
  return 0;
}

// Looks again and again: it ends when it is cut, or killed.
int hold(const std::filesystem::path& file) {
  auto reader = sqlite::open_to_read(file);
  if (!reader) return refused(reader.error());
  say("holding\n");
  auto held = (*reader)->steady([&]() -> Result<void> {
    for (;;) {
      auto looked = (*reader)->scan({}, [](ledger::Sequence, std::string_view) { return true; });
      if (!looked) return looked;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  });
  return held ? 0 : refused(held.error());
}

int run(int count, char** words) {
  const std::string_view verb = count > 2 ? words[1] : "";
  if (verb == "create") {
    auto made = sqlite::create(words[2], "demo");
    return made ? 0 : refused(made.error());
  }
  if (verb == "write") return write(words[2], count, words);
  if (verb == "flush") return flush(words[2], count, words);
  if (verb == "check") return check(words[2]);
  if (verb == "hold") return hold(words[2]);
  say("usage: promise-ledger create|write|flush|check|hold FILE\n");
  return 2;
}

}  // namespace

}  // namespace hal9::promises

int main(int count, char** words) {
  try {
    return hal9::promises::run(count, words);
  } catch (const std::exception& error) {
    fmt::print("promise-ledger: {}\n", error.what());
    return 2;
  }
}
