#include "migration/selection.h"

#include "base/result.h"
#include "migration/route.h"
#include "migration/support.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> selected(const Selection& selection) {
  const auto routes = select(small_configuration(), selection);
  EXPECT_TRUE(routes) << routes.error().what;
  std::vector<std::string> texts;
  for (const auto& route : routes.value_or(std::vector<Route>{})) texts.push_back(to_text(route));
  return texts;
}

TEST(Selection, OfNothingIsEverything) {
  EXPECT_TRUE(is_everything({}));
  EXPECT_THAT(selected({}), IsEmpty());
  EXPECT_FALSE(is_everything({{{name("eu-west-1")}, {}}, {}}));
}

TEST(Selection, IsByNameOrByWhatIsLeftOut) {
  const Selection regions{{{name("eu-west-1")}, {}}, {}};
  const Selection not_regions{{{}, {name("us-west-2")}}, {}};
  EXPECT_THAT(selected(regions), ElementsAre("eu-west-1.substrate", "eu-west-1.cognitive"));
  EXPECT_EQ(selected(not_regions), selected(regions));
  const Selection components{{}, {{}, {name("substrate")}}};
  EXPECT_THAT(selected(components), ElementsAre("us-west-2.cognitive", "eu-west-1.cognitive"));
}

TEST(Selection, OfBothDimensionsIsWhatIsInBoth) {
  const Selection one{{{}, {name("us-west-2")}}, {{name("cognitive")}, {}}};
  EXPECT_THAT(selected(one), ElementsAre("eu-west-1.cognitive"));
}

// Every name at once is no narrower than no name.
TEST(Selection, OfEveryNameIsEverything) {
  EXPECT_THAT(selected({{{name("us-west-2"), name("eu-west-1")}, {}}, {}}), IsEmpty());
}

TEST(Selection, NamesRoutesByAListAndNotByAnExclusion) {
  EXPECT_TRUE(names_routes({{{name("us-west-2")}, {}}, {}}));
  EXPECT_TRUE(names_routes({{{}, {name("us-west-2")}}, {{name("cognitive")}, {}}}));
  EXPECT_FALSE(names_routes({{{}, {name("us-west-2")}}, {{}, {name("cognitive")}}}));
  EXPECT_FALSE(names_routes({}));
}

TEST(Selection, IsPutIntoTheOptionsThatNameIt) {
  const auto all = routes_of(small_configuration());
  EXPECT_EQ(names_for(all, all), " --regions us-west-2,eu-west-1");
  EXPECT_EQ(names_for({}, all), "");
  EXPECT_EQ(names_for({all[0], all[1]}, all), " --regions us-west-2");
  EXPECT_EQ(names_for({all[0], all[2]}, all), " --components substrate");
  // No regions and components select these two alone: one after the other.
  EXPECT_EQ(options_for({all[0], all[3]}, all), " --include-held");
  EXPECT_EQ(names_for({all[0], all[3]}, all), " --regions us-west-2 --components substrate");
}

TEST(Selection, IsRefusedWithTheNamesThatThereAre) {
  const auto refused = [](const Selection& selection) {
    const auto routes = select(small_configuration(), selection);
    EXPECT_FALSE(routes);
    EXPECT_EQ(routes.error().code, Code::usage);
    return routes.error();
  };
  const Error unknown = refused({{{name("mars")}, {}}, {}});
  EXPECT_THAT(unknown.what, HasSubstr("no region mars"));
  EXPECT_THAT(unknown.why, HasSubstr("us-west-2, eu-west-1"));
  EXPECT_THAT(refused({{}, {{}, {name("soul")}}}).why, HasSubstr("substrate, cognitive"));
  EXPECT_THAT(refused({{{name("us-west-2")}, {name("eu-west-1")}}, {}}).what, HasSubstr("at once"));
  EXPECT_THAT(
      refused({{}, {{}, {name("substrate"), name("cognitive")}}}).what, HasSubstr("no component")
  );
}

}  // namespace
}  // namespace hal9::migration::test
