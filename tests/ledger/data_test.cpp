#include "ledger/line.h"

#include <string>

#include <gtest/gtest.h>

namespace hal9::ledger {

namespace {

std::string nested(int depth) {
  std::string text = "{\"a\":";
  for (int i = 1; i < depth; ++i) text += '[';
  for (int i = 1; i < depth; ++i) text += ']';
  return text + "}";
}

TEST(Data, OfEveryKindOfValueIsTaken) {
  for (const char* json : {
           "{}",
           R"({"a":1,"b":-2,"c":0,"d":true,"e":false,"f":null,"g":[],"h":{}})",
           R"({"a":9007199254740991,"b":-9007199254740991})",
           R"({"a":0.5,"b":1e3,"c":-1.25})",
           R"({"a":"\"\\\b\f\n\r\t\u0000\u001f/é"})",
           R"({"":{"a":[{"a":1},{"a":2}]}})",
       }) {
    EXPECT_TRUE(check_data(json)) << json;
  }
}

TEST(Data, InAnotherFormThanTheOneIsRefused) {
  for (const char* json : {
           "{ }",
           "{\"a\": 1}",
           "{\"a\":1 ,\"b\":2}",
           "{\"a\":1}\n",
           " {}",
           R"({"a":"\/"})",
           R"({"a":"\u000a"})",
           R"({"a":"\u001F"})",
           R"({"a":"\u0041"})",
           R"({"a":"\u00e9"})",
           R"({"a":-0})",
       }) {
    EXPECT_FALSE(check_data(json)) << json;
  }
}

TEST(Data, ThatIsNotOneObjectIsRefused) {
  for (const char* json : {
           "",
           "[]",
           "1",
           "null",
           "\"a\"",
           "{",
           "{}{}",
           "{\"a\"}",
           "{\"a\":}",
           "{,}",
           "{\"a\":1,}",
           "{\"a\":NaN}",
           "{\"a\":Infinity}",
           "{\"a\":01}",
           "{\"a\":+1}",
           "{\"a\":.5}",
           "{'a':1}",
           "{\"a\":\"\n\"}",
           "\xEF\xBB\xBF{}",
           "/**/{}",
       }) {
    EXPECT_FALSE(check_data(json)) << json;
  }
}

TEST(Data, WithANameTwiceIsRefused) {
  const auto refused = check_data(R"({"a":1,"b":{"c":1,"c":2}})");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().why.find("c"), std::string::npos);
  EXPECT_TRUE(check_data(R"({"a":{"a":1},"b":{"a":1}})"));
}

TEST(Data, WithAnIntegerThatADoubleCannotHoldIsRefused) {
  for (const char* json : {
           R"({"a":9007199254740992})",
           R"({"a":-9007199254740992})",
           R"({"a":18446744073709551616})",
           R"({"a":99999999999999999999999})",
           R"({"a":1e999})",
       }) {
    EXPECT_FALSE(check_data(json)) << json;
  }
}

TEST(Data, AsDeepAsAllowedIsTakenAndDeeperIsRefused) {
  EXPECT_TRUE(check_data(nested(kMaxDepth)));
  EXPECT_FALSE(check_data(nested(kMaxDepth + 1)));
  EXPECT_FALSE(check_data(nested(500'000)));
}

TEST(Data, AsLargeAsAllowedIsTakenAndLargerIsRefused) {
  const std::string frame = R"({"a":""})";
  EXPECT_TRUE(check_data(R"({"a":")" + std::string(kMaxDataBytes - frame.size(), 'x') + R"("})"));
  EXPECT_FALSE(
      check_data(R"({"a":")" + std::string(kMaxDataBytes - frame.size() + 1, 'x') + R"("})")
  );
}

TEST(Data, ThatIsNotUtf8IsRefused) {
  for (const char* bytes : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3"}) {
    EXPECT_FALSE(check_data(std::string("{\"a\":\"") + bytes + "\"}"));
  }
  EXPECT_FALSE(check_data(R"({"a":"\ud800"})"));
}

}  // namespace

}  // namespace hal9::ledger
