// Programs that lie, hang, die or print garbage: each is named, and nothing is claimed of the router.
#include "adapters/exec/exec_router.h"

#include "adapters/folder.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::exec {
namespace {

using engine::Toward;
using migration::RouteAmount;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto kTen = Share::of_hundredths(1000);
constexpr auto kHalf = Share::of_hundredths(5000);

Name name(const std::string& text) {
  return Name::parse(text).value();
}

const migration::Route kCart{name("eu"), name("cart")};

// A shell's `case` over the operation; what has no line of its own is what a good program does. Each
// operation that was called is a line of the file `called`, and what `set` was handed is in `request`.
class Programs : public ::testing::Test {
 protected:
  std::unique_ptr<engine::Router> router(
      const std::string& cases, std::chrono::milliseconds timeout = std::chrono::seconds(20)
  ) {
    const std::string script = "cat >" + folder_.file("request").string() + ".$1; echo \"$1\" >>" +
                               folder_.file("called").string() + "; case $1 in " + cases +
                               " describe) echo '" + kDescription + "';; read) echo '" +
                               reading("50") + "';; *) echo '{\"version\": 1}';; esac";
    migration::Configuration& configuration = configuration_;
    configuration.name = name("test");
    configuration.router = migration::RouterKind::exec;
    configuration.regions = {name("eu")};
    configuration.components = {name("cart")};
    configuration.exec = migration::ExecSettings{{"/bin/sh", "-c", script, "program"}, timeout};
    return make_router(configuration, folder_.path());
  }
  static std::string reading(const std::string& share) {
    return R"({"version": 1, "routes": [{"route": "eu.cart", "share": )" + share + "}]}";
  }
  std::string called() { return test::read(folder_.file("called").string()); }
  std::string request(const std::string& operation) {
    return test::read(folder_.file("request." + operation).string());
  }
  static std::string why_not_read(engine::Router& router) {
    const auto reading = router.read();
    if (reading) return "read";
    EXPECT_THAT(reading.error().what, HasSubstr("/bin/sh read"));
    return reading.error().why;
  }
  static constexpr const char* kDescription =
      R"({"version": 1, "capabilities": {"mirrors": false, "features": false, "halts": false, )"
      R"("counts_requests": false, "servers": false}})";

  test::Folder folder_;
  migration::Configuration configuration_;
};

TEST_F(Programs, ThatEndWithAnErrorAreQuotedWithoutWhatATerminalActsUpon) {
  const auto broken = router("read) printf 'no\\033[31m cluster\\n\\nsecond' >&2; exit 3;;");
  const auto reading = broken->read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Code::failed);
  EXPECT_EQ(reading.error().what, "/bin/sh read ended with 3");
  EXPECT_EQ(reading.error().why, "no\\u{1B}[31m cluster; second");
}

TEST_F(Programs, ThatHangAreKilledAndNamed) {
  const auto hangs = router("read) sleep 60;;", std::chrono::milliseconds(300));
  const auto reading = hangs->read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Code::unreachable);
  EXPECT_EQ(reading.error().what, "/bin/sh read did not end");
}

TEST_F(Programs, ThatPrintGarbageClaimNothing) {
  const auto says = [&](const std::string& printed) {
    const auto lies = router("read) printf '%s' '" + printed + "';;");
    return why_not_read(*lies);
  };
  EXPECT_EQ(says("fine"), "it is not JSON at byte 2");
  EXPECT_EQ(says(""), "it is empty");
  EXPECT_EQ(says("[]"), "it is no object");
  EXPECT_EQ(says("{}"), "version is missing");
  EXPECT_EQ(says(R"({"version": 2})"), "it is of version 2 of the protocol, and 1 is known");
  EXPECT_EQ(says(R"({"version": 1})"), "routes is missing");
  EXPECT_EQ(says(R"({"version": 1, "routes": []})"), "eu.cart is missing");
  EXPECT_EQ(
      says(reading("101")),
      "eu.cart: a percentage is a number of 0 to 100 with at most two decimals"
  );
  EXPECT_EQ(says(R"({"version": 1, "routes": [{"route": "eu.cart"}]})"), "eu.cart has no share");
  EXPECT_EQ(
      says(R"({"version": 1, "routes": [{"route": "us.cart", "share": 0}]})"),
      "us.cart was not asked for"
  );
  EXPECT_EQ(
      says(
          R"({"version": 1, "routes": [{"route": "eu.cart", "share": 0}, {"route": "eu.cart", "share": 5}]})"
      ),
      "eu.cart is there twice"
  );
  EXPECT_EQ(
      says(R"({"version": 1, "routes": [{"route": "eu.cart", "share": 0}], "x": 1})"),
      "nothing is known of x"
  );
}

