// Long texts: kept whole beside the ledger, and named in it.
#include "engine/objects.h"

#include "base/result.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

constexpr const char* kKept = "hal9.object.kept.v1";

std::vector<TimelineEntry> entries_of(World& world) {
  std::vector<TimelineEntry> entries;
  auto read = world.process()->timeline({}, [&](const TimelineEntry& entry) {
    entries.push_back(entry);
    return true;
  });
  EXPECT_TRUE(read);
  return entries;
}

migration::Annotate annotation(std::string text) {
  migration::Annotate annotate;
  annotate.text = std::move(text);
  return annotate;
}

TEST(Objects, AShortTextIsNoObject) {
  World world;
  ASSERT_TRUE(world.process()->annotate(world.asker, annotation(std::string(4096, 'x'))));
  EXPECT_EQ(world.count(kKept), 0U);
  EXPECT_EQ(world.objects->puts, 0);
}

TEST(Objects, ALongAnnotationIsCutAtACharacterAndKeptWhole) {
  World world;
  std::string text = std::string(4095, 'x') + "\u00fc and more";
  auto noted = world.process()->annotate(world.asker, annotation(text));
  ASSERT_TRUE(noted) << noted.error().what;
  EXPECT_FALSE(noted->code);
  EXPECT_TRUE(noted->notes.empty());
  const auto entries = entries_of(world);
  const auto& kept = entries.back();
  const auto& note = entries.at(entries.size() - 2);
  EXPECT_EQ(kept.type, kKept);
  EXPECT_EQ(note.text, "note: " + std::string(4095, 'x'));
  ASSERT_EQ(note.objects.size(), 1U);
  EXPECT_EQ(note.objects, kept.objects);
  EXPECT_EQ(note.objects.front().bytes, text.size());
  const auto whole = world.process()->object(ObjectName{note.objects.front().object});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->content, text);
}

TEST(Objects, MoreThanAMebibyteIsRefusedAndNothingIsKept) {
  World world;
  auto refused =
      world.process()->annotate(world.asker, annotation(std::string((1UL << 20U) + 1, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_EQ(world.objects->puts, 0);
}

TEST(Objects, ALongReasonStandsBehindTheEventsOfItsCommand) {
  World world;
  world.at_canary(5);
  world.asker.reason = std::string(5000, 'r');
  Watcher watcher;
  auto back = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_FALSE(back->code);
  EXPECT_EQ(world.count(kKept), 1U);
  for (const auto& entry : entries_of(world)) {
    if (entry.type == "hal9.rollback.started.v1") EXPECT_EQ(entry.objects.size(), 1U);
    if (entry.type == "hal9.annotation.added.v1") EXPECT_TRUE(entry.objects.empty());
  }
}

TEST(Objects, AReasonThatCannotBeKeptStopsNothingAndIsSaid) {
  World world;
  world.at_canary(5);
  world.objects->refuses = Error{Code::full, "the disk is full", "", "", ""};
  world.asker.reason = std::string(5000, 'r');
  Watcher watcher;
  auto back = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_FALSE(back->code);
  EXPECT_TRUE(world.maps->routes.at(kEu).first == Share::none());
  ASSERT_FALSE(back->notes.empty());
  EXPECT_NE(back->notes.front().find("the disk is full"), std::string::npos);
  EXPECT_EQ(world.count(kKept), 0U);
}

TEST(Objects, AnEmergencyDoesNotAskForThem) {
  World world;
  world.at_canary(5);
  world.asker.reason = std::string(5000, 'r');
  Watcher watcher;
  const auto cut = world.process()->emergency(world.who(), {}, watcher);
  EXPECT_FALSE(cut.code);
  EXPECT_EQ(world.objects->puts, 0);
  ASSERT_FALSE(cut.notes.empty());
  EXPECT_NE(cut.notes.front().find("5000 bytes"), std::string::npos);
}

TEST(Objects, VerifyReadsEachAgainAndNamesTheEventOfTheFirstThatIsNot) {
  World world;
  ASSERT_TRUE(world.process()->annotate(world.asker, annotation(std::string(5000, 'a'))));
  const auto sequence = entries_of(world).back().sequence;
  ASSERT_TRUE(world.process()->annotate(world.asker, annotation(std::string(5000, 'b'))));
  auto view = world.process()->verify();
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->finding);
  EXPECT_EQ(view->objects.checked, 2U);

  for (auto& [name, content] : world.objects->contents) {
    if (content.front() == 'a') content.back() = 'x';
  }
  view = world.process()->verify();
  ASSERT_TRUE(view && view->finding);
  EXPECT_EQ(view->finding->sequence, sequence);
  EXPECT_EQ(view->objects.checked, 1U);

  world.objects->contents.clear();
  view = world.process()->verify();
  ASSERT_TRUE(view && view->finding);
  EXPECT_EQ(view->finding->sequence, sequence);

  world.objects->unreadable = Error{Code::read_only, "not for us", "", "", ""};
  view = world.process()->verify();
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->finding);
  EXPECT_EQ(view->objects.problem, "not for us");

  world.objects->gone = true;
  view = world.process()->verify();
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->finding);
  EXPECT_EQ(view->objects.problem, "it is not there, and the ledger names 2");
}

}  // namespace
}  // namespace hal9::engine
