#include "adapters/sqlite/reader.h"

#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/filter.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/read_ahead.h"
#include "adapters/sqlite/read_limit.h"
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/scan.h"
#include "adapters/sqlite/structure.h"
#include "adapters/sqlite/transaction.h"
#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;

constexpr const char* kCannotRead = "the ledger cannot be read";

tl::unexpected<Error> too_long(LedgerFile& file) {
  return fail(
      Code::failed,
      file.watch() != nullptr ? file.watch()->why() : "the reading was interrupted",
      "what is written behind a reader cannot be brought into the file, whose log grows without "
      "end",
      "the reading was ended; nothing was changed",
      "hal9-migrate ledger backup " + escape_shell(file.path().string() + ".copy")
  );
}

// Runs a read; what SQLite throws becomes an error.
template <class Work>
auto reading(LedgerFile& file, const Work& work) -> decltype(work()) {
  const OpenRead open(file.watch());
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_INTERRUPT) return too_long(file);
    return explain(error, file.path(), kCannotRead);
  }
}

tl::unexpected<Error> damaged(const LedgerFile& file, std::string why) {
  return fail(
      Code::damaged,
      std::string(kCannotRead) + ": " + file.path().string(),
      std::move(why),
      "nothing was changed",
      "hal9-migrate ledger verify"
  );
}

bool is_steady(LedgerFile& file) {
  return sqlite3_get_autocommit(file.database().getHandle()) == 0;
}

// The columns id, digest, first, count; nothing for a record that cannot be.
std::optional<CommandRecord> record_of(const Scan& row) {
  CommandRecord record;
  const std::string_view id = row.bytes(0);
  const std::string_view digest = row.bytes(1);
  const std::int64_t first = row.integer(2);
  const std::int64_t count = row.integer(3);
  if (id.size() != record.id.bytes.size() || digest.size() != record.digest.size()) return {};
  if (first < 0 || count < 0) return {};
  std::memcpy(record.id.bytes.data(), id.data(), id.size());
  std::memcpy(record.digest.data(), digest.data(), digest.size());
  record.first.value = static_cast<std::uint64_t>(first);
  record.count = static_cast<std::uint64_t>(count);
  return record;
}

std::int64_t as_row(std::uint64_t value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(value, kMost));
}

Sequence as_sequence(const SQLite::Column& column) {
  return {static_cast<std::uint64_t>(column.getInt64())};
}

Sequence last_at_or_before(LedgerFile& file, Time recorded) {
  auto last = file.prepared("SELECT coalesce(max(sequence), 0) FROM event");
  last->executeStep();
  std::int64_t low = 0;  // recorded(low) <= time holds, with recorded(0) before everything
  std::int64_t high = last->getColumn(0).getInt64() + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    auto row = file.prepared("SELECT recorded FROM event WHERE sequence = ?");
    row->bind(1, middle);
    const bool before = row->executeStep() && row->getColumn(0).getInt64() <= to_micros(recorded);
    (before ? low : high) = middle;
  }
  return {static_cast<std::uint64_t>(low)};
}

}  // namespace

Result<Head> Queries::head() {
  return reading(*file_, [&] { return file_->read_head(); });
}

Result<void> Queries::scan(const Filter& filter, const LineVisitor& visit) {
  return reading(*file_, [&]() -> Result<void> {
    Filter bounded = filter;
    if (filter.recorded_from) {
      const Sequence before = last_at_or_before(*file_, *filter.recorded_from - Micros{1});
      const Sequence first{before.value + 1};
      bounded.from = std::max(filter.from.value_or(first), first);
    }
    if (filter.recorded_to) {
      const Sequence last = last_at_or_before(*file_, *filter.recorded_to);
      bounded.to = std::min(filter.to.value_or(last), last);
    }
    auto rows = select(*file_, bounded);
    if (!rows) return {};
    read_ahead(
        file_->database(),
        [&](RowBlock& block) {
          if (!rows->step()) return false;
          block.add({static_cast<std::uint64_t>(rows->integer(0))}, rows->bytes(1));
          return true;
        },
        [&](Sequence sequence, std::string_view line, const Columns&) {
          return visit(sequence, line);
        }
    );
    return {};
  });
}

Result<void> Queries::scan_rows(Sequence from, const RowVisitor& visit) {
  return reading(*file_, [&]() -> Result<void> {
    // Outside of a steady look the next read may see other rows.
    const bool whole = from.value <= 1 && is_steady(*file_);
    whole_ = whole ? std::make_unique<WholeLook>(*file_) : nullptr;
    Rows rows(file_->database(), as_row(from.value), whole ? &whole_->indexes : nullptr);
    bool ended = false;
    read_ahead(
        file_->database(),
        [&](RowBlock& block) {
          ended = !rows.next(block);
          return !ended;
        },
        visit
    );
    if (!ended) whole_.reset();
    return {};
  });
}

