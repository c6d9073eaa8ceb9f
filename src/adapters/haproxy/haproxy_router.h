// HAProxy as a router, in map mode over its stats socket: shares, mirrors, halts and features are
// map entries that the configuration printed by haproxy_config.h reads for every request.
//
// Success is what the read-back shows: HAProxy answers an empty line to values that it ignores.
// Names are Names, so nothing that is sent can hold a command of its own.
#pragma once

#include "engine/router.h"
#include "migration/configuration.h"

#include <memory>

namespace hal9::haproxy {

// Precondition: configuration.router == RouterKind::haproxy. Connects at each call, so a router
// that is not there yet is no error here.
std::unique_ptr<engine::Router> make_router(const migration::Configuration& configuration);

}  // namespace hal9::haproxy
