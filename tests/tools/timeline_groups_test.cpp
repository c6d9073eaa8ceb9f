#include "timeline_groups.h"

#include "base/share.h"
#include "base/time.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "formats.h"
#include "hostile.h"
#include "migration/incident.h"
#include "migration/rollback.h"

#include <chrono>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

engine::RollbackView view_of(std::size_t routes) {
  engine::RollbackView view;
  view.rollback.by = "os:alice";
  view.rollback.plan.started = Time{seconds{1'700'000'000}};
  for (std::size_t n = 0; n < routes; ++n) {
    migration::RouteLowering lowering;
    lowering.share_from = Share::of_hundredths(5000);
    view.rollback.plan.routes.push_back(lowering);
  }
  return view;
}

TEST(Since, IsMinutesSecondsAndMilliseconds) {
  EXPECT_EQ(since_text(Micros{0}), "T+0:00.000");
  EXPECT_EQ(since_text(milliseconds{12}), "T+0:00.012");
  EXPECT_EQ(since_text(minutes{2} + milliseconds{3450}), "T+2:03.450");
  EXPECT_EQ(since_text(hours{1} + minutes{2} + milliseconds{3004}), "T+1:02:03.004");
  EXPECT_EQ(since_text(-milliseconds{1}), "T-0:00.001");
}

TEST(Heading, SaysWhichIncidentItBelongsTo) {
  engine::RollbackView view = view_of(2);
  EXPECT_EQ(heading_text(view).find("incident"), std::string::npos);
  view.rollback.incident = migration::IncidentId{{71}};
  EXPECT_NE(heading_text(view).find(", of incident 71\n"), std::string::npos);
}

TEST(Heading, OfAnIncidentSaysWhatItWasAndWhatBecameOfIt) {
  engine::IncidentView view;
  view.incident.id = migration::IncidentId{{71}};
  view.incident.title = "500s\n in eu";
  view.incident.by = "os:alice";
  view.incident.opened = Time{seconds{1'700'000'000}};
  view.rollbacks.resize(2);
  EXPECT_EQ(
      heading_text(view),
      "Incident 71: 500s\\u{A} in eu, major, 2 rollbacks\n"
      "  2023-11-14 22:13:20Z by os:alice; open\n"
  );
  view.closed = view.incident.opened + minutes{12};
  view.closed_by = "os:bob";
  EXPECT_NE(heading_text(view).find("; closed by os:bob after 12:00.000\n"), std::string::npos);
}

TEST(Heading, SaysHowManyRoutesWhoWhyAndHowLong) {
  engine::RollbackView view = view_of(2);
  view.of_routes = 15;
  view.rollback.reason = "p99 rises";
  view.rollback.status = migration::RollbackStatus::completed;
  view.rollback.ended = view.rollback.plan.started + milliseconds{1412};
  const std::string text = heading_text(view);
  for (const char* words :
       {"2 of 15 routes",
        "by os:alice",
        "\"p99 rises\"",
        "share 50% to 0%",
        "completed",
        "after 0:01.412"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << " in " << text;
  }
  EXPECT_NE(heading_text(view_of(15)).find("all 15 routes"), std::string::npos);
  EXPECT_NE(heading_text(view_of(15)).find("no reason given"), std::string::npos);
}

TEST(Heading, IsHarmlessWhateverTheReason) {
  for (const std::string& text : hostile()) {
    engine::RollbackView view = view_of(1);
    view.rollback.reason = view.rollback.by = text;
    EXPECT_TRUE(harmless(heading_text(view)));
  }
}

TEST(GroupEvents, ShowsBothEndsOfALongRollbackAndSaysWhatIsLeftOut) {
  GroupEvents events;
  for (std::size_t n = 1; n <= 100; ++n) {
    engine::TimelineEntry entry;
    entry.sequence.value = n;
    entry.text = "step";
    ASSERT_TRUE(events.entry(entry, milliseconds{n}));
  }
  EXPECT_EQ(events.json().size(), 100U);
  const std::string text = events.text(false);
  EXPECT_NE(text.find("... 60 more"), std::string::npos) << text;
  EXPECT_NE(text.find("T+0:00.020"), std::string::npos);
  EXPECT_EQ(text.find("T+0:00.021"), std::string::npos);
  EXPECT_EQ(text.find("T+0:00.080"), std::string::npos);
  EXPECT_NE(text.find("T+0:00.081"), std::string::npos);
  EXPECT_EQ(events.text(true).find("more"), std::string::npos);
}

// What an entry may have is known before there is one.
TEST(RowOfTimeline, HasEveryMemberOfAnEntry) {
  ListRenderer list(Format::csv, row_of_timeline());
  const std::string head = list.end();
  for (const char* column : {"sequence,", ",reason,", ",text,", "objects.1.of"}) {
    EXPECT_NE(head.find(column), std::string::npos) << column << " in " << head;
  }
  ListRenderer other(Format::csv, row_of_timeline());
  EXPECT_TRUE(other.element(engine::to_json(engine::TimelineEntry{})).starts_with(head));
  EXPECT_EQ(other.end(), "");
}

}  // namespace
}  // namespace hal9::tools
