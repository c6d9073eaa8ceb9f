#include "adapters/sqlite/rows.h"

#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/read_ahead.h"
#include "base/id.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

namespace {

// A ledger has a few dozen terms; a hostile one must not fill the memory.
constexpr std::size_t kTermsKept = 4096;

// A sound one has one. Those beyond cover nothing, and their number tells.
constexpr std::size_t kBeginsKept = 16;

// Of a code that is no term of its kind: no line has it, so that it differs from a line without one.
constexpr const char* kNoSuchTerm = "\n";

}  // namespace

Rows::Rows(SQLite::Database& database, std::int64_t from)
    : events_(
          database,
          "SELECT sequence, line, type, subject, actor, recorded, correlation FROM event "
          "WHERE sequence >= ? ORDER BY sequence"
      ),
      commands_(
          database,
          "SELECT id, digest, first, count FROM command WHERE first >= ? AND count > 0 "
          "ORDER BY first, id"
      ),
      term_(database, "SELECT kind, text FROM term WHERE code = ?") {
  events_.bind(1, from);
  commands_.bind(1, from);
  step_commands();
}

bool Rows::next(RowBlock& block) {
  if (!events_.executeStep()) return false;
  const std::int64_t sequence = events_.getColumn(0).getInt64();
  const std::string_view line = text_of(events_.getColumn(1));
  auto& columns = block.add({static_cast<std::uint64_t>(sequence)}, line);
  columns.type = text_of_term(events_.getColumn(2), Kind::type);
  columns.subject = text_of_term(events_.getColumn(3), Kind::subject);
  columns.actor = text_of_term(events_.getColumn(4), Kind::actor);
  columns.recorded = from_micros(events_.getColumn(5).getInt64());
  columns.correlation.bytes = bytes16_of(events_.getColumn(6)).value_or(Bytes16{});
  columns.leaf = ledger::leaf_hash(line);
  take_commands(sequence, columns);
  return true;
}

const std::string& Rows::text_of_term(const SQLite::Column& code, Kind kind) {
  static const std::string kNone;
  static const std::string kWrong = kNoSuchTerm;
  if (code.isNull()) return kNone;
  const std::int64_t number = code.getInt64();
  auto known = terms_.find(number);
  if (known == terms_.end()) {
    if (terms_.size() >= kTermsKept) terms_.clear();
    known = terms_.emplace(number, Term{}).first;
    term_.reset();
    term_.bind(1, number);
    if (term_.executeStep()) {
      known->second = {term_.getColumn(0).getInt(), std::string(text_of(term_.getColumn(1)))};
    }
  }
  return known->second.kind == static_cast<int>(kind) ? known->second.text : kWrong;
}

void Rows::take_commands(std::int64_t sequence, ledger::Columns& columns) {
  columns.begins.clear();
  const auto here = static_cast<std::uint64_t>(sequence);
  // Those of sequences without a row are passed over.
  while (command_ && command_->first.value <= here) {
    const bool room = columns.begins.size() < kBeginsKept;
    if (command_->first.value == here && room) columns.begins.push_back(*command_);
    step_commands();
  }
}

// A record that cannot be one covers nothing; scan_commands says that it is there.
void Rows::step_commands() {
  command_.reset();
  while (!command_ && commands_.executeStep()) command_ = command_of(commands_);
}

}  // namespace hal9::sqlite
