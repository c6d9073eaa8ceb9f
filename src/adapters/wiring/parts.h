// The ports of a service on this machine; shared by wire() and init().
#pragma once

#include "adapters/config/config_file.h"
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "engine/service.h"
#include "migration/configuration.h"

#include <filesystem>
#include <functional>
#include <optional>
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

// All but Ports::accepted. `folder`: hal9.yaml's, where every program runs that it names.
engine::Ports make_ports(
    const migration::Configuration& configuration, const std::filesystem::path& folder
);
// What an accepted configuration leaves beside `config_file`, for the night when hal9.yaml is broken:
// its copy (which names the ledger of hal9.yaml, whatever was typed) and the break-glass lines of the balancers.
std::function<void(bool anew)> keep_for_the_night(
    const std::filesystem::path& config_file, config::Loaded loaded, const engine::Ports& ports
);

// What a way back goes by when hal9.yaml cannot be read.
struct Fallback {
  migration::Configuration configuration;
  std::string said;  // "the configuration that was accepted last is used"
};
// What the ledger accepted last, by its own event; where it cannot be read or somebody else can write
// it, the copy beside hal9.yaml. `ledger`: as typed; without it, the copy's. Errors: those of the copy.
Result<Fallback> accepted_last(
    const std::filesystem::path& config_file, const std::optional<std::filesystem::path>& ledger
);

// Break-glass lines as a script. Belongs to the ledger's owner.
Result<void> write_break_glass(
    const std::filesystem::path& file,
    const std::filesystem::path& ledger,
    const std::vector<std::string>& lines
);

}  // namespace hal9::wiring
