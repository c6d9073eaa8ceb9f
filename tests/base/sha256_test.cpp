#include "base/sha256.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace hal9 {

namespace {

// FIPS 180-4's examples.
TEST(Sha256, OfThePublishedMessages) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(
      to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  );
  EXPECT_EQ(
      to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
  );
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
  EXPECT_NE(sha256({"a", "c", "b"}), sha256("abc"));
}

TEST(Sha256, IsTheSameOnEveryThread) {
  const Digest expected = sha256("abc");
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &expected] {
      for (int i = 0; i < 2000; ++i) count += sha256("abc") == expected ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST(Sha256, ItsTextIsReadBackAndNoOtherIs) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(parse_digest(to_hex(digest)).value(), digest);
  EXPECT_FALSE(parse_digest(to_hex(digest).substr(1)));
  EXPECT_FALSE(parse_digest(to_hex(digest) + "0"));
  EXPECT_FALSE(parse_digest("B" + to_hex(digest).substr(1)));
  EXPECT_FALSE(parse_digest("g" + to_hex(digest).substr(1)));
}

}  // namespace

}  // namespace hal9
