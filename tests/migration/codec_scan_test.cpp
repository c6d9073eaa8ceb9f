// The quick road through a codec beside the one over a document: what the quick one takes, the other
// takes with the same value.
#include "migration/codec_scan.h"

#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/codec_io.h"
#include "migration/codec_parts.h"  // IWYU pragma: keep (fields() found by argument)
#include "migration/configuration.h"
#include "migration/generators.h"
#include "migration/support.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

template <class T>
void expect_the_same(std::string_view bytes) {
  T quick{};
  if (!ScanReader(bytes).read_all(quick)) return;
  const auto document = decode_document<T>("value", bytes);
  RC_ASSERT(document.has_value());
  RC_ASSERT(*document == quick);
}

RC_GTEST_PROP(CodecScan, TakesOnlyWhatTheDocumentReaderTakes, ()) {
  auto bytes = encode_configuration(*any_configuration());
  expect_the_same<Configuration>(bytes);
  const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      bytes[place] = *rc::gen::elementOf(std::string("0129-\"\\{}[],:. aZ~\x7F\x01\xC3"));
      break;
    case 1:
      bytes.erase(place, 1);
      break;
    default:
      bytes.insert(place, 1, *rc::gen::elementOf(std::string("0 ,\"}]")));
  }
  expect_the_same<Configuration>(bytes);
}

TEST(CodecScan, TakesWhatIsWrittenEveryDay) {
  RouteAmount amount;
  EXPECT_TRUE(ScanReader(R"({"route":"us-west-2.substrate","share":500})").read_all(amount));
  EXPECT_EQ(amount.route, route("us-west-2.substrate"));
  EXPECT_EQ(amount.share, percent(5));
  EXPECT_FALSE(amount.mirror);
}

TEST(CodecScan, GivesUpOnAnotherOrderSpellingOrMember) {
  for (const char* bytes : {
           "",
           "{}",
           R"({"share":500,"route":"a.b"})",
           R"({"route":"a.b","share":0500})",
           R"({"route":"a.b","share":10001})",
           R"({"route":"a.b","share":-1})",
           R"({"route":"a.b","share":1.0})",
           R"({"route":"a.b","share":9007199254740993})",
           R"({"route":"a.b","share":})",
           R"({"route":"a\u002eb"})",
           R"({"route":"a"})",
           R"({"route":"a.b","more":1})",
           R"({"route":"a.b",})",
           R"({,"route":"a.b"})",
           R"({"route":"a.b"} )",
           R"({"route":"a.b")",
       }) {
    RouteAmount amount;
    EXPECT_FALSE(ScanReader(bytes).read_all(amount)) << bytes;
  }
}

}  // namespace
}  // namespace hal9::migration::test
