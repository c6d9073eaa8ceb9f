#include "base/sha256.h"

#include "base/result.h"

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9 {
namespace {

// The examples of FIPS 180-4 (CSRC, "SHA256.pdf") and the empty string.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(
      to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  );
  EXPECT_EQ(
      to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
  );
  EXPECT_EQ(
      to_hex(sha256(std::string(1'000'000, 'a'))),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
  );
}

TEST(Sha256, SeesANulByte) {
  EXPECT_NE(sha256(std::string_view("a\0b", 3)), sha256("ab"));
  EXPECT_NE(sha256(std::string_view("\0", 1)), sha256(""));
}

TEST(Sha256, GivesTheSameOnEveryThread) {
  const Digest expected = sha256("the same bytes");
  std::vector<Digest> got(8);
  std::vector<std::thread> threads;
  threads.reserve(got.size());
  for (Digest& digest : got) {
    threads.emplace_back([&digest] {
      for (int i = 0; i < 200; ++i) digest = sha256({"the same", " bytes"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Digest& digest : got) EXPECT_EQ(digest, expected);
}

RC_GTEST_PROP(Sha256, OfPartsIsThatOfTheWhole, (const std::string& one, const std::string& other)) {
  RC_ASSERT(sha256({one, other}) == sha256(one + other));
}

RC_GTEST_PROP(Digest, ReadsBackWhatItWrote, (const std::string& bytes)) {
  const Digest digest = sha256(bytes);
  const std::string hex = to_hex(digest);
  RC_ASSERT(hex.size() == 64U);
  const auto read = parse_digest(hex);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == digest);
}

TEST(Digest, RefusesOtherLengthsLettersAndCapitals) {
  const std::string hex = to_hex(sha256("abc"));
  for (const std::string& wrong :
       {std::string(),
        hex.substr(1),
        hex + "0",
        hex.substr(0, 63) + "g",
        hex.substr(0, 63) + "A",
        "0x" + hex.substr(2),
        hex.substr(0, 63) + '\0'}) {
    const auto read = parse_digest(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().code, Code::usage);
  }
}

TEST(Digest, AsBytesIsTheThirtyTwoThemselves) {
  const Digest digest = sha256("abc");
  ASSERT_EQ(as_bytes(digest).size(), 32U);
  EXPECT_EQ(as_bytes(digest).substr(0, 2), "\xba\x78");
}

}  // namespace
}  // namespace hal9
