// The seals that are kept, read and judged: what each place holds, by which keys, and whether the
// ledger is what they say. Used by sealing and by verify.
#pragma once

#include "base/result.h"
#include "base/sha256.h"
#include "engine/seals.h"
#include "engine/views.h"
#include "ledger/seal.h"
#include "ledger/store.h"
#include "ledger/verify.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::engine {

struct KeptPlace {
  SealPlace* place = nullptr;
  bool witness = false;
  std::vector<ledger::Seal> seals;  // those that are signed as they have to be, by size
  std::string problem;              // why it could not be read
  std::vector<std::string> strays;  // files that are not what their names say, and what each is
};

struct KeptSeals {
  std::optional<ledger::KeyChain> keys;    // absent: nothing was sealed yet
  std::vector<KeptPlace> places;           // the folder beside the ledger first
  std::optional<ledger::Finding> finding;  // a seal that nobody of this ledger has signed

  [[nodiscard]] const ledger::KeyChain* chain() const { return keys ? &*keys : nullptr; }
};

// Never fails as a whole: what cannot be read or judged is said in it. `name` is the ledger's. With
// `newest`, of each place only so many seals are taken, and each that introduces a key: a ledger that
// is what the newest says is what those before it said, and a year has thousands of them.
KeptSeals read_seals(
    const SealPorts& ports, std::string_view name, std::optional<std::size_t> newest = {}
);

// Each seal against the ledger that `reader` sees.
Result<SealCheck> check_seals(ledger::Reader& reader, const KeptSeals& kept);

// The root of the first `size` events by the tree's stored nodes: what was hashed once.
Result<Digest> root_of_first(ledger::Reader& reader, std::uint64_t size);
// The same by the lines as they stand now, each hashed again; absent: one of them is missing.
Result<std::optional<Digest>> root_of_lines(ledger::Reader& reader, std::uint64_t size);

}  // namespace hal9::engine
