#include "conformance/store/store_support.h"

#include "adapters/memory/memory_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/id.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/json_schema.h"
#include "migration/valid_lines.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <stdlib.h>

namespace hal9::ledger {

namespace {

using migration::test::check_envelope;
using migration::test::expect_valid_lines;

class SqlitePlace : public Place {
 public:
  SqlitePlace() { must(sqlite::create(folder_.file(), "demo")); }
  SqlitePlace(const SqlitePlace&) = delete;
  SqlitePlace& operator=(const SqlitePlace&) = delete;
  ~SqlitePlace() override {
    expect_valid_lines(*must(sqlite::open_to_read(folder_.file())), check_envelope);
  }
  std::unique_ptr<Store> store() override { return must(sqlite::open(folder_.file())); }
  std::unique_ptr<Reader> reader() override { return must(sqlite::open_to_read(folder_.file())); }

 private:
  Folder folder_;
};

class MemoryPlace : public Place {
 public:
  MemoryPlace() = default;
  MemoryPlace(const MemoryPlace&) = delete;
  MemoryPlace& operator=(const MemoryPlace&) = delete;
  ~MemoryPlace() override { expect_valid_lines(*first_, check_envelope); }
  std::unique_ptr<Store> store() override { return memory::share(*first_); }
  std::unique_ptr<Reader> reader() override { return memory::share(*first_); }

 private:
  std::unique_ptr<Store> first_ = memory::make_store("demo");
};

Bytes16 numbered(std::uint8_t kind, std::uint64_t number) {
  Bytes16 bytes{};
  bytes[0] = kind;
  bytes[6] = 0x70;
  bytes[8] = 0x80;
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xFFU);
  }
  return bytes;
}

void expect_fit(const std::vector<Event>& events) {
  for (const Event& event : events) EXPECT_EQ(check_envelope(encode(event)), "");
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "hal9-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<Place> sqlite_place() {
  return std::make_unique<SqlitePlace>();
}
std::unique_ptr<Place> memory_place() {
  return std::make_unique<MemoryPlace>();
}

CommandId command_id(std::uint64_t number) {
  return {numbered(1, number)};
}
EventId event_id(std::uint64_t number) {
  return {numbered(2, number)};
}
CorrelationId correlation_id(std::uint64_t number) {
  return {numbered(3, number)};
}

Draft draft_of(std::uint64_t number) {
  Draft draft;
  draft.id = event_id(number);
  draft.type = "hal9.traffic.observed.v1";
  draft.subject = "eu-west-1.protocol";
  draft.time = kNoon;
  draft.author = {"user", "os:alice", "operator", "cli"};
  draft.correlation = correlation_id(number);
  draft.causation = command_id(number);
  draft.data = fmt::format(R"({{"number":{}}})", number);
  return draft;
}

std::vector<Event> append(
    Store& store, std::uint64_t command, std::vector<Draft> drafts, Time now
) {
  for (Draft& draft : drafts) draft.causation = command_id(command);
  auto batch = must(store.begin(kNoWait));
  auto events = must(batch->append(drafts, now, command_id(command), sha256("command")));
  must(batch->commit());
  expect_fit(events);
  return events;
}

void append_many(Store& store, std::uint64_t first, std::uint64_t count) {
  auto batch = must(store.begin(milliseconds{10000}));
  for (std::uint64_t number = first; number < first + count; ++number) {
    const std::vector<Draft> drafts{draft_of(number)};
    expect_fit(must(batch->append(drafts, kNoon, command_id(number), sha256("command"))));
  }
  must(batch->commit());
}

std::vector<std::string> lines_of(Reader& reader, const Filter& filter) {
  std::vector<std::string> lines;
  must(reader.scan(filter, [&](Sequence, std::string_view line) {
    lines.emplace_back(line);
    return true;
  }));
  return lines;
}

std::vector<std::uint64_t> sequences_of(Reader& reader, const Filter& filter) {
  std::vector<std::uint64_t> sequences;
  must(reader.scan(filter, [&](Sequence sequence, std::string_view) {
    sequences.push_back(sequence.value);
    return true;
  }));
  return sequences;
}

const std::vector<Kind>& every_kind() {
  static const std::vector<Kind> kKinds{{"Sqlite", sqlite_place}, {"Memory", memory_place}};
  return kKinds;
}

}  // namespace hal9::ledger
