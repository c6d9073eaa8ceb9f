// What "next:" shows for a line that is wrong: the line as it was meant, whole, that does not end
// in the same error.
#include "base/result.h"
#include "command_line.h"
#include "typed_line.h"

#include <sstream>
#include <string>
#include <utility>
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

Result<CommandLine> parse(const std::string& line) {
  return CommandLine::parse(split(line));
}

// What to type after `line`, without the program's name.
std::string next(const Words& words) {
  auto line = CommandLine::parse(words);
  EXPECT_FALSE(line.has_value());
  if (line) return {};
  const std::string program = "hal9-migrate ";
  EXPECT_TRUE(line.error().next.starts_with(program)) << line.error().next;
  return line.error().next.substr(program.size());
}
std::string next(const std::string& line) {
  return next(split(line));
}

TEST(NextLine, CutsEverythingWhateverElseWasTypedWithTheEmergency) {
  for (const char* line :
       {"rollback --emergency --bogus",
        "rollback --emergency now please",
        "rollback --emergency --bogusthing",
        "rollback --emergency --percentage",
        "rollback emergency",
        "rollback emergancy",
        "xyzzyxyzzy --emergency",
        "emergency",
        "--emergency",
        "migrate --emergency --percentage 5"}) {
    EXPECT_EQ(next(line), "rollback --emergency") << line;
  }
}

TEST(NextLine, KeepsTheReasonOfAnEmergency) {
  EXPECT_EQ(
      next("rollback --emergency --force --reason fire --bogusthing"),
      "rollback --emergency --force --reason fire"
  );
}

TEST(NextLine, JoinsAListThatWasGivenInParts) {
  const std::string both = "rollback --regions us-west-2,eu-west-1";
  EXPECT_EQ(next("rollback --regions us-west-2 --regions eu-west-1"), both);
  EXPECT_EQ(next("rollback --regions us-west-2, eu-west-1"), both);
  EXPECT_EQ(
      next("rollback --emergency --components cognitive, substrate --force"),
      "rollback --emergency --components cognitive,substrate --force"
  );
}

TEST(NextLine, KnowsWhatOthersCallAnOption) {
  EXPECT_EQ(next("rollback --percent 0"), "rollback --percentage 0");
  EXPECT_EQ(next("rollback --phase shadow"), "rollback --to-phase shadow");
  EXPECT_EQ(next("rollback --exclude-components cognitive"), "rollback --exclude cognitive");
}

// As a chat pastes it.
TEST(CommandLine, ReadsALongDashBeforeAnOption) {
  const auto line = CommandLine::parse(
      {"rollback", "\u2013emergency", "\u2014force", "--reason", "\u2013 nothing works"}
  );
  ASSERT_TRUE(line.has_value()) << line.error().what;
  EXPECT_TRUE(line->has("emergency"));
  EXPECT_TRUE(line->has("force"));
  EXPECT_EQ(line->value("reason"), "\u2013 nothing works");
}

// Which part is meant was typed right.
TEST(NextLine, KeepsTheSelectionOfAnEmergency) {
  for (const char* line :
       {"rollback --emergancy --regions us-west-2",
        "rollbak --emergency --regions us-west-2",
        "rollback emergency --regions us-west-2"}) {
    EXPECT_EQ(next(line), "rollback --emergency --regions us-west-2") << line;
  }
  EXPECT_EQ(
      next("rollback --emergency --regons us-west-2"), "rollback --emergency --regions us-west-2"
  );
}

TEST(NextLine, DoesNotCutForSomebodyWhoWantedToSeeWhatACutWouldDo) {
  EXPECT_EQ(next("rollback --emergancy --dry-run"), "rollback --emergency --dry-run");
  EXPECT_EQ(next("rollback --emergency --dry-rum"), "rollback --emergency --dry-run");
}

TEST(NextLine, MakesAnOptionOfAWordWithoutDashes) {
  EXPECT_EQ(next("rollback gradual"), "rollback --gradual");
  EXPECT_EQ(next("rollback immediate --reason x"), "rollback --immediate --reason x");
  EXPECT_EQ(next("rollback canary --reason x"), "rollback --reason x --from-phase canary");
  EXPECT_EQ(next("migrate canary --percentage 5"), "migrate --percentage 5 --phase canary");
}

TEST(NextLine, MakesAnOptionOfAValueThatStandsAlone) {
  EXPECT_EQ(next("rollback 5 --reason x"), "rollback --reason x --percentage 5");
  EXPECT_EQ(next("rollback --gradual 20m"), "rollback --gradual --duration 20m");
  EXPECT_EQ(next("feature enable meta 10"), "feature enable meta --percentage 10");
  EXPECT_EQ(next("rollback --percentage 5 6"), "rollback --help");
}

