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

namespace hal9 {
namespace {

tl::unexpected<Error> wrong(std::string_view why) {
  return fail(Code::usage, "this is no address of IP:PORT", std::string{why});
}

// Digits alone, without zeros before them.
std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto* end = std::to_address(text.end());
  const auto [rest, error] = std::from_chars(std::to_address(text.begin()), end, value);
  const bool padded = text.size() > 1 && text.front() == '0';
  if (error != std::errc{} || rest != end || padded || value > most) return std::nullopt;
  return value;
}

bool is_v4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || !number(text.substr(0, dot), 255)) return false;
    text.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return text.empty();
}

bool is_group(std::string_view text) {
  return !text.empty() && text.size() <= 4 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// How many groups of 16 bits stand there, one after the other; the last may be an IPv4 address,
// which is two. Nothing where one of them is none.
std::optional<std::size_t> groups(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (!is_group(part) && !(last && is_v4(part))) return std::nullopt;
    count += is_group(part) ? 1 : 2;
    if (last) return count;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // it ends in a colon
  }
  return count;
}

// RFC 4291 section 2.2: eight groups, or fewer with one `::` for those that are missing.
bool is_v6(std::string_view text) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return groups(text) == 8U;
  const auto head = text.substr(0, gap);
  const auto before = groups(head);
  const auto after = groups(text.substr(gap + 2));
  const bool v4_before = head.find('.') != std::string_view::npos;
  return before && after && !v4_before && *before + *after <= 7;
}

}  // namespace

Result<IpEndpoint> parse_ip_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("the port is missing, as in 10.0.0.7:9999");
  const auto port = number(text.substr(colon + 1), 65535);
  if (!port || *port == 0) return wrong("a port is 1 to 65535");
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  if (brackets ? is_v6(host) : is_v4(host)) {
    return IpEndpoint{std::string{host}, static_cast<std::uint16_t>(*port), brackets};
  }
  if (!brackets && is_v6(host)) {
    return wrong("an IPv6 address stands in brackets, as in [2001:db8::7]:9999");
  }
  return wrong("a numeric IPv4 or [IPv6] is needed, not a name: an emergency asks no resolver");
}

}  // namespace hal9
