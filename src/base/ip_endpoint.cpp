#include "base/ip_endpoint.h"

#include "base/result.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hal9 {
namespace {

tl::unexpected<Error> wrong(std::string_view why) {
  return fail(Code::usage, "this is no address of IP:PORT", std::string{why});
}

// Digits alone, without zeros before them, 1 to 65535.
std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto* end = std::to_address(text.end());
  const auto [rest, error] = std::from_chars(std::to_address(text.begin()), end, port);
  if (error != std::errc{} || rest != end || port == 0 || text.front() == '0') return std::nullopt;
  return port;
}

}  // namespace

Result<IpEndpoint> parse_ip_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("the port is missing, as in 10.0.0.7:9999");
  const auto port = port_of(text.substr(colon + 1));
  if (!port) return wrong("a port is 1 to 65535");
  std::string_view host = text.substr(0, colon);
  IpEndpoint endpoint{{}, *port, host.starts_with('[') && host.ends_with(']')};
  if (endpoint.is_v6) host = host.substr(1, host.size() - 2);
  endpoint.host = host;
  in6_addr bytes{};
  const int family = endpoint.is_v6 ? AF_INET6 : AF_INET;
  if (::inet_pton(family, endpoint.host.c_str(), &bytes) == 1) return endpoint;
  if (!endpoint.is_v6 && ::inet_pton(AF_INET6, endpoint.host.c_str(), &bytes) == 1) {
    return wrong("an IPv6 address stands in brackets, as in [2001:db8::7]:9999");
  }
  return wrong("a numeric IPv4 or [IPv6] is needed, not a name: an emergency asks no resolver");
}

}  // namespace hal9