TEST(NextLine, KeepsTheOptionsOfTheCommandThatWasMeant) {
  EXPECT_EQ(next("rollback lst --limit 3"), "rollback list --limit 3");
  EXPECT_EQ(next("--json rollback lst"), "--json rollback list");
  EXPECT_EQ(next("rollback --json lst"), "rollback list --json");
  EXPECT_EQ(next("feature disble meta --reason x"), "feature disable meta --reason x");
  EXPECT_EQ(next("status --detaild --at 3 --json"), "status --detailed --at 3 --json");
  EXPECT_EQ(next("status --dtailed=x --at 3"), "status --detailed --at 3");
}

TEST(NextLine, KeepsThePhaseWhereTwoSharesDiffer) {
  EXPECT_EQ(
      next("migrate --phase canary --percentage 5 --target 6 --reason x"),
      "migrate --phase canary --percentage 5 --reason x"
  );
  EXPECT_EQ(
      next("migrate --target=6 --phase canary --percentage 5"), "migrate --target 5 --phase canary"
  );
}

TEST(NextLine, LeavesOutWhatALaterVersionDeliversAndNothingElse) {
  EXPECT_EQ(next("migrate --phase canary --no-checkpoint --yes"), "migrate --phase canary --yes");
  EXPECT_EQ(
      next("monitor --post-rollback --duration 30m"), "monitor --duration 30m --system hierarchical"
  );
}

TEST(NextLine, NamesTheMigrationThatWasNamed) {
  EXPECT_EQ(
      next("--config a.yaml state list-checkpoints --ledger=b.db"),
      "rollback --from-phase state-migration --config a.yaml --ledger=b.db"
  );
  const CommandLine line = *parse("status --config a.yaml");
  EXPECT_EQ(line.in_place("hal9-migrate traffic"), "hal9-migrate traffic --config a.yaml");
  EXPECT_EQ(line.in_place("hal9-migrate status --config b"), "hal9-migrate status --config b");
  EXPECT_EQ(line.in_place("hal9-migrate init"), "hal9-migrate init");
  EXPECT_EQ(line.in_place("df -h"), "df -h");
}

TEST(NextLine, BesideEvidenceLooksAtTheEvidenceOrIsNone) {
  const auto line = CommandLine::parse({"status", "--immutable", "--ledger", "evid.db"}).value();
  EXPECT_EQ(
      line.in_place("hal9-migrate timeline"), "hal9-migrate timeline --ledger evid.db --immutable"
  );
  EXPECT_EQ(
      line.in_place("hal9-migrate ledger open --immutable --ledger b"),
      "hal9-migrate ledger open --immutable --ledger b"
  );
  for (const char* acting :
       {"hal9-migrate migrate --phase shadow",
        "hal9-migrate ledger seal",
        "hal9-migrate rollback",
        "hal9-migrate rollback --emergency"}) {
    EXPECT_EQ(line.in_place(acting), "") << acting;
  }
  EXPECT_EQ(line.in_place("ls -l evid.db"), "ls -l evid.db");
}

TEST(NextLine, WordsOfALineAreThoseThatAShellWouldRead) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"annotate", "what happened, and where"},
           {"annotate", "it's \"so\"", "", "a\\b", "$HOME"},
           {"status"},
       }) {
    const std::string line = shell_line(words).substr(std::string("hal9-migrate ").size());
    EXPECT_EQ(words_of(line), words) << line;
  }
  EXPECT_EQ(words_of("annotate \"a b\""), (std::vector<std::string>{"annotate", "a b"}));
}

TEST(NextLine, IsNeverTheLineThatWasRefused) {
  EXPECT_EQ(next("rollback --emergency=false"), "rollback");
  EXPECT_EQ(next("rollback --complete=yes --reason x"), "rollback --complete --reason x");
  EXPECT_EQ(next("rollback show"), "rollback show latest");
  EXPECT_EQ(next("rollback --percentage"), "rollback --percentage 0");
  EXPECT_EQ(next("feature disable"), "feature list");
  EXPECT_EQ(next("hook dismiss"), "hook list");
  EXPECT_EQ(next("rollback -- emergency"), "rollback --emergency");
}

// The few that stand for all: each line that is shown is one that can be typed.
TEST(NextLine, Parses) {
  for (const char* line :
       {"rollbak --emergancy --regons x",
        "feature",
        "feature xyzzyxyzzy --bogusthing",
        "migrate --phase",
        "timeline --limit --reverse",
        "status --format",
        "annotate",
        "ledger",
        "config",
        "router",
        "help --bogusthing",
        "traffic now",
        "-o"}) {
    const std::string typed = next(line);
    EXPECT_TRUE(parse(typed).has_value()) << line << " -> " << typed;
  }
}

TEST(NextLine, MendsTheValueOfTheOptionThatWasMeant) {
  EXPECT_EQ(next("rollback --duraton 5"), "rollback --duration 5m");
  EXPECT_EQ(next("migrate --phse canry --percentage 5"), "migrate --phase canary --percentage 5");
  EXPECT_EQ(next("rollback --emergancy --percentage 0,5"), "rollback --emergency --percentage 0.5");
}

