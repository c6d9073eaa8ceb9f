#include "adapters/sqlite/ledger_file.h"

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

namespace hal9::sqlite {

namespace {

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> fixed(const SQLite::Column& column) {
  const void* bytes = column.getBlob();
  if (bytes == nullptr || column.getBytes() != static_cast<int>(N)) return {};
  std::array<std::uint8_t, N> value{};
  std::memcpy(value.data(), bytes, N);
  return value;
}

std::vector<Digest> split_frontier(std::string_view bytes) {
  std::vector<Digest> digests(bytes.size() / sizeof(Digest));
  for (std::size_t i = 0; i < digests.size(); ++i) {
    std::memcpy(digests[i].data(), bytes.data() + i * sizeof(Digest), sizeof(Digest));
  }
  return digests;
}

}  // namespace

std::optional<Digest> digest_of(const SQLite::Column& column) {
  return fixed<sizeof(Digest)>(column);
}

std::optional<Bytes16> bytes16_of(const SQLite::Column& column) {
  return fixed<sizeof(Bytes16)>(column);
}

std::string_view text_of(const SQLite::Column& column) {
  const void* bytes = column.getBlob();
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(column.getBytes())};
}

std::optional<ledger::CommandRecord> command_of(SQLite::Statement& row) {
  const auto id = bytes16_of(row.getColumn(0));
  const auto digest = digest_of(row.getColumn(1));
  const std::int64_t first = row.getColumn(2).getInt64();
  const std::int64_t count = row.getColumn(3).getInt64();
  if (!id || !digest || first < 0 || count < 0) return {};
  return ledger::CommandRecord{
      CommandId{*id},
      *digest,
      ledger::Sequence{static_cast<std::uint64_t>(first)},
      static_cast<std::uint64_t>(count)
  };
}

Lease LedgerFile::prepared(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) statement = std::make_unique<SQLite::Statement>(database(), sql);
  return Lease(*statement);
}

std::optional<std::int64_t> LedgerFile::code_of(Kind kind, const std::string& text) {
  Codes& codes = codes_of(kind);
  if (const auto known = codes.find(text); known != codes.end()) return known->second;
  auto find = prepared("SELECT code FROM term WHERE kind = ? AND text = ?");
  find->bind(1, static_cast<int>(kind));
  find->bind(2, text);
  if (!find->executeStep()) return {};
  return codes[text] = find->getColumn(0).getInt64();
}

std::int64_t LedgerFile::code_for(Kind kind, const std::string& text) {
  if (const auto known = code_of(kind, text)) return *known;
  auto add = prepared("INSERT INTO term (kind, text) VALUES (?, ?)");
  add->bind(1, static_cast<int>(kind));
  add->bind(2, text);
  add->exec();
  fresh_.push_back({kind, text});
  return codes_of(kind)[text] = database().getLastInsertRowid();
}

void LedgerFile::drop_codes() {
  for (const Term& term : fresh_) codes_of(term.kind).erase(term.text);
  fresh_.clear();
}

Result<ledger::Head> LedgerFile::read_head() {
  auto row = prepared("SELECT sequence, root, frontier, recorded, least_reader FROM head");
  const auto damaged = [this](const char* why) {
    return fail(
        Code::damaged,
        "the head of the ledger cannot be read: " + path().string(),
        why,
        "nothing was recorded",
        "hal9-migrate ledger verify"
    );
  };
  if (!row->executeStep()) return damaged("it is missing");
  const std::int64_t sequence = row->getColumn(0).getInt64();
  const auto root = digest_of(row->getColumn(1));
  if (sequence < 0 || !root) return damaged("it is not as it has to be");
  ledger::Head head;
  head.sequence.value = static_cast<std::uint64_t>(sequence);
  head.root = *root;
  auto frontier =
      ledger::Frontier::restore(head.sequence.value, split_frontier(text_of(row->getColumn(2))));
  if (!frontier) return damaged("its frontier does not fit its sequence");
  head.frontier = std::move(*frontier);
  head.recorded = from_micros(row->getColumn(3).getInt64());
  head.least_reader = row->getColumn(4).getUInt();
  return head;
}

std::optional<ledger::CommandRecord> LedgerFile::find_command(const CommandId& id) {
  auto find = prepared("SELECT id, digest, first, count FROM command WHERE id = ?");
  find->bind(1, id.bytes.data(), static_cast<int>(id.bytes.size()));
  if (!find->executeStep()) return {};
  return command_of(*find);
}

}  // namespace hal9::sqlite
