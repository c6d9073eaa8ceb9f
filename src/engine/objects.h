// The port of objects: what is too long for a line, or must be forgettable, kept beside the ledger.
//
// Invariants of every implementation:
// - An object's name is made of its content and of a key of the place: the same bytes twice are one
//   object, and whoever lacks the key learns nothing from a name, nor can try texts against it.
// - What was put is durable when put() returns, before any event names it.
// - An object is never changed. What is read is compared with its name; nothing else is handed out.
// - Nothing is made in the place until the first object is put.
// Several processes may use one place at a time. A value belongs to one thread.
#pragma once

#include "base/result.h"
#include "base/sha256.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::engine {

struct ObjectName {
  Digest value{};
  auto operator<=>(const ObjectName&) const = default;
  [[nodiscard]] std::string text() const { return to_hex(value); }
};

inline constexpr std::size_t kMaxObjectBytes = 16UL << 20U;

class Objects {
 public:
  virtual ~Objects() = default;
  [[nodiscard]] virtual std::string location() const = 0;
  // One that is there is kept; one that is there and damaged is written anew. Errors: usage (more
  // than kMaxObjectBytes), full (also where the ledger would be left too little room), read_only,
  // missing (the key of objects that are there), not_authorised (the key is not trusted), failed.
  virtual Result<ObjectName> put(std::string_view content) = 0;
  // Errors: missing, damaged (it is not what its name says, or longer than `most`), read_only,
  // not_authorised, failed (it cannot be read).
  virtual Result<std::string> get(const ObjectName& name, std::size_t most = kMaxObjectBytes) = 0;
  // Reads all of it again and compares; the content's bytes. Errors: as get().
  virtual Result<std::uint64_t> check(const ObjectName& name) = 0;
  // Whether the place is there at all; it is made by the first that is put.
  [[nodiscard]] virtual bool exists() const = 0;
  // By name; what has no object's name is passed over. Errors: read_only, failed.
  virtual Result<std::vector<ObjectName>> list() = 0;
};

}  // namespace hal9::engine
