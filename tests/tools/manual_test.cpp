#include "manual.h"

#include "command_table.h"
#include "completion.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

const ManualPage* page_of(const std::vector<ManualPage>& pages, std::string_view words) {
  const std::string first(words.substr(0, words.find(' ')));
  const auto found = std::ranges::find(pages, "hal9-migrate-" + first, &ManualPage::name);
  return found == pages.end() ? nullptr : &*found;
}

TEST(Manual, HasEveryVerbAndOption) {
  const auto pages = manual_pages("November 27, 2026", "1.0");
  const std::string& whole = pages.front().text;
  EXPECT_EQ(pages.front().name, "hal9-migrate");
  for (const Verb* verb : offered_verbs()) {
    EXPECT_NE(whole.find(".It Ic \\&" + std::string(verb->words)), std::string::npos);
    const ManualPage* page = page_of(pages, verb->words);
    if (verb->id == VerbId::help || verb->id == VerbId::version) continue;
    ASSERT_NE(page, nullptr) << verb->words;
    for (const OptionSpec& option : verb->options) {
      const bool there =
          page->text.find(".It Fl -" + std::string(option.name)) != std::string::npos;
      EXPECT_EQ(there, !option.later()) << verb->words << ' ' << option.name;
    }
  }
}

TEST(Manual, SaysExitCodesFilesAndEnvironment) {
  const std::string text = manual_pages("November 27, 2026", "1.0").front().text;
  for (const char* words :
       {".Sh EXIT STATUS",
        ".It 130\n",
        ".It Pa \\&hal9.db.spool",
        ".It Ev \\&HAL9_CONFIG",
        "rollback --emergency --force"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace hal9::tools
