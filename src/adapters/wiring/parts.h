// The ports of a service on this machine; shared by wire() and init().
#pragma once

#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "engine/service.h"
#include "migration/configuration.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::wiring {

// Beside the ledger: `suffix` with its dot behind the ledger's name.
std::filesystem::path beside(const std::filesystem::path& ledger, std::string_view suffix);
// A path as typed, absolute from here.
std::filesystem::path absolute(const std::string& typed);
// The ledger's file: as `places` says, else as the configuration does. Errors: as wire().
Result<std::filesystem::path> ledger_of(const Places& places);

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
