// hal9-http-router against a server that answers as no good one does, and its token.
#include "adapters/http/program.h"

#include "adapters/exec/codec_protocol.h"
#include "adapters/folder.h"
#include "adapters/http/http_router.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Name name(const std::string& text) {
  return Name::parse(text).value();
}

class Server : public ::testing::Test {
 protected:
  Server()
      : server_(
            {"python3",
             HAL9_SOURCE_DIR "/tests/adapters/http/http_server.py",
             folder_.file("asked").string()}
        ),
        port_(server_.line()) {
    settings_.read_url = origin() + "/value/0";
    settings_.read_pointer = "/share";
    settings_.read_value = "{share}";
    settings_.set_method = "PUT";
    settings_.set_url = origin() + "/status/200/ok";
    settings_.set_body = "{route}={share}";
    settings_.content_type = "text/plain";
    settings_.token_header = "Authorization";
    settings_.timeout = std::chrono::seconds(20);
  }
  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + port_; }

  Result<std::string> ask(const std::string& operation, std::optional<Share> share = {}) {
    exec::Request request;
    request.operation = operation;
    request.routes = {
        {{name("eu"), name("cart")}, share, {}}, {{name("us"), name("cart")}, share, {}}
    };
    if (operation == exec::kSet) request.toward = toward_;
    request.settings = migration::encode_http_settings(settings_);
    return answer(operation, exec::encode_request(request));
  }
  std::string refusal(const std::string& operation, std::optional<Share> share = {}) {
    const auto answered = ask(operation, share);
    return answered ? *answered : answered.error().what + ": " + answered.error().why;
  }
  std::string asked() { return test::read(folder_.file("asked").string()); }
  void token(const std::string& text, std::filesystem::perms mode) {
    settings_.token_file = folder_.file("token").string();
    test::write(settings_.token_file, text);
    std::filesystem::permissions(settings_.token_file, mode);
  }
  static constexpr auto kOwner =
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

  test::Folder folder_;
  testing::Child server_;
  std::string port_;
  migration::HttpSettings settings_;
  engine::Toward toward_ = engine::Toward::flat;
};

TEST_F(Server, ReadsOneDocumentForAllRoutesOnce) {
  settings_.read_url = origin() + "/value/12.5";
  EXPECT_THAT(refusal("read"), HasSubstr(R"({"route":"us.cart","share":12.5})"));
  EXPECT_EQ(asked(), "GET /value/12.5 - -\n");
}

TEST_F(Server, NamesWhatIsNoShare) {
  settings_.read_url = origin() + "/value/[]";
  EXPECT_THAT(refusal("read"), HasSubstr("/share of GET " + origin() + "/value/[] for eu.cart"));
  settings_.read_url = origin() + "/value/1.234";
  EXPECT_THAT(refusal("read"), HasSubstr("\"1.234\" stands there"));
  settings_.read_url = origin() + "/value/0";
  settings_.read_pointer = "/nowhere/0";
  EXPECT_THAT(refusal("read"), HasSubstr("nothing stands there"));
  settings_.read_pointer = "/~bad";
  EXPECT_THAT(refusal("read"), HasSubstr("nothing stands there"));
}

TEST_F(Server, SaysTheStatusAndTheFirstBytesEscaped) {
  settings_.read_url = origin() + "/status/503/busy%1B%5B31m";
  EXPECT_THAT(refusal("read"), HasSubstr("answered 503: busy\\u{1B}[31m"));
}

TEST_F(Server, FollowsNoRedirect) {
  settings_.read_url = origin() + "/to/" + port_ + "/value/0";
  EXPECT_THAT(refusal("read"), HasSubstr("answered 302"));
  EXPECT_THAT(asked(), Not(HasSubstr("GET /value/0")));
}

TEST_F(Server, TakesNoEndlessBodyAndWaitsForNoSlowOne) {
  settings_.read_url = origin() + "/endless";
  EXPECT_THAT(refusal("read"), HasSubstr("answers without end"));
  settings_.read_url = origin() + "/slow";
  settings_.timeout = std::chrono::milliseconds(400);
  EXPECT_THAT(refusal("read"), HasSubstr("was not answered"));
}

