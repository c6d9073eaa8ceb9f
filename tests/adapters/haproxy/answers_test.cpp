#include "adapters/haproxy/answers.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::haproxy {
namespace {

constexpr std::string_view kServers =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight\n"
    "4 flat 1 s1 127.0.0.1 2 0 1\n4 flat 2 s2 127.0.0.1 0 1 1\n";
constexpr std::string_view kStat =
    "# pxname,svname,qcur,scur,stot,lbtot,desc,\nflat,s1,,3,7,5,\"a, \"\"b\"\"\",\n"
    "flat,BACKEND,2,4,9,8,,\n";

TEST(Answers, ReadsTheEntriesOfAMap) {
  const auto entries = parse_map("0x55f1 eu.cart 7\n0x55f2 eu.pay 5 more\n");
  ASSERT_TRUE(entries);
  EXPECT_EQ(*entries, (std::vector<MapEntry>{{"eu.cart", "7"}, {"eu.pay", "5 more"}}));
  EXPECT_TRUE(parse_map("").value().empty());
}

TEST(Answers, RefusesAMapThatHaproxyDoesNotKnowAndSaysWhatToDo) {
  const auto entries = parse_map("Unknown map identifier. Please use #<id> or <file>.\n");
  ASSERT_FALSE(entries);
  EXPECT_NE(entries.error().next.find("haproxy-config"), std::string::npos);
}

TEST(Answers, RefusesWhatIsNoEntryOfAMap) {
  EXPECT_FALSE(parse_map("eu.cart 7\n"));
  EXPECT_FALSE(parse_map("0x55f1\n"));
  EXPECT_FALSE(parse_map("0x55f1 a 1\n<html>\n"));
}

TEST(Answers, ReadsANewVersionAndRefusesAnythingElse) {
  EXPECT_EQ(parse_new_version("New version created: 12\n").value(), 12U);
  EXPECT_FALSE(parse_new_version(""));
  EXPECT_FALSE(parse_new_version("New version created: \n"));
  EXPECT_FALSE(parse_new_version("New version created: 1x\n"));
  EXPECT_FALSE(parse_new_version("New version created: 99999999999999999999999\n"));
}

TEST(Answers, TakesOnlySilenceAsNoObjection) {
  EXPECT_TRUE(expect_silence("", "x"));
  EXPECT_TRUE(expect_silence("\n", "x"));
  EXPECT_FALSE(expect_silence("entry not found.\n", "x"));
}

TEST(Answers, ReadsServersByTheNamesOfTheirColumns) {
  const auto servers = parse_servers_state(kServers);
  ASSERT_TRUE(servers);
  ASSERT_EQ(servers->size(), 2U);
  EXPECT_TRUE((*servers)[0].up());
  EXPECT_FALSE((*servers)[0].in_maintenance());
  EXPECT_FALSE((*servers)[1].up());
  EXPECT_TRUE((*servers)[1].in_maintenance());
  EXPECT_EQ((*servers)[1].name, "s2");
}

TEST(Answers, RefusesServersThatCouldHoldACommandOrDoNotFit) {
  const std::string head = "1\n# be_name srv_name srv_op_state srv_admin_state\n";
  EXPECT_TRUE(parse_servers_state(head + "b s1 2 0\n"));
  EXPECT_FALSE(parse_servers_state(head + "b s1;quit 2 0\n"));
  EXPECT_FALSE(parse_servers_state(head + "b s1 2\n"));
  EXPECT_FALSE(parse_servers_state(head + "b s1 -2 0\n"));
  EXPECT_FALSE(parse_servers_state("1\n# be_name srv_name srv_op_state\nb s1 2\n"));
  EXPECT_FALSE(parse_servers_state("2\n# be_name\n"));
  EXPECT_FALSE(parse_servers_state("Can't find backend.\n"));
}

TEST(Answers, ReadsCountersByTheNamesOfTheirColumnsAndEmptyOnesAsZero) {
  const auto rows = parse_stat(kStat);
  ASSERT_TRUE(rows);
  EXPECT_EQ(
      *rows, (std::vector<StatRow>{{"flat", "s1", 3, 0, 7, 5}, {"flat", "BACKEND", 4, 2, 9, 8}})
  );
}

TEST(Answers, RefusesCountersThatDoNotFit) {
  EXPECT_FALSE(parse_stat("No such proxy.\n"));
  EXPECT_FALSE(parse_stat("# pxname,svname,scur,qcur,stot\na,b,1,2,3\n"));
  EXPECT_FALSE(parse_stat("# pxname,svname,scur,qcur,stot,lbtot\na,b,1,2,3\n"));
  EXPECT_FALSE(parse_stat("# pxname,svname,scur,qcur,stot,lbtot\na,b,1,2,3,x\n"));
  EXPECT_FALSE(parse_stat("# pxname,svname,scur,qcur,stot,lbtot\na,\"b,1,2,3,4\n"));
}

TEST(Answers, ReadsTheProcessWithOrWithoutItsStart) {
  EXPECT_EQ(parse_info("Pid: 7\nStart_time_sec: 90\n").value(), (ProcessInfo{7, 90}));
  EXPECT_EQ(parse_info("Pid: 7\n").value(), (ProcessInfo{7, 0}));
  EXPECT_FALSE(parse_info("Pid: seven\n"));
  EXPECT_FALSE(parse_info("Uptime: 3\n"));
}

TEST(Answers, ReadsATableAndTakesAMissingOneAsEmpty) {
  const auto rows = parse_table(
      "# table: r, type: string, size:10240, used:1\n0x5: key=eu.cart:flat use=0 http_req_cnt=4 "
      "x=1\n"
  );
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, (std::vector<TableRow>{{"eu.cart:flat", 4}}));
  EXPECT_TRUE(parse_table("No such table\n").value().empty());
  EXPECT_FALSE(parse_table("# table: r\n0x5: key=a use=0\n"));
  EXPECT_FALSE(parse_table("<html>"));
}

