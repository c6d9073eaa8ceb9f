#include "command_line.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "command_table.h"

#include <chrono>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

using Words = std::vector<std::string>;

Words split(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

CommandLine parsed(const Words& words) {
  auto line = CommandLine::parse(words);
  EXPECT_TRUE(line.has_value()) << (line ? "" : line.error().what);
  return line ? *line : CommandLine();
}
CommandLine parsed(const std::string& line) {
  return parsed(split(line));
}

Error refused(const Words& words) {
  auto line = CommandLine::parse(words);
  EXPECT_FALSE(line.has_value());
  if (line) return {};
  EXPECT_EQ(line.error().code, Code::usage);
  return line.error();
}
Error refused(const std::string& line) {
  return refused(split(line));
}

TEST(CommandTable, NamesEachVerbOnce) {
  std::set<std::string_view> seen;
  for (const Verb& verb : verbs()) EXPECT_TRUE(seen.insert(verb.words).second) << verb.words;
}

// An example that does not parse would be the wrong line to type at night.
TEST(CommandTable, ParsesEachExampleOfAVerb) {
  for (const Verb& verb : verbs()) {
    Words words = split(std::string(verb.example));
    ASSERT_EQ(words.front(), "hal9-migrate");
    words.erase(words.begin());
    auto line = CommandLine::parse(words);
    EXPECT_TRUE(line.has_value()) << verb.example;
  }
}

TEST(CommandTable, ParsesEachLineThatStandsInForALaterOption) {
  for (const Verb& verb : verbs()) {
    for (const OptionSpec& option : verb.options) {
      if (!option.later()) continue;
      Words words = split(std::string(option.instead));
      words.erase(words.begin());
      EXPECT_TRUE(CommandLine::parse(words).has_value()) << option.instead;
    }
  }
}

TEST(CommandTable, PointsSynonymsAtOptionsThatExist) {
  for (const Verb& verb : verbs()) {
    for (const OptionSpec& option : verb.options) {
      if (option.same_as.empty()) continue;
      EXPECT_NE(find_option(verb, option.same_as), nullptr) << option.name;
    }
  }
}

TEST(CommandLine, TakesTheRunbooksLines) {
  for (const char* line :
       {"rollback --emergency --force",
        "rollback --from-phase shadow",
        "rollback --from-phase canary --percentage 0",
        "rollback --from-phase state-migration --restore-checkpoint",
        "rollback --from-phase ramp-up --target-percentage 0",
        "rollback --from-phase full --complete",
        "feature disable shadow_mode",
        "status",
        "rollback --from-phase canary --gradual --duration 10m",
        "rollback --from-phase canary --immediate",
        "traffic --show-split",
        "migrate --phase ramp-up --percentage 0 --immediate",
        "migrate --phase canary --percentage 5",
        "rollback --complete --preserve-data",
        "traffic --verify",
        "monitor --system hierarchical"}) {
    EXPECT_TRUE(CommandLine::parse(split(line)).has_value()) << line;
  }
}

TEST(CommandLine, SuggestsTheCommandAndKeepsTheRestOfTheLine) {
  const Error error = refused("rollbak --emergency");
  EXPECT_EQ(error.what, "there is no command \"rollbak\"");
  EXPECT_EQ(error.why, "Did you mean \"rollback\"?");
  EXPECT_EQ(error.next, "hal9-migrate rollback --emergency");
}

TEST(CommandLine, SuggestsTheOption) {
  const Error error = refused("rollback --emergancy --force");
  EXPECT_EQ(error.why, "Did you mean --emergency?");
  EXPECT_EQ(error.next, "hal9-migrate rollback --emergency --force");
}

TEST(CommandLine, SuggestsTheOptionBehindASingleDash) {
  EXPECT_EQ(refused("rollback -emergency").next, "hal9-migrate rollback --emergency");
  EXPECT_EQ(refused("status -output x").why, "Did you mean --output?");
}

TEST(CommandLine, SuggestsTheSecondWord) {
  EXPECT_EQ(refused("feature disble x").why, "Did you mean \"feature disable\"?");
  EXPECT_EQ(refused("rollback lst").why, "Did you mean \"rollback list\"?");
}

TEST(CommandLine, ListsWhatThereIsWhenNothingIsNear) {
  EXPECT_NE(refused("xyzzyxyzzy").why.find("rollback"), std::string::npos);
  EXPECT_NE(refused("status --xyzzyxyzzy").why.find("--detailed"), std::string::npos);
}

TEST(CommandLine, NamesTheCommandsOfAFamilyThatStandsAlone) {
  EXPECT_NE(refused("feature").what.find("disable"), std::string::npos);
}

TEST(CommandLine, RefusesWhatALaterVersionDelivers) {
  for (const char* line :
       {"status --alerts",
        "state list-checkpoints",
        "state-migration --stop",
        "metrics --anomalies",
        "health --all-systems",
        "report --rollback",
        "debug --capture-all",
        "logs --export",
        "analyze --failure",
        "reset --keep-learnings",
        "plan --conservative",
        "ux-metrics --post-rollback",
        "monitor --post-rollback --duration 30m"}) {
    const Error error = refused(line);
    EXPECT_NE(error.what.find("not in this version"), std::string::npos) << line;
    EXPECT_TRUE(error.next.starts_with("hal9-migrate ")) << line;
  }
}

TEST(CommandLine, TakesTheSpellingsOfAShareForOneOption) {
  for (const char* option : {"percentage", "target-percentage", "target", "to-percentage"}) {
    auto share = parsed(std::string("rollback --") + option + " 5").share();
    ASSERT_TRUE(share.has_value());
    EXPECT_EQ(*share, Share::of_hundredths(500)) << option;
  }
}

TEST(CommandLine, RefusesTwoSharesThatDiffer) {
  const Error error = refused("rollback --percentage 5 --target-percentage 6");
  EXPECT_NE(error.what.find("--percentage 5"), std::string::npos);
  EXPECT_NE(error.what.find("--target-percentage 6"), std::string::npos);
  refused("rollback --percentage 5 --percentage 6");
}

TEST(CommandLine, TakesTwoSharesThatAreTheSame) {
  auto share = parsed("rollback --percentage 5 --target 5.0").share();
  ASSERT_TRUE(share.has_value());
  EXPECT_EQ(*share, Share::of_hundredths(500));
}

TEST(CommandLine, RefusesAShareOutOfRangeByTheNameItWasGiven) {
  auto share = parsed("migrate --phase canary --target 500").share();
  ASSERT_FALSE(share.has_value());
  EXPECT_EQ(share.error().code, Code::usage);
  EXPECT_TRUE(share.error().what.starts_with("--target:")) << share.error().what;
  EXPECT_FALSE(parsed("migrate --phase canary --percentage -5").share().has_value());
}

// `--reason $UNSET --emergency`: the shell left nothing where the reason was.
TEST(CommandLine, LetsAnUnsetReasonNotSwallowTheEmergency) {
  const CommandLine line = parsed("rollback --reason --emergency");
  EXPECT_TRUE(line.has("emergency"));
  EXPECT_EQ(line.value("reason"), "");
  EXPECT_EQ(parsed("rollback --emergency --reason").value("reason"), "");
}

TEST(CommandLine, TakesAnEmptyReason) {
  const CommandLine line = parsed(Words{"rollback", "--reason", "", "--emergency"});
  EXPECT_TRUE(line.has("emergency"));
  EXPECT_EQ(line.value("reason"), "");
  EXPECT_EQ(parsed(Words{"rollback", "--reason=", "--emergency"}).value("reason"), "");
  EXPECT_TRUE(parsed(Words{"rollback", "--reason=", "--emergency"}).has("emergency"));
}

TEST(CommandLine, KeepsAReasonAsItWasTyped) {
  for (const std::string reason :
       {"[a,b]", "a,b", "-5% of users", "\"quoted\"", "a=b", "{x}", "日本"}) {
    EXPECT_EQ(parsed(Words{"rollback", "--reason", reason}).value("reason"), reason);
    EXPECT_EQ(parsed(Words{"rollback", "--reason=" + reason}).value("reason"), reason);
  }
}

TEST(CommandLine, KeepsAnAnnotationAsItWasTyped) {
  for (const std::string text : {"[a,b]", "why, oh why", "a=b"}) {
    EXPECT_EQ(parsed(Words{"annotate", text}).operand(), text);
  }
  EXPECT_EQ(parsed(Words{"annotate", "--", "--not an option"}).operand(), "--not an option");
  EXPECT_EQ(parsed("annotate users complain").operand(), "users complain");
}

TEST(CommandLine, RefusesAnOptionWithoutItsValue) {
  EXPECT_NE(refused("migrate --phase").what.find("--phase needs"), std::string::npos);
  EXPECT_NE(refused("migrate --phase --yes").what.find("--phase needs"), std::string::npos);
}

TEST(CommandLine, RefusesAFlagWithAValue) {
  refused("rollback --emergency=false");
}

TEST(CommandLine, RefusesAnOperandThatNobodyTakes) {
  refused("traffic now");
}

TEST(CommandLine, RefusesAMissingOperand) {
  EXPECT_NE(refused("feature disable").what.find("NAME"), std::string::npos);
  refused("annotate");
}

TEST(CommandLine, TakesACheckpointWithAndWithoutItsName) {
  EXPECT_EQ(parsed("rollback --restore-checkpoint").value("restore-checkpoint"), "");
  const CommandLine line = parsed("rollback --restore-checkpoint --yes");
  EXPECT_TRUE(line.has("yes"));
  EXPECT_TRUE(line.has("restore-checkpoint"));
  EXPECT_EQ(parsed("rollback --restore-checkpoint latest").value("restore-checkpoint"), "latest");
}

TEST(CommandLine, FindsTheCommandBehindGlobalOptions) {
  const CommandLine line = parsed("--config a.yaml --json rollback list --limit 3");
  EXPECT_EQ(line.verb().id, VerbId::rollback_list);
  EXPECT_EQ(line.value("config"), "a.yaml");
  EXPECT_TRUE(line.has("json"));
  EXPECT_EQ(*line.number("limit"), 3U);
  EXPECT_EQ(parsed("-o out.json status").value("output"), "out.json");
}

TEST(CommandLine, TakesSeveralOverrides) {
  const CommandLine line = parsed("migrate --phase canary --override flat --override health");
  EXPECT_EQ(line.values("override"), (Words{"flat", "health"}));
}

TEST(CommandLine, MakesTenMinutesOfAGradualOneWithoutDuration) {
  EXPECT_EQ(*parsed("rollback --gradual").gradual(), Micros(std::chrono::minutes(10)));
  EXPECT_EQ(*parsed("rollback --gradual --duration 3s").gradual(), Micros(std::chrono::seconds(3)));
  EXPECT_EQ(*parsed("rollback --immediate").gradual(), std::nullopt);
  EXPECT_EQ(*parsed("rollback").gradual(), std::nullopt);
}

TEST(CommandLine, RefusesGradualAndImmediateTogether) {
  EXPECT_FALSE(parsed("rollback --gradual --immediate").gradual().has_value());
  EXPECT_FALSE(parsed("rollback --immediate --duration 3s").gradual().has_value());
  EXPECT_FALSE(parsed("rollback --gradual --duration 10").gradual().has_value());
}

TEST(CommandLine, QuotesTheLineToTypeNext) {
  const CommandLine line = parsed(Words{"migrate", "--phase", "canary", "--reason", "it's time"});
  const std::string again = line.with("yes");
  EXPECT_TRUE(again.starts_with("hal9-migrate migrate --phase canary --reason ")) << again;
  EXPECT_TRUE(again.ends_with(" --yes"));
  EXPECT_NE(again.find('\''), std::string::npos);
}

TEST(CommandLine, ShowsTheHelpForNothingAtAll) {
  EXPECT_EQ(parsed(Words{}).verb().id, VerbId::help);
  EXPECT_EQ(parsed("--version").verb().id, VerbId::version);
  EXPECT_TRUE(parsed("feature disable --help").has("help"));
  EXPECT_EQ(parsed("feature --help").operand(), "feature");
}

}  // namespace
}  // namespace hal9::tools
