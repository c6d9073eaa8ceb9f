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

// What stands in hal9.yaml, and what it was read from.
struct Loaded {
  migration::Configuration configuration;
  // SHA-256 in hexadecimal of the file's path and bytes, and of how this program reads them; empty:
  // not from hal9.yaml.
  std::string key;
  bool from_copy =
      false;  // the accepted copy below was read from the same bytes; nothing was parsed
};

// Reads with the checks above. Parsing takes a third of a millisecond, so that a file that was accepted
// as it stands is taken from its copy. Error: missing, not_authorised (owner, mode), usage (content).
Result<Loaded> load(const std::filesystem::path& file);

// The commented hal9.yaml of `init`, naming the migration after `name`. parse() accepts it.
std::string commented_default(std::string_view name);

// The copy of the last accepted configuration beside hal9.yaml, for an emergency with a broken one. Of
// `hal9.yaml` it is `.hal9-accepted.json`, of another name `.NAME-accepted.json`, without its ending.
// Three lines: the configuration, the path of what it was read from, a hash over the first and the key.
std::filesystem::path accepted_path(const std::filesystem::path& config_file);
Result<void> keep_accepted(const std::filesystem::path& config_file, const Loaded& loaded);
bool has_accepted(const std::filesystem::path& config_file);
// Errors: missing, not_authorised, conflict (it was made of another file, which is there: a folder that
// was copied must not bring back the traffic of the first one).
Result<migration::Configuration> load_accepted(const std::filesystem::path& config_file);

}  // namespace hal9::config
