// The spool port: where a lowering writes its command when the ledger cannot take it. Facts in the
// past tense with ids fixed when they were written; taken in once, in order, by the next mutation.
//
// One JSON line a command (migration/codec.h), synced before append() returns; the file is made and
// preallocated by `init`, so that a full disk does not stop an emergency's record.
#pragma once

#include "base/result.h"
#include "migration/commands.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hal9::engine {

struct Spooled {
  std::vector<migration::Command> commands;
  std::vector<std::string> unreadable;  // lines as they stand
  std::uint64_t bytes = 0;              // how far it was read: remove() forgets exactly these
  std::string unread;  // what waits where we may not read it, in a sentence; empty: nothing does
};

class Spool {
 public:
  virtual ~Spool() = default;
  virtual Result<void> append(const migration::Command& command) = 0;
  virtual Result<Spooled> read() = 0;
  // Forgets what was read, after the ledger holds it; lines appended since stay.
  virtual Result<void> remove(const Spooled& taken) = 0;
  [[nodiscard]] virtual std::string location() const = 0;
};

}  // namespace hal9::engine