TEST_F(Server, SetsEachRouteAndLowersTheOthersWhereOneFails) {
  EXPECT_EQ(refusal("set", Share::of_hundredths(1225)), "{\"version\":1}\n");
  EXPECT_EQ(asked(), "PUT /status/200/ok - eu.cart=12.25\nPUT /status/200/ok - us.cart=12.25\n");
  settings_.set_url = origin() + "/status/500/{region}";
  const auto lowering = refusal("set", Share::none());
  EXPECT_THAT(lowering, HasSubstr("/status/500/eu answered 500"));
  EXPECT_THAT(lowering, HasSubstr("/status/500/us answered 500"));
  toward_ = engine::Toward::hierarchical;
  EXPECT_THAT(refusal("set", Share::all()), Not(HasSubstr("/status/500/us")));
}

TEST_F(Server, ProvesByWhatRaisesNothing) {
  EXPECT_EQ(refusal("prove"), "{\"version\":1}\n");
  EXPECT_EQ(asked(), "GET /value/0 - -\nPUT /status/200/ok - eu.cart=0\n");
  settings_.read_url = origin() + "/value/5";
  EXPECT_EQ(refusal("prove"), "{\"version\":1}\n");
  EXPECT_THAT(asked(), Not(HasSubstr("cart=5")));
}

TEST_F(Server, CutsWithoutALookBefore) {
  EXPECT_EQ(refusal("cut", Share::none()), "{\"version\":1}\n");
  EXPECT_EQ(asked(), "PUT /status/200/ok - eu.cart=0\nPUT /status/200/ok - us.cart=0\n");
}

TEST_F(Server, GetsTheTokenInItsHeaderAndNobodyElseDoes) {
  token("s3cret\n", kOwner);
  settings_.flat_health = {origin() + "/status/204/x"};
  EXPECT_THAT(refusal("read"), HasSubstr(R"("servers_up":1)"));
  EXPECT_EQ(asked(), "GET /value/0 Bearer s3cret -\nGET /status/204/x - -\n");
  settings_.token_header = "X-Key";
  EXPECT_THAT(refusal("cut", Share::none()), HasSubstr("version"));
  EXPECT_THAT(asked(), HasSubstr("PUT /status/200/ok s3cret eu.cart=0"));
}

TEST_F(Server, CannotMakeUsPrintTheToken) {
  token("s3cret", kOwner);
  settings_.set_url = origin() + "/echo";
  const auto said = refusal("cut", Share::none());
  EXPECT_THAT(said, HasSubstr("answered 500"));
  EXPECT_THAT(said, HasSubstr("(the token)"));
  EXPECT_THAT(said, Not(HasSubstr("s3cret")));
}

TEST_F(Server, GetsNoTokenFromAFileThatOthersRead) {
  token("s3cret", kOwner | std::filesystem::perms::group_read);
  EXPECT_THAT(refusal("read"), HasSubstr("others may read the file"));
  token("two\nlines", kOwner);
  EXPECT_THAT(refusal("read"), HasSubstr("is not used"));
  token("", kOwner);
  EXPECT_THAT(refusal("read"), HasSubstr("the file is empty"));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("asked").string()));
}

TEST_F(Server, KeepsTheTokenOutOfTheLinesForTheDayWithoutUs) {
  token("s3cret", kOwner);
  migration::Configuration configuration;
  configuration.regions = {name("eu")};
  configuration.components = {name("cart")};
  configuration.http = settings_;
  std::string script;
  for (const auto& line : break_glass_lines(configuration)) script += line + "\n";
  EXPECT_THAT(script, Not(HasSubstr("s3cret")));
  testing::Child shell({"/bin/sh", "-e", "-c", script});
  EXPECT_EQ(shell.wait(), 0);
  EXPECT_EQ(asked(), "PUT /status/200/ok Bearer s3cret eu.cart=0\nGET /value/0 Bearer s3cret -\n");
}

TEST_F(Server, IsAskedForNothingThatItDoesNotHave) {
  EXPECT_THAT(refusal("clear-halt"), HasSubstr("there is nothing to do"));
  EXPECT_THAT(answer("read", "{}").error().why, HasSubstr("version is missing"));
}

}  // namespace
}  // namespace hal9::http
