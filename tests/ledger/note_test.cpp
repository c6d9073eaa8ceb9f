// Signed notes and checkpoints: the published ones verify, the broken ones are refused.
#include "ledger/note.h"

#include "base/result.h"
#include "ledger/support.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {

namespace {

TEST(Note, ThatIsPublishedVerifiesWithEachOfItsKeys) {
  for (const auto& item : vectors()["signed_notes"]["cases"]) {
    const auto note = parse_note(item["note"].get<std::string>());
    ASSERT_TRUE(note) << item["source"];
    std::vector<std::string> keys{item["vkey"]};
    for (const auto& key : item.value("vkeys", nlohmann::json::array())) keys.push_back(key);
    for (const std::string& key : keys) {
      const auto verifier = parse_verifier(key);
      ASSERT_TRUE(verifier) << key;
      EXPECT_TRUE(is_signed_by(*note, *verifier)) << key;
    }
  }
}

TEST(Note, IsNotSignedByAKeyThatDidNotSignIt) {
  const auto& cases = vectors()["signed_notes"]["cases"];
  const auto note = parse_note(cases[0]["note"].get<std::string>());
  EXPECT_FALSE(is_signed_by(*note, parse_verifier(cases[1]["vkey"].get<std::string>()).value()));
}

TEST(Note, WithOneByteChangedIsNotSigned) {
  const auto& item = vectors()["signed_notes"]["cases"][0];
  const auto verifier = parse_verifier(item["vkey"].get<std::string>()).value();
  std::string bytes = item["note"];
  bytes[0] = 'i';
  EXPECT_FALSE(is_signed_by(parse_note(bytes).value(), verifier));
}

TEST(Checkpoint, ThatIsPublishedOpensAndIsWrittenAgain) {
  for (const auto& item : vectors()["checkpoints"]["valid"]) {
    const auto verifier = parse_verifier(item["vkey"].get<std::string>());
    ASSERT_TRUE(verifier);
    const auto head = open_checkpoint(item["note"].get<std::string>(), *verifier);
    ASSERT_TRUE(head) << head.error().what;
    EXPECT_EQ(head->size, item["size"].get<std::uint64_t>());
    EXPECT_EQ(head->root, digest_from(item["root_hex"]));
    EXPECT_EQ(to_text(*head), item["text"].get<std::string>());
  }
}

TEST(Checkpoint, ThatIsBrokenIsRefused) {
  for (const auto& item : vectors()["checkpoints"]["invalid"]) {
    const auto verifier = parse_verifier(item["vkey"].get<std::string>());
    ASSERT_TRUE(verifier);
    const auto refused = open_checkpoint(item["note"].get<std::string>(), *verifier);
    ASSERT_FALSE(refused) << item["desc"];
    EXPECT_EQ(refused.error().code, Code::damaged) << item["desc"];
  }
}

TEST(Checkpoint, IsRefusedByItsFormBeforeAnySignature) {
  const std::string root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
  EXPECT_TRUE(parse_tree_head("o\n8\n" + root + "\n"));
  EXPECT_TRUE(parse_tree_head("o\n8\n" + root + "\nextension\n"));
  for (const std::string& text : std::vector<std::string>{
           "o\n08\n" + root + "\n",
           "o\n+8\n" + root + "\n",
           "o\n\n" + root + "\n",
           "\n8\n" + root + "\n",
           "o\n8\n" + root,
           "o\n8\nXcna\n",
           "o\n8\n" + root + "\n\n",
           "o\n99999999999999999999\n" + root + "\n",
           "o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n",  // stray bits
       }) {
    EXPECT_FALSE(parse_tree_head(text)) << text;
  }
}

TEST(VerifierKey, WhoseIdIsNotItsKeysIsRefused) {
  const std::string key = vectors()["extra_test_keys"]["vkey"];
  EXPECT_TRUE(parse_verifier(key));
  std::string other = key;
  other[other.find('+') + 1] ^= 1;
  EXPECT_FALSE(parse_verifier(other));
  EXPECT_FALSE(parse_verifier("name+00000000+AAAA"));
  EXPECT_FALSE(parse_verifier(""));
}

}  // namespace

}  // namespace hal9::ledger
