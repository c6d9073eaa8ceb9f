#include "help.h"

#include "command_table.h"
#include "table.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

TEST(Help, ShowsTheEmergencyBeforeAnythingElse) {
  const std::string text = help_text();
  const auto emergency = text.find(kEmergencyLine);
  ASSERT_NE(emergency, std::string::npos);
  const auto rollback = text.find("  rollback ");
  const auto traffic = text.find("  traffic ");
  const auto status = text.find("  status ");
  const auto migrate = text.find("  migrate ");
  const auto init = text.find("  init ");
  EXPECT_LT(emergency, rollback);
  EXPECT_LT(rollback, traffic);
  EXPECT_LT(traffic, status);
  EXPECT_LT(status, migrate);
  EXPECT_LT(migrate, init);
}

TEST(Help, NamesEveryVerb) {
  const std::string text = help_text();
  for (const Verb& verb : verbs()) {
    EXPECT_NE(text.find(verb.words), std::string::npos) << verb.words;
  }
}

TEST(Help, NamesEveryOptionOfAVerb) {
  for (const Verb& verb : verbs()) {
    const std::string text = help_text(verb);
    for (const OptionSpec& option : verb.options) {
      EXPECT_NE(text.find("--" + std::string(option.name)), std::string::npos) << option.name;
    }
  }
}

TEST(Help, FitsATerminal) {
  std::string all = help_text();
  for (const Verb& verb : verbs()) {
    if (verb.id != VerbId::later) all += help_text(verb);
  }
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), 100U) << line;
}

}  // namespace
}  // namespace hal9::tools