TEST_F(Programs, ThatPrintWithoutEndAreEnded) {
  const auto endless = router("read) yes;;");
  const auto reading = endless->read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Code::damaged);
}

TEST_F(Programs, ThatShowWhatTheySayThatTheyCannotAreNotBelieved) {
  const auto lies = router(
      R"(read) echo '{"version": 1, "routes": [{"route": "eu.cart", "share": 0}], "halted": true}';;)"
  );
  EXPECT_FALSE(lies->capabilities().halts);
  EXPECT_EQ(why_not_read(*lies), "it does not fit its own description");
}

TEST_F(Programs, AreBelievedByWhatTheyShowAndNotByTheirAnswer) {
  const auto deaf = router("set) echo '{\"version\": 1}';;");  // it still shows 50%
  const std::vector<RouteAmount> amounts{{kCart, kTen, {}}};
  const auto observed = deaf->set_traffic(amounts, Toward::flat);
  ASSERT_TRUE(observed);
  EXPECT_EQ(observed->front().share, kHalf);
}

TEST_F(Programs, AreNotAskedToLowerWhatIsLowEnough) {
  const auto low = router("");
  const std::vector<RouteAmount> amounts{{kCart, kHalf, {}}};
  ASSERT_TRUE(low->set_traffic(amounts, Toward::flat));
  EXPECT_EQ(called(), "read\nread\n");
}

TEST_F(Programs, GetTheRequestOnStdin) {
  const auto good = router("");
  const std::vector<RouteAmount> amounts{{kCart, Share::of_hundredths(1225), {}}};
  ASSERT_TRUE(good->set_traffic(amounts, Toward::flat));
  EXPECT_EQ(
      request("set"),
      R"({"version":1,"operation":"set","toward":"flat","routes":[{"route":"eu.cart","share":12.25,)"
      R"("region":"eu","component":"cart"}],"features":[]})"
      "\n"
  );
}

TEST_F(Programs, WhereNothingCanBeReadOnlyZeroIsSent) {
  const auto blind = router("read) exit 1;;");
  const std::vector<RouteAmount> ten{{kCart, kTen, {}}};
  EXPECT_FALSE(blind->set_traffic(ten, Toward::flat));
  EXPECT_EQ(called(), "read\n");
  const std::vector<RouteAmount> zero{{kCart, Share::none(), {}}};
  EXPECT_FALSE(blind->set_traffic(zero, Toward::flat));  // nobody has seen it
  EXPECT_EQ(called(), "read\nread\nset\nread\n");
}

TEST_F(Programs, RaiseNothingWithoutHavingSaidWhatTheyAre) {
  const auto mute = router("describe) exit 1;;");
  const std::vector<RouteAmount> amounts{{kCart, kTen, {}}};
  const auto raised = mute->set_traffic(amounts, Toward::hierarchical);
  ASSERT_FALSE(raised);
  EXPECT_EQ(raised.error().what, "/bin/sh describe ended with 1");
  EXPECT_FALSE(mute->prove_writable());
  EXPECT_EQ(called(), "describe\n");
}

// Whoever can write it would raise traffic with the rights of the next operator. Down it goes all the same.
TEST_F(Programs, ThatOthersCouldReplaceRaiseNothingAndLower) {
  const auto up = router("");
  test::write(folder_.file("tool"), "");
  std::filesystem::permissions(folder_.file("tool"), std::filesystem::perms::all);
  auto configuration = configuration_;
  configuration.exec->command.back() = folder_.file("tool").string();  // its $0
  const auto shared = make_router(configuration, folder_.path());
  const auto refused =
      shared->set_traffic(std::vector<RouteAmount>{{kCart, kTen, {}}}, Toward::hierarchical);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_authorised);
  EXPECT_THAT(refused.error().what, HasSubstr("may be written by everybody"));
  EXPECT_FALSE(shared->prove_writable());
  EXPECT_TRUE(up->prove_writable());
  EXPECT_EQ(called(), "describe\nprove\n");
  EXPECT_TRUE(shared->read());
  EXPECT_EQ(shared->cut(shared->cut_time()).observed.size(), 1U);
}

TEST_F(Programs, AreCutBeforeTheyAreAskedAnything) {
  const auto up = router("");
  const auto report = up->cut(up->cut_time());
  EXPECT_FALSE(up->capabilities().halts);
  EXPECT_EQ(called(), "cut\nread\n");
  ASSERT_EQ(report.observed.size(), 1U);
  EXPECT_EQ(report.observed.front().share, kHalf);  // as it shows, whatever it answered
}

TEST_F(Programs, WhoseCutFailsAreReadAllTheSame) {
  const auto fails = router("cut) echo halfway >&2; exit 4;; read) echo '" + reading("0") + "';;");
  const auto report = fails->cut(fails->cut_time());
  EXPECT_TRUE(report.unreachable.empty());
  EXPECT_EQ(report.observed.front().share, Share::none());
  EXPECT_EQ(report.problems, std::vector<std::string>{"/bin/sh cut ended with 4: halfway"});
}

