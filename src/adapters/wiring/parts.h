// The ports of a service on this machine; shared by wire() and init().
#pragma once

#include "engine/service.h"
#include "migration/configuration.h"

#include <filesystem>

namespace hal9::wiring {

engine::Ports make_ports(
    const std::filesystem::path& config_file, migration::Configuration configuration
);

}  // namespace hal9::wiring
