// The reader of configurations against the one hostile corpus (tests/corpus).
#include "corpus/corpus.h"

#include "adapters/config/config_file.h"
#include "base/escape.h"

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

}  // namespace
}  // namespace hal9::config
