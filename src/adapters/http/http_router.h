// A router behind an administration interface over HTTP: the router kind http. libcurl costs each start
// of a process several milliseconds, so the requests are made by a program of its own, hal9-http-router,
// which is spoken to as every router's program is (adapters/exec).
//
// Thread safety: as engine/router.h.
#pragma once

#include "engine/router.h"
#include "migration/configuration.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hal9::http {

inline constexpr const char* kProgram = "hal9-http-router";

// Precondition: configuration.http. `program` is where kProgram lies.
std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, const std::filesystem::path& program
);

// Lines for curl that set every route to 0 and show what is read then.
std::vector<std::string> break_glass_lines(const migration::Configuration& configuration);

}  // namespace hal9::http