Result<Sequence> Queries::sequence_at(Time recorded) {
  return reading(*file_, [&]() -> Result<Sequence> { return last_at_or_before(*file_, recorded); });
}

Result<std::optional<CommandRecord>> Queries::find_command(CommandId id) {
  return reading(*file_, [&]() -> Result<std::optional<CommandRecord>> {
    return file_->find_command(id);
  });
}

Result<void> Queries::scan_commands(const std::function<bool(const CommandRecord&)>& visit) {
  return reading(*file_, [&]() -> Result<void> {
    Scan rows(file_->database(), "SELECT id, digest, first, count FROM command ORDER BY id");
    const HeldConnection held(file_->database());
    std::optional<CommandId> before;
    bool in_order = true;
    while (rows.step()) {
      const auto record = record_of(rows);
      if (!record) return damaged(*file_, "a command's record is not as it has to be");
      if (!visit(*record)) return {};
      in_order = in_order && (!before || *before < record->id);
      before = record->id;
    }
    if (whole_) whole_->commands_in_order = in_order;
    return {};
  });
}

Result<std::optional<Snapshot>> Queries::snapshot_before(std::string_view fold, Sequence at) {
  return reading(*file_, [&]() -> Result<std::optional<Snapshot>> {
    auto row = file_->prepared(
        "SELECT sequence, fold, state FROM snapshot WHERE fold = ? AND sequence <= ? "
        "ORDER BY sequence DESC LIMIT 1"
    );
    row->bind(1, std::string(fold));
    row->bind(2, as_row(at.value));
    if (!row->executeStep()) return std::optional<Snapshot>();
    return std::optional(Snapshot{
        as_sequence(row->getColumn(0)),
        std::string(text_of(row->getColumn(1))),
        std::string(text_of(row->getColumn(2)))
    });
  });
}

Result<void> Queries::scan_snapshots(const std::function<bool(const Snapshot&)>& visit) {
  return reading(*file_, [&]() -> Result<void> {
    SQLite::Statement rows(
        file_->database(), "SELECT sequence, fold, state FROM snapshot ORDER BY fold, sequence"
    );
    while (rows.executeStep()) {
      const Snapshot snapshot{
          as_sequence(rows.getColumn(0)),
          std::string(text_of(rows.getColumn(1))),
          std::string(text_of(rows.getColumn(2)))
      };
      if (!visit(snapshot)) break;
    }
    return {};
  });
}

Result<Digest> Queries::node(std::uint32_t level, std::uint64_t index) {
  return reading(*file_, [&]() -> Result<Digest> {
    if (level >= kStoredLevel) {
      auto row = file_->prepared("SELECT digest FROM node WHERE level = ? AND place = ?");
      row->bind(1, level);
      row->bind(2, as_row(index));
      if (!row->executeStep()) return fail(Code::usage, "there is no such subtree");
      const auto digest = digest_of(row->getColumn(0));
      if (!digest) return damaged(*file_, "an interior node is not as it has to be");
      return *digest;
    }
    const std::uint64_t size = std::uint64_t{1} << level;
    Frontier frontier;
    SQLite::Statement rows(
        file_->database(), "SELECT line FROM event WHERE sequence BETWEEN ? AND ? ORDER BY sequence"
    );
    rows.bind(1, as_row(index * size + 1));
    rows.bind(2, as_row(index * size + size));
    while (rows.executeStep()) frontier.append(leaf_hash(text_of(rows.getColumn(0))));
    if (frontier.size() != size) return fail(Code::usage, "there is no such subtree");
    return frontier.root();
  });
}

Result<void> Queries::scan_nodes(const std::function<bool(const Node&)>& visit) {
  return reading(*file_, [&]() -> Result<void> {
    SQLite::Statement rows(
        file_->database(), "SELECT level, place, digest FROM node ORDER BY level, place"
    );
    while (rows.executeStep()) {
      const auto digest = digest_of(rows.getColumn(2));
      if (!digest) return damaged(*file_, "an interior node is not as it has to be");
      const Node node{rows.getColumn(0).getUInt(), as_sequence(rows.getColumn(1)).value, *digest};
      if (!visit(node)) break;
    }
    return {};
  });
}

Result<void> Queries::steady(const std::function<Result<void>()>& work) {
  return reading(*file_, [&]() -> Result<void> {
    whole_.reset();
    const SteadyLook look(file_->database());
    auto done = work();
    whole_.reset();
    return done;
  });
}

Result<std::optional<std::string>> Queries::structure_finding() {
  return reading(*file_, [&]() -> Result<std::optional<std::string>> {
    const std::unique_ptr<WholeLook> whole = std::move(whole_);
    return sqlite::structure_finding(*file_, is_steady(*file_) ? whole.get() : nullptr);
  });
}

}  // namespace hal9::sqlite
