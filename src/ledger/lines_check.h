// An export judged by itself, without the ledger that it is from: each line by the grammar and in its
// place, the root over all of them. What stands in a line is proven by comparing that root with one
// that was kept elsewhere.
//
// A line that others must not read is its leaf hash, and the root is the same (FROZEN):
//
//   redacted = {"leaf":"<SHA-256(0x00 || line), 64 lower-case hexadecimal digits>"}
#pragma once

#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/tree.h"
#include "ledger/verify.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::ledger {

struct CheckedLines {
  std::uint64_t lines = 0;
  std::uint64_t redacted = 0;      // of them; only their hashes are there
  std::string source;              // what every line says: "/hal9/ledger/payments"; empty: no lines
  Digest root{};                   // over all lines, whatever was found
  std::optional<Finding> finding;  // the first bad line; empty: everything holds
};

// The redacted form of `line`, where it carries free text (its nonce keeps the hash from being
// guessed) or is no event that could be judged; absent: everybody may read it.
std::optional<std::string> redacted(std::string_view line);
// The leaf hash in a redacted line; absent: it is none.
std::optional<Digest> leaf_of_redacted(std::string_view line);

// What is wrong with an event's place behind one recorded at `before`; empty: nothing.
std::string misplaced(const Event& event, Sequence expected, std::string_view source, Time before);

// Constant memory. take() each line in order, without its line feed; then done() once.
class LinesCheck {
 public:
  void take(std::string_view line);
  // What is no line at all: cut off, longer than any event.
  void refuse(std::string what);
  [[nodiscard]] CheckedLines done() const;

 private:
  void find(std::string what);

  CheckedLines checked_;
  Frontier frontier_;
  Time before_{};
};

}  // namespace hal9::ledger
