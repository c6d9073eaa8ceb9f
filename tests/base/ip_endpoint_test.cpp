#include "base/ip_endpoint.h"

#include "base/result.h"

#include <string>

#include <gtest/gtest.h>

namespace hal9 {
namespace {

std::string why_not(const std::string& text) {
  const auto endpoint = parse_ip_endpoint(text);
  return endpoint ? "taken" : endpoint.error().why;
}

TEST(IpEndpoint, TakesBothFamilies) {
  EXPECT_EQ(parse_ip_endpoint("10.0.0.7:9999").value(), (IpEndpoint{"10.0.0.7", 9999, false}));
  EXPECT_EQ(parse_ip_endpoint("[::1]:1").value(), (IpEndpoint{"::1", 1, true}));
  EXPECT_EQ(
      parse_ip_endpoint("[2001:db8::7]:65535").value(), (IpEndpoint{"2001:db8::7", 65535, true})
  );
}

TEST(IpEndpoint, TakesEveryFormOfAnIpv6Address) {
  for (const char* host :
       {"::",
        "::1",
        "1::",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "fe80::1:2",
        "::ffff:192.0.2.7",
        "1:2:3:4:5:6:192.0.2.7",
        "ABCD:ef01::"}) {
    const auto text = std::string{"["} + host + "]:1";
    EXPECT_EQ(why_not(text), "taken") << text;
  }
  for (const char* host :
       {"",
        ":",
        ":::",
        "1",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7:8::",
        "::1:",
        ":1::",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4"}) {
    const auto text = std::string{"["} + host + "]:1";
    EXPECT_NE(why_not(text), "taken") << text;
  }
}

TEST(IpEndpoint, RefusesANameAndSaysWhy) {
  for (const char* text : {"lb2:9999", "lb2.example.org:9999", "localhost:1", ":1", "[lb2]:1"}) {
    EXPECT_NE(why_not(text).find("resolver"), std::string::npos) << text;
  }
}

TEST(IpEndpoint, RefusesAnIpv6AddressWithoutBrackets) {
  EXPECT_NE(why_not("2001:db8::7:9999").find("brackets"), std::string::npos);
}

TEST(IpEndpoint, RefusesWhatIsNoPort) {
  for (const char* text :
       {"1.2.3.4:0",
        "1.2.3.4:65536",
        "1.2.3.4:",
        "1.2.3.4:-1",
        "1.2.3.4:+1",
        "1.2.3.4:1 ",
        "1.2.3.4:01",
        "1.2.3.4:x"}) {
    EXPECT_NE(why_not(text).find("1 to 65535"), std::string::npos) << text;
  }
  EXPECT_NE(why_not("1.2.3.4").find("missing"), std::string::npos);
}

TEST(IpEndpoint, RefusesAddressesOfOtherForms) {
  for (const char* text :
       {"1.2.3:1",
        "010.0.0.1:1",
        "0x7f.0.0.1:1",
        "1.2.3.4.5:1",
        " 1.2.3.4:1",
        "[1.2.3.4]:1",
        "[fe80::1%eth0]:1",
        "1.2.3.4\n:1"}) {
    EXPECT_NE(why_not(text), "taken") << text;
  }
}

}  // namespace
}  // namespace hal9
