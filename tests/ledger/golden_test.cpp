// Lines of released formats: they stay readable, byte for byte writable, with the same hashes.
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/support.h"
#include "ledger/tree.h"

#include <cstddef>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {

namespace {

std::vector<std::string> rows(const std::string& path) {
  std::vector<std::string> rows;
  std::istringstream in(file_text(path));
  for (std::string row; std::getline(in, row);) rows.push_back(row);
  return rows;
}

TEST(Golden, LinesOfFormat1AreReadAndWrittenTheSame) {
  const auto lines = rows("golden/line/v1.jsonl");
  ASSERT_GE(lines.size(), 12U);
  for (const std::string& line : lines) {
    const auto event = decode(line);
    ASSERT_TRUE(event) << event.error().what << "\n" << line;
    EXPECT_EQ(encode(*event), line);
  }
}

TEST(Golden, LinesOfFormat1HaveTheirLeafHashesAndRoot) {
  const auto lines = rows("golden/line/v1.jsonl");
  const auto hashes = rows("golden/line/v1.hashes");
  ASSERT_EQ(hashes.size(), lines.size() + 1);  // the last one is the root
  Frontier frontier;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(to_hex(leaf_hash(lines[i])), hashes[i]) << "line " << i + 1;
    frontier.append(leaf_hash(lines[i]));
  }
  EXPECT_EQ(to_hex(frontier.root()), hashes.back());
}

TEST(Golden, LinesOfFormat1CoverEveryMemberPresentAndAbsent) {
  std::set<std::string> present, absent;
  for (const std::string& line : rows("golden/line/v1.jsonl")) {
    for (const char* member : {"subject", "role", "reason", "causationid", "nonce"}) {
      const bool is = line.find(std::string(",\"") + member + "\":\"") != std::string::npos;
      (is ? present : absent).insert(member);
    }
  }
  EXPECT_EQ(present.size(), 5U);
  EXPECT_EQ(absent.size(), 5U);
}

}  // namespace

}  // namespace hal9::ledger
