// Everything that a reader asks of a ledger's file. Exceptions of SQLite end here.
#pragma once

#include "adapters/sqlite/connection.h"
#include "base/result.h"
#include "ledger/store.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::sqlite {

// What `term.kind` says.
enum class TermKind { type = 1, subject = 2, actor = 3 };

class Queries {
 public:
  explicit Queries(Connection& connection) : connection_(connection) {}

  Result<std::string> name();
  Result<ledger::Head> head();
  Result<void> scan(const ledger::Filter& filter, const ledger::LineVisitor& visit);
  Result<void> scan_rows(ledger::Sequence from, const ledger::RowVisitor& visit);
  Result<ledger::Sequence> sequence_at(Time recorded);
  Result<std::optional<ledger::CommandRecord>> find_command(CommandId id);
  Result<void> scan_commands(const std::function<bool(const ledger::CommandRecord&)>& visit);
  Result<std::optional<ledger::Snapshot>> snapshot_before(
      std::string_view fold, ledger::Sequence at
  );
  Result<void> scan_snapshots(const std::function<bool(const ledger::Snapshot&)>& visit);
  Result<Digest> node(std::uint32_t level, std::uint64_t index);
  Result<void> scan_nodes(const std::function<bool(const ledger::Node&)>& visit);

 private:
  // Runs `ask`, turning what SQLite throws into an error about reading.
  template <class T>
  Result<T> reading(const std::function<Result<T>()>& ask);
  Time recorded_of(ledger::Sequence sequence);
  SQLite::Database& database() { return *connection_.database; }

  Connection& connection_;
};

}  // namespace hal9::sqlite
