#include "ledger/line.h"

#include "base/result.h"
#include "ledger/line_scan.h"
#include "ledger/support.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {

namespace {

std::string replaced(std::string line, const std::string& from, const std::string& to) {
  const std::size_t at = line.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? line : line.replace(at, from.size(), to);
}

// Refused, and the message names the member.
void expect_refused(const std::string& line, const std::string& member) {
  const auto refused = decode(line);
  ASSERT_FALSE(refused) << line;
  EXPECT_EQ(refused.error().code, Code::damaged);
  EXPECT_NE(refused.error().what.find(member + " at byte "), std::string::npos)
      << refused.error().what;
}

TEST(Line, HasItsMembersInTheFrozenOrder) {
  EXPECT_EQ(
      encode(full_event()),
      "{\"specversion\":\"1.0\",\"id\":\"0198a1b2-c3d4-7e5f-8a6b-0123456789ab\","
      "\"source\":\"/hal9/ledger/demo\",\"type\":\"hal9.traffic.observed.v1\","
      "\"subject\":\"eu-west-1.protocol\",\"time\":\"2026-08-01T03:04:05.000006Z\","
      "\"sequence\":\"00000000000000000001\",\"recordedtime\":\"2026-08-01T03:04:05.000007Z\","
      "\"authtype\":\"user\",\"authid\":\"os:alice\",\"role\":\"operator\",\"via\":\"cli\","
      "\"reason\":\"p99 \\\"up\\\"\\n\",\"correlationid\":\"0198a1b2-c3d4-7e5f-8a6b-0123456789ac\","
      "\"causationid\":\"0198a1b2-c3d4-7e5f-8a6b-0123456789ad\","
      "\"nonce\":\"001122ab000000000000000000000000\","
      "\"data\":{\"share\":500,\"routes\":[\"eu-west-1.protocol\"],\"text\":\"\\u0001é\"}}"
  );
}

TEST(Line, LeavesOutWhatIsAbsent) {
  const std::string line = encode(bare_event());
  for (const char* member : {"subject", "role", "reason", "causationid", "nonce", "null"}) {
    EXPECT_EQ(line.find(member), std::string::npos) << member;
  }
  EXPECT_EQ(decode(line).value(), bare_event());
}

TEST(Line, IsReadBackAsItWasWritten) {
  EXPECT_EQ(decode(encode(full_event())).value(), full_event());
}

TEST(Line, ReadForAFoldIsTheSameEvent) {
  Event event;
  ASSERT_TRUE(decode_for_fold(encode(full_event()), event));
  EXPECT_EQ(event, full_event());
  EXPECT_FALSE(decode_for_fold(encode(full_event()) + " ", event));
}

TEST(Line, ReadIntoAUsedEventLeavesNothingOfTheOneBefore) {
  Event event;
  ASSERT_TRUE(decode(encode(full_event()), event));
  ASSERT_TRUE(decode(encode(bare_event()), event));
  EXPECT_EQ(event, bare_event());
}

// Digit by digit: each place of an id, a time, a sequence, a nonce with each character there is.
TEST(Line, BothReadersTakeTheSameCharactersEverywhere) {
  Event plain = full_event();
  plain.draft.reason = "p99 up";
  const std::string line = encode(plain);
  ASSERT_TRUE(scan_line(line, plain));
  for (std::size_t at = 0; at < line.find("data"); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other = line;
      other[at] = static_cast<char>(c);
      Event quick;
      Event whole;
      if (!scan_line(other, quick)) continue;
      ASSERT_TRUE(read_line(other, false, whole)) << other;
      ASSERT_EQ(quick, whole) << other;
    }
  }
}

TEST(Line, CutAnywhereIsRefused) {
  const std::string line = encode(full_event());
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(decode(line.substr(0, size))) << size;
  }
}

TEST(Line, WithOneByteMoreAnywhereIsRefused) {
  const std::string line = encode(full_event());
  for (const char extra : {' ', '\n', '\0', ',', '"', '{', '}', '0'}) {
    for (std::size_t at = 0; at <= line.size(); ++at) {
      std::string longer = line;
      longer.insert(at, 1, extra);
      const auto read = decode(longer);
      // A byte may be part of a text; then it is another event, never the same one.
      if (read) {
        EXPECT_EQ(encode(*read), longer) << at;
      }
    }
  }
}

TEST(Line, RefusesADuplicateMember) {
  const std::string line = encode(full_event());
  expect_refused(replaced(line, ",\"time\":", ",\"subject\":\"us\",\"time\":"), "time");
  expect_refused(replaced(line, ",\"data\":", ",\"via\":\"cli\",\"data\":"), "data");
}

