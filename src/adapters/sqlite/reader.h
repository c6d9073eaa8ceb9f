// The reads of the store port on an open ledger file.
#pragma once

#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/structure.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hal9::sqlite {

// As ledger::Reader says, without the virtual calls: reader and store forward to it.
class Queries {
 public:
  explicit Queries(std::shared_ptr<LedgerFile> file) : file_(std::move(file)) {}

  [[nodiscard]] const std::string& name() const { return file_->name(); }
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
  Result<void> steady(const std::function<Result<void>()>& work);
  Result<std::optional<std::string>> structure_finding();

 private:
  std::shared_ptr<LedgerFile> file_;
  std::unique_ptr<WholeLook> whole_;  // of the steady look that is open, if it was over every row
};

}  // namespace hal9::sqlite
