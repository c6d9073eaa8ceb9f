#include "adapters/haproxy/place.h"

#include "base/escape.h"
#include "base/ip_endpoint.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace hal9::haproxy {

Result<Place> place_of(const migration::Balancer& balancer) {
  if (!balancer.address) return Place::unix_socket(balancer.socket);
  auto endpoint = parse_ip_endpoint(*balancer.address);
  if (!endpoint) return pass_on(endpoint);
  return Place{{}, std::move(*endpoint)};
}

std::string place_text(const migration::Balancer& balancer) {
  return balancer.address.value_or(balancer.socket);
}

// A second, however it is: without it a machine that swallows every packet is waited for by the quarter of
// an hour, and the queue of a HAProxy that hangs for ever. With it socat asks a full queue just once, so
// that it has to ask again (measured on 1.7.4); what is connected is read as before.
std::string socat_address(const migration::Balancer& balancer) {
  return escape_shell(
      balancer.address
          ? "TCP:" + *balancer.address + ",connect-timeout=1"
          : "UNIX-CONNECT:" + balancer.socket + ",connect-timeout=1,retry=5,interval=0.2"
  );
}

std::string bind_text(const migration::Balancer& balancer) {
  if (!balancer.address) return balancer.socket + " mode 600";
  return fmt::format(
      "{}@{}", balancer.address->starts_with('[') ? "ipv6" : "ipv4", *balancer.address
  );
}

}  // namespace hal9::haproxy
