// The ports of a service on this machine; shared by wire() and init().
#pragma once

#include "base/result.h"
#include "engine/service.h"
#include "migration/configuration.h"

#include <filesystem>
#include <string>
#include <vector>

namespace hal9::wiring {

engine::Ports make_ports(
    const std::filesystem::path& config_file, migration::Configuration configuration
);

// kBreakGlass in `folder`. Belongs to the ledger's owner.
Result<void> write_break_glass(
    const std::filesystem::path& folder,
    const std::filesystem::path& ledger,
    const std::vector<std::string>& lines
);

}  // namespace hal9::wiring
