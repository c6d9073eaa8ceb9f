#include "completion.h"

#include "command_line.h"
#include "command_table.h"
#include "hostile.h"
#include "runbook.h"
#include "typed_line.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

TEST(Completion, KnowsEveryVerbAndOptionInEveryShell) {
  for (const std::string& shell : shell_names()) {
    const std::string script = completion_script(shell).value();
    for (const Verb* verb : offered_verbs()) {
      const auto second = verb->words.substr(verb->words.find(' ') + 1);
      EXPECT_NE(script.find(second), std::string::npos) << shell << ' ' << verb->words;
      for (const OptionSpec* option : offered_options(*verb)) {
        const std::string typed = (shell == "fish" ? "-l " : "--") + std::string(option->name);
        EXPECT_NE(script.find(typed), std::string::npos) << shell << ' ' << option->name;
      }
    }
  }
}

TEST(Completion, DoesNotOfferWhatIsNotInThisVersion) {
  for (const std::string& shell : shell_names()) {
    const std::string script = completion_script(shell).value();
    EXPECT_EQ(script.find("retrospective"), std::string::npos) << shell;
    EXPECT_EQ(script.find("no-checkpoint"), std::string::npos) << shell;
  }
}

TEST(Completion, NamesTheShellThatWasMeant) {
  auto script = completion_script("bsh");
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().next, "hal9-migrate completion bash");
}

TEST(Values, AreWhatTheOptionTakes) {
  const Verb& rollback = *find_verb("rollback");
  EXPECT_EQ(values_of(rollback, *find_option(rollback, "from-phase")).values, Values::words);
  const Completed regions = values_of(rollback, *find_option(rollback, "exclude-regions"));
  EXPECT_EQ(regions.kind, "regions");
  EXPECT_TRUE(regions.list);
  EXPECT_EQ(values_of(rollback, *find_option(rollback, "exclude")).kind, "components");
  EXPECT_EQ(values_of(rollback, *find_option(rollback, "force")).values, Values::none);
  EXPECT_EQ(values_of(rollback, *find_option(rollback, "ledger")).values, Values::files);
  EXPECT_EQ(values_of_operand(*find_verb("rollback show")).kind, "rollbacks");
  EXPECT_EQ(values_of_operand(*find_verb("feature enable")).kind, "features");
  EXPECT_EQ(values_of_operand(*find_verb("ledger object")).values, Values::text);
}

TEST(SafeWord, IsMadeOfTheLettersOfNamesAlone) {
  EXPECT_TRUE(is_safe_word("us-west-2.cognitive"));
  EXPECT_TRUE(is_safe_word("01a20d59-55dd-7d21-8003-a5fe67fa9205"));
  EXPECT_FALSE(is_safe_word(""));
  EXPECT_FALSE(is_safe_word("-rf"));
  EXPECT_FALSE(is_safe_word("$(reboot)"));
  EXPECT_FALSE(is_safe_word("a b"));
  EXPECT_FALSE(is_safe_word("`id`"));
  for (const std::string& text : hostile()) EXPECT_FALSE(is_safe_word(text)) << text;
}

TEST(RunbookLines, AreLinesThatThisProgramTakes) {
  for (const RunbookLine& one : runbook_lines()) {
    const auto words = words_of(one.line);
    auto line = CommandLine::parse({words.begin() + 1, words.end()});
    EXPECT_TRUE(line.has_value()) << one.line;
  }
}

}  // namespace
}  // namespace hal9::tools
