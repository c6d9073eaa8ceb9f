// What is too long for a line: kept whole beside the ledger, and named in it.
#pragma once

#include "base/sha256.h"

#include <cstdint>
#include <string>

namespace hal9::migration {

// Which text of a command it is; the words are FROZEN. output: of a hook.
enum class ObjectOf : std::uint8_t { reason, annotation, output };

struct ObjectKept {
  Digest object{};          // its name: says nothing to whoever lacks the key of the place
  std::uint64_t bytes = 0;  // of the whole text
  ObjectOf of = ObjectOf::reason;
  bool operator==(const ObjectKept&) const = default;
};  // hal9.object.kept.v1

std::string to_text(ObjectOf of);

}  // namespace hal9::migration
