// What the suites of the store port share: ledgers of each kind, drafts, short ways to append.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {

using std::chrono::milliseconds;

inline constexpr milliseconds kNoWait{0};
inline const Time kNoon{std::chrono::seconds{1785585600}};  // 2026-08-01T12:00:00Z

// A folder of its own, gone with everything in it at the end of the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::filesystem::path file(const std::string& name = "hal9.db") const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An empty ledger named "demo" that stores can be opened on.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<Store> store() = 0;
  virtual std::unique_ptr<Reader> reader() = 0;
};
std::unique_ptr<Place> sqlite_place();
std::unique_ptr<Place> memory_place();

// Ids that differ by `number` alone.
CommandId command_id(std::uint64_t number);
EventId event_id(std::uint64_t number);
CorrelationId correlation_id(std::uint64_t number);

// A draft that encodes; it belongs to command `number`.
Draft draft_of(std::uint64_t number);

// What a test expects to succeed; a failure ends the test with the error's sentences.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
  return std::move(*result);
}
inline void must(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
}

// One command, one transaction.
std::vector<Event> append(Store& store, std::uint64_t command, std::vector<Draft> drafts, Time now);
// `count` commands of one event each, numbered from `first`.
void append_many(Store& store, std::uint64_t first, std::uint64_t count);

std::vector<std::string> lines_of(Reader& reader, const Filter& filter = {});
std::vector<std::uint64_t> sequences_of(Reader& reader, const Filter& filter = {});

// The suite, once for each kind of store.
struct Kind {
  std::string name;
  std::unique_ptr<Place> (*make)();
};
class StoreSuite : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Place> place_ = GetParam().make();
};
const std::vector<Kind>& every_kind();
inline std::string kind_name(const testing::TestParamInfo<Kind>& info) {
  return info.param.name;
}

}  // namespace hal9::ledger
