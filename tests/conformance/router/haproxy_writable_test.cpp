// The proof of a way back on a real HAProxy, under the rights that it is given.
#include "adapters/haproxy/haproxy_router.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace hal9::testing {
namespace {

void give(std::string& lines, const std::string& rights) {
  const std::string printed = "mode 600 level admin";
  lines.replace(lines.find(printed), printed.size(), rights);
}

// Root writes through any mode, so it is somebody else for as long as this lives.
class Nobody {
 public:
  Nobody() {
    if (was_ == 0) changed_ = ::seteuid(65534) == 0;
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  ~Nobody() {
    if (changed_ && ::seteuid(was_) != 0) std::abort();
  }

 private:
  uid_t was_ = ::geteuid();
  bool changed_ = false;
};

class HaproxyWritable : public ::testing::Test {
 protected:
  std::vector<std::string> everything() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(setup_.folder.path())) {
      const auto path = entry.path().string();
      found.push_back(path + (entry.is_regular_file() ? contents(path) : ""));
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  HaproxySetup setup_{0, [](auto& lines) { give(lines, "mode 666 level operator"); }};
  std::unique_ptr<engine::Router> router_ = haproxy::make_router(setup_.configuration);
};

TEST_F(HaproxyWritable, WithoutTheRightToMaintIsProvenAndLeavesNothingBehind) {
  const auto before = everything();
  const auto proven = router_->prove_writable();
  EXPECT_TRUE(proven) << proven.error().what << ": " << proven.error().why;
  EXPECT_EQ(everything(), before);
  const auto report = router_->cut(std::chrono::seconds(2));  // what the proof promises
  EXPECT_TRUE(report.halted);
  EXPECT_FALSE(report.maintenance);
}

TEST_F(HaproxyWritable, WithEveryRouteAndTheMirrorsUpIsProvenAndChangesNothing) {
  std::vector<migration::RouteAmount> amounts;
  for (auto& each : migration::routes_of(setup_.configuration)) {
    amounts.push_back({std::move(each), Share::all(), Share::of_hundredths(5)});
  }
  ASSERT_TRUE(router_->set_traffic(amounts, engine::Toward::hierarchical));
  const auto proven = router_->prove_writable();
  EXPECT_TRUE(proven) << proven.error().what << ": " << proven.error().why;
  const auto reading = router_->read();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->disagree.empty());
  for (const auto& seen : reading->routes) EXPECT_EQ(seen.share, Share::all());
}

TEST_F(HaproxyWritable, IsNotWhereTheMapFilesFolderCannotBeWritten) {
  std::filesystem::permissions(setup_.folder.path(), std::filesystem::perms(0555));
  const auto proven = [&]() -> Result<void> {
    const Nobody nobody;
    return router_->prove_writable();
  }();
  std::filesystem::permissions(setup_.folder.path(), std::filesystem::perms(0700));
  ASSERT_FALSE(proven);
  EXPECT_EQ(proven.error().code, Code::read_only);
  EXPECT_EQ(proven.error().what, "cannot write the map file " + setup_.file("share.map"));
  EXPECT_FALSE(proven.error().why.empty());
}

}  // namespace
}  // namespace hal9::testing
