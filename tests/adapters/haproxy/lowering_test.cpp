// Lowering while somebody else lowers too: nothing that is not asked for is written.
#include "adapters/folder.h"
#include "adapters/haproxy/fake_socket.h"
#include "adapters/haproxy/haproxy_router.h"
#include "base/name.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

// One map, as HAProxy shows it and lets it be set.
class FakeMap {
 public:
  explicit FakeMap(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  std::string operator()(const std::string& command) {
    std::istringstream in(command);
    std::string verb, what, file, key, value;
    in >> verb >> what >> file >> key >> value;
    if (verb == "show") return looked_ ? shown() : (looked_ = true, shown_and_lowered());
    if (verb == "set") values_[key] = value;
    return {};
  }

 private:
  std::string shown() const {
    std::string text;
    for (const auto& [key, value] : values_) text += "0x1 " + key + " " + value + "\n";
    return text;
  }
  // Somebody lowers `eu.pay` as soon as the first look is over.
  std::string shown_and_lowered() {
    auto text = shown();
    values_["eu.pay"] = "0";
    return text;
  }

  std::map<std::string, std::string> values_;
  bool looked_ = false;
};

TEST(Lowering, OfTwoRoutesWritesNoOtherOneAndMakesNoNewVersion) {
  const test::Folder folder;
  const auto path = folder.file("lb1.sock").string();
  FakeMap share({{"eu.a", "900"}, {"eu.b", "900"}, {"eu.pay", "900"}});
  const hal9::testing::FakeSocket socket(path, [&](const auto& command) { return share(command); });
  migration::Configuration configuration;
  configuration.router = migration::RouterKind::haproxy;
  configuration.haproxy.balancers = {{Name::parse("lb1").value(), path}};
  configuration.haproxy.files = folder.path().string();
  const auto router = make_router(configuration);
  const std::vector<migration::RouteAmount> amounts{
      {{Name::parse("eu").value(), Name::parse("a").value()}, Share::of_hundredths(5), std::nullopt
      },
      {{Name::parse("eu").value(), Name::parse("b").value()}, Share::none(), std::nullopt}
  };
  const auto observed = router->set_traffic(amounts, engine::Toward::flat);
  ASSERT_TRUE(observed) << observed.error().what << observed.error().why;
  EXPECT_EQ(*observed, amounts);
  const auto file = folder.file("share.map").string();
  EXPECT_EQ(
      socket.heard(),
      (std::vector<std::string>{
          "show map " + file,
          "set map " + file + " eu.a 5",
          "set map " + file + " eu.b 0",
          "show map " + file
      })
  );
  EXPECT_EQ(share("show map x"), "0x1 eu.a 5\n0x1 eu.b 0\n0x1 eu.pay 0\n");
}

}  // namespace
}  // namespace hal9::haproxy
