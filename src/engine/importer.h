// The lines of an export into an empty ledger, byte for byte: what comes of it has the export's root,
// or it is not made.
//
// A command record is made again from the events that name the command; what the command said beyond
// them is not in an export, so that the same command again is refused (Code::repeated) and never
// carried out twice.
#pragma once

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hal9::engine {

class Importer {
 public:
  // `store` is empty, and nobody else writes to it.
  explicit Importer(ledger::Store& store) : store_(store) {}

  // The next line, without its line feed. Errors (damaged): not in the grammar, redacted, in another
  // place than its own, of a command whose events do not stand together; those of the store.
  Result<void> take(std::string_view line);
  // After the last one.
  Result<void> finish();

 private:
  Result<void> put_command();
  Result<void> commit();

  ledger::Store& store_;
  std::unique_ptr<ledger::Batch> batch_;
  std::vector<ledger::Event> command_;  // events of the command that is being read
  std::uint64_t lines_ = 0;
  std::uint64_t command_begins_ = 0;  // the line
  std::size_t in_batch_ = 0;
};

}  // namespace hal9::engine
