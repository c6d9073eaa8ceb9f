// The Lua file that copies requests: HAProxy has no mirror of its own. Pure.
#pragma once

#include <string>
#include <string_view>

namespace hal9::haproxy {

// `listen`: host:port of the frontend at which copies enter again; checked by the caller.
std::string mirror_lua(std::string_view listen);

}  // namespace hal9::haproxy