TEST(Line, RefusesMembersInAnotherOrder) {
  expect_refused(
      replaced(
          encode(full_event()),
          "\"authtype\":\"user\",\"authid\":\"os:alice\"",
          "\"authid\":\"os:alice\",\"authtype\":\"user\""
      ),
      "authtype"
  );
}

TEST(Line, RefusesAnUnknownMember) {
  expect_refused(replaced(encode(bare_event()), ",\"data\":", ",\"more\":\"x\",\"data\":"), "data");
}

TEST(Line, NamesTheMemberThatIsNotAsItHasToBe) {
  const std::string line = encode(full_event());
  expect_refused(replaced(line, "\"1.0\"", "\"1.1\""), "specversion");
  expect_refused(replaced(line, "0198a1b2-c3d4-7e5f-8a6b-0123456789ab", "0198A1B2"), "id");
  expect_refused(replaced(line, "/hal9/ledger/demo", "/hal9/ledger/a b"), "source");
  expect_refused(replaced(line, "/hal9/ledger/demo", "/other/demo"), "source");
  expect_refused(replaced(line, "hal9.traffic.observed.v1", "hal9.traffic.observed"), "type");
  expect_refused(replaced(line, "hal9.traffic.observed.v1", "hal9.traffic.observed.v0"), "type");
  expect_refused(replaced(line, "hal9.traffic.observed.v1", "hal9.traffic.observed.v01"), "type");
  expect_refused(replaced(line, "eu-west-1.protocol", ""), "subject");
  expect_refused(replaced(line, "05.000006Z", "05Z"), "time");
  expect_refused(replaced(line, "05.000007Z", "05.000007+00:00"), "recordedtime");
  expect_refused(replaced(line, "00000000000000000001", "00000000000000000000"), "sequence");
  expect_refused(replaced(line, "00000000000000000001", "1"), "sequence");
  expect_refused(replaced(line, "00000000000000000001", "18446744073709551616"), "sequence");
  expect_refused(replaced(line, "\"user\"", "\"User\""), "authtype");
  expect_refused(replaced(line, "os:alice", ""), "authid");
  expect_refused(replaced(line, "os:alice", "os:al ice"), "authid");
  expect_refused(replaced(line, "\"operator\"", "\"\""), "role");
  expect_refused(replaced(line, "\"cli\"", "\"c-l-i\""), "via");
  expect_refused(replaced(line, "p99 \\\"up\\\"\\n", ""), "reason");
  expect_refused(replaced(line, "p99 \\\"up\\\"\\n", "\\u000a"), "reason");
  expect_refused(replaced(line, "p99 \\\"up\\\"\\n", "\\/"), "reason");
  expect_refused(replaced(line, "89ac\"", "89aC\""), "correlationid");
  expect_refused(replaced(line, "89ad\"", "89ag\""), "causationid");
  expect_refused(replaced(line, "001122ab", "001122AB"), "nonce");
  expect_refused(replaced(line, "\"share\":500", "\"share\": 500"), "data");
}

TEST(Line, WithAReasonNeedsANonce) {
  expect_refused(
      replaced(encode(full_event()), ",\"nonce\":\"001122ab000000000000000000000000\"", ""), "nonce"
  );
}

TEST(Draft, IsTakenOrRefusedByEachOfItsMembers) {
  EXPECT_TRUE(check_draft(full_event().draft));
  EXPECT_TRUE(check_draft(bare_event().draft));
  const std::vector<std::function<void(Draft&)>> mistakes{
      [](Draft& draft) { draft.type = "traffic"; },
      [](Draft& draft) { draft.type = "hal9.traffic.Observed.v1"; },
      [](Draft& draft) { draft.subject = "a b"; },
      [](Draft& draft) { draft.author.auth_type.clear(); },
      [](Draft& draft) { draft.author.auth_id.clear(); },
      [](Draft& draft) { draft.author.auth_id = "a\"b"; },
      [](Draft& draft) { draft.author.role = "Lead"; },
      [](Draft& draft) { draft.author.via.clear(); },
      [](Draft& draft) { draft.reason = std::string(kMaxReasonBytes + 1, 'x'); },
      [](Draft& draft) { draft.reason = "\xFF"; },
      [](Draft& draft) { draft.nonce.reset(); },
      [](Draft& draft) { draft.data = "{} "; },
      [](Draft& draft) { draft.data.clear(); },
  };
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    Draft draft = full_event().draft;
    mistakes[i](draft);
    const auto refused = check_draft(draft);
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().code, Code::failed) << i;
  }
}

}  // namespace

}  // namespace hal9::ledger