TEST_F(Programs, WhoseCutHangsAreEndedInTime) {
  const auto hangs = router("cut) sleep 60;;", std::chrono::milliseconds(300));
  const auto report = hangs->cut(std::chrono::seconds(2));
  EXPECT_THAT(report.problems.front(), HasSubstr("/bin/sh cut did not end"));
  EXPECT_EQ(report.observed.front().share, kHalf);
}

TEST_F(Programs, ThatAreNotEverywhereAsTheyShowAreNotObserved) {
  const auto lags = router(
      R"(read) echo '{"version": 1, "routes": [{"route": "eu.cart", "share": 0}], "disagree": ["b lags"]}';;)"
  );
  const std::vector<RouteAmount> zero{{kCart, Share::none(), {}}};
  const auto set = lags->set_traffic(zero, Toward::flat);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().what, "not observed everywhere: b lags");
  EXPECT_TRUE(lags->cut(lags->cut_time()).observed.empty());
}

TEST_F(Programs, ThatAreNotThereAreNamed) {
  migration::Configuration configuration;
  configuration.regions = {name("eu")};
  configuration.components = {name("cart")};
  configuration.exec =
      migration::ExecSettings{{folder_.file("none").string()}, std::chrono::seconds(1)};
  const auto reading = make_router(configuration, folder_.path())->read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Code::unreachable);
  EXPECT_THAT(reading.error().what, HasSubstr("none cannot be run"));
}

TEST_F(Programs, StandInTheLinesForTheDayWithoutUs) {
  const auto lines = router("")->break_glass();
  EXPECT_THAT(lines[1], StartsWith("cd " + folder_.path().string() + " && printf"));
  EXPECT_THAT(lines[1], HasSubstr(R"({"route":"eu.cart","share":0,"mirror":0,)"));
  EXPECT_THAT(lines[1], EndsWith("program cut"));
}

// Whoever calls from wherever: what the program opens by a relative path is hal9.yaml's neighbour.
TEST_F(Programs, RunInTheFolderOfTheConfiguration) {
  const auto here = router("cut) pwd -P >where; echo '{\"version\": 1}';;");
  here->cut(here->cut_time());
  EXPECT_EQ(test::read(folder_.file("where")), folder_.path().string() + "\n");
}

TEST_F(Programs, WhoseFolderIsGoneDoNotAnswerInAnEmergencyAndCutNothingElsewhere) {
  configuration_.regions = {name("eu")};
  configuration_.components = {name("cart")};
  const auto marker = folder_.file("ran").string();
  configuration_.exec =
      migration::ExecSettings{{"/bin/sh", "-c", "touch " + marker}, std::chrono::seconds(20)};
  const auto gone = folder_.file("gone");
  const auto lost = make_router(configuration_, gone);
  const auto report = lost->cut(lost->cut_time());
  ASSERT_EQ(report.unreachable, std::vector<std::string>{"/bin/sh"});
  EXPECT_THAT(report.problems.front(), HasSubstr("it is to run in " + gone.string()));
  EXPECT_TRUE(report.observed.empty());
  EXPECT_FALSE(std::filesystem::exists(marker));
  const auto reading = lost->read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Code::unreachable);
  EXPECT_EQ(reading.error().state, "nothing was run");
  EXPECT_EQ(reading.error().next, "ls -ld " + gone.string());
}

// From any folder, one by one, and in a folder whose name a shell takes apart.
TEST_F(Programs, RunThereByTheLinesForTheDayWithoutUs) {
  configuration_.regions = {name("eu")};
  configuration_.components = {name("cart")};
  const auto odd = folder_.file("it's; a $(folder)");
  std::filesystem::create_directory(odd);
  configuration_.exec =
      migration::ExecSettings{{"/bin/sh", "-c", "cat >asked.$0"}, std::chrono::seconds(20)};
  for (const auto& line : make_router(configuration_, odd)->break_glass()) {
    testing::Child shell({"/bin/sh", "-c", "cd /\n" + line});
    EXPECT_EQ(shell.wait(), 0) << line;
  }
  EXPECT_THAT(test::read(odd / "asked.cut"), HasSubstr(R"("share":0)"));
  EXPECT_THAT(test::read(odd / "asked.read"), HasSubstr(R"("route":"eu.cart")"));
  std::filesystem::remove_all(odd);
  for (const auto& line : make_router(configuration_, odd)->break_glass()) {
    testing::Child shell({"/bin/sh", "-c", "cd " + folder_.path().string() + "\n" + line});
    std::ignore = shell.wait();
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.file("asked.cut"))) << "it ran in another folder";
}

}  // namespace
}  // namespace hal9::exec
