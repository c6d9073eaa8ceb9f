// Configurations of the kind http that could not cut, found without a request.
#include "adapters/http/config_check.h"

#include "adapters/folder.h"
#include "base/name.h"
#include "migration/configuration.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HttpConfigCheck : public ::testing::Test {
 protected:
  HttpConfigCheck() {
    configuration_.regions = {Name::parse("eu").value()};
    configuration_.components = {Name::parse("cart").value(), Name::parse("pay").value()};
    settings_.read_url = "http://127.0.0.1:1/{route}";
    settings_.read_pointer = "/share";
    settings_.read_value = "{share}";
    settings_.set_method = "PUT";
    settings_.set_url = "http://127.0.0.1:1/{route}";
    settings_.set_body = "{share}";
    settings_.token_header = "Authorization";
  }
  ConfigCheck look() {
    configuration_.http = settings_;
    return check(configuration_);
  }
  void token(const std::string& text, std::filesystem::perms mode) {
    settings_.token_file = folder_.file("token").string();
    test::write(settings_.token_file, text);
    std::filesystem::permissions(settings_.token_file, mode);
  }

  test::Folder folder_;
  migration::Configuration configuration_;
  migration::HttpSettings settings_;
};

TEST_F(HttpConfigCheck, HasNoWordForWhatIsRight) {
  token("s3cret", std::filesystem::perms(0600));
  EXPECT_THAT(look().refusals, IsEmpty());
  EXPECT_THAT(look().warnings, IsEmpty());
  settings_.set_url = settings_.read_url = "http://127.0.0.1:1/all";
  settings_.set_body = "{component}={flat_hundredths}";
  EXPECT_THAT(look().refusals, IsEmpty());
  EXPECT_THAT(look().warnings, IsEmpty());
}

TEST_F(HttpConfigCheck, RefusesATokenThatIsNotSent) {
  settings_.token_file = folder_.file("none").string();
  EXPECT_THAT(look().refusals, ElementsAre(HasSubstr("none")));
  EXPECT_THAT(look().next, HasSubstr("none"));
  token("s3cret", std::filesystem::perms(0640));
  EXPECT_THAT(look().refusals, ElementsAre(HasSubstr("others may read the file")));
  EXPECT_EQ(look().next, "chmod 600 " + settings_.token_file);
  token("", std::filesystem::perms(0600));
  EXPECT_THAT(look().refusals, ElementsAre(HasSubstr("the file is empty")));
}

TEST_F(HttpConfigCheck, RefusesWhatWouldNeverSetAShare) {
  settings_.set_body = R"({"weight": 0})";
  EXPECT_THAT(look().refusals, ElementsAre(HasSubstr("sends the same whatever the share is")));
  settings_.set_url += "?weight={hundredths}";
  EXPECT_THAT(look().refusals, IsEmpty());
}

TEST_F(HttpConfigCheck, RefusesOneRequestForRoutesThatAreReadApart) {
  settings_.set_url = "http://127.0.0.1:1/eu.cart";
  EXPECT_THAT(look().refusals, ElementsAre(HasSubstr("sends the same for eu.cart and eu.pay")));
  settings_.read_url = "http://127.0.0.1:1/eu.cart";
  EXPECT_THAT(look().refusals, IsEmpty());
  EXPECT_THAT(look().warnings, ElementsAre(HasSubstr("whatever moves one of them moves both")));
  configuration_.components.pop_back();
  EXPECT_THAT(look().warnings, IsEmpty());
}

}  // namespace
}  // namespace hal9::http
