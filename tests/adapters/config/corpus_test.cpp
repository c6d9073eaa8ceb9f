// The reader of configurations against the one hostile corpus (tests/corpus).
#include "corpus/corpus.h"

#include "adapters/config/config_file.h"
#include "adapters/config/yaml.h"
#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace hal9::config {
namespace {

TEST(ConfigurationCorpus, NoHostileYamlIsAConfiguration) {
  for (const tests::Hostile& hostile : tests::hostile("yaml")) {
    SCOPED_TRACE(hostile.title());
    const auto result = parse(hostile.bytes, "/x/hal9.yaml");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::usage);
    EXPECT_EQ(escape_terminal(result.error().what), result.error().what);
    EXPECT_LT(result.error().what.size(), 1000U);
  }
}

// Comments are left out before the reader sees them: every place and every answer stays.
TEST(ConfigurationCorpus, CommentsAreBlankedAndNothingThatIsText) {
  EXPECT_EQ(blank_comments("a: 1 # x\n  # y\n# z"), "a: 1 # x\n\n");
  EXPECT_EQ(blank_comments("# z\n\n#"), "\n\n");
  for (const char* text : {
           "a: |\n  # text\n",
           "a: >-\n  # text\n",
           "a: \"b\n  # text\"\n",
           "a: 'b\n  # text'\n",
           "a: it's\n# comment\n",
       }) {
    EXPECT_EQ(blank_comments(text), text);
  }
  EXPECT_EQ(read_yaml("a: \"b\n  # text\"\n").members.front().value.text, "b # text");
  EXPECT_EQ(read_yaml("# one\n  # two\na: [1,\n# three\n 2]\n").members.front().key.place.line, 3);
  for (const tests::Hostile& hostile : tests::hostile("yaml")) {
    SCOPED_TRACE(hostile.title());
    const auto blanked = blank_comments(hostile.bytes);
    EXPECT_EQ(std::ranges::count(blanked, '\n'), std::ranges::count(hostile.bytes, '\n'));
    EXPECT_EQ(blank_comments(blanked), blanked);
  }
}

TEST(ConfigurationCorpus, NoHostileNameIsTheMigrations) {
  for (const char* kind : {"name", "haproxy"}) {
    for (const tests::Hostile& hostile : tests::hostile(kind)) {
      SCOPED_TRACE(hostile.title());
      // In double quotes YAML reads JSON's escapes.
      const std::string yaml = "migration: {name: \"" + escape_json(hostile.bytes) +
                               "\"}\nroutes: {regions: [a], components: [b]}\n";
      const auto result = parse(yaml, "/x/hal9.yaml");
      ASSERT_FALSE(result);
      EXPECT_EQ(escape_terminal(result.error().what), result.error().what);
    }
  }
}

TEST(ConfigurationCorpus, BytesThatAreNoUtf8AreNotRead) {
  for (const tests::Hostile& hostile : tests::hostile()) {
    if (hostile.utf8) continue;
    SCOPED_TRACE(hostile.title());
    EXPECT_FALSE(parse(commented_default("blue") + "#" + hostile.bytes, "/x/hal9.yaml"));
  }
}

// A configuration that is right but for one text, in quotes, in one place.
std::string with_text(const std::string& before, const std::string& text, const char* after) {
  return "migration: {name: blue}\nroutes: {regions: [a], components: [b]}\n" + before + '"' +
         escape_json(text) + '"' + after + "\n";
}

TEST(ConfigurationCorpus, AMemberIsRefusedAndShownWithoutHarm) {
  for (const tests::Hostile& hostile : tests::hostile()) {
    if (!hostile.utf8) continue;
    SCOPED_TRACE(hostile.title());
    const auto result = parse(with_text("", hostile.bytes, ": 1"), "/x/hal9.yaml");
    ASSERT_FALSE(result);
    EXPECT_EQ(escape_terminal(result.error().what), result.error().what);
    EXPECT_LT(result.error().what.size(), 1000U);
  }
}

// What goes into lines of the router's configuration must stay one line and one part of it.
TEST(ConfigurationCorpus, NoTextEndsALineOfTheRouter) {
  constexpr std::size_t kPage = 8192;  // a mebibyte takes its time and shows no more than a page
  for (const tests::Hostile& hostile : tests::hostile()) {
    if (!hostile.utf8 || hostile.bytes.size() > kPage) continue;
    SCOPED_TRACE(hostile.title());
    for (const char* member : {"user_key", "route_key", "health_path", "mirror_listen", "files"}) {
      const std::string before = std::string("router: {") + member + ": ";
      const auto result = parse(with_text(before, hostile.bytes, "}"), "/x/hal9.yaml");
      if (!result) continue;
      const auto& made = result->haproxy;
      const auto control = [](char c) { return c >= 0 && c < 0x20; };
      for (const auto& text : {made.user_key, made.route_key, made.health_path, made.files}) {
        EXPECT_TRUE(std::ranges::none_of(text, control)) << text;
      }
      for (const auto& text : {made.user_key, made.route_key, made.health_path}) {
        EXPECT_EQ(text.find('#'), std::string::npos) << text;
      }
      EXPECT_EQ(made.mirror_listen.find_first_of(" \"'\\#;"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace hal9::config