TEST(NextLine, HasAValueThatTheOptionTakes) {
  const auto of = [](const std::string& line, auto question) {
    const CommandLine typed = *parse(line);
    auto answer = question(typed);
    EXPECT_FALSE(answer.has_value()) << line;
    return answer ? std::string() : answer.error().next;
  };
  const auto share = [](const CommandLine& line) { return line.share(); };
  EXPECT_EQ(
      of("rollback --target 500 --reason x", share), "hal9-migrate rollback --target 0 --reason x"
  );
  EXPECT_EQ(
      of("migrate --phase canary --percentage 0,5", share),
      "hal9-migrate migrate --phase canary --percentage 0.5"
  );
  const auto gradual = [](const CommandLine& line) { return line.gradual(); };
  EXPECT_EQ(
      of("rollback --gradual --duration 10 --percentage 5", gradual),
      "hal9-migrate rollback --gradual --duration 10m --percentage 5"
  );
  EXPECT_EQ(of("rollback --duration 2hours", gradual), "hal9-migrate rollback --duration 2h");
  EXPECT_EQ(of("rollback --duration soon", gradual), "hal9-migrate rollback --duration 10m");
  EXPECT_EQ(
      of("rollback --gradual --immediate --reason x", gradual),
      "hal9-migrate rollback --immediate --reason x"
  );
  EXPECT_EQ(
      of("rollback --immediate --duration 3m --reason x", gradual),
      "hal9-migrate rollback --duration 3m --reason x --gradual"
  );
  const auto limit = [](const CommandLine& line) { return line.number("limit"); };
  EXPECT_EQ(
      of("timeline --limit 0 --reverse", limit), "hal9-migrate timeline --limit 20 --reverse"
  );
  const auto phase = [](const CommandLine& line) {
    return line.phase("from-phase", line.without({"from-phase"}));
  };
  EXPECT_EQ(
      of("rollback --from-phase Cannary --percentage 0", phase),
      "hal9-migrate rollback --from-phase canary --percentage 0"
  );
  EXPECT_EQ(
      of("rollback --from-phase xyzzyxyzzy --percentage 0", phase),
      "hal9-migrate rollback --percentage 0"
  );
}

Error from_engine(std::string line) {
  return {Code::conflict, "refused", "", "", std::move(line)};
}

TEST(NextLine, OfTheEngineIsCompletedWithWhatWasTyped) {
  EXPECT_EQ(
      parse("rollback --from-phase shadow --percentage 5 --reason x")
          ->completed(from_engine("hal9-migrate rollback --from-phase canary"))
          .next,
      "hal9-migrate rollback --from-phase canary --percentage 5 --reason x"
  );
  EXPECT_EQ(
      parse("migrate --phase ramp-up --yes --include-held --reason x --json")
          ->completed(from_engine("hal9-migrate migrate --phase ramp-up --percentage 25"))
          .next,
      "hal9-migrate migrate --phase ramp-up --percentage 25 --include-held --reason x --json"
  );
}

// To another phase than was typed nothing is taken along but why and how slowly: it is looked at anew, and asked.
TEST(NextLine, OfTheEngineTakesNoConsentAlongToAnotherPhase) {
  EXPECT_EQ(
      parse("migrate --phase full --yes --override health --include-held --reason x")
          ->completed(from_engine("hal9-migrate migrate --phase shadow"))
          .next,
      "hal9-migrate migrate --phase shadow --reason x"
  );
  EXPECT_EQ(
      parse("migrate --phase full --gradual --duration 30m --pause-after 50 --yes")
          ->completed(from_engine("hal9-migrate migrate --phase ramp-up --percentage 25"))
          .next,
      "hal9-migrate migrate --phase ramp-up --percentage 25 --gradual --duration 30m"
  );
  // What names routes itself has taken the typed selection into account.
  EXPECT_EQ(
      parse("migrate --phase canary --exclude-regions us-west-2 --exclude cognitive --yes")
          ->completed(from_engine("hal9-migrate migrate --phase canary --regions eu-west-1"))
          .next,
      "hal9-migrate migrate --phase canary --regions eu-west-1"
  );
  EXPECT_EQ(
      parse("migrate --phase full --reason x")->completed(from_engine("hal9-migrate status")).next,
      "hal9-migrate status"
  );
}

TEST(NextLine, ChangesOneOfSeveralValues) {
  const CommandLine line = *parse("timeline --type rolback --type=phas --limit 3");
  EXPECT_EQ(
      line.with_instead("type", "rolback", "rollback"),
      "hal9-migrate timeline --type rollback --type=phas --limit 3"
  );
  EXPECT_EQ(
      line.with_instead("type", "phas", "phase"),
      "hal9-migrate timeline --type rolback --type=phase --limit 3"
  );
}

TEST(NextLine, ChangesTheOperandAndNoValueThatIsTheSame) {
  const CommandLine line = *parse("feature disable meta --reason meta");
  EXPECT_EQ(line.with_operand("deep"), "hal9-migrate feature disable deep --reason meta");
}

}  // namespace
}  // namespace hal9::tools
