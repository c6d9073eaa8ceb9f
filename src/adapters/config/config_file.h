// hal9.yaml: from text to a Configuration, and what `init` writes.
//
// Strict: unknown members, duplicates, aliases out of bounds, wrong types are errors that name
// file, line and column and the nearest known name. Relative paths are relative to the file's
// folder. Read only if it is owned by us or root and not writable by others (as ssh does).
#pragma once

#include "base/result.h"
#include "migration/configuration.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::config {

// `--config`, HAL9_CONFIG, ./hal9.yaml, /etc/hal9/hal9.yaml; the first that is given or exists.
// Error: missing, naming where was looked and `hal9-migrate init`.
Result<std::filesystem::path> find(
    const std::optional<std::string>& option, const std::optional<std::string>& environment
);

Result<migration::Configuration> parse(std::string_view yaml, const std::filesystem::path& file);
// Reads with the checks above. Error: missing, not_authorised (owner, mode), usage (content).
Result<migration::Configuration> load(const std::filesystem::path& file);

// The commented hal9.yaml of `init`, naming the migration after `name`. parse() accepts it.
std::string commented_default(std::string_view name);

// The copy of the last accepted configuration beside the ledger, for an emergency with a broken
// hal9.yaml. Its path is derived from the configuration's own path: `<folder>/.hal9-accepted.json`.
Result<void> keep_accepted(
    const std::filesystem::path& config_file, const migration::Configuration& configuration
);
bool has_accepted(const std::filesystem::path& config_file);
Result<migration::Configuration> load_accepted(const std::filesystem::path& config_file);

}  // namespace hal9::config
