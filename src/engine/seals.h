// The ports that seals need: the ledger's signing key, and the places where seals are kept.
//
// Invariant of every place: a seal that was put stays as it is; putting the same one again is no
// error, another one of the same size and key is. Belongs to one thread.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "engine/lock.h"
#include "ledger/note.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// What lies at a place where its seals are, whoever has put it there.
struct KeptFile {
  std::string name;     // empty: a program printed it, which says none
  std::string bytes;    // as they stand
  std::string problem;  // why it could not be read; empty: it could
};

// The folder beside the ledger, or a witness: a folder or a program, out of the ledger's reach.
class SealPlace {
 public:
  virtual ~SealPlace() = default;
  [[nodiscard]] virtual std::string location() const = 0;
  // Every one, by name. None is no error. Errors: those of reading the place.
  virtual Result<std::vector<KeptFile>> read() = 0;
  // Durable when it returns. `key` is the id of the (newest) key that signed. Errors: conflict (another
  // seal of this size and key is there), full, read_only, missing, failed.
  virtual Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) = 0;
};

// The folder beside the ledger, which every command looks at.
class OwnSeals : public SealPlace {
 public:
  // The head in the newest that is what its name says, whoever signed it: a name alone says nothing.
  // Absent: there is none. Errors: as read().
  virtual Result<std::optional<ledger::TreeHead>> newest() = 0;
  // When one was last to be made by itself and was not; absent: since then one was, or never.
  virtual std::optional<Time> tried() = 0;
  // Errors: as put(), but conflict.
  virtual Result<void> set_tried(std::optional<Time> when) = 0;
};

// One line a key, the one that signs last: two while they are changed. Secret: only ours to read.
class SealKeys {
 public:
  virtual ~SealKeys() = default;
  [[nodiscard]] virtual std::string location() const = 0;
  virtual Result<std::optional<std::string>> read_secret() = 0;
  virtual Result<void> write_secret(const std::string& lines) = 0;
  [[nodiscard]] virtual std::string first_location() const = 0;
  // The first key of the ledger, a verifier; written once.
  virtual Result<std::optional<std::string>> read_first() = 0;
  virtual Result<void> write_first(const std::string& verifier) = 0;
};

struct SealPorts {
  std::unique_ptr<SealKeys> keys;
  std::unique_ptr<OwnSeals> own;                      // beside the ledger
  std::vector<std::unique_ptr<SealPlace>> witnesses;  // as configured; may be none
  std::unique_ptr<Lock> lock;                         // held while one is made
};

}  // namespace hal9::engine
