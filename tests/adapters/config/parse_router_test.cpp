// The router kinds exec and http in hal9.yaml: what is taken, and what is refused before a night.
#include "adapters/config/config_file.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::config {
namespace {

using ::testing::HasSubstr;

Result<migration::Configuration> with_router(const std::string& router) {
  return parse(
      "migration: {name: blue}\nroutes: {regions: [a], components: [b]}\nrouter: " + router,
      "/srv/blue/hal9.yaml"
  );
}

std::string refusal(const std::string& router) {
  const auto result = with_router(router);
  return result ? "accepted" : result.error().what;
}

// A router over HTTP with these members beside, or instead of, what it needs.
std::string http(
    const std::string& more,
    const std::string& read = "url: 'http://127.0.0.1:2019/{route}', pointer: /share",
    const std::string& set = "url: 'http://127.0.0.1:2019/{route}', body: '{share}'"
) {
  return "{kind: http, read: {" + read + "}, set: {" + set + "}" + more + "}";
}

TEST(ParseRouter, TakesAProgram) {
  const auto result =
      with_router("{kind: exec, command: [/usr/local/bin/move, --all], timeout: 1500ms}");
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->router, migration::RouterKind::exec);
  ASSERT_TRUE(result->exec);
  EXPECT_EQ(result->exec->command, (std::vector<std::string>{"/usr/local/bin/move", "--all"}));
  EXPECT_EQ(result->exec->timeout, std::chrono::milliseconds(1500));
  EXPECT_FALSE(result->http);
  EXPECT_EQ(with_router("{kind: exec, command: [/a]}")->exec->timeout, std::chrono::seconds(5));
}

TEST(ParseRouter, RefusesAProgramThatIsNoneOrHasNoTime) {
  EXPECT_THAT(refusal("{kind: exec}"), HasSubstr("router.command is missing"));
  EXPECT_THAT(refusal("{kind: exec, command: [move]}"), HasSubstr("an absolute path"));
  EXPECT_THAT(refusal("{kind: exec, command: []}"), HasSubstr("an absolute path"));
  EXPECT_THAT(refusal("{kind: exec, command: [/a], timeout: 50ms}"), HasSubstr("router.timeout"));
  EXPECT_THAT(refusal("{kind: exec, command: [/a], timeout: 61s}"), HasSubstr("router.timeout"));
}

TEST(ParseRouter, RefusesMembersOfAnotherKind) {
  EXPECT_THAT(refusal("{kind: ledger-only, command: [/a]}"), HasSubstr("kind ledger-only"));
  EXPECT_THAT(refusal("{kind: exec, command: [/a], files: x}"), HasSubstr("router.files"));
  EXPECT_THAT(refusal("{kind: exec, command: [/a], ca_file: x}"), HasSubstr("router.ca_file"));
  EXPECT_THAT(refusal(http(", command: [/a]")), HasSubstr("router.command"));
  EXPECT_THAT(refusal(http(", backends: {flat: a}")), HasSubstr("router.backends"));
}

TEST(ParseRouter, TakesAnInterfaceOverHttp) {
  const auto result = with_router(http(
      ", token: {file: token, header: X-Key}, ca_file: /ca.pem, timeout: 2s, "
      "health: {flat: ['http://10.0.0.1/up']}",
      "url: 'http://127.0.0.1:2019/{route}', pointer: '/{region}/w', value: '{hundredths}'",
      "method: PATCH, url: 'http://127.0.0.1:2019/{route}', body: '[{flat_hundredths}]'"
  ));
  ASSERT_TRUE(result) << result.error().what;
  ASSERT_TRUE(result->http);
  const auto& settings = *result->http;
  EXPECT_EQ(settings.read_pointer, "/{region}/w");
  EXPECT_EQ(settings.read_value, "{hundredths}");
  EXPECT_EQ(settings.set_method, "PATCH");
  EXPECT_EQ(settings.token_file, "/srv/blue/token");
  EXPECT_EQ(settings.token_header, "X-Key");
  EXPECT_EQ(settings.ca_file, "/ca.pem");
  EXPECT_EQ(settings.flat_health, std::vector<std::string>{"http://10.0.0.1/up"});
  EXPECT_EQ(settings.timeout, std::chrono::seconds(2));
}

TEST(ParseRouter, RefusesPlacesThatAreNone) {
  const auto read = [](const std::string& url) {
    return refusal(http("", "url: '" + url + "', pointer: /a", "url: 'http://h/', body: b"));
  };
  EXPECT_EQ(read("http://h/x"), "accepted");
  for (const char* wrong :
       {"h/x",
        "ftp://h/x",
        "http://user:secret@h/x",
        "http://{region}/x",
        "http:///x",
        "http://h/a b",
        "http://h/a#b",
        "file:///etc/passwd"}) {
    EXPECT_THAT(read(wrong), HasSubstr("router.read.url takes")) << wrong;
  }
  EXPECT_THAT(read("http://h/{component"), HasSubstr("accepted"));  // no placeholder: as it stands
  EXPECT_THAT(read("http://h/{share}"), HasSubstr("no placeholder"));
  EXPECT_THAT(read("http://h/{rute}"), HasSubstr("did you mean {route}?"));
}

TEST(ParseRouter, RefusesAnotherHostForWhatIsSet) {
  EXPECT_THAT(
      refusal(http("", "url: 'http://h:1/', pointer: /a", "url: 'http://h:2/', body: b")),
      HasSubstr("another host")
  );
}

TEST(ParseRouter, RefusesAValueThatCannotBeReadBack) {
  const auto value = [](const std::string& text) {
    return refusal(http(
        "", "url: 'http://h/', pointer: /a, value: '" + text + "'", "url: 'http://h/', body: b"
    ));
  };
  EXPECT_EQ(value("w={share_fraction};"), "accepted");
  for (const char* wrong : {"none", "{route}", "{share}{flat}", "{shares}"}) {
    EXPECT_THAT(value(wrong), HasSubstr("router.read.value")) << wrong;
  }
}

TEST(ParseRouter, RefusesATokenThatWouldBeReadOnTheWay) {
  const auto token = [](const std::string& origin) {
    return refusal(http(
        ", token: {file: /t}",
        "url: '" + origin + "/', pointer: /a",
        "url: '" + origin + "/', body: b"
    ));
  };
  for (const char* right :
       {"https://h", "https://h:8443", "http://127.0.0.1:2019", "http://localhost", "http://[::1]:1"
       }) {
    EXPECT_EQ(token(right), "accepted") << right;
  }
  for (const char* wrong : {"http://h", "http://127.0.0.1.h.example", "http://localhost.example"}) {
    EXPECT_THAT(token(wrong), HasSubstr("encrypted")) << wrong;
  }
  EXPECT_THAT(
      refusal(http(", token: {file: /t, header: 'X-A: b'}")), HasSubstr("router.token.header")
  );
}

}  // namespace
}  // namespace hal9::config
