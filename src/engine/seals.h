// The ports that seals need: the ledger's signing key, and the places where seals are kept.
//
// Invariant of every place: a seal that was put stays as it is; putting the same one again is no
// error, another one of the same size and key is. Belongs to one thread.
#pragma once

#include "base/result.h"
#include "engine/lock.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// The folder beside the ledger, or a witness: a folder or a program, out of the ledger's reach.
class SealPlace {
 public:
  virtual ~SealPlace() = default;
  [[nodiscard]] virtual std::string location() const = 0;
  // Every seal, by size, as its bytes stand. None is no error. Errors: those of reading.
  virtual Result<std::vector<std::string>> read() = 0;
  // Durable when it returns. `key` is the id of the (newest) key that signed. Errors: conflict (another
  // seal of this size and key is there), full, read_only, missing, failed.
  virtual Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) = 0;
};

// The folder beside the ledger, which every command looks at.
class OwnSeals : public SealPlace {
 public:
  // The size of the newest by its name, without a look into it; 0: there is none. Errors: as read().
  virtual Result<std::uint64_t> up_to() = 0;
};

// One line a key, the one that signs last: two while they are changed. Secret: only ours to read.
class SealKeys {
 public:
  virtual ~SealKeys() = default;
  [[nodiscard]] virtual std::string location() const = 0;
  virtual Result<std::optional<std::string>> read_secret() = 0;
  virtual Result<void> write_secret(const std::string& lines) = 0;
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
