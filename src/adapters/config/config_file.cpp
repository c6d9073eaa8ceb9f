#include "adapters/config/config_file.h"

#include "adapters/system/system.h"
#include "base/result.h"
#include "migration/codec.h"
#include "migration/configuration.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace hal9::config {

namespace {

constexpr std::size_t kLargest = std::size_t{1024} * 1024;

bool is_there(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

std::filesystem::path accepted_path(const std::filesystem::path& config_file) {
  return config_file.parent_path() / ".hal9-accepted.json";
}

}  // namespace

Result<std::filesystem::path> find(
    const std::optional<std::string>& option, const std::optional<std::string>& environment
) {
  const auto& named = option ? option : environment;
  if (named) {
    // Absolute from here on: what is derived from it must not move with the working directory.
    std::error_code ignored;
    auto file = std::filesystem::absolute(*named, ignored);
    if (!ignored && is_there(file)) return file;
    return fail(
        Code::missing,
        "there is no configuration at " + *named,
        option ? "--config names it" : "HAL9_CONFIG names it",
        "nothing was changed",
        "hal9-migrate init"
    );
  }
  static constexpr std::array kPlaces{"hal9.yaml", "/etc/hal9/hal9.yaml"};
  for (const char* place : kPlaces) {
    std::error_code ignored;
    if (is_there(place)) return std::filesystem::absolute(place, ignored);
  }
  return fail(
      Code::missing,
      "there is no configuration",
      "looked at --config, HAL9_CONFIG, ./hal9.yaml and /etc/hal9/hal9.yaml",
      "nothing was changed",
      "hal9-migrate init"
  );
}

Result<migration::Configuration> load(const std::filesystem::path& file) {
  auto yaml = system::read_trusted(file, kLargest);
  if (!yaml) return pass_on(yaml);
  return parse(*yaml, file);
}

Result<void> keep_accepted(
    const std::filesystem::path& config_file, const migration::Configuration& configuration
) {
  return system::write_atomically(
      accepted_path(config_file),
      migration::encode_configuration(configuration) + "\n",
      configuration.ledger,
      system::Keeper::root
  );
}

bool has_accepted(const std::filesystem::path& config_file) {
  return is_there(accepted_path(config_file));
}

Result<migration::Configuration> load_accepted(const std::filesystem::path& config_file) {
  auto json = system::read_trusted(accepted_path(config_file), kLargest);
  if (!json) return pass_on(json);
  while (json->ends_with('\n')) json->pop_back();
  return migration::decode_configuration(*json);
}

}  // namespace hal9::config
