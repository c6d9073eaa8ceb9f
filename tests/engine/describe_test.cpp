#include "engine/describe.h"

#include "base/share.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/events.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

template <std::size_t... I>
std::vector<migration::Fact> one_of_each(std::index_sequence<I...>) {
  return {migration::Fact(std::in_place_index<I>)...};
}

TEST(Describe, EveryFactHasASentenceOfItsOwn) {
  std::set<std::string> sentences;
  const auto facts = one_of_each(std::make_index_sequence<std::variant_size_v<migration::Fact>>{});
  for (const auto& fact : facts) {
    const std::string sentence = describe(fact);
    EXPECT_FALSE(sentence.empty()) << migration::type_of(fact);
    sentences.insert(sentence);
  }
  EXPECT_EQ(sentences.size(), facts.size());
}

TEST(Describe, RoutesWithTheSameNumbersAreOnePhrase) {
  const std::vector<migration::RouteAmount> same{
      {route("eu", "cart"), percent(5), Share::none()},
      {route("us", "cart"), percent(5), Share::none()}
  };
  EXPECT_EQ(describe(same), "share 5%, mirror 0% for 2 routes");
  auto mixed = same;
  mixed.push_back({route("ap", "cart"), percent(0), {}});
  EXPECT_EQ(describe(mixed), "share 5%, mirror 0% for eu.cart and 1 more; share 0% for ap.cart");
}

TEST(Describe, ALineThatThisVersionDoesNotKnowSaysSo) {
  ledger::Event event;
  event.draft.type = "hal9.future.thing.v9";
  event.draft.data = "{}";
  EXPECT_EQ(describe(event), "hal9.future.thing.v9 (not understood by this version)");
}

}  // namespace
}  // namespace hal9::engine
