#include "promises/support.h"

#include "base/id.h"
#include "base/time.h"
#include "ledger/line.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <stdlib.h>

namespace hal9::promises {

namespace {

constexpr std::size_t kNumberBytes = 6;

// The shape of an id, two numbers in it: `writer` in bytes 1 to 5, `number` in the last six.
Bytes16 numbered(std::uint8_t kind, std::uint64_t writer, std::uint64_t number) {
  Bytes16 bytes{};
  bytes[0] = kind;
  bytes[6] = 0x70;
  bytes[8] = 0x80;
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[4 - i] = static_cast<std::uint8_t>(writer >> (8 * i) & 0xFFU);
  }
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xFFU);
  }
  return bytes;
}

}  // namespace

Folder::Folder() {
  std::error_code error;
  const bool memory = std::filesystem::is_directory("/dev/shm", error);
  const std::filesystem::path above = memory ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::string name = (above / "hal9-promise-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

CommandId command_id(std::uint64_t writer, std::uint64_t number) {
  return {numbered(1, writer, number)};
}

Origin origin_of(const CommandId& id) {
  Origin origin;
  for (std::size_t i = 1; i <= 4; ++i) origin.writer = origin.writer << 8U | id.bytes.at(i);
  for (std::size_t i = 16 - kNumberBytes; i < 16; ++i) {
    origin.number = origin.number << 8U | id.bytes.at(i);
  }
  return origin;
}

ledger::Draft draft_of(std::uint64_t writer, std::uint64_t number, std::size_t size) {
  constexpr Time kNoon{std::chrono::seconds{1785585600}};  // 2026-08-01T12:00:00Z
  ledger::Draft draft;
  draft.id = EventId{numbered(2, writer, number)};
  draft.type = "hal9.traffic.observed.v1";
  draft.subject = "eu-west-1.protocol";
  draft.time = kNoon;
  draft.author = {"user", fmt::format("os:writer-{}", writer), "operator", "cli"};
  draft.correlation = CorrelationId{numbered(3, writer, number)};
  draft.causation = command_id(writer, number);
  draft.data = fmt::format(R"({{"number":{},"text":"{}"}})", number, std::string(size, 'x'));
  return draft;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::uint64_t option(int count, char** words, std::string_view name, std::uint64_t otherwise) {
  for (int i = 1; i + 1 < count; ++i) {
    if (words[i] == name) return std::stoull(words[i + 1]);
  }
  return otherwise;
}

bool has_option(int count, char** words, std::string_view name) {
  for (int i = 1; i < count; ++i) {
    if (words[i] == name) return true;
  }
  return false;
}

void print(const Summary& summary) {
  fmt::print(
      "summary | {} | {} | {} | {} | {} |\n",
      summary.promise,
      summary.done,
      summary.result,
      summary.control,
      summary.seed
  );
  static_cast<void>(std::fflush(stdout));
}

}  // namespace hal9::promises
