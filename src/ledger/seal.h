// Seals: signed tree heads of a ledger. A root that was kept elsewhere says whether a ledger is what
// it was; a seal is such a root that also says who kept it.
//
//   seal     = checkpoint (note.h) whose origin is "hal9/ledger/" name, signed by the ledger's key
//   rotation = the same with one extension line "key " verifier, signed by the old key and by the
//              one that the line names; from there on that one signs
//
// The first key is taken as given: whoever trusts nobody keeps it (`ledger keys`) somewhere else.
// https://c2sp.org/tlog-checkpoint. Pure; untrusted input.
#pragma once

#include "base/result.h"
#include "ledger/note.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::ledger {

// What a ledger's seals say as their origin, which is its keys' name: "hal9/ledger/payments".
std::string seal_origin(std::string_view ledger_name);

struct Seal {
  TreeHead head;
  std::optional<VerifierKey> next_key;  // of a rotation
  Note note;
  std::string bytes;  // the note as it is kept
};

// The form alone, whoever signed it. Error: damaged.
Result<Seal> parse_seal(std::string_view bytes);

// The note of a seal of this head. Error: failed.
Result<std::string> make_seal(const TreeHead& head, const SigningKey& key);
// From here on `next` signs; both sign this one.
Result<std::string> make_rotation(
    const TreeHead& head, const SigningKey& key, const SigningKey& next
);

// The newest key that has signed it: what the seal is kept under.
KeyId newest_key(const Seal& seal);
// The file that a seal is kept in: "<20 digits of the size>-<key id>.seal".
std::string seal_name(std::uint64_t size, std::string_view key);
std::string seal_name(const Seal& seal);

// A ledger's keys, each with the seals that it may sign.
//
// Invariant: every key but the first was introduced by a rotation that the one before it signed.
class KeyChain {
 public:
  explicit KeyChain(VerifierKey first) : uses_{{std::move(first), 0, {}}} {}

  // Judges a seal; those that rotate in the order of their sizes, others in any order. Error
  // (damaged): another origin, not signed by a key of the chain, a key that was retired before.
  Result<void> take(const Seal& seal);

  struct Use {
    VerifierKey key;
    std::uint64_t from = 0;                // introduced by the seal of so many events
    std::optional<std::uint64_t> retired;  // by the seal of so many events, the last that it signs
  };
  [[nodiscard]] const std::vector<Use>& uses() const { return uses_; }
  [[nodiscard]] const VerifierKey& current() const { return uses_.back().key; }

 private:
  std::vector<Use> uses_;
};

// "1a2b3c4d", as it stands in a verifier.
std::string to_text(const KeyId& id);

}  // namespace hal9::ledger
