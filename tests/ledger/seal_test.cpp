// Seals: what is signed opens with its key, what anybody changed does not; keys follow each other.
#include "ledger/seal.h"

#include "base/result.h"
#include "ledger/note.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace hal9::ledger {
namespace {

SigningKey key_of(std::uint8_t seed, std::string_view ledger = "payments") {
  Ed25519Key bytes{};
  bytes.fill(seed);
  return make_signing_key(seal_origin(ledger), bytes).value();
}

TreeHead head_of(std::uint64_t size) {
  TreeHead head{seal_origin("payments"), size, {}};
  head.root.fill(static_cast<std::uint8_t>(size));
  return head;
}

Seal sealed(std::uint64_t size, const SigningKey& key) {
  return parse_seal(make_seal(head_of(size), key).value()).value();
}

Seal rotated(std::uint64_t size, const SigningKey& key, const SigningKey& next) {
  return parse_seal(make_rotation(head_of(size), key, next).value()).value();
}

// RFC 8032 section 7.1, test 2: the public key of this seed.
TEST(SigningKey, HasThePublicKeyOfItsSeed) {
  const Ed25519Key seed{0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
                        0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
                        0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};
  const Ed25519Key expected{0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
                            0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
                            0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
  EXPECT_EQ(make_signing_key("a", seed).value().verifier.key, expected);
}

TEST(SigningKey, IsReadAsItWasWritten) {
  const SigningKey key = key_of(7);
  const auto read = parse_signing_key(to_secret_text(key));
  ASSERT_TRUE(read) << read.error().why;
  EXPECT_EQ(read->seed, key.seed);
  EXPECT_EQ(to_text(read->verifier), to_text(key.verifier));
  EXPECT_EQ(to_text(parse_verifier(to_text(key.verifier)).value()), to_text(key.verifier));
}

TEST(SigningKey, WithAnotherSeedThanItsIdSaysIsRefused) {
  std::string text = to_secret_text(key_of(7));
  text[text.size() - 4] = text[text.size() - 4] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(parse_signing_key(text));
  EXPECT_FALSE(parse_signing_key(to_text(key_of(7).verifier)));
  EXPECT_FALSE(parse_signing_key(""));
}

TEST(SigningKey, NeedsANameThatANoteCanCarry) {
  for (const char* name : {"", "a b", "a+b", "a\nb"}) EXPECT_FALSE(make_signing_key(name, {}));
}

TEST(Seal, OpensAsTheCheckpointThatStrangersRead) {
  const SigningKey key = key_of(1);
  const auto head = open_checkpoint(make_seal(head_of(12), key).value(), key.verifier);
  ASSERT_TRUE(head) << head.error().why;
  EXPECT_EQ(*head, head_of(12));
}

TEST(Seal, WithAnyByteChangedIsNoneOfThisLedger) {
  const SigningKey key = key_of(1);
  const std::string note = make_seal(head_of(12), key).value();
  for (std::size_t at = 0; at < note.size(); ++at) {
    std::string changed = note;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto seal = parse_seal(changed);
    KeyChain chain(key.verifier);
    EXPECT_FALSE(seal && chain.take(*seal)) << at;
  }
}

TEST(Seal, WithLinesThatNoSealHasIsRefused) {
  const std::string text = to_text(head_of(3));
  for (const char* line : {"note\n", "key \n", "key a+b\n"}) {
    EXPECT_FALSE(parse_seal(sign_note(text + line, {key_of(1)}).value())) << line;
  }
  const std::string line = "key " + to_text(key_of(2).verifier) + "\n";
  EXPECT_FALSE(parse_seal(sign_note(text + line + line, {key_of(1)}).value()));
}

TEST(KeyChain, TakesWhatItsKeySignedAndNothingElse) {
  KeyChain chain(key_of(1).verifier);
  EXPECT_TRUE(chain.take(sealed(5, key_of(1))));
  EXPECT_FALSE(chain.take(sealed(5, key_of(2))));
  EXPECT_FALSE(chain.take(sealed(5, key_of(1, "orders"))));
  TreeHead foreign = head_of(5);
  foreign.origin = seal_origin("orders");
  EXPECT_FALSE(chain.take(parse_seal(make_seal(foreign, key_of(1)).value()).value()));
}

TEST(KeyChain, FollowsARotationAndRetiresTheOldKey) {
  KeyChain chain(key_of(1).verifier);
  ASSERT_TRUE(chain.take(rotated(10, key_of(1), key_of(2))));
  EXPECT_EQ(chain.current().key, key_of(2).verifier.key);
  EXPECT_TRUE(chain.take(sealed(9, key_of(1)))) << "what it signed before stays";
  EXPECT_FALSE(chain.take(sealed(11, key_of(1))));
  EXPECT_TRUE(chain.take(sealed(11, key_of(2))));
  EXPECT_FALSE(chain.take(sealed(9, key_of(2))));
  ASSERT_EQ(chain.uses().size(), 2U);
  EXPECT_EQ(chain.uses()[0].retired, 10U);
  EXPECT_EQ(chain.uses()[1].from, 10U);
}

TEST(KeyChain, TakesTheSameRotationTwiceAsOne) {
  KeyChain chain(key_of(1).verifier);
  const Seal rotation = rotated(10, key_of(1), key_of(2));
  ASSERT_TRUE(chain.take(rotation));
  EXPECT_TRUE(chain.take(rotation));
  EXPECT_EQ(chain.uses().size(), 2U);
}

TEST(KeyChain, RefusesAKeyThatDidNotSignItsOwnRotation) {
  KeyChain chain(key_of(1).verifier);
  const std::string text = to_text(head_of(10)) + "key " + to_text(key_of(2).verifier) + "\n";
  EXPECT_FALSE(chain.take(parse_seal(sign_note(text, {key_of(1)}).value()).value()));
  EXPECT_FALSE(chain.take(parse_seal(sign_note(text, {key_of(2)}).value()).value()));
  EXPECT_EQ(chain.uses().size(), 1U);
}

TEST(KeyChain, RefusesASecondHeirOfOneKey) {
  KeyChain chain(key_of(1).verifier);
  ASSERT_TRUE(chain.take(rotated(10, key_of(1), key_of(2))));
  EXPECT_FALSE(chain.take(rotated(10, key_of(1), key_of(3))));
  EXPECT_FALSE(chain.take(rotated(8, key_of(1), key_of(3))));
  EXPECT_EQ(chain.current().key, key_of(2).verifier.key);
}

TEST(KeyChain, RefusesAKeyOfAnotherLedger) {
  KeyChain chain(key_of(1).verifier);
  EXPECT_FALSE(chain.take(rotated(10, key_of(1), key_of(2, "orders"))));
}

TEST(KeyId, IsEightDigitsAsInTheVerifier) {
  const VerifierKey key = key_of(1).verifier;
  EXPECT_NE(to_text(key).find("+" + to_text(key.id) + "+"), std::string::npos);
}

}  // namespace
}  // namespace hal9::ledger
