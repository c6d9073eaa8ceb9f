// What a restart of HAProxy would read, against the record.
#include "adapters/folder.h"
#include "adapters/haproxy/map_files_here.h"
#include "base/name.h"
#include "base/share.h"
#include "migration/configuration.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FilesCheck : public ::testing::Test {
 protected:
  FilesCheck() {
    settings_.files = folder_.path().string();
    settings_.balancers = {{Name::parse("lb1").value(), "/run/lb1.sock"}};
    put("share.map", "# a comment\neu.cart 500\neu.pay 0\n");
    put("mirror.map", "eu.cart 0\neu.pay 0\n");
    put("kill.map", "all 0\neu.cart 0\n");
    put("feature.map", "new-ui 0\n");
    const auto eu = Name::parse("eu").value();
    recorded_.routes = {
        {{eu, Name::parse("cart").value()}, Share::of_hundredths(500), Share::none()},
        {{eu, Name::parse("pay").value()}, Share::none(), Share::none()}
    };
  }
  void put(const char* map, const std::string& text) { test::write(folder_.file(map), text); }
  FileCheck check() const { return check_files(settings_, recorded_); }

  test::Folder folder_;
  migration::HaproxySettings settings_;
  Recorded recorded_;
};

TEST_F(FilesCheck, AcceptsWhatIsOnRecordAndWhatIsBelow) {
  EXPECT_THAT(check().refusals, IsEmpty());
  put("share.map", "eu.cart 100\neu.pay 0\n");
  EXPECT_THAT(check().refusals, IsEmpty());
}

TEST_F(FilesCheck, RefusesWhatARestartWouldPutBack) {
  put("share.map", "eu.cart 501\neu.pay 1\ngone.route 1\n");
  EXPECT_THAT(
      check().refusals,
      ElementsAre(
          HasSubstr("share.map would put traffic back after a restart: eu.cart is at 5.01%, "
                    "on record is 5%, and 2 more")
      )
  );
  put("share.map", "eu.cart 500\neu.pay 0\n");
  put("mirror.map", "eu.cart 10000\neu.pay 0\n");
  EXPECT_THAT(check().refusals, ElementsAre(HasSubstr("mirror.map would put traffic back")));
}

TEST_F(FilesCheck, TakesWhatIsNoNumberForTheHighest) {
  put("share.map", "eu.cart x\neu.pay 0\n");
  EXPECT_THAT(check().refusals, ::testing::Contains(HasSubstr("would put traffic back")));
}

TEST_F(FilesCheck, RefusesAKillFileWithoutItsLineOrAgainstAHalt) {
  put("kill.map", "eu.cart 0\n");
  EXPECT_THAT(check().refusals, ElementsAre(HasSubstr("kill.map has no line `all 0`")));
  put("kill.map", "all 0\n");
  recorded_.halted = true;
  EXPECT_THAT(check().refusals, ElementsAre(HasSubstr("a halt is on record")));
  put("kill.map", "all 1\n");
  EXPECT_THAT(check().refusals, IsEmpty());
}

TEST_F(FilesCheck, RefusesAFileThatIsMissingOrNone) {
  std::filesystem::remove(folder_.file("mirror.map"));
  EXPECT_THAT(check().refusals, ElementsAre(HasSubstr("mirror.map is missing")));
  std::filesystem::create_directory(folder_.file("mirror.map"));
  EXPECT_THAT(check().refusals, ElementsAre(HasSubstr("cannot read the map file")));
}

TEST_F(FilesCheck, OnlyWarnsWhereNothingWasInstalledYet) {
  settings_.files = folder_.file("later").string();
  EXPECT_THAT(check().refusals, IsEmpty());
  EXPECT_THAT(check().warnings, ElementsAre(HasSubstr("holds no map files yet")));
}

TEST_F(FilesCheck, LooksAtNoFileOfABalancerElsewhere) {
  settings_.balancers.front().elsewhere = true;
  settings_.files = "/nowhere";
  EXPECT_THAT(check().refusals, IsEmpty());
  EXPECT_THAT(check().warnings, IsEmpty());
}

TEST_F(FilesCheck, ComparesNothingWithoutARecord) {
  put("share.map", "eu.cart 10000\n");
  EXPECT_THAT(check_files(settings_, std::nullopt).refusals, IsEmpty());
}

}  // namespace
}  // namespace hal9::haproxy
