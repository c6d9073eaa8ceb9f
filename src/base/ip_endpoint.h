// An IP address with a port as a person types it: `10.0.0.7:9999`, `[2001:db8::7]:9999`.
//
// Numeric only. A name would need a resolver, which is one more thing that may be gone in the night
// in which an emergency is typed. Pure, thread safe.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hal9 {

struct IpEndpoint {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  bool is_v6 = false;
  bool operator==(const IpEndpoint&) const = default;
};

// Error: usage, whose `why` says what is wrong with it in a few words.
Result<IpEndpoint> parse_ip_endpoint(std::string_view text);

}  // namespace hal9
