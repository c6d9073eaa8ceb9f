#include "help.h"

#include "command_table.h"
#include "runbook.h"
#include "table.h"

#include <sstream>
#include <string>

#include <fmt/format.h>
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

TEST(Help, ShowsTheRunbooksLinesBeforeTheCommands) {
  const std::string text = help_text();
  const auto commands = text.find("When something is wrong:");
  for (const char* line : {"hal9-migrate rollback --dry-run", "hal9-migrate traffic --verify"}) {
    EXPECT_LT(text.find(line), commands) << line;
  }
  const std::string rollback = help_text(*find_verb("rollback"));
  EXPECT_NE(
      rollback.find("EMERGENCY: hal9-migrate rollback --emergency --force"), std::string::npos
  );
  EXPECT_LT(
      rollback.find("hal9-migrate rollback --gradual --duration 10m"), rollback.find("--force  ")
  );
  EXPECT_NE(
      help_text(*find_verb("explain")).find("for example: hal9-migrate explain 12"),
      std::string::npos
  );
  EXPECT_NE(help_text().find("  ledger keys [rotate] "), std::string::npos);
}

TEST(Help, SaysWhatEveryExitCodeMeans) {
  const std::string text = help_text();
  for (const ExitMeaning& one : exit_meanings()) {
    EXPECT_NE(text.find(fmt::format("  {:<4} {}\n", one.code, one.meaning)), std::string::npos);
  }
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
