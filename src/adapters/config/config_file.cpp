#include "adapters/config/config_file.h"

#include "adapters/system/system.h"
#include "base/result.h"
#include "base/sha256.h"
#include "migration/codec.h"
#include "migration/configuration.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

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

// A copy of one folder's bytes says nothing of another's (paths are relative to it), nor does one of a
// program that reads the same bytes otherwise.
std::string key_of(std::string_view yaml, const std::filesystem::path& file) {
  return to_hex(sha256({HAL9_CONFIG_READER, "\n", file.parent_path().string(), "\n", yaml}));
}

// Two lines: the configuration, and the key of what it was read from.
struct Copy {
  std::string_view configuration;
  std::string_view key;
};

Copy split(std::string_view bytes) {
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  Copy copy{bytes.substr(0, end), bytes.substr(std::min(end + 1, bytes.size()))};
  while (copy.key.ends_with('\n')) copy.key.remove_suffix(1);
  return copy;
}

std::optional<migration::Configuration> copy_of(
    const std::string& key, const std::filesystem::path& file
) {
  const auto bytes = system::read_trusted(accepted_path(file), kLargest);
  if (!bytes) return {};
  const Copy copy = split(*bytes);
  if (copy.key != key) return {};
  auto configuration = migration::decode_configuration(copy.configuration);
  if (!configuration) return {};
  return std::move(*configuration);
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

Result<Loaded> load(const std::filesystem::path& file) {
  auto yaml = system::read_trusted(file, kLargest);
  if (!yaml) return pass_on(yaml);
  Loaded loaded;
  loaded.key = key_of(*yaml, file);
  if (auto copy = copy_of(loaded.key, file)) {
    loaded.configuration = std::move(*copy);
    loaded.from_copy = true;
    return loaded;
  }
  auto parsed = parse(*yaml, file);
  if (!parsed) return pass_on(parsed);
  loaded.configuration = std::move(*parsed);
  return loaded;
}

Result<void> keep_accepted(const std::filesystem::path& config_file, const Loaded& loaded) {
  return system::write_atomically(
      accepted_path(config_file),
      migration::encode_configuration(loaded.configuration) + "\n" +
          (loaded.key.empty() ? "" : loaded.key + "\n"),
      loaded.configuration.ledger,
      system::Keeper::root
  );
}

bool has_accepted(const std::filesystem::path& config_file) {
  return is_there(accepted_path(config_file));
}

Result<migration::Configuration> load_accepted(const std::filesystem::path& config_file) {
  auto bytes = system::read_trusted(accepted_path(config_file), kLargest);
  if (!bytes) return pass_on(bytes);
  return migration::decode_configuration(split(*bytes).configuration);
}

}  // namespace hal9::config
