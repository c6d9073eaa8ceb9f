// Where a HAProxy is spoken to: a Unix socket, or a TCP address. Pure functions, thread safe.
#pragma once

#include "base/ip_endpoint.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <optional>
#include <string>
#include <utility>

namespace hal9::haproxy {

struct Place {
  std::string path;  // of a Unix socket; empty where `ip` is given
  std::optional<IpEndpoint> ip;

  static Place unix_socket(std::string path) { return {std::move(path), {}}; }
};

// Of its stats socket. Error: usage, for an address that is none.
Result<Place> place_of(const migration::Balancer& balancer);

// For people: the path or the address as it was typed.
std::string place_text(const migration::Balancer& balancer);

// As socat takes it, ready for a shell: UNIX-CONNECT:/run/hal9.sock, TCP:192.0.2.7:9999.
std::string socat_address(const migration::Balancer& balancer);

// What follows `stats socket` in a haproxy.cfg: /run/hal9.sock mode 600, ipv4@192.0.2.7:9999.
std::string bind_text(const migration::Balancer& balancer);

}  // namespace hal9::haproxy
