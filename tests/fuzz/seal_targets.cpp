// What is kept beside a ledger: seals, keys, objects.
#include "adapters/objects/compression.h"
#include "base/result.h"
#include "fuzz/target.h"
#include "ledger/note.h"
#include "ledger/seal.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hal9::fuzz {

using namespace ledger;

namespace {

SigningKey key_of(std::uint8_t seed) {
  Ed25519Key bytes{};
  bytes.fill(seed);
  return make_signing_key(seal_origin("payments"), bytes).value();
}

// One byte of a seal that is signed is changed, or the input stands in its place.
void spoiled(const std::string& whole, std::string_view bytes) {
  KeyChain keys(key_of(1).verifier);
  demand(static_cast<bool>(keys.take(parse_seal(whole).value())), "what the key signed is taken");
  if (bytes.size() < 2) return;
  std::string other = whole;
  const auto at = static_cast<unsigned char>(bytes[0]) % other.size();
  if (other[at] == bytes[1]) return;
  other[at] = bytes[1];
  const auto seal = parse_seal(other);
  KeyChain again(key_of(1).verifier);
  if (!seal || !again.take(*seal)) return;
  // A signature of nobody's that stands behind it is not looked at; what is said has to be the same.
  demand(seal->note.text == parse_seal(whole)->note.text, "a seal that was changed says nothing");
}

}  // namespace

void seal(std::string_view bytes) {
  const auto parsed = parse_seal(bytes);
  if (parsed) {
    demand(parsed->bytes == bytes, "a seal is kept as it was read");
    KeyChain keys(key_of(1).verifier);
    const bool taken = static_cast<bool>(keys.take(*parsed));
    demand(!taken || is_signed_by(parsed->note, key_of(1).verifier), "what is taken was signed");
    demand(!taken || parsed->head.origin == key_of(1).verifier.name, "for this ledger");
  }
  const auto secret = parse_signing_key(bytes);
  demand(!secret || to_secret_text(*secret) == bytes, "a key has one form");
  TreeHead head{seal_origin("payments"), 7, {}};
  for (std::size_t i = 0; i < head.root.size() && i < bytes.size(); ++i) {
    head.root.at(i) = static_cast<std::uint8_t>(bytes[i]);
  }
  spoiled(make_seal(head, key_of(1)).value(), bytes);
  spoiled(make_rotation(head, key_of(1), key_of(2)).value(), bytes);
}

void object(std::string_view bytes) {
  for (const std::size_t most : {std::size_t{16}, std::size_t{1} << 20U}) {
    const auto content = objects::unpack(bytes, most);
    demand(!content || content->size() <= most, "no more is unpacked than was asked for");
  }
  const auto packed = objects::pack(bytes).value();
  demand(packed.size() <= objects::packed_bound(bytes.size()), "a packed one has its bound");
  demand(objects::unpack(packed, bytes.size()) == bytes, "what was packed comes back");
  demand(bytes.empty() || !objects::unpack(packed, bytes.size() - 1), "but not in less");
  demand(!objects::unpack(packed + packed, 2 * bytes.size()), "two are none");
}

}  // namespace hal9::fuzz
