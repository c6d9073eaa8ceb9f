// An export judged by itself.
#include "ledger/lines_check.h"

#include "ledger/line.h"
#include "ledger/support.h"
#include "ledger/tree.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {
namespace {

std::vector<Event> events(std::uint64_t count) {
  std::vector<Event> made;
  for (std::uint64_t n = 1; n <= count; ++n) {
    Event event = bare_event();
    event.sequence = {n};
    event.recorded += std::chrono::seconds(n);
    made.push_back(event);
  }
  return made;
}

CheckedLines checked(const std::vector<Event>& all) {
  LinesCheck check;
  for (const Event& event : all) check.take(encode(event));
  return check.done();
}

TEST(LinesCheck, FindsNothingInWhatWasExportedAndHasItsRoot) {
  const auto all = events(5);
  Frontier frontier;
  for (const Event& event : all) frontier.append(leaf_hash(encode(event)));
  const auto result = checked(all);
  EXPECT_FALSE(result.finding);
  EXPECT_EQ(result.lines, 5U);
  EXPECT_EQ(result.root, frontier.root());
  EXPECT_EQ(result.source, all.front().source);
  EXPECT_EQ(checked({}).root, empty_root());
}

TEST(LinesCheck, NamesTheFirstLineThatIsNotInItsPlace) {
  auto all = events(5);
  std::swap(all[1], all[3]);
  EXPECT_EQ(checked(all).finding->sequence.value, 2U);
  all = events(5);
  all.erase(all.begin() + 2);
  EXPECT_EQ(checked(all).finding->sequence.value, 3U);
  all = events(5);
  all[3].recorded = all[2].recorded;
  EXPECT_EQ(checked(all).finding->what, "recorded time does not grow");
  all = events(5);
  all[4].source = source_of("other");
  EXPECT_EQ(checked(all).finding->what, "the line is of another ledger");
}

TEST(LinesCheck, NamesWhatIsNoEvent) {
  LinesCheck check;
  check.take(encode(events(1).front()));
  check.take("{}");
  check.take("");
  EXPECT_EQ(check.done().finding->sequence.value, 2U);
  EXPECT_EQ(check.done().lines, 3U);
  LinesCheck cut;
  cut.take(encode(events(1).front()));
  cut.refuse("cut off");
  EXPECT_EQ(cut.done().finding->sequence.value, 2U);
  EXPECT_EQ(cut.done().finding->what, "cut off");
}

// What others must not read is its hash: the root stays, the text is gone.
TEST(LinesCheck, HasTheSameRootWithRedactedLines) {
  auto all = events(5);
  for (const std::size_t at : {std::size_t{1}, std::size_t{4}}) {
    all[at].draft.reason = "users see wrong balances";
    all[at].draft.nonce = Nonce{7};
  }
  LinesCheck check;
  for (const Event& event : all) {
    const auto hidden = redacted(encode(event));
    EXPECT_EQ(hidden.has_value(), event.draft.nonce.has_value());
    if (hidden) EXPECT_EQ(hidden->find("balances"), std::string::npos);
    check.take(hidden.value_or(encode(event)));
  }
  const auto result = check.done();
  EXPECT_FALSE(result.finding) << result.finding->what;
  EXPECT_EQ(result.root, checked(all).root);
  EXPECT_EQ(result.redacted, 2U);
}

TEST(LinesCheck, TakesNothingElseForARedactedLine) {
  const std::string good = *redacted("no event");
  EXPECT_EQ(leaf_of_redacted(good), leaf_hash("no event")) << "what cannot be judged is hidden";
  std::string upper = good;
  upper.replace(9, 64, std::string(64, 'A'));
  for (const std::string& bad :
       {upper,
        good + " ",
        " " + good,
        good.substr(0, 72) + "\"}",
        std::string("{\"leaf\":\""),
        std::string("{\"leaf\":\"\"}"),
        std::string("{\"leaf\":\"}")}) {
    EXPECT_FALSE(leaf_of_redacted(bad)) << bad;
  }
}

// A changed byte that still makes an event is seen in the root, and only there.
TEST(LinesCheck, HasAnotherRootForAnotherLine) {
  auto all = events(3);
  const auto before = checked(all);
  all[1].draft.author.auth_id = "os:mallory";
  const auto after = checked(all);
  EXPECT_FALSE(after.finding);
  EXPECT_NE(after.root, before.root);
}

}  // namespace
}  // namespace hal9::ledger