// Any bytes, and any good answer with a piece cut out or a byte changed, is read or refused.
RC_GTEST_PROP(Answers, SurviveAnyBytes, ()) {
  const auto good = *rc::gen::element<std::string>(
      std::string{kServers}, std::string{kStat}, "0x1 a 1\n0x2 b 2\n", "Pid: 1\n", "# table: a\n"
  );
  auto bytes = good;
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes.replace(at, *rc::gen::inRange<std::size_t>(0, 20), *rc::gen::arbitrary<std::string>());
  const bool read = parse_map(bytes).has_value() || parse_servers_state(bytes).has_value() ||
                    parse_stat(bytes).has_value() || parse_info(bytes).has_value() ||
                    parse_table(bytes).has_value() || parse_new_version(bytes).has_value();
  RC_CLASSIFY(read, "read");
  const auto servers = parse_servers_state(bytes);
  if (!servers) return;
  for (const auto& server : *servers) {
    RC_ASSERT(is_safe_word(server.name));
    RC_ASSERT(is_safe_word(server.backend));
  }
}

TEST(SafeWord, HoldsTheLongestRoute) {
  const std::string name(64, 'a');
  EXPECT_TRUE(is_safe_word(name + "." + name));
  EXPECT_FALSE(is_safe_word(name + "." + name + "b"));
  EXPECT_FALSE(is_safe_word(""));
  EXPECT_FALSE(is_safe_word("a b"));
}

constexpr auto kProcesses =
    "#<PID>          <type>          <reloads>       <uptime>        <version>      \n"
    "7823            master          2 [failed: 1]   0d00h00m24s     2.6.12-1+deb12u4\n"
    "# workers\n"
    "7890            worker          1               0d00h00m23s     2.6.12-1+deb12u4\n"
    "# old workers\n"
    "7827            worker          2               0d00h00m24s     2.6.12-1+deb12u4\n"
    "7801            worker          3               0d00h00m44s     2.6.12-1+deb12u4\n"
    "# programs\n"
    "7900            worker          0               0d00h00m24s     -\n";

TEST(Processes, AreTheOldWorkersAndTheReloadsThatFailed) {
  EXPECT_EQ(parse_processes(kProcesses).value(), (Processes{{7827, 7801}, 1}));
  EXPECT_EQ(
      parse_processes("7823 master 1 0d 2.6\n# workers\n7890 worker 0 0d 2.6\n").value(),
      Processes{}
  );
}

TEST(Processes, ThatMakeNoSenseAreRefused) {
  for (const char* answer :
       {"",
        "# workers\n7890 worker 0 0d 2.6\n",
        "x master 1 [failed: 0]\n",
        "1\n",
        "1 master 1 [failed: x] 0d\n",
        "1 master 1 [failed: 1 master\n",
        "<html>\n"}) {
    EXPECT_FALSE(parse_processes(answer)) << answer;
  }
}

TEST(Sessions, AreThoseOfTheBackendsAlone) {
  const std::vector<std::string> backends{"hierarchical", "shadow"};
  const auto sessions = parse_sessions(
      "0x55d2c2289bf0: proto=tcpv4 src=127.0.0.1:39822 fe=f be=hierarchical srv=s1 ts=00 age=2s\n"
      "0x7f73f8039e60: proto=sockpair src=unix:2 fe=GLOBAL be=<NONE> srv=<none> ts=00\n"
      "0x1: proto=tcpv4 fe=f be=hierarchical2 srv=s1\n"
      "0x2: proto=tcpv4 fe=f be=shadow srv=s1\n\n",
      backends
  );
  EXPECT_EQ(sessions.value(), (std::vector<std::string>{"0x55d2c2289bf0", "0x2"}));
  EXPECT_TRUE(parse_sessions("", backends).value().empty());
}

TEST(Sessions, WhoseNameCouldBeACommandAreRefused) {
  for (const char* answer :
       {"0x1;set map a b c: be=shadow\n",
        "0x: be=shadow\n",
        "1: be=shadow\n",
        "0x12345678901234567: be=shadow\n",
        "<html>\n"}) {
    EXPECT_FALSE(parse_sessions(answer, {"shadow"})) << answer;
  }
}

}  // namespace
}  // namespace hal9::haproxy
