// How incidents are typed and shown.

#include "migration/incident.h"

#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "engine/views.h"
#include "hostile.h"
#include "incident_choice.h"
#include "say.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

using migration::IncidentId;
using ::testing::HasSubstr;
using ::testing::Not;

engine::IncidentView view_of(const std::string& title) {
  engine::IncidentView view;
  view.incident.id = IncidentId{{71}};
  view.incident.opened = Time{std::chrono::seconds{1'700'000'000}};
  view.incident.severity = migration::Severity::critical;
  view.incident.title = title;
  view.incident.by = "os:alice";
  view.incident.external = {{*Name::parse("pagerduty"), "PX41"}};
  return view;
}

TEST(IncidentNumber, IsAWholeNumberFromOne) {
  EXPECT_EQ(parse_incident("71"), (IncidentId{{71}}));
  for (const char* wrong : {"", "0", "-1", "71a", "latest", "1.5", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_incident(wrong)) << wrong;
  }
}

TEST(IncidentOfARollback, IsANumberOrNone) {
  const auto choice = [](const std::string& typed) {
    return parse_choice(*CommandLine::parse({"rollback", "--incident", typed}));
  };
  EXPECT_EQ(choice("71")->value().joins, (IncidentId{{71}}));
  EXPECT_FALSE(choice("none")->value().joins);
  EXPECT_FALSE(choice("latest")->has_value()) << "as without it: the newest that is open";
  EXPECT_FALSE(parse_choice(*CommandLine::parse({"rollback"}))->has_value());
  const auto wrong = choice("soon");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().next, "hal9-migrate rollback") << "the rollback goes on without it";
}

TEST(IncidentText, SaysWhatIsKnownAndWhatToTypeNext) {
  auto view = view_of("p99 rises");
  EXPECT_THAT(incident_text(view, {}, ""), HasSubstr("External: pagerduty PX41\n"));
  EXPECT_THAT(incident_text(view, {}, ""), HasSubstr("next: hal9-migrate incident close 71"));
  view.closed = view.incident.opened + std::chrono::minutes(12);
  view.closed_by = "os:bob";
  const auto closed = incident_text(view, {}, "");
  EXPECT_THAT(closed, HasSubstr("by os:bob, after 12:00.000\nResolution: none given\n"));
  EXPECT_THAT(closed, HasSubstr("next: hal9-migrate incident list"));
}

TEST(IncidentText, ShowsNoTextThatMovesTheCursor) {
  for (const std::string& text : hostile()) {
    auto view = view_of(text);
    view.reason = view.resolution = view.closed_by = view.incident.by = text;
    view.incident.external.front().id = text;
    view.closed = view.incident.opened;
    EXPECT_TRUE(harmless(incident_text(view, {}, ""))) << text;
    EXPECT_TRUE(harmless(incidents_text({view}, {}))) << text;
  }
}

}  // namespace
}  // namespace hal9::tools
